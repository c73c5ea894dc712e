"""Proofs: what helps is confirmed, what does not is not, wherever and how often it is asked."""

import itertools
import os
import signal
from dataclasses import replace

import pytest

from groundup.config import from_mapping, to_mapping
from groundup.data import dataset as datasets
from groundup.data.dataset import Dataset
from groundup.doctor import prove as proving
from groundup.doctor.case import Case
from groundup.doctor.diagnosis import Diagnosis
from groundup.doctor.facts import facts_of
from groundup.doctor.finding import Finding, Prescription
from groundup.doctor.prove import prove
from groundup.errors import InputError
from groundup.train.executor import local_pool
from groundup.train.learner import Examples
from groundup.train.run import assemble

DIGITS = datasets.load("digits")


@pytest.fixture(autouse=True)
def _one_copy_of_the_data(monkeypatch):
    monkeypatch.setattr(datasets, "load", lambda name: DIGITS)


def config(**changes):
    values = {
        "seed": 3,
        "data": {"validation": 0.2},
        "model": {"name": "multi-layer", "units": 16, "depth": 1},
        "optimizer": {"name": "sgd", "learning_rate": 0.001},
        "train": {"epochs": 2, "batch_size": 100},
    }
    for path, value in changes.items():
        table, key = path.split("__")
        values[table] = {**values[table], key: value}
    return from_mapping(values)


def finding(rule, treated):
    return Finding(
        rule, rule, "harmful", "", 1.0, 0.5, "", "", "6", Prescription("change it", (), treated)
    )


def case_of(given):
    assembly = assemble(given, DIGITS)
    return Case(assembly.config, assembly.learner.network.chain, facts_of(assembly), ())


@pytest.fixture(scope="module")
def case():
    return case_of(config())


@pytest.fixture(scope="module")
def restless():
    """Four units at a high learning rate: where it ends is chance."""
    return case_of(config(**RESTLESS))


RESTLESS = {"model__units": 4, "optimizer__learning_rate": 0.4, "train__epochs": 4}
HELPS = finding("learning-rate-too-low", config(optimizer__learning_rate=0.3))
NOTHING = finding("dead-relus", config())
HARMS = finding("vanishing-gradients", config(optimizer__learning_rate=1e30))
UNCLEAR = finding("weights-too-large", config(**RESTLESS, model__init="he_uniform"))
NO_CONFIG = finding("wrong-labels", None)


def proofs(diagnosis):
    return [one.proof for one in diagnosis.findings]


def test_what_helps_and_what_does_not(case) -> None:
    diagnosis = Diagnosis((HELPS, NO_CONFIG, NOTHING, HARMS), case)
    proved = prove(diagnosis, epochs=2, pairs=5)
    good, none, same, bad = proofs(proved)
    assert (good.verdict, good.measure) == ("confirmed", "training loss")
    assert good.p < 0.01 and good.low < good.mean < good.high < 0 and good.effect < -3
    assert len(good.without) == len(good.treated) == 5 and good.epochs == 2
    assert none is None
    assert (same.verdict, same.measure) == ("not confirmed", "validation loss")
    assert (same.p, same.mean, same.effect) == (1.0, 0.0, 0.0) and same.without == same.treated
    assert bad.verdict == "not confirmed" and bad.mean > 0
    assert set(bad.treated) == {2 * case.facts.chance}  # of runs that diverged: the cap
    assert bad.without == same.without  # the same runs
    assert [replace(one, proof=None) for one in proved.findings] == list(diagnosis.findings)
    assert proved.case is case and good.seconds > 0


def test_the_same_here_and_with_workers(case) -> None:
    diagnosis = Diagnosis((HELPS, UNCLEAR), case)
    here = prove(diagnosis, epochs=0.5, pairs=5)
    there = prove(diagnosis, epochs=0.5, pairs=5, executor=local_pool(2))
    assert here == there and proofs(here)[0].epochs == 0.5
    assert proofs(here) == proofs(prove(diagnosis, epochs=0.5, pairs=5, dataset=DIGITS))


def test_more_pairs_only_where_five_do_not_tell(restless) -> None:
    told = []
    diagnosis = Diagnosis((HARMS, UNCLEAR), restless)
    clear, unclear = proofs(
        prove(diagnosis, epochs=4, pairs=20, tell=lambda *counts: told.append(counts))
    )
    assert clear.verdict == "not confirmed" and len(clear.treated) == 5
    assert unclear.verdict == "cannot tell" and len(unclear.treated) == 20
    assert told[14] == (15, 15) and told[15] == (16, 25) and told[-1] == (45, 45)
    first = proofs(prove(diagnosis, epochs=4, pairs=5))
    assert first[1].treated == unclear.treated[:5] and first[1].without == unclear.without[:5]


def test_runs_of_a_pair_share_all_but_the_prescription(case) -> None:
    """The seeds differ between pairs; the prescription that changes nothing shows they agree."""
    (proof,) = proofs(prove(Diagnosis((NOTHING,), case), epochs=1, pairs=5))
    assert len(set(proof.without)) == 5 and proof.without == proof.treated


def test_the_budget_decides_how_long_and_how_many(case) -> None:
    long = config(train__epochs=1_000_000)
    endless = replace(case, config=long)
    diagnosis = Diagnosis(
        (finding("x", config(train__epochs=1_000_000, optimizer__learning_rate=0.3)),), endless
    )
    began = proving.time.perf_counter()
    (proof,) = proofs(prove(diagnosis, budget=3.0))
    took = proving.time.perf_counter() - began
    assert took < 10 and proof is not None  # with slack for a busy machine
    assert 1 <= proof.epochs < 1_000 and proof.epochs == int(proof.epochs)
    (again,) = proofs(prove(diagnosis, epochs=proof.epochs, pairs=len(proof.treated)))
    assert again == proof
    late = replace(diagnosis, findings=(replace(diagnosis.findings[0], rule="overfitting"),))
    assert proofs(prove(late, budget=1.0)) == [None]


def test_runs_are_never_longer_than_the_configuration_says(case) -> None:
    (proof,) = proofs(prove(Diagnosis((HELPS,), case), budget=30.0))
    assert proof.epochs == 2


def test_a_budget_that_is_spent_ends_the_looks(restless, monkeypatch) -> None:
    """A clock that runs a second a look at it: after the first look there is no time for more."""
    ticks = itertools.count()
    monkeypatch.setattr(proving.time, "perf_counter", lambda: float(next(ticks)))
    (proof,) = proofs(prove(Diagnosis((UNCLEAR,), restless), budget=3.0, epochs=4))
    assert len(proof.treated) == 5 and proof.verdict == "cannot tell"


def test_an_interruption_leaves_what_is_proved(restless) -> None:
    def tell(done, planned):
        if done == 12:  # in the second look
            os.kill(os.getpid(), signal.SIGINT)

    (proof,) = proofs(prove(Diagnosis((UNCLEAR,), restless), epochs=4, pairs=20, tell=tell))
    assert len(proof.treated) == 5 and proof.verdict == "cannot tell"


def test_data_of_their_own(case) -> None:
    """model.diagnose(x, y, validation_data): nothing is held out, and nothing read."""
    assembly = assemble(config(), DIGITS)
    part = Dataset("part", assembly.train.x, assembly.train.y, *_few(DIGITS), DIGITS.classes)
    held = Examples(assembly.validation.x, assembly.validation.y)
    diagnosis = Diagnosis((finding("x", config(optimizer__learning_rate=0.3)),), case)
    (own,) = proofs(prove(diagnosis, epochs=1, pairs=5, dataset=part, validation=held))
    assert own == proofs(prove(diagnosis, epochs=1, pairs=5))[0]
    assert own.measure == "validation loss"


def _few(data):
    return data.x_test[:9], data.y_test[:9]


def test_members_of_ensembles_are_tried_alone(case) -> None:
    several = replace(case, config=from_mapping(_with_members(case.config)))
    treated = finding("x", from_mapping(_with_members(HELPS.prescription.config)))
    (proof,) = proofs(prove(Diagnosis((treated,), several), epochs=1, pairs=5))
    assert proof.verdict == "confirmed"


def _with_members(single):
    values = to_mapping(single)
    return values | {"train": values["train"] | {"ensemble": 3}}


@pytest.mark.parametrize("wrong", [{"budget": 0}, {"pairs": 7}, {"epochs": -1}])
def test_what_is_refused(case, wrong) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        prove(Diagnosis((HELPS,), case), **wrong)


def test_nothing_to_try(case) -> None:
    healthy = Diagnosis((), case)
    assert prove(healthy) == healthy
    assert proofs(prove(Diagnosis((NO_CONFIG,), case))) == [None]
