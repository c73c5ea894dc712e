"""`groundup evaluate`: the numbers are those of the run, class by class."""

import json
import re

import numpy as np
import pytest

from groundup.config import from_mapping
from groundup.data import digits, load
from groundup.storage import read_log
from groundup.train import load_model
from groundup.train.run import run


def test_it_repeats_what_the_run_found(cli, trained):
    shown = cli("evaluate", trained, "--json").json
    end = read_log(trained / "metrics.jsonl")[-1]
    assert shown["accuracy"] == end["test_accuracy"]
    assert shown["loss"] == end["test_loss"]
    assert (shown["data"], shown["samples"]) == ("digits", 359)


def test_each_class_is_counted(cli, trained):
    classes = cli("evaluate", trained, "--json").json["classes"]
    x, y = digits.load().x_test, digits.load().y_test
    said = load_model(trained / "model.safetensors").predict(x).argmax(axis=1)
    assert [row["class"] for row in classes] == [str(i) for i in range(10)]
    for i, row in enumerate(classes):
        right = int(((y == i) & (said == i)).sum())
        assert (row["samples"], row["right"]) == ((y == i).sum(), right)
        assert row["recall"] == right / (y == i).sum()
        assert row["precision"] == (right / (said == i).sum() if (said == i).any() else None)
        assert row["f1"] == 2 * right / ((y == i).sum() + (said == i).sum())
        wrong = said[(y == i) & (said != i)]
        if len(wrong):
            assert row["taken_for"] == str(np.bincount(wrong).argmax())


def test_the_table_shows_the_same(cli, trained):
    rows = cli("evaluate", trained, "--json").json["classes"]
    text = cli("evaluate", trained).out
    right = sum(row["right"] for row in rows)
    assert f"{right} of 359 right" in text.splitlines()[0]
    for row in rows:
        line = rf"^{row['class']} +{row['samples']} +{row['right']} +{100 * row['recall']:.1f} %"
        assert re.search(line, text, re.MULTILINE)


def test_a_model_file_needs_data(cli, trained):
    model = trained / "model.safetensors"
    refused = cli("evaluate", model)
    assert refused.code == 2
    assert "add --data" in refused.err
    found = cli("evaluate", model, "--data", "digits", "--json").json
    assert found["accuracy"] == cli("evaluate", trained, "--json").json["accuracy"]


def test_a_checkpoint_is_a_model_file(cli, trained):
    checkpoint = trained / "checkpoints" / "last.safetensors"
    assert cli("evaluate", checkpoint, "--data", "digits").code == 0


def test_a_class_that_is_never_named_has_no_precision(cli, tmp_path):
    """An untrained network names few classes; there is nothing to divide by."""
    untrained = {"model": {"name": "two-layer", "init": "zeros"}, "train": {"epochs": 0}}
    run(from_mapping(untrained), tmp_path / "run")
    shown = cli("evaluate", "run", "--json").json
    assert [row["precision"] is None for row in shown["classes"]] == [False] + [True] * 9
    assert shown["classes"][1]["taken_for"] == "0"
    assert json.dumps(shown["accuracy"]) == json.dumps(36 / 359)


@pytest.mark.parametrize(
    ("name", "told"),
    [("digit", "unknown data set 'digit'"), ("../digits", "no file or folder ../digits")],
)
def test_unknown_data(cli, trained, name, told):
    refused = cli("evaluate", trained, "--data", name)
    assert refused.code == 2
    assert told in refused.err


def test_scores_agree_with_scikit_learn(cli, trained):
    from sklearn.metrics import f1_score, roc_auc_score

    found = cli("evaluate", trained, "--json").json
    x, y = digits.load().x_test, digits.load().y_test
    p = load_model(trained / "model.safetensors").predict(x).astype(float)
    assert found["macro"]["f1"] == pytest.approx(f1_score(y, p.argmax(axis=1), average="macro"))
    p /= p.sum(axis=1, keepdims=True)
    expected = roc_auc_score(y, p, multi_class="ovr", average="macro")
    assert found["macro"]["auc"] == pytest.approx(expected, rel=1e-6)
    line = cli("evaluate", trained).out.splitlines()[-1]
    assert line.startswith("mean over classes")
    assert line.endswith(f"{found['macro']['auc']:.4f}")


def test_a_regression_is_judged_in_its_own_units(cli, tmp_path):
    from sklearn.metrics import mean_absolute_error, r2_score

    data = load("diabetes")
    run(from_mapping({"data": {"name": "diabetes"}, "train": {"epochs": 5}}), tmp_path / "run")
    said = load_model(tmp_path / "run" / "model.safetensors").predict(data.x_test)[:, 0]
    found = cli("evaluate", "run", "--json").json
    (target,) = found["targets"]
    assert (found["samples"], target["target"]) == (len(data.y_test), data.targets[0])
    assert found["r2"] == target["r2"] == pytest.approx(r2_score(data.y_test, said))
    assert target["mae"] == pytest.approx(mean_absolute_error(data.y_test, said))
    text = cli("evaluate", "run").out
    assert text.startswith(f"test R²    {found['r2']:.4f}")
    assert f"{target['rmse']:.4g}" in text
