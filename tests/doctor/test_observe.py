"""Cases from trainings: in memory, from a run's files, and of one that diverged."""

import json

import pytest

from groundup.config import from_mapping
from groundup.data.dataset import load
from groundup.doctor.case import case_from
from groundup.doctor.observe import EXAMS, case_of_run, observe
from groundup.errors import ConfigError, InputError
from groundup.train.learner import Examples
from groundup.train.run import run

VALUES = {
    "data": {"name": "iris", "validation": 0.2},
    "model": {"name": "multi-layer", "units": 8, "depth": 1},
    "train": {"epochs": 4, "batch_size": 8},
}


def config(**tables):
    return from_mapping(VALUES | tables)


def test_a_case_has_what_a_run_would_have_logged(tmp_path):
    case = observe(config())
    _, directory = run(config(), tmp_path / "run")
    logged = [record["loss"] for record in directory.records("epoch")]
    assert case.curve("loss") == tuple(logged)
    assert EXAMS <= len(case.exams) <= 2 * EXAMS
    assert (case.exams[0].updates, case.exams[-1].updates) == (0, 48)
    assert case.config.train.loss == "categorical_crossentropy"  # nothing is left open


def test_a_case_comes_through_json_unchanged():
    case = observe(config())
    again = case_from(json.loads(json.dumps(case.plain())))
    assert (again.config, again.chain, again.facts) == (case.config, case.chain, case.facts)
    assert again.exams == case.exams


def test_a_training_that_diverges_is_evidence():
    case = observe(config(optimizer={"name": "sgd", "learning_rate": 1e20}))
    assert case.diverged
    assert case.records[-1]["kind"] == "diverged"
    assert len(case.curve("loss")) == 0


def test_validation_samples_of_their_own():
    data = load("iris")
    case = observe(config(), data, Examples(data.x_test, data.y_test))
    assert case.facts.samples == (120, 30, 30)
    assert case.facts.validation_is_test == 1.0
    assert len(case.curve("val_loss")) == 4


def test_a_case_of_a_run_has_its_records_and_facts(tmp_path):
    _, directory = run(config(), tmp_path / "run")
    case = case_of_run(directory)
    assert case.facts.samples == (96, 24, 30)
    assert case.facts.test_looks == 1
    assert [exam.updates for exam in case.exams] == [
        record["updates"] for record in directory.records("probe")
    ]


def test_a_run_without_probes_says_how_to_get_them(tmp_path):
    train = VALUES["train"] | {"probes": False}
    _, directory = run(config(train=train), tmp_path / "run")
    with pytest.raises(InputError, match=r"train\.probes=true"):
        case_of_run(directory)


def test_an_ensemble_is_not_one_network():
    with pytest.raises(ConfigError, match="ensemble"):
        observe(config(train=VALUES["train"] | {"ensemble": 2}))
