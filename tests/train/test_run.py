"""Runs: checked before anything is written; the same bits however often they are interrupted."""

import dataclasses
import json
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup import config as configuration
from groundup.config import Config, from_mapping
from groundup.data import dataset as datasets
from groundup.errors import (
    ConfigError,
    CorruptFile,
    Diverged,
    InputError,
    Interrupted,
    StorageError,
)
from groundup.storage import Log, read_log, write_text
from groundup.train import model_file, run_directory
from groundup.train.defaults import complete
from groundup.train.progress import Resume
from groundup.train.run import RunResult, assemble, known_paths, resume, run
from groundup.train.run_directory import Recorder, RunDirectory, history_of
from groundup.train.signals import Signals
from groundup.train.task import make_model

EPOCHS, STEPS = 3, 5
SMALL: dict[str, Any] = {
    "model": {"name": "keras-dnn", "units": 8, "depth": 1},
    "train": {"epochs": EPOCHS, "batch_size": 300, "log_every": 2, "probes": 4},
}
TIMES = {"seconds", "samples_per_second", "run_dir", "crc"}


@pytest.fixture(autouse=True)
def _one_copy_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = datasets.load("digits")
    load = datasets.load
    monkeypatch.setattr(datasets, "load", lambda name: digits if name == "digits" else load(name))


def changed(**tables: Any) -> Config:
    """The small configuration with some values of its tables changed."""
    values = {name: dict(table) for name, table in SMALL.items()}
    for name, table in tables.items():
        if isinstance(table, dict):
            values[name] = {**values.get(name, {}), **table}
        else:
            values[name] = table
    return from_mapping(values)


class Killed(BaseException):
    """What no library code catches, as little as SIGKILL."""


class At(gu.Callback):
    """Does something at the k-th of its questions of one kind."""

    def __init__(self, question: str, k: int, act: Callable[[], None]) -> None:
        self.question, self.left, self.act = question, k, act

    def _count(self, question: str) -> None:
        if question == self.question:
            self.left -= 1
            if self.left == 0:
                self.act()

    def on_train_begin(self, context: Any) -> None:
        self._count("train_begin")

    def on_epoch_begin(self, context: Any) -> None:
        self._count("epoch_begin")

    def on_batch_end(self, context: Any) -> None:
        self._count("batch_end")

    def on_epoch_end(self, context: Any) -> None:
        self._count("epoch_end")

    def on_train_end(self, context: Any) -> None:
        self._count("train_end")


def kill() -> None:
    raise Killed


def untimed(record: Any) -> Any:
    return {name: value for name, value in record.items() if name not in TIMES}


def outcome(directory: RunDirectory, result: RunResult) -> Any:
    """All that must not depend on how often a run was interrupted."""
    records = [untimed(record) for record in directory.records()]
    return records, directory.model.read_bytes(), untimed(dataclasses.asdict(result))


def undisturbed(config: Config, path: Path) -> Any:
    result, directory = run(config, path)
    return outcome(directory, result)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return undisturbed(changed(), tmp_path_factory.mktemp("reference") / "run")


# A run


def test_a_run_leaves_its_files_and_records(tmp_path: Path) -> None:
    _, directory = run(changed(), tmp_path / "run")
    assert directory.path == tmp_path / "run"
    names = {path.name for path in directory.path.iterdir()} - {".metrics.jsonl.lock"}
    assert names == {"config.toml", "env.json", "metrics.jsonl", "checkpoints", "model.safetensors"}
    assert {path.name for path in directory.checkpoints.iterdir()} == {
        "last.safetensors",
        "previous.safetensors",
    }
    assert directory.config() == complete(changed(), (1, 8, 8), "classification")
    environment = json.loads(directory.environment_file.read_text(encoding="utf-8"))
    assert environment["packages"]["numpy"] == np.__version__
    assert environment["cores"] >= 1

    places = [(r["kind"], r["epoch"], r["step"]) for r in directory.records()]
    assert places == [
        *[("probe", 0, 0), ("probe", 0, 0), ("step", 0, 1)],
        *[("probe", 0, 3), ("step", 0, 3), ("epoch", 0, 4)],
        *[("step", 1, 0), ("probe", 1, 2), ("step", 1, 2), ("step", 1, 4), ("epoch", 1, 4)],
        *[("probe", 2, 1), ("step", 2, 1), ("step", 2, 3), ("epoch", 2, 4)],
        *[("probe", 2, 4), ("end", 2, 4)],
    ]
    assert [r["updates"] for r in directory.records("probe")] == [0, 1, 4, 8, 12, 15]
    seconds = [record["seconds"] for record in directory.records()]
    assert seconds == sorted(seconds)
    for line in directory.metrics.read_text(encoding="utf-8").splitlines():
        members = list(json.loads(line))
        assert members[:4] == ["kind", "epoch", "step", "seconds"]
        assert members[-1] == "crc"
    epoch = directory.records("epoch")[-1]
    assert set(epoch) == {
        *("kind", "epoch", "step", "seconds", "loss", "accuracy", "val_loss", "val_accuracy"),
        "learning_rate",
    }


def test_the_result_is_what_the_model_does(tmp_path: Path) -> None:
    result, directory = run(changed(), tmp_path / "run")
    end, epoch = directory.records("end")[0], directory.records("epoch")[-1]
    assert {k: v for k, v in end.items() if k in dataclasses.asdict(result)} == {
        **dataclasses.asdict(result)
    }
    assert end["reason"] == "all epochs done"
    assert (result.model, result.data, result.seed, result.epochs) == (
        *("keras-dnn", "digits", 0, EPOCHS),
    )
    assert (result.train_loss, result.val_loss) == (epoch["loss"], epoch["val_loss"])
    assert result.val_accuracy == epoch["val_accuracy"]
    assert result.samples_per_second == pytest.approx(1294 * EPOCHS / result.seconds)
    model = gu.load_model(directory.model)
    data = datasets.load("digits")
    scores = model.evaluate(data.x_test, data.y_test)
    assert (result.test_loss, result.test_accuracy) == (scores["loss"], scores["accuracy"])
    assert result.parameters == model.count_params()
    assert model.learner.labels == data.classes
    assert result.run_dir == str(directory.path)


def test_the_default_configuration_learns_the_digits(tmp_path: Path) -> None:
    result, _ = run(Config(), tmp_path / "run")
    assert result.test_accuracy is not None
    assert result.test_accuracy >= 0.97


def test_the_same_configuration_gives_the_same_records(tmp_path: Path, reference: Any) -> None:
    assert undisturbed(changed(), tmp_path / "again") == reference
    other = undisturbed(changed(seed=1), tmp_path / "other")
    assert other[0] != reference[0]
    assert other[1] != reference[1]


@pytest.mark.parametrize("probes", [False, True, 1])
def test_probes_change_nothing(probes: Any, tmp_path: Path, reference: Any) -> None:
    records, model, result = undisturbed(changed(train={"probes": probes}), tmp_path / "run")
    assert (model, result) == reference[1:]
    kept = [[one for one in of if one["kind"] != "probe"] for of in (records, reference[0])]
    assert kept[0] == kept[1]


def test_onlookers_change_nothing(tmp_path: Path, reference: Any) -> None:
    result, directory = run(changed(), tmp_path / "run", [gu.Callback(), At("batch_end", 99, kill)])
    assert outcome(directory, result) == reference


def test_a_run_is_called_by_its_time_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda form: "20260101-120000")
    paths = [run(changed(train={"epochs": 0}))[1].path for _ in range(3)]
    stem = Path("runs/20260101-120000-digits-keras-dnn")
    assert paths == [stem, Path(f"{stem}-2"), Path(f"{stem}-3")]


def test_a_directory_that_exists_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="already exists"):
        run(changed(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_zero_epochs_are_a_run(tmp_path: Path) -> None:
    result, directory = run(changed(train={"epochs": 0}), tmp_path / "run")
    assert result.epochs == 0
    assert (result.train_loss, result.val_loss) == (None, None)
    assert [record["kind"] for record in directory.records()] == ["probe", "end"]


def test_without_validation_there_are_no_val_values(tmp_path: Path) -> None:
    result, directory = run(changed(data={"validation": 0}), tmp_path / "run")
    assert result.val_accuracy is None
    assert "val_loss" not in directory.records("epoch")[0]


def test_layers_class_weights_and_metrics_of_a_configuration(tmp_path: Path) -> None:
    layers = [
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 8, "activation": "relu"},
        {
            "kind": "Dense",
            "units": 10,
            "activation": "softmax",
            "kernel_regularizer": {"kind": "L2", "l2": 1e-3},
        },
    ]
    values = {
        "data": {"preprocess": ["standardize"]},
        "model": {"layers": layers},
        "optimizer": {
            "name": "sgd",
            "learning_rate": {"kind": "ConstantRate", "initial_learning_rate": 0.1},
        },
        "train": {
            **SMALL["train"],
            "class_weight": "balanced",
            "metrics": ["accuracy", "top_k_accuracy"],
        },
    }
    result, directory = run(from_mapping(values), tmp_path / "run")
    assert result.model == "layers"
    epoch = directory.records("epoch")[-1]
    assert epoch["penalty"] > 0
    assert epoch["val_top_k_accuracy"] >= epoch["val_accuracy"]
    learner = model_file.load(directory.model).learner
    assert learner.network.chain.layers[2].kernel_regularizer == gu.L2(1e-3)  # type: ignore[attr-defined]


def test_layers_may_be_spelled_as_in_python(tmp_path: Path) -> None:
    short = [
        {"kind": "flatten"},
        {"kind": "affine", "units": 8, "activation": {"kind": "leaky_relu"}, "name": "hidden"},
        {"kind": "chain", "layers": [{"kind": "batch_norm"}, {"kind": "tanh"}]},
        {"kind": "dense", "units": 10, "activation": "softmax", "kernel_regularizer": "l2:1e-3"},
    ]
    train = {"class_weight": {"0": 2.0}}
    config = from_mapping({"model": {"layers": short}, "train": train})
    layers = assemble(config).learner.network.chain.layers
    assert layers == (
        gu.Flatten(),
        gu.Dense(8, gu.LeakyReLU(), name="hidden"),
        gu.Chain([gu.BatchNormalization(), gu.Tanh()]),
        gu.Dense(10, "softmax", kernel_regularizer=gu.L2(1e-3)),
    )
    weight = assemble(config).train.weight
    assert set(weight.tolist()) == {1.0, 2.0}


def test_the_run_trains_as_sequential_does(tmp_path: Path) -> None:
    _, directory = run(changed(), tmp_path / "run")
    data = datasets.load("digits")
    model = make_model(complete(changed(), data.in_shape, data.task), data)
    model.fit(data.x_train, data.y_train, 300, EPOCHS, verbose=0, validation_split=0.1)
    trained = model_file.load(directory.model).learner
    assert model.learner.vector.tobytes() == trained.vector.tobytes()


def test_batches_may_be_stratified(tmp_path: Path) -> None:
    result, directory = run(changed(train={"shuffle": "stratified"}), tmp_path / "run")
    assert directory.config().train.shuffle == "stratified"
    plain, _ = run(changed(), tmp_path / "plain")
    assert result.train_loss != plain.train_loss
    with pytest.raises(InputError, match="holds no class labels"):
        run(
            from_mapping({"data": {"name": "diabetes"}, "train": {"shuffle": "stratified"}}),
            tmp_path / "values",
        )
    assert not (tmp_path / "values").exists()


# What is refused, before anything is written

SOFTMAX = {"kind": "Dense", "units": 10, "activation": "softmax"}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"model": {"name": "keras-dn"}}, "unknown model 'keras-dn'. Did you mean 'keras-dnn'?"),
        ({"model": {"unit": 3}}, "KerasDNN takes no option 'unit'. Did you mean 'units'?"),
        ({"model": {"units": -3}}, "units=-3"),
        ({"model": {"dropout": 1.5}}, "dropout=1.5"),
        ({"model": {"init": "hee"}}, "Did you mean 'he'?"),
        ({"data": {"name": "digit"}}, "unknown data set 'digit'. Did you mean 'digits'?"),
        ({"data": {"preprocess": ["scale"]}}, "unknown preprocessor 'scale'."),
        ({"data": {"validation": 0.0001}}, "a part would be empty"),
        ({"optimizer": {"name": "adma"}}, "unknown optimizer 'adma'. Did you mean 'adam'?"),
        ({"optimizer": {"learning_rat": 1}}, "Did you mean 'learning_rate'?"),
        ({"optimizer": {"learning_rate": 0}}, "learning_rate=0"),
        ({"optimizer": {"learning_rate": float("nan")}}, "learning_rate=nan"),
        ({"optimizer": {"learning_rate": "fast"}}, "learning_rate='fast'"),
        ({"train": {"loss": "crossentropy"}}, "unknown loss 'crossentropy'"),
        ({"train": {"loss": "mse"}}, "For class labels use the loss categorical_crossentropy"),
        ({"train": {"metrics": ["acuracy"]}}, "Did you mean 'accuracy'?"),
        ({"train": {"class_weight": "even"}}, 'expected "balanced"'),
        (
            {"train": {"callbacks": [{"kind": "EarlyStop"}]}},
            "unknown callback 'EarlyStop'. Did you mean",
        ),
        ({"train": {"callbacks": [{"patience": 3}]}}, 'expected a "kind"'),
        ({"train": {"callbacks": [{"kind": "EarlyStopping", "patience": -1}]}}, "patience=-1"),
        ({"train": {"batch_size": 1293}}, "The last of 1,294 samples in batches of 1293 is alone"),
        ({"model": {"name": "simple-convnet", "units": 5, "filter_size": 9, "depth": 1}}, "depth"),
        ({"model": {"name": "deep-convnet", "units": 5, "depth": 1}}, "no option 'depth'"),
    ],
)
def test_a_wrong_configuration_writes_nothing(tables: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        run(changed(**tables), tmp_path / "run")
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "no layers"),
        ([{"kind": "Dens", "units": 10}], "unknown layer 'Dens'. Did you mean 'dense'?"),
        ([{"units": 10}], "layer {'units': 10}: expected a \"kind\""),
        ([{"kind": "Adam"}], "unknown layer 'Adam'"),
        ([{"kind": "Dense"}], "units"),
        ([SOFTMAX], "Put Flatten() before it"),
        ([{"kind": "Flatten"}, {**SOFTMAX, "units": 9}], "expected a class from 0 to 8"),
        ([{"kind": "Flatten"}, {"kind": "Dense", "units": 10}], "from_logits=True"),
        (
            [{"kind": "Conv2D", "filters": 10, "kernel_size": 3}],
            "the network gives (N, 10, 6, 6): cross-entropy expects (N, C)",
        ),
        ([{"kind": "Flatten"}, {**SOFTMAX, "input_shape": [63]}], "input_shape=(63,)"),
        ([{"kind": "Flatten", "input_shape": [1, 9, 9]}, SOFTMAX], "(1438, 1, 8, 8)"),
    ],
)
def test_wrong_layers_write_nothing(layers: Any, message: str, tmp_path: Path) -> None:
    config = from_mapping({"model": {"layers": layers}, "train": SMALL["train"]})
    with pytest.raises(InputError, match=re.escape(message)):
        run(config, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_layers_take_no_other_option(tmp_path: Path) -> None:
    config = from_mapping({"model": {"layers": [SOFTMAX], "units": 3}})
    with pytest.raises(ConfigError, match="with layers, no other option"):
        run(config, tmp_path / "run")


def test_assemble_gives_what_a_run_needs() -> None:
    assembly = assemble(changed())
    assert (len(assembly.train), len(assembly.validation or ()), len(assembly.test)) == (
        *(1294, 144, 359),
    )
    assert assembly.learner.labels == assembly.dataset.classes
    assert assembly.learner.preparation.parameters is not None
    assert assembly.learner.epochs_trained == 0


def test_known_paths_are_those_that_can_be_set() -> None:
    paths = known_paths(changed(model={"name": "multi-layer", "depth": 2}))
    assert configuration.find_path("depth", paths) == "model.depth"
    assert configuration.find_path("learning_rate", paths) == "optimizer.learning_rate"
    assert configuration.find_path("l2", paths) == "model.l2"
    nesterov = known_paths(from_mapping({"optimizer": {"name": "nesterov"}}))
    assert "optimizer.nesterov" not in nesterov  # no option: it always is
    layers = known_paths(from_mapping({"model": {"layers": [SOFTMAX]}}))
    assert "model.units" not in layers


# Interruption and resuming


def resumed(path: Path) -> Any:
    result, directory = resume(path)
    return outcome(directory, result)


@pytest.mark.parametrize("k", range(1, EPOCHS * STEPS + 1))
def test_killed_at_any_step_a_run_ends_with_the_same_bits(
    k: int, tmp_path: Path, reference: Any
) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", k, kill)])
    assert resumed(tmp_path / "run") == reference


@pytest.mark.parametrize(
    ("question", "k"),
    [
        ("train_begin", 1),
        *[(question, k) for question in ("epoch_begin", "epoch_end") for k in (1, 2, 3)],
        ("train_end", 1),
    ],
)
def test_killed_between_the_steps(question: str, k: int, tmp_path: Path, reference: Any) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At(question, k, kill)])
    assert resumed(tmp_path / "run") == reference


@pytest.mark.parametrize("write", [1, 2, 3, 4])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_writing_of_a_checkpoint_or_the_model(
    write: int, moment: str, tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, left = model_file.save, [write]

    def killed_save(*arguments: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and moment == "before":
            kill()
        save(*arguments)
        if left[0] == 0:
            kill()

    monkeypatch.setattr(model_file, "save", killed_save)
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run")
    monkeypatch.setattr(model_file, "save", save)
    assert resumed(tmp_path / "run") == reference


@pytest.mark.parametrize("k", [1, 2, 3, 6, 8, 11, 15, 16, 17])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_writing_of_a_record(
    k: int, moment: str, tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = Recorder.write, [k]

    def killed_write(self: Recorder, *arguments: Any, **options: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and moment == "before":
            kill()
        write(self, *arguments, **options)
        if left[0] == 0:
            kill()

    monkeypatch.setattr(Recorder, "write", killed_write)
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run")
    monkeypatch.setattr(Recorder, "write", write)
    assert resumed(tmp_path / "run") == reference


@pytest.mark.parametrize("k", range(1, EPOCHS * STEPS + 1))
def test_a_signal_at_any_step_writes_a_checkpoint_of_that_step(
    k: int, tmp_path: Path, reference: Any
) -> None:
    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match=r"groundup train --resume .*run") as caught:
        run(changed(), tmp_path / "run", [At("batch_end", k, interrupt)])
    assert caught.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is before
    found = RunDirectory.open(tmp_path / "run").newest_checkpoint()
    assert found is not None
    assert found.resume is not None
    assert found.resume.progress.updates == k
    assert not (tmp_path / "run" / "model.safetensors").exists()

    left = []  # the steps that are done again: none
    result, directory = resume(tmp_path / "run", [At("batch_end", 10**9, kill), Counting(left)])
    assert len(left) == EPOCHS * STEPS - k
    assert outcome(directory, result) == reference


class Counting(gu.Callback):
    def __init__(self, steps: list[Any]) -> None:
        self.steps = steps

    def on_batch_end(self, context: Any) -> None:
        self.steps.append((context.epoch, context.step))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_no_epoch_is_told_that_a_kill_undoes(
    moment: str, tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Around the record of the second epoch: no step of it is done again, the log has it once."""
    write = Recorder.write

    def killed_write(self: Recorder, kind: str, values: Any, durable: bool = False) -> None:
        ours = kind == "epoch" and values["epoch"] == 1
        if ours and moment == "before":
            kill()
        write(self, kind, values, durable)
        if ours:
            kill()

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "write", killed_write)
        with pytest.raises(Killed):
            run(changed(), tmp_path / "run")
    epochs = [record["epoch"] for record in RunDirectory(tmp_path / "run").records("epoch")]
    assert epochs == [0, 1][: 1 + (moment == "after")]
    left: list[Any] = []
    result, directory = resume(tmp_path / "run", [Counting(left)])
    assert {epoch for epoch, _ in left} == set(range(2, EPOCHS))
    assert outcome(directory, result) == reference


def test_an_onlooker_is_told_of_an_epoch_when_it_is_kept(tmp_path: Path) -> None:
    kept = []

    def look() -> None:
        found = RunDirectory(tmp_path / "run").newest_checkpoint()
        assert found is not None and found.resume is not None
        kept.append((found.resume.progress.epoch, len(history_in(tmp_path / "run"))))

    run(changed(), tmp_path / "run", [At("epoch_end", k + 1, look) for k in range(EPOCHS)])
    assert kept == [(k + 1, k + 1) for k in range(EPOCHS)]


def history_in(path: Path) -> list[Any]:
    return RunDirectory(path).records("epoch")


def test_an_epoch_without_finite_values_is_kept_for_the_log(
    tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON has no numbers for them, but the record in a checkpoint must come back as it was."""
    _, directory = run(changed(), tmp_path / "run")
    found = directory.newest_checkpoint()
    assert found is not None and found.resume is not None
    with Log(tmp_path / "log.jsonl") as log:
        recorder = Recorder(directory, log, 1, Signals())
        recorder.untold = {"epoch": 0, "step": 2, "loss": float("inf"), "val_loss": 0.5}
        file = tmp_path / "checkpoint.safetensors"
        model_file.save(file, found.learner, Resume(found.resume.progress, (recorder.state(),)))
        resumed = model_file.load(file).resume
        assert resumed is not None
        for _ in range(2):
            Recorder(directory, log, 1, Signals()).restore(resumed.callbacks[0])
            assert log.read() == [{"kind": "epoch", **recorder.untold}]


@pytest.mark.parametrize("file", ["env.json", "config.toml"])
def test_a_run_has_begun_when_its_folder_is_whole(
    file: str, tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before that, it says what helps; what stands there already is made whole."""

    def killed_write(path: Path, text: str) -> None:
        if path.name == file:
            kill()
        write_text(path, text)

    config = complete(changed(), (1, 8, 8), "classification")
    with monkeypatch.context() as patch:
        patch.setattr(run_directory, "write_text", killed_write)
        with pytest.raises(Killed):
            RunDirectory.create(tmp_path / "run", "", config)
    with pytest.raises(InputError, match="remove the folder and begin again"):
        RunDirectory.open(tmp_path / "run")
    RunDirectory.prepare(tmp_path / "run", config)
    assert resumed(tmp_path / "run") == reference


def test_a_writer_killed_after_the_end_leaves_no_lease(tmp_path: Path) -> None:
    result, directory = run(changed(), tmp_path / "run")
    left = directory.path / ".metrics.jsonl.lock"
    left.write_text("{}", encoding="utf-8")
    assert resume(directory.path)[0] == result
    assert not left.exists()


def test_sigterm_at_an_epochs_end(tmp_path: Path, reference: Any) -> None:
    def terminate() -> None:
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Interrupted) as caught:
        run(changed(), tmp_path / "run", [At("epoch_end", 2, terminate)])
    assert caught.value.exit_code == 143
    assert resumed(tmp_path / "run") == reference


def test_killed_again_and_again(tmp_path: Path, reference: Any) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 7, kill)])
    for _ in range(3):
        with pytest.raises(Killed):
            resume(tmp_path / "run", [At("batch_end", 4, kill)])
    interrupts = 0
    while True:
        try:
            result, directory = resume(
                tmp_path / "run",
                [At("batch_end", 2, lambda: signal.raise_signal(signal.SIGINT))],
            )
            break
        except Interrupted:
            interrupts += 1
    assert interrupts == 5
    assert outcome(directory, result) == reference


CALLBACKS: dict[str, Any] = {
    "early-stopping": [
        {
            "kind": "EarlyStopping",
            "monitor": "val_accuracy",
            "min_delta": 0.5,
            "patience": 2,
            "restore_best_weights": True,
        }
    ],
    "plateau": [{"kind": "ReduceLROnPlateau", "monitor": "loss", "min_delta": 9, "patience": 1}],
    "terminate": [{"kind": "TerminateOnNaN"}],
}


@pytest.mark.parametrize("chosen", CALLBACKS.values(), ids=CALLBACKS)
def test_callbacks_go_on_where_they_were(chosen: Any, tmp_path: Path) -> None:
    config = changed(train={"epochs": 5, "callbacks": chosen})
    expected = undisturbed(config, tmp_path / "run")
    if chosen is CALLBACKS["early-stopping"]:
        assert expected[2]["epochs"] < 5
        assert "has not improved" in expected[0][-1]["reason"]
    for k in (2, 7, 12, 15):
        path = tmp_path / f"run-{k}"
        try:
            run(config, path, [At("batch_end", k, kill)])
        except Killed:
            assert resumed(path) == expected
    for question in ("epoch_end", "train_end"):
        path = tmp_path / question
        with pytest.raises(Killed):
            run(config, path, [At(question, 1, kill)])
        assert resumed(path) == expected


def test_a_callback_that_stops_within_an_epoch_is_remembered(tmp_path: Path) -> None:
    class Enough(gu.Callback):
        def on_batch_end(self, context: Any) -> Any:
            return gu.Stop("") if context.updates == 7 else None

    assembly_callbacks = Enough()
    config = changed()

    def with_enough(*arguments: Any) -> Any:
        return dataclasses.replace(assemble(*arguments), callbacks=(assembly_callbacks,))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("groundup.train.run.assemble", with_enough)
        expected = undisturbed(config, tmp_path / "once")
        assert expected[2]["epochs"] == 1
        assert expected[0][-1] == {**expected[0][-1], "epoch": 1, "step": 1, "reason": ""}
        with pytest.raises(Interrupted):
            run(
                config,
                tmp_path / "run",
                [At("batch_end", 7, lambda: signal.raise_signal(signal.SIGINT))],
            )
        assert resumed(tmp_path / "run") == expected


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path: Path, reference: Any) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 13, kill)])
    directory = RunDirectory(tmp_path / "run")
    damage(directory.checkpoints / "last.safetensors")
    found = directory.newest_checkpoint()
    assert found is not None
    assert found.resume is not None
    assert found.resume.progress.epoch == 1
    assert resumed(tmp_path / "run") == reference


def test_two_damaged_checkpoints_are_told(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 13, kill)])
    before = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    for name in ("last", "previous"):
        damage(tmp_path / "run" / "checkpoints" / f"{name}.safetensors")
    with pytest.raises(CorruptFile, match="SHA-256"):
        resume(tmp_path / "run")
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == before


def test_half_written_files_of_dead_writers_are_swept(tmp_path: Path, reference: Any) -> None:
    from groundup.storage import atomic

    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 13, kill)])
    left = f".groundup-{atomic._HOST}-4194304-{'0' * 16}.tmp"  # beyond the largest process number
    for folder in (tmp_path / "run", tmp_path / "run" / "checkpoints"):
        (folder / left).write_bytes(b"half")
    with (tmp_path / "run" / "metrics.jsonl").open("ab") as file:
        file.write(b'{"kind":"step","epoch":2,"st')  # a torn last line
    assert resumed(tmp_path / "run") == reference
    assert not list((tmp_path / "run").rglob("*.tmp"))


def test_resuming_a_finished_run_gives_its_result(tmp_path: Path) -> None:
    result, directory = run(changed(), tmp_path / "run")
    files = {path: path.stat().st_mtime_ns for path in directory.path.rglob("*")}
    again, _ = resume(tmp_path / "run")
    assert again == result
    assert {path: path.stat().st_mtime_ns for path in directory.path.rglob("*")} == files
    directory.path.rename(tmp_path / "moved")
    moved, _ = resume(tmp_path / "moved")
    assert moved == dataclasses.replace(result, run_dir=str(tmp_path / "moved"))


def test_a_second_trainer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 7, kill)])
    before = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    with Log(tmp_path / "run" / "metrics.jsonl"), pytest.raises(StorageError, match="is held by"):
        resume(tmp_path / "run")
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == before


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match=r"no run directory: it holds no config\.toml"):
            resume(path)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("units = 8", "units = 9", "network"),
        ('name = "adam"', 'name = "sgd"', "optimizer"),
        ("seed = 0", "seed = 1", "seed"),
    ],
)
def test_a_configuration_that_was_changed_meanwhile_is_refused(
    old: str, new: str, part: str, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 7, kill)])
    file = tmp_path / "run" / "config.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=f"another {part} than config.toml"):
        resume(tmp_path / "run")


def test_a_configuration_with_other_callbacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("batch_end", 7, kill)])
    file = tmp_path / "run" / "config.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("callbacks = []", 'callbacks = [{ kind = "TerminateOnNaN" }]'),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="knows 2 callbacks, not 3"):
        resume(tmp_path / "run")


def test_a_run_that_is_to_be_longer_goes_on(tmp_path: Path) -> None:
    expected = undisturbed(changed(train={"epochs": 5}), tmp_path / "longer")
    with pytest.raises(Killed):
        run(changed(), tmp_path / "run", [At("train_end", 1, kill)])
    file = tmp_path / "run" / "config.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("epochs = 3", "epochs = 5"), encoding="utf-8")
    assert resumed(tmp_path / "run") == expected


# What goes wrong on the way


def test_a_run_that_diverges_says_where_and_leaves_what_it_had(tmp_path: Path) -> None:
    config = from_mapping(
        {
            "model": {"name": "two-layer"},
            "optimizer": {"name": "sgd", "learning_rate": 1e10},
            "train": SMALL["train"],
        }
    )
    with pytest.raises(Diverged, match=r"in epoch \d, step \d: .*dense_") as caught:
        run(config, tmp_path / "run")
    assert caught.value.exit_code == 1
    assert not (tmp_path / "run" / "model.safetensors").exists()
    *_, exam, told = read_log(tmp_path / "run" / "metrics.jsonl")
    assert (exam["kind"], told["kind"], told["where"]) == ("probe", "diverged", caught.value.where)
    assert (told["epoch"], told["step"]) == (caught.value.epoch, caught.value.step)


def test_a_full_disk_leaves_the_run_to_be_resumed(
    tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, left = model_file.write_bytes, [2]

    def full(*arguments: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise StorageError("no space left")
        save(*arguments)

    monkeypatch.setattr(model_file, "write_bytes", full)
    with pytest.raises(StorageError, match="no space"):
        run(changed(), tmp_path / "run")
    assert resumed(tmp_path / "run") == reference


# Signals


def test_the_first_signal_is_remembered_and_the_second_takes_its_way() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Signals() as signals:
        signals.check("nothing yet")
        signal.raise_signal(signal.SIGINT)
        assert signals.received == signal.SIGINT
        with pytest.raises(Interrupted, match="go on") as caught:
            signals.check("go on")
        assert caught.value.exit_code == 130
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_signals_are_left_alone_outside_the_main_thread() -> None:
    seen: list[Any] = []

    def work() -> None:
        with Signals() as signals:
            seen.append(signals.received)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [None]


def test_a_handler_that_python_does_not_know_of_is_survived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = signal.signal
    before = signal.getsignal(signal.SIGTERM)
    with Signals() as signals:
        signals._before[signal.SIGTERM] = None  # what signal.signal answers for such a one
    real(signal.SIGTERM, before)


# The history from the log


def test_the_history_is_that_of_the_epochs_before() -> None:
    records = [
        {"kind": "step", "epoch": 0, "step": 1, "seconds": 0.1, "loss": 3.0},
        {"kind": "epoch", "epoch": 0, "step": 4, "seconds": 0.2, "loss": 2.0},
        {"kind": "epoch", "epoch": 1, "step": 4, "seconds": 0.3, "loss": 1.0},
    ]
    assert history_of(records, 2).history == {"loss": [2.0, 1.0]}
    assert history_of(records, 1).epoch == [0]
    assert history_of([], 0).history == {}
