"""The matplotlib backend of book mode: Agg, with `show` from `figures`.

matplotlib imports it by name, when it is there at all.
"""

from typing import Any

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from groundup.book.figures import show_all

__all__ = ["FigureCanvas", "FigureManager"]


class FigureManager(FigureManagerBase):
    """Shows figures by writing them."""

    @classmethod
    def pyplot_show(cls, *, block: Any = None) -> None:
        """What `plt.show()` does."""
        show_all()


class FigureCanvas(FigureCanvasAgg):  # type: ignore[misc]
    """Draws without a display."""

    manager_class = FigureManager
