"""Every figure of the textbook in its quick form: all claims hold, and the same data come again."""

import json

import pytest

from groundup.cli import main

pytestmark = pytest.mark.long
TWICE = ("2-gates", "6-optimizer-paths", "6-zero-init", "6-dropout", "7-simple-convnet")


def test_every_claim_that_should_hold_does(tmp_path, capsys) -> None:
    code = main(["reproduce", "--all", "--quick", "--json", "--out", str(tmp_path / "all")])
    found = json.loads(capsys.readouterr().out)
    failed = [
        (one["key"], claim["claim"], claim["verdict"])
        for one in found["experiments"]
        for claim in one["claims"]
        if claim["expected"] and claim["verdict"] != "holds"
    ]
    assert failed == []
    assert code == 0
    assert len(found["experiments"]) >= 37
    book = (tmp_path / "all" / "book.html").read_text("utf-8")
    assert book.count("<section") >= len(found["experiments"]) + 1

    words = ["reproduce", *TWICE, "--quick", "--quiet", "--workers", "1"]
    main([*words, "--out", str(tmp_path / "again")])
    tables = list((tmp_path / "again").glob("*/*.csv"))
    assert len(tables) >= len(TWICE)
    for table in tables:
        twin = tmp_path / "all" / table.relative_to(tmp_path / "again")
        assert table.read_bytes() == twin.read_bytes(), table.name
