"""Runs of ensembles: members are ordinary runs; the same bits however they are interrupted."""

import numpy as np
import pytest

from groundup.config import from_mapping
from groundup.data import dataset as datasets
from groundup.errors import ConfigError, Diverged, Interrupted
from groundup.storage import read_log
from groundup.train import ensemble_run, model_file
from groundup.train.ensemble_run import member_configs, resume_ensemble, run_ensemble
from groundup.train.executor import local_pool
from groundup.train.members import members_of
from groundup.train.run import assemble, resume, run
from groundup.train.run_directory import Recorder, RunDirectory
from groundup.train.threads import limited_threads

TIMES = {"seconds", "samples_per_second", "run_dir", "crc"}


@pytest.fixture(autouse=True)
def _one_copy_of_the_data(monkeypatch):
    digits = datasets.load("digits")
    monkeypatch.setattr(datasets, "load", lambda name: digits)


def config(**train):
    return from_mapping({
        "seed": 3,
        "data": {"validation": 0.2},
        "model": {"name": "keras-dnn", "units": 8, "depth": 1},
        "train": {"epochs": 2, "batch_size": 200, "ensemble": 3, **train},
    })  # fmt: skip


def outcome(directory):
    (end,) = read_log(directory.metrics)
    end = {name: value for name, value in end.items() if name not in TIMES}
    return directory.model.read_bytes(), end


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    return run_ensemble(config(), path)


def test_a_member_is_an_ordinary_run(undisturbed, tmp_path) -> None:
    _, directory = undisturbed
    for k, single in enumerate(member_configs(directory.config()), start=1):
        member = RunDirectory(directory.member(k))
        assert member.config() == single
        assert (single.seed, single.data.split_seed, single.train.ensemble) == (2 + k, 3, 1)
        with limited_threads(1):
            run(single, tmp_path / str(k))
        assert member.model.read_bytes() == RunDirectory(tmp_path / str(k)).model.read_bytes()


def test_all_hold_out_the_same_samples() -> None:
    held = [assemble(one).validation.x for one in (config(), *member_configs(config()))]
    assert all((x == held[0]).all() for x in held)


def test_bagging_resamples_the_training_part_alone() -> None:
    plain, bagged = assemble(config()), assemble(config(bagging=True))
    assert len(plain.train) == len(bagged.train)
    assert len(np.unique(bagged.train.x, axis=0)) < 0.7 * len(np.unique(plain.train.x, axis=0))
    assert (plain.validation.x == bagged.validation.x).all()
    (a, b), (c, d) = plain.learner.preparation.parameters[0].popitem(), (
        bagged.learner.preparation.parameters[0].popitem()
    )  # fmt: skip
    assert (a, b) == (c, d)


def test_what_comes_of_it(undisturbed) -> None:
    result, directory = undisturbed
    learner = model_file.load(directory.model).learner
    assert len(members_of(learner)) == len(result.members) == 3
    assembly = assemble(config())
    assert result.test_loss == pytest.approx(learner.evaluate(assembly.test, 100)["loss"], rel=1e-5)
    assert result.val_loss == pytest.approx(
        learner.evaluate(assembly.validation, 100)["loss"], rel=1e-5
    )
    for k, scores in enumerate(result.members, start=1):
        (end,) = RunDirectory(directory.member(k)).records("end")
        assert scores["accuracy"] == end["test_accuracy"]
    assert result.parameters == learner.vector.size
    assert resume_ensemble(directory.path)[0] == result


def test_workers_change_nothing(undisturbed, tmp_path) -> None:
    told = []
    _, directory = run_ensemble(
        config(), tmp_path / "run", local_pool(2), lambda k, _: told.append(k)
    )
    assert outcome(directory) == outcome(undisturbed[1])
    assert sorted(told) == [1, 2, 3]


class Killed(BaseException):
    """What no library code catches, as little as SIGKILL."""


@pytest.mark.parametrize("epochs", [1, 2, 3, 5])
def test_a_killed_run_goes_on(undisturbed, tmp_path, monkeypatch, epochs) -> None:
    """Killed after so many epochs of all members together; members that ended are not repeated."""
    seen = []
    on_epoch_end = Recorder.on_epoch_end

    def counted(self, context):
        answer = on_epoch_end(self, context)
        seen.append(self.run.path.name)
        if len(seen) == epochs:
            raise Killed
        return answer

    monkeypatch.setattr(Recorder, "on_epoch_end", counted)
    with pytest.raises(Killed):
        run_ensemble(config(), tmp_path / "run")
    _, directory = resume_ensemble(tmp_path / "run")
    assert outcome(directory) == outcome(undisturbed[1])
    assert sorted(seen) == ["1", "1", "2", "2", "3", "3"]


def test_a_member_killed_before_it_began_is_begun_again(undisturbed, tmp_path) -> None:
    directory = RunDirectory.create(tmp_path / "run", "x", undisturbed[1].config())
    (directory.member(1) / "checkpoints").mkdir(parents=True)  # and no config.toml yet
    resume_ensemble(directory.path)
    assert outcome(directory) == outcome(undisturbed[1])


def test_an_interrupted_member_interrupts_the_whole(tmp_path, monkeypatch) -> None:
    begun = []

    def interrupted(config, path):
        begun.append(path.name)
        raise Interrupted(2, "stopped. Go on with: groundup train --resume members/1")

    monkeypatch.setattr(ensemble_run, "_train_member", interrupted)
    with pytest.raises(Interrupted, match=r"--resume \S*/whole$") as caught:
        run_ensemble(config(), tmp_path / "whole")
    assert caught.value.exit_code == 130
    assert begun == ["1"]  # and none after it


def test_the_member_that_diverges_is_named(tmp_path) -> None:
    wild = config().model_copy(update={
        "optimizer": from_mapping({"optimizer": {"name": "sgd", "learning_rate": 1e30}}).optimizer
    })  # fmt: skip
    with pytest.raises(Diverged, match="in member 1"), np.errstate(all="ignore"):
        run_ensemble(wild, tmp_path / "run")


def test_one_network_is_trained_elsewhere(undisturbed, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"train.ensemble = 3"):
        run(config(), tmp_path / "run")
    assert not (tmp_path / "run").exists()
    unfinished = RunDirectory.create(tmp_path / "other", "x", config())
    with pytest.raises(ConfigError, match=r"train.ensemble = 3"):
        resume(unfinished.path)
