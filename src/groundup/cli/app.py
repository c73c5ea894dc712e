"""The commands by name, and the way in."""

from collections.abc import Sequence

import typer

from groundup.cli import book, data, output, study
from groundup.cli.compare import compare
from groundup.cli.doctor import doctor
from groundup.cli.evaluate import evaluate
from groundup.cli.export import export
from groundup.cli.guard import Guarded
from groundup.cli.info import info
from groundup.cli.options import Version
from groundup.cli.predict import predict
from groundup.cli.reproduce import reproduce
from groundup.cli.train import train
from groundup.cli.tune import tune

app = typer.Typer(
    cls=Guarded,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: quick to show, and easy to copy from
    pretty_exceptions_enable=False,  # a bug shows Python's own traceback
)


@app.callback()
def groundup(version: Version = False) -> None:
    """Deep learning from the ground up: train networks, look into them, compare them.

    Begin with `groundup train`: it learns to read handwritten digits in seconds.
    """


app.command()(train)
app.command()(evaluate)
app.command()(predict)
app.command()(export)
app.command()(doctor)
app.command()(compare)
app.command()(reproduce)
app.command()(tune)
app.add_typer(study.app, name="study")
app.add_typer(data.app, name="data")
app.add_typer(book.app, name="book")
app.command()(info)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code.

    0 ok, 1 the run failed, 2 usage, configuration or input, 3 a checked gate failed; stopped by
    129 a lost terminal, 130 Ctrl-C, 141 a reader that has seen enough, 143 SIGTERM.
    """
    output.accept_any_text()
    try:
        app(args=argv, prog_name="groundup")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except OSError as error:
        code = getattr(error.__context__, "exit_code", None)
        if not isinstance(code, int):  # else the words about a wrong line found no place
            raise
        return code
    finally:
        output.discard_unwritable()
    return 0
