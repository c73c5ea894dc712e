"""Faults of initial values. Each row: a sound training, and the same with the fault."""

from benchmarks.faults.setups import dense, digits, layered, mnist, rows, sigmoid, tanh, training

ZERO = rows(
    (digits(dense(50, 50, 50)), {"model.init": "zeros"}),
    (digits(tanh(100, 100), optimizer="momentum", rate=0.05), {"model.init": "constant:0.1"}),
    (
        mnist(dense(100, 50), count=3000, optimizer="sgd", rate=0.1, batch=100),
        {"model.init": "constant:0.05"},
    ),
    (mnist(sigmoid(64), count=4000, optimizer="rmsprop"), {"model.init": "zeros"}),
    (digits(layered((8, 16), (50,))), {"model": layered((8, 16), (50,), init="zeros")}),
    (
        mnist(layered((8, 8), (32,), activation="tanh", init="xavier"), count=2000),
        {"model": layered((8, 8), (32,), activation="tanh", init="constant:0.02")},
    ),
    (training("breast-cancer", dense(32, 16), epochs=15, batch=32), {"model.init": "zeros"}),
    (digits(sigmoid(50), rate=5e-3, epochs=15), {"model.init": "constant:0.1"}),
    (mnist({"name": "keras-dnn"}, count=3000, epochs=8), {"model.init": "zeros"}),
    (
        digits({"name": "simple-convnet", "filters": 10, "filter_size": 3, "units": 40}),
        {"model.init": "constant:0.05"},
    ),
)

TOO_LARGE = rows(
    (digits(sigmoid(100, 100), optimizer="momentum", rate=0.1, epochs=20), {"model.init": "std:3"}),
    (
        digits(tanh(60, 60, 60, init="glorot_uniform"), optimizer="momentum", rate=0.05),
        {"model.init": "std:2"},
    ),
    (mnist(tanh(100, 100, 100), count=3000), {"model.init": "std:1"}),
    (
        mnist(sigmoid(100, 100), count=4000),
        {"model.init": {"kind": "RandomUniform", "minval": -3.0, "maxval": 3.0}},
    ),
    (
        digits(layered((8, 16), (50,), activation="tanh", init="xavier")),
        {"model": layered((8, 16), (50,), activation="tanh", init="std:2")},
    ),
    (
        mnist(layered((8, 8), (64,), activation="tanh", init="xavier"), count=2000),
        {"model": layered((8, 8), (64,), activation="tanh", init="std:1.5")},
    ),
    (training("wine", tanh(32, 32), epochs=20, batch=16), {"model.init": "std:3"}),
    (
        digits(tanh(*[50] * 4), optimizer="rmsprop"),
        {"model.init": {"kind": "RandomNormal", "stddev": 1.0}},
    ),
    (mnist(sigmoid(64, 64), count=2500, epochs=20, rate=3e-3), {"model.init": "std:3"}),
    (
        digits(layered((6, 12), (30,), activation="tanh", init="xavier"), rate=3e-3),
        {"model": layered((6, 12), (30,), activation="tanh", init="std:1")},
    ),
)

TOO_SMALL = rows(
    (digits(dense(*[50] * 5), optimizer="momentum", rate=0.03), {"model.init": "std:0.01"}),
    (digits(tanh(*[100] * 4), optimizer="sgd", rate=0.1), {"model.init": "std:0.005"}),
    (mnist(dense(*[100] * 5), count=3000, optimizer="sgd", rate=0.1), {"model.init": "std:0.01"}),
    (
        mnist(tanh(*[100] * 4, init="glorot_uniform"), count=3000, optimizer="momentum", rate=0.02),
        {"model.init": "std:0.001"},
    ),
    (
        digits(layered((8, 16, 16), (50,)), optimizer="momentum", rate=0.03),
        {"model": layered((8, 16, 16), (50,), init="std:0.01")},
    ),
    (
        mnist(layered((8, 8, 16), (64,)), count=2000, optimizer="sgd", rate=0.1),
        {"model": layered((8, 8, 16), (64,), init="std:0.02")},
    ),
    (digits(dense(*[80] * 6), optimizer="sgd", rate=0.05), {"model.init": "std:0.02"}),
    (mnist(tanh(*[64] * 6), count=3000, optimizer="sgd", rate=0.05), {"model.init": "std:0.02"}),
    (
        digits(
            layered((8, 8, 8), (32,), activation="tanh", init="xavier"), optimizer="sgd", rate=0.1
        ),
        {"model": layered((8, 8, 8), (32,), activation="tanh", init="std:0.01")},
    ),
    (
        training("wine", dense(*[32] * 5), optimizer="sgd", rate=0.05, epochs=30, batch=16),
        {"model.init": "std:0.02"},
    ),
)

XAVIER = rows(
    (digits(dense(*[64] * 16), optimizer="sgd", rate=0.03), {"model.init": "xavier"}),
    (digits(dense(*[50] * 20), optimizer="momentum", rate=0.003), {"model.init": "glorot_uniform"}),
    (mnist(dense(*[100] * 20), count=3000, optimizer="sgd", rate=0.03), {"model.init": "xavier"}),
    (
        mnist(dense(*[80] * 14), count=4000, optimizer="momentum", rate=0.003),
        {"model.init": "glorot_normal"},
    ),
    (
        digits(layered([12] * 10, (50, 50)), optimizer="momentum", rate=0.01, epochs=20),
        {"model": layered([12] * 10, (50, 50), init="xavier")},
    ),
    (
        mnist(layered([8] * 8, (64, 64, 64, 64)), count=2000, optimizer="sgd", rate=0.03),
        {"model": layered([8] * 8, (64, 64, 64, 64), init="glorot_uniform")},
    ),
    (digits(dense(*[100] * 25), optimizer="sgd", rate=0.02), {"model.init": "xavier"}),
    (digits(dense(*[40] * 18), optimizer="momentum", rate=0.005), {"model.init": "glorot_normal"}),
    (
        mnist(dense(*[64] * 16), count=3000, optimizer="sgd", rate=0.05),
        {"model.init": "glorot_uniform"},
    ),
    (
        mnist(layered([8] * 6, [50] * 10), count=2000, optimizer="sgd", rate=0.03),
        {"model": layered([8] * 6, [50] * 10, init="xavier")},
    ),
)

PAIRS = {
    "zero-initialization": ZERO,
    "initialization-too-large": TOO_LARGE,
    "initialization-too-small": TOO_SMALL,
    "xavier-with-relu": XAVIER,
}
