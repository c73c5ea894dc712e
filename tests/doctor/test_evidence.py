"""What rules ask of a case, on records made by hand."""

import math
from dataclasses import replace

import pytest

from groundup.config import from_mapping
from groundup.doctor.case import Case
from groundup.doctor.evidence import (
    behind,
    blocks,
    delay,
    hidden,
    left,
    losses,
    median,
    moves,
    narrow,
    still,
)
from groundup.doctor.facts import DataFacts
from groundup.layers import BatchNormalization, Dense, Dropout, ReLU
from groundup.nn.chain import Chain
from groundup.train.probes.exam import Exam, LayerExam

FACTS = DataFacts(
    "classification", (80, 20, 20), (4,), (40, 40), 0.0, 1.0, (1.0, 1.0, 1.0), 0.0, 0.0, 0.0, 0.5,
    0.9, 0.005, 0.5, 0.5, 0.0, 0.0, 0,
)  # fmt: skip
CHAIN = Chain([Dense(8), BatchNormalization(), ReLU(), Dropout(0.2), Dense(2, "softmax")])


def layer(name, kind, activation="", **values):
    return LayerExam(name, kind, activation, 8, 0.0, 1.0, 0.0, 1.0, (1,), **values)


def exam(updates=0, loss=0.5, update=None):
    seen = (
        layer("dense_1", "dense", weight=1.0, update=update),
        layer("batch_normalization_1", "batch_normalization"),
        layer("relu_1", "relu", "relu", dead=0.0),
        layer("dropout_1", "dropout"),
        layer("dense_2", "dense", "softmax", weight=1.0, update=update),
    )
    return Exam(updates, 0, 20, loss, 1.0, seen)


def case(exams=(), facts=FACTS, diverged=False, **curves):
    records = [{"kind": "probe", **one.plain()} for one in exams]
    for n, row in enumerate(zip(*curves.values(), strict=True)):
        records.append({"kind": "epoch", "epoch": n, **dict(zip(curves, row, strict=True))})
    records += [{"kind": "diverged", "epoch": 0, "step": 0, "where": "here"}] if diverged else []
    return Case(from_mapping({"model": {"name": "two-layer"}}), CHAIN, facts, tuple(records))


def test_a_block_reaches_from_one_layer_with_weights_to_the_next():
    first, last = blocks(exam())
    assert (first.weights.layer, first.output.layer, first.normalized) == (
        "dense_1",
        "relu_1",
        True,
    )
    assert (last.weights.layer, last.output.layer, last.normalized) == ("dense_2", "dense_2", False)
    assert hidden(exam()) == (first,)


def test_what_is_left_is_told_as_a_share_of_chance():
    assert losses(case(loss=[0.5, 0.25])) == (1.0, 0.5)
    assert left(case(loss=[0.5, 0.25])) == 0.5
    assert math.isnan(left(case(loss=[0.5], diverged=True)))
    assert math.isnan(left(case()))
    assert math.isnan(left(case(loss=[0.5], facts=replace(FACTS, chance=0.0))))


def test_a_loss_stands_still_from_where_it_is_nearly_lowest():
    assert still(case(loss=[0.5, 0.2, 0.2, 0.202, 0.2])) == pytest.approx(0.6)
    assert still(case(loss=[0.5, 0.4, 0.3, 0.2, 0.1])) == 0.0


def test_delay_is_how_late_the_loss_first_falls():
    exams = [exam(0, 0.5), exam(25, 0.49), exam(50, 0.4), exam(100, 0.1)]
    assert delay(case(exams)) == 0.5
    assert delay(case([exam(0, 0.5), exam(100, 0.5)])) == math.inf


def test_moves_are_medians_over_layers_where_they_are_known():
    exams = [exam(0), exam(1, update=0.01), exam(2, update=math.inf), exam(3, update=0.02)]
    assert moves(case(exams)) == (0.01, 0.02)
    assert median([None, math.nan, 1.0, 3.0]) == 2.0


def test_a_network_is_behind_its_neighbors():
    assert behind(case(loss=[0.4], accuracy=[0.6])) == pytest.approx(0.3)
    values = replace(FACTS, task="regression", chance=1.0, neighbors=0.4)
    assert behind(case(loss=[0.7], facts=values)) == pytest.approx(0.1)


def test_a_network_is_narrow_by_its_answers():
    assert narrow(case([exam()])) == 0.0
    assert narrow(case([exam()], replace(FACTS, counts=(4,) * 16))) == 2.0
