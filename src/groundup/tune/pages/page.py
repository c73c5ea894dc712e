"""The page of a study: the best settings, how the search went, what matters, how it was done."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import tomli_w
from markupsafe import Markup

from groundup import config as configuration
from groundup.report import numbers
from groundup.report.page import (
    Fact,
    Section,
    as_table,
    beside,
    code,
    folded,
    paragraph,
    render_page,
)
from groundup.storage import shown
from groundup.tune.pages import pictures, space_pictures, tables, words
from groundup.tune.pages.explained import explained, stopping_words
from groundup.tune.pages.knowledge import Knowledge, knowledge
from groundup.tune.pages.landscape_pictures import landscape, landscape_words, shrinking_box
from groundup.tune.study import Study


def study_page(study: Study, folder: Path | None = None) -> str:
    """The page as HTML, also of a study that goes on

    Args:
        study: what is shown.
        folder: where its files lie.
    """
    known = knowledge(study)
    sections = [
        _settings(study),
        _course(study, known),
        *_what_matters(study, known),
        *_best_curves(study),
        *_failures(study),
        *_configuration(study, folder),
        _method(study),
    ]
    return render_page(
        f"Search on {study.plan.config.data.title}", words.headline(study), sections,
        lead=words.lead(study), warning=words.edges(study), facts=list(_facts(study)),
    )  # fmt: skip


def _facts(study: Study) -> Iterator[Fact]:
    measure, trials = study.plan.measure, study.history.trials
    if study.best is not None and study.best.value is not None:
        note = f"trial {study.best.number}, validation data"
        yield Fact(f"Best {measure.name}", measure.words(study.best.value), note)
    score = words.final_score(study)
    if score is not None:
        note = "final network, looked at once"
        yield Fact(f"Test {measure.name}", measure.words(score), note)
    count = words.counts(study)
    others = [f"{numbers.count(many)} {state}" for state, many in count.items()]
    yield Fact("Trials", numbers.count(len(trials)), ", ".join(others))
    if count.get("stopped"):
        yield Fact("Epochs saved", numbers.percent(words.saved(study)), "by stopping trials early")
    seconds = sum(trial.seconds for trial in trials)
    if seconds:
        took = max(trial.at for trial in trials)
        note = f"; the search took {numbers.duration(took)}" if took else ""
        yield Fact("Training time", numbers.duration(seconds), f"all trials together{note}")


def _settings(study: Study) -> Section:
    """The best ten, and all trials over their settings."""
    best = words.best_trials(study)
    parts = [as_table(best)] if best.rows else [paragraph("No trial was finished.", "empty")]
    drawn = space_pictures.parallel(study)
    parts += [beside(drawn)] if drawn else []
    return Section("The best settings", Markup("").join(parts), " ".join(words.cautions(study)))


def _course(study: Study, known: Knowledge) -> Section:
    drawn = [
        pictures.history_picture(study),
        pictures.all_curves(study),
        shrinking_box(study, known),
        pictures.times(study),
        as_table(tables.states(study)),
    ]
    return Section("How the search went", beside(*filter(None, drawn)))


def _what_matters(study: Study, known: Knowledge) -> list[Section]:
    slices = space_pictures.slices(study)
    if slices is None:
        return []
    parts = (
        [beside(space_pictures.importance_picture(study, known.importances))]
        if known.importances
        else []
    )
    parts.append(beside(slices))
    sections = [Section("What matters", Markup("").join(parts), known.words)]
    drawn = landscape(study, known)
    if drawn:
        note = landscape_words(study, known)
        sections.append(Section("What a model of the trials expects", beside(*drawn), note))
    return sections


def _best_curves(study: Study) -> list[Section]:
    drawn = pictures.best_curves(study)
    note = "Where training lies far above validation, the network learns its samples by heart."
    if not study.plan.measure.unit:
        note = note.replace("above", "below")
    return [Section("How the best networks learned", beside(drawn), note)] if drawn else []


def _failures(study: Study) -> list[Section]:
    failed = tables.failures(study)
    note = "They count as worse than any other; methods that look at history avoid their settings."
    return [Section("Trials that failed", as_table(failed), note)] if failed.rows else []


def _configuration(study: Study, folder: Path | None) -> list[Section]:
    """What trains the best network again."""
    if study.best is None:
        return []
    place = "best.toml" if folder is None else f"{shown(folder)}/best.toml"
    parts = [code(study.to_toml()), code(f"groundup train {shlex.quote(place)}")]
    note = (
        f"The configuration with the settings of trial {study.best.number}; the same lies in "
        "best.toml. The command below trains it."
    )
    return [Section("The finished configuration", Markup("").join(parts), note)]


def _method(study: Study) -> Section:
    found = explained(study.plan.search.method)
    source = f" [{found.source}]" if found.source else ""
    config = tomli_w.dumps(configuration.to_mapping(study.plan.config))
    stopping = stopping_words(study.plan.search.stopping)
    parts = [
        paragraph(f"{found.title}. {found.text}{source}", "text"),
        *([paragraph(stopping, "text")] if stopping else []),
        as_table(words.space(study)),
        as_table(tables.options(study)),
        paragraph(words.sameness(study), "fine"),
        folded("The configuration that all trials share", code(config)),
    ]
    return Section("How it was done", Markup("").join(parts))
