"""`groundup train`: what it prints, what it leaves, and that it does so again."""

import json
import tomllib

import pytest

from groundup.storage import read_log

SMALL = ("--model", "two-layer", "--epochs", 2)
FILES = ["checkpoints", "config.toml", "env.json", "metrics.jsonl", "model.safetensors"]
KEYS = {
    "run_dir", "model", "data", "seed", "epochs", "parameters", "seconds", "samples_per_second",
    "train_loss", "val_accuracy", "test_accuracy", "test_loss", "report",
}  # fmt: skip
TIMES = ("seconds", "samples_per_second", "run_dir")


def untimed(path):
    """The records of a run without what differs from one run to the next."""
    return [
        {key: value for key, value in record.items() if key not in TIMES}
        for record in read_log(path / "metrics.jsonl")
    ]


def test_json_is_one_object_with_the_result(cli, tmp_path):
    done = cli("train", "--data", "digits", *SMALL, "--json", "--out", "run")
    assert done.code == 0
    result = done.json
    assert set(result) >= KEYS
    assert (result["run_dir"], result["model"], result["data"]) == ("run", "two-layer", "digits")
    assert (result["seed"], result["epochs"], result["parameters"]) == (0, 2, 64 * 50 + 50 + 510)
    assert 0 < result["test_accuracy"] < 1
    assert result["seconds"] > 0
    end = read_log(tmp_path / "run" / "metrics.jsonl")[-1]
    assert {key: end[key] for key in KEYS - {"report"}} == {
        key: result[key] for key in KEYS - {"report"}
    }
    assert (tmp_path / result["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_in_words_it_says_how_good_where_and_what_next(cli, tmp_path):
    done = cli("train", *SMALL)
    (run,) = (tmp_path / "runs").iterdir()
    place = f"runs/{run.name}"
    assert run.name.endswith("-digits-two-layer")
    assert sorted(path.name for path in run.iterdir() if path.name[0] != ".") == sorted(
        [*FILES, "report.html"]
    )
    lines = done.out.splitlines()
    assert lines[0].startswith("test accuracy  ")
    assert f"run            {place}" in lines
    assert f"report         {place}/report.html" in lines
    assert f"  groundup evaluate {place}" in lines
    assert done.err.splitlines()[0].startswith("two-layer on digits: 2 epochs in batches of 32")
    epochs = [line.split()[0] for line in done.err.splitlines() if line][-2:]
    assert epochs == ["1/2", "2/2"]


def test_quiet_is_silent_but_for_the_result(cli):
    done = cli("train", *SMALL, "--quiet", "--out", "run")
    assert done.err == ""
    assert done.out.startswith("test accuracy")


def test_the_commands_that_are_suggested_work(cli):
    done = cli("train", *SMALL, "--quiet", "--out", "a run")
    suggested = next(line for line in done.out.splitlines() if "evaluate" in line)
    assert suggested == "  groundup evaluate 'a run'"
    assert cli("evaluate", "a run").code == 0


def test_the_configuration_of_a_run_repeats_it(cli, tmp_path):
    options = ("--seed", 3, "--learning-rate", 0.01, "--batch-size", 64, "--set", "units=20")
    first = cli("train", *SMALL, *options, "--out", "first", "-q")
    again = cli("train", "first/config.toml", "--out", "again", "-q")
    assert (first.code, again.code) == (0, 0)
    for name in ("config.toml", "model.safetensors"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert untimed(tmp_path / "first") == untimed(tmp_path / "again")
    written = tomllib.loads((tmp_path / "first" / "config.toml").read_text(encoding="utf-8"))
    assert written["seed"] == 3
    assert written["model"] == {"name": "two-layer", "units": 20}
    assert written["optimizer"] == {"name": "adam", "learning_rate": 0.01}
    assert (written["train"]["epochs"], written["train"]["batch_size"]) == (2, 64)


def test_another_seed_is_another_run(cli, tmp_path):
    for seed in (0, 1):
        cli("train", *SMALL, "--seed", seed, "--out", seed, "-q")
    assert untimed(tmp_path / "0") != untimed(tmp_path / "1")


def test_early_stopping_is_said(cli):
    stopping = 'callbacks=[{ kind = "EarlyStopping", monitor = "val_loss", min_delta = 100 }]'
    done = cli("train", "--model", "two-layer", "--set", stopping, "--out", "run", "-q")
    assert "ended early: " in done.out


def test_threads_are_limited_and_recorded(cli, tmp_path, monkeypatch):
    cli("train", *SMALL, "--threads", 1, "--out", "option", "-q")
    monkeypatch.setenv("GROUNDUP_THREADS", "1")
    cli("train", *SMALL, "--out", "variable", "-q")
    for run in ("option", "variable"):
        text = (tmp_path / run / "env.json").read_text(encoding="utf-8")
        assert 1 in [library["threads"] for library in json.loads(text)["blas"]]


@pytest.mark.parametrize("value", ["0", "-1", "two", ""])
def test_impossible_threads_are_refused(cli, monkeypatch, value, tmp_path):
    assert cli("train", "--threads", value).code == 2
    if value:
        monkeypatch.setenv("GROUNDUP_THREADS", value)
        failed = cli("train", *SMALL)
        assert failed.code == 2
        assert "GROUNDUP_THREADS" in failed.err
    assert list(tmp_path.iterdir()) == []


def test_no_option_may_change_a_resumed_run(cli, trained):
    refused = cli("train", "--resume", trained, "--epochs", 3, "--set", "seed=1", "--out", "x")
    assert refused.code == 2
    assert refused.err == (
        "error: --resume goes on with the run as it was configured: leave out --epochs, --set, "
        "--out.\n"
    )


def test_a_run_that_has_ended_is_reported_again(cli, tmp_path):
    first = cli("train", *SMALL, "--out", "run", "--json")
    (tmp_path / "run" / "report.html").unlink()
    model = (tmp_path / "run" / "model.safetensors").read_bytes()
    again = cli("train", "--resume", "run", "--json")
    assert again.json == first.json
    assert "had ended already" in again.err
    assert (tmp_path / "run" / "report.html").exists()
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == model


def test_a_profile_says_what_a_step_costs_and_trains_nothing(cli, tmp_path):
    done = cli("train", *SMALL, "--profile")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("two-layer, a training step of 32 samples on ")
    assert {line.split()[0] for line in lines[3:] if line[0] != "─"} >= {
        "dense_1", "dense_2", "loss", "optimizer", "total"
    }  # fmt: skip
    assert "leave out --profile to train" in done.err
    assert not (tmp_path / "runs").exists()


def test_a_profile_as_json(cli):
    profile = cli("train", *SMALL, "--profile", "--json").json
    assert (profile["name"], profile["data"], profile["batch_size"]) == ("two-layer", "digits", 32)
    assert sum(part["share"] for part in profile["parts"]) == pytest.approx(1)


@pytest.mark.parametrize("option", ["--out", "--resume"])
def test_a_profile_is_no_run(cli, option):
    done = cli("train", "--profile", option, "run")
    assert done.code == 2
    assert f"--profile writes no run: leave out {option}" in done.err
