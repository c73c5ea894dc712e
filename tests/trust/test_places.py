"""Places: the table can be read, the check sees what is wrong, and a place or two holds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.skipif(not Path("/bin/sh").exists(), reason="there is no POSIX shell")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


@pytest.fixture
def found():
    from trust.places.surroundings import Found

    codes = {"train": 130, "resume": 0, "evaluate": 0, "predict": 0}
    left = {"run/model.safetensors": "a", "run/metrics.jsonl": "c", "run/report.html": "b"}
    return Found([0], codes, left, [{"loss": 1.0}, {"class": "7"}], "test accuracy 90 %\n")


def test_places_have_names_of_their_own():
    from trust.places.smoke import commands
    from trust.places.table import PLACES

    assert len({place.name for place in PLACES}) == len(PLACES) >= 45
    assert all(set(place.commands) <= set(commands("")) for place in PLACES)
    assert all(set(place.codes) <= set(place.commands) for place in PLACES)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"codes": {"train": 130, "resume": 0, "evaluate": 1, "predict": 0}}, "exit codes"),
        ({"ended": [120]}, r"processes ended with \[120\]"),
        (
            {
                "left": {
                    "run/model.safetensors": "z",
                    "run/metrics.jsonl": "c",
                    "run/report.html": "b",
                }
            },
            "is another one",
        ),
        (
            {"left": {"run/model.safetensors": "a", "run/metrics.jsonl": "c"}},
            r"there are no \['run/report.html'\]",
        ),
        ({"answers": [{"loss": 1.5}, {"class": "7"}]}, "answers"),
        ({"shown": "Traceback (most recent call last)"}, "it shows"),
        ({"shown": "x.py:3: EncodingWarning: 'encoding'"}, "it shows"),
        ({"shown": "\x1b[31m90 %"}, "escape sequences"),
    ],
)
def test_what_is_not_as_elsewhere_is_a_fault(found, wrong, fault):
    from trust.places.surroundings import faults
    from trust.places.table import Place

    assert faults(Place("here"), found, found) == []
    (line,) = faults(Place("here"), replace(found, **wrong), found)
    assert re.search(fault, line)
    assert line.startswith("here (:): ")


def test_where_nothing_is_left_nothing_is_the_same(found):
    from trust.places.surroundings import faults
    from trust.places.table import Place

    nothing = replace(found, left={})
    (line,) = faults(Place("ordinary"), nothing, nothing)
    assert "there are no ['run/model.safetensors', 'run/metrics.jsonl'" in line


def test_a_package_that_cannot_be_built_is_no_missing_network():
    from trust.places.pythons import OUT_OF_REACH

    for said, missing in {
        "ERROR: No matching distribution found for numba>=0.60": True,
        "NewConnectionError: Failed to establish a new connection": True,
        "error: subprocess-exited-with-error: invalid pyproject.toml": False,
        "ERROR: Package 'groundup' requires a different Python: 3.14.0 not in '<3.14'": False,
    }.items():
        assert bool(OUT_OF_REACH.search(said)) == missing


def test_a_place_is_visited_and_one_that_cannot_be_had_is_not():
    from trust.places.surroundings import NOT_HERE, faults, visited
    from trust.places.table import ASCII, REFERENCE, Place

    place = Place("é", f"{REFERENCE} && {ASCII}", commands=("train", "resume"))
    (found,) = visited(place)
    assert found.codes == {"train": 130, "resume": 0}
    assert faults(replace(place, answers=False), found, found) == []
    (found,) = visited(replace(place, shell="false"))
    assert (found.ended, found.codes) == ([NOT_HERE], {})


def test_a_model_that_differs_is_seen(found):
    from trust.places.surroundings import faults, visited
    from trust.places.table import REFERENCE, Place

    place = Place("another seed", REFERENCE, commands=("whole",), answers=False)
    (there,) = visited(place)
    expected = replace(there, left={**there.left, "run/model.safetensors": "0" * 16})
    (fault,) = faults(place, there, expected)
    assert "run/model.safetensors is another one than elsewhere" in fault


def test_endings_are_compared():
    from trust.places.endings import Ending, faults, seen

    ending = Ending('"$@" 1 2', 3, "seen")
    assert faults(ending, [(3, "seen 0.1 s"), (3, "seen 0.2 s")]) == []
    assert "expected 3" in faults(ending, [(1, "seen"), (3, "seen")])[0]
    assert "different things" in faults(ending, [(3, "seen"), (3, "seen it")])[0]
    assert "it shows" in faults(ending, [(3, "seen: Traceback"), (3, "seen: Traceback")])[0]
    assert seen(Ending('"$@"; exit 4', 4, ""), ["echo", "there"]) == (4, "there\n")
