"""What was found before a training, as one page: the checks, and the picture of the range test."""

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from groundup.config import Config
from groundup.doctor.preflight import Check, Preflight, RateRange
from groundup.report import axes, numbers, scales, svg
from groundup.report.axes import Axis
from groundup.report.page import Fact, Section, beside, folded, render_page, table
from groundup.report.series import Drawing, Series
from groundup.train.run import model_name

_WIDTH, _HEIGHT = 720.0, 380.0
_ROW = 17.0  # pixels that the words of one mark take
_HIGHEST = 1.5  # times the loss at the start is the top of the picture


def preflight_page(found: Preflight, config: Config) -> str:
    """The page as HTML

    Args:
        found: the checks.
        config: what was checked.
    """
    failed = len(found.failed)
    headline = (
        "Nothing speaks against training"
        if found.passed
        else f"{failed} of {len(found.checks)} checks failed"
    )
    return render_page(
        f"Before the training of {model_name(config)} on {config.data.title}",
        headline,
        preflight_sections(found),
        facts=list(_facts(found)),
    )


def preflight_sections(found: Preflight) -> list[Section]:
    """The table of checks, and the range test with its picture."""
    return [_checks(found.checks), _range_test(found)]


def _facts(found: Preflight) -> Iterator[Fact]:
    rates = found.learning_rate
    if rates.found:
        interval = f"{numbers.number(rates.low, 2)} to {numbers.number(rates.high, 2)}"
        yield Fact("Suggested learning rate", numbers.number(rates.suggested, 2), interval)
    yield Fact("Configured", numbers.number(rates.configured, 2), "learning rate")
    yield Fact("Time", numbers.duration(sum(check.seconds for check in found.checks)))


def _checks(checks: Sequence[Check]) -> Section:
    columns = {"check": None, "answer": None, "found": None, "expected": None, "s": "{:.2f}".format}
    rows = [(one.title, _answer(one), one.value, one.expected, one.seconds) for one in checks]
    open_ones = [one for one in checks if not one.passed]
    others = _told([one for one in checks if one.passed])
    body = table(columns, rows) + _told(open_ones)
    if others:
        body += folded("What the checks that passed found", others)
    return Section("Checks", body, "Asked of copies of the network, before any training.")


def _answer(check: Check) -> str:
    if check.passed is False:
        return Markup('<span class="wrong">{}</span>').format(check.verdict.lower())
    return check.verdict


def _told(checks: Sequence[Check]) -> Markup:
    """A heading and a paragraph for each."""
    part = Markup('<h3>{}</h3><p class="text">{}</p>')
    return Markup("").join(part.format(one.title, one.words) for one in checks)


def _range_test(found: Preflight) -> Section:
    note = (
        "The loss on the same samples while the learning rate rises with every update: the mean "
        "of several ramps over other batches, from the lowest to the highest of them shaded. "
        "Until the loss has fallen as far as it will, a rate is safe; a third of that is suggested."
    )
    if not found.learning_rate.curve:
        return Section("Learning rate", Markup('<p class="empty">No ramp had a finite loss.</p>'))
    return Section("Learning rate", beside(range_chart(found.learning_rate)), note)


def range_chart(found: RateRange) -> Markup:
    """The loss over the rate, with a line at the suggested, configured and diverging rate."""
    head, top = axes.heading("Learning-rate range test", "loss", _WIDTH)
    highest = _HIGHEST * max(found.start, min(point.loss for point in found.curve))
    marks = sorted(_marks(found), key=lambda mark: -mark[1])  # the words of none cross a line
    bottom, top = _HEIGHT - axes.below("learning rate"), top + _ROW * len(marks)
    points = found.curve
    low, mean, high = (
        [min(value, highest) for value in values]
        for values in ([p.low for p in points], [p.loss for p in points], [p.high for p in points])
    )
    y_scale = scales.linear(mean, bottom, top, limits=(0.0, highest))
    ticks = y_scale.ticks()
    y = Axis(y_scale, ticks, scales.tick_labels(ticks))
    widest = max(svg.text_width(words, "small", bold=True) for words, _, _ in marks)
    left, right = y.widest() + 8, _WIDTH - widest - 8
    rates = [point.rate for point in points]
    x = axes.fitted(scales.log([*rates, *(rate for _, rate, _ in marks)], left, right))
    line = Series("loss", rates, mean, lower=low, upper=high)
    body = [
        *head,
        *axes.y_axis(y, left, right),
        *axes.x_axis(x, bottom, "learning rate", _WIDTH),
        *_interval(found, x, top, bottom),
        *Drawing(line, "blue", x.scale, y_scale).lines(),
    ]
    for row, (words, rate, color) in enumerate(marks):
        body += _mark(words, x.scale(rate), top - _ROW * row, bottom, color)
    told = "; ".join(words for words, _, _ in marks)
    return svg.figure("Learning-rate range test", f"Line chart. {told}.", _WIDTH, _HEIGHT, body)


def _marks(found: RateRange) -> Iterator[tuple[str, float, str]]:
    """(words, rate, color) of the rates that are named."""
    if found.found:
        yield f"suggested {numbers.number(found.suggested, 2)}", found.suggested, "teal"
    yield f"configured {numbers.number(found.configured, 2)}", found.configured, "ink"
    if found.diverges_at is not None:
        yield f"diverges {numbers.number(found.diverges_at, 2)}", found.diverges_at, "rust"


def _mark(words: str, x: float, top: float, bottom: float, color: str) -> list[Markup]:
    """A line down from its words."""
    return [
        svg.line(x, top - _ROW + 3, x, bottom, color=color, width=1.5),
        svg.text(x + 5, top - 5, words, size="small", color=color, bold=True),
    ]


def _interval(found: RateRange, x: Axis, top: float, bottom: float) -> list[Markup]:
    """The interval of the suggested rate, shaded."""
    if not (found.found and math.isfinite(found.low * found.high)):
        return []
    low, high = (min(max(end, x.scale.low), x.scale.high) for end in (found.low, found.high))
    start, end = x.scale(low), x.scale(high)
    size = {"x": start, "y": top, "width": end - start, "height": bottom - top}
    return [svg.tag("rect", fill="teal", fill_opacity=0.12, **size)]
