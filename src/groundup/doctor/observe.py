"""From a training to a case: one that is done now, in memory, or one that has left its files."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from groundup.config import Config
from groundup.data.dataset import Dataset
from groundup.doctor.case import Case
from groundup.doctor.facts import facts_of
from groundup.errors import Diverged, InputError
from groundup.train.callback import Callback
from groundup.train.learner import Examples
from groundup.train.loop import Training
from groundup.train.probes.probes import Probes
from groundup.train.recording import Kept, Recording
from groundup.train.run import Assembly, assemble, check_single
from groundup.train.run_directory import RunDirectory

EXAMS = 40  # of a training that is done to be looked at
_STEPS = 200  # batches whose loss is kept, about


def observe(
    config: Config,
    dataset: Dataset | None = None,
    validation: Examples | None = None,
    onlookers: Sequence[Callback] = (),
) -> Case:
    """Train in memory and look at the layers some 40 times; a loss that diverges is evidence.

    Args:
        config: the run.
        dataset: the data, if loaded already.
        validation: raw samples to validate with, instead of a share of the training data.
        onlookers: callbacks that are no part of the result, such as a progress bar.

    Raises:
        InputError: a part of the configuration cannot be right, or does not fit the data.

    >>> from groundup.config import from_mapping
    >>> case = observe(from_mapping({"model": {"name": "two-layer"}, "train": {"epochs": 2}}))
    >>> len(case.exams) > 30, len(case.curve("val_loss")), case.diverged
    (True, 2, '')
    """
    return watch(assemble(check_single(config), dataset, validation), onlookers)


def watch(assembly: Assembly, onlookers: Sequence[Callback] = ()) -> Case:
    """`observe` of what is made already; its learner is trained."""
    plan, kept = assembly.plan, Kept()
    updates = plan.epochs * -(-len(assembly.train) // plan.batch_size)
    probes = Probes(max(1, updates // EXAMS))
    recording = Recording(kept, max(1, updates // _STEPS))
    training = Training(
        assembly.learner,
        assembly.train,
        assembly.validation,
        plan,
        [*assembly.callbacks, probes, recording],
        onlookers=onlookers,
    )
    with suppress(Diverged):  # the records say it
        training.run()
    facts = facts_of(assembly, looks_at_tests(kept))
    return Case(assembly.config, assembly.learner.network.chain, facts, tuple(kept))


def case_of_run(run: RunDirectory) -> Case:
    """The case that a run's files tell; its data are read again.

    Raises:
        InputError: the run was made without probes, or its data are not there any more.
    """
    records = run.records()
    if not any(record["kind"] == "probe" for record in records):
        raise InputError(
            f"{run.path}: the log holds no record of the layers. Train again with "
            "--set train.probes=true, or let the doctor train: groundup doctor "
            f"{run.config_file}."
        )
    assembly = assemble(check_single(run.config()))
    facts = facts_of(assembly, looks_at_tests(records))
    return Case(assembly.config, assembly.learner.network.chain, facts, tuple(records))


def looks_at_tests(records: Iterable[Mapping[str, Any]]) -> int:
    """How many records show what the test data say; the end of a run is one

    >>> looks_at_tests([{"kind": "epoch", "test_loss": 0.3}, {"kind": "end", "test_loss": 0.2}])
    2
    """
    return sum(any(name.startswith("test_") for name in record) for record in records)
