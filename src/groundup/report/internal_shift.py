"""The page on internal covariate shift: networks side by side, over the training and by layer."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import numbers
from groundup.report.lines import line_chart
from groundup.report.page import Section, beside, render_page, table
from groundup.report.series import Series
from groundup.train.internal_shift import LayerShift

Shifts = Mapping[str, Sequence[LayerShift]]
_Value = Callable[[LayerShift], float]
_MEASURES: Mapping[str, _Value] = {
    "Move of the mean, |Δμ| / σ": lambda shift: shift.mean,
    "Change of the variance, |Δ log σ²|": lambda shift: shift.variance,
}


def internal_shift_page(shifts: Shifts, layers: Sequence[str] = ()) -> str:
    """The page as HTML

    Args:
        shifts: what `InternalShift` has measured, by the name of the network.
        layers: which layers' inputs; by default those that all networks have and that move.
    """
    chosen = list(layers) or common_layers(shifts)
    if not chosen:
        raise InputError("internal_shift_page: the networks have no layer's name in common.")
    note = (
        f"How far one update moves what a layer sees, the mean over the inputs of "
        f"{', '.join(chosen)}."
    )
    over = beside(*(_over_updates(shifts, chosen, title, of) for title, of in _MEASURES.items()))
    return render_page(
        "Internal covariate shift",
        _headline(shifts, chosen),
        [Section("Over the training", over, note), Section("By layer", _table(shifts, chosen))],
    )


def common_layers(shifts: Shifts) -> list[str]:
    """The layers that are in every network and whose input moves at all, in order."""
    moved = [{one.layer for one in listed if one.mean > 0} for listed in shifts.values()]
    first: Sequence[LayerShift] = next(iter(shifts.values()), ())
    names = dict.fromkeys(one.layer for one in first)
    return [name for name in names if all(name in known for known in moved)]


def _mean(shifts: Sequence[LayerShift], layers: Sequence[str], of: _Value) -> float:
    values = [of(one) for one in shifts if one.layer in layers]
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _over_updates(shifts: Shifts, layers: Sequence[str], title: str, of: _Value) -> Markup:
    lines = []
    for name, listed in shifts.items():
        updates = sorted({one.update for one in listed})
        by_update = {update: [one for one in listed if one.update == update] for update in updates}
        means = [_mean(by_update[update], layers, of) for update in updates]
        lines.append(Series(name, updates, means))
    return line_chart(lines, title=title, x_label="update", y_log=True, whole_x=True)


def _table(shifts: Shifts, layers: Sequence[str]) -> Markup:
    columns = {"layer's input": None, "network": None} | dict.fromkeys(_MEASURES, numbers.number)
    rows = [
        (layer, name, *(_mean(listed, [layer], of) for of in _MEASURES.values()))
        for layer in layers
        for name, listed in shifts.items()
    ]
    return table(columns, rows)


def _headline(shifts: Shifts, layers: Sequence[str]) -> str:
    """Who moves most, and by how much more than who moves least."""
    of = next(iter(_MEASURES.values()))
    moves = {name: _mean(listed, layers, of) for name, listed in shifts.items()}
    most, least = max(moves, key=moves.__getitem__), min(moves, key=moves.__getitem__)
    if most == least:
        return f"An update moves a layer's input by {numbers.number(moves[most])} σ"
    ratio = numbers.number(float(f"{moves[most] / moves[least]:.2g}"))
    return f"An update moves a layer's input {ratio} times as far {most} as {least}"
