"""The report of a run directory says what the run's own files say."""

import numpy as np
import pytest

from groundup.config import from_mapping, to_mapping
from groundup.data import digits, load
from groundup.errors import CorruptFile, InputError
from groundup.nn.scores import classification_scores
from groundup.report.from_run import MISTAKES, summary_of, write_run_report
from groundup.storage import read_log
from groundup.train import load_model
from groundup.train.defaults import complete
from groundup.train.run import run
from groundup.train.run_directory import RunDirectory

CONFIG = {"model": {"name": "two-layer"}, "train": {"epochs": 2}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small run, its summary, and the answers of its network on the test data."""
    path = tmp_path_factory.mktemp("runs") / "small"
    _, directory = run(from_mapping(CONFIG), path)
    said = load_model(directory.model).predict(digits.load().x_test)
    return directory, summary_of(directory), said


def test_the_result_is_the_runs(finished):
    directory, summary, _ = finished
    end = read_log(directory.metrics)[-1]
    for name in ("test_accuracy", "test_loss", "val_accuracy", "val_loss", "parameters", "seconds",
                 "samples_per_second", "seed", "model", "data"):  # fmt: skip
        assert getattr(summary, name) == end[name]
    assert (summary.name, summary.test_samples, summary.samples_are) == ("small", 359, "images")
    assert summary.warning == ""
    whole = complete(from_mapping(CONFIG), (1, 8, 8), "classification")
    assert summary.config == to_mapping(whole)


def test_the_epochs_are_those_of_the_log(finished):
    directory, summary, _ = finished
    logged = [record for record in read_log(directory.metrics) if record["kind"] == "epoch"]
    assert [epoch["epoch"] for epoch in summary.epochs] == [0, 1]
    for epoch, record in zip(summary.epochs, logged, strict=True):
        assert {"kind", "step"} == set(record) - set(epoch)
        assert all(record[name] == value for name, value in epoch.items())


def test_the_confusion_counts_every_test_sample(finished):
    _, summary, said = finished
    y = digits.load().y_test
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (y, said.argmax(axis=1)), 1)
    assert np.array_equal(summary.confusion, expected)
    assert list(summary.labels) == [str(i) for i in range(10)]


def test_the_most_confident_mistakes_come_first(finished):
    _, summary, said = finished
    data = digits.load()
    wrong = np.flatnonzero(said.argmax(axis=1) != data.y_test)
    assert len(summary.mistakes) == min(MISTAKES, len(wrong))
    sure = [mistake.probability for mistake in summary.mistakes]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == pytest.approx(said[wrong].max())
    for mistake in summary.mistakes:
        assert mistake.true == str(data.y_test[mistake.index])
        assert mistake.predicted == str(said[mistake.index].argmax()) != mistake.true
        assert np.allclose(mistake.image * 16, data.x_test[mistake.index])


def test_the_layers_are_the_networks(finished):
    _, summary, _ = finished
    assert sum(layer.parameters for layer in summary.layers) == summary.parameters
    assert summary.layers[0].kind == "Flatten"
    assert summary.layers[-1].output_shape == (10,)


def test_the_page_is_written_into_the_directory(finished):
    directory, summary, _ = finished
    assert write_run_report(directory) == directory.report
    page = directory.report.read_text(encoding="utf-8")
    right = round(summary.test_accuracy * 359)
    assert f"{100 * right / 359:.1f}" in page.split("<h1>")[1].split("</h1>")[0]
    assert page.count("<img") == len(summary.mistakes)


def test_a_run_that_ended_early_says_why(tmp_path):
    stopping = {"kind": "EarlyStopping", "monitor": "val_loss", "min_delta": 100.0}
    config = {**CONFIG, "train": {"epochs": 9, "callbacks": [stopping]}}
    _, directory = run(from_mapping(config), tmp_path / "run")
    summary = summary_of(directory)
    assert len(summary.epochs) < 9
    assert summary.warning.startswith("Ended early: ")


def test_a_run_that_has_not_ended_has_no_report(tmp_path):
    directory = RunDirectory.create(tmp_path / "run", "run", from_mapping(CONFIG))
    with pytest.raises(InputError, match="has not ended"):
        write_run_report(directory)
    assert not directory.report.exists()


def test_a_damaged_environment_is_named(tmp_path, finished):
    _, directory = run(from_mapping({**CONFIG, "train": {"epochs": 0}}), tmp_path / "run")
    directory.environment_file.write_text("[]", encoding="utf-8")
    with pytest.raises(CorruptFile, match=r"env\.json"):
        summary_of(directory)


def test_the_classes_are_scored_by_the_networks_answers(finished):
    _, summary, said = finished
    scores = classification_scores(digits.load().y_test, said)
    assert [row.name for row in summary.classes] == list(summary.labels)
    assert [row.auc for row in summary.classes] == scores.auc.tolist()
    assert [row.f1 for row in summary.classes] == scores.f1.tolist()
    assert summary.macro == scores.macro


def test_a_regression_shows_its_values(tmp_path):
    config = {"data": {"name": "diabetes"}, "train": {"epochs": 3}}
    result, directory = run(from_mapping(config), tmp_path / "values")
    data, summary = load("diabetes"), summary_of(directory)
    (target,) = summary.targets
    np.testing.assert_array_equal(target.true, data.y_test)
    said = load_model(directory.model).predict(data.x_test)[:, 0]
    np.testing.assert_allclose(target.predicted, said)
    assert (target.name, target.r2) == (data.targets[0], result.test_r2)
    assert summary.test_r2 == result.test_r2
    assert (summary.confusion, summary.test_samples) == (None, len(data.y_test))
    assert write_run_report(directory).exists()
