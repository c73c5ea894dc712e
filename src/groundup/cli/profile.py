"""What `groundup train --profile` does: measure some steps of a run that is never begun."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from groundup.cli import output
from groundup.cli.settings import configure
from groundup.cli.training import PATHS
from groundup.train.profile import profile
from groundup.train.run import assemble, model_name


def show_profile(
    file: Path | None, options: Mapping[str, Any], sets: Sequence[str], json: bool, quiet: bool
) -> None:
    """The table, or one JSON object, of the run that these configure."""
    config = configure(file, {path: options[name] for name, path in PATHS.items()}, sets)
    output.show_notes(quiet)
    run = assemble(config)
    made = replace(
        profile(run.learner, run.train, config.train.batch_size), name=model_name(config)
    )
    if json:
        output.show_json(made.describe() | {"data": config.data.name})
        return
    output.show(str(made))
    if not quiet:
        output.note(
            "\nThis was measured, nothing was trained or written: leave out --profile to train."
        )
