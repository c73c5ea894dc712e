"""The places: each is a line of shell before the commands, and what is otherwise than elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTES = ("train", "resume", "evaluate", "predict")
ALL = (*MINUTES, "export", "script", "tune", "study")
SOME = ("whole", "evaluate", "predict")


@dataclass(frozen=True)
class Place:
    """Where commands run.

    Args:
        name: of the place.
        shell: what `sh` does first, in an empty folder; where it fails, the place cannot be had.
            $b is what names of files begin with, "$@" the command.
        behind: what stands behind the command.
        flags: Python's own.
        commands: of `smoke`; the long form runs ALL where MINUTES stand.
        apart: each command has a process of its own.
        codes: exit codes that are not as elsewhere.
        said: what must stand on stderr.
        left: whether files have the same bits as elsewhere.
        answers: whether stdout has the same answers as elsewhere.
        terminal: stdin, stdout and stderr are one.
        number: of the signal that interrupts the training.
        at_once: so many processes, each with files of its own.
    """

    name: str
    shell: str = ":"
    behind: str = ""
    flags: tuple[str, ...] = ()
    commands: tuple[str, ...] = MINUTES
    apart: bool = False
    codes: Mapping[str, int] = field(default_factory=dict)
    said: str = ""
    left: bool = True
    answers: bool = True
    terminal: bool = False
    number: int = 2
    at_once: int = 1

    @property
    def kernels(self) -> bool:
        """Whether kernels compute; else the bits are those of the reference."""
        return "GROUNDUP_KERNELS=reference" not in self.shell


def _in_folder(name: str) -> str:
    """The shell for a folder whose name is written as printf has it."""
    return f'd=$(printf \'{name}\') && mkdir "$d" && cd "$d" && b=$PWD/'


def _under(*program: str) -> str:
    """The shell for a program that starts the command, if it can start anything."""
    words = " ".join(program)
    return f'{words} true && set -- {words} "$@"'


def _in_locale(name: str) -> str:
    return f"locale -a | grep -qix '{name}' && export LC_ALL={name}"


def _cache_on_a_disk(options: str) -> str:
    """A disk for the cache that this process alone sees."""
    return (
        "mkdir cache && export XDG_CACHE_HOME=$PWD/cache && unshare -m mount -t tmpfs none cache"
        f" && set -- unshare -m sh -c 'mount -t tmpfs -o {options} none cache && exec \"$@\"'"
        ' sh "$@"'
    )


REFERENCE = "export GROUNDUP_KERNELS=reference"  # where nothing that is compiled can be kept
UNWRITABLE = f"{REFERENCE} XDG_CACHE_HOME=/proc/none"
ASCII = "export LC_ALL=POSIX PYTHONUTF8=0 PYTHONCOERCECLOCALE=0"
LONG = "l" * 200
NOBODY = _under(
    "setpriv --reuid 54321 --clear-groups --inh-caps +dac_read_search",
    "--ambient-caps +dac_read_search",
)
OWN_CACHE = "export XDG_CACHE_HOME=$PWD/cache"
QUICK = (
    Place("the C locale", "export LC_ALL=C"),
    Place("the POSIX locale, stdout in ASCII", ASCII, commands=ALL),
    Place("a folder in no UTF-8", _in_folder("\\377\\376")),
    Place("that folder, stdout in ASCII", _in_folder("é \\376") + f" && {ASCII}"),
    Place("spaces, an emoji, quotes", _in_folder('a b 🦆 \\047 " $x')),
    Place(
        "a path of 3,000 characters",
        f"for i in $(seq 15); do mkdir {LONG} && cd {LONG} || exit 77; done; b=$PWD/",
    ),
    Place("a path with dots", "mkdir -p a/c && b=a/../a/c/./"),
    Place("a symbolic link", "mkdir real && ln -s real link && cd link && b=$PWD/"),
    Place(
        "the working folder is gone",
        "b=$PWD/ && mkdir x && cd x && rmdir ../x",
        apart=True,
        commands=("whole", "evaluate"),
        codes={"whole": 2, "evaluate": 2},
        said="error: the working folder cannot be seen: No such file or directory.",
        left=False,
        answers=False,
    ),
    Place("HOME is not set", "unset HOME XDG_CACHE_HOME && b=$PWD/"),
    Place("a home that is not there", f"{REFERENCE} HOME=/proc/none; unset XDG_CACHE_HOME"),
    Place("a cache that cannot be written", UNWRITABLE),
    Place("east of Greenwich", "export TZ=Asia/Kolkata"),
    Place("a time zone that is none", "export TZ=No/Where"),
    Place("warnings are errors", flags=("-W", "error"), commands=ALL),
    Place("files have encodings", flags=("-X", "warn_default_encoding")),
    Place("Python's development mode", flags=("-X", "dev", "-W", "error")),
    Place("no docstrings", flags=("-OO",)),
    Place("stdout is closed", behind=">&-", answers=False),
    Place("stderr is closed", behind="2>&-"),
    Place("stdin is closed", behind="<&-", commands=ALL),
    Place("stderr is full", behind="2>/dev/full"),
    Place(
        "stdout is full",
        behind=">/dev/full",
        apart=True,
        commands=("whole", "evaluate"),
        codes={"whole": 1, "evaluate": 1},
        said="error: cannot write the result: No space left on device.",
        answers=False,
    ),
    Place(
        "nobody reads the output",
        behind="| true",
        apart=True,
        commands=("whole", "evaluate"),
        codes={"whole": 141, "evaluate": 141},
        answers=False,
    ),
    Place("a terminal that can do nothing", "export TERM=dumb", terminal=True),
    Place("one core", _under("taskset -c 0")),
    Place("few open files", "ulimit -n 64"),
    Place("the terminal is lost", codes={"train": 129}, number=1),
    Place("below nohup", "trap '' HUP", codes={"train": 0}, number=1),
)
SLOW = (
    Place("a day ahead", "export TZ=Pacific/Apia"),
    Place("no asserts", flags=("-O",)),
    Place("a terminal without columns", "export COLUMNS=0 TERM=xterm", terminal=True),
    Place("German", _in_locale("de_DE.utf-\\?8")),
    Place("Turkish", _in_locale("tr_TR.utf-\\?8")),
    Place("UTF-8 in spite of the locale", "export LC_ALL=C PYTHONUTF8=1"),
    Place("a locale that is none", "export LC_ALL=xx_XX.none LANG=nothing"),
    Place("a narrow terminal", "export COLUMNS=20 TERM=xterm", terminal=True),
    Place("no colors", "export NO_COLOR=1 TERM=xterm-256color", terminal=True),
    Place("colors at all costs", "export FORCE_COLOR=1"),
    Place("a terminal that nobody knows", "export TERM=none-such", terminal=True),
    Place("stdin is endless", behind="</dev/zero"),
    Place("nothing is open", behind="<&- >&- 2>&-", answers=False),
    Place("stdout is closed, one by one", behind=">&-", apart=True, answers=False),
    Place("stderr is closed, one by one", behind="2>&-", apart=True),
    Place("stderr is full, one by one", behind="2>/dev/full", apart=True, commands=SOME),
    Place(
        "nobody reads anything",
        behind="2>&1 | true",
        apart=True,
        commands=SOME,
        codes=dict.fromkeys(SOME, 141),
        answers=False,
    ),
    Place("files for oneself alone", "umask 077"),
    Place("files for everybody", "umask 000"),
    Place("sixty-four threads", "export GROUNDUP_THREADS=64 OMP_NUM_THREADS=64"),
    Place("as many threads as cores", "unset GROUNDUP_THREADS"),
    Place("little memory", "ulimit -v 4000000"),
    Place(
        "small files alone",
        "ulimit -f 8",
        apart=True,
        commands=("whole",),
        codes={"whole": 1},
        said="file size allowed to this process",
        left=False,
        answers=False,
    ),
    Place(
        "a user without a name or a home",
        f"chmod 777 . && {REFERENCE} && unset HOME XDG_CACHE_HOME && {NOBODY}",
    ),
    Place("a polite request to stop", codes={"train": 143}, number=15),
    Place("a cache with a relative name", "export XDG_CACHE_HOME=cache HOME=$PWD"),
    Place("a cache that is empty", OWN_CACHE),
    Place("an empty cache for two", OWN_CACHE, at_once=2),
    Place("a cache on a disk that is full", _cache_on_a_disk("size=32k")),
    Place("a cache on a disk for readers", _cache_on_a_disk("ro")),
    Place("a file where the cache would be", f"{OWN_CACHE} && touch cache"),
    Place("an empty environment", _under("env", "-i", 'PATH="$PATH"')),
    Place("hashes as they were not", "export PYTHONHASHSEED=4242"),
)
PLACES = (*QUICK, *SLOW)
