"""The command line: one thin file a command.

Results go to stdout, progress and errors to stderr. Nothing heavy is imported before a command
runs, so that help is there at once. `guard` alone knows what becomes of errors.
"""

from groundup.cli.app import app, main

__all__ = ["app", "main"]
