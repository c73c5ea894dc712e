"""Optimizers: rules by hand, in place, dtype, decay, clipping, schedules, and what is refused."""

import math

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError, UnknownOption
from groundup.nn.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSprop,
    optimizers,
)
from groundup.nn.schedules import CosineDecay, StepDecay
from groundup.registry import build, describe

ALL = [
    SGD(0.01),
    SGD(0.01, momentum=0.9, velocity="gradient"),
    SGD(0.01, momentum=0.9, nesterov=True, velocity="gradient"),
    Momentum(0.01),
    Nesterov(0.01),
    Adagrad(0.1),
    Adagrad(0.1, initial_accumulator_value=0.1, epsilon_place="inside"),
    RMSprop(0.01),
    RMSprop(0.01, rho=0.99, momentum=0.5, centered=True),
    RMSprop(0.01, epsilon_place="inside", momentum=0.5, velocity="gradient"),
    Adam(0.1),
    Adam(0.1, amsgrad=True, epsilon_place="after"),
    AdamW(0.1),
]


def run(optimizer, theta, gradient, steps, decayed=None):
    """θ after `steps` updates by gradient(θ), and the last state."""
    theta = theta.copy()
    state = optimizer.init(theta, decayed)
    for _ in range(steps):
        theta, state = optimizer.update(theta, gradient(theta), state)
    return theta, state


def bowl(theta):
    """The gradient of the book's x²/20 + y²."""
    return theta * np.array([0.1, 2.0], theta.dtype)


def by_hand(name, theta, steps, rate):
    """The book's update rules, one number at a time."""
    theta = [float(x) for x in theta]
    v, h, m = [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]
    for t in range(1, steps + 1):
        for i, g in enumerate((theta[0] / 10, 2 * theta[1])):
            if name == "momentum":
                v[i] = 0.9 * v[i] - rate * g
                theta[i] += v[i]
            elif name == "nesterov":  # as the book has it, by the old velocity
                theta[i] += 0.9 * 0.9 * v[i] - (1 + 0.9) * rate * g
                v[i] = 0.9 * v[i] - rate * g
            elif name == "adagrad":
                h[i] += g * g
                theta[i] -= rate * g / (math.sqrt(h[i]) + 1e-7)
            elif name == "rmsprop":
                h[i] = 0.99 * h[i] + 0.01 * g * g
                theta[i] -= rate * g / (math.sqrt(h[i]) + 1e-7)
            elif name == "adam":
                m[i] += 0.1 * (g - m[i])
                h[i] += 0.001 * (g * g - h[i])
                rate_t = rate * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
                theta[i] -= rate_t * m[i] / (math.sqrt(h[i]) + 1e-7)
            else:
                theta[i] -= rate * g
    return theta


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        ("sgd", SGD(0.95)),
        ("momentum", Momentum(0.1)),
        ("momentum", SGD(0.1, momentum=0.9)),
        ("momentum", SGD(0.1, momentum=0.9, velocity="gradient")),
        ("nesterov", Nesterov(0.05)),
        ("nesterov", SGD(0.05, 0.9, True, velocity="gradient")),
        ("adagrad", Adagrad(1.5)),
        ("rmsprop", RMSprop(0.1, rho=0.99)),
        ("adam", Adam(0.3)),
    ],
    ids=lambda value: str(value),
)
def test_thirty_steps_of_the_book_on_its_bowl(name, optimizer):
    start = np.array([-7.0, 2.0])
    theta, state = run(optimizer, start, bowl, 30)
    expected = by_hand(name, start, 30, optimizer.learning_rate)
    np.testing.assert_allclose(theta, expected, rtol=1e-12)
    assert state["step"] == 30


def test_momentum_without_momentum_is_sgd():
    start = np.array([-7.0, 2.0])
    sgd, plain = run(Momentum(0.1, momentum=0.0), start, bowl, 10), run(SGD(0.1), start, bowl, 10)
    assert sgd[0].tobytes() == plain[0].tobytes()
    assert "velocity" not in sgd[1]


def test_adam_corrects_its_bias_and_bounds_its_step():
    for scale in (1e-3, 1.0, 1e4):
        theta, _ = run(Adam(0.1), np.zeros(1), lambda _, scale=scale: np.array([scale]), 3)
        np.testing.assert_allclose(theta, [-0.3], rtol=5e-3)


def test_adagrad_stalls_where_rmsprop_goes_on():
    def one(theta):
        return np.ones_like(theta)

    ada, ada_more = (run(Adagrad(0.1), np.zeros(1), one, n)[0] for n in (400, 401))
    rms, rms_more = (run(RMSprop(0.1), np.zeros(1), one, n)[0] for n in (400, 401))
    assert abs(ada_more - ada) == pytest.approx(0.1 / math.sqrt(401), rel=1e-5)
    assert abs(rms_more - rms) == pytest.approx(0.1, rel=1e-5)


def test_amsgrad_never_forgets_a_large_gradient():
    gradients = [100.0] + [0.01] * 50

    def last_step(optimizer):
        theta = np.zeros(1)
        state = optimizer.init(theta)
        for g in gradients:
            before = theta.copy()
            theta, state = optimizer.update(theta, np.array([g]), state)
        return float(abs(theta - before)[0])

    assert last_step(Adam(0.1, beta_2=0.5, amsgrad=True)) < last_step(Adam(0.1, beta_2=0.5)) / 100


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Adam(0.1, epsilon=0.5), Adam(0.1, epsilon=0.5, epsilon_place="after")),
        (RMSprop(0.1, epsilon=0.5), RMSprop(0.1, epsilon=0.5, epsilon_place="inside")),
        (Adagrad(0.1, epsilon=0.5), Adagrad(0.1, epsilon=0.5, epsilon_place="inside")),
    ],
    ids=str,
)
def test_epsilon_places_differ_by_the_formula(before, after):
    one = np.ones(1)
    steps = [-run(o, np.zeros(1), lambda _: one, 1)[0][0] for o in (before, after)]
    h = 1.0 if isinstance(before, Adagrad) else 0.1
    expected = {
        "after": (0.1 * math.sqrt(0.001) / (math.sqrt(0.001) + 0.5), 0.1 / (1 + 0.5)),
        "inside": (0.1 / (math.sqrt(h) + 0.5), 0.1 / math.sqrt(h + 0.5)),
    }[after.epsilon_place]
    np.testing.assert_allclose(steps, expected, rtol=1e-12)


@pytest.mark.parametrize("place", ["outside", "inside"])
def test_a_centered_root_is_never_of_a_negative_number(place):
    rmsprop = RMSprop(1e-6, centered=True, epsilon_place=place)
    g = np.random.default_rng(0).normal(size=500).astype(np.float32)
    theta, _ = run(rmsprop, np.zeros(500, np.float32), lambda _: g, 300)
    assert np.isfinite(theta).all()


def test_what_a_rule_fixes_is_no_option():
    for cls in (Momentum, Nesterov):
        with pytest.raises(UnknownOption, match="takes no option 'nesterov'"):
            cls(0.1, nesterov=False)


@pytest.mark.parametrize("cls", [SGD, RMSprop])
def test_a_new_rate_acts_on_a_velocity_of_gradients_only(cls):
    rest = {} if cls is SGD else {"rho": 0.0, "epsilon": 1e-12}  # so that its direction is 1

    def after_change(unit):
        optimizer = cls(1.0, momentum=0.5, velocity=unit, **rest)
        theta, state = run(optimizer, np.zeros(1), np.ones_like, 1)
        state = optimizer.with_learning_rate(state, 0.1)
        theta, state = optimizer.update(theta, np.ones(1), state)
        return theta[0]

    assert after_change("step") == pytest.approx(-1 - (0.5 + 0.1))
    assert after_change("gradient") == pytest.approx(-1 - 0.1 * (0.5 + 1))


@pytest.mark.parametrize("unit", ["step", "gradient"])
@pytest.mark.parametrize("centered", [False, True])
def test_rmsprop_with_momentum_by_hand(unit, centered):
    optimizer = RMSprop(0.1, 0.9, momentum=0.5, centered=centered, velocity=unit)
    theta, _ = run(optimizer, np.array([-7.0]), lambda x: x / 10, 30)
    x, v, h, mean = -7.0, 0.0, 0.0, 0.0
    for _ in range(30):
        g = x / 10
        h, mean = 0.9 * h + 0.1 * g * g, 0.9 * mean + 0.1 * g
        v = 0.5 * v + g / (math.sqrt(h - mean * mean * centered) + optimizer.epsilon)
        x -= 0.1 * v
    assert theta[0] == pytest.approx(x, rel=1e-12)


@pytest.mark.parametrize("optimizer", ALL, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_in_place_dtype_and_state(optimizer, dtype):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=7).astype(dtype)
    view, start = theta[2:4], theta.copy()
    state = optimizer.init(theta, decayed=3)
    for step in range(3):
        grads = rng.normal(size=7).astype(dtype)
        grads.flags.writeable = False
        returned, state = optimizer.update(theta, grads, state)
        assert returned is theta
        assert state["step"] == step + 1
    assert (theta != start).all()
    assert view.tolist() == theta[2:4].tolist()
    assert type(state["learning_rate"]) is float
    assert (type(state["step"]), state["decayed"]) == (int, 3)
    arrays = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
    assert set(state) - set(arrays) == {"step", "learning_rate", "decayed"}
    assert all(value.dtype == dtype and value.shape == (7,) for value in arrays.values())
    assert set(optimizer.init(theta)) == set(state)


@pytest.mark.parametrize("optimizer", ALL, ids=str)
def test_float32_follows_float64(optimizer):
    start = np.array([-7.0, 2.0])
    exact, _ = run(optimizer, start, bowl, 20)
    rough, _ = run(optimizer, start.astype(np.float32), bowl, 20)
    np.testing.assert_allclose(rough, exact, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("optimizer", [o for o in ALL if not o.weight_decay], ids=str)
def test_no_gradient_no_step(optimizer):
    theta, _ = run(optimizer, np.ones(4, np.float32), np.zeros_like, 3)
    assert theta.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("optimizer", ALL, ids=str)
def test_it_is_a_value(optimizer):
    again = build(describe(optimizer))
    assert again == optimizer
    assert type(again) is type(optimizer)


def test_weight_decay_is_decoupled_and_spares_the_rest():
    for optimizer in (SGD(0.1, weight_decay=0.5), AdamW(0.1, 0.5), Momentum(0.1, weight_decay=0.5)):
        theta, _ = run(optimizer, np.ones(4), np.zeros_like, 2, decayed=3)
        np.testing.assert_allclose(theta, [0.95**2] * 3 + [1.0], rtol=1e-14)
        all_of_it, _ = run(optimizer, np.ones(4), np.zeros_like, 2)
        np.testing.assert_allclose(all_of_it, [0.95**2] * 4, rtol=1e-14)
        none, _ = run(optimizer, np.ones(4), np.zeros_like, 2, decayed=0)
        assert none.tolist() == [1, 1, 1, 1]
    theta, _ = run(SGD(0.1, weight_decay=0.5), np.ones(1), np.ones_like, 1)
    np.testing.assert_allclose(theta, [1 - 0.05 - 0.1], rtol=1e-14)
    assert AdamW().weight_decay == 0.004


def test_clipping():
    g = np.array([3.0, -4.0, 0.0])
    for dtype in (np.float32, np.float64):
        grads = g.astype(dtype)

        def step(optimizer, dtype=dtype, grads=grads):
            theta, _ = run(optimizer, np.zeros(3, dtype), lambda _: grads, 1)
            assert theta.dtype == dtype
            return -theta

        np.testing.assert_allclose(step(SGD(1.0, clipvalue=3.5)), [3, -3.5, 0], rtol=1e-6)
        np.testing.assert_allclose(step(SGD(1.0, global_clipnorm=1.0)), g / 5, rtol=1e-6)
        assert step(SGD(1.0, global_clipnorm=5.5)).tolist() == g.tolist()
        assert grads.tolist() == g.tolist()
    huge = np.full(4, 1e30, np.float32)
    theta, _ = run(SGD(1.0, global_clipnorm=2.0), np.zeros(4, np.float32), lambda _: huge, 1)
    np.testing.assert_allclose(theta, [-1] * 4, rtol=1e-6)
    theta, _ = run(SGD(1.0, global_clipnorm=10.0), np.zeros(4, np.float32), np.zeros_like, 1)
    assert theta.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(("size", "limit"), [(3e38, 1.0), (3e38, 1e-30), (1e30, 1e-20)])
def test_clipping_where_a_norm_or_its_inverse_leaves_float32(size, limit):
    g = np.full(4, size, np.float32)
    theta, _ = run(SGD(1.0, global_clipnorm=limit), np.zeros(4, np.float32), lambda _: g, 1)
    np.testing.assert_allclose(theta, [-limit / 2] * 4, rtol=1e-6)


@pytest.mark.parametrize("make", [Adam, Adagrad, RMSprop])
def test_an_epsilon_that_is_0_in_float32_is_refused(make):
    """It would divide 0 by 0 wherever a gradient is 0."""
    optimizer = make(epsilon=1e-60)
    assert optimizer.init(np.ones(1))["step"] == 0
    with pytest.raises(InputError, match=r"epsilon=1e-60\): in float32 that is 0"):
        optimizer.init(np.ones(1, np.float32))


def test_schedules_are_asked_once_an_update():
    schedule = StepDecay(1.0, drop=0.5, every=2)
    sgd, theta = SGD(schedule), np.zeros(1)
    state = sgd.init(theta)
    seen = []
    for _ in range(5):
        seen.append(state["learning_rate"])
        theta, state = sgd.update(theta, np.ones(1), state)
    assert seen == [1.0, 1.0, 0.5, 0.5, 0.25]
    assert theta[0] == -sum(seen)
    with pytest.raises(InputError, match="follows StepDecay"):
        sgd.with_learning_rate(state, 0.1)
    made = SGD({"kind": "StepDecay", "initial_learning_rate": 1.0, "drop": 0.5, "every": 2})
    assert made == sgd == build(describe(sgd))


def test_the_rate_can_be_set_from_outside():
    sgd, theta = SGD(0.5), np.zeros(1)
    state = sgd.init(theta)
    theta, state = sgd.update(theta, np.ones(1), state)
    state = sgd.with_learning_rate(state, np.float64(0.25))
    theta, state = sgd.update(theta, np.ones(1), state)
    state["learning_rate"] = 0.125
    theta, state = sgd.update(theta, np.ones(1), state)
    assert theta[0] == -0.875
    assert type(state["learning_rate"]) is float
    for bad in (0, -0.1, math.nan, math.inf, "0.1", None):
        with pytest.raises(InputError, match="learning_rate"):
            sgd.with_learning_rate(state, bad)


@pytest.mark.parametrize(
    "cls", [SGD, Momentum, Nesterov, Adagrad, RMSprop, Adam, AdamW], ids=lambda cls: cls.__name__
)
@pytest.mark.parametrize(
    "options",
    [{"learning_rate": bad} for bad in (0, 0.0, -0.1, math.nan, math.inf, True, "0.1", None)]
    + [{"learning_rate": np.array([0.1, 0.1])}, {"learning_rate": np.array(0.1)}]
    + [{"weight_decay": bad} for bad in (-1, math.nan, None)]
    + [{"clipvalue": bad} for bad in (0, -1.0, math.nan)]
    + [{"global_clipnorm": bad} for bad in (0, -1.0, "1")],
    ids=str,
)
def test_common_options_out_of_range(cls, options):
    (option,) = options
    with pytest.raises(InputError, match=rf"{cls.__name__}\({option}=.*expected"):
        cls(**options)


@pytest.mark.parametrize(
    ("cls", "options"),
    [
        *[(SGD, {"momentum": bad}) for bad in (-0.1, 1, 1.5, math.nan)],
        *[(Momentum, {"momentum": bad}) for bad in (-0.1, 1.0)],
        (SGD, {"velocity": "speed"}),
        *[(RMSprop, {"rho": bad}) for bad in (-0.1, 1.0)],
        (RMSprop, {"momentum": 1.0}),
        (RMSprop, {"epsilon_place": "before"}),
        *[(Adam, {name: bad}) for name in ("beta_1", "beta_2") for bad in (1.0, -0.1, "x")],
        *[(cls, {"epsilon": bad}) for cls in (Adam, RMSprop, Adagrad) for bad in (-1e-8, 0, 1j)],
        (Adam, {"epsilon_place": "inside"}),
        (Adagrad, {"initial_accumulator_value": -0.1}),
        (AdamW, {"weight_decay": -0.1}),
    ],
    ids=str,
)
def test_own_options_out_of_range(cls, options):
    (option,) = options
    with pytest.raises(InputError, match=rf"{cls.__name__}\({option}=.*expected"):
        cls(**options)


def test_other_refusals():
    with pytest.raises(InputError, match="at most one of them"):
        SGD(clipvalue=1.0, global_clipnorm=1.0)
    with pytest.raises(UnknownOption, match="Did you mean 'momentum'"):
        SGD(momentm=0.9)
    with pytest.raises(UnknownOption):
        Momentum(nesterov=True)
    sgd = SGD()
    for bad in (np.zeros((2, 2)), np.zeros(3, int), [1.0, 2.0], None):
        with pytest.raises(ShapeError, match="flat array"):
            sgd.init(bad)
    for bad in (-1, 4, 1.5):
        with pytest.raises(InputError, match="decayed"):
            sgd.init(np.zeros(3), bad)
    with pytest.raises(ShapeError, match=r"\(3,\), got \(2,\)"):
        sgd.update(np.zeros(3), np.zeros(2), sgd.init(np.zeros(3)))


def test_numbers_of_numpy_do_not_widen_arrays():
    ten = np.float64(0.1)
    assert type(SGD(ten).learning_rate) is float
    adam, theta = Adam(ten, ten, ten, ten), np.ones(3, np.float32)
    assert {type(getattr(adam, o)) for o in ("beta_1", "beta_2", "epsilon")} == {float}
    same, _ = Adam(0.1, 0.1, 0.1, 0.1).update(theta.copy(), theta, adam.init(theta))
    assert adam.update(theta.copy(), theta, adam.init(theta))[0].tobytes() == same.tobytes()


def test_names_and_keras_s_order_of_arguments():
    for name, cls in {"sgd": SGD, "rmsprop": RMSprop, "adamw": AdamW, "adagrad": Adagrad}.items():
        assert type(optimizers.resolve(name)) is cls
    assert optimizers.resolve({"name": "adam", "lr": 0.1}) == Adam(learning_rate=0.1)
    assert set(optimizers.names()) == {
        "sgd",
        "momentum",
        "nesterov",
        "adagrad",
        "rmsprop",
        "adam",
        "adamw",
    }
    assert SGD(0.1, 0.9, True) == SGD(learning_rate=0.1, momentum=0.9, nesterov=True)
    assert Adam(0.1, 0.8, 0.9, 1e-3) == Adam(0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    assert AdamW(0.1, 0.2, 0.8) == AdamW(0.1, weight_decay=0.2, beta_1=0.8)
    assert RMSprop(0.1, 0.8, 0.5, 1e-3, True) == RMSprop(
        0.1, rho=0.8, momentum=0.5, epsilon=1e-3, centered=True
    )
    assert Adam(CosineDecay(0.1, 10)).init(np.zeros(1))["learning_rate"] == 0.1
