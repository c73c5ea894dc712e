"""Trainings with nothing wrong: they must come out clean. Each half gets every second one."""

from functools import partial

from benchmarks.faults import validations
from benchmarks.faults.fault import HALVES, Fault
from benchmarks.faults.setups import dense, digits, layered, mnist, sigmoid, tanh, training

_STOP = {
    "train.callbacks": [{"kind": "EarlyStopping", "patience": 4, "restore_best_weights": True}]
}
_REDUCE = {"train.callbacks": [{"kind": "ReduceLROnPlateau", "patience": 3, "factor": 0.3}]}
_BROUGHT = partial(validations.half_of_the_test_part)


def _cosine(rate: float, steps: int) -> dict[str, object]:
    return {"kind": "CosineDecay", "initial_learning_rate": rate, "decay_steps": steps}


SETUPS = (
    # digits, dense
    digits(dense(50)),
    digits(dense(64, 64), optimizer="momentum", rate=0.03, batch=32),
    digits(dense(50, 50), optimizer="sgd", rate=0.1, epochs=20),
    digits(dense(100, 50), optimizer="sgd", rate=0.2, epochs=15, seed=3),
    digits(dense(100, 100, 100, dropout=0.2), epochs=20),
    digits(dense(128, 128, dropout=0.5), epochs=30, seed=1),
    digits(dense(64, 64, norm=True), epochs=10, batch=64),
    digits(dense(100, 100, 100, norm=True), optimizer="sgd", rate=0.05, epochs=12, batch=32),
    digits(tanh(60, 60), optimizer="momentum", rate=0.03, epochs=12),
    digits(tanh(80, 80, 80, init="glorot_uniform"), optimizer="nesterov", rate=0.02, seed=2),
    digits(sigmoid(60), optimizer="adam", rate=5e-3, epochs=20),
    digits(sigmoid(100, init="glorot_normal"), optimizer="rmsprop", rate=3e-3, epochs=20),
    digits(dense(100, 100), optimizer="adagrad", rate=0.02, epochs=20),
    digits(dense(50, 50, l2=1e-4), optimizer="rmsprop", epochs=15),
    digits(
        {"name": "two-layer", "units": 100, "init": "he"}, optimizer="adam", rate=2e-3, epochs=5
    ),
    digits(dense(64, 64), rate=_cosine(3e-3, 250), epochs=10),
    digits(dense(64, 32, activation="elu"), epochs=15).but(_STOP),
    digits(
        dense(64, 64, activation="leaky_relu", l2=1e-3), optimizer="adam", epochs=20, seed=5
    ).but(_REDUCE),
    digits(dense(100, 100, activation="prelu"), epochs=10, preprocess=["standardize"], batch=100),
    digits(dense(100, dropout=0.3), epochs=12, preprocess=["standardize"]),
    # digits, convolutional
    digits(layered((8, 16), (50,)), epochs=15),
    digits(
        {"name": "simple-convnet", "filters": 20, "filter_size": 3, "padding": "same", "units": 50},
        epochs=8,
    ),
    digits(layered((8, 16), (50,), norm=True), optimizer="momentum", rate=0.02, epochs=8),
    digits(layered((16, 16), (64,), dropout=0.3), epochs=15, seed=4),
    # MNIST, dense
    mnist(dense(100, dropout=0.2), count=4000, epochs=6),
    mnist({"name": "keras-dnn"}, count=4000, epochs=6, batch=100),
    mnist(dense(100, 100, dropout=0.3), count=6000, epochs=8, batch=100),
    mnist(
        dense(200, 100, dropout=0.5), count=4000, epochs=12, optimizer="adamw", weight_decay=0.01
    ),
    mnist(dense(64, 64), count=6000, optimizer="sgd", rate=0.1, epochs=6, batch=100),
    mnist(dense(100, 100, norm=True, dropout=0.3), count=5000, epochs=6, optimizer="rmsprop"),
    mnist(tanh(100, l2=1e-3), count=5000, epochs=8, optimizer="sgd", rate=0.05),
    mnist(dense(100, 100, 100, l2=2e-3), count=4000, epochs=8, seed=6),
    mnist(dense(50), count=2000, epochs=3),
    mnist(dense(100, 50), count=3000, epochs=3, optimizer="adagrad", rate=0.01),
    # MNIST, convolutional
    mnist({"name": "simple-convnet", "filters": 8, "units": 32}, count=3000, epochs=3),
    mnist(layered((8, 16), (64,), dropout=0.4), count=3000, epochs=6, seed=7),
    mnist(layered((8, 16), (32,), norm=True), count=3000, epochs=4, batch=64),
    mnist(layered((8, 8), (32,)), count=3000, epochs=5, optimizer="momentum", rate=0.01),
    # tables
    training("iris", tanh(16), rate=0.01, epochs=30, batch=16),
    training("wine", dense(16, dropout=0.2), rate=3e-3, epochs=20, batch=16),
    training("breast-cancer", dense(16, dropout=0.2), epochs=15, batch=32),
    training(
        "breast-cancer", dense(16, 8, l2=1e-2), optimizer="sgd", rate=0.05, epochs=20, batch=32
    ),
    # values to be told
    training("diabetes", dense(32), epochs=60, batch=32),
    training(
        "diabetes", dense(32, 32, dropout=0.2), epochs=40, batch=32, optimizer="momentum", rate=5e-3
    ),
    training("diabetes", tanh(16), epochs=50, batch=32, optimizer="sgd", rate=0.02),
    training("diabetes", dense(64, l2=1e-2), epochs=40, batch=32, optimizer="rmsprop"),
    # with validation samples of one's own
    digits(dense(64, 64), epochs=12, validation=0.0).but(validation=_BROUGHT),
    mnist(dense(100, dropout=0.2), count=4000, epochs=6).but(validation=_BROUGHT),
    digits(layered((8, 16), (50,)), epochs=12).but(validation=_BROUGHT),
    training("breast-cancer", tanh(16), epochs=12, batch=32).but(validation=_BROUGHT),
    # and of all kinds again
    digits(dense(80, 40, 20), optimizer="rmsprop", rate=5e-4, epochs=15, seed=8),
    digits(tanh(40, 40, norm=True), optimizer="sgd", rate=0.1, epochs=10, batch=32),
    digits(dense(*[50] * 6, norm=True), epochs=12, batch=64, seed=9),
    digits(dense(*[60] * 5), rate=5e-4, epochs=10),
    digits(layered((8, 8, 16), (40,), l2=1e-3), optimizer="adam", epochs=12),
    digits(layered((12,), (60, 30), dropout=0.2), optimizer="rmsprop", epochs=12, batch=32),
    mnist(dense(*[100] * 5), count=5000, epochs=4, batch=100),
    mnist(dense(*[80] * 4), count=4000, optimizer="sgd", rate=0.05, epochs=8, seed=10),
    mnist(sigmoid(100), count=5000, optimizer="adam", rate=3e-3, epochs=8, batch=100),
    mnist(tanh(100, 50, dropout=0.3), count=4000, optimizer="momentum", rate=0.02, epochs=8),
    mnist(layered((6, 12, 24), (32,)), count=3000, epochs=5, batch=32),
    mnist(layered((8,), (64,), dropout=0.5), count=3000, epochs=6, optimizer="adagrad", rate=0.01),
    training("iris", dense(16, 16), rate=5e-3, epochs=25, batch=16),
    training("wine", tanh(16, l2=1e-2), optimizer="momentum", rate=0.02, epochs=20, batch=16),
)

HEALTHY = tuple(
    Fault(f"healthy-{number + 1}", None, HALVES[number % 2], setup)
    for number, setup in enumerate(SETUPS)
)
