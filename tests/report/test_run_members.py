"""The section on an ensemble's members."""

import re

import pytest

from groundup.report.run_members import members
from groundup.report.run_report import run_report
from groundup.report.run_summary import MemberRow, RunSummary
from groundup.statistics.shares import wilson


def summary(accuracies=(0.9, 0.94), ensemble=0.95, **changes):
    rows = [
        MemberRow(f"member {k}", k, {"loss": 1.0 / (k + 1), "accuracy": accuracy})
        for k, accuracy in enumerate(accuracies)
    ]
    given = {"test_accuracy": ensemble, "test_loss": 0.25, "test_samples": 200, "members": rows}
    return RunSummary("five", "digits", "two-layer", 0, 3760, 1.5, **given | changes)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(html))).replace("\u202f", " ")


def test_members_and_the_ensemble_are_in_the_table() -> None:
    section = members(summary())
    text = words(section.body)
    for row in ("member 0 0 1 90.0 %", "member 1 1 0.5 94.0 %", "mean – 0.75 92.0 %",
                "standard deviation – 0.354 2.8 %", "ensemble – 0.25 95.0 %"):  # fmt: skip
        assert row in text
    assert "errs in 5.0 % of the samples, a member on average in 8.0 %; it is better than 2 of" in (
        section.note.replace("\u202f", " ")
    )


def test_bars_show_the_errors() -> None:
    text = words(members(summary()).body)
    assert "Bars. member 0: 10.0 %; member 1: 6.0 %; ensemble: 5.0 %." in text


def test_without_accuracies_losses_are_compared() -> None:
    rows = [MemberRow("member 1", 0, {"loss": 2.0}), MemberRow("member 2", 1, {"loss": 4.0})]
    section = members(summary(members=rows, test_accuracy=None))
    assert "Bars. member 1: 2; member 2: 4; ensemble: 0.25." in words(section.body)
    assert "accuracy" not in words(section.body)


def test_no_gain_is_said() -> None:
    assert "errs as often" in members(summary((0.9, 0.9), 0.9)).note


def test_a_single_network_has_no_such_section() -> None:
    assert members(summary(members=())) is None
    assert "Members against" not in run_report(summary(members=()))
    page = run_report(summary())
    assert "Members against the ensemble" in page
    assert "2 × two-layer on digits" in page


@pytest.mark.parametrize(("share", "n"), [(0.0, 10), (1.0, 10), (0.5, 1)])
def test_intervals_stay_within_0_and_1(share, n) -> None:
    low, high = wilson(share, n)
    assert 0 <= low <= share <= high <= 1
