"""The page of a study: in every state that a study can be in."""

import re
from pathlib import Path

import pytest

from groundup.errors import StorageError
from groundup.tune.method import methods
from groundup.tune.pages.explained import explained, stopping_words
from groundup.tune.pages.page import study_page
from groundup.tune.stopping import stoppings


def sections(page):
    return re.findall(r"<h2>(.*?)</h2>", page)


STATES = {
    "nothing": [],
    "one runs": [None],
    "one": [0.5],
    "one failed": ["NaN"],
    "all stopped": [(0.5,), (0.4,)],
    "under way": [0.5, 0.7, None, "NaN", (0.3,)],
    "equal": [0.5] * 10,
    "many": [0.3 + 0.01 * ((7 * k) % 40) for k in range(40)],
}


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
@pytest.mark.parametrize("values", STATES.values(), ids=STATES)
def test_there_is_a_page_of_every_study(study_of, values, metric):
    study = study_of(values, metric=metric)
    page = study_page(study)
    assert f"<h1>{study}</h1>" in page
    assert not re.search(r"<script|http:|https:|nan\b|\binf\b", page.replace("NaN", ""))
    assert study._repr_html_().count('class="chart"') == 1


def test_a_finished_study_tells_all(study_of):
    values = [0.3 + 0.01 * ((7 * k) % 40) for k in range(40)] + ["NaN", (0.2,)]
    page = study_page(study_of(values, test=0.65), Path("runs/first"))
    assert sections(page) == [
        "The best settings", "How the search went", "What matters",
        "What a model of the trials expects", "How the best networks learned",
        "Trials that failed", "The finished configuration", "How it was done",
    ]  # fmt: skip
    plainly = page.replace("\u202f", " ")
    assert "<dd>65.00 %</dd>" in plainly
    assert "<dd>69.00 %</dd>" in plainly
    assert "groundup train runs/first/best.toml" in page
    assert "Every trial is a fair draw" in page


def test_the_configuration_on_the_page_is_the_best(study_of):
    study = study_of([0.5, 0.75], test=0.6)
    page = study_page(study)
    assert study.to_toml().strip() in page.replace("&#34;", '"')
    assert f"learning_rate = {study.best.settings['optimizer.learning_rate']!r}" in page
    assert "the settings of trial 1;" in page


def test_a_study_under_way_has_neither_test_score_nor_failures(study_of):
    page = study_page(study_of([0.5, 0.7, None]))
    assert "Test accuracy" not in page
    assert "Trials that failed" not in sections(page)
    assert "so far" in page


def test_reasons_and_names_are_text(study_of):
    space = {"model.init": ["<b>he</b>", "xavier"]}
    tried = [{"model.init": "<b>he</b>"}, {"model.init": "xavier"}]
    page = study_page(study_of(["<i>worse</i>", "bad"], space, tried=tried))
    assert "&lt;i&gt;worse&lt;/i&gt;" in page
    assert "<b>he" not in page
    assert "<i>" not in page


def test_it_is_saved_whole(study_of, tmp_path):
    study = study_of([0.5])
    study.save(tmp_path / "study.html")
    assert (tmp_path / "study.html").read_text() == study_page(study)
    with pytest.raises(StorageError):
        study.save(tmp_path / "missing" / "study.html")


def test_every_method_and_stopping_rule_is_explained():
    for method in methods:
        words = (
            explained(method()) if method.__name__ != "Manual" else explained(method([{"x": 1}]))
        )
        assert words.text.count(". ") >= 1
        assert words.source
    for rule in stoppings:
        words = stopping_words(rule())
        assert bool(words) == (stoppings.name_of(rule) != "none")
        assert not words or re.search(r"\[.*\d{4}\]$", words)
