"""The page of a data set: what its samples look like, how its classes and values are spread."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from groundup.data.dataset import Dataset
from groundup.data.findings import findings
from groundup.data.inspection import Feature, Inspection
from groundup.report import numbers
from groundup.report.bars import bars, histogram
from groundup.report.page import Section, beside, paragraph, render_page, table
from groundup.report.pictures import image_grid
from groundup.typing import Array

_PICTURES = 60
_HISTOGRAMS = 12
_BINS = 25
_ROWS = 5000  # that a histogram is made from
_LISTED = 200  # features in the table


def data_page(found: Inspection, data: Dataset) -> str:
    """The page as HTML."""
    kind = "images" if found.pictures else "samples"
    shape = f"shape {' × '.join(map(str, found.in_shape))}"
    form = shape if found.pictures else f"{numbers.count(found.in_shape[0])} features"
    makers = (_findings(found), _samples(found, data), *_targets(found, data), _features(found))
    return render_page(
        found.name,
        f"{numbers.count(found.training.samples)} {kind} to train with, "
        f"{numbers.count(found.test.samples)} to test with",
        [section for section in makers if section is not None],
        lead=f"{found.task.capitalize()} of {kind} of {form}, {found.dtype}.",
    )


def _findings(found: Inspection) -> Section:
    said = findings(found)
    if not said:
        return Section("Findings", paragraph("Nothing that should trouble a network was found."))
    items = Markup("").join(Markup("<li>{}</li>").format(words) for words in said)
    return Section("Findings", Markup("<ul>{}</ul>").format(items))


def _samples(found: Inspection, data: Dataset) -> Section | None:
    """Pictures of every class, or histograms of the features."""
    if found.pictures and found.in_shape[0] in (1, 3):
        chosen = _of_each_class(data)
        captions = [data.classes[data.y_train[i]] if data.classes else f"{i}" for i in chosen]
        images = _shades(found, data.x_train[chosen])
        note = "The first training samples of each class." if data.classes else ""
        return Section("Samples", image_grid(list(images), captions), note)
    if found.pictures:
        return None
    step = max(1, len(data.x_train) // _ROWS)
    rows = np.asarray(data.x_train[np.arange(0, len(data.x_train), step)])
    shown = [i for i, feature in enumerate(found.features) if not feature.constant][:_HISTOGRAMS]
    charts = [
        histogram(rows[:, i], title=found.features[i].name, bins=_BINS, height=190) for i in shown
    ]
    left = len(found.features) - len(shown)
    note = f"Of the training data; {left} more are not shown." if left else "Of the training data."
    return Section("Features", beside(*charts), note)


def _of_each_class(data: Dataset) -> Array:
    """Indices of some training samples, the same number of each class."""
    count = max(1, _PICTURES // max(1, len(data.classes)))
    if not data.classes:
        return np.arange(min(len(data.y_train), _PICTURES))
    places = [np.flatnonzero(data.y_train == label)[:count] for label in range(len(data.classes))]
    return np.concatenate(places)[: 2 * _PICTURES]


def _shades(found: Inspection, images: Array) -> Array:
    """From 0 to 1 over the range of the whole training data."""
    low = min(feature.low for feature in found.features)
    high = max(feature.high for feature in found.features)
    return (images.astype(np.float64) - low) / ((high - low) or 1.0)


def _targets(found: Inspection, data: Dataset) -> Iterator[Section]:
    parts = (("Training", found.training, data.y_train), ("Test", found.test, data.y_test))
    if found.classes:
        charts = [
            bars(found.classes, part.counts, title=f"{name} samples", words=numbers.count)
            for name, part, _ in parts
        ]
        yield Section("Classes", beside(*charts))
        return
    charts = [
        histogram(values, title=f"{name}: {target.name}")
        for name, part, y in parts
        for target, values in zip(part.targets, y.reshape(len(y), -1).T, strict=True)
    ]
    yield Section("Targets", beside(*charts))


def _features(found: Inspection) -> Section | None:
    if found.pictures:
        return None
    names = ("low", "high", "mean", "std")
    columns = {"feature": None} | dict.fromkeys(names, numbers.number)
    rows = [_row(feature) for feature in found.features[:_LISTED]]
    more = len(found.features) - len(rows)
    note = f"The first {_LISTED} of {len(found.features):,}." if more > 0 else ""
    return Section("Features in numbers", table(columns, rows), note)


def _row(feature: Feature) -> tuple[str | float, ...]:
    return feature.name, feature.low, feature.high, feature.mean, feature.std
