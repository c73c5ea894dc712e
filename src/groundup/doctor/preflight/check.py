"""One question that is asked before a training, with its answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was asked, what was found, and what to do about it.

    Args:
        name: such as "initial-loss".
        title: what is asked, in a few words.
        passed: None where it cannot be told, or does not apply.
        value: what was measured, in words.
        expected: what a sound network and sound data give.
        words: a sentence or two with the numbers and the remedy.
        seconds: what the answer took.
    """

    name: str
    title: str
    passed: bool | None
    value: str
    expected: str
    words: str
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """The answer in a word or two."""
        return {True: "passed", False: "FAILED", None: "cannot tell"}[self.passed]
