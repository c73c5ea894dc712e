"""Every derivative by hand beside the numerical one, over configurations as drawn.

How both are compared, and what a kink is: `differences`. What float32 may differ by: `single`.
"""

import warnings
from collections.abc import Sequence

from trust.claim import Outcome, Tell
from trust.numbers.differences import TOLERANCE, Compared, Problem, compared
from trust.numbers.luck import Luck
from trust.numbers.problems import makers
from trust.numbers.single import Rounding, rounding_error

SEED = 0
FEW = 0.01  # of all; where more is left out, little is compared


def numerical(size: int, tell: Tell) -> Outcome:
    """Cases of all kinds in turn, each derivative in float64 and in float32."""
    outcome, made = Outcome(), makers()
    names = list(made)
    found: list[tuple[Compared, Rounding]] = []
    for case in range(max(size, len(names))):
        kind = names[case % len(names)]
        outcome.tried += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                problem = made[kind](Luck(SEED, "gradients", case))
                one, rounding = compared(problem), _rounding(problem)
        except Exception as error:
            outcome.faults.append(f"case {case}, {kind}: {type(error).__name__}: {error}")
            continue
        for wrong in one.wrong:
            outcome.faults.append(f"case {case}, {problem.words}: {wrong}")
        outcome.expect(
            rounding.share <= 1,
            f"case {case}, {problem.words}: {rounding.where} in float32 differs "
            f"{rounding.share:.3g} times as much from the reference as it may",
        )
        found.append((one, rounding))
        if case % 500 == 499:
            tell(f"{case + 1:,} of {size:,}")
    sum_up(outcome, found, len(names))
    return outcome


def _rounding(problem: Problem) -> Rounding:
    """Graphs are in float64 alone."""
    return Rounding(0.0) if problem.kind == "graph" else rounding_error(problem)


def sum_up(outcome: Outcome, found: Sequence[tuple[Compared, Rounding]], kinds: int) -> None:
    """The facts; and a fault where so much was left out that little was compared."""
    total = Compared()
    for one, _ in found:
        total.add(one)
    again = sum(rounding.again for _, rounding in found)
    outcome.expect(
        total.kinks < FEW * max(total.derivatives, 1),
        f"{total.kinks:,} of {total.derivatives:,} derivatives are at a kink: nothing to compare",
    )
    outcome.expect(
        again < FEW * max(len(found), 1),
        f"{again:,} of {len(found):,} configurations hold in float32 only somewhere else",
    )
    outcome.facts |= {
        "kinds of layers, losses, penalties, graphs and networks": kinds,
        "derivatives": total.derivatives,
        "tolerance": TOLERANCE,
        "largest relative error": float(f"{total.error:.3g}"),
        "of": total.where,
        "that needed the smaller step": total.finer,
        "at a kink": total.kinks,
        "networks by a compiled program, too": sum(r.compiled for _, r in found),
        "largest float32 error, as a share of what it may be": round(
            max((r.share for _, r in found), default=0.0), 3
        ),
        "configurations that held in float32 only close by": again,
    }
