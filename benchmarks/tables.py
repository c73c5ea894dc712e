"""What came of it: medians, quartiles, ratios, shares of the peak; as text, Markdown and bars."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS
from benchmarks.workloads import UNITS
from groundup.report import bars, standalone
from groundup.storage import read_text, write_text

OURS = "ours"
HEAD = ("contestant", "median", "quartiles", "times ours", "of GEMM peak", "peak memory")
SUMMARY_HEAD = (
    "workload",
    "groundup",
    "best peer",
    "times ours",
    "scan, times ours",
    "least memory, times ours",
)


@dataclass(frozen=True)
class Row:
    """One contestant's measurements of one workload.

    Args:
        median, low, high: the median and the quartiles, in seconds.
        ratio: the median over that of groundup: above 1 it is slower; None without groundup.
        share: of the machine's GEMM peak, from 0 to 1.
        memory: the most its process held, in bytes.
    """

    name: str
    median: float
    low: float
    high: float
    ratio: float | None
    share: float
    memory: int


def rows(result: dict[str, Any]) -> list[Row]:
    """Everybody who was timed, the fastest first."""
    timed = {n: e for n, e in result["contestants"].items() if e["status"] == "timed"}
    medians = {name: statistics.median(entry["samples"]) for name, entry in timed.items()}
    ours = medians.get(OURS)
    made = []
    for name in sorted(medians, key=medians.__getitem__):
        low, high = quartiles(timed[name]["samples"])
        share = result["flops"] / medians[name] / (1e9 * result["peak"]["gflops"])
        ratio = None if ours is None else medians[name] / ours
        made.append(Row(name, medians[name], low, high, ratio, share, timed[name]["memory"]))
    return made


def quartiles(samples: Sequence[float]) -> tuple[float, float]:
    """The first and the third; a single sample is both."""
    if len(samples) == 1:
        return samples[0], samples[0]
    first, _, third = statistics.quantiles(samples, n=4, method="inclusive")
    return first, third


def absent(result: dict[str, Any]) -> list[str]:
    """Everybody who was not timed, and why."""
    return [
        f"{CONTESTANTS[name].label}: {entry['status']}, {entry['why']}"
        for name, entry in result["contestants"].items()
        if entry["status"] != "timed"
    ]


def _cells(result: dict[str, Any]) -> list[tuple[str, ...]]:
    scale = UNITS[result["workload"]["measure"]][1]
    return [
        (
            CONTESTANTS[row.name].label,
            _digits(scale * row.median),
            f"{_digits(scale * row.low)} – {_digits(scale * row.high)}",
            "" if row.ratio is None else f"{row.ratio:.2f}×",
            f"{100 * row.share:.1f} %",
            f"{row.memory / 2**20:.0f} MiB",
        )
        for row in rows(result)
    ]


def _digits(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def _head(result: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"median, {UNITS[result['workload']['measure']][0]}" if name == "median" else name
        for name in HEAD
    )


def as_text(result: dict[str, Any]) -> str:
    """The table of one workload for a terminal."""
    notes = [f"  not timed: {words}" for words in absent(result)]
    lines = aligned([_head(result), *_cells(result)])
    return "\n".join([result["workload"]["title"], *lines, *notes])


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Lines with columns one below the other, the first to the left and the rest to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    ]


def as_markdown(result: dict[str, Any]) -> str:
    """The same for a page."""
    notes = "".join(f"- not timed: {words}\n" for words in absent(result))
    return (
        f"### {result['workload']['title']} (`{result['workload']['name']}`)\n\n"
        f"{pipes([_head(result), *_cells(result)])}\n{notes}"
    )


def pipes(table: Sequence[Sequence[str]]) -> str:
    """A table of Markdown, the first column to the left and the rest to the right."""
    head, *body = ["| " + " | ".join(line) + " |" for line in table]
    rule = "|---|" + "---:|" * (len(table[0]) - 1)
    return "\n".join([head, rule, *body]) + "\n"


def summary(results: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """For each workload ours, and how many times as long, and as large, the best peers are."""
    table = [
        (
            "workload",
            "groundup",
            "best peer",
            "times ours",
            "scan, times ours",
            "memory, times ours",
        )
    ]
    for result in results:
        timed = {row.name: row for row in rows(result)}
        ours = timed.pop(OURS, None)
        stepwise = [row for row in timed.values() if not CONTESTANTS[row.name].whole_epochs]
        if ours is None or not stepwise:
            continue
        unit, scale = UNITS[result["workload"]["measure"]]
        best = min(stepwise, key=lambda row: row.median)
        scans = [row.ratio for row in timed.values() if CONTESTANTS[row.name].whole_epochs]
        table.append(
            (
                result["workload"]["title"],
                f"{_digits(scale * ours.median)} {unit}",
                f"{CONTESTANTS[best.name].label}, {_digits(scale * best.median)}",
                f"{best.ratio:.2f}×",
                f"{min(scans):.2f}×" if scans else "",
                f"{min(row.memory for row in timed.values()) / ours.memory:.2f}×",
            )
        )
    return table


def as_bars(result: dict[str, Any]) -> str:
    """The medians with their quartiles, as the content of an SVG file."""
    unit, scale = UNITS[result["workload"]["measure"]]
    timed = rows(result)
    return standalone(
        bars(
            [CONTESTANTS[row.name].label for row in timed],
            [scale * row.median for row in timed],
            title=result["workload"]["title"],
            subtitle=f"{unit}, median and quartiles; less is better",
            intervals=[(scale * row.low, scale * row.high) for row in timed],
            width=640,
        )
    )


def save(result: dict[str, Any], folder: Path) -> None:
    """NAME.json and NAME.svg, and results.md made of every JSON file in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = result["workload"]["name"]
    table = [asdict(row) for row in rows(result)]
    write_text(folder / f"{name}.json", json.dumps({**result, "table": table}, indent=1) + "\n")
    write_text(folder / f"{name}.svg", as_bars(result))
    write_text(folder / "results.md", page(_every(folder)))


def _every(folder: Path) -> list[dict[str, Any]]:
    texts = (read_text(path) for path in sorted(folder.glob("*.json")))
    return sorted(map(json.loads, texts), key=lambda result: result["place"])


def page(results: Sequence[dict[str, Any]]) -> str:
    """All workloads on one page of Markdown."""
    machine, peak = results[-1]["machine"], results[-1]["peak"]
    everybody = [entry for result in results for entry in result["contestants"].values()]
    versions = {entry["versions"] for entry in everybody if "versions" in entry}
    quick = "**With few images, to see that it works: no measurement.**\n\n" * any(
        result["quick"] for result in results
    )
    return (
        f"# Speed\n\n{quick}{machine['cpu']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}. GEMM peak: {peak['gflops']:.0f} GFLOP/s ({peak['by']}). "
        f"Images: {results[-1]['images_from']}. {'; '.join(sorted(versions))}.\n\n"
        f"{pipes(summary(results))}\n" + "\n".join(map(as_markdown, results))
    )
