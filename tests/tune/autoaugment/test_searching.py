"""A search carried out: pure, the same for any number of workers, and never a training twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import groundup as gu
from groundup import config as configuration
from groundup.data import datasets
from groundup.errors import ConfigError, InputError
from groundup.rng import Stream
from groundup.storage import read_log
from groundup.train.executor import local_pool
from groundup.train.trials import Trial, run_trial
from groundup.tune.autoaugment import resume, search
from groundup.tune.autoaugment.folder import LOG, Folder
from groundup.tune.autoaugment.plan import Plan

CONFIG = {
    "seed": 3,
    "model": {"name": "two-layer", "units": 20},
    "train": {"epochs": 2, "batch_size": 50},
}
COUNTS = {"trials": 5, "seeds": 2, "batch": 2, "subpolicies": 2, "images": 150, "best": 2}
NETWORKS = 5 + 5 + 1 + 3 * 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search without an interruption, and its folder."""
    folder = tmp_path_factory.mktemp("searches") / "whole"
    return search(CONFIG, out=folder, **COUNTS), folder


def without_times(folder: Path) -> list[dict]:
    return [{**one, "seconds": 0.0, "crc": 0} for one in read_log(folder / LOG)]


def test_what_is_trained(whole):
    found, folder = whole
    assert len(found.children) == NETWORKS
    controller, random, none = (
        [one for one in found.children if one.arm == arm and one.number is not None]
        for arm in ("controller", "random", "none")
    )
    assert [one.number for one in controller] == [one.number for one in random] == list(range(5))
    assert [one.number for one in none] == [0]
    assert {one.seed for one in (*controller, *random, *none)} == {1_000_003}
    assert all(np.shape(one.decisions) == (2, 6) for one in (*controller, *random))
    judged = [(one.seed, one.arm) for one in found.children if one.number is None]
    assert judged == [(s, arm) for s in (3, 4) for arm in ("controller", "random", "none")]
    assert len(found.policy.subpolicies) == 4
    assert [one.trial for one in found.steps] == [0, 2, 4, 5]
    assert found.steps[0].entropy == pytest.approx(1)
    assert found.steps[0].operations == pytest.approx([1 / 11] * 11)
    assert found.steps[-1].entropy < 0.9999
    assert (found.samples.learned, found.samples.validation, found.samples.test) == (150, 1288, 359)
    assert len(read_log(folder / LOG)) == 1 + NETWORKS


def test_a_reward_is_that_of_an_ordinary_training(whole):
    found, _ = whole
    child = next(one for one in found.children if one.arm == "controller" and one.number == 3)
    plan = found.plan
    from groundup.tune.autoaugment.small_set import small_set

    data = small_set(datasets.digits.load(), 150, 0.1, seed=3)
    config = plan.configured(plan.menu.policy(np.array(child.decisions)), child.seed)
    outcome = run_trial(Trial(config), data.without_test, data.validation)
    assert child.accuracy == outcome.scores["val_accuracy"]
    judged = next(one for one in found.children if one.arm == "controller" and one.number is None)
    config = plan.configured(found.policy, judged.seed)
    outcome = run_trial(Trial(config, judged=("test",)), data.dataset, data.validation)
    assert judged.accuracy == outcome.scores["test_accuracy"]


def test_the_best_trials_are_joined(whole):
    found, _ = whole
    for arm in ("controller", "random"):
        rewards = found.rewards(arm)
        best = sorted(range(5), key=lambda number: -rewards[number])[:2]
        spelled = [one.decisions for number in best for one in found.children
                   if (one.arm, one.number) == (arm, number)]  # fmt: skip
        expected = found.plan.menu.policy(np.concatenate(spelled))
        assert found.policies[arm] == expected
    assert found.policies["none"] is None


def test_random_policies_are_draws_of_the_menu(whole):
    found, _ = whole
    stream = Stream(3, "search", "autoaugment").named("random")
    random = [one for one in found.children if one.arm == "random" and one.number is not None]
    for one in random:
        drawn = found.plan.menu.draw(stream.at(step=one.number), 2)
        np.testing.assert_array_equal(one.decisions, drawn)


def test_two_workers_find_the_same(whole, tmp_path):
    found, folder = whole
    other = search(CONFIG, out=tmp_path / "pool", executor=local_pool(2), **COUNTS)
    assert other == found
    for name in ("networks.csv", "controller.csv", "policy.toml", "best.toml", "result.json"):
        assert (tmp_path / "pool" / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize("records", [1, 2, 6, 11, 13])
def test_a_log_that_ends_anywhere_is_gone_on_with(whole, tmp_path, records):
    found, folder = whole
    cut = tmp_path / "cut"
    cut.mkdir()
    lines = (folder / LOG).read_bytes().splitlines(keepends=True)
    (cut / LOG).write_bytes(b"".join(lines[:records]) + lines[records][:20])
    heard = []
    again = resume(cut, tell=lambda done, total, child: heard.append((done, total)))
    assert again == found
    assert heard[0] == (records - 1, NETWORKS)
    assert len(heard) == 1 + NETWORKS - (records - 1)
    assert without_times(cut) == without_times(folder)


def test_nothing_is_trained_twice_after_a_kill(whole, tmp_path):
    found, _ = whole
    script = (
        "import json, sys\n"
        "from groundup.tune.autoaugment import search\n"
        "search(json.loads(sys.argv[1]), out=sys.argv[2], **json.loads(sys.argv[3]))\n"
    )
    killed = tmp_path / "killed"
    words = [sys.executable, "-c", script, json.dumps(CONFIG), str(killed), json.dumps(COUNTS)]
    process = subprocess.Popen(words, env=os.environ | {"GROUNDUP_THREADS": "1"})
    try:
        while process.poll() is None:
            if (killed / LOG).is_file() and len(read_log(killed / LOG)) > 4:
                break
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = read_log(killed / LOG)
    assert resume(killed) == found
    after = read_log(killed / LOG)
    assert after[: len(before)] == before
    assert len(after) == 1 + NETWORKS


def test_given_data_and_several_children_of_a_policy():
    data = datasets.digits.load()
    counts = COUNTS | {"trials": 2, "children": 2}
    found = search(CONFIG, dataset=data, **counts)
    assert found.plan.searched_on == (1_000_003, 1_000_004)
    of_first = [one.accuracy for one in found.children
                if (one.arm, one.number) == ("controller", 0)]  # fmt: skip
    assert len(of_first) == 2
    assert found.rewards("controller")[0] == pytest.approx(sum(of_first) / 2)
    assert found == search(CONFIG, **counts)


def test_the_plan_is_read_back_from_the_log(whole):
    found, folder = whole
    record = read_log(folder / LOG)[0]
    assert Plan.from_record(record, "log") == found.plan
    assert configuration.load(folder / "config.toml") == found.plan.config


def test_what_was_found_can_be_trained_with(whole):
    found, folder = whole
    assert gu.Policy.load(folder / "policy.toml") == found.policy
    assert gu.Policy.load(folder / "best.toml") == found.policy
    outcome = run_trial(Trial(configuration.load(folder / "best.toml")))
    assert outcome.scores["val_accuracy"] > 0.3


def test_what_cannot_be_searched_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="iris is classification of samples"):
        search({"data": {"name": "iris"}})
    with pytest.raises(ConfigError, match="expected images"):
        search({"data": {"name": "diabetes"}})
    with pytest.raises(ConfigError, match=r"it searches for data\.augment"):
        search({"data": {"augment": ["shift"]}})
    with pytest.raises(InputError, match="holds no search for a policy"):
        Folder.open(tmp_path)
    with pytest.raises(InputError, match="seeds"):
        search(CONFIG, seeds=1)
