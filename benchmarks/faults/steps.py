"""Faults of the steps that are taken. Each row: a sound training, and the fault."""

from functools import partial
from typing import Any

from benchmarks.faults import plants
from benchmarks.faults.setups import dense, digits, layered, mnist, rows, tanh, training

_RATE = "optimizer.learning_rate"

TOO_HIGH = rows(
    (digits(dense(50, 50), optimizer="sgd", rate=0.1), {_RATE: 3.0}),
    (digits(dense(100, 100, 100)), {_RATE: 0.1}),
    (mnist(dense(100, 50), count=3000, optimizer="momentum", rate=0.05), {_RATE: 0.6}),
    (mnist(dense(64, 64), count=4000, optimizer="rmsprop"), {_RATE: 0.05}),
    (digits(layered((8, 16), (50,))), {_RATE: 0.05}),
    (mnist(layered((8, 16), (32,)), count=2000, optimizer="momentum", rate=0.02), {_RATE: 0.5}),
    (training("diabetes", dense(32, 32), epochs=20, batch=32), {_RATE: 0.5}),
    (training("wine", dense(32, 32), optimizer="sgd", rate=0.1, epochs=20, batch=16), {_RATE: 3.0}),
    (digits(tanh(64, 64), optimizer="rmsprop"), {_RATE: 0.1}),
    (mnist(tanh(50), count=3000), {_RATE: 0.3}),
)

TOO_LOW = rows(
    (digits(dense(50, 50), optimizer="sgd", rate=0.1), {_RATE: 3e-4}),
    (digits(dense(100, 100, 100)), {_RATE: 3e-6}),
    (mnist(dense(100, 50), count=3000, optimizer="momentum", rate=0.05), {_RATE: 5e-5}),
    (mnist(tanh(64, 64), count=4000, optimizer="sgd", rate=0.1), {_RATE: 1e-3}),
    (digits(layered((8, 16), (50,))), {_RATE: 1e-5}),
    (mnist(layered((8, 16), (32,)), count=2000, optimizer="momentum", rate=0.02), {_RATE: 1e-4}),
    (training("diabetes", dense(32, 32), epochs=20, batch=32), {_RATE: 1e-5}),
    (training("wine", dense(32), optimizer="sgd", rate=0.1, epochs=20, batch=16), {_RATE: 3e-4}),
    (mnist({"name": "keras-dnn"}, count=3000, epochs=8), {_RATE: 2e-6}),
    (digits(tanh(60), rate=5e-3), {_RATE: 1e-5}),
)


def _adagrad(rate: float, h: float = 0.0) -> dict[str, Any]:
    table = {"name": "adagrad", "learning_rate": rate, "initial_accumulator_value": h}
    return {"optimizer": table}


ADAGRAD = rows(
    (digits(dense(50, 50), epochs=30), _adagrad(1e-3)),
    (digits(dense(100, 100, 100), optimizer="rmsprop", epochs=30), _adagrad(0.01, h=10.0)),
    (mnist(dense(100, 50), count=3000, epochs=25), _adagrad(5e-4)),
    (mnist(dense(64, 64), count=4000, optimizer="rmsprop", epochs=20, batch=100), _adagrad(5e-4)),
    (digits(layered((8, 16), (50,)), epochs=30), _adagrad(1e-3)),
    (mnist(layered((8, 8), (32,)), count=2000, epochs=20), _adagrad(1e-3)),
    (training("wine", dense(32), rate=3e-3, epochs=40, batch=16), _adagrad(5e-4)),
    (digits(tanh(64, 64), epochs=30), _adagrad(4e-4)),
    (mnist(tanh(64), count=2000, optimizer="rmsprop", epochs=20), _adagrad(3e-4)),
    (digits(layered((6, 12), (32,)), epochs=40), _adagrad(7e-4)),
)


def _falling(kind: str, rate: float, **options: float) -> dict[str, Any]:
    return {_RATE: {"kind": kind, "initial_learning_rate": rate, **options}}


_HASTY = {"kind": "ReduceLROnPlateau", "monitor": "loss", "patience": 1, "min_delta": 0.2}

PLATEAU = rows(
    (
        digits(dense(50, 50), optimizer="momentum", rate=0.02, epochs=25),
        _falling("ExponentialDecay", 0.02, decay_steps=10, decay_rate=0.6),
    ),
    (
        digits(dense(100, 100), optimizer="sgd", rate=0.05, epochs=25),
        _falling("StepDecay", 0.05, drop=0.01, every=100),
    ),
    (mnist(dense(100, 50), count=3000, epochs=20), _falling("CosineDecay", 1e-3, decay_steps=40)),
    (
        mnist(tanh(64, 64), count=4000, optimizer="sgd", rate=0.03, epochs=20),
        {"train.callbacks": [_HASTY | {"factor": 0.01}]},
    ),
    (
        digits(layered((8, 16), (50,)), epochs=20),
        _falling("StepDecay", 1e-3, drop=0.001, every=100),
    ),
    (
        mnist(layered((8, 8), (32,)), count=2000, optimizer="momentum", rate=0.01, epochs=15),
        _falling("ExponentialDecay", 0.01, decay_steps=10, decay_rate=0.5),
    ),
    (
        training("breast-cancer", dense(32), rate=3e-3, epochs=30, batch=32),
        _falling("ExponentialDecay", 3e-3, decay_steps=5, decay_rate=0.6),
    ),
    (
        digits(layered((8, 8), (50,)), optimizer="momentum", rate=0.02, epochs=20),
        _falling("CosineDecay", 0.02, decay_steps=45),
    ),
    (
        digits(tanh(64, 64), epochs=25),
        {"train.callbacks": [_HASTY | {"min_delta": 0.15, "factor": 0.001}]},
    ),
    (
        mnist(dense(100, 50), count=3000, optimizer="rmsprop", epochs=20),
        _falling("StepDecay", 1e-3, drop=0.01, every=30),
    ),
)

NOT_A_NUMBER = rows(
    (digits(dense(50, 50), optimizer="sgd", rate=0.1), {_RATE: 1e6}),
    (digits(dense(100, 100, 100), optimizer="momentum", rate=0.03), {_RATE: 1e8}),
    (mnist(dense(*[100] * 12), count=3000, optimizer="sgd", rate=0.01), {"model.init": "std:100"}),
    (
        mnist(dense(64, 64), count=4000, optimizer="sgd", rate=0.1),
        {"data.preprocess": []},
        partial(plants.move_inputs, scale=1e30),
    ),
    (
        digits(layered((8, 16), (50,))),
        {"data.preprocess": []},
        partial(plants.move_inputs, scale=2e37),
    ),
    (
        mnist(layered((8, 8, 8, 8), (64, 64)), count=2000, optimizer="momentum", rate=0.01),
        {"model": layered((8, 8, 8, 8), (64, 64), init="std:1000000")},
    ),
    (
        training("diabetes", dense(32, 32), optimizer="sgd", rate=0.05, epochs=20, batch=32),
        {_RATE: 20.0},
    ),
    (training("wine", dense(32, 32), optimizer="sgd", rate=0.1, epochs=20, batch=16), {_RATE: 5.0}),
    (mnist(dense(100, 50), count=3000, optimizer="sgd", rate=0.1), {_RATE: 300.0}),
    (
        training("diabetes", tanh(32), optimizer="momentum", rate=5e-3, epochs=20, batch=32),
        {_RATE: 1.5},
    ),
)

PAIRS = {
    "learning-rate-too-high": TOO_HIGH,
    "learning-rate-too-low": TOO_LOW,
    "adagrad-stalled": ADAGRAD,
    "plateau": PLATEAU,
    "not-a-number": NOT_A_NUMBER,
}
