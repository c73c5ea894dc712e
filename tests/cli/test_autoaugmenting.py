"""groundup tune --method autoaugment: what it says, what it leaves, and how it goes on."""

import json
from types import SimpleNamespace

import pytest

import groundup as gu
from groundup.cli import autoaugmenting
from groundup.storage import read_log
from groundup.train.callbacks.screen import Screen
from groundup.tune.autoaugment.children import Child

SMALL = (
    "--model", "two-layer", "--set", "units=20", "--set", "batch_size=50", "--epochs", 1,
    "--trials", 2, "--seeds", 2, "--seed", 4, "--workers", 1,
)  # fmt: skip
FILES = ("autoaugment.html", "autoaugment.jsonl", "best.toml", "config.toml", "controller.csv",
         "env.json", "networks.csv", "policy.toml", "result.json")  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a finished search; only to be read."""
    from groundup.cli import main

    path = tmp_path_factory.mktemp("autoaugment") / "whole"
    words = ["tune", "--method", "autoaugment", *SMALL, "-q", "--out", path]
    assert main([str(word) for word in words]) == 0
    return path


def test_the_result_in_columns_and_in_files(cli, whole):
    done = cli("tune", "--resume", whole, "--workers", 1)
    assert (done.code, done.err) == (0, "")
    result = json.loads((whole / "result.json").read_text("utf-8"))
    lines = done.out.splitlines()
    assert result["headline"] in " ".join(lines[:2])
    first = next(i for i, line in enumerate(lines) if line.startswith("arm ")) + 1
    best = max(result["arms"], key=lambda one: one["mean"])
    assert lines[first].startswith(best["name"])
    for one in result["arms"]:
        assert f"{100 * one['mean']:.2f}" in done.out
    assert f"groundup train {whole / 'best.toml'}" in " ".join(done.out.split())
    assert sorted(one.name for one in whole.iterdir() if one.name[0] != ".") == sorted(FILES)


def test_as_json(cli, whole):
    told = json.loads(cli("tune", "--resume", whole, "--json").out)
    result = json.loads((whole / "result.json").read_text("utf-8"))
    assert told == result | {"folder": str(whole)}
    assert told["networks"] == len(read_log(whole / "autoaugment.jsonl")) - 1 == 11
    assert told["seeds"] == [4, 5]


def test_an_interrupted_search_goes_on(cli, whole, tmp_path):
    lines = (whole / "autoaugment.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "autoaugment.jsonl").write_bytes(b"".join(lines[:4]))
    before = json.loads((whole / "env.json").read_text("utf-8"))
    (tmp_path / "env.json").write_text(json.dumps({**before, "cpu": "Another"}), "utf-8")
    done = cli("tune", "--resume", tmp_path, "-q")
    assert done.code == 0
    assert done.err.startswith("note: cpu was Another, now ")
    for name in ("networks.csv", "policy.toml", "best.toml"):
        assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()


def test_the_best_configuration_and_the_policy_train(cli, whole, tmp_path):
    done = cli("train", whole / "best.toml", "--epochs", 1, "-q", "--out", tmp_path / "run")
    assert done.code == 0
    policy = gu.Policy.load(whole / "policy.toml")
    assert gu.Policy.load(tmp_path / "run" / "config.toml") == policy
    words = ("--model", "two-layer", "--epochs", 1, "-q", "--out", tmp_path / "other")
    assert cli("train", whole / "policy.toml", *words).code == 0
    assert gu.Policy.load(tmp_path / "other" / "config.toml") == policy


def test_what_cannot_be_searched_is_refused(cli, tmp_path):
    done = cli("tune", "--method", "autoaugment", "--data", "iris", "--out", tmp_path / "iris")
    assert done.code == 2
    assert "expected images" in done.err
    done = cli("tune", "--method", "autoaugment", "--set", "data.augment=['shift']")
    assert done.code == 2
    assert "it searches for data.augment" in done.err


def test_a_bar_on_a_terminal(monkeypatch):
    """Where stderr is none, nothing is said; that the other tests show."""
    drawn, now = [], [0.0]
    monkeypatch.setattr(Screen, "draws", True)
    monkeypatch.setattr(Screen, "width", 120)
    monkeypatch.setattr(Screen, "tell", lambda self, text="", end="\n": drawn.append(str(text)))
    monkeypatch.setattr(autoaugmenting, "time", SimpleNamespace(monotonic=lambda: now[0]))
    assert autoaugmenting.teller(quiet=True) is None
    tell = autoaugmenting.teller(quiet=False)
    tell(4, 12, None)  # of an earlier try
    now[0] = 30.0
    tell(6, 12, Child("controller", 0, 0, 0.75))
    now[0] = 30.05  # too soon to be drawn again, not to be remembered
    tell(7, 12, Child("random", 1, 0, 0.875))
    now[0] = 60.0
    tell(8, 12, Child("random", 2, 0, 0.5))
    now[0] = 70.0
    tell(9, 12, Child("none", None, 1, 0.9))
    tell(12, 12, Child("none", None, 2, 0.9))
    bars = [text.lstrip("━─#- ") for text in drawn]
    assert bars == [
        "4/12 networks",
        "6/12 networks  eta  1:30  learned policy, best so far 75.0%",
        "8/12 networks  eta  1:00  random policy, best so far 87.5%",
        "9/12 networks  eta  0:42  no augmentation, verdict",
        "",
    ]
