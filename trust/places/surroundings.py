"""The smoke run in every place, and what came of it beside ordinary surroundings."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundup.storage import cache_folder
from trust.claim import Outcome, Tell
from trust.places.smoke import FILES
from trust.places.table import ALL, MINUTES, PLACES, Place

SMOKE = Path(__file__).with_name("smoke.py")
SECONDS = 300
NOT_HERE = 77
USUAL = {"train": 130}  # exit codes; of all others 0
ANSWERING = ("evaluate", "predict")  # commands whose answers are compared
# What a user should never be shown.
UNREADABLE = re.compile(
    r"Traceback|Warning|Exception ignored|Fatal Python|lost sys\.std|leaked|\[Errno|core dumped"
)
A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@dataclass(frozen=True)
class Found:
    """What was seen of a place.

    Args:
        ended: exit codes of the processes.
        codes, left: by command and by file, as `smoke` tells them.
        answers: the JSON objects on stdout.
        shown: stdout and stderr.
    """

    ended: Sequence[int]
    codes: Mapping[str, int]
    left: Mapping[str, str]
    answers: Sequence[Mapping[str, Any]]
    shown: str


def check(size: int, tell: Tell) -> Outcome:
    """The first `size` places; all of them with all commands."""
    outcome = Outcome()
    if sys.platform == "win32":
        outcome.skip("the places are written for a POSIX shell", size)
        return outcome
    ordinary = {
        True: Place("ordinary", commands=ALL),
        False: Place("ordinary", "export GROUNDUP_KERNELS=reference", commands=ALL),
    }
    expected: dict[bool, Found] = {}
    for number, place in enumerate(PLACES[:size]):
        tell(f"{number + 1} of {size}: {place.name}")
        if place.kernels not in expected:
            (usual,) = visited(ordinary[place.kernels])
            expected[place.kernels] = usual
            outcome.faults.extend(faults(ordinary[place.kernels], usual, usual))
            if outcome.faults:  # nothing can be told by what has failed itself
                return outcome
        if size >= len(PLACES) and place.commands == MINUTES and not place.apart:
            place = replace(place, commands=ALL)
        found = visited(place)
        if any(NOT_HERE in one.ended for one in found):
            outcome.skip(f"{place.name} cannot be had here")
            continue
        outcome.tried += 1
        for one in found:
            outcome.faults.extend(faults(place, one, expected[place.kernels]))
    return outcome


def faults(place: Place, found: Found, expected: Found) -> list[str]:
    """What is not as it should be, a line each."""
    outcome = Outcome()

    def expect(held: bool, fault: str) -> None:
        outcome.expect(held, f"{place.name} ({place.shell}{place.behind}): {fault}")

    codes = {name: place.codes.get(name, USUAL.get(name, 0)) for name in place.commands}
    expect(
        found.codes == codes, f"exit codes {found.codes}, expected {codes}; {found.shown[-900:]}"
    )
    ended = list(codes.values()) if place.apart else [0]
    if "|" not in place.behind:  # a pipeline ends as its last program does
        expect(found.ended == ended, f"processes ended with {found.ended}, expected {ended}")
    if unreadable := UNREADABLE.search(found.shown):
        expect(False, f"it shows {found.shown[max(0, unreadable.start() - 300) :][:1200]!r}")
    expect(place.said in found.shown, f"it does not say {place.said!r} but {found.shown[-600:]!r}")
    if place.left:
        for name, bits in found.left.items():
            expect(bits == expected.left[name], f"{name} is another one than elsewhere")
        missing = [name for name, makers in FILES.items() if makers & set(place.commands)]
        missing = [name for name in missing if name not in found.left]
        expect(not missing, f"there are no {missing}")
    if place.answers:
        known = dict(zip(ANSWERING, expected.answers, strict=False))
        asked = [known.get(name) for name in ANSWERING if name in place.commands]
        expect(list(found.answers) == asked, f"answers {found.answers}, expected {asked}")
    if "\x1b" in found.shown and not place.terminal and "COLOR" not in place.shell:
        expect(False, f"escape sequences where no terminal is: {found.shown[:300]!r}")
    return outcome.faults


def visited(place: Place, python: str = sys.executable) -> list[Found]:
    """What comes of the commands there."""
    with tempfile.TemporaryDirectory(prefix="groundup-places-") as folder:
        rooms = [Path(folder, str(number)) for number in range(place.at_once)]
        for room in rooms:
            room.mkdir()
        with ThreadPoolExecutor(place.at_once) as pool:
            return list(pool.map(lambda room: _seen(place, room, Path(folder), python), rooms))


def _seen(place: Place, room: Path, folder: Path, python: str) -> Found:
    """One process, or one for each command; they write into `room`."""
    groups = [(name,) for name in place.commands] if place.apart else [place.commands]
    ended, shown, told = [], b"", []
    out = b""
    for number, names in enumerate(groups):
        with tempfile.TemporaryFile() as telling:
            begin = [python, *place.flags, str(SMOKE), ",".join(names)]
            shell = place.shell if number == 0 else _again(place.shell)
            last = f'"$b" {telling.fileno()} {place.number} {place.behind}'
            line = f"b={'' if place.at_once == 1 else room.name + '/'}\n{{ {shell}\n}} || exit 77\n"
            command = ["sh", "-c", f'{line}exec "$@" {last}', "sh", *begin]
            if place.terminal:
                command = [sys.executable, "-c", A_TERMINAL, *command]
            done = subprocess.run(
                command,
                cwd=room if place.at_once == 1 else folder,
                env=ordinary_environment(),
                pass_fds=[telling.fileno()],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
            telling.seek(0)
            told += [json.loads(text) for text in telling.read().splitlines()]
        ended.append(done.returncode)
        out += done.stdout
        shown += done.stdout + done.stderr
    codes = {name: code for one in told for name, code in one["codes"].items()}
    left = told[-1]["left"] if told else {}
    return Found(ended, codes, left, _answers(out), shown.decode("utf-8", "backslashreplace"))


def _again(shell: str) -> str:
    """The same for the next command: folders are there already."""
    return shell.replace("mkdir ", "mkdir -p ")


def ordinary_environment() -> dict[str, str]:
    """That of this process, without what a place may say."""
    own = re.compile(r"GROUNDUP_|PYTHON(?!PATH$)|LC_|LANG|TZ$|XDG_|TERM$|COLUMNS$|.*COLOR")
    kept = {name: value for name, value in os.environ.items() if not own.match(name)}
    cache = str(cache_folder().parent)
    return {**kept, "LANG": "C.UTF-8", "XDG_CACHE_HOME": cache, "GROUNDUP_THREADS": "1"}


def _answers(out: bytes) -> list[dict[str, Any]]:
    """The JSON objects among lines of text, without the names of files."""
    text, found = out.decode("utf-8", "replace").replace("\r\n", "\n"), []
    decoder = json.JSONDecoder()
    for begin in re.finditer(r"^\{$", text, re.MULTILINE):
        answer, _ = decoder.raw_decode(text, begin.start())
        found.append(_without_names(answer))
    return found


def _without_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_names(v) for k, v in value.items() if k not in {"run", "file", "model"}}
    return [_without_names(item) for item in value] if isinstance(value, list) else value
