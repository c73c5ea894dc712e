"""The claims of the same bits: ladders that differ are told apart, and by their first rung."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from groundup.config import from_mapping
from groundup.train.run import run

ROOT = Path(__file__).parent.parent.parent
SMALL = {
    "data": {"name": "iris"},
    "model": {"name": "multi-layer", "units": 4, "depth": 1, "batch_norm": True},
    "train": {"epochs": 1, "batch_size": 40, "log_every": 1, "probes": False},
}


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def ladder_of(path, spoil=lambda learner: None, at=2):
    """The ladder of a small run; `spoil` does something to its network after an update."""
    from trust.bits.ladder import Watch, ending, read

    import groundup as gu

    class Spoiler(gu.Callback):
        def on_batch_end(self, context):
            if context.updates == at:
                spoil(context.learner)

    watch = Watch(Path(f"{path}.ladder"))
    result = run(from_mapping(SMALL), path, [Spoiler(), watch])
    return [*read(watch.path), *ending(*result)]


def nudge(array):
    array.view("u4")[0] ^= 1  # the last bit


@pytest.mark.parametrize(
    ("spoil", "rung"),
    [
        (lambda learner: nudge(learner.vector), "update 2: parameters"),
        (lambda learner: nudge(learner.running), "update 2: statistics"),
        (lambda learner: nudge(learner.slots["m"]), "update 2: optimizer"),
        (lambda learner: setattr(learner, "epochs_trained", 7), ". model file"),
    ],
)
def test_a_bit_that_differs_is_found_where_it_first_does(tmp_path, spoil, rung):
    from trust.bits.ladder import first_difference

    first, again = (ladder_of(tmp_path / name) for name in ("one", "other"))
    assert [what for what, _ in first][:2] == ["parameters after init", "update 1: loss"]
    assert first_difference(first, again) is None
    assert f"first differs in {rung}: " in first_difference(
        first, ladder_of(tmp_path / "bad", spoil)
    )
    assert "rungs instead of" in first_difference(first, first[:-1])


def test_cells_of_one_kind_are_compared_and_broken_ones_are_faults():
    from trust.bits.cells import Setting
    from trust.bits.comparing import Cell, compared
    from trust.claim import Outcome

    one, two = Setting(1, "0"), Setting(2, "random")
    cells = [Cell("dense", one), Cell("dense", two), Cell("dense", two, one, 7), Cell("wide", one)]
    good, bad = [("update 1: loss", "0x1p0")], [("update 1: loss", "0x1p1")]
    outcome = Outcome()
    compared(cells, [good, good, good, bad], outcome)
    assert (outcome.tried, outcome.faults) == (4, [])
    outcome = Outcome()
    compared(cells, [good, bad, [("an error", "it broke")], "exit code 1"], outcome)
    assert outcome.tried == 4
    assert [word in fault for word, fault in zip(
        ("first differs in update 1: loss: 0x1p1", "resumed at update 7", "exit code 1"),
        outcome.faults, strict=True,
    )] == [True] * 3  # fmt: skip


def test_every_update_of_a_run_is_one_to_go_on_from():
    from trust.bits import CLAIMS
    from trust.bits.networks import NETWORKS, UPDATES
    from trust.bits.strict import default_cells, strict_cells

    short = [cell for cell, _ in zip(strict_cells(), range(CLAIMS[0].short), strict=False)]
    steps = {cell.stop_at for cell in short if cell.network == "dense" and cell.begun}
    assert steps == set(range(1, UPDATES + 1))
    long = [cell for cell, _ in zip(strict_cells(), range(CLAIMS[0].long), strict=False)]
    assert {cell.network for cell in long} == set(NETWORKS)
    assert {cell.setting.threads for cell in long} == {1, 2, 4}
    default = next(default_cells())
    assert default.alike[0] == default.setting.threads


def test_a_run_in_two_processes_and_one_in_three_pieces(tmp_path):
    """The smallest form of the claim, with its own means."""
    from trust.bits.cells import Setting
    from trust.bits.comparing import Cell, compared, made
    from trust.claim import Outcome

    strict = {"GROUNDUP_STRICT": "1", "GROUNDUP_KERNELS": "reference"}  # which are there at once
    one, two = Setting(1, "0", 0, strict), Setting(2, "1", 1, strict)
    cells = [Cell("sgd", one), Cell("sgd", one, two, 20), Cell("sgd", one, each=25)]
    outcome = Outcome()
    compared(cells, made(cells, lambda words: None, nullcontext), outcome)
    assert (outcome.tried, outcome.faults) == (3, [])


def test_a_note_that_is_missing_or_needless_is_a_fault():
    from trust.bits.elsewhere import _judge
    from trust.claim import Outcome

    for told, words, faults in (
        ("note: cpu was A, now B.", "cpu was A", 0),
        ("", "cpu was A", 1),
        ("note: cpu was A, now B.", "", 1),
        ("exit code 1: note", "cpu was A", 1),
        ("exit code 1: error: it broke", "", 1),
        ("", "", 0),
    ):
        outcome = Outcome()
        _judge(outcome, "a case", told, words)
        assert len(outcome.faults) == faults


def test_files_that_differ_by_the_workers_are_a_fault(tmp_path):
    from trust.bits.workers import files, judge
    from trust.claim import Outcome

    for number, value in enumerate((1.0, 1.0, 2.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "trials.csv").write_text("trial\n0\n")
        (folder / "times.csv").write_text(f"{number}")
        (folder / "result.json").write_text(json.dumps({"seconds": number, "best": [value]}))
    outcome, first = Outcome(), {}
    for number in range(3):
        judge(f"case {number}", files(tmp_path / str(number)), first, "task", outcome)
    judge("case 3", [], first, "task", outcome)
    judge("case 4", [("missing", "optuna is missing")], first, "task", outcome)
    assert (outcome.tried, outcome.skipped) == (4, {"optuna is missing": 1})
    assert outcome.faults == [
        "case 2: first differs in result.json/best/0: 2.0 instead of 1.0",
        "case 3: left no files",
    ]
