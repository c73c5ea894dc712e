"""The report of a comparison: who is better, how sure that is, at which price, how it was done."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import tomli_w
from markupsafe import Markup

from groundup import config as configuration
from groundup.lab import words
from groundup.lab.comparison import Comparison
from groundup.lab.pictures import curves, dot_plot, tuning_chart
from groundup.lab.plan import Plan
from groundup.lab.standing import Standing
from groundup.lab.tuning import rates
from groundup.report import numbers, style
from groundup.report.page import (
    Fact,
    Section,
    as_table,
    beside,
    code,
    folded,
    render_page,
    table,
)
from groundup.storage import shown

_TITLES = {"default": "At the default learning rates", "tuned": "At their tuned learning rates"}


def comparison_page(comparison: Comparison, folder: Path | None = None) -> str:
    """The page as HTML; `folder` is where the comparison can be gone on with."""
    standings = [_standing(one, comparison) for one in reversed(comparison.standings)]
    sections = [*standings, *_tuning(comparison), _costs(comparison), _method(comparison, folder)]
    plan = comparison.plan
    return render_page(
        f"{' × '.join(plan.vary)} on {plan.config.data.title}", words.headline(comparison),
        sections, lead=words.lead(comparison), warning=words.edges(comparison),
        facts=list(_facts(comparison)),
    )  # fmt: skip


def _facts(comparison: Comparison) -> Iterator[Fact]:
    best, measure = comparison.final.best, comparison.survey.measure
    samples = f"{numbers.count(measure.samples)} test samples"
    yield Fact(f"Best: {best.name}", measure.words(best.mean), f"mean over the seeds, {samples}")
    first = comparison.final.to_best[0]
    low, high = measure.difference(first.test.low), measure.difference(first.test.high)
    note = f"95 % interval {low} … {high} {measure.of_differences}"
    yield Fact(f"{first.b} against it", measure.difference(first.test.mean), note)
    trials = sum(run.purpose == "tuning" for run in comparison.runs)
    note = f"{trials} of them to tune rates" if trials else f"{comparison.plan.seeds} a method"
    yield Fact("Runs", numbers.count(len(comparison.runs)), note)
    diverged = sum(bool(run.diverged) for run in comparison.runs)
    yield Fact("Diverged", numbers.count(diverged), "each counts as chance" if diverged else "")
    seconds = sum(run.seconds for run in comparison.runs)
    yield Fact("Training time", numbers.duration(seconds), "all runs together, one thread each")


def _standing(standing: Standing, comparison: Comparison) -> Section:
    lines = curves(standing, comparison)
    body = [
        beside(dot_plot(standing, comparison, style.PAGE_WIDTH)),
        as_table(words.scores(standing, comparison)),
        as_table(words.differences(standing, comparison)),
        beside(*lines) if lines else Markup(""),
    ]
    told = words.more_seeds(comparison), words.LETTERS, words.legend(comparison)
    note = " ".join(filter(None, told)) if standing is comparison.final else ""
    return Section(_TITLES[standing.rates], Markup("").join(body), note)


def _tuning(comparison: Comparison) -> list[Section]:
    if not comparison.tuned:
        return []
    plan, measure = comparison.plan, comparison.survey.measure
    rows = []
    for entrant in comparison.survey.entrants:
        one = comparison.tuned[entrant.name]
        default = entrant.rate or one.rate
        row = (one.scores[default], one.scores[one.rate])
        rows.append((entrant.name, f"{default:g}", f"{one.rate:g}", *map(measure.words, row)))
    columns = {
        "method": None, "default": str, "tuned": str, "at the default": str, "at the tuned": str,
    }  # fmt: skip
    note = (
        f"Every method was tried at {len(rates(1.0))} rates around its default, from "
        f"{len(plan.tuned_on)} seeds that are in no comparison, and judged on validation data; a "
        "ring marks the best mean. A trial that diverged counts as chance."
    )
    body = beside(tuning_chart(comparison), table(columns, rows))
    return [Section("How the rates were tuned", body, note)]


def _costs(comparison: Comparison) -> Section:
    rows = []
    for one in comparison.survey.entrants:
        score = next(s for s in comparison.final.scores if s.name == one.name)
        update = 1e3 * score.update_seconds
        rows.append((one.name, one.parameters, one.memory, update, score.seconds))
    columns = {
        "method": None, "parameters": numbers.count, "memory": numbers.size,
        "ms an update": numbers.number, "time a run": numbers.duration,
    }  # fmt: skip
    note = (
        "Memory holds parameters, gradient, the optimizer's arrays, and the outputs of all layers "
        "for one batch. Times are medians over the seeds, on one thread, of runs that may have "
        "shared the machine with others."
    )
    return Section("What it costs", table(columns, rows), note)


def _method(comparison: Comparison, folder: Path | None) -> Section:
    plan = comparison.plan
    how = (
        "Runs of one seed share the initial draw, the split and the order of the data; all methods "
        f"make as many epochs. Only the networks of the {plan.seeds} compared seeds, as they were "
        "in the end, were shown the test data. The intervals say how the result scatters with the "
        "seed on these data; other test samples would move all methods together. A run that "
        f"diverges counts as a constant answer: {_chance(comparison)}."
    )
    varied = "\n".join(f"{key} = {', '.join(names)}" for key, names in plan.vary.items())
    parts = [code(varied)]
    if folder is not None:
        parts.append(code(_command(plan, folder)))
    config = tomli_w.dumps(configuration.to_mapping(plan.config))
    parts.append(folded("The configuration that all methods share", code(config)))
    return Section("How it was done", Markup("").join(parts), how)


def _command(plan: Plan, folder: Path) -> str:
    """What does it again; or, where values cannot be typed, shows it again."""
    where = shown(folder)
    values = [value for choices in plan.vary.values() for value in choices.values()]
    if not all(isinstance(value, str | bool | int | float) for value in values):
        return f"groundup compare --resume {shlex.quote(where)}"
    words = ["groundup", "compare", f"{where}/config.toml"]
    for key, choices in plan.vary.items():
        typed = (str(v).lower() if isinstance(v, bool) else str(v) for v in choices.values())
        words += ["--vary", f"{key}={','.join(typed)}"]
    words += ["--seeds", str(plan.seeds)] + ["--no-tune"] * (not plan.tune)
    return shlex.join(words)


def _chance(comparison: Comparison) -> str:
    measure = comparison.survey.measure
    chance = comparison.survey.entrants[0].chance[f"test_{measure.name}"]
    return f"{words.title(comparison)} {measure.words(chance)}"
