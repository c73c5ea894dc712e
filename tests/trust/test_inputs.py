"""The trials of inputs hold, and would notice a door that guesses, writes, forgets or swallows."""

from pathlib import Path

import numpy as np
import pytest

import groundup as gu
from groundup.errors import DataError

ROOT = Path(__file__).parent.parent.parent
Y = np.array([0, 1, 2, 2, 1, 0])


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def faults(call, names, takes=("same",), forms=None):
    """What the bench says of this door and the forms of these names."""
    from trust.inputs.label_forms import FORMS
    from trust.inputs.verdict import Door, Judge

    judge = Judge(Door("door", lambda y, n: call(y), frozenset(takes)), Y)
    forms = [form for form in forms or FORMS if form.name in names]
    assert len(forms) == len(names)
    found = [judge.fault(form, judge.given(form)) for form in forms]
    return [fault for fault in found if fault]


def test_a_door_as_it_should_be_has_no_faults():
    names = ("as it is", "bytes swapped", "list", "masked array", "-1", "(1, N)", "ragged")
    takes = ("same", "swapped")
    assert faults(lambda y: gu.one_hot(y, 3), names, takes) == []


@pytest.mark.parametrize(
    ("call", "name", "said"),
    [
        (lambda y: np.asarray(y), "masked array", "expected refused, found exact"),
        (lambda y: np.eye(3)[y], "-1", "expected refused, found exact"),
        (lambda y: np.asarray(y)[::-1].sort(), "as it is", "written to"),
        (lambda y: np.asarray(y).view(np.uint8), "every third row", "found broke"),
        (lambda y: y.strides, "every third row", "another result"),
        (lambda y: gu.one_hot(y, 2), "as it is", "expected exact, found refused"),
    ],
    ids=["forgets a mask", "wraps around", "writes", "breaks", "differs", "refuses"],
)
def test_a_door_with_a_fault_is_noticed(call, name, said):
    (fault,) = faults(call, [name])
    assert said in fault


def test_a_refusal_has_to_say_what_why_and_what_instead():
    def mute(y):
        raise DataError("no")

    (fault,) = faults(mute, ["-1"])
    assert "the argument, what was expected, what was found" in fault


def test_the_tables_are_as_large_as_the_page_says():
    from trust.inputs import array_forms, label_forms

    for forms, least in ((label_forms.FORMS, 190), (array_forms.FORMS, 100)):
        assert len(forms) >= least
        assert len({form.name for form in forms}) == len(forms)


def test_a_training_that_writes_or_keeps_is_noticed():
    from trust.inputs.scenes import Scene
    from trust.inputs.untouched import fault_of

    def given(stream):
        return {"x": np.ones(3), "table": {"a": 1}}

    def writes(given):
        given["x"][0] = 2

    def changes(given):
        given["table"]["b"] = 2

    assert "written to" in fault_of(Scene("s", given, writes), given(None))
    assert "written to" in fault_of(Scene("s", given, changes), given(None))
    keeps = Scene("s", given, lambda given: given["x"][:2])
    assert "the result changed" in fault_of(keeps, given(None))
    assert fault_of(Scene("s", given, lambda given: given["x"] * 2), given(None)) is None
    assert "expected KeyError" in fault_of(Scene("s", given, writes_not, KeyError), given(None))


def writes_not(given):
    return None


def test_options_that_are_swallowed_or_refused_in_other_words_are_noticed():
    from trust.inputs.owners import Option
    from trust.inputs.settings import kept, refused

    def blunt(value):
        raise ValueError("math domain error")

    def mute(value):
        raise DataError("no")

    assert "expected a refusal" in refused(Option("X", "rate", lambda value: 1, ()), "fast")
    assert "ValueError" in refused(Option("X", "rate", blunt, ()), "fast")
    assert "does not name it" in refused(Option("X", "rate", mute, ()), "fast")
    assert refused(Option("Adam", "learning_rate", gu.Adam, ()), "fast") is None
    assert kept(Option("Adam", "learning_rate", gu.Adam, ()), np.float32(0.1)) is None
    rounded = Option("Adam", "learning_rate", lambda value: gu.Adam(round(float(value), 3)), ())
    assert "is held" in kept(rounded, np.float32(0.1))


def test_unknown_keywords_are_tried_for_every_class():
    from trust.inputs.owners import registered
    from trust.inputs.settings import misspelled, unknown

    class Anything(gu.Dense):
        def __init__(self, **options):
            pass

    assert len(list(registered())) > 90
    assert ("uits", "units") in misspelled(gu.Dense)
    assert unknown(gu.Dense, "uits", "units") is None
    assert "swallowed" in unknown(Anything, "uits", "units")
