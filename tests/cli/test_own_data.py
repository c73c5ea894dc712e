"""One's own files wherever --data stands: trained on, resumed, judged by, asked about."""

import csv
import random

import numpy as np
import pytest
from PIL import Image

from groundup.data import load
from groundup.train import model_file

FAST = ("--epochs", "30", "--batch-size", "8", "--quiet")


@pytest.fixture(scope="module")
def flowers():
    """The rows of the irises with names, shuffled."""
    iris = load("iris")
    x = np.vstack([iris.x_train, iris.x_test])
    y = np.append(iris.y_train, iris.y_test)
    rows = [[*row, iris.classes[label]] for row, label in zip(x.tolist(), y, strict=True)]
    random.Random(0).shuffle(rows)
    return [["sl", "sw", "pl", "pw", "species"], *rows]


def write(path, rows, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


@pytest.fixture
def folder(tmp_path, flowers):
    write(tmp_path / "flowers.csv", flowers)
    return tmp_path


def test_a_table_in_one_command(cli, folder):
    done = cli("train", "--data", "flowers.csv", *FAST, "--out", "run", "--json")
    assert done.code == 0
    assert done.json["test_accuracy"] > 0.85
    assert (done.json["data"], done.json["model"]) == ("flowers", "multi-layer")
    learner = model_file.load(folder / "run" / "model.safetensors").learner
    assert learner.labels == ("setosa", "versicolor", "virginica")
    assert learner.features == ("sl", "sw", "pl", "pw")
    judged = cli("evaluate", "run", "--json").json
    assert (judged["accuracy"], judged["samples"]) == (done.json["test_accuracy"], 30)


def test_a_configuration_names_its_data_from_its_own_folder(cli, folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "config.toml").write_text(
        '[data]\npath = "../flowers.csv"\ntarget = "species"\ntest = 0.4\n[train]\nepochs = 1\n',
        encoding="utf-8",
    )
    assert cli("train", "sub/config.toml", "--quiet", "--out", "run").code == 0
    assert cli("evaluate", "run", "--json").json["samples"] == 60
    changed = cli("train", "sub/config.toml", "--data", "iris", "--quiet", "--out", "other")
    assert changed.code == 0  # what only files have goes with the file


def test_resume_finds_the_data_from_another_folder(cli, folder, monkeypatch):
    whole = cli("train", "--data", "flowers.csv", *FAST, "--out", "whole", "--json").json
    cli("train", "--data", "flowers.csv", *FAST, "--out", "cut")
    log = folder / "cut" / "metrics.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))  # not yet ended
    (folder / "cut" / "model.safetensors").unlink()
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    done = cli("train", "--resume", "../cut", "--quiet", "--json")
    assert done.code == 0
    assert done.json["test_loss"] == whole["test_loss"]
    first, second = (folder / name / "model.safetensors" for name in ("whole", "cut"))
    assert first.read_bytes() == second.read_bytes()


def test_rows_are_asked_about_by_their_columns(cli, folder, flowers):
    cli("train", "--data", "flowers.csv", *FAST, "--out", "run")
    few = flowers[:6]
    write(folder / "few.csv", few)
    write(folder / "turned.csv", [[row[k] for k in (3, 1, 2, 0)] for row in few], ";")
    write(folder / "missing.csv", [row[:3] for row in few])
    plain = cli("predict", "run", "few.csv", "--json")
    turned = cli("predict", "run", "turned.csv", "--json")
    classes = [row["class"] for row in plain.json["predictions"]]
    assert classes == [row["class"] for row in turned.json["predictions"]]
    assert sum(a == row[4] for a, row in zip(classes, few[1:], strict=True)) >= 4
    assert "left out what is no feature of the network: 'species'" in plain.err
    assert "another order than in training" in turned.err
    missing = cli("predict", "run", "missing.csv")
    assert missing.code == 2
    assert "missing.csv: no column 'pw', which the network was trained on" in missing.err
    model = cli("predict", "run/model.safetensors", "turned.csv", "--json")  # knows them as well
    assert model.json["predictions"] == turned.json["predictions"]


def test_all_rows_of_another_file_judge(cli, folder, flowers):
    cli("train", "--data", "flowers.csv", *FAST, "--out", "run")
    write(folder / "more.csv", flowers[:41])
    assert cli("evaluate", "run", "--data", "more.csv", "--json").json["samples"] == 40
    assert cli("evaluate", "run", "--data", "./flowers.csv", "--json").json["samples"] == 30
    write(folder / "other.csv", [*flowers[:3], [1, 2, 3, 4, "rose"]])
    for args in (["run"], ["run/model.safetensors"]):
        refused = cli("evaluate", *args, "--data", "other.csv")
        assert refused.code == 2
        assert "other.csv: row 4: the label 'rose' did not occur in training" in refused.err
    refused = cli("evaluate", "run", "--data", "wine")
    assert (refused.code, "wine: its classes are" in refused.err) == (2, True)


@pytest.mark.parametrize("kind", ["npz", "npy", "folder"])
def test_arrays_and_pictures(cli, tmp_path, kind):
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    x = (rng.integers(0, 50, (40, 6, 6)) + 150 * y[:, None, None]).astype(np.uint8)
    path = {"npz": "a.npz", "npy": "x.npy", "folder": "pictures"}[kind]
    if kind == "npz":
        np.savez(tmp_path / path, x=x, y=y)
    elif kind == "npy":
        np.save(tmp_path / "x.npy", x)
        np.save(tmp_path / "y.npy", y)
    for n, pixels in enumerate(x if kind == "folder" else x[:1]):
        (tmp_path / "pictures" / "ab"[y[n]]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "pictures" / "ab"[y[n]] / f"{n}.png")
    args = ("--epochs", "20", "--batch-size", "4", "--quiet", "--out", "run", "--json")
    done = cli("train", "--data", path, *args)
    assert (done.code, done.json["test_accuracy"]) == (0, 1.0)
    expected = {"folder": "a"}.get(kind, "0")
    asked = cli("predict", "run", "pictures/a/0.png", "--json").json["predictions"]
    assert asked[0]["class"] == expected


def test_another_encoding_is_said_on_stderr(cli, tmp_path):
    text = "길이,너비,종류\n" + "".join(f"{n % 5},{n},꽃{n % 2}\n" for n in range(20))
    (tmp_path / "a.csv").write_bytes(text.encode("cp949"))
    done = cli("train", "--data", "a.csv", "--epochs", "1", "--out", "run", "--json")
    assert done.code == 0
    assert "a.csv is no UTF-8 text and was read as CP949" in done.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--data", "none.csv"], "there is no file or folder"),
        (["--data", "gaps.csv"], "gaps.csv: row 3, column 'b': a missing value; 2 in all"),
        (["--data", "flowers.csv", "--target", "specie"], "Did you mean 'species'?"),
        (["--data", "flowers.csv", "--task", "guess"], "data.task = 'guess'"),
        (["--data", "flowers.csv", "--task", "regression"], "is no number, as regression"),
        (["--data", "flowers.csv", "--image-size", "big"], "data.image_size = 'big'"),
        (["--data", "flowers.csv", "--model", "simple-convnet"], "expected images (C, H, W)"),
        (["--data", "iris", "--target", "x"], "target only beside a path: 'iris' has its own"),
        (["--data", "notes.md"], "notes.md: expected a folder with one sub-folder of pictures"),
        (["--set", "data.path=flowers.csv", "--set", "test=0"], "data.test = 0"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_trained_on(cli, folder, args, words):
    (folder / "gaps.csv").write_text("a,b,c\n1,2,x\n1,,y\n,2,x\n", encoding="utf-8")
    (folder / "notes.md").write_text("x", encoding="utf-8")
    before = sorted(folder.iterdir())
    refused = cli("train", *args, "--out", "run")
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert "Traceback" not in refused.err
    assert sorted(folder.iterdir()) == before
