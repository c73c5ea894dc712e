"""Faults of the data and of how they are used. Each row: a sound training, and the fault."""

from functools import partial

from benchmarks.faults import plants, validations
from benchmarks.faults.fault import Setup
from benchmarks.faults.setups import dense, digits, layered, mnist, rows, sigmoid, tanh, training
from groundup.data.dataset import Dataset

_BATCH = "train.batch_size"


def _raw(sound: Setup) -> tuple[Setup, Setup]:
    return sound, sound.but({"data.preprocess": []})


def _moved(sound: Setup, offset: float) -> tuple[Setup, Setup]:
    return sound, sound.but({}, partial(plants.move_inputs, offset=offset))


INPUTS = (
    _raw(mnist(dense(100, 50), count=3000, optimizer="sgd", rate=0.1)),
    _raw(mnist(tanh(64, 64), count=4000, optimizer="sgd", rate=0.1)),
    _raw(training("wine", dense(32), epochs=30, batch=16, optimizer="sgd", rate=0.05)),
    _raw(
        training(
            "breast-cancer", dense(32, 16), epochs=30, batch=16, optimizer="momentum", rate=0.02
        )
    ),
    _moved(digits(layered((8, 16), (50,)), epochs=20), offset=200.0),
    _raw(mnist(layered((8, 8), (32,)), count=2000, optimizer="momentum", rate=0.02)),
    _raw(training("diabetes", tanh(32), epochs=30, batch=32, optimizer="sgd", rate=0.02)),
    _moved(digits(dense(100, 100), epochs=20), offset=-100.0),
    _raw(mnist(sigmoid(64), count=3000, optimizer="momentum", rate=0.05)),
    _moved(mnist(dense(64, 64), count=4000), offset=1000.0),
)

_HALF = partial(validations.half_of_the_test_part)


def _shifted(sound: Setup, change: str, by: float = 0.0) -> tuple[Setup, Setup]:
    """Validated with half of the test samples, as they are, and changed."""
    return sound.but(validation=_HALF), sound.but(validation=partial(_HALF, change=change, by=by))


SHIFT = (
    _shifted(digits(dense(50, 50), epochs=20), "inverted"),
    _shifted(digits(dense(100, 100), epochs=15, optimizer="momentum", rate=0.05), "noisy", 0.4),
    _shifted(mnist(dense(100, 50), count=3000), "moved", 4),
    _shifted(mnist(dense(64, 64), count=4000, optimizer="sgd", rate=0.1), "brighter", 0.5),
    _shifted(digits(layered((8, 16), (50,)), epochs=20), "turned", 1),
    _shifted(mnist(layered((8, 8), (32,)), count=2000), "dimmed", 0.25),
    _shifted(training("wine", dense(32), epochs=30, batch=16), "offset", 1.5),
    _shifted(training("breast-cancer", dense(32), epochs=20, batch=32), "offset", 1.0),
    _shifted(mnist(layered((8, 8), (32,)), count=2000, epochs=8), "inverted"),
    _shifted(digits(tanh(60), optimizer="momentum", rate=0.05), "moved", 2),
)

SMALL_BATCH = rows(
    (digits(dense(50, 50, norm=True), epochs=12), {_BATCH: 2}),
    (digits(dense(100, 100, 100, norm=True), epochs=12, optimizer="sgd", rate=0.1), {_BATCH: 2}),
    (mnist(dense(100, 50, norm=True), count=3000, epochs=8), {_BATCH: 3}),
    (mnist({"name": "keras-dnn"}, count=4000, epochs=8), {_BATCH: 2}),
    (digits(layered((8, 16), (50,), norm=True), epochs=10), {_BATCH: 2}),
    (
        mnist(
            layered((8, 8), (32, 32), norm=True),
            count=2000,
            epochs=8,
            optimizer="momentum",
            rate=0.02,
        ),
        {_BATCH: 2},
    ),
    (training("breast-cancer", dense(32, 32, norm=True), epochs=15, batch=32), {_BATCH: 2}),
    (digits(tanh(60, 60, norm=True), optimizer="rmsprop", epochs=12), {_BATCH: 2}),
    (mnist(layered((8,), (50, 50), norm=True), count=1500, epochs=8), {_BATCH: 2}),
    (mnist(dense(64, 64, 64, norm=True), count=2000, optimizer="sgd", rate=0.05), {_BATCH: 2}),
)

_SHUFFLED = partial(plants.shuffle_targets)
_SLIPPED = partial(plants.shift_targets)


def _with(sound: Setup, plant: "partial[Dataset]") -> tuple[Setup, Setup]:
    return sound, sound.but({}, plant)


LABELS = (
    _with(digits(dense(50, 50), epochs=15), _SHUFFLED),
    _with(
        digits(dense(100, 100, dropout=0.2), epochs=15, optimizer="momentum", rate=0.05), _SHUFFLED
    ),
    _with(mnist(dense(100, 50), count=3000, epochs=12, optimizer="sgd", rate=0.1), _SHUFFLED),
    _with(mnist(dense(64, 64), count=4000, epochs=8), _SLIPPED),
    _with(digits(layered((8, 16), (50,)), epochs=15), _SHUFFLED),
    _with(mnist(layered((8, 8), (32,)), count=2000, epochs=10), _SHUFFLED),
    _with(training("diabetes", dense(32, 32), epochs=30, batch=32), _SHUFFLED),
    _with(training("breast-cancer", dense(32), epochs=20, batch=32), _SHUFFLED),
    _with(training("wine", dense(32), rate=3e-3, epochs=20, batch=16), _SHUFFLED),
    _with(mnist(tanh(64), count=3000, optimizer="sgd", rate=0.1), _SHUFFLED),
)


def _thin(sound: Setup, labels: str, share: float) -> tuple[Setup, Setup]:
    """Of these classes only a share is left."""
    keep = {int(label): share for label in labels}
    return sound, sound.but({}, partial(plants.thin_out, keep=keep))


IMBALANCE = (
    _thin(digits(dense(50, 50), epochs=15), "56789", 0.04),
    _thin(digits(dense(100, 100), epochs=15, optimizer="momentum", rate=0.02), "123456789", 0.03),
    _thin(mnist(dense(100, 50), count=4000), "13579", 0.02),
    _thin(mnist(dense(64, 64), count=6000, optimizer="sgd", rate=0.1), "023456789", 0.02),
    _thin(digits(layered((8, 16), (50,)), epochs=15), "2468", 0.04),
    _thin(mnist(layered((8, 8), (32,)), count=3000), "789", 0.02),
    _thin(mnist(tanh(64), count=3000), "234", 0.02),
    _thin(digits(tanh(64), epochs=20, optimizer="rmsprop"), "0123", 0.03),
    _thin(mnist(layered((8, 16), (32,)), count=3000), "0246", 0.02),
    _thin(mnist(dense(100), count=6000, optimizer="momentum", rate=0.02), "12345678", 0.02),
)


def _told(sound: Setup, share: float) -> tuple[Setup, Setup]:
    """Validated with other samples, and with the test samples, this share of them."""
    test = partial(validations.the_test_part, share=share)
    return sound.but(validation=_HALF), sound.but(validation=test)


TEST = (
    _told(digits(dense(50, 50)), 1.0),
    _told(digits(dense(100, 100), optimizer="momentum", rate=0.05), 0.5),
    _with(mnist(dense(100, 50), count=3000), partial(plants.mix_test_in)),
    _told(mnist(dense(64, 64), count=4000, optimizer="sgd", rate=0.1), 1.0),
    _told(digits(layered((8, 16), (50,))), 0.6),
    _with(mnist(layered((8, 8), (32,)), count=2000), partial(plants.mix_test_in)),
    _told(training("wine", dense(32), rate=3e-3, epochs=20, batch=16), 1.0),
    _told(training("breast-cancer", dense(32, dropout=0.2), epochs=15, batch=32), 0.6),
    _with(digits(layered((8, 16), (50,)), epochs=15), partial(plants.mix_test_in)),
    _told(mnist(layered((8, 8), (32,)), count=2000, epochs=8), 0.8),
)

PAIRS = {
    "inputs-not-normalized": INPUTS,
    "covariate-shift": SHIFT,
    "batch-too-small-for-batch-normalization": SMALL_BATCH,
    "labels-at-chance": LABELS,
    "class-imbalance": IMBALANCE,
    "test-data-used": TEST,
}
