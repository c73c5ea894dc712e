"""Scripts in a folder of their own, and small images in the place of MNIST."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from groundup.book import run_script
from groundup.book.chance import seeded
from groundup.book.dataset import mnist


class SmallMnist:
    """Images of ten classes, each a bright stripe in noise."""

    def load_data(self):
        rng = np.random.default_rng(0)

        def part(count):
            t = np.arange(count, dtype=np.uint8) % 10
            x = rng.integers(0, 100, (count, 28, 28), dtype=np.uint8)
            for image, label in zip(x, t, strict=True):
                image[2 * label + 4 : 2 * label + 6] += 150
            return x, t

        return part(1000), part(200)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    """Every test draws the same, whichever ran before."""
    with seeded(0):
        yield


@pytest.fixture
def small_mnist(monkeypatch) -> None:
    """`load_mnist` gives 1,000 and 200 images that are quickly learned."""
    monkeypatch.setattr(mnist, "mnist", SmallMnist())


@pytest.fixture
def script(tmp_path, capsys, monkeypatch) -> Callable[..., str]:
    """Runs a script of these lines without a display and answers what it printed."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "ch00"
    folder.mkdir()

    def run(text: str, *args: str, seed: int = 0, name: str = "script", **options) -> str:
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        options.setdefault("out", Path(tmp_path) / "figures")
        run_script(path, args, seed, **options)
        return capsys.readouterr().out

    return run
