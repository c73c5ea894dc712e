"""A diagnosis as it is told: on a page, in a notebook, on a terminal."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from groundup.config import from_mapping
from groundup.doctor import pictures
from groundup.doctor.case import Case
from groundup.doctor.data_pictures import class_counts
from groundup.doctor.diagnosis import Diagnosis
from groundup.doctor.facts import DataFacts
from groundup.doctor.finding import Change, Finding, Prescription, Proof
from groundup.doctor.learning_pictures import batch_losses, curves
from groundup.doctor.page import diagnosis_page
from groundup.doctor.rules import RULES
from groundup.doctor.story import diff, headline, in_text, proof_words, toml
from groundup.layers import Dense, Flatten
from groundup.nn import Chain
from groundup.report.page import Section
from groundup.train.probes.exam import Exam, LayerExam

FACTS = DataFacts(
    task="classification", samples=(1298, 143, 356), in_shape=(1, 8, 8), counts=(900, 398),
    mean=0.3, std=0.4, scales=(0.1, 0.3, 0.4), offset=1.2, constant=0.0, target_std=0.0,
    chance=math.log(2), neighbors=0.97, neighbors_p=0.005, shift_auc=0.52, shift_p=0.6,
    leaks=0.0, validation_is_test=0.0, test_looks=1,
)  # fmt: skip
CHANGES = (
    Change("optimizer.learning_rate", 10.0, 0.01),
    Change("model.init", "std:1.0", "he"),
    Change("train.callbacks", None, [{"kind": "EarlyStopping", "patience": 5}]),
)
PROOF = Proof(
    "confirmed", "validation loss", (2.3, 2.2, 2.4), (0.4, 2.5, 0.3), -1.23, -2.0, -0.4, 0.0123,
    -1.1, 9.4, 3,
)  # fmt: skip
FINDING = Finding(
    "no-such-rule", "Units are <dead>", "fatal", "93 % of dense_1 gave out nothing.", 0.93, 0.5,
    "planted faults", "A ReLU that is never above 0 learns nothing.", "Saito 2016, 6.2",
    Prescription("Begin with He's values.", CHANGES), ("dense_1",), ("Vanishing gradients",), PROOF,
)  # fmt: skip
HINT = replace(FINDING, title="A hint", severity="hint", proof=None, explains=(), layers=())


def layer(place, updates, **values):
    base = {
        "layer": f"dense_{place}", "kind": "dense", "activation": "relu", "units": 10, "mean": 0.1,
        "std": 0.5**place, "low": -1.0, "high": 1.0, "counts": (1, 5, 1), "dead": 0.1 * place,
        "weight": 0.1, "gradient": 0.1**place, "update": None if updates == 0 else 1e-3 * place,
    }  # fmt: skip
    return LayerExam(**base | values)


def exam(updates, layers=3):
    inner = [layer(i, updates) for i in range(1, layers)]
    last = layer(layers, updates, activation="softmax", dead=None)
    return Exam(updates, 0, 100, 2.0, 0.5, (*inner, last))


def case(epochs=3, exams=(0, 10, 20), layers=3, **facts):
    records = [{"kind": "probe", **exam(updates, layers).plain()} for updates in exams]
    records += [
        {"kind": "step", "epoch": i // 2, "step": 20 * (i % 2) + 19, "batch_loss": 2.0 / (i + 1)}
        for i in range(4)
    ]
    records += [
        {"kind": "epoch", "epoch": i, "step": 9, "seconds": 0.1, "loss": 0.5**i, "val_loss": 0.7**i}
        for i in range(epochs)
    ]
    chain = Chain([Flatten(), Dense(10, "relu"), Dense(2, "softmax")])
    return Case(from_mapping({}), chain, replace(FACTS, **facts), tuple(records))


class _Outline(HTMLParser):
    """Headings in their order, and what a page would load or run."""

    def __init__(self, page):
        super().__init__()
        self.headings, self.foreign, self._inside = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._inside = tag if tag in ("h1", "h2", "h3") else ""
        values = dict(attrs)
        outside = (values.get("src") or values.get("href") or "#")[0] != "#"
        if tag == "script" or outside:
            self.foreign.append((tag, values))

    def handle_data(self, data):
        if self._inside:
            self.headings.append(data.strip())
        self._inside = ""


# --- the page


def test_the_page_tells_the_story_in_its_order():
    outline = _Outline(diagnosis_page(Diagnosis((FINDING, HINT), case())))
    assert outline.foreign == []
    assert outline.headings == [
        "One thing keeps this network from learning",
        "1. Units are <dead>", "Why", "What to do", "Proof",
        "2. A hint", "Why", "What to do",
        "Learning", "The layers", "What was looked for",
    ]  # fmt: skip


def test_what_is_found_stands_on_the_page():
    page = diagnosis_page(Diagnosis((FINDING,), case()))
    for words in (
        "93 % of dense_1 gave out nothing.", "Vanishing gradients", "Saito 2016, 6.2",
        "Measured 0.93, counts from 0.5 on (planted faults).", "In dense_1.", ">Confirmed<",
        "<del>- learning_rate = 10.0</del>", "<ins>+ learning_rate = 0.01</ins>", "p = 0.012",
        ">1 of 1<",
    ):  # fmt: skip
        assert words in page
    assert "Units are <dead>" not in page


def test_a_healthy_network_has_a_calm_page():
    page = diagnosis_page(Diagnosis((), case()))
    assert _Outline(page).headings[:2] == ["Nothing stands out", "Learning"]
    assert "keeps this network" not in page


def test_sections_of_others_stand_between_findings_and_curves():
    page = diagnosis_page(Diagnosis((HINT,), case()), [Section("Before the training", "")])
    headings = _Outline(page).headings
    assert headings.index("Before the training") == headings.index("Learning") - 1


def test_what_diverged_at_once_has_a_page_too():
    gone = case(epochs=0, exams=(0,))
    gone = replace(
        gone,
        records=(
            *gone.of_kind("probe"),
            {"kind": "diverged", "epoch": 0, "step": 3, "where": "NaN first"},
        ),
    )
    page = diagnosis_page(Diagnosis((FINDING,), gone))
    assert "The loss stopped being finite: NaN first." in page
    assert "No epoch was finished." in page


def test_the_last_exam_is_a_table():
    page = diagnosis_page(Diagnosis((), case()))
    (row,) = re.findall(r"<tr><td[^>]*>dense_2</td>.*?</tr>", page.replace("\n", ""))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells[:6] == ["dense_2", "dense", "relu", "10", "0.1", "0.25"]
    assert cells[-3:] == ["0.1", "0.01", "0.002"]


def test_saving_writes_the_page(tmp_path):
    diagnosis = Diagnosis((FINDING,), case())
    diagnosis.save(tmp_path / "doctor.html")
    written = (tmp_path / "doctor.html").read_text(encoding="utf-8")
    assert written == diagnosis_page(diagnosis)


def test_the_page_says_how_much_of_the_training_there_is():
    found = case(epochs=3)
    for planned, words in ((3, "3 epochs"), (100_000, "3 of 100,000 epochs")):
        config = from_mapping({"train": {"epochs": planned}})
        page = diagnosis_page(Diagnosis((), replace(found, config=config)))
        assert f", {words} in batches of " in page


# --- the notebook


def test_a_notebook_shows_findings_without_script_or_style_sheet():
    shown = Diagnosis((FINDING, HINT), case())._repr_html_()
    assert _Outline(shown).foreign == []
    assert "<style" not in shown
    for words in ("One thing keeps", "Units are &lt;dead&gt;", "+ init = &#34;he&#34;", "A hint"):
        assert words in shown
    assert shown.count("<svg") >= 3  # a picture for each finding, and the proof
    assert "Nothing stands out" in Diagnosis((), case())._repr_html_()


# --- words


@pytest.mark.parametrize(
    ("severities", "said"),
    [
        ((), "Nothing stands out"),
        (("hint",), "One hint, nothing grave"),
        (("harmful", "hint"), "One thing holds this network back"),
        (("harmful", "harmful"), "Two things hold this network back"),
        (("fatal", "fatal", "harmful"), "Two things keep this network from learning"),
        (("fatal",) * 11, "11 things keep this network from learning"),
    ],
)
def test_the_headline_counts_the_gravest(severities, said):
    assert headline([replace(FINDING, severity=one) for one in severities]) == said


def test_a_diff_names_each_table_once_and_leaves_out_what_is_not_set():
    changes = (*CHANGES, Change("seed", 1, 2), Change("model.depth", 5, None))
    assert diff(changes) == (
        ("-", "seed = 1"), ("+", "seed = 2"),
        (" ", "[model]"), ("-", 'init = "std:1.0"'), ("+", 'init = "he"'), ("-", "depth = 5"),
        (" ", "[optimizer]"), ("-", "learning_rate = 10.0"), ("+", "learning_rate = 0.01"),
        (" ", "[train]"), ("+", 'callbacks = [{ kind = "EarlyStopping", patience = 5 }]'),
    )  # fmt: skip


@pytest.mark.parametrize("value", [1, 0.5, True, 'a "b" \\', [1, [2.5, "x"]], {"a": {"b": False}}])
def test_a_value_is_written_as_toml_reads_it(value):
    import tomllib

    assert tomllib.loads(f"value = {toml(value)}")["value"] == value


def test_a_proof_in_words_has_its_numbers():
    words = proof_words(PROOF)
    assert words.startswith("In 3 pairs of runs over 3 epochs the validation loss was lower")
    assert "with the change in 2; on average it changed by −1.23" in words
    assert "interval −2 to −0.4), corrected p = 0.012. That took 9.4" in words


def test_on_a_terminal_everything_is_plain_and_aligned():
    text = str(Diagnosis((FINDING, HINT), case()))
    assert text == in_text((FINDING, HINT))
    lines = text.split("\n")
    assert lines[:2] == ["One thing keeps this network from learning.", ""]
    assert lines[2:5] == [
        "1. Units are <dead> (fatal)",
        "   seen      93 % of dense_1 gave out nothing.",
        "   explains  Vanishing gradients",
    ]
    assert "             + learning_rate = 0.01" in lines
    assert "   proof     confirmed. In 3 pairs" in text
    assert max(map(len, lines)) <= 80
    assert "\u202f" not in text


# --- pictures


def test_every_rule_has_its_picture():
    assert {rule.name for rule in RULES} <= set(pictures.PICTURES)


def test_every_picture_can_be_drawn_of_a_full_case():
    full = case(layers=9)
    for name, chosen in pictures.PICTURES.items():
        drawn = pictures.pictures_of(full, replace(FINDING, rule=name))
        assert 1 <= len(drawn) <= len(chosen), name
        assert all(picture.startswith("<svg") for picture in drawn)


def test_no_picture_needs_what_a_case_may_lack():
    empty = replace(case(), records=())
    for name in pictures.PICTURES:
        pictures.pictures_of(empty, replace(FINDING, rule=name))


def test_outputs_are_those_of_hidden_layers():
    drawn = pictures.outputs(0)(case(), FINDING)
    assert drawn is not None
    assert ">dense_1<" in drawn
    assert ">std 0.5, 14.3\u202f% at 0<" in drawn
    assert ">dense_3<" not in drawn  # of a softmax


def test_a_chart_over_updates_shows_the_layers_of_the_finding_among_many():
    drawn = pictures.over_updates("gradient")(
        case(layers=30), replace(FINDING, layers=("dense_17",))
    )
    assert drawn is not None
    assert ">dense_17<" in drawn
    assert ">dense_1<" in drawn
    assert drawn.count("<tspan") <= 2 * 6


def test_curves_show_chance_and_the_gap():
    drawn = curves(case(), FINDING)
    assert drawn is not None
    assert ">chance<" in drawn
    assert "fill-opacity" in drawn  # the band between training and validation
    assert "Loss of single batches" in str(curves(case(epochs=1), FINDING))


def test_losses_of_batches_lie_where_they_were_taken():
    drawn = str(batch_losses(case(), FINDING))
    # 1,298 samples in batches of 32 are 41 updates
    places = re.findall(r"<title>loss, update ([\d.]+): ([\d.]+)</title>", drawn)
    assert places == [("20", "2"), ("40", "1"), ("61", "0.667"), ("81", "0.5")]


def test_counts_of_classes_are_bars():
    assert ">900<" in str(class_counts(case(), FINDING))
    assert class_counts(case(counts=()), FINDING) is None
