"""The figures of a study: each trial in its place."""

import re

import numpy as np
import pytest

from groundup.tune.dimensions import Categorical, Integer, LogUniform, Uniform
from groundup.tune.methods import Narrowing
from groundup.tune.methods.narrowing import boxes
from groundup.tune.pages import landscape_pictures, pictures, space_pictures
from groundup.tune.pages.knowledge import knowledge
from groundup.tune.pages.rulers import position, ruler_of, value_at

MIXED = {
    "optimizer.name": ["sgd", "adam"],
    "optimizer.momentum": {"kind": "uniform", "low": 0.5, "high": 0.9,
                           "when": {"optimizer.name": "sgd"}},
    "model.depth": "int:1..5",
}  # fmt: skip


def circles(drawing, color):
    """Where the filled dots of a color stand."""
    found = re.findall(rf'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" fill="{color}"', drawing)
    return np.array(found, float)


def hinted(drawing):
    return re.findall(r"<title>(Trial \d+, \w+)", drawing)


BLUE, ORANGE = "#256fcf", "#b75e00"


def dots_with_hints(drawing):
    """(n, 2) places of the dots that say which trial they are."""
    found = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"[^>]*><title>Trial', drawing)
    return np.array(found, float)


def test_the_history_shows_values_in_proportion_and_marks_how_trials_ended(study_of):
    drawing = pictures.history_picture(study_of([0.5, 0.6, 0.8, (0.4,), "NaN", None]))
    assert hinted(drawing) == [
        "Trial 0, finished", "Trial 1, finished", "Trial 2, finished", "Trial 3, stopped",
        "Trial 4, failed",
    ]  # fmt: skip
    across, down = np.diff(dots_with_hints(drawing)[:3], axis=0).T
    assert across[0] == pytest.approx(across[1], abs=0.02)
    assert down[1] == pytest.approx(2 * down[0], abs=0.05)
    assert down[0] < 0
    for name in ("finished", "stopped", "failed", "best so far"):
        assert f">{name}<" in drawing
    assert ">stopped<" not in pictures.history_picture(study_of([0.5]))


@pytest.mark.parametrize(
    ("metric", "values", "steps"),
    [("accuracy", [0.5, 0.4, 0.7, (0.9,), 0.6], [0, 2]), ("loss", [0.7, 0.9, 0.5], [0, 2])],
)
def test_the_best_so_far_goes_up_by_steps(study_of, metric, values, steps):
    study = study_of(values, metric=metric)
    line = pictures._best_so_far(study)
    heights = [values[step] for step in steps]
    assert line.x == [steps[0], steps[1], steps[1], len(values) - 0.5]
    assert line.y == [heights[0], heights[0], heights[1], heights[1]]
    assert f'stroke="{ORANGE}"' in pictures.history_picture(study)
    assert ORANGE not in pictures.history_picture(study_of(["NaN"]))


def test_losses_that_differ_much_are_on_a_log_axis(study_of):
    def ends(values):
        scale = pictures.values_ruler(study_of(values, metric="loss"), values).scale
        return type(scale).__name__

    assert (ends([0.1, 0.5]), ends([0.1, 5.0]), ends([0.0, 5.0])) == ("Linear", "Log", "Linear")


def test_the_best_curves_are_twenty_and_in_order(study_of):
    values = [0.3 + 0.02 * ((7 * k) % 25) for k in range(25)]
    drawing = pictures.best_curves(study_of(values))
    assert drawing.count('class="panel') == 20
    shown = [int(one) for one in re.findall(r">\d+\. trial (\d+),", drawing)]
    assert shown == sorted(range(25), key=lambda k: -values[k])[:20]
    assert drawing.count("stroke-dasharray") == 21  # a training curve each, and the key
    assert pictures.best_curves(study_of([(0.5,), "NaN"])) is None
    assert ">The best trial<" in pictures.best_curves(study_of([0.5]))


def test_the_curves_of_stopped_trials_end_with_a_mark(study_of):
    drawing = pictures.all_curves(study_of([0.5, 0.9, (0.3,), (0.2,)]))
    assert ">2 of 4 trials were stopped, which saved 37.5" in drawing
    assert drawing.count("Trial 2, stopped") == 2  # its curve, and the ring at its end
    assert ">trial 1, the best<" in drawing
    assert pictures.all_curves(study_of([0.5, 0.9])) is None


def test_the_time_of_each_trial(study_of):
    drawing = pictures.times(study_of([0.5, (0.3,), "NaN", None]))
    places = dots_with_hints(drawing)
    assert places[0][1] < places[1][1]  # 8 s lie above 2 s
    assert len(hinted(drawing)) == 3
    assert pictures.times(study_of([0.5])) is None


def test_hints_are_left_out_where_there_would_be_very_many(study_of):
    few, many = study_of([0.5] * 30), study_of([0.5] * 1200)
    assert all(pictures.hints(few, few.history.trials))
    assert not any(pictures.hints(many, many.history.trials))


def test_parallel_coordinates_have_a_line_a_trial_with_the_best_on_top(study_of):
    study = study_of([0.1 * k for k in range(1, 9)] + ["NaN", None])
    drawing = space_pictures.parallel(study)
    traces = re.findall(r'stroke="(#\w+)"[^>]*class="trace[^>]*><title>Trial (\d+)', drawing)
    assert [int(number) for _, number in traces] == [8, 0, 1, 2, 3, 4, 5, 6, 7]
    assert [color == ORANGE for color, _ in traces] == [False] * 4 + [True] * 5
    assert "dashed: failed" in drawing
    assert space_pictures.parallel(study_of([None])) is None


def test_of_very_many_trials_some_lines_are_shown_and_all_of_the_best(study_of):
    values = [0.5 + 0.0003 * ((367 * k) % 1000) for k in range(1000)]
    drawing = space_pictures.parallel(study_of(values))
    shown = drawing.count('class="trace')
    assert 150 < shown <= 205
    assert f"{shown} of 1,000 trials shown" in drawing
    assert len(re.findall(rf'stroke="{ORANGE}"[^>]*class="trace', drawing)) == 5
    assert "shown" not in space_pictures.parallel(study_of([0.5] * 30))


def test_a_hyper_parameter_that_is_not_there_leaves_a_gap(study_of):
    tried = [{"optimizer.name": "adam", "model.depth": 2},
             {"optimizer.name": "sgd", "optimizer.momentum": 0.7, "model.depth": 3}]  # fmt: skip
    study = study_of([0.5, 0.6], MIXED, tried=tried)
    assert ">not there<" in space_pictures.parallel(study)
    slices = space_pictures.slices(study)
    assert slices.count("<circle") == 2 + 1 + 2
    assert ">momentum<" in slices
    both = study_of([0.5, 0.6], MIXED, tried=[tried[1]] * 2)
    assert ">not there<" not in space_pictures.parallel(both)


def test_slices_stand_on_the_scale_of_their_dimension(study_of):
    tried = [{"optimizer.learning_rate": 10.0**-k, "model.l2": 1e-6} for k in (4, 3, 2)]
    drawing = space_pictures.slices(study_of([0.5, 0.6, 0.7], tried=tried))
    across = np.diff(dots_with_hints(drawing)[:3, 0])
    assert across[0] == pytest.approx(across[1], abs=0.02)
    assert across[0] > 10


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (Uniform(0.0, 0.5), (0.0, 0.2, 0.5)),
        (LogUniform(1e-4, 1e-1), (1e-4, 1e-2, 1e-1)),
        (Integer(1, 5), (1, 3, 5)),
        (Integer(16, 256, log=True), (16, 64, 256)),
        (Categorical(("sgd", [50, 50], True)), ("sgd", [50, 50], True)),
    ],
)
def test_a_value_comes_back_from_its_place_on_the_axis(dimension, values):
    ruler = ruler_of("x", dimension)
    places = [ruler.place(position(dimension, value)) for value in values]
    assert 0 <= places[0] < places[1] < places[2] <= 1
    for value, place in zip(values, places, strict=True):
        found = value_at(dimension, ruler.scale.value(place))
        assert found == (pytest.approx(value) if isinstance(value, float) else value)


# --- over two axes


@pytest.fixture(scope="module")
def grown():
    """Makes a study whose value depends on the rate alone, best at 0.01."""

    def make(study_of, count=24, **options):
        tried = [
            {"optimizer.learning_rate": 10 ** -(1 + 3 * ((0.618 * k) % 1.0)),
             "model.l2": 10 ** -(4 + 4 * ((0.755 * k) % 1.0))}
            for k in range(count)
        ]  # fmt: skip
        values = [0.9 - 0.2 * (np.log10(one["optimizer.learning_rate"]) + 2) ** 2 for one in tried]
        return study_of(values, tried=tried, **options)

    return make


def test_the_rate_matters_and_the_penalty_does_not(study_of, grown):
    known = knowledge(grown(study_of, 80))
    first, second = known.importances
    assert first.name == "optimizer.learning_rate"
    assert first.share > 0.6 > 0.1 > second.share
    assert list(known.axes) == ["optimizer.learning_rate", "model.l2"]


def test_too_few_trials_are_told_so(study_of):
    known = knowledge(study_of([0.5, 0.6]))
    assert known.importances == ()
    assert "cannot be told yet" in known.words
    assert known.surrogate is None


def test_the_landscape_is_darkest_where_the_best_lies(study_of, grown):
    study = grown(study_of)
    expected, spread = landscape_pictures.landscape(study, knowledge(study))
    tiles = re.findall(r'x="([\d.]+)"[^>]*fill-opacity="([\d.]+)" shape-rendering', expected)
    places, shades = np.array(tiles, float).T
    best = circles(expected, ORANGE)[-1][0]
    darkest = places[shades == shades.max()]
    assert abs(darkest.mean() - best) < 0.15 * (places.max() - places.min())
    assert shades.max() > 0.8
    assert len(tiles) == 28 * 28
    assert "percentage points" in spread


def test_along_a_single_axis_there_is_a_line_with_a_band(study_of):
    rates = [10.0 ** -(1 + k / 4) for k in range(13)]
    values = [0.9 - 0.2 * (np.log10(rate) + 2) ** 2 for rate in rates]
    tried = [{"optimizer.learning_rate": rate} for rate in rates]
    space = {"optimizer.learning_rate": "log:1e-4..1e-1"}
    study = study_of(values, space, tried=tried)
    (drawing,) = landscape_pictures.landscape(study, knowledge(study))
    line = re.search(
        rf'd="M([\d. L]+)" fill="none" stroke="{BLUE}"[^>]*/>(?=<circle|<path)', drawing
    )
    x, y = np.array([point.split() for point in line[1].split("L")], float).T
    dots = dots_with_hints(drawing)
    assert len(dots) == 13
    assert np.interp(dots[5, 0], x, y) == pytest.approx(dots[5, 1], abs=4)
    assert x[y.argmin()] == pytest.approx(dots[4, 0], abs=0.2 * (x[-1] - x[0]))
    band = re.search(r'd="M([\d. L]+)Z"', drawing)
    assert len(band[1].split("L")) == 2 * len(x)


def test_there_is_no_landscape_of_choices_or_few_trials(study_of, grown):
    few = study_of([0.5, 0.6])
    assert landscape_pictures.landscape(few, knowledge(few)) == []
    tried = [{"optimizer.name": "adam", "model.depth": 1 + k % 5} for k in range(10)]
    flat = study_of([0.5 + 0.01 * k for k in range(10)], MIXED, tried=tried)
    assert list(knowledge(flat).axes) == ["model.depth"]
    assert landscape_pictures.shrinking_box(flat, knowledge(flat)) is None
    choices = study_of([0.5 + 0.01 * k for k in range(10)], {"model.init": ["he", "xavier"]})
    assert landscape_pictures.landscape(choices, knowledge(choices)) == []


def test_the_box_of_each_round_is_drawn(study_of, grown):
    method = Narrowing(samples=8)
    study = grown(study_of, method=method)
    drawing = landscape_pictures.shrinking_box(study, knowledge(study))
    found = re.findall(r'width="([\d.]+)" height="([\d.]+)"[^>]*><title>round (\d+)', drawing)
    wide = [float(width) for width, _, _ in found]
    spaces = boxes(study.plan.search.space, study.history, method)
    assert (
        [int(number) for _, _, number in found] == list(range(1, len(spaces) + 1)) == [1, 2, 3, 4]
    )
    rates = [box.dimensions["optimizer.learning_rate"] for box in spaces]
    powers = [np.log10(rate.high / rate.low) for rate in rates]
    assert np.array(wide) / wide[0] == pytest.approx(np.array(powers) / powers[0], abs=2e-3)
    plain = grown(study_of)
    assert landscape_pictures.shrinking_box(plain, knowledge(plain)) is None
