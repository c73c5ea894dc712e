"""Values as source: what is written makes an equal value, and formatters leave it alone."""

import subprocess
import sys

import pytest

import groundup as gu
from groundup.data.augment import augmentations
from groundup.errors import InputError
from groundup.formats.python_source import (
    WIDTH,
    call,
    class_name,
    listed,
    literal,
    option,
    source,
    text,
)
from groundup.layers import layers
from groundup.layers.initializers import initializers
from groundup.layers.regularizers import regularizers
from groundup.nn.losses import losses
from groundup.nn.optimizers import optimizers
from groundup.train.run import callbacks

VALUES = [
    gu.Dense(64, "relu", kernel_initializer="he_normal", name="first", input_shape=(784,)),
    gu.Dense(3, gu.LeakyReLU(0.2), False, gu.RandomNormal(0.0, 0.01), kernel_regularizer="l2:1e-4"),
    gu.Conv2D(30, 5, 2, "same", "relu", rounding="floor"),
    gu.MaxPooling2D(2, strides=1, padding=1),
    gu.AveragePooling2D((3, 2), count_padding=True),
    gu.BatchNormalization(0.99, 1e-3, "population"),
    gu.Dropout(0.2, "book"),
    gu.Activation("tanh"),
    gu.PReLU(shared=True),
    gu.Rescaling((77.0, 1.5), (152.0, 0.0)),
    gu.Rescaling((77.0,)),
    gu.Chain([gu.Dense(2), gu.nn.Average([gu.Dense(2), gu.layers.DenseReLU(2, "relu")])]),
    gu.Adam(1e-3, epsilon_place="after"),
    gu.SGD(gu.CosineDecay(0.1, 100), momentum=0.9, nesterov=True),
    gu.ScaledLoss("huber", scale=(2.0, 3.0)),
    gu.CategoricalCrossentropy(from_logits=True),
    gu.OneHot(columns=(0, 2), unknown="zeros"),
    gu.Policy([["rotation", "shift:0.5"], ["zoom"]]),
    [1, "a'b", 'a"b', None, {"x": True, 1: 2.5}, (3,), ()],
]


def made(written):
    return eval(written, {"gu": gu})


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_it_makes_an_equal_value(value):
    assert made(text(source(value))) == value
    assert made(text(source(value), indent=60)) == value


@pytest.mark.parametrize(
    "registry", [layers, optimizers, losses, initializers, regularizers, augmentations, callbacks]
)
def test_every_registered_class_has_a_public_name(registry):
    for cls in registry:
        if cls.__module__.startswith("groundup."):
            assert made(class_name(cls)) is cls


def test_only_what_makes_a_difference_is_said():
    assert text(source(gu.Dense(10, activation="relu"))) == 'gu.Dense(10, activation="relu")'
    assert text(source(gu.MaxPooling2D(2, strides=2))) == "gu.MaxPooling2D()"
    assert text(source(gu.Conv2D(3, 5, activation=None))) == "gu.Conv2D(3, (5, 5))"
    assert text(source(gu.Adam(), always=["learning_rate"])) == "gu.Adam(learning_rate=0.001)"
    assert text(option(gu.CategoricalCrossentropy())) == '"categorical_crossentropy"'
    assert text(option(gu.Standardize())) == '"standardize"'
    assert text(option(gu.MinMax((0, 2)))) == "gu.MinMax(feature_range=(0.0, 2.0))"


def test_text_is_in_double_quotes_where_it_can_be():
    assert [literal(word) for word in ("relu", 'a"b', "a'b", "a\\b\n")] == [
        '"relu"', "'a\"b'", '"a\'b"', '"a\\\\b\\n"'
    ]  # fmt: skip


def test_a_class_that_is_not_groundup_s():
    class Square(gu.Identity):
        pass

    with pytest.raises(InputError, match=r"Square of .*: a script knows only what groundup has"):
        source(Square())


def test_formatters_leave_it_alone(tmp_path):
    file = tmp_path / "lines.py"
    long = listed([source(value) for value in VALUES[:-1]] * 2)
    lines = [f"a = {text(long, before=4)}"]
    for width in range(60, 100):
        words = [f'"{"x" * (width - 40)}"', "b", "c=1"]
        lines.append(f"value = {text(call('gu.f', words[:2], {'c': '1'}), before=8)}")
    file.write_text("import groundup as gu\n\n" + "\n".join(lines) + "\n")
    assert max(map(len, file.read_text().splitlines())) <= WIDTH
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
