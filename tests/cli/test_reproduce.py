"""groundup reproduce on the command line."""

import json
from dataclasses import replace

import pytest

from groundup.lab.reproduce import experiments as known
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Setting
from groundup.report.lines import line_chart
from groundup.report.series import Series


def run(setting: Setting) -> Result:
    return Result({"t": {"x": [1.0, 2.0]}}, {"seed": float(setting.seed)})


def draw(results, say) -> list[Figure]:
    lines = [Series(say("loss"), [0, 1], result.column("t", "x")) for result in results]
    return [Figure("f", line_chart(lines, title=say("loss")))]


ONE = Experiment(
    key="9-one", title="The first", source="nowhere", text="It is run.", run=run, draw=draw,
    claims=(Claim("It holds.", lambda r: True), Claim("It fails.", lambda r: False,
            expected=False, why="It is known to.")), seeds=2,
)  # fmt: skip
BROKEN = replace(
    ONE, key="9-other", title="The second",
    claims=(Claim("It holds at first.", lambda r: r.values["seed"] < 1),),
)  # fmt: skip


@pytest.fixture
def two(monkeypatch):
    """In place of all experiments, two that take no time."""
    found = {one.key: one for one in (ONE, BROKEN)}
    monkeypatch.setattr(known, "experiments", lambda: found)


def test_the_list(cli) -> None:
    done = cli("reproduce", "--list")
    assert done.code == 0
    keys = [line.split()[0] for line in done.out.splitlines()[1:]]
    assert keys == sorted(keys)
    assert {"2-gates", "3-forward", "5-graph", "6-optimizer-paths", "quiz"} < set(keys)
    listed = {one["key"]: one for one in cli("reproduce", "--list", "--json").json["experiments"]}
    assert list(listed) == keys
    assert "The gates" not in listed["2-gates"]["claims"]
    assert len(listed["2-gates"]["claims"]) == 7


def test_a_real_one_by_a_short_name(cli, tmp_path) -> None:
    done = cli("reproduce", "gates", "--quick", "--workers", 1, "--out", "made")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "7 of 7 claims hold"
    own = tmp_path / "made" / "2-gates"
    names = {"answers.csv", "learning.csv", "regions.svg", "regions.png", "learning.svg",
             "learning.png", "page.html", "result.json"}  # fmt: skip
    assert {path.name for path in own.iterdir()} == names
    assert (own / "answers.csv").read_text("utf-8").splitlines()[1:5] == [
        "AND,0.0,0.0,0", "AND,1.0,0.0,0", "AND,0.0,1.0,0", "AND,1.0,1.0,1",
    ]  # fmt: skip


def test_a_claim_that_fails_ends_with_code_3(cli, two, tmp_path) -> None:
    assert cli("reproduce", "9-one", "--workers", 1).code == 0
    done = cli("reproduce", "9-other", "--workers", 1, "--out", "x")
    assert done.code == 3
    assert "1 of 2  mixed" in done.out
    assert "0 of 1 claims hold; 1 should and does not" in done.out
    found = json.loads((tmp_path / "x" / "9-other" / "result.json").read_text("utf-8"))
    assert found["claims"][0]["verdict"] == "mixed"


def test_all_of_them_and_the_book(cli, two, tmp_path) -> None:
    done = cli("reproduce", "--all", "--workers", 1, "--seeds", 1, "--out", "all", "--json")
    assert done.code == 0  # the second one's claim holds for the first seed
    found = done.json
    assert [one["key"] for one in found["experiments"]] == ["9-one", "9-other"]
    assert found["headline"] == "2 of 3 claims hold; 1 was not expected to"
    page = (tmp_path / "all" / "book.html").read_text("utf-8")
    assert found["page"].endswith("book.html")
    for words in ("The first", "The second", "It is known to."):
        assert words in page, words


def test_in_korean(cli, two, tmp_path, monkeypatch) -> None:
    from groundup.lab.reproduce import korean

    monkeypatch.setattr(korean.speaker, "__defaults__", (lambda: "Nanum Gothic",))
    done = cli("reproduce", "9-one", "--lang", "ko", "--workers", 1, "--out", "ko")
    assert (done.code, done.err) == (0, "")
    assert ">손실<" in (tmp_path / "ko" / "9-one" / "f.svg").read_text("utf-8")
    monkeypatch.setattr(korean.speaker, "__defaults__", (lambda: None,))
    done = cli("reproduce", "9-one", "--lang", "ko", "--workers", 1, "--out", "en")
    assert "no font with Korean letters" in done.err
    assert ">loss<" in (tmp_path / "en" / "9-one" / "f.svg").read_text("utf-8")
    assert "no font with Korean letters" in (tmp_path / "en/9-one/page.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "which experiments?"),
        (["9-one", "--all"], "which experiments?"),
        (["--all", "--list"], "which experiments?"),
        (["9-onn"], "unknown experiment '9-onn'. Did you mean '9-one'?"),
        (["9-"], "'9-' may be 9-one or 9-other"),
        (["9-one", "--lang", "fr"], "expected en or ko"),
    ],
)
def test_what_is_refused(cli, two, tmp_path, words, said) -> None:
    done = cli("reproduce", *words, "--out", "no")
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert not (tmp_path / "no").exists()
