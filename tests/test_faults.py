"""The bench of planted faults: well-formed, the same every time, and its faults do harm."""

import json
import os
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def here(fault):
    """Whether its data can be had: MNIST needs its files."""
    return fault.setup.values["data"]["name"] != "mnist" or "GROUNDUP_DATA" in os.environ


def test_every_rule_has_faults_in_both_halves_and_so_have_the_healthy():
    from benchmarks.faults.faults import FAULTS, PLANTED, RULES
    from benchmarks.faults.healthy import HEALTHY

    assert len(RULES) == 22
    assert len(FAULTS) == len(PLANTED) + len(HEALTHY)  # no name twice
    count = Counter((fault.rule, fault.half) for fault in FAULTS.values())
    for rule in RULES:
        assert min(count[rule, half] for half in ("tuning", "judged")) >= 5, rule
    assert min(count[None, half] for half in ("tuning", "judged")) >= 32
    for rule in RULES:  # dense and convolutional nets, small and larger images
        own = [fault.setup.values for fault in PLANTED if fault.rule == rule]
        assert {one["data"]["name"] for one in own} >= {"digits", "mnist"}
        kinds = [layer["kind"] for one in own for layer in one["model"].get("layers", ())]
        assert "Conv2D" in kinds, rule


def test_consequences_are_rules():
    from benchmarks.faults.faults import CONSEQUENCES, RULES

    assert {*CONSEQUENCES, *(one for some in CONSEQUENCES.values() for one in some)} <= {*RULES}


def test_no_training_stands_in_both_halves():
    from benchmarks.faults.cases import described
    from benchmarks.faults.faults import FAULTS

    seen = {}
    for fault in FAULTS.values():
        text = json.dumps(described(fault.setup), sort_keys=True)
        assert seen.setdefault(text, fault.half) == fault.half, fault.name


def test_every_configuration_makes_its_network():
    from benchmarks.faults.faults import FAULTS

    from groundup.nn.zoo import zoo

    for fault in FAULTS.values():
        for setup in (fault.setup, fault.sound):
            if setup is not None:
                config = setup.config
                if config.model.layers is None:
                    zoo[config.model.name](**config.model.options)


def test_what_is_planted_is_the_same_every_time_and_leaves_its_source_alone():
    from benchmarks.faults.cases import source
    from benchmarks.faults.faults import FAULTS

    chosen = [fault for fault in FAULTS.values() if fault.setup.plants or fault.setup.validation]
    chosen = [fault for fault in chosen if here(fault) and fault.sound][::4]
    assert len(chosen) >= 5
    for fault in chosen:
        data = source(fault.setup.values["data"]["name"])
        before = data.y_train.copy(), data.x_test[0].copy()
        one, other = (fault.setup.data(data) for _ in range(2))
        np.testing.assert_array_equal(one[0].x_train, other[0].x_train)
        np.testing.assert_array_equal(one[0].y_train, other[0].y_train)
        if one[1] is not None:
            np.testing.assert_array_equal(one[1][0], other[1][0])
        np.testing.assert_array_equal(data.y_train, before[0])
        np.testing.assert_array_equal(data.x_test[0], before[1])


def test_plants_do_what_they_say():
    from benchmarks.faults import plants, validations

    from groundup.data.dataset import load
    from groundup.rng import Stream

    data, stream = load("digits"), Stream(0, "split", "test")
    few = plants.draw(data, stream, count=200, test=50)
    assert (len(few.x_train), len(few.x_test)) == (200, 50)
    assert np.bincount(few.y_train).min() >= 19
    shuffled = plants.shuffle_targets(data, stream, share=0.5)
    same = (shuffled.y_train == data.y_train).mean()
    assert 0.5 < same < 0.6  # a tenth of what is moved meets its own class
    np.testing.assert_array_equal(np.sort(shuffled.y_train), np.sort(data.y_train))
    thin = plants.thin_out(data, stream, keep={3: 0.1, 4: 0.001})
    was, now = np.bincount(data.y_train), np.bincount(thin.y_train)
    assert (now[3], now[4], now[5]) == (round(0.1 * was[3]), 4, was[5])
    moved = plants.move_inputs(data, stream, scale=2.0, offset=5.0)
    np.testing.assert_array_equal(moved.x_train, 2.0 * data.x_train + 5.0)
    mixed = plants.mix_test_in(data, stream)
    assert len(mixed.x_train) == len(data.x_train) + len(data.x_test)

    left, (x, _) = validations.the_test_part(data, stream, share=0.5)
    known = {image.tobytes() for image in data.x_test}
    assert sum(image.tobytes() in known for image in x) == pytest.approx(len(x) / 2, abs=2)
    assert len(left.x_train) + len(x) == len(data.x_train) + round(0.5 * len(x))
    left, (x, y) = validations.half_of_the_test_part(data, stream, change="inverted")
    assert len(x) + len(left.x_test) == len(data.x_test)
    np.testing.assert_array_equal(x, 16 - data.x_test[::2].astype(float))
    np.testing.assert_array_equal(y, data.y_test[::2])


def test_a_setup_can_be_read_and_changed():
    from benchmarks.faults import plants
    from benchmarks.faults.cases import described
    from benchmarks.faults.setups import dense, digits

    sound = digits(dense(50))
    faulty = sound.but({"model.init": "zeros"}, partial(plants.draw, count=9))
    assert described(faulty)["plants"] == [{"name": "draw", "count": 9}]
    assert (sound.values["model"]["init"], faulty.values["model"]["init"]) == ("he", "zeros")


@pytest.mark.parametrize("name", ["learning-rate-too-high-1", "class-imbalance-1"])
def test_a_planted_fault_harms(name):
    from benchmarks.faults.faults import FAULTS
    from benchmarks.faults.harm import harm

    came = harm(FAULTS[name])
    assert came.faulty > 1.4 * came.sound


def test_a_fault_is_observed_once_and_again_where_it_has_changed(tmp_path, monkeypatch):
    from benchmarks.faults import cases
    from benchmarks.faults.faults import FAULTS

    monkeypatch.setattr(cases, "local_pool", _here_and_now)
    fault = FAULTS["not-a-number-7"]
    ((name, seconds),) = cases.make([fault], tmp_path)
    assert (name, seconds > 0) == (fault.name, True)
    case = cases.case_of(fault, tmp_path)
    assert case.diverged
    assert case.config.optimizer.options["learning_rate"] == 20.0
    assert list(cases.make([fault], tmp_path)) == [(fault.name, 0.0)]
    path = tmp_path / f"{name}.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["setup"]["values"]["seed"] = 1
    path.write_text(json.dumps(kept), encoding="utf-8")
    ((_, again),) = cases.make([fault], tmp_path)
    assert again > 0


def _here_and_now(workers):
    from groundup.train.executor import inline

    return inline()


def answers():
    from benchmarks.faults.faults import FAULTS
    from benchmarks.faults.judge import Answer

    return [
        Answer(FAULTS["dead-relus-1"], ("dead-relus",)),
        Answer(FAULTS["dead-relus-3"], ("learning-rate-too-high", "dead-relus")),  # accepted
        Answer(FAULTS["dead-relus-5"], ("overfitting",), ("dead-relus",)),
        Answer(FAULTS["plateau-1"], ()),
        Answer(FAULTS["healthy-1"], ("overfitting", "plateau")),
        Answer(FAULTS["healthy-3"], ()),
    ]


def test_answers_are_counted():
    from benchmarks.faults.judge import alarmed, score, scores

    dead, over = score("dead-relus", answers()), score("overfitting", answers())
    assert (dead.found.count, dead.found.of, dead.first.count) == (2, 3, 1)
    assert (dead.on_healthy, dead.on_others, dead.precise.value) == (0, 0, 1.0)
    assert (over.found.of, over.on_healthy, over.on_others, over.precise.count) == (0, 1, 1, 0)
    total = scores(answers())[-1]
    assert (total.found.count, total.found.of) == (2, 4)
    assert (total.on_healthy, total.on_others) == (2, 1)
    assert (total.precise.count, total.precise.of) == (2, 5)
    assert (alarmed(answers()).count, alarmed(answers()).of) == (1, 2)
    assert str(alarmed(answers())) == "1/2 (0.09–0.91)"  # Wilson's interval


def test_tables_say_it_and_go_into_a_page(tmp_path):
    from benchmarks.faults import tables
    from benchmarks.faults.harm import Harm

    half, missed = tables.of_half(answers()), tables.misses(answers())
    assert "| dead-relus | 2/3 (0.21–0.94) | 1/3 | 0 | 0 | 2/2 (0.34–1.00) |" in half
    assert "| dead-relus-5 | missed | overfitting | dead-relus |" in missed
    assert "healthy-1 | healthy | overfitting, plateau" in missed
    assert "dead-relus-1" not in missed
    tried = {"rule": "plateau", "planted": True, "verdict": "confirmed"}
    proofs = tables.of_proofs({"a": [tried], "b": [tried | {"verdict": "cannot tell"}]})
    assert "| plateau | 1 | 0 | 1 | 1/2 (0.09–0.91) |" in proofs
    harm = tables.of_harm([Harm("plateau-1", "val_loss", 0.5, 1.0)])
    assert "| plateau | val_loss | 0.5 | 1 | 2.0× |" in harm
    short = tables.short(answers(), {"plateau-1": [tried]})
    assert "| dead-relus | 2/3 | 0 | – |" in short
    assert "| plateau | 0/1 | 1 | 1/1 |" in short
    assert "| all | 2/4 (0.15–0.85) | 3 | 1/1 |" in short

    page = tmp_path / "page.md"
    page.write_text("above\n<!-- bench -->\nold\n<!-- end of bench -->\nbelow\n", encoding="utf-8")
    tables.insert(page, "new")
    assert page.read_text(encoding="utf-8") == (
        "above\n<!-- bench -->\n\nnew\n\n<!-- end of bench -->\nbelow\n"
    )


def test_the_command_observes_judges_and_saves(tmp_path, monkeypatch, capsys):
    from benchmarks.faults import __main__ as command
    from benchmarks.faults import cases

    monkeypatch.setattr(cases, "local_pool", _here_and_now)
    monkeypatch.setattr(
        "sys.argv", ["faults", "--only", "not-a-number-7", "healthy-41", "--out", str(tmp_path)]
    )
    assert command.main() == 0
    told = capsys.readouterr()
    assert "not-a-number-7" in told.err
    assert "## The tuning half" in told.out
    result = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in result["tuning"]] == ["not-a-number-7", "healthy-41"]
    assert result["judged"] == []
    assert "| not-a-number |" in (tmp_path / "short.md").read_text(encoding="utf-8")
    assert command.main() == 0  # nothing is observed again
    assert capsys.readouterr().err == ""
