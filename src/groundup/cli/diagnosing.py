"""What `groundup doctor` does: find or train the run, diagnose it, try what would help, tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.cli import durations, output
from groundup.cli.settings import configure
from groundup.cli.training import PATHS, plan_in_words, refuse
from groundup.config import Config
from groundup.doctor.diagnosis import Diagnosis, diagnose
from groundup.doctor.finding import Finding
from groundup.doctor.observe import case_of_run
from groundup.doctor.preflight import preflight
from groundup.doctor.preflight_page import preflight_page
from groundup.doctor.prove import prove
from groundup.doctor.story import headline
from groundup.doctor.verdict import LOOKS
from groundup.errors import ConfigError, Diverged, InputError
from groundup.report.from_run import write_run_report
from groundup.report.page import write_page
from groundup.storage import make_directory, shown
from groundup.train import run as runs
from groundup.train.callbacks import ProgressBar
from groundup.train.callbacks.screen import Screen
from groundup.train.defaults import complete
from groundup.train.executor import ExecutorFactory, inline, local_pool, usable_cores
from groundup.train.run_directory import RunDirectory

PAGE, PREFLIGHT_PAGE = "doctor.html", "preflight.html"
_WIDTH = 16  # of the bar, in characters


@dataclass(frozen=True)
class Asked:
    """Whom to examine: a run that has left its files, or one that is to be trained first."""

    config: Config
    run: RunDirectory | None = None
    out: Path | None = None


@dataclass(frozen=True)
class Trying:
    """How prescriptions are tried."""

    seconds: float
    pairs: int | None
    executor: ExecutorFactory


def asked_for(
    patient: Path | None, options: Mapping[str, Any], sets: Sequence[str], out: Path | None
) -> Asked:
    """RUN or CONFIG of the command line with its options; InputError for what is neither."""
    if patient is not None and patient.is_dir():
        given = {**options, "--set": list(sets)}
        refuse(given, "a run directory says itself what the run is")
        run = RunDirectory.open(patient)
        config = run.config()
        if config.train.ensemble > 1:
            raise InputError(
                f"{shown(patient)} is an ensemble: examine one of its networks, such as "
                f"{shown(run.member(1))}."
            )
        return Asked(config, run, out)
    if patient is not None and patient.suffix != ".toml":
        missing = "" if patient.exists() else "there is no such file or folder; "
        raise InputError(f"{shown(patient)}: {missing}expected a run directory or a CONFIG.toml.")
    named = {path: options[name] for name, path in PATHS.items() if name in options}
    config = configure(patient, named, sets)
    if config.train.ensemble > 1:
        raise InputError(
            f"train.ensemble = {config.train.ensemble}: one network is examined. Add "
            "--set ensemble=1."
        )
    return Asked(config, out=out)


def trying_of(
    wanted: bool, budget: str | None, pairs: int | None, workers: int | None
) -> Trying | None:
    """What --prove and its options ask for; None without it."""
    if not wanted:
        refuse({"--budget": budget, "--pairs": pairs, "--workers": workers}, "only with --prove")
        return None
    if pairs not in (None, *LOOKS):
        raise InputError(f"--pairs {pairs}: expected {LOOKS[0]}, {LOOKS[1]} or {LOOKS[2]}.")
    count = workers or usable_cores()
    executor = inline() if count == 1 else local_pool(count)
    return Trying(durations.seconds(budget or "60s", "--budget"), pairs, executor)


def examine(asked: Asked, trying: Trying | None, json: bool, quiet: bool) -> bool:
    """Diagnose the run and tell it; whether a finding is fatal or harmful."""
    output.show_notes(quiet)
    if asked.run is not None:
        refuse({"--out": asked.out}, "the page goes into the run directory")
    run = asked.run or _train(asked, quiet)
    diagnosis = diagnose(case_of_run(run))
    if trying is not None:
        diagnosis = _tried(diagnosis, trying, quiet)
    page = run.path / PAGE
    diagnosis.save(page)
    if json:
        found = {"run": str(run.path), "page": str(page), "headline": headline(diagnosis.findings)}
        output.show_json(found | dict(diagnosis.plain()))
    else:
        lines = {"run": shown(run.path), "page": shown(page)}
        untried = 0 if trying is None else sum(_is_untried(one) for one in diagnosis.findings)
        if untried:
            lines = {"untried": f"{untried} in this time: give more by --budget"} | lines
        output.show(f"{diagnosis}\n\n{output.facts(lines)}")
    return diagnosis.grave


def _is_untried(finding: Finding) -> bool:
    return finding.prescription.config is not None and finding.proof is None


def _train(asked: Asked, quiet: bool) -> RunDirectory:
    """Train as `groundup train` does; a loss that diverges is what the doctor is for."""
    config = asked.config
    if not config.train.epochs:
        raise ConfigError(
            "train.epochs = 0: a doctor watches a training, of one epoch or more. Before any, "
            "--preflight checks what can be checked."
        )
    if config.train.probes is False:
        config = config.model_copy(
            update={"train": config.train.model_copy(update={"probes": True})}
        )
    dataset = runs.data_of(config)
    config = complete(config, dataset.in_shape, dataset.task)
    notes = [plan_in_words(config), *dataset.notes]
    assembly, directory = runs.begin(config, asked.out, dataset)
    try:
        runs.train_into(assembly, directory, [] if quiet else [ProgressBar(notes=notes)])
    except Diverged as error:
        if not quiet:
            output.note(f"\n{error}")
    else:
        write_run_report(directory)
    if not quiet:
        output.note("")  # between progress and result
    return directory


def _tried(diagnosis: Diagnosis, trying: Trying, quiet: bool) -> Diagnosis:
    """The diagnosis with proofs; a bar on stderr says how far it is."""
    screen = Screen()

    def tell(done: int, of: int) -> None:
        filled = _WIDTH * done // max(of, 1)
        bar = screen.bar("trying  ", (filled, _WIDTH - filled), f"  run {done} of {of}")
        screen.tell(bar, end="")

    draws = screen.draws and not quiet
    if not quiet and any(one.prescription.config for one in diagnosis.findings):
        output.note(f"trying what would help, for about {trying.seconds:.0f} s")
    tried = prove(
        diagnosis, trying.seconds, trying.executor, tell=tell if draws else None, pairs=trying.pairs
    )
    if draws:
        screen.tell(end="")
    return tried


def check(asked: Asked, json: bool, quiet: bool) -> bool:
    """Ask what can be asked before any training, and tell it; whether something failed."""
    output.show_notes(quiet)
    found = preflight(runs.assemble(asked.config))
    page = None if asked.out is None else make_directory(asked.out) / PREFLIGHT_PAGE
    if page is not None:
        write_page(page, preflight_page(found, asked.config))
    if json:
        output.show_json({"page": None if page is None else str(page), **found.plain()})
    else:
        output.show(str(found) if page is None else f"{found}\n\npage  {shown(page)}")
    return not found.passed
