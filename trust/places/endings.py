"""`groundup` and `python -m groundup`: the same answers and the same exit codes."""

import re
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from trust.claim import Outcome, Tell
from trust.places.surroundings import ordinary_environment

TRAIN = "train --data digits --model two-layer --set units=8 --epochs 1 -q --out"


@dataclass(frozen=True)
class Ending:
    """How a command ends.

    Args:
        line: of shell; "$@" is groundup.
        code: the documented exit code.
        said: what stands on stdout or stderr.
    """

    line: str
    code: int
    said: str


# A signal comes while an epoch of a hundred thousand is under way: the first line has been said.
STOPPED = (
    '{ "$@" train --data digits --model two-layer --set units=8 --epochs 100000 --out run 2>&1 &'
    " } > told; while ! grep -q 2/100000 told; do sleep 0.05; kill -0 $! || break; done;"
    " kill -%s $!; wait $!; code=$?; cat told; exit $code"
)
ENDINGS = (
    Ending('"$@" --version', 0, "groundup "),
    Ending('"$@" train --help', 0, "--learning-rate"),
    Ending(f'"$@" {TRAIN} run', 0, "test accuracy"),
    Ending(f'"$@" {TRAIN} run >/dev/full', 1, "error: cannot write the result"),
    Ending(f'"$@" {TRAIN} /dev/null/run', 1, "error: cannot make the folder"),
    Ending('"$@" evaluate nothing', 2, "error: there is no file nothing"),
    Ending('"$@" train --epochs none', 2, "--epochs"),
    Ending('"$@" trian', 2, "Did you mean"),
    Ending('"$@"', 2, "Commands:"),
    Ending('{ "$@" info; echo $? >code; } | true; exit $(cat code)', 141, ""),
    Ending(STOPPED % "HUP", 129, "Go on with: groundup train --resume run"),
    Ending(STOPPED % "INT", 130, "Go on with: groundup train --resume run"),
    Ending(STOPPED % "TERM", 143, "Go on with: groundup train --resume run"),
)


def check(size: int, tell: Tell) -> Outcome:
    """Every ending of both faces, and whether they say the same."""
    outcome = Outcome()
    installed = Path(sysconfig.get_path("scripts"), "groundup")
    if sys.platform == "win32" or not installed.exists():
        outcome.skip("no command `groundup` is installed beside this Python", size)
        return outcome
    faces = ([str(installed)], [sys.executable, "-m", "groundup"])
    for ending in ENDINGS[:size]:
        tell(ending.line)
        outcome.tried += 1
        outcome.faults.extend(faults(ending, [seen(ending, face) for face in faces]))
    return outcome


def faults(ending: Ending, both: list[tuple[int, str]]) -> list[str]:
    """What is not as it should be, a line each."""
    found = []
    for code, shown in both:
        if code != ending.code or ending.said not in shown or "Traceback" in shown:
            found.append(
                f"{ending.line}: exit code {code}, expected {ending.code} and {ending.said!r}; "
                f"it shows {shown[-600:]!r}"
            )
    words = [re.sub(r"[\d.,]+ ?(m?s|samples/s)?\b", "#", shown) for _, shown in both]
    if ending.code < 129 and words[0] != words[1]:
        found.append(f"{ending.line}: the two say different things: {words}")
    return found


def seen(ending: Ending, face: list[str]) -> tuple[int, str]:
    """The exit code, and what was shown."""
    with tempfile.TemporaryDirectory(prefix="groundup-endings-") as folder:
        done = subprocess.run(
            ["sh", "-c", ending.line, "sh", *face],
            cwd=folder,
            env=ordinary_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
