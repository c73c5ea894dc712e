"""Drawings as PNG: for slides, documents and whatever does not show SVG."""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

from groundup.report.style import COLORS

_ZOOM: Final = 2.0  # for print and for screens with fine pixels
_MARGIN: Final = 12  # of paper on every side, in the drawing's pixels
_SIZE: Final = re.compile(r'width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2"')
_HANGUL: Final = (
    "NotoSansCJK*", "NotoSansKR*", "NotoSansCJKkr*", "Pretendard*", "SourceHanSans*",
    "NanumGothic*", "NanumBarunGothic*", "AppleSDGothicNeo*", "malgun*", "UnDotum*",
)  # fmt: skip
_LATIN: Final = (
    "NotoSans-[BR]*", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-[BR]*",
    "Arial.ttf", "Arial Bold.ttf", "arial.ttf", "arialbd.ttf", "Helvetica.ttc",
)  # fmt: skip
"""Files of fonts without serifs. Loading them alone keeps a letter that one lacks from being taken
from just any font of the system."""


def as_png(drawing: Markup) -> bytes:
    """A drawing of `report/` as a PNG file on white paper, two pixels for each of its own

    Around it is a margin of 12 of its pixels. Words are written in the fonts of the system.

    >>> from groundup.report.bars import histogram
    >>> as_png(histogram([0.0, 1.0], title="Two"))[:4]
    b'\\x89PNG'
    """
    import resvg_py  # only who wants pictures waits for it

    alone = _framed(str(drawing).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    files = [str(path) for path in (*_found(_HANGUL), *_found(_LATIN))]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=alone,
            background=COLORS["paper"].light,
            zoom=_ZOOM,
            font_files=files,
            skip_system_fonts=bool(files),
            sans_serif_family=hangul_font() or _family(_LATIN),
        )
    )


def _framed(drawing: str) -> str:
    """The drawing with a margin."""

    def wider(found: re.Match[str]) -> str:
        width, height = (int(side) + 2 * _MARGIN for side in found.groups())
        box = f"{-_MARGIN} {-_MARGIN} {width} {height}"
        return f'width="{width}" height="{height}" viewBox="{box}"'

    return _SIZE.sub(wider, drawing, count=1)


@cache
def hangul_font() -> str | None:
    """The family of a font with Korean letters, if the system has one that is known here."""
    return _family(_HANGUL)


def _family(patterns: Sequence[str]) -> str | None:
    from PIL import ImageFont

    for path in _found(patterns):
        try:
            return str(ImageFont.truetype(path).getname()[0])
        except (OSError, ValueError):  # damaged, or of a kind unknown to it
            continue
    return None


@cache
def _found(patterns: Sequence[str]) -> tuple[Path, ...]:
    """The files of the system's fonts that have one of these names, in this order."""
    files = [one for folder in _folders() if folder.is_dir() for one in sorted(folder.rglob("*"))]
    fonts = [one for one in files if one.suffix.lower() in (".ttf", ".otf", ".ttc")]
    return tuple(one for pattern in patterns for one in fonts if one.match(pattern))


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
