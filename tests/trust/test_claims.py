"""The trials of what groundup promises: the table is whole, and a broken check is a fault."""

import importlib
import json
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def test_every_claim_has_a_name_of_its_own_and_a_function_that_is_there():
    from trust.claims import CLAIMS

    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS)
    for claim in CLAIMS:
        assert re.fullmatch(r"[a-z]+\.[a-z-]+", claim.name)
        assert 0 < claim.short <= claim.long
        assert claim.promise.endswith(".")
        module, function = claim.check.split(":")
        assert callable(getattr(importlib.import_module(f"trust.{module}"), function))


def test_a_check_that_breaks_or_tries_too_little_has_not_held(monkeypatch):
    import trust.claim
    from trust.claim import Claim, Outcome
    from trust.worker import tried

    claim = Claim("a.b", "It holds.", "claim:Tell", 3, 3)
    (fault,) = tried(replace(claim, check="claim:missing"), 3).faults
    assert "the check itself broke" in fault
    monkeypatch.setattr(
        trust.claim, "few", lambda size, tell: Outcome(1, skipped={"why": 1}), raising=False
    )
    assert tried(replace(claim, check="claim:few"), 3).faults == [
        "1 of 3 cases were neither tried nor skipped."
    ]
    assert tried(replace(claim, check="claim:few"), 2).faults == []


def test_the_page_is_made_from_the_kept_results():
    from trust.claims import CLAIMS
    from trust.pages import page

    kept = ROOT / "docs" / "trust.json"
    if not kept.exists():
        pytest.skip("no long form was kept yet")
    made = page(CLAIMS, json.loads(kept.read_text("utf-8")))
    assert (ROOT / "docs" / "trust.md").read_text("utf-8") == made


def test_a_process_that_dies_leaves_a_result_that_can_be_kept(monkeypatch):
    from trust.claim import Claim
    from trust.pages import line, page, total, verdict

    from trust import running

    claim = Claim("a.b", "It holds.", "claim:Tell", 3, 3)
    monkeypatch.setattr(running.sys, "executable", "false")
    ((_, result),) = running.results([claim], lambda one: 3, 1)
    assert "left no result" in result["faults"][0]
    assert line(claim, result).startswith("a.b                      1 FAULTS")
    kept = {**result, "when": "today", "machine": "here"}
    assert "- FAULT: its process ended with 1" in page(
        [claim], {"a.b": json.loads(json.dumps(kept))}
    )
    skipped = {"fault_count": 0, "tried": 0}
    verdicts = [verdict(one) for one in (result, skipped, {"fault_count": 0, "tried": 1})]
    assert total(verdicts, 2.0) == ("1 of 3 claims hold, 1 could not be tried here; 2.0 minutes.")


def test_what_ignores_signals_hears_them_in_a_claim():
    """As below nohup, and in the background of a shell."""
    from trust.worker import _hear_signals

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        _hear_signals()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("tried", [0, 5])
def test_a_result_is_kept_only_of_what_was_tried(monkeypatch, tried):
    from trust.claims import CLAIMS

    from trust import __main__ as command

    kept = []
    result = {
        "tried": tried, "faults": [], "fault_count": 0, "facts": {}, "skipped": {}, "seconds": 1.0,
        "size": 5,
    }  # fmt: skip
    monkeypatch.setattr(command, "results", lambda *_: [(CLAIMS[0], result)])
    monkeypatch.setattr(command, "_keep", lambda claim, one: kept.append(one["tried"]))
    monkeypatch.setattr("sys.argv", ["trust", CLAIMS[0].name, "--long", "--record"])
    command.main()
    assert kept == [tried] * bool(tried)
