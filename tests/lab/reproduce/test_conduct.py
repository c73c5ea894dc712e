"""Experiments carried out: seeds, verdicts, files, and the same bytes for any number of workers."""

import csv
import json
import struct
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from groundup.lab.reproduce.book import book
from groundup.lab.reproduce.conduct import conduct
from groundup.lab.reproduce.experiment import (
    Answer,
    Claim,
    Experiment,
    Figure,
    Result,
    Setting,
)
from groundup.lab.reproduce.experiments import experiments
from groundup.lab.reproduce.files import write_reproduction
from groundup.lab.reproduce.korean import NO_FONT, speaker
from groundup.lab.reproduce.verdict import Verdict, judge
from groundup.report.lines import line_chart
from groundup.report.series import Series
from groundup.train.executor import local_pool


def run(setting: Setting) -> Result:
    x = np.arange(setting.pick(5, 3))
    table = {"x": x, "y": x / 3 + setting.seed, "name": [f"no. {i}, ok" for i in x]}
    return Result({"a line": table}, {"seed": float(setting.seed), "none": float("nan")})


def draw(results, say) -> list[Figure]:
    lines = [Series(say("loss"), r.column("a line", "x"), r.column("a line", "y")) for r in results]
    return [Figure("lines", line_chart(lines, title=say("Loss & more")), say("It rises."))]


TINY = Experiment(
    key="9-tiny",
    title="A tiny experiment",
    source="nowhere",
    text="Lines are drawn.",
    run=run,
    draw=draw,
    claims=(
        Claim("The seed is below 3.", lambda r: r.values["seed"] < 3, "It is small."),
        Claim("There is a seed.", lambda r: True),
        Claim("There is none.", lambda r: False, expected=False, why="There always is one."),
    ),
    deviations=("It is ours.",),
    answers=(Answer("Is it tiny?", "It is.", "groundup info"),),
)


@pytest.mark.parametrize(
    ("held", "word"), [(5, "holds"), (4, "holds"), (3, "mixed"), (2, "mixed"),
                       (1, "does not hold"), (0, "does not hold")]
)  # fmt: skip
def test_what_follows_from_how_often_a_claim_held(held, word) -> None:
    claim = Claim("It is true.", lambda r: r.values["true"] == 1)
    verdict = judge(claim, [Result(values={"true": float(i < held)}) for i in range(5)])
    assert (verdict.held, verdict.seeds, verdict.word) == (held, 5, word)
    assert verdict.failed == (word != "holds")
    assert not Verdict(replace(claim, expected=False), held, 5).failed
    low, high = verdict.interval
    assert 0 <= low <= held / 5 <= high <= 1


def test_an_experiment_over_its_seeds() -> None:
    kept, told = [], []
    done = conduct([TINY], keep=kept.append, tell=lambda *words: told.append(words))
    assert kept == done
    assert [result.values["seed"] for result in done[0].results] == [0, 1, 2, 3, 4]
    assert [verdict.held for verdict in done[0].verdicts] == [3, 5, 0]
    assert [verdict.failed for verdict in done[0].verdicts] == [True, False, False]
    assert told[0] == (0, 5, "")
    assert told[-1] == (5, 5, "9-tiny")
    assert done[0].figures[0].svg.count(">loss<") == 5


def test_how_many_seeds() -> None:
    single = replace(TINY, seeds=1)

    def counts(**how) -> list[int]:
        return [len(one.results) for one in conduct([TINY, single], **how)]

    assert counts() == [5, 1]
    assert counts(quick=True) == [2, 1]
    assert counts(seeds=3) == [3, 1]
    assert counts(quick=True, seeds=3) == [3, 1]
    assert conduct([TINY], quick=True)[0].results[0].column("a line", "x").size == 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of the tiny experiment over two seeds; only to be read."""
    path = tmp_path_factory.mktemp("reproduce")
    write_reproduction(path, conduct([TINY], seeds=2)[0], "A note.")
    return path / "9-tiny"


def test_the_data_of_the_figures(folder) -> None:
    with (folder / "a-line.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["seed", "x", "y", "name"]
    assert rows[2] == ["0", "1", repr(1 / 3), "no. 1, ok"]
    assert [row[0] for row in rows[1:]] == ["0"] * 5 + ["1"] * 5
    assert float(rows[9][2]) == 1 + 1


def test_a_single_seed_needs_no_column(tmp_path) -> None:
    write_reproduction(tmp_path, conduct([replace(TINY, seeds=1)])[0])
    text = (tmp_path / "9-tiny" / "a-line.csv").read_text("utf-8")
    assert text.startswith("x,y,name\n0,0.0,")


def test_the_result_as_json(folder) -> None:
    found = json.loads((folder / "result.json").read_text("utf-8"))
    first = found["claims"][0]
    assert (first["held"], first["seeds"], first["verdict"]) == (2, 2, "holds")
    assert found["claims"][2]["verdict"] == "does not hold"
    assert found["claims"][2]["why"] == "There always is one."
    assert found["values"] == [{"seed": 0.0, "none": None}, {"seed": 1.0, "none": None}]


def test_the_figures(folder) -> None:
    root = ET.fromstring((folder / "lines.svg").read_text("utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    png = (folder / "lines.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    sides = (float(root.attrib["width"]), float(root.attrib["height"]))
    assert (width, height) == tuple(2 * (side + 24) for side in sides)  # 12 of margin all around


def test_the_page(folder) -> None:
    page = (folder / "page.html").read_text("utf-8")
    for words in (
        "<h1>A tiny experiment</h1>",
        "Lines are drawn.",
        "A note.",
        "It rises.",
        "Loss &amp; more",
        "It is small.",
        "There always is one.",
        "It is ours.",
        "Is it tiny?",
        "groundup info",
        "groundup reproduce 9-tiny",
        "2 of 2",
    ):
        assert words in page, words
    assert page.count('class="chart"') == 1
    assert "2 of 3 claims hold; 1 was not expected to" in page


def test_the_book() -> None:
    done = conduct([TINY, replace(TINY, key="9-twin", title="Its twin")], seeds=2)
    page = book(done)
    assert "<h1>4 of 6 claims hold; 2 were not expected to</h1>" in page
    for key, place in (("9-tiny", 2), ("9-twin", 3)):
        assert f'href="#s{place}">{key}</a>' in page
    section = page[page.index('<section id="s3">') :]
    assert section.startswith('<section id="s3">\n<h2>Its twin</h2>')
    assert page.count('class="chart"') == 2
    assert 'src="' not in page.replace('src="data:', "")


def test_the_same_bytes_for_any_number_of_workers(tmp_path) -> None:
    chosen = [experiments()[key] for key in ("6-adam-bias", "4-losses")]
    for name, executor in (("one", None), ("again", None), ("two", local_pool(2))):
        conduct(
            chosen, quick=True, executor=executor,
            keep=lambda done, name=name: write_reproduction(tmp_path / name, done),
        )  # fmt: skip
    tables = sorted(path.relative_to(tmp_path / "one") for path in tmp_path.glob("one/*/*.csv"))
    assert len(tables) >= 5
    for table in tables:
        first = (tmp_path / "one" / table).read_bytes()
        assert first.count(b"\n") > 1
        assert first == (tmp_path / "again" / table).read_bytes()
        assert first == (tmp_path / "two" / table).read_bytes()


def test_figures_speak_korean() -> None:
    say, note = speaker("ko", font=lambda: "Nanum Gothic")
    assert (say("loss"), say("epoch"), say("9-tiny"), note) == ("손실", "에폭", "9-tiny", "")
    assert speaker("ko", font=lambda: None)[1] == NO_FONT
    assert speaker("en")[0]("loss") == "loss"
    with pytest.raises(ValueError, match="expected en or ko"):
        speaker("kr")
    assert ">손실<" in conduct([TINY], seeds=1, say=say)[0].figures[0].svg


def test_every_experiment_is_told_in_words() -> None:
    found = experiments()
    assert list(found) == sorted(found)
    for key, one in found.items():
        assert one.key == key
        assert one.title, key
        assert one.source, key
        assert one.text.endswith("."), key
        assert one.claims, key
        for claim in one.claims:
            assert claim.words.endswith("."), (key, claim.words)
            assert claim.expected or claim.why, (key, claim.words)
        assert len({claim.words for claim in one.claims}) == len(one.claims), key
