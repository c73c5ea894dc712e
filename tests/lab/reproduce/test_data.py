"""Which handwriting experiments learn from."""

from dataclasses import replace
from pathlib import Path

from groundup.data.datasets import MNIST_FILES, Digits, Mnist
from groundup.lab.reproduce.data import handwriting, handwriting_name
from groundup.lab.reproduce.experiment import Setting


def test_mnist_may_come_and_go_while_the_process_lives(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(Mnist, "load", lambda self: replace(Digits().load(), name="mnist"))
    assert handwriting_name() == "digits"
    for name in MNIST_FILES:
        assert handwriting_name() == "digits"
        (tmp_path / name).touch()
    assert Mnist().files() == tuple(Path(tmp_path / name) for name in MNIST_FILES)
    assert handwriting_name() == handwriting(Setting(), 10, 10).name == "mnist"
    next(iter(tmp_path.iterdir())).unlink()
    assert handwriting_name() == "digits"
