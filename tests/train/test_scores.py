"""Scores: a tuple in Keras's order that knows its names."""

import copy
import pickle

import pytest

from groundup.errors import UnknownName
from groundup.train.scores import Scores

SCORES = Scores({"loss": 0.25, "accuracy": 0.9, "mae": 3.0})


def test_by_place_and_by_name():
    loss, accuracy, mae = SCORES
    assert (loss, accuracy, mae) == (0.25, 0.9, 3.0) == SCORES
    assert [SCORES["loss"], SCORES["accuracy"], SCORES["mae"]] == list(SCORES)
    assert SCORES[1] == SCORES[-2] == 0.9
    assert SCORES[1:] == (0.9, 3.0)


def test_as_a_mapping():
    assert dict(SCORES) == {"loss": 0.25, "accuracy": 0.9, "mae": 3.0}
    assert {**SCORES} == dict(SCORES.items()) == dict(SCORES)
    assert SCORES.keys() == ("loss", "accuracy", "mae")
    assert "accuracy" in SCORES
    assert "penalty" not in SCORES
    assert 0.9 in SCORES
    assert 0.8 not in SCORES


def test_an_unknown_name_is_told():
    with pytest.raises(UnknownName, match=r"no score is called 'acuracy'.*'accuracy'"):
        SCORES["acuracy"]


def test_the_loss_alone_is_still_a_tuple_with_a_name():
    (loss,) = alone = Scores({"loss": 0.5})
    assert loss == alone["loss"] == 0.5
    assert repr(alone) == "Scores(loss=0.5)"


@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))],  # noqa: S301
)
def test_copies_know_their_names(twin):
    assert twin(SCORES) == SCORES
    assert dict(twin(SCORES)) == dict(SCORES)


def test_its_text_is_short():
    assert repr(Scores({"loss": 1 / 3, "accuracy": 1.0})) == "Scores(loss=0.333333, accuracy=1)"
