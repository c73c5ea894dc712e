"""Whatever is wrong is said in one clear message with exit code 2, and nothing is written."""

import numpy as np
import pytest

from groundup.data import write_idx


def files(folder):
    """Every file and folder below, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def refused(cli, tmp_path):
    """Runs a command that must be refused; answers its message."""

    def call(*args):
        before = files(tmp_path)
        failed = cli(*args)
        assert files(tmp_path) == before
        assert (failed.code, failed.out) == (2, "")
        assert "Traceback" not in failed.err
        return failed.err

    return call


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--model", "two-layr"], "unknown model 'two-layr'. Did you mean 'two-layer'?"),
        (["--data", "mnst"], "unknown data set 'mnst'. Did you mean 'mnist'?"),
        (["--optimizer", "adma"], "unknown optimizer 'adma'. Did you mean 'adam'?"),
        (["--set", "epohcs=3"], "unknown key 'epohcs'. Did you mean 'epochs'?"),
        (["--set", "loss=categorical_crosentropy"], "Did you mean 'categorical_crossentropy'?"),
        (["--set", 'metrics=["acuracy"]'], "Did you mean 'accuracy'?"),
        (["--set", 'preprocess=["standardise"]'], "Did you mean 'standardize'?"),
        (["--set", 'callbacks=[{ kind = "early_stoping" }]'], "Did you mean 'early_stopping'?"),
        (["--epochs", "-3"], "train.epochs = -3: "),
        (["--epochs", "2.5"], "--epochs"),
        (["--batch-size", "0"], "train.batch_size = 0: "),
        (["--batch-size", "-5"], "train.batch_size = -5: "),
        (["--learning-rate", "0"], "learning_rate=0.0"),
        (["--learning-rate", "-0.1"], "learning_rate=-0.1"),
        (["--learning-rate", "nan"], "learning_rate=nan"),
        (["--learning-rate", "inf"], "learning_rate=inf"),
        (["--seed", "-1"], "seed = -1"),
        (["--set", "validation=nan"], "data.validation = nan"),
        (["--set", "validation=1.0"], "data.validation = 1.0"),
        (["--model", "multi-layer", "--set", "units=0"], "units=0"),
        (["--model", "multi-layer", "--set", "depth=-1"], "depth=-1"),
        (["--model", "multi-layer", "--set", "units=nan"], "units=nan"),
        (["--model", "keras-dnn", "--set", "dropout=1.5"], "dropout=1.5"),
        (["--model", "keras-dnn", "--set", "dropout=nan"], "dropout=nan"),
        (["--set", "train.loss=mse"], "categorical_crossentropy"),
        (["missing.toml"], "there is no file missing.toml"),
        (["."], "it is no regular file"),
        (["--resume", "missing"], "missing is no run directory"),
    ],
    ids=" ".join,
)
def test_a_run_that_cannot_be(refused, args, words):
    assert words in refused("train", *args)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[train]\nepohcs = 3\n", "unknown key train.epohcs. Did you mean 'epochs'?"),
        ("[trian]\nepochs = 3\n", "unknown key trian. Did you mean 'train'?"),
        ("[train]\nepochs = 0x\n", "is not valid TOML"),
        ("[train\n", "is not valid TOML"),
        ("[train]\nepochs = -3\n", "train.epochs = -3"),
        ("[train]\nepochs = true\n", "train.epochs = True"),
        ("[optimizer]\nname = 'adam'\nlearning_rat = 1\n", "Did you mean 'learning_rate'?"),
        ("[model]\nname = 'two-layer'\nunit = 1\n", "Did you mean 'units'?"),
        ("[model]\nlayers = [{ kind = 'Dense', unit = 1 }]\n", "Did you mean 'units'?"),
        ("[model]\nlayers = [{ kind = 'Dens', units = 1 }]\n", "Did you mean 'dense'?"),
        ("[model]\nlayers = [{ kind = 'Conv2D', filters = 4, kernel_size = 9 }]\n", "a 9x9 window"),
        ("seed = \xff\n".encode("latin-1"), "is not UTF-8"),
        (b"\0" * 100, "is not valid TOML"),
        ("x = 1\n" * 20_000, "bytes: expected at most"),
    ],
)
def test_a_configuration_file_that_cannot_be_right(refused, tmp_path, text, words):
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    message = refused("train", "config.toml", "--out", "run")
    assert words in message


def test_what_exists_is_not_written_over(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for name in ("empty", "file"):
        assert name in refused("train", "--out", name)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "foreign"])
@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_a_damaged_model(refused, tmp_path, trained, command, damage):
    whole = (trained / "model.safetensors").read_bytes()
    middle = len(whole) // 2
    data = {
        "cut": whole[:-1],
        "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "foreign": b"<!doctype html><p>Not found</p>",
    }[damage]
    (tmp_path / "model.safetensors").write_bytes(data)
    np.save(tmp_path / "x.npy", np.zeros((1, 1, 8, 8), np.uint8))
    rest = ["--data", "digits"] if command == "evaluate" else ["x.npy"]
    assert "model.safetensors" in refused(command, "model.safetensors", *rest)


def test_a_damaged_run(refused, tmp_path, trained):
    run = tmp_path / "run"
    run.mkdir()
    for name in ("config.toml", "metrics.jsonl", "env.json"):
        (run / name).write_bytes((trained / name).read_bytes())
    assert "has no model yet" in refused("evaluate", "run")
    assert "groundup train --resume run" in refused("evaluate", "run")
    lines = (trained / "metrics.jsonl").read_bytes().splitlines(keepends=True)
    (run / "metrics.jsonl").write_bytes(b"".join([lines[0], b"{}\n", *lines[1:]]))
    assert "metrics.jsonl: line 2 is damaged" in refused("train", "--resume", "run")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[:100], "train-images-idx3-ubyte"),
        (lambda data: b"\x1f\x8bnonsense", "train-images-idx3-ubyte"),
        (lambda data: b"", "train-images-idx3-ubyte"),
        (lambda data: data, "SHA-256"),  # whole, but not the real one
    ],
    ids=["cut", "nonsense", "empty", "foreign"],
)
def test_a_damaged_idx_file(refused, tmp_path, monkeypatch, damage, words):
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    path = folder / "train-images-idx3-ubyte"
    write_idx(path, np.zeros((2, 28, 28), np.uint8))
    path.write_bytes(damage(path.read_bytes()))
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "data"))
    assert words in refused("train", "--data", "mnist", "--out", "run")


def test_a_loss_that_is_not_finite_ends_the_run_with_1(cli, tmp_path):
    """The first update by so large a step sends the second loss to infinity."""
    options = ("--model", "multi-layer", "--optimizer", "sgd", "--learning-rate", "1e10")
    failed = cli("train", *options, "--out", "run", "-q")
    assert failed.code == 1
    assert failed.out == ""
    for words in ("error: the loss is not finite in epoch 1, step ", "dense_", "learning rate"):
        assert words in failed.err
    assert "Traceback" not in failed.err
    assert "Warning" not in failed.err
    assert not (tmp_path / "run" / "model.safetensors").exists()
