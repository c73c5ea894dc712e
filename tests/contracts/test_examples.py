"""Every public name says in a sentence what it is, and shows it in an example.

That the examples are right, the doctests of the modules show.
"""

import doctest
import importlib
import inspect
import re
import subprocess
import sys

import pytest

import groundup


def public():
    """Public classes and functions by name; modules and registries are left out."""
    for name, (home, attribute) in groundup._homes.items():
        value = getattr(importlib.import_module(home), attribute, None)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name, value


NAMES = dict(public())


def docstring(value):
    """Its own: a class without one has None, never its base's."""
    return inspect.cleandoc(value.__doc__ or "")


def says_what_it_is(text):
    """The first line begins with some words, an equation at most after them."""
    words = re.split("[=←≈]", text.partition("\n")[0])[0]
    return re.match("[A-Z0-9]", words) is not None and len(re.findall("[A-Za-z]+", words)) > 2


@pytest.mark.parametrize("name", NAMES)
def test_a_sentence(name):
    assert says_what_it_is(docstring(NAMES[name]))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_that_is_checked(name):
    examples = doctest.DocTestParser().get_examples(docstring(NAMES[name]))
    assert any(example.want and "# doctest: +SKIP" not in example.source for example in examples)


def test_the_names_are_found():
    assert len(NAMES) > 80
    assert NAMES["ReLU"] is groundup.ReLU
    assert NAMES["one_hot"] is groundup.one_hot


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("Cuts what is negative: y = max(x, 0)", True),
        ("Normal with variance 2/n", True),
        ("y = max(x, 0)", False),
        ("λ Σ |w|    gradient λ sign(w): pulls", False),
        ("", False),
    ],
)
def test_what_a_sentence_is(text, enough):
    assert says_what_it_is(text) == enough


def test_every_public_name_is_there_though_nothing_else_was_asked_for() -> None:
    """Each in a process of its own would be too slow; what is asked for first is what matters."""
    for name in ("callbacks", "errors", "zoo", "load_model", "datasets", "losses", "Dense"):
        code = "import sys, groundup; getattr(groundup, sys.argv[1])"
        assert subprocess.run([sys.executable, "-c", code, name], check=False).returncode == 0
