"""`groundup predict`: pictures and arrays become the same answers as in Python."""

import numpy as np
import pytest
from PIL import Image

from groundup.config import from_mapping
from groundup.data import digits
from groundup.train import load_model
from groundup.train.run import run


@pytest.fixture(scope="module")
def samples():
    """Ten test digits, values from 0 to 16, and the classes they are."""
    data = digits.load()
    return data.x_test[:10], data.y_test[:10]


def picture(path, sample):
    """The sample as somebody would draw it: 0 to 255."""
    Image.fromarray(np.round(sample[0] * (255 / 16)).astype(np.uint8)).save(path)


def test_arrays_get_the_networks_own_answers(cli, tmp_path, trained, samples):
    x, _ = samples
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x[:3], y=np.zeros(3))
    expected = load_model(trained / "model.safetensors").predict(x)
    found = cli("predict", trained, "x.npy", "x.npz", "--json").json["predictions"]
    assert [(row["file"], row["sample"]) for row in found] == [
        *(("x.npy", i) for i in range(10)), *(("x.npz", i) for i in range(3)),
    ]  # fmt: skip
    for row, y in zip(found, [*expected, *expected[:3]], strict=True):
        assert row["class"] == str(y.argmax())
        assert row["probability"] == pytest.approx(y.max(), rel=1e-6)


def test_pictures_are_brought_to_the_range_of_the_data(cli, tmp_path, trained, samples):
    x, _ = samples
    expected = load_model(trained / "model.safetensors").predict(x)
    names = [f"{i}.png" for i in range(len(x))]
    for name, sample in zip(names, x, strict=True):
        picture(tmp_path / name, sample)
    found = cli("predict", trained, *names, "--json").json["predictions"]
    assert [row["class"] for row in found] == [str(y.argmax()) for y in expected]
    for row, y in zip(found, expected, strict=True):
        assert row["probability"] == pytest.approx(y.max(), abs=0.01)  # of 256 shades for 17


def test_dark_on_light_is_inverted(cli, tmp_path, trained, samples):
    picture(tmp_path / "light.png", samples[0][0])
    picture(tmp_path / "dark.png", 16 - samples[0][0])
    light = cli("predict", trained, "light.png", "--json").json["predictions"][0]
    dark = cli("predict", trained, "dark.png", "--invert", "--json").json["predictions"][0]
    plain = cli("predict", trained, "dark.png", "--json").json["predictions"][0]
    assert dark["probability"] == pytest.approx(light["probability"], abs=0.01)
    assert plain["probability"] != pytest.approx(light["probability"], abs=0.01)


@pytest.mark.parametrize("known_by", ["run", "option"])
def test_white_without_rescaling(cli, tmp_path, samples, known_by):
    """The model cannot tell the range of its data; the data of the run, or the user, can."""
    config = {
        "model": {"name": "two-layer"},
        "data": {"preprocess": ["standardize"]},
        "train": {"epochs": 1},
    }
    run(from_mapping(config), tmp_path / "run")
    picture(tmp_path / "x.png", samples[0][0])
    expected = load_model(tmp_path / "run" / "model.safetensors").predict(samples[0][:1])[0]
    model = "run/model.safetensors"
    assert "add --white" in cli("predict", model, "x.png").err
    args = ["run"] if known_by == "run" else [model, "--white", 16]
    found = cli("predict", *args, "x.png", "--json").json["predictions"][0]
    assert found["class"] == str(expected.argmax())
    assert found["probability"] == pytest.approx(expected.max(), abs=0.01)


def test_the_likeliest_come_first(cli, tmp_path, trained, samples):
    np.save(tmp_path / "x.npy", samples[0][0])
    expected = load_model(trained / "model.safetensors").predict(samples[0][:1])[0]
    top = cli("predict", trained, "x.npy", "--top", 10, "--json").json["predictions"][0]["top"]
    assert [one["class"] for one in top] == [str(i) for i in np.argsort(-expected, kind="stable")]
    assert sum(one["probability"] for one in top) == pytest.approx(1, abs=1e-5)


def test_the_table(cli, tmp_path, trained, samples):
    x, _ = samples
    picture(tmp_path / "seven.png", x[0])
    best = load_model(trained / "model.safetensors").predict(x[:1])[0].argmax()
    head, row = cli("predict", trained, "seven.png").out.splitlines()
    assert head.split() == ["file", "class", "probability"]
    assert row.split()[:2] == ["seven.png", str(best)]
    np.save(tmp_path / "x.npy", x)
    head, *rows = cli("predict", trained, "x.npy", "--top", 2).out.splitlines()
    assert head.split() == [
        "file", "sample", "class", "1", "probability", "class", "2", "probability",
    ]  # fmt: skip
    assert len(rows) == 10


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["big.png"], "10 × 12 pixels; the network takes 8 × 8. Add --resize"),
        (["wide.npy"], "an array of shape (3, 65); expected (1, 8, 8)"),
        (["nan.npy"], "nan.npy: "),
        (["text.npy"], "text.npy: "),
        (["cut.npz"], "cut.npz: "),
        (["cut.png"], "cut.png: "),
        (["notes.md"], "notes.md: expected a file ending in .png, .jpg, .jpeg, .bmp, .npy or .npz"),
        (["table.csv"], "table.csv: a table; the network takes images (1, 8, 8)"),
        (["missing.png"], "there is no file missing.png"),
        (["ok.npy", "missing.png"], "there is no file missing.png"),
        (["ok.npy", "--top", "0"], "--top 0: expected 1 to 10"),
        (["ok.npy", "--top", "11"], "--top 11: expected 1 to 10"),
        (["ok.png", "--white", "nan"], "--white nan"),
        (["ok.png", "--white", "-1"], "--white -1"),
        ([], "FILE"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_classified(cli, tmp_path, trained, args, words):
    def save(name, array):
        np.save(tmp_path / name, array)

    Image.new("L", (12, 10)).save(tmp_path / "big.png")
    picture(tmp_path / "ok.png", np.zeros((1, 8, 8)))
    save("ok.npy", np.zeros((1, 8, 8), np.uint8))
    save("wide.npy", np.zeros((3, 65), np.uint8))
    save("nan.npy", np.full((1, 1, 8, 8), np.nan))
    save("text.npy", np.full((1, 1, 8, 8), "a"))
    np.savez(tmp_path / "whole.npz", x=np.zeros((1, 1, 8, 8)))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:-30])
    (tmp_path / "cut.png").write_bytes((tmp_path / "ok.png").read_bytes()[:45])
    (tmp_path / "notes.md").write_text("7", encoding="utf-8")
    (tmp_path / "table.csv").write_text("7", encoding="utf-8")
    refused = cli("predict", trained, *args)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert "Traceback" not in refused.err


def test_a_regression_tells_values(cli, tmp_path):
    import groundup as gu

    model = gu.Sequential([gu.Dense(2)], seed=0)
    model.compile("sgd", "mse")
    x = np.arange(12.0).reshape(4, 3)
    model.fit(x, np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "model.safetensors")
    np.save(tmp_path / "x.npy", x)
    found = cli("predict", "model.safetensors", "x.npy", "--json").json["predictions"]
    np.testing.assert_allclose([row["values"] for row in found], model.predict(x), rtol=1e-6)
    lines = cli("predict", "model.safetensors", "x.npy").out.splitlines()
    assert lines[0].split() == ["file", "sample", "value", "1", "value", "2"]
    assert lines[3].split() == ["x.npy", "2", *(f"{value:.6g}" for value in found[2]["values"])]


def test_values_of_unknown_meaning_are_no_classes(cli, tmp_path):
    import groundup as gu

    gu.Sequential([gu.Dense(2, input_shape=(3,))]).save(tmp_path / "model.safetensors")
    np.save(tmp_path / "x.npy", np.ones((1, 3)))
    refused = cli("predict", "model.safetensors", "x.npy")
    assert refused.code == 2
    assert "gives values, not the probabilities of classes" in refused.err
