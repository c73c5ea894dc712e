"""The list is tried in its order, and checked before the search."""

import pytest

from groundup.errors import ConfigError, InputError
from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.methods import Manual
from groundup.tune.search import Search
from groundup.tune.space import make_space

ROW = make_space({"x": "uniform:0..1"})


def test_manual_tries_the_list_in_its_order() -> None:
    method, history = Manual([{"x": 0.5}, {"x": 0}, {"x": 1.0}]), History()
    for value in (0.5, 0, 1.0):
        settings = method.suggest(ROW, history, Stream())
        assert settings == {"x": value}
        history = history.asked(settings).told(Trial(len(history), settings, "finished", 0.0))
    assert method.suggest(ROW, history, Stream()) is None


def test_manual_is_checked_before_the_search() -> None:
    with pytest.raises(ConfigError, match=r"trial 1: x = 2 is outside of uniform:0\.\.1"):
        Search(ROW, Manual([{"x": 0.5}, {"x": 2}]))
    for wrong in ([], {"x": 0.5}, [0.5]):
        with pytest.raises(InputError, match="expected a list of settings"):
            Manual(wrong)  # type: ignore[arg-type]
