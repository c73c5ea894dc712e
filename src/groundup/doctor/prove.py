"""Prescriptions tried: short runs in pairs, with and without each, from the same seeds.

How long a run is and how many pairs there are is decided by the clock, for that is what a budget
means (`doctor.budget`). Both are recorded; given explicitly, they lead to the same proofs bit for
bit, with any number of workers.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from groundup.checks import POSITIVE, as_number, refusal
from groundup.config import Config
from groundup.data.dataset import Dataset
from groundup.doctor.budget import PILOT, Candidate, affordable, price_of
from groundup.doctor.case import Case
from groundup.doctor.diagnosis import Diagnosis
from groundup.doctor.finding import Finding, Proof
from groundup.doctor.measures import promise_of, yardstick
from groundup.doctor.of_model import ARRAYS
from groundup.doctor.paired_runs import PairedRuns, Tell
from groundup.doctor.verdict import LOOKS, corrected, verdict
from groundup.errors import InputError, Interrupted
from groundup.statistics.pairs import paired_t
from groundup.train.executor import ExecutorFactory, inline
from groundup.train.learner import Examples
from groundup.train.signals import Signals


def prove(
    diagnosis: Diagnosis,
    budget: float = 60.0,
    executor: ExecutorFactory | None = None,
    dataset: Dataset | None = None,
    validation: Examples | None = None,
    tell: Tell | None = None,
    *,
    epochs: float | None = None,
    pairs: int | None = None,
) -> Diagnosis:
    """Try every prescription that is a configuration, and attach what came of it

    Pairs of runs, with and without the prescription, share seed, initial draw, order and split of
    the data; runs without are shared by all findings. There are 5 pairs, then 10 and 20 where fewer
    do not tell and the budget lasts. A finding that there is no time for gets no proof. Ctrl-C ends
    the proving as a budget that is spent: what was judged stands.

    Args:
        diagnosis: what was found.
        budget: seconds.
        executor: where runs are made; by default here, one after the other.
        dataset, validation: the data, if they are not those of the configuration.
        tell: is told after each run how many are done, and of how many so far.
        epochs: the length of each run, also fractions; by default as the budget allows.
        pairs: 5, 10 or 20: the most to make, whatever the clock says. With `epochs`, the result
            depends on the clock no more.

    Raises:
        InputError: impossible numbers, a prescription that does not fit the data, or no `dataset`
            for the diagnosis of a model, whose data were arrays.

    >>> from groundup.config import from_mapping
    >>> from groundup.doctor.diagnosis import diagnose
    >>> from groundup.doctor.observe import observe
    >>> model = {"name": "two-layer", "init": "zeros"}
    >>> case = observe(from_mapping({"model": model, "train": {"epochs": 3}}))
    >>> (finding,) = prove(diagnose(case), epochs=1, pairs=5).findings
    >>> finding.rule, finding.proof.verdict, finding.proof.measure
    ('zero-initialization', 'confirmed', 'validation loss')
    """
    budget = as_number(budget, "budget", POSITIVE)
    if pairs is not None and pairs not in LOOKS:
        raise refusal("pairs", pairs, f"one of {LOOKS}, or None")
    if dataset is None and diagnosis.case.config.data.name == ARRAYS:
        raise InputError("prove: the data of this diagnosis were arrays. Give dataset=Dataset(…).")
    ends = time.perf_counter() + budget
    proofs: dict[str, Proof] = {}
    with suppress(Interrupted), Signals() as signals, (executor or inline())() as pool:
        runs = PairedRuns(pool, dataset, validation, lambda: signals.check("stopped"), tell)
        for latest in _looks(diagnosis, runs, ends, epochs, pairs):
            proofs = latest
    findings = [replace(one, proof=proofs.get(one.rule, one.proof)) for one in diagnosis.findings]
    return replace(diagnosis, findings=tuple(findings))


def _looks(
    diagnosis: Diagnosis, runs: PairedRuns, ends: float, epochs: float | None, pairs: int | None
) -> Iterator[dict[str, Proof]]:
    """The proofs by rule after 5, 10 and 20 pairs, as long as the time or `pairs` allows."""
    case = diagnosis.case
    tried = [one for one in diagnosis.findings if one.prescription.config is not None]
    if epochs is None:
        tried, epochs = _affordable(case, tried, runs, ends - time.perf_counter())
    unclear = tried
    for look in (n for n in LOOKS if pairs is None or n <= pairs):
        configs = [_one(case.config), *map(_treated, unclear)]
        late = time.perf_counter() + runs.estimate(configs, look) > ends
        if not unclear or (pairs is None and late):
            break
        runs.make(configs, look, epochs)
        proofs = _proofs(case, tried, runs, epochs)
        yield proofs
        unclear = [one for one in tried if proofs[one.rule].verdict == "cannot tell"]


def _affordable(
    case: Case, findings: Sequence[Finding], runs: PairedRuns, seconds: float
) -> tuple[list[Finding], float]:
    """The findings that can be tried in that time, and for how many epochs."""
    base = _one(case.config)
    if not findings or not base.train.epochs:
        return [], 0.0
    began = time.perf_counter()
    configs = [base, *map(_treated, findings)]
    steps = [-(-case.facts.samples[0] // config.train.batch_size) for config in configs]
    for _ in range(2):  # first what is loaded and compiled once, then what a run costs
        timed = dict(runs.train(configs, PILOT / steps[0]))
    first, *others = (price_of(timed[k], count) for k, count in enumerate(steps))
    candidates = [
        Candidate(price, promise_of(one.rule).late)
        for one, price in zip(findings, others, strict=True)
    ]
    left = seconds - (time.perf_counter() - began)
    chosen, epochs = affordable(first, candidates, left, base.train.epochs, steps[0])
    return [findings[place] for place in chosen], epochs


class _Tried(NamedTuple):
    """One prescription's pairs: what was measured, the values of both sides, and the time."""

    words: str
    without: tuple[float, ...]
    treated: tuple[float, ...]
    seconds: float


def _tried(case: Case, finding: Finding, runs: PairedRuns, sharing: int) -> _Tried:
    """The pairs so far; the time of runs without is shared by so many findings."""
    measure = yardstick(finding.rule, case, _treated(finding), runs.validation is not None)
    treated = runs.outcomes(_treated(finding))
    without = runs.outcomes(_one(case.config))[: len(treated)]
    seconds = sum(run.seconds for run in treated) + sum(run.seconds for run in without) / sharing
    return _Tried(
        measure.words, tuple(map(measure, without)), tuple(map(measure, treated)), seconds
    )


def _proofs(
    case: Case, findings: Sequence[Finding], runs: PairedRuns, epochs: float
) -> dict[str, Proof]:
    """By rule, what the runs come to so far."""
    tried = [_tried(case, one, runs, len(findings)) for one in findings]
    differences = [np.subtract(one.treated, one.without) for one in tried]
    proofs = {}
    for finding, one, d, p in zip(
        findings, tried, differences, corrected(differences), strict=True
    ):
        test = paired_t(d)
        proofs[finding.rule] = Proof(
            verdict=verdict(one.without, one.treated, p),
            measure=one.words,
            without=one.without,
            treated=one.treated,
            mean=test.mean,
            low=test.low,
            high=test.high,
            p=p,
            effect=test.effect,
            seconds=one.seconds,
            epochs=epochs,
        )
    return proofs


def _treated(finding: Finding) -> Config:
    assert finding.prescription.config is not None
    return _one(finding.prescription.config)


def _one(config: Config) -> Config:
    """A single network of this configuration, should it be one of an ensemble."""
    return config.model_copy(update={"train": config.train.model_copy(update={"ensemble": 1})})
