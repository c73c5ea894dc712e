import builtins
import sys
from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import groundup as gu
from groundup.errors import InputError, StorageError
from groundup.train.callbacks import TensorBoard, exam_events
from groundup.train.probes.probes import Probes

LOGS = [
    {"loss": 0.5, "accuracy": 0.75, "learning_rate": 0.1, "val_loss": 0.6, "val_accuracy": 0.7},
    {"loss": 0.25, "accuracy": 0.9, "learning_rate": 0.05, "val_loss": 0.4, "val_accuracy": 0.8},
]


@pytest.fixture(scope="module")
def read():
    """Reads a folder as TensorBoard does."""
    from tensorboard.backend.event_processing import event_accumulator as accumulator

    def events(folder):
        found = accumulator.EventAccumulator(str(folder), size_guidance={"histograms": 0})
        found.Reload()
        return found

    return events


def points(events):
    return {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def test_curves_are_read_back_by_tensorboard(context, tmp_path, read):
    board = TensorBoard(tmp_path)
    board.on_train_begin(context())
    for epoch, logs in enumerate(LOGS):
        for step in range(3):
            board.on_batch_end(context(updates=3 * epoch + step + 1, logs=logs))
        board.on_epoch_end(context(epoch=epoch, updates=3 * epoch + 3, logs=logs))
    board.on_train_end(context())
    approximately = pytest.approx
    assert points(read(tmp_path / "train")) == {
        "epoch_loss": [(0, 0.5), (1, 0.25)],
        "epoch_accuracy": [(0, 0.75), (1, approximately(0.9))],
        "epoch_learning_rate": [(0, approximately(0.1)), (1, approximately(0.05))],
    }
    assert points(read(tmp_path / "validation")) == {
        "epoch_loss": [(0, approximately(0.6)), (1, approximately(0.4))],
        "epoch_accuracy": [(0, approximately(0.7)), (1, approximately(0.8))],
        "evaluation_loss_vs_iterations": [(3, approximately(0.6)), (6, approximately(0.4))],
        "evaluation_accuracy_vs_iterations": [(3, approximately(0.7)), (6, approximately(0.8))],
    }


@pytest.mark.parametrize(
    ("frequency", "steps"),
    [("epoch", []), ("batch", [1, 2, 3, 4, 5]), (1, [1, 2, 3, 4, 5]), (2, [2, 4])],
)
def test_batches(context, tmp_path, read, frequency, steps):
    board = TensorBoard(tmp_path, update_freq=frequency)
    board.on_train_begin(context())
    for update in range(1, 6):
        board.on_batch_end(context(updates=update, logs={"loss": update / 8}))
    found = points(read(tmp_path / "train"))
    assert found == ({"batch_loss": [(step, step / 8) for step in steps]} if steps else {})


def test_no_validation_no_folder(context, tmp_path):
    board = TensorBoard(tmp_path)
    board.on_train_begin(context())
    board.on_epoch_end(context(logs={"loss": 0.5}))
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_histograms(context, tmp_path, read):
    W, b = np.linspace(-1, 1, 1000, dtype=np.float32), np.zeros(3, np.float32)
    dW, db = W * 2, np.array([1.0, np.nan, np.inf], np.float32)
    board = TensorBoard(tmp_path, histogram_freq=2)
    board.on_train_begin(context())
    for epoch in range(5):
        now = context(epoch=epoch, logs={"loss": 0.5})
        now.named_arrays = lambda: iter([("dense_1/W", W, dW), ("dense_1/b", b, db)])
        board.on_epoch_end(now)
    events = read(tmp_path / "train")
    assert sorted(events.Tags()["histograms"]) == [
        "dense_1/W/gradient/histogram",
        "dense_1/W/histogram",
        "dense_1/b/gradient/histogram",
        "dense_1/b/histogram",
    ]
    found = events.Histograms("dense_1/W/histogram")
    assert [event.step for event in found] == [0, 2, 4]
    value = found[0].histogram_value
    assert (value.min, value.max, value.num) == (-1, 1, 1000)
    assert value.sum == pytest.approx(0, abs=1e-4)
    assert value.sum_squares == pytest.approx(float((W.astype(float) ** 2).sum()))
    assert sum(value.bucket) == 1000
    counts = [count for count in value.bucket if count]
    assert len(counts) == 30
    assert max(counts) <= 35
    zeros = events.Histograms("dense_1/b/histogram")[0].histogram_value
    assert (zeros.min, zeros.max, zeros.num) == (0, 0, 3)
    gradient = events.Histograms("dense_1/b/gradient/histogram")[0].histogram_value
    assert (gradient.min, gradient.max, gradient.num) == (1, 1, 1)  # only what is finite


def test_exams_of_the_layers(tmp_path, read):
    layers = [gu.Conv2D(4, 3, activation="relu"), gu.Flatten(), gu.Dense(2, "softmax")]
    model = gu.Sequential(layers)
    model.compile("sgd", "categorical_crossentropy")
    x = gu.Stream(0).normal((32, 1, 5, 5))
    probes = Probes(every=2)
    callbacks = [TensorBoard(tmp_path), probes]
    model.fit(x, np.arange(32) % 2, 8, epochs=1, callbacks=callbacks, verbose=0)
    events = read(tmp_path / "train")
    exams = probes.exams
    found, steps = points(events), [exam.updates for exam in exams]
    assert steps == [0, 1, 2, 4]
    conv = [exam.layers[0] for exam in exams]
    for tag, values in {
        "gradient/conv2d_1": [one.gradient for one in conv],
        "dead_units/conv2d_1": [one.dead for one in conv],
        "activation_std/conv2d_1": [one.std for one in conv],
        "activation_mean/dense_1": [exam.layers[2].mean for exam in exams],
    }.items():
        assert found[tag] == list(zip(steps, map(pytest.approx, values), strict=True))
    assert [step for step, _ in found["update_ratio/conv2d_1"]] == [1, 2, 4]
    assert "saturated/conv2d_1" not in found
    histogram = events.Histograms("activations/conv2d_1")[-1].histogram_value
    assert tuple(histogram.bucket) == conv[-1].counts
    assert (histogram.min, histogram.max) == (conv[-1].low, conv[-1].high)
    assert histogram.sum == pytest.approx(conv[-1].mean * sum(conv[-1].counts))
    assert sorted(events.Tags()["images"]) == ["filters/conv2d_1/W", "gradient by layer"]
    picture = events.Images("filters/conv2d_1/W")[-1]
    pixels = np.array(Image.open(BytesIO(picture.encoded_image_string)))
    assert pixels.shape == (picture.height, picture.width) == (7 * 12, 7 * 12)
    W = model.params["conv2d_1"]["W"]
    assert pixels[::12, ::12][:3, 4:].tolist() == exam_events.shades(W)[1, 0].tolist()
    map_ = events.Images("gradient by layer")[-1]
    assert (map_.height, map_.width) == (2 * 12, 4 * 12)


def test_filters_of_many_channels_are_averaged():
    W = gu.Stream(0).normal((5, 2, 3, 3))
    ((tag, image),) = exam_events.filters([("b", np.ones(3), None), ("conv/W", W, None)])
    assert (tag, image.shape) == ("filters/conv/W", (7 * 12, 11 * 12))
    ((_, image),) = exam_events.filters([("conv/W", gu.Stream(0).normal((1, 3, 2, 2)), None)])
    assert image.shape == (24, 24, 3)
    assert dict(exam_events.filters([("dense/W", np.ones((2, 2)), None)])) == {}


def test_two_fits_in_one_second_lose_nothing(context, tmp_path, read):
    board = TensorBoard(tmp_path)
    for begin in (0, 2, 4):
        board.on_train_begin(context())
        for epoch in range(begin, begin + 2):
            board.on_epoch_end(context(epoch=epoch, logs={"loss": 0.5}))
    assert points(read(tmp_path / "train"))["epoch_loss"] == [(i, 0.5) for i in range(6)]
    files = [path.name for path in (tmp_path / "train").iterdir()]
    assert len(files) == 3
    assert all("tfevents" in name for name in files)


def test_what_was_written_is_there_without_an_end(context, tmp_path, read):
    board = TensorBoard(tmp_path)
    board.on_train_begin(context())
    board.on_epoch_end(context(logs={"loss": 0.5}))
    assert points(read(tmp_path / "train")) == {"epoch_loss": [(0, 0.5)]}


def test_event_files_come_only_from_a_training(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TensorBoard()
    assert list(tmp_path.iterdir()) == []


def test_without_tensorboardx_it_says_what_to_install(context, tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **options):
        if name.startswith("tensorboardX"):
            raise ModuleNotFoundError("No module named 'tensorboardX'")
        return real(name, *rest, **options)

    for name in list(sys.modules):
        if name.startswith("tensorboardX") or name.endswith("callbacks.event_file"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'groundup\[tensorboard\]'"):
        TensorBoard(tmp_path).on_train_begin(context())


def test_a_folder_that_cannot_be_made_is_told_before_the_training(context, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        TensorBoard(tmp_path / "file").on_train_begin(context())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"histogram_freq": -1}, "histogram_freq=-1"),
        ({"update_freq": 0}, 'update_freq=0.*"epoch", "batch" or a whole'),
        ({"update_freq": []}, "update_freq="),
        ({"update_freq": "step"}, "update_freq='step'"),
        ({"update_freq": True}, "update_freq=True"),
        ({"log_dir": 3}, "cannot be a file name"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        TensorBoard(**options)


def test_positions_are_those_of_keras():
    with pytest.raises(TypeError):
        TensorBoard("logs", 1, True)  # write_graph in Keras, never to be taken for update_freq


def test_the_same_tags_for_both_folders(context, tmp_path, read):
    board = TensorBoard(tmp_path)
    board.on_train_begin(context())
    board.on_epoch_end(context(logs=LOGS[0]))
    tags = Counter(tag for run in ("train", "validation") for tag in points(read(tmp_path / run)))
    assert [tag for tag, runs in tags.items() if runs == 2] == ["epoch_loss", "epoch_accuracy"]
