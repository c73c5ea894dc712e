"""Charts of what probes see."""

import re

import pytest

from groundup.report import style
from groundup.report.layer_charts import (
    CHARTS,
    evenly,
    hidden,
    layer_chart,
    layer_colors,
    outputs_chart,
    over_updates,
    weighted,
)
from groundup.train.probes.exam import Exam, LayerExam


def exam(updates=0, layers=3, **values):
    def layer(name, activation, **more):
        base = {
            "units": 4, "mean": 0.0, "std": 0.5, "low": 0.0, "high": 1.0, "counts": (6, 3, 1),
            "weight": 0.1, "gradient": 10.0**-updates, "dead": 0.25,
        }  # fmt: skip
        return LayerExam(name, "dense", activation, **base | more | values)

    inner = [layer(f"dense_{i}", "relu") for i in range(1, layers)]
    last = layer(f"dense_{layers}", "softmax", dead=None)
    return Exam(updates, 0, 100, 2.0, 0.5, (*inner, last))


def test_numbers_of_a_layer_are_those_of_the_exams_that_have_them():
    exams = [exam(0, update=None), exam(1, update=0.5), exam(4, update=0.25)]
    assert over_updates(exams, "dense_1", "update") == ([1.0, 4.0], [0.5, 0.25])
    assert over_updates(exams, "dense_3", "dead") == ([], [])


def test_a_chart_is_labeled_and_has_its_guide():
    drawn = layer_chart(CHARTS["update"], [exam(0), exam(9, update=0.1)], {"dense_1": "teal"})
    assert ">dense_1<" in drawn
    assert "stroke-teal" in drawn
    assert ">rule of thumb<" in drawn
    assert ">0.001<" in drawn


def test_shares_are_in_percent_and_gradients_by_their_size():
    colors = layer_colors(exam(), ["dense_1"])
    assert "25.0\u202f%" in layer_chart(CHARTS["dead"], [exam(0), exam(1)], colors)
    ticks = layer_chart(CHARTS["gradient"], [exam(0), exam(9)], colors)
    assert ">10⁻⁵<" in ticks


def test_what_relus_give_out_is_drawn_without_the_zeros():
    drawn = outputs_chart(exam(7), {"dense_1": "blue"})
    assert ">Outputs after 7 updates<" in drawn
    assert ">std 0.5, 60.0\u202f% at 0<" in drawn
    (path,) = re.findall(r'd="(M[^"]+Z)"', drawn)
    assert path.startswith(re.match(r"M\S+ (\S+?)V", path)[0])
    base = re.match(r"M\S+ ([\d.]+)V", path)[1]
    assert path.split("V")[1].startswith(f"{base}H")  # the first part has no height


def test_what_is_not_finite_is_left_out():
    drawn = outputs_chart(exam(low=float("nan")), {"dense_1": "blue"})
    assert ">no values<" in drawn


def test_a_layer_keeps_its_color_and_wanted_layers_are_drawn_first():
    many = exam(layers=20)
    all_of_them, some = layer_colors(many, weighted(many)), layer_colors(many, ["dense_1"])
    assert len(all_of_them) == len(style.SERIES)
    assert some == {"dense_1": all_of_them["dense_1"]}
    assert list(layer_colors(many, weighted(many), ["dense_2"]))[:2] == ["dense_1", "dense_2"]


def test_hidden_layers_are_those_with_an_activation():
    assert hidden(exam()) == ["dense_1", "dense_2"]
    plain = exam(layers=1)
    assert hidden(plain) == ["dense_1"]  # of a softmax, but there is no other


@pytest.mark.parametrize(("count", "expected"), [(3, [0, 1, 2]), (11, [0, 2, 4, 6, 8, 10])])
def test_evenly(count, expected):
    assert evenly(range(count)) == expected
