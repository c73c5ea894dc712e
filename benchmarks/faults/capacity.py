"""Faults of too much and too little freedom. Each row: a sound training, and the fault."""

from functools import partial
from typing import Any

from benchmarks.faults import plants
from benchmarks.faults.fault import Setup
from benchmarks.faults.setups import dense, digits, layered, mnist, rows, sigmoid, tanh, training

_FREE: dict[str, Any] = {"train.callbacks": []}
_STOP = [{"kind": "EarlyStopping", "patience": 3, "restore_best_weights": True}]


def _unstopped(sound: Setup, wrong: float = 0.0) -> tuple[Setup, Setup]:
    """Stopped early, and not; this share of the labels is wrong in both."""
    noise = [partial(plants.shuffle_targets, share=wrong)] if wrong else []
    return sound.but({"train.callbacks": _STOP}, *noise), sound.but(_FREE, *noise)


OVERFITTING = (
    _unstopped(digits(dense(200, 200), count=300, epochs=150, validation=0.3), wrong=0.2),
    _unstopped(digits(dense(100, 100, 100), epochs=60), wrong=0.25),
    _unstopped(mnist(dense(*[100] * 6), count=450, epochs=60, validation=0.33), wrong=0.15),
    _unstopped(mnist(dense(300, 300), count=1500, epochs=60), wrong=0.1),
    _unstopped(training("diabetes", dense(100, 100), epochs=200, batch=32)),
    _unstopped(mnist(layered((16, 16), (100,)), count=600, epochs=50), wrong=0.2),
    _unstopped(digits(layered((16, 32), (100,)), count=400, epochs=120), wrong=0.2),
    _unstopped(
        training(
            "diabetes", tanh(64, 64, 64), epochs=200, batch=32, optimizer="momentum", rate=0.02
        )
    ),
    _unstopped(digits(dense(256), count=250, epochs=300, rate=2e-3, validation=0.3), wrong=0.2),
    _unstopped(
        mnist(dense(200, 200), count=400, epochs=80, validation=0.4, optimizer="rmsprop"), wrong=0.1
    ),
)

UNDERFITTING = rows(
    (digits(dense(50), rate=3e-3, epochs=100), {"model": dense(2)}),
    (digits(tanh(50), optimizer="momentum", rate=0.02, epochs=100), {"model": tanh(2)}),
    (mnist(tanh(50), count=3000, rate=3e-3, epochs=60), {"model": tanh(2)}),
    (mnist(dense(50, 50), count=4000, rate=3e-3, epochs=40), {"model": dense(3, 3)}),
    (digits(layered((8,), (50,)), rate=3e-3, epochs=80), {"model": layered((2,), (3,))}),
    (
        mnist(
            layered((8, 8), (32,), activation="tanh", init="xavier"),
            count=2000,
            rate=3e-3,
            epochs=40,
        ),
        {"model": layered((1, 1), (3,), activation="tanh", init="xavier")},
    ),
    (digits(layered((4,), (30,)), rate=3e-3, epochs=80), {"model": layered((1,), (2,))}),
    (mnist(sigmoid(50), count=3000, rate=0.01, epochs=60), {"model": sigmoid(2)}),
    (
        mnist(layered((8,), (32,)), count=2000, rate=3e-3, epochs=30),
        {"model": layered((1,), (2,), activation="tanh", init="xavier")},
    ),
    (digits(tanh(50), rate=0.01, epochs=100), {"model": tanh(1)}),
)

DROPOUT = rows(
    (digits(dense(50, 50, dropout=0.2), epochs=25), {"model.dropout": 0.8}),
    (
        digits(dense(100, 100, 100, dropout=0.2), epochs=25, optimizer="momentum", rate=0.05),
        {"model.dropout": 0.75},
    ),
    (mnist(dense(64, 64, dropout=0.2), count=3000, epochs=20), {"model.dropout": 0.85}),
    (mnist(dense(100, 100, 100, dropout=0.1), count=4000, epochs=20), {"model.dropout": 0.7}),
    (
        digits(layered((8, 16), (50, 50), dropout=0.2), epochs=25),
        {"model": layered((8, 16), (50, 50), dropout=0.85)},
    ),
    (
        mnist(layered((8, 8), (32,), dropout=0.2), count=2000, epochs=20),
        {"model": layered((8, 8), (32,), dropout=0.9)},
    ),
    (
        training("breast-cancer", dense(64, 64, dropout=0.2), epochs=20, batch=32),
        {"model.dropout": 0.95},
    ),
    (
        digits(dense(64, 64, 64, dropout=0.2), optimizer="rmsprop", epochs=20),
        {"model.dropout": 0.75},
    ),
    (mnist({"name": "keras-dnn"}, count=3000, epochs=12), {"model.dropout": 0.95}),
    (
        digits(layered((16,), (64,), dropout=0.2), epochs=20),
        {"model": layered((16,), (64,), dropout=0.93)},
    ),
)

DECAY = rows(
    (digits(dense(50, 50, l2=1e-4), epochs=25), {"model.l2": 0.1}),
    (digits(dense(100, 100), epochs=25), {"model.l1": 0.03}),
    (
        mnist(dense(100, 50), count=3000, epochs=20, optimizer="adamw", weight_decay=0.01),
        {"optimizer.weight_decay": 50.0},
    ),
    (
        mnist(dense(64, 64, l2=1e-4), count=4000, epochs=20, optimizer="sgd", rate=0.1),
        {"model.l2": 0.08},
    ),
    (digits(layered((8, 16), (50,)), epochs=25), {"model": layered((8, 16), (50,), l2=0.1)}),
    (
        mnist(
            layered((8, 8), (32,)),
            count=2000,
            epochs=20,
            optimizer="momentum",
            rate=0.02,
            weight_decay=1e-3,
        ),
        {"optimizer.weight_decay": 2.0},
    ),
    (training("wine", dense(32, l2=1e-3), rate=3e-3, epochs=30, batch=16), {"model.l2": 0.5}),
    (mnist(tanh(64, 64), count=3000), {"model.l1": 0.01}),
    (
        digits(layered((8, 16), (50,)), epochs=20, optimizer="adamw", weight_decay=0.01),
        {"optimizer.weight_decay": 100.0},
    ),
    (training("breast-cancer", dense(32, 16), epochs=20, batch=32), {"model.l2": 0.6}),
)

PAIRS = {
    "overfitting": OVERFITTING,
    "underfitting": UNDERFITTING,
    "dropout-too-strong": DROPOUT,
    "weight-decay-too-strong": DECAY,
}
