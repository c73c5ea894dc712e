"""Trainings to be judged: small networks on wine (178 samples), observed once each."""

import json
from dataclasses import replace
from functools import lru_cache

import pytest

from groundup.config import from_mapping, set_path
from groundup.doctor.diagnosis import diagnose
from groundup.doctor.observe import observe
from groundup.doctor.rules import RULES
from groundup.train.threads import limited_threads

SOUND = {
    "data": {"name": "wine", "validation": 0.2},
    "model": {"name": "multi-layer", "units": 16, "depth": 1},
    "optimizer": {"name": "adam", "learning_rate": 0.005},
    "train": {"epochs": 15, "batch_size": 16},
}


@lru_cache(None)
def _observed(text):
    with limited_threads(1):  # for so little work more of them only wait for one another
        return observe(from_mapping(json.loads(text)))


@pytest.fixture(scope="session")
def observed():
    """The case of the sound training with other settings, `model__depth=3` for model.depth."""

    def of(**changes):
        values = json.loads(json.dumps(SOUND))
        for name, value in changes.items():
            set_path(values, name.replace("__", "."), value)
        return _observed(json.dumps(values))

    return of


@pytest.fixture(scope="session")
def measured():
    """What a rule measures of a case."""
    rules = {rule.name: rule for rule in RULES}
    return lambda name, case: rules[name].measure(case)


@pytest.fixture(scope="session")
def found():
    """The findings of a case by the rules' names."""
    return lambda case: {one.rule: one for one in diagnose(case).findings}


@pytest.fixture(scope="session")
def with_facts():
    """The same case with other facts."""
    return lambda case, **facts: replace(case, facts=replace(case.facts, **facts))


@pytest.fixture(scope="session")
def with_curves():
    """The same case with other curves: a list for each name, an epoch each."""

    def of(case, **curves):
        rows = zip(*curves.values(), strict=True)
        epochs = [
            {"kind": "epoch", "epoch": n, "step": 0, **dict(zip(curves, row, strict=True))}
            for n, row in enumerate(rows)
        ]
        others = [record for record in case.records if record["kind"] not in ("epoch", "step")]
        return replace(case, records=(*others, *epochs))

    return of
