"""stderr as a reader sees it: lines that stay, and one line that is drawn again and again.

The cursor is never hidden and no thread runs, so there is nothing to restore after Ctrl-C.
Imported only when something is to be said: rich takes longer to load than all callbacks.
"""

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

_ERASE = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


class Screen(Console):
    """A console on stderr. One that is closed or gone is no reason to end a training."""

    def __init__(self) -> None:
        super().__init__(stderr=True, highlight=False, markup=False, emoji=False)

    @property
    def draws(self) -> bool:
        """Whether a line can be drawn over: never in a file or a pipe."""
        try:
            return self.is_interactive and self.file.isatty()
        except ValueError:  # closed
            return False

    def tell(self, text: str | Text = "", end: str = "\n") -> None:
        """Write a line in the place of the one that was drawn, if any; with end="", draw one."""
        try:
            with self:
                if self.draws:
                    self.control(_ERASE)
                self.print(text, end=end, soft_wrap=True)
        except (OSError, ValueError):
            self.quiet = True

    def bar(self, before: str, parts: tuple[int, int], after: str) -> Text:
        """A line with a bar of so many done and so many open cells, cut to the terminal's width."""
        done, left = "━─" if self.encoding.startswith("utf") else "#-"
        text = Text.assemble(
            before, (done * parts[0], "bar.complete"), (left * parts[1], "bar.back"), after
        )
        text.truncate(self.width - 1)
        return text

    def on_broken_pipe(self) -> None:
        """Say no more, where rich would end the program."""
        self.quiet = True


def say(text: str) -> None:
    """A line on stderr."""
    Screen().tell(text)
