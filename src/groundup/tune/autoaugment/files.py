"""The files of a finished search for a policy, each made from its data alone."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from groundup.report.page import write_page
from groundup.storage import finite, write_csv, write_json, write_text
from groundup.tune.autoaugment.found import NAMES, Found
from groundup.tune.autoaugment.page import found_page
from groundup.tune.autoaugment.plan import ARMS
from groundup.tune.autoaugment.small_set import SmallSet
from groundup.tune.autoaugment.words import headline, verdict

REPORT, RESULT, POLICY, BEST = "autoaugment.html", "result.json", "policy.toml", "best.toml"


def write_files(folder: Path, found: Found, data: SmallSet) -> None:
    """Write them all; StorageError if that fails."""
    write_csv(folder / "networks.csv", _networks(found))
    write_csv(folder / "controller.csv", _steps(found))
    found.policy.save(folder / POLICY)
    write_text(folder / BEST, found.to_toml())
    write_json(folder / RESULT, plain(found))
    write_page(folder / REPORT, found_page(found, data, folder))


def plain(found: Found) -> dict[str, Any]:
    """The search as plain data for JSON; what is not finite is null."""
    plan = found.plan
    told: dict[str, Any] = {
        "headline": headline(found),
        "measure": "test_accuracy",
        "data": plan.config.data.title,
        "samples": asdict(found.samples),
        "trials": plan.trials,
        "seeds": list(plan.judged_on),
        "networks": len(found.children),
        "arms": [
            {
                "name": NAMES[arm], "accuracies": list(found.accuracies(arm)),
                "mean": found.mean(arm).mean, "low": found.mean(arm).low,
                "high": found.mean(arm).high, "best_reward": max(found.rewards(arm)),
                "group": found.ranking.letters(NAMES[arm]),
            }
            for arm in ARMS
        ],
        "differences": [
            {"a": one.a, "b": one.b, **asdict(one.test), "p_holm": one.p}
            for one in found.ranking.comparisons
        ],
        "verdicts": {
            f"learned policy, {NAMES[arm]}": verdict(found, "controller", arm)
            for arm in ARMS
            if arm != "controller"
        },
        "policy": found.policy.table(),
    }  # fmt: skip
    return finite(told)


def _networks(found: Found) -> Iterator[Mapping[str, Any]]:
    """A row a network; without times, so that the file is the same however often it is made."""
    for one in found.children:
        yield {
            "stage": "verdict" if one.number is None else "search", "arm": NAMES[one.arm],
            "trial": one.number, "seed": one.seed, "accuracy": one.accuracy,
            "diverged": one.diverged,
            "decisions": " ".join("-".join(map(str, part)) for part in one.decisions),
        }  # fmt: skip


def _steps(found: Found) -> Iterator[Mapping[str, Any]]:
    """A row an update: how likely each operation is."""
    for one in found.steps:
        likely = dict(zip(found.plan.menu.names, one.operations, strict=True))
        yield {"trial": one.trial, "entropy": one.entropy, **likely}
