"""`groundup doctor`: whom it examines, what it says, what it leaves, and its exit codes."""

import shutil
import subprocess
import sys

import pytest

from groundup.cli import diagnosing
from groundup.cli.durations import seconds
from groundup.config import from_mapping
from groundup.doctor.diagnosis import diagnose
from groundup.doctor.finding import Change, Prescription
from groundup.doctor.observe import case_of_run
from groundup.doctor.rule import Measurement, Rule
from groundup.errors import InputError
from groundup.train.changes import changed
from groundup.train.run_directory import RunDirectory

SMALL = ("--model", "two-layer", "--epochs", 2, "--batch-size", 100)


def rule(severity="fatal", prescribe=lambda case, measured: Prescription("Wait.")):
    """Finds something in every case."""
    return Rule(
        "too-slow", "It learns too slowly", severity, "Saito 2016, 6.1", 0.5, "a test", "Because.",
        lambda case: Measurement(len(case.exams), f"{len(case.exams)} exams were taken."),
        prescribe,
    )  # fmt: skip


@pytest.fixture
def finds(monkeypatch):
    """Makes these rules the doctor's."""

    def use(*rules):
        monkeypatch.setattr(diagnosing, "diagnose", lambda case: diagnose(case, rules))

    return use


@pytest.fixture(scope="session")
def known(trained):
    """The case of the finished run; to ask its files takes a second."""
    return case_of_run(RunDirectory(trained))


def faster(case, measured):
    """Adam at a higher rate."""
    change = Change("optimizer.learning_rate", None, 0.01)
    return Prescription("Learn faster.", (change,), changed(case.config, change.path, change.after))


def test_what_a_configuration_says_is_trained_and_told(cli, tmp_path, finds):
    finds()
    (tmp_path / "config.toml").write_text('[model]\nname = "two-layer"\n[train]\nepochs = 2\n')
    done = cli("doctor", "config.toml", "--out", "run", "--seed", 3)
    assert done.code == 0
    assert done.out == "Nothing stands out.\n\nrun   run\npage  run/doctor.html\n"
    assert done.err.startswith("two-layer on digits: 2 epochs in batches of 32, adam, seed 3\n")
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files >= {"config.toml", "metrics.jsonl", "model.safetensors", "report.html"}
    page = (tmp_path / "run" / "doctor.html").read_text(encoding="utf-8")
    assert "<h1>Nothing stands out</h1>" in page


def test_a_finished_run_is_diagnosed_by_its_files(cli, trained, tmp_path, finds):
    finds(rule())
    shutil.copytree(trained, tmp_path / "run")
    before = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    done = cli("doctor", "run")
    assert done.code == 3
    assert done.err == ""
    lines = done.out.splitlines()
    assert lines[0] == "One thing keeps this network from learning."
    assert lines[2] == "1. It learns too slowly (fatal)"
    assert lines[-1] == "page  run/doctor.html"
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == before
    again = cli("doctor", "run", "--json")
    assert again.code == 3
    assert again.json["headline"] == "One thing keeps this network from learning"
    (found,) = again.json["findings"]
    assert (found["rule"], found["threshold"], found["proof"]) == ("too-slow", 0.5, None)


@pytest.mark.parametrize(("severity", "code"), [("fatal", 3), ("harmful", 3), ("hint", 0)])
def test_only_what_is_grave_fails_the_gate(
    cli, trained, tmp_path, finds, known, monkeypatch, severity, code
):
    finds(rule(severity))
    monkeypatch.setattr(diagnosing, "case_of_run", lambda run: known)
    shutil.copytree(trained, tmp_path / "run")
    assert cli("doctor", "run").code == code


def test_a_loss_that_diverges_is_diagnosed(cli, tmp_path):
    options = ("--optimizer", "sgd", "--learning-rate", 1e30, "--out", "run")
    done = cli("doctor", *SMALL, *options)
    assert done.code == 3
    assert "the loss is not finite in epoch 1" in done.err
    assert "(fatal)" in done.out
    page = (tmp_path / "run" / "doctor.html").read_text(encoding="utf-8")
    assert "The loss stopped being finite" in page
    again = cli("doctor", "run")  # what it left can be read again
    assert (again.code, again.out) == (3, done.out)


def test_a_prescription_is_proved(cli, tmp_path, finds):
    finds(rule("harmful", faster))
    done = cli(
        "doctor", *SMALL, "--learning-rate", 1e-5, "--out", "run", "--prove", "--pairs", 5,
        "--budget", "30s", "--workers", 1, "--json", "--quiet",
    )  # fmt: skip
    assert done.code == 3
    assert done.err == ""
    (found,) = done.json["findings"]
    assert found["proof"]["verdict"] == "confirmed"
    assert len(found["proof"]["treated"]) == 5
    assert found["prescription"]["changes"][0]["after"] == 0.01
    assert ">Confirmed<" in (tmp_path / "run" / "doctor.html").read_text(encoding="utf-8")


def test_what_was_not_tried_is_said(cli, finds):
    finds(rule("harmful", faster))
    options = ("--out", "run", "--prove", "--budget", "0.01s", "--workers", 1)
    done = cli("doctor", *SMALL, *options)
    assert "untried  1 in this time: give more by --budget" in done.out
    assert "trying what would help" in done.err


def test_before_a_training_nothing_is_trained(cli, tmp_path):
    done = cli("doctor", *SMALL, "--preflight", "--out", "checks")
    assert done.code == 0
    assert done.out.endswith("page  checks/preflight.html\n")
    assert [path.name for path in tmp_path.iterdir()] == ["checks"]
    assert (tmp_path / "checks" / "preflight.html").read_text(encoding="utf-8").startswith("<!doc")


def test_a_check_that_fails_fails_the_gate(cli, tmp_path):
    rate = ("--optimizer", "sgd", "--learning-rate", 1e4)
    done = cli("doctor", *SMALL, *rate, "--preflight", "--json")
    assert done.code == 3
    assert (done.json["passed"], done.json["page"]) == (False, None)
    assert list(tmp_path.iterdir()) == []


def test_probes_that_the_configuration_left_out_are_taken(cli, finds):
    finds(rule())
    done = cli("doctor", *SMALL, "--set", "probes=false", "--out", "run")
    assert "exams were taken" in done.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nowhere",), "nowhere: there is no such file or folder"),
        (("run/model.safetensors",), "expected a run directory or a CONFIG.toml"),
        (("--set", "ensemble=3"), "Add --set ensemble=1."),
        (("--set", "ensemble=3", "--preflight"), "Add --set ensemble=1."),
        (("nowhere.toml",), "nowhere.toml"),
        (("run", "--epochs", 3), "leave out --epochs"),
        (("run", "--out", "other"), "leave out --out"),
        (("--budget", "5s"), "only with --prove: leave out --budget"),
        (("--prove", "--budget", "5"), "--budget 5: expected a duration"),
        (("--prove", "--pairs", 7), "--pairs 7: expected 5, 10 or 20"),
        (("--preflight", "--prove"), "--preflight trains nothing: leave out --prove"),
    ],
)
def test_what_cannot_be_meant_is_refused(cli, trained, tmp_path, args, words):
    shutil.copytree(trained, tmp_path / "run")
    refused = cli("doctor", *args)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert not (tmp_path / "runs").exists()


def test_of_an_ensemble_one_network_is_examined(cli, tmp_path):
    RunDirectory.create(tmp_path / "run", "", from_mapping({"train": {"ensemble": 2}}))
    refused = cli("doctor", "run")
    assert refused.code == 2
    assert "is an ensemble: examine one of its networks, such as run/members/1." in refused.err


@pytest.mark.parametrize(
    ("text", "expected"), [("60s", 60), ("2m", 120), ("1h30m", 5400), ("1m2.5s", 62.5)]
)
def test_durations_are_read(text, expected):
    assert seconds(text, "--budget") == expected


@pytest.mark.parametrize("text", ["", "60", "0s", "-1s", "1d", "30m1h", "1.5m", "s", "1 m"])
def test_other_durations_are_refused(text):
    with pytest.raises(InputError, match="60s, 2m or 1h30m"):
        seconds(text, "--budget")


def test_its_help_imports_nothing_heavy():
    program = (
        "import sys; from groundup.cli import main\n"
        "main(['doctor', '--help'])\n"
        "heavy = {'numpy', 'rich', 'jinja2', 'groundup.train', 'groundup.config'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == "[]\n"
    assert "3    a finding is fatal or harmful" in done.stdout


def test_no_training_no_diagnosis(cli):
    done = cli("doctor", "--model", "two-layer", "--epochs", 0, "--out", "run")
    assert done.code == 2
    assert "--preflight checks what can be checked" in done.err
