"""Claims checked over seeds: in how many runs each held, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from groundup.lab.reproduce.experiment import Claim, Result
from groundup.statistics.shares import wilson

Word: TypeAlias = Literal["holds", "mixed", "does not hold"]
ENOUGH: Final = 0.8


@dataclass(frozen=True)
class Verdict:
    """A claim that held in so many of so many runs, one a seed.

    >>> claim = Claim("It rains.", lambda result: result.values["rain"] > 0)
    >>> weather = [Result(values={"rain": mm}) for mm in (3, 1, 0, 8, 2)]
    >>> found = judge(claim, weather)
    >>> found.held, found.word, [round(end, 2) for end in found.interval]
    (4, 'holds', [0.38, 0.96])
    """

    claim: Claim
    held: int
    seeds: int

    @property
    def share(self) -> float:
        """In how many of the runs."""
        return self.held / self.seeds

    @property
    def interval(self) -> tuple[float, float]:
        """Of the share among all seeds, at 95 %."""
        return wilson(self.share, self.seeds)

    @property
    def word(self) -> Word:
        """It holds in at least 80 % of the runs; in at most 20 % it does not."""
        if self.share >= ENOUGH:
            return "holds"
        return "mixed" if self.share > 1 - ENOUGH + 1e-9 else "does not hold"

    @property
    def failed(self) -> bool:
        """It should hold, and does not."""
        return self.claim.expected and self.word != "holds"


def judge(claim: Claim, results: Sequence[Result]) -> Verdict:
    """The claim's verdict over the results of all seeds."""
    return Verdict(claim, sum(bool(claim.holds(result)) for result in results), len(results))
