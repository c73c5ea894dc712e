"""Networks and their training in a notebook: a table of the layers, the curves of the epochs."""

from typing import Final

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report.notebook import as_table, framed, muted
from groundup.report.run_learning import best_words, learning_charts
from groundup.report.words import Table
from groundup.train.built import Built
from groundup.train.history import History
from groundup.train.summary import COLUMNS

_CHART_WIDTH: Final = 360.0  # two of them beside each other


def model_shown(model: Built) -> str:
    """The layers with their shapes, parameters and costs; where there are none yet, why."""
    try:
        summary = model.summary()
    except InputError as error:
        return framed("A network without weights", [muted(str(error))])
    shape = "×".join(map(str, summary.in_shape))
    words = f"Takes {shape}, learns {summary.parameters:,} parameters."
    table = Table(COLUMNS, 3, [row.cells for row in summary.rows])
    return framed(summary.name, [muted(words), as_table(table)])


def history_shown(history: History) -> str:
    """The curves of loss and metrics, and where validation was best."""
    count = len(history.epoch)
    if not count:
        return framed("No epoch was finished", [])
    whole = {name: values for name, values in history.history.items() if len(values) == count}
    epochs = [
        {"epoch": epoch} | {name: values[i] for name, values in whole.items()}
        for i, epoch in enumerate(history.epoch)
    ]
    charts = Markup("").join(
        Markup('<div style="flex:none">{}</div>').format(chart)
        for chart in learning_charts(epochs, _CHART_WIDTH)
    )
    row = Markup('<div style="display:flex;flex-wrap:wrap;gap:.5em">{}</div>').format(charts)
    solid = any(name.startswith("val_") for name in history.history)
    note = f"Training dashed, validation solid. {best_words(epochs)}" if solid else ""
    title = f"{count} epoch{'s' if count > 1 else ''}"
    return framed(title, [row, muted(note)])
