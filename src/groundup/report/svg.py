"""Drawing in SVG, from elements up: a figure is text, made by functions that return text.

Everything is `Markup`, a string known to be safe; whatever else is put into an element is escaped.
A color is one of the names of `style.COLORS`.
"""

import re
import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

from groundup.report import style

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without characters that no XML or UTF-8 file can hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def num(value: float) -> str:
    """A coordinate to a hundredth of a pixel, as short as possible.

    >>> num(12.0), num(0.126), num(-0.001)
    ('12', '0.13', '0')
    """
    words = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if words == "-0" else words


def tag(name: str, *content: str, **attributes: str | float | None) -> Markup:
    """One element; "_" in an attribute's name stands for "-", and None leaves it out.

    >>> tag("text", "a < b", x=1.5, fill="ink", text_anchor="end")
    Markup('<text x="1.5" fill="#1a1e23" text-anchor="end" class="fill-ink">a &lt; b</text>')
    """
    classes = [str(attributes.pop("class_"))] if "class_" in attributes else []
    words = []
    for key, value in attributes.items():
        if value is None:
            continue
        if key in ("fill", "stroke") and value in style.COLORS:
            classes.append(f"{key}-{value}")
            value = style.COLORS[str(value)].light
        shown = value if isinstance(value, str) else num(value)
        words.append(f' {key.replace("_", "-")}="{escape(shown)}"')
    if classes:
        words.append(f' class="{escape(" ".join(classes))}"')
    inside = Markup("").join(content)
    end = f">{inside}</{name}>" if inside else "/>"
    return Markup(f"<{name}{''.join(words)}{end}")


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: str = "text",
    color: str = "ink",
    anchor: str = "start",
    bold: bool = False,
    rotate: float = 0,
) -> Markup:
    """Words with their baseline at y, before, around or after x (anchor start, middle or end)."""
    return tag(
        "text",
        words,
        x=x,
        y=y,
        fill=color,
        font_size=style.SIZES[size],
        font_weight="600" if bold else None,
        text_anchor=anchor if anchor != "start" else None,
        transform=f"rotate({num(rotate)} {num(x)} {num(y)})" if rotate else None,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, color: str = "grid", width: float = 1
) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=color, stroke_width=width)


def hint(words: str) -> Markup:
    """What a browser shows while the pointer rests on the element that holds it."""
    return tag("title", words)


def text_width(words: str, size: str = "text", *, bold: bool = False) -> float:
    """How wide the words will be in pixels: an upper estimate, since fonts differ.

    >>> text_width("illi") < text_width("mmmm") < text_width("한국어로")
    True
    """
    ems = sum(_em(letter) for letter in words)
    return ems * style.SIZES[size] * (1.08 if bold else 1.0)


def _em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in " .,:;'|!()[]ijlftrI-\u202f":
        return 0.39
    if letter in "mwMW%@—→←∞−×+=<>":
        return 0.97 if letter in "mwMW%@—" else 0.85
    return 0.72 if letter.isupper() else 0.63


def shorten(words: str, width: float, size: str = "text", *, bold: bool = False) -> str:
    """The words, cut off with "…" where they do not fit into so many pixels.

    >>> shorten("a very long name of a class", 80), shorten("short", 80)
    ('a very lon…', 'short')
    """
    width += 0.01  # what was measured elsewhere and subtracted must not fail by rounding
    if text_width(words, size, bold=bold) <= width:
        return words
    while words and text_width(words + "…", size, bold=bold) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def wrap(words: str, width: float, size: str = "text", *, bold: bool = False) -> list[str]:
    """The words in lines that fit into so many pixels; a word that never fits is shortened."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, width, size, bold=bold))
    return lines


class Picture(Markup):
    """A whole figure; as the last value of a notebook's cell it shows itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<figure of {len(self):,} characters>"

    def _repr_html_(self) -> str:
        paper = style.COLORS["paper"].light
        return f'<div style="background:{paper};padding:1em;overflow-x:auto">{self}</div>'


def figure(
    title: str, description: str, width: float, height: float, content: Sequence[str]
) -> Markup:
    """The whole drawing, with its title and a description for readers who do not see it."""
    drawing = tag(
        "svg",
        tag("title", title),
        tag("desc", description),
        *content,
        class_="chart",
        role="img",
        width=width,
        height=height,
        viewBox=f"0 0 {num(width)} {num(height)}",
        font_family=style.FONT,
        # On a phone a figure shrinks, but not so far that its words become illegible.
        style=f"min-width:{num(0.62 * width)}px;font-variant-numeric:tabular-nums",
    )
    return Picture(clean(drawing))


def standalone(drawing: Markup) -> str:
    """The same drawing as the content of an .svg file, with paper and both color schemes."""
    head, rest = str(drawing).split(">", 1)
    paper = tag("rect", width="100%", height="100%", fill="paper")
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{head}><style>{style.css()}</style>{paper}{rest}\n"
