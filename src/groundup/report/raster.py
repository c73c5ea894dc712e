"""Drawings as PNG: for slides, documents and whatever does not show SVG."""

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

from groundup.report.style import COLORS

_ZOOM: Final = 2.0  # for print and for screens with fine pixels
_HANGUL: Final = (
    "NotoSansCJK*", "NotoSansKR*", "NotoSansCJKkr*", "NanumGothic*", "NanumBarunGothic*",
    "AppleSDGothicNeo*", "malgun*", "UnBatang*", "UnDotum*", "Pretendard*", "SourceHanSans*",
)  # fmt: skip
_LATIN: Final = (
    "NotoSans-*", "DejaVuSans.ttf", "LiberationSans-Regular*", "Arial.ttf", "arial.ttf",
    "Helvetica*", "*",
)  # fmt: skip


def as_png(drawing: Markup) -> bytes:
    """A drawing of `report/` as a PNG file on white paper, two pixels for each of its own

    The fonts are the system's; words need one, all else none.

    >>> from groundup.report.bars import histogram
    >>> as_png(histogram([0.0, 1.0], title="Two"))[:4]
    b'\\x89PNG'
    """
    import resvg_py  # only who wants pictures waits for it

    alone = str(drawing).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    family = hangul_font() or _first_of(_LATIN)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=alone,
            background=COLORS["paper"].light,
            zoom=_ZOOM,
            sans_serif_family=family,
        )
    )


@cache
def hangul_font() -> str | None:
    """The family of a font with Korean letters, if the system has one that is known here."""
    return _first_of(_HANGUL)


@cache
def _first_of(patterns: Sequence[str]) -> str | None:
    from PIL import ImageFont

    for pattern in patterns:
        for path in _fonts(pattern):
            try:
                return str(ImageFont.truetype(path).getname()[0])
            except (OSError, ValueError):  # damaged, or of a kind unknown to it
                continue
    return None


def _fonts(pattern: str) -> Iterator[Path]:
    for folder in _folders():
        found = folder.rglob(pattern) if folder.is_dir() else ()
        yield from sorted(one for one in found if one.suffix.lower() in (".ttf", ".otf", ".ttc"))


def _folders() -> Iterator[Path]:
    """Where systems keep their fonts."""
    home = Path.home()
    if sys.platform == "win32":
        yield Path("C:/Windows/Fonts")
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    elif sys.platform == "darwin":
        yield from (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    else:
        yield from (home / ".fonts", home / ".local/share/fonts")
        yield from (Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))
