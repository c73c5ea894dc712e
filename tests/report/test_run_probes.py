"""The section on what the layers saw."""

import re
from dataclasses import replace

import pytest

from groundup.report import style
from groundup.report.layer_charts import evenly, over_updates
from groundup.report.run_probes import layers_seen
from groundup.report.run_report import run_report
from groundup.report.run_summary import RunSummary
from groundup.train.probes.exam import Exam, LayerExam


def dense(k, activation="relu", **values):
    given = {"dead": 0.25} if activation == "relu" else {}
    facts = {"weight": 0.1, "spread": 1.0, "gradient": 0.01 * k, "signal": 0.1}
    return LayerExam(
        f"dense_{k}", "dense", activation, 8, 0.5, 0.75, 0.0, 3.0, (60, 30, 10),
        **facts | given | values,
    )  # fmt: skip


def exam(updates, *layers):
    return Exam(updates, 0, 50, 2.3, 1.0, layers)


def summary(*exams, **values):
    return RunSummary("five", "digits", "two-layer", 0, 3760, 1.5, exams=exams, **values)


MOVED = {"update": 0.002, "shift_mean": 0.5}
RUN = summary(
    exam(0, dense(1), dense(2, "softmax")),
    exam(1, dense(1, update=0.001, shift_mean=0.0), dense(2, "softmax", **MOVED)),
    exam(9, dense(1, update=0.004, shift_mean=0.0, dead=0.5), dense(2, "softmax", **MOVED)),
)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(html))).replace("\u202f", " ")


def titles(section):
    return re.findall(r'<svg class="chart"[^>]*><title>([^<]*)</title>', str(section.body)) or (
        re.findall(r"<title>([A-Z][^<]*)</title><desc>", str(section.body))
    )


def test_a_run_with_probes_shows_its_layers() -> None:
    section = layers_seen(RUN)
    assert titles(section) == [
        *("Outputs at the beginning", "Outputs after 9 updates", "Gradient of the weights"),
        *("Update to weights", "Dead units", "Internal covariate shift"),
    ]
    text = words(section.body)
    assert text.count("std 0.75, 60.0 % at 0") >= 2
    assert "dense_1 ends at 0.004; dense_2 ends at 0.002; rule of thumb ends at 0.001" in text
    assert "dense_1 ends at 50.0 %." in text
    assert "Line chart. dense_2 ends at 0.5." in text  # what dense_1 sees, no update moves
    assert "What the layers saw" in run_report(RUN)


def test_without_probes_there_is_no_such_section() -> None:
    assert layers_seen(summary()) is None
    assert "What the layers saw" not in run_report(summary())


def test_one_look_has_no_curves() -> None:
    assert titles(layers_seen(summary(exam(0, dense(1))))) == ["Outputs at the beginning"]


def test_saturation_is_shown_where_layers_can_saturate() -> None:
    layer = dense(1, "sigmoid", saturated=0.4, update=0.1)
    section = layers_seen(summary(exam(0, layer), exam(1, layer)))
    assert "Saturated outputs" in titles(section)
    assert "Dead units" not in titles(section)


def test_a_layer_has_one_color_in_all_charts() -> None:
    layers = [dense(k, "relu" if k < 9 else "softmax", **MOVED) for k in range(1, 10)]
    body = str(layers_seen(summary(exam(0, *layers), exam(1, *layers))).body)
    colors = {}
    for color, name in re.findall(r'fill="[^"]*" class="fill-(\w+)"[^>]*>(dense_\d)', body):
        colors.setdefault(name, set()).add(color)
    drawn = [name for name, found in colors.items() if found & set(style.SERIES)]
    assert len(drawn) <= 6
    assert all(len(colors[name] & set(style.SERIES)) == 1 for name in drawn)
    assert "6 of the layers are drawn" in layers_seen(summary(exam(0, *layers))).note


def test_what_is_not_finite_does_not_break_the_page() -> None:
    wild = dense(1, gradient=float("inf"), update=float("nan"))
    broken = replace(wild, mean=float("nan"), std=float("nan"), low=0.0, high=0.0, counts=(0,) * 3)
    text = words(run_report(summary(exam(0, broken), exam(1, broken), exam(2, wild))))
    assert "dense_1 ends at ∞" in text


def test_the_noise_of_the_loss_is_told() -> None:
    note = layers_seen(summary(exam(0, dense(1)), batch_losses=[1.0, 2.0, 1.0])).note
    assert "scatters by 0.71 around" in note
    assert "scatters" not in layers_seen(summary(exam(0, dense(1)))).note


def test_values_over_updates() -> None:
    assert over_updates(RUN.exams, "dense_1", "update") == ([1.0, 9.0], [0.001, 0.004])
    assert over_updates(RUN.exams, "dense_2", "dead") == ([], [])


@pytest.mark.parametrize(("count", "most"), [(3, 6), (6, 6), (7, 6), (50, 6)])
def test_evenly_keeps_both_ends(count, most) -> None:
    found = evenly(range(count), most)
    assert (found[0], found[-1]) == (0, count - 1)
    assert len(found) == len(set(found)) == min(count, most)
