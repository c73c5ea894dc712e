"""`groundup data info` and `groundup data shift`."""

import numpy as np
import pytest

from groundup.cli import data_info, data_shift
from groundup.data.dataset import Dataset
from groundup.rng import Stream

X = Stream(0).normal((300, 3))
Y = np.arange(300) % 2


def known(monkeypatch, **sets):
    """Let these be data sets by name."""
    for command in (data_info, data_shift):
        monkeypatch.setattr(command, "opened", lambda name, *options: sets[name])


def dataset(x=X, y=Y, **changes):
    given = {"classes": ("no", "yes"), "features": ("age", "height", "weight")} | changes
    return Dataset("people", x[:200], y[:200], x[200:], y[200:], **given)


def test_findings_are_said(cli, monkeypatch) -> None:
    x = X.copy()
    x[250], x[:, 1] = x[3], 1.7
    known(monkeypatch, people=dataset(x))
    text = cli("data", "info", "people").out
    assert "- 1 of 100 test samples (1.0 %) is in the training data, too" in text
    assert "- height never varies: it tells nothing." in text
    assert ["height", "1.7", "1.7", "1.7", "0"] in [line.split() for line in text.splitlines()]
    shown = cli("data", "info", "people", "--json").json
    assert shown["constant"] == ["height"]
    assert shown["leaks"] == [{"test": 50, "train": 3, "same_target": False}]
    assert [one["name"] for one in shown["features"]] == ["age", "height", "weight"]


def test_of_regression_the_targets_are_shown(cli, monkeypatch) -> None:
    known(monkeypatch, people=dataset(y=X[:, 0] + 2, classes=(), targets=("income",)))
    text = cli("data", "info", "people").out
    assert "task      regression" in text
    assert "\nincome" in text


@pytest.mark.parametrize("name", ["people", "pictures", "values"])
def test_a_page_with_pictures(cli, monkeypatch, tmp_path, name) -> None:
    pictures = dataset(np.abs(Stream(1).normal((300, 3, 4, 4))), features=())
    values = dataset(y=X[:, 0] + 2, classes=())
    known(monkeypatch, people=dataset(), pictures=pictures, values=values)
    assert cli("data", "info", name, "--picture", tmp_path / "page.html").code == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("<img") == (60 if name == "pictures" else 0)
    assert "200 " in page
    for words in {"people": ("height", "Test samples"), "values": ("Test: target 1",)}.get(
        name, ("shape 3 × 4 × 4",)
    ):
        assert words in page


def test_shift_between_the_parts(cli, monkeypatch) -> None:
    x = X.copy()
    x[200:, 2] += 1.0
    known(monkeypatch, people=dataset(x))
    text = cli("data", "info", "people", "--shift").out
    assert "verdict     shift in 1 of 3 features: weight" in text
    shown = cli("data", "info", "people", "--shift", "--json").json
    assert shown["shift"]["shifted"] == ["weight"]


def test_shift_between_two_sets(cli, monkeypatch) -> None:
    other = Stream(1).normal((300, 3))
    known(monkeypatch, a=dataset(), b=dataset(other), c=dataset(other * [1, 1, 2]))
    assert (
        "verdict     no shift seen\nsamples     300 and 300\n" in cli("data", "shift", "a", "b").out
    )
    shown = cli("data", "shift", "a", "c", "--json").json
    assert shown["verdict"] == "shift in 1 of 3 features: weight"
    assert shown["features"][0]["spread"] == pytest.approx(2, abs=0.4)


def test_what_cannot_be_is_refused(cli, monkeypatch) -> None:
    known(monkeypatch, a=dataset(), b=dataset(X[:, :2], features=()))
    refused = cli("data", "shift", "a", "b")
    assert (refused.code, "expected one shape" in refused.err) == (2, True)
    assert cli("data", "shift", "a", "a", "--level", 2).code == 2
    assert "expected a name.html" in cli("data", "info", "a", "--picture", "a.png").err
    known(monkeypatch, a=dataset(), c=dataset(features=("height", "age", "weight")))
    assert "expected those of a, in their order" in cli("data", "shift", "a", "c").err


def test_of_a_file(cli, tmp_path) -> None:
    rows = "\n".join(f"{a:.3f},{b:.3f},{'yn'[i % 2]}" for i, (a, b, _) in enumerate(X))
    (tmp_path / "people.csv").write_text(f"age,height,vote\n{rows}\n", "utf-8")
    text = cli("data", "info", "people.csv", "--target", "vote").out
    assert "training  240 samples" in text
    assert "task      classification" in text
    assert "verdict     no shift seen" in cli("data", "shift", "people.csv", "people.csv").out
