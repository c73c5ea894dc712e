"""The folder of an experiment: figures, the data that they show, claims, and a page.

NAME.svg  NAME.png  each figure
NAME.csv            each table, with all digits; of several seeds with a column "seed"
result.json         the claims with their verdicts, and the single numbers of every seed
page.html
"""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from groundup.lab.reproduce.conduct import Reproduction
from groundup.lab.reproduce.experiment import Result
from groundup.lab.reproduce.pages import experiment_page
from groundup.lab.reproduce.verdict import Verdict
from groundup.report.page import write_page
from groundup.report.raster import as_png
from groundup.report.svg import standalone
from groundup.storage import make_directory, write_bytes, write_text, writing

PAGE: Final = "page.html"
RESULT: Final = "result.json"


def write_reproduction(folder: Path, done: Reproduction, note: str = "") -> None:
    """Write all files of an experiment into FOLDER/KEY; StorageError if that fails

    Args:
        folder: of all experiments; it is made if there is none.
        done: what came of it.
        note: what else the page should say.
    """
    own = make_directory(folder / done.experiment.key)
    for figure in done.figures:
        write_text(own / f"{figure.name}.svg", standalone(figure.svg))
        write_bytes(own / f"{figure.name}.png", as_png(figure.svg))
    for name in done.results[0].tables:
        _write_csv(own / f"{name.replace(' ', '-')}.csv", done.results, name)
    write_text(own / RESULT, json.dumps(plain(done), indent=2, allow_nan=False) + "\n")
    write_page(own / PAGE, experiment_page(done, note))


def plain(done: Reproduction) -> dict[str, Any]:
    """The result as plain data for JSON; what is not finite is null."""
    return {
        "key": done.experiment.key,
        "title": done.experiment.title,
        "source": done.experiment.source,
        "quick": done.quick,
        "handwriting": done.handwriting,
        "seeds": len(done.results),
        "seconds": round(done.seconds, 3),
        "claims": [_claim(verdict) for verdict in done.verdicts],
        "values": [
            {name: float(value) if math.isfinite(value) else None
             for name, value in result.values.items()}
            for result in done.results
        ],
    }  # fmt: skip


def _claim(verdict: Verdict) -> dict[str, Any]:
    claim = verdict.claim
    return {
        "claim": claim.words, "says": claim.says, "expected": claim.expected, "why": claim.why,
        "held": verdict.held, "seeds": verdict.seeds, "interval": list(verdict.interval),
        "verdict": verdict.word,
    }  # fmt: skip


def _write_csv(path: Path, results: Sequence[Result], name: str) -> None:
    with writing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        several = len(results) > 1
        table.writerow([*(["seed"] if several else []), *results[0].tables[name]])
        for seed, result in enumerate(results):
            for row in _rows(result.tables[name]):
                table.writerow([seed, *row] if several else row)


def _rows(table: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """The rows in Python's own numbers, which are written with all their digits."""
    return zip(*(np.asarray(column).tolist() for column in table.values()), strict=True)
