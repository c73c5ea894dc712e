"""Faults of what passes through the layers. Each row: a sound training, and the fault."""

from benchmarks.faults.setups import dense, digits, layered, mnist, rows, sigmoid, training

_DOWN = {"kind": "RandomNormal", "mean": -0.1, "stddev": 0.05}

VANISHING = rows(
    (digits(dense(*[50] * 6), optimizer="sgd", rate=0.1), {"model": sigmoid(*[50] * 6)}),
    (
        digits(dense(*[100] * 7), optimizer="momentum", rate=0.01),
        {"model": sigmoid(*[100] * 7, init="glorot_uniform")},
    ),
    (
        mnist(dense(*[100] * 6), count=3000, optimizer="sgd", rate=0.1),
        {"model": sigmoid(*[100] * 6)},
    ),
    (mnist(dense(*[64] * 9), count=4000), {"model": sigmoid(*[64] * 9)}),
    (
        digits(layered((8, 8, 16, 16), (50, 50)), optimizer="momentum", rate=0.02),
        {"model": layered((8, 8, 16, 16), (50, 50), activation="sigmoid", init="xavier")},
    ),
    (
        mnist(layered((8, 8, 16), (64, 64)), count=2000, optimizer="sgd", rate=0.1),
        {"model": layered((8, 8, 16), (64, 64), activation="sigmoid", init="glorot_uniform")},
    ),
    (
        training(
            "breast-cancer", dense(*[32] * 6), optimizer="sgd", rate=0.05, epochs=20, batch=32
        ),
        {"model": sigmoid(*[32] * 6)},
    ),
    (
        mnist(dense(*[50] * 8), count=3000, optimizer="rmsprop", rate=5e-4),
        {"model": sigmoid(*[50] * 8, init="glorot_uniform")},
    ),
    (
        digits(layered((8, 16), [32] * 4), optimizer="sgd", rate=0.1),
        {"model": layered((8, 16), [32] * 4, activation="sigmoid", init="xavier")},
    ),
    (digits(dense(*[80] * 5), optimizer="sgd", rate=0.05), {"model": sigmoid(*[80] * 5)}),
)

EXPLODING = rows(
    (digits(dense(*[50] * 8)), {"model.init": "std:0.4"}),
    (
        digits(dense(*[100] * 10), rate=1e-3),
        {"model.init": {"kind": "RandomUniform", "minval": -0.4, "maxval": 0.4}},
    ),
    (mnist(dense(*[100] * 6), count=3000, optimizer="rmsprop"), {"model.init": "std:0.3"}),
    (mnist(dense(*[64] * 9, activation="leaky_relu"), count=4000), {"model.init": "std:0.4"}),
    (
        digits(layered((8, 8, 8, 8), (50, 50)), optimizer="momentum", rate=0.02),
        {"model": layered((8, 8, 8, 8), (50, 50), init="std:0.5")},
    ),
    (
        mnist(layered((8, 8, 16, 16), (64,)), count=2000),
        {"model": layered((8, 8, 16, 16), (64,), init="std:0.6")},
    ),
    (digits(dense(*[64] * 7, activation="elu")), {"model.init": "std:0.5"}),
    (mnist(dense(*[128] * 5), count=3000), {"model.init": "std:0.3"}),
    (
        mnist(layered((8, 16, 16), (64, 64)), count=2000, epochs=8),
        {"model": layered((8, 16, 16), (64, 64), init="std:0.5")},
    ),
    (
        digits(dense(*[80] * 12), optimizer="rmsprop"),
        {"model.init": {"kind": "RandomUniform", "minval": -0.45, "maxval": 0.45}},
    ),
)

DEAD = rows(
    (digits(layered((), (64, 64))), {"model": layered((), (64, 64), bias="constant:-3")}),
    (digits(dense(100, 100)), {"model.init": _DOWN}),
    (
        mnist(layered((), (100, 50, 50)), count=3000, optimizer="sgd", rate=0.1),
        {"model": layered((), (100, 50, 50), bias="constant:-1.5")},
    ),
    (
        mnist(dense(64, 64, 64), count=4000, optimizer="sgd", rate=0.1),
        {"optimizer.learning_rate": 1.5},
    ),
    (digits(layered((8, 16), (50,))), {"model": layered((8, 16), (50,), bias="constant:-2")}),
    (
        mnist(layered((8, 8), (64,)), count=2000, optimizer="momentum", rate=0.02),
        {"model": layered((8, 8), (64,), init=_DOWN)},
    ),
    (digits(dense(50, 50, 50), optimizer="momentum", rate=0.03), {"optimizer.learning_rate": 0.8}),
    (
        digits(layered((8,), (64, 64)), optimizer="rmsprop"),
        {"model": layered((8,), (64, 64), bias="constant:-2.5")},
    ),
    (
        mnist(layered((), (128, 64)), count=3000, optimizer="rmsprop"),
        {"model": layered((), (128, 64), bias="constant:-2.5")},
    ),
    (
        digits(layered((8, 16), (50,)), optimizer="momentum", rate=0.02, epochs=15),
        {"model": layered((8, 16), (50,), init=_DOWN | {"mean": -0.2})},
    ),
)

PAIRS = {"vanishing-gradients": VANISHING, "exploding-gradients": EXPLODING, "dead-relus": DEAD}
