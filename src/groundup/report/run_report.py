"""The report of one training run, made from plain data.

It answers, from top to bottom: how good is it, how did it get there, what does it confuse, which
mistakes was it surest of, what did its layers see, what is the network made of, and how is the run
repeated.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tomli_w
from markupsafe import Markup

from groundup.report import numbers
from groundup.report.matrix import confusion_matrix
from groundup.report.numbers import THIN
from groundup.report.page import (
    Fact,
    Section,
    beside,
    code,
    render_page,
    table,
)
from groundup.report.pictures import image_grid
from groundup.report.run_classes import classes
from groundup.report.run_learning import learning
from groundup.report.run_members import members
from groundup.report.run_probes import layers_seen
from groundup.report.run_summary import Mistake, RunSummary
from groundup.report.run_values import value_facts, values
from groundup.statistics.shares import wilson

_MOST_MISTAKES = 24


def run_report(run: RunSummary) -> str:
    """The page as HTML.

    >>> run = RunSummary("first", "digits", "two-layer", 0, parameters=3760, seconds=1.5,
    ...                  test_accuracy=352 / 360, test_samples=360, samples_are="images")
    >>> "<h1>97.8\u202f% of 360 test images right</h1>" in run_report(run)
    True
    """
    makers = (
        members, learning, values, _confusions, classes, _mistakes, layers_seen,
        _network, _configuration, _environment,
    )  # fmt: skip
    sections = [section for make in makers if (section := make(run)) is not None]
    return render_page(
        run.name, headline(run), sections,
        lead=_lead(run), warning=run.warning, facts=list(_facts(run)), footer=run.footer,
    )  # fmt: skip


def headline(run: RunSummary) -> str:
    """The main result in words."""
    among = f"{numbers.count(run.test_samples)} test" if run.test_samples else "all test"
    if run.test_accuracy is not None:
        share = numbers.percent(run.test_accuracy, run.test_samples or 1000)
        return f"{share} of {among} {run.samples_are} right"
    if run.test_r2 is not None:
        return f"R² of {numbers.number(run.test_r2)} on {among} {run.samples_are}"
    if run.test_loss is not None:
        return f"A loss of {numbers.number(run.test_loss)} on {among} {run.samples_are}"
    if run.val_accuracy is not None:
        return f"{numbers.percent(run.val_accuracy)} of the validation {run.samples_are} right"
    return "No result on test data"


def _lead(run: RunSummary) -> str:
    epochs = len(run.epochs)
    plural = "s" if epochs != 1 else ""
    spent = f"trained for {epochs} epoch{plural} in {numbers.duration(run.seconds)}"
    model = f"{len(run.members)} × {run.model}" if run.members else run.model
    return f"{model} on {run.data}, {spent if epochs else 'not trained'}, seed {run.seed}."


def _facts(run: RunSummary) -> Iterator[Fact]:
    if run.test_accuracy is not None:
        share, n = run.test_accuracy, run.test_samples
        interval = wilson(share, n) if n else None
        words = (numbers.percent(end, n or 1).replace(f"{THIN}%", "") for end in interval or ())
        note = f"95{THIN}% interval {'–'.join(words)}{THIN}%" if interval else ""
        yield Fact("Test accuracy", numbers.percent(share, n or 1000), note)
    yield from value_facts(run)
    if run.test_loss is not None:
        yield Fact("Test loss", numbers.number(run.test_loss))
    if run.val_accuracy is not None:
        note = f"loss {numbers.number(run.val_loss)}" if run.val_loss is not None else ""
        yield Fact("Validation accuracy", numbers.percent(run.val_accuracy), note)
    elif run.val_loss is not None:
        yield Fact("Validation loss", numbers.number(run.val_loss))
    several = "s" if len(run.layers) != 1 else ""
    layers = f"in {len(run.layers)} layer{several}" if run.layers else ""
    yield Fact("Parameters", numbers.count(run.parameters), layers)
    speed = f"{numbers.number(run.samples_per_second)} samples/s" if run.samples_per_second else ""
    yield Fact("Training time", numbers.duration(run.seconds), speed)


def _confusions(run: RunSummary) -> Section | None:
    if run.confusion is None:
        return None
    counts = np.asarray(run.confusion)
    picture = confusion_matrix(counts, run.labels)
    wrong = counts - np.diag(np.diagonal(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:8]
    pairs = [divmod(int(place), len(run.labels)) for place in order if wrong.flat[place]]
    rows = [
        (run.labels[t], run.labels[p], int(wrong[t, p]), wrong[t, p] / counts[t].sum())
        for t, p in pairs
    ]
    columns = {
        "true": None,
        "taken for": None,
        "times": numbers.count,
        "of its class": numbers.percent,
    }
    listed = Markup("<div><h3>Most frequent confusions</h3>{}</div>").format(table(columns, rows))
    note = (
        "Rows are the truth, columns the prediction, on the test data. Blue is right, orange "
        "wrong; the stronger the color, the larger the share of the row."
    )
    return Section("What is taken for what", beside(picture, listed if rows else ""), note)


def _mistakes(run: RunSummary) -> Section | None:
    title = "Most confident mistakes"
    if not run.mistakes:
        if run.confusion is None or np.trace(run.confusion) != np.sum(run.confusion):
            return None
        return Section(title, "", "Not one mistake on the test data.")
    shown = run.mistakes[:_MOST_MISTAKES]
    note = "True → predicted, with the probability that the network gave its wrong answer."
    if any(mistake.image is None for mistake in shown):
        columns = {
            "sample": numbers.count,
            "true": None,
            "predicted": None,
            "probability": numbers.percent,
        }
        rows = [(one.index, one.true, one.predicted, one.probability) for one in shown]
        return Section(title, table(columns, rows), note)
    images = [mistake.image for mistake in shown if mistake.image is not None]
    return Section(title, image_grid(images, [_caption(one) for one in shown]), note)


def _caption(mistake: Mistake) -> Markup:
    words = Markup('{} → <span class="wrong">{}</span> <small>{}</small>').format(
        mistake.true, mistake.predicted, numbers.percent(mistake.probability)
    )
    sample = "" if mistake.index is None else f"no. {numbers.count(mistake.index)}"
    return words + Markup(" <small>{}</small>").format(sample)


def _network(run: RunSummary) -> Section | None:
    if not run.layers:
        return None
    columns = {
        "layer": None, "kind": None, "output": None,
        "parameters": numbers.count, "memory": numbers.size, "multiply-adds": numbers.count,
    }  # fmt: skip
    sizes = [(layer.parameters, layer.memory, layer.multiply_adds) for layer in run.layers]
    rows = [
        (layer.name, layer.kind, " × ".join(map(str, layer.output_shape)), *amounts)
        for layer, amounts in zip(run.layers, sizes, strict=True)
    ]
    totals = ("total", "", "", *map(sum, zip(*sizes, strict=True)))
    body = table(columns, rows, total=totals, bars=("parameters", "memory", "multiply-adds"))
    note = (
        "Memory holds the parameters and the output for one sample; multiply-adds are for one "
        "sample. A line shows the share of the total."
    )
    return Section("The network", body, note)


def _configuration(run: RunSummary) -> Section:
    config = _plain(run.config)
    parts = code(tomli_w.dumps(config)) if config else Markup("")
    note = "The same configuration, seed and machine give the same result. To repeat the run:"
    return Section("Configuration", code(run.command) + parts, note)


def _plain(value: Any) -> Any:
    """What TOML can hold: None is left out, and what is no number, text or list becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value if item is not None]
    if hasattr(value, "tolist"):  # of NumPy
        return _plain(value.tolist())
    return value if isinstance(value, str | int | float) else str(value)  # bool is an int


def _environment(run: RunSummary) -> Section | None:
    if not run.environment:
        return None
    return Section(
        "Environment", table({"what": None, "value": None}, list(_flat(run.environment)))
    )


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str | None]]:
    for key, value in values.items():
        name = f"{path}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        else:
            words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            yield name, None if value is None else words
