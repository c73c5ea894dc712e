"""What is known of one training: the evidence that rules read.

A case is plain values all through, so it can be kept in a file and judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from groundup import config as configuration
from groundup.config import Config
from groundup.doctor.facts import DataFacts
from groundup.nn.chain import Chain
from groundup.registry import build as build_value
from groundup.registry import describe
from groundup.train.probes.exam import Exam, exam_of


@dataclass(frozen=True)
class Case:
    """One training and its data.

    Args:
        config: what the run is, nothing left open.
        chain: the layers.
        facts: about the data, without the network.
        records: the run's log: "step", "epoch", "probe", "diverged", in their order.
    """

    config: Config
    chain: Chain
    facts: DataFacts
    records: tuple[Mapping[str, Any], ...]

    @cached_property
    def exams(self) -> tuple[Exam, ...]:
        """Every look at the layers; the first is of the untrained network."""
        return tuple(exam_of(record) for record in self.of_kind("probe"))

    @cached_property
    def diverged(self) -> str:
        """Where the loss stopped being finite, in words; "" if it never did."""
        found = self.of_kind("diverged")
        return str(found[-1]["where"]) if found else ""

    def of_kind(self, kind: str) -> tuple[Mapping[str, Any], ...]:
        """The records of one kind."""
        return tuple(record for record in self.records if record["kind"] == kind)

    def curve(self, name: str) -> tuple[float, ...]:
        """A value of every epoch that has it, such as "val_loss"."""
        return tuple(record[name] for record in self.of_kind("epoch") if name in record)

    @cached_property
    def batch_losses(self) -> tuple[float, ...]:
        """The loss of single batches, one from every `log_every` updates."""
        return tuple(record["batch_loss"] for record in self.of_kind("step"))

    def plain(self) -> dict[str, Any]:
        """Plain data; the inverse of `case_from`."""
        return {
            "config": configuration.to_mapping(self.config),
            "chain": describe(self.chain),
            "facts": asdict(self.facts),
            "records": list(self.records),
        }


def case_from(plain: Mapping[str, Any]) -> Case:
    """The case that was made `plain`."""
    records: Sequence[Mapping[str, Any]] = plain["records"]
    return Case(
        configuration.from_mapping(plain["config"]),
        build_value(plain["chain"]),
        DataFacts.from_plain(plain["facts"]),
        tuple(records),
    )
