"""Whether an interrupted work goes on where it began; if not, that is said, also under --quiet."""

from pathlib import Path

from groundup.cli import output
from groundup.errors import GroundupError
from groundup.report.from_run import read_environment
from groundup.train.environment import differences, environment
from groundup.train.run_directory import RunDirectory


def note_changes(folder: Path) -> None:
    """Say what makes the end of a work in this folder another one than it would have been."""
    try:
        before = read_environment(RunDirectory(folder))
    except GroundupError as error:
        output.note(
            f"note: where this began is not known ({error}) If that was elsewhere, the result may "
            "differ in the last bits."
        )
        return
    found = differences(before, environment())
    if found:
        listed = "; ".join(f"{name} was {old}, now {new}" for name, (old, new) in found.items())
        output.note(
            f"note: {listed}. This changed since the run began (see env.json), so its result may "
            "differ in the last bits."
        )
