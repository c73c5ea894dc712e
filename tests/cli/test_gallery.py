"""`groundup data gallery`."""

from pathlib import Path

import pytest


def test_a_gallery_of_variants(cli):
    assert cli("data", "gallery").out == "Samples of digits and their variants: gallery.svg\n"
    figure = Path("gallery.svg").read_text(encoding="utf-8")
    assert figure.count("<image") == 10 * 9
    assert "shift(magnitude=0.25)" in figure


def test_what_is_asked_for_is_drawn_and_the_seed_repeats_it(cli):
    asked = ("data", "gallery", "--augment", "rotation, shift:0.5", "--rows", 2, "--columns", 3)
    made = cli(*asked, "--out", "a.svg", "--json").json
    assert made == {
        "data": "digits", "seed": 0, "file": "a.svg",
        "operations": [{"kind": "RandomRotation"}, {"kind": "RandomShift", "magnitude": 0.5}],
    }  # fmt: skip
    figure = Path("a.svg").read_bytes()
    assert figure.count(b"<image") == 2 * 4
    cli(*asked, "--out", "b.svg")
    cli(*asked, "--out", "c.svg", "--seed", 1)
    assert Path("b.svg").read_bytes() == figure != Path("c.svg").read_bytes()


def test_magnitudes_of_every_operation_or_of_some(cli):
    cli("data", "gallery", "--magnitudes", "--out", "a.html")
    assert Path("a.html").read_text(encoding="utf-8").count("<image") == 11 * 5
    entry = '[{ name = "noise", stddev = 0.3 }]'
    cli("data", "gallery", "--magnitudes", "--augment", entry, "--out", "b.svg")
    assert Path("b.svg").read_text(encoding="utf-8").count("<image") == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--augment", "rotaton"), "Did you mean 'rotation'"),
        (("--augment", "shift:2"), "magnitude=2.0"),
        (("--augment", "[1"), "expected a TOML list"),
        (("--out", "a.gif"), "a name that ends in .svg or .html or .png"),
        (("--data", "mnits"), "Did you mean 'mnist'"),
        (("--data", "iris"), "expected images"),
        (("--data", "./nothing.csv"), "there is no file or folder"),
    ],
)
def test_what_cannot_be_ends_with_2(cli, arguments, words):
    refused = cli("data", "gallery", *arguments)
    assert refused.code == 2
    assert words in refused.err
