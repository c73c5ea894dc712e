"""What a step costs by layer: measured on a copy, and adding up."""

from dataclasses import replace

import numpy as np
import pytest

import groundup as gu
from groundup.errors import InputError
from groundup.ops.dispatch import kernels
from groundup.ops.tape import Tape
from groundup.train.profile import Part, Profile

RNG = np.random.default_rng(0)
X, T = RNG.integers(0, 256, (70, 1, 8, 8), dtype=np.uint8), RNG.integers(0, 3, 70)
DENSE = [gu.Flatten(), gu.Dense(16, "relu"), gu.Dense(3, "softmax")]


def model(layers, loss="categorical_crossentropy", **options):
    made = gu.Sequential(layers, preprocess=["rescale"], **options)
    made.compile("adam", loss)
    made.build((1, 8, 8))
    return made


def bits(model):
    return b"".join(array.tobytes() for array in model.get_weights())


def test_every_layer_forward_and_backward_and_all_that_is_done_besides():
    made = model([
        gu.Conv2D(4, 3, activation="relu"), gu.BatchNormalization(), gu.MaxPooling2D(2),
        gu.Flatten(), gu.Dropout(0.2), gu.Dense(3, "softmax"),
    ])  # fmt: skip
    before = bits(made)
    profile = made.profile(X, T, batch_size=32, steps=3)
    assert bits(made) == before
    assert made.learner.preparation.parameters is None
    assert made.learner.epochs_trained == 0
    named = [(part.name, part.direction) for part in profile.parts]
    layers = ["conv2d_1", "batch_normalization_1", "max_pooling2d_1", "flatten_1", "dropout_1"]
    assert [name for name, direction in named if direction == "forward"] == [*layers, "dense_1"]
    assert [name for name, direction in named if direction == "backward"] == [
        "dense_1", *reversed(layers)
    ]  # fmt: skip
    others = [name for name, direction in named if not direction]
    assert others == ["batch", "loss", "gradient check", "optimizer", "Python between"]
    assert all(part.microseconds > 0 for part in profile.parts[:-1])
    assert sum(map(profile.share, profile.parts)) == pytest.approx(1)
    assert (profile.batch_size, profile.steps) == (32, 3)


def test_work_and_bytes_of_a_dense_layer():
    part = {(p.name, p.direction): p for p in model(DENSE).profile(X, T, 64, steps=2).parts}
    forward, backward = part["dense_2", "forward"], part["dense_2", "backward"]
    assert forward.multiply_adds == 64 * 16 * 3
    assert forward.read == 4 * (64 * 16 + 16 * 3 + 3)
    assert forward.written == 4 * 64 * 3
    assert backward.multiply_adds == 2 * 64 * 16 * 3  # dx and dW
    assert part["dense_1", "backward"].multiply_adds == 64 * 64 * 16  # dW alone
    P = 64 * 16 + 16 + 16 * 3 + 3
    assert (part["optimizer", ""].read, part["optimizer", ""].written) == (16 * P, 12 * P)
    assert part["loss", ""].gflops is None
    assert forward.gflops == pytest.approx(2e-3 * 64 * 16 * 3 / forward.microseconds)


def test_a_loss_that_no_kernel_knows_stands_between_forward_and_backward():
    made = model([gu.Flatten(), gu.Dense(3)], "mean_squared_error")
    profile = made.profile(X, gu.one_hot(T, 3), 32, steps=2)
    names = [part.name for part in profile.parts]
    assert names.index("dense_1") < names.index("loss") < names.index("gradient check")
    (loss,) = (part for part in profile.parts if part.name == "loss")
    assert loss.microseconds > 0


@pytest.mark.parametrize("alone", [True, False])
def test_a_level_is_shared_out_by_what_its_rows_take_on_one_thread(alone):
    from groundup.ops.cpu import crew

    tape = Tape()
    x = tape.hold(RNG.normal(size=(256, 64)).astype(np.float32))
    large, small = np.zeros((64, 512), np.float32), np.zeros((64, 8), np.float32)
    made = [kernels("affine").affine(x, tape.hold(W), None) for W in (large, small)]
    program = kernels("program").Program(tape, {y: np.empty(y.shape, np.float32) for y in made})
    with crew.limited(1 if alone else crew.count()):
        program.run()
        times = kernels("stopwatch").row_seconds(program, 5)
    assert {row.writes[0] for row, _ in times} == set(made)
    seconds = {row.writes[0]: time for row, time in times}
    assert seconds[made[0]] > 5 * seconds[made[1]] > 0


def test_the_table_and_plain_data():
    parts = (Part("dense_1", "forward", 30.0, 1_500_000, 2_000_000, 1000), Part("loss", "", 10.0))
    profile = Profile(parts, 100, 2, 30, "mine")
    lines = str(profile).splitlines()
    assert lines[0] == "mine, a training step of 100 samples on 2 threads, median of 30"
    assert lines[1].split() == ["µs", "share", "GFLOP/s", "MB", "read", "MB", "written"]
    assert lines[3].split() == [
        "dense_1",
        "forward",
        "30.0",
        "75.0",
        "%",
        "100.0",
        "2.000",
        "0.001",
    ]
    assert lines[4].split() == ["loss", "10.0", "25.0", "%"]
    assert lines[-1].split() == ["total", "40.0", "100.0", "%", "75.0", "2.000", "0.001"]
    assert "1 thread," in str(replace(profile, threads=1))
    described = profile.describe()
    assert described["microseconds"] == 40
    assert described["parts"][0]["gflops"] == 100
    assert described["parts"][1]["share"] == 0.25


def test_it_says_why_a_network_cannot_be_measured():
    with pytest.raises(InputError, match="compile first"):
        gu.Sequential(DENSE).profile(X, T)
    with pytest.raises(InputError, match="float64"):
        model(DENSE, dtype="float64").profile(X, T)
    with pytest.raises(InputError, match="layer by layer in NumPy, as one of its layers does more"):
        model([gu.Flatten(), gu.PReLU(), gu.Dense(3, "softmax")]).profile(X, T)
    with pytest.raises(InputError, match="steps"):
        model(DENSE).profile(X, T, steps=0)


def test_more_samples_in_a_batch_than_there_are():
    assert model(DENSE).profile(X, T, batch_size=500, steps=1).batch_size == len(X)
