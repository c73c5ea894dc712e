"""What is given stays as it was, and what comes back stays as it is when what was given changes."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import groundup as gu
from groundup.rng import Stream
from groundup.typing import Array
from trust.claim import Outcome, Tell
from trust.inputs.forms import frozen
from trust.inputs.scenes import Given, Scene, scenes
from trust.inputs.seen import held, written_over
from trust.inputs.verdict import bits

SLOW = ("Sequential.diagnose",)

HOLDS: dict[str, Callable[[Array], Array]] = {
    "plain": lambda a: a,
    "read-only": frozen,
    "F-order": np.asfortranarray,
    "every second row": lambda a: np.repeat(a, 2, axis=0)[::2],
}


def check(size: int, tell: Tell) -> Outcome:
    """Each scene with arrays held in each way, round after round, until `size` were tried."""
    outcome, number = Outcome(), 0
    acts = scenes()
    while outcome.tried < size:
        for scene in acts:
            if scene.name in SLOW and number % 8:
                continue
            for how, hold in HOLDS.items():
                stream = Stream(number, "trust").named(scene.name)
                fault = fault_of(scene, _held_so(scene.given(stream), hold))
                outcome.tried += 1
                outcome.expect(fault is None, f"round {number}, {scene.name}, {how}: {fault}")
        fault = _two_answers(number)
        outcome.tried += 1
        outcome.expect(fault is None, f"round {number}, predict: {fault}")
        tell(f"{outcome.tried:,} tried, {len(outcome.faults):,} faults")
        number += 1
    outcome.facts |= {"scenes": len(acts), "rounds": number}
    return outcome


def fault_of(scene: Scene, given: Given) -> str | None:
    """What was touched, or what changed afterwards; None if nothing did."""
    before, result, error = bits(held(given)), None, None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = scene.act(given)
        except (Exception, KeyboardInterrupt) as raised:
            error = raised
    if bits(held(given)) != before:
        return "what was given was written to."
    if scene.error is None and error is not None:
        return f"it ended with {type(error).__name__}: {error}"
    if scene.error is not None:
        same = isinstance(error, scene.error)
        return None if same else f"expected {scene.error.__name__}, found {error!r}"
    seen = bits(_looked_at(result))
    written_over(given)
    return None if bits(_looked_at(result)) == seen else "the result changed with what was given."


def _held_so(given: Any, hold: Callable[[Array], Array]) -> Any:
    if isinstance(given, np.ndarray):
        return hold(given)
    if isinstance(given, dict):
        return {key: _held_so(value, hold) for key, value in given.items()}
    return [_held_so(value, hold) for value in given] if isinstance(given, list) else given


def _looked_at(result: Any) -> Any:
    if isinstance(result, list | tuple) and result and callable(result[-1]):
        return [*result[:-1], result[-1]()]
    return result


def _two_answers(number: int) -> str | None:
    """One prediction is not the memory of the next, nor of the network."""
    draw = Stream(number, "trust").named("answers")
    x = draw.normal((40, 4), dtype=np.float32)
    model = gu.Sequential([gu.Dense(8, "relu"), gu.Dense(3)], seed=number)
    model.build((4,))
    first = model.predict(x[:20])
    kept, weights = first.copy(), model.get_weights()
    model.predict(x[20:])
    if bits(first) != bits(kept):
        return "the first answer changed with the second."
    first[...] = 7
    for array in weights:
        array[...] = 7
    return (
        None if bits(model.predict(x[:20])) == bits(kept) else "answers are the network's memory."
    )
