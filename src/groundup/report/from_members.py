"""What the directories of an ensemble's members say, for the report of the whole."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from groundup.report.run_summary import MemberRow
from groundup.train.run_directory import RunDirectory


def member_rows(end: Mapping[str, Any]) -> Iterator[MemberRow]:
    """The members by the end record of their ensemble; none of a single network."""
    for k, scores in enumerate(end.get("members", ())):
        yield MemberRow(f"member {k + 1}", end["seed"] + k, scores)


def epochs_of(run: RunDirectory, end: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Epoch records; of an ensemble the means over the members that came so far."""
    count = len(end.get("members", ()))
    if not count:
        return run.records("epoch")
    logs = [RunDirectory(run.member(k)).records("epoch") for k in range(1, count + 1)]
    most = max(map(len, logs))
    return [_mean([log[epoch] for log in logs if epoch < len(log)]) for epoch in range(most)]


def _mean(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = dict(records[0])
    for name, value in records[0].items():
        values = [one for record in records if isinstance(one := record.get(name), int | float)]
        if isinstance(value, float) and len(values) == len(records):
            first[name] = fmean(values)
    return first
