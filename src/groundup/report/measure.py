"""What networks are judged by, and how its values are written."""

from dataclasses import dataclass
from typing import Literal

from groundup.report import numbers


@dataclass(frozen=True)
class Measure:
    """Test accuracy where there are classes and it is counted, else test loss.

    Args:
        name: of the metric.
        best: whether high or low values are good.
        samples: how many test samples judge.
    """

    name: Literal["accuracy", "loss"]
    best: Literal["high", "low"]
    samples: int

    @property
    def unit(self) -> Literal["%", ""]:
        """As figures have it."""
        return "%" if self.name == "accuracy" else ""

    def words(self, value: float) -> str:
        """A value, or a mean over seeds of it."""
        return numbers.percent(value, 10_000) if self.unit else numbers.number(value)

    def difference(self, value: float) -> str:
        """A difference of two values with its sign; of accuracies in percentage points

        >>> Measure("accuracy", "high", 360).difference(-0.0123)
        '−1.23'
        """
        if not self.unit:
            return ("+" if value > 0 else "") + numbers.number(value)
        rounded = round(100 * value, 2) + 0.0
        return f"{rounded:+.2f}".replace("-", "−") if rounded else "0.00"

    @property
    def of_differences(self) -> str:
        """What stands beside a number that `difference` wrote."""
        return "percentage points" if self.unit else "loss"
