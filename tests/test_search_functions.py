"""The benchmark of searches: its functions, and how it counts."""

import math
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
LEAST_AT = {
    "Branin": [(math.pi, 2.275), (-math.pi, 12.275), (9.42478, 2.475)],
    "Six-hump camel": [(0.0898, -0.7126), (-0.0898, 0.7126)],
    "Goldstein-Price": [(0, -1)],
    "Ackley 2": [(0, 0)],
    "Rastrigin 2": [(0, 0)],
    "Michalewicz 2": [(2.2029, 1.5708)],
    "Hartmann 3": [(0.114614, 0.555649, 0.852547)],
    "Rosenbrock 4": [(1,) * 4],
    "Levy 4": [(1,) * 4],
    "Styblinski-Tang 4": [(-2.903534,) * 4],
    "Ackley 5": [(0,) * 5],
    "Hartmann 6": [(0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573)],
}


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


@pytest.mark.parametrize("name", LEAST_AT)
def test_the_least_value_is_where_the_literature_says(name):
    from benchmarks.functions import FUNCTIONS

    function = FUNCTIONS[name]
    low, high = np.array(function.box, float).T
    for point in LEAST_AT[name]:
        assert function(point) == pytest.approx(function.least, abs=2e-4)
        assert ((low < point) & (point < high)).all()
    drawn = low + (high - low) * np.random.default_rng(0).random((2000, len(low)))
    assert min(map(function, drawn)) > function.least
    assert function.regret([function.least + 3.0, function.least + 2.0]) == pytest.approx(2.0)


def test_no_answer_lies_in_the_middle():
    from benchmarks.functions import FUNCTIONS

    for function in FUNCTIONS.values():
        assert function(np.mean(function.box, axis=1)) > function.least + 0.01


def cells(searcher, regrets, seconds=1.0):
    from benchmarks.functions import FUNCTIONS

    return {
        (function, seed): {"values": [1e6, FUNCTIONS[function].least + regret], "seconds": seconds}
        for (function, seed), regret in regrets.items()
    }


def test_ranks_medians_and_verdicts():
    from benchmarks.search_functions import as_markdown, summary, verdicts

    pairs = [(function, seed) for function in ("Branin", "Levy 4") for seed in range(3)]
    table = {
        "ours": [1, 1, 1, 5, 5, 5],
        "tpe": [2, 2, 2, 3, 6, 6],
        "gpsampler": [1, 1, 1, 4, 4, 4],
    }
    found = summary(
        {name: cells(name, dict(zip(pairs, row, strict=True))) for name, row in table.items()}
    )
    assert found["pairs"] == 6
    assert found["mean_rank"] == pytest.approx(
        {
            "ours": (4.5 + 3 + 2 + 2) / 6,
            "tpe": (9 + 1 + 3 + 3) / 6,
            "gpsampler": (4.5 + 2 + 1 + 1) / 6,
        }
    )
    assert found["median_regret"]["Levy 4"] == pytest.approx({"ours": 5, "tpe": 6, "gpsampler": 4})
    assert found["better_in"] == pytest.approx({"tpe": 5 / 6, "gpsampler": 0})
    assert found["rank_difference"]["gpsampler"]["mean"] == pytest.approx(0.5)
    assert list(verdicts(found).values()) == [True, True]
    text = as_markdown(found, {"skopt": "scikit-optimize is not installed"})
    assert "| Optuna, TPE | 2.67 | −0.75" in text
    assert "missing, scikit-optimize is not installed" in text


def test_what_is_finished_is_not_run_again(tmp_path, capsys, monkeypatch):
    from benchmarks import search_functions

    monkeypatch.setattr(
        search_functions, "FUNCTIONS", {"Branin": search_functions.FUNCTIONS["Branin"]}
    )
    options = ["--only", "random", "--evaluations", "5", "--workers", "1", "--out", str(tmp_path)]
    assert search_functions.main([*options, "--seeds", "1"]) == 0
    log = tmp_path / "search-functions" / "random.jsonl"
    first = log.read_bytes()
    assert search_functions.main([*options, "--seeds", "2"]) == 0
    assert log.read_bytes().startswith(first)
    assert len(log.read_text().splitlines()) == 2
    assert "random search" in capsys.readouterr().out
