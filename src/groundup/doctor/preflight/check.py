"""One question that is asked before a training, with its answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What was found, and what to do about it.

    Args:
        passed: None where it cannot be told, or does not apply.
        value: what was measured, in a word or two.
        expected: what a sound network and sound data give.
        words: a sentence or two with the numbers and the remedy.
    """

    passed: bool | None
    value: str
    expected: str
    words: str


@dataclass(frozen=True)
class Check:
    """A question with its answer; the rest as in `Answer`.

    Args:
        name: such as "initial-loss".
        title: what should be so, in a few words.
        seconds: what the answer took.
    """

    name: str
    title: str
    passed: bool | None
    value: str
    expected: str
    words: str
    seconds: float

    @property
    def verdict(self) -> str:
        """The answer in a word or two."""
        return {True: "passed", False: "FAILED", None: "cannot tell"}[self.passed]
