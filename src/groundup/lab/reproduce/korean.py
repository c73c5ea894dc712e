"""The words of figures in Korean: `korean.tsv`, a line for each, English first."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from groundup.errors import InputError, did_you_mean
from groundup.lab.reproduce.experiment import Say
from groundup.report.raster import hangul_font
from groundup.storage import read_text

Language: TypeAlias = Literal["en", "ko"]
NO_FONT: Final = "no font with Korean letters was found, so the figures are labeled in English"


@cache
def words() -> Mapping[str, str]:
    """English to Korean."""
    lines = read_text(Path(__file__).with_suffix(".tsv"), limit=2**20).splitlines()
    return {english: korean for english, _, korean in (line.partition("\t") for line in lines)}


def speaker(language: str, font: Callable[[], str | None] = hangul_font) -> tuple[Say, str]:
    """What says the words of figures in a language, and a note if it cannot

    Words without a translation, such as names, stay as they are.

    >>> say, note = speaker("ko", font=lambda: None)
    >>> say("epoch"), note
    ('epoch', 'no font with Korean letters was found, so the figures are labeled in English')
    """
    if language not in get_args(Language):
        known = did_you_mean(language, get_args(Language))
        raise InputError(f"language {language!r}: expected en or ko. {known}")
    if language == "en":
        return _as_it_is, ""
    return (_in_korean, "") if font() else (_as_it_is, NO_FONT)


def _as_it_is(text: str) -> str:
    return text


def _in_korean(text: str) -> str:
    return words().get(text, text)
