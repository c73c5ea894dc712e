"""The files of a finished comparison, each made from its data alone."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from groundup.lab.comparison import Comparison
from groundup.lab.page import comparison_page
from groundup.lab.standing import Standing
from groundup.lab.words import headline
from groundup.report.page import write_page
from groundup.storage import finite, write_csv, write_json

REPORT, RESULT = "report.html", "result.json"


def write_files(folder: Path, comparison: Comparison) -> None:
    """Write them all; StorageError if that fails."""
    tables = {"results": _results, "comparison": _pairs, "curves": _curves, "times": _times}
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows(comparison))
    write_json(folder / RESULT, plain(comparison))
    write_page(folder / REPORT, comparison_page(comparison, folder))


def plain(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data for JSON; what is not finite is null."""
    measure = comparison.survey.measure
    found = {
        "headline": headline(comparison),
        "measure": f"test_{measure.name}",
        "best_is": measure.best,
        "data": comparison.plan.config.data.title,
        "seeds": list(comparison.plan.compared),
        "runs": len(comparison.runs),
        "methods": [
            {
                "name": one.name, **one.method.choices, "parameters": one.parameters,
                "memory": one.memory, "default_rate": one.rate, "chance": dict(one.chance),
            }
            for one in comparison.survey.entrants
        ],
        "tuning": {
            name: {"rate": one.rate, "scores": {f"{k:g}": v for k, v in one.scores.items()}}
            for name, one in comparison.tuned.items()
        },
        "standings": [_standing(one) for one in comparison.standings],
    }  # fmt: skip
    return finite(found)


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "rates": standing.rates,
        "methods": [asdict(one) for one in standing.scores],
        "groups": [list(group) for group in standing.groups],
        "differences": [
            {
                "a": one.a, "b": one.b, **asdict(one.test), "p_holm": one.p, "apart": one.apart,
                "seeds_needed": one.seeds_needed,
            }
            for one in standing.differences
        ],
    }  # fmt: skip


def _results(comparison: Comparison) -> Iterator[Mapping[str, Any]]:
    """A row a run; of one that diverged the scores that it counts as."""
    entrants = {one.name: one for one in comparison.survey.entrants}
    names = list(dict.fromkeys(name for run in comparison.runs for name in run.scores))
    for run in comparison.runs:
        entrant = entrants[run.method]
        part = "val_" if run.purpose == "tuning" else "test_"
        known = run.scores or {k: v for k, v in entrant.chance.items() if k.startswith(part)}
        yield {
            "method": run.method, **entrant.method.choices, "learning_rate": run.rate,
            "seed": run.seed, "purpose": run.purpose, "epochs": run.epochs,
            "diverged": run.diverged, **{name: known.get(name) for name in names},
        }  # fmt: skip


def _pairs(comparison: Comparison) -> Iterator[Mapping[str, Any]]:
    """A row a pair of methods, the better one first."""
    for standing in comparison.standings:
        means = {one.name: one.mean for one in standing.scores}
        for one in standing.differences:
            test = one.test
            yield {
                "rates": standing.rates, "a": one.a, "b": one.b, "seeds": test.n,
                "mean_a": means[one.a], "mean_b": means[one.b], "difference": test.mean,
                "low": test.low, "high": test.high, "t": test.t, "p": test.p, "p_holm": one.p,
                "effect": test.effect, "apart": one.apart, "seeds_needed": one.seeds_needed,
            }  # fmt: skip


def _curves(comparison: Comparison) -> Iterator[Mapping[str, Any]]:
    for standing in comparison.standings:
        for method, bands in standing.curves.items():
            for name, band in bands.items():
                points = zip(band.mean, band.low, band.high, strict=True)
                for epoch, (mean, low, high) in enumerate(points, start=1):
                    yield {
                        "rates": standing.rates, "method": method, "curve": name, "epoch": epoch,
                        "mean": float(mean), "low": float(low), "high": float(high),
                    }  # fmt: skip


def _times(comparison: Comparison) -> Iterator[Mapping[str, Any]]:
    for run in comparison.runs:
        yield {
            "method": run.method, "learning_rate": run.rate, "seed": run.seed,
            "purpose": run.purpose, "seconds": run.seconds, "update_seconds": run.update_seconds,
        }  # fmt: skip
