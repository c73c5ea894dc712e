"""Every system call of every writer, made to fail: `crashes.calls`.

Each writer runs once in peace, which gives the list of its calls in its folder; then once for each
of them and each fault that this call can meet. Afterwards the folder is judged, what a user does
next is done, and the folder judged again.
"""

import importlib.util
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from trust.claim import Outcome
from trust.crashes.tracer import GROWS, WRITES, Fault, missing, traced, untraced
from trust.crashes.writer import Found, Writer, clean, emptied, read

ROOMS = ("storage", "files", "training", "searches", "others")  # light imports first
EVERYTHING = 1000  # from this size on all writers are tried, below it the essential ones
SEVERAL = 150  # about as many faults as a writer that cannot be tried here would have met
_ASKS = {"fstat", "stat", "lstat", "newfstatat", "statx", "lseek", "access", "fcntl", "read",
         "pread64", "readlink", "readlinkat", "getdents64", "faccessat2"}  # fmt: skip
_NEEDS_ROOM = {*GROWS, "openat", "fsync", "rename", "close"}


def calls(size: int, tell: Callable[[str], None]) -> Outcome:
    """Fault after fault."""
    outcome = Outcome()
    why = missing()
    if why:
        outcome.skip(why, size)
        return outcome
    faults: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="groundup-calls-") as place:
        work = Path(place).resolve() / "work"
        if size >= EVERYTHING:
            for room in ROOMS:
                for writer in _writers(room):
                    try_writer(writer, work, outcome, faults)
                    tell(f"{writer.name}: {outcome.tried} so far, {len(outcome.faults)} faults")
        else:
            essential = [one for room in ROOMS[:-1] for one in _writers(room) if one.essential]
            for which, writer in enumerate(essential):
                left = size - outcome.tried
                try_writer(writer, work, outcome, faults, -(-left // (len(essential) - which)))
    outcome.facts["faults tried, by kind"] = ", ".join(f"{n:,} {k}" for k, n in faults.items())
    return outcome


def try_writer(
    writer: Writer, work: Path, outcome: Outcome, faults: Counter[str], most: int | None = None
) -> None:
    """All faults of one writer, or so many, evenly spread."""
    lacks = [name for name in writer.needs if importlib.util.find_spec(name) is None]
    if lacks:
        outcome.skip(f"{writer.name}: {lacks[0]} is missing", SEVERAL)
        return
    writer.prepare(emptied(work))
    old = read(work)
    done = traced(partial(writer.act, work), work)
    new = read(work)
    wrong = done.error or done.signal or _verdict(writer.judge, Found(work, old, new, done))
    if wrong or not done.told:
        why = wrong or "it acknowledges nothing, so nothing could be lost"
        outcome.faults.append(f"{writer.name}: without any fault: {why}")
        return
    for fault in spread(list(cases(done.calls)), most):
        writer.prepare(emptied(work))
        hit = traced(partial(writer.act, work), work, fault)
        where = f"{writer.name}, {fault.kind} at call {fault.at} ({done.calls[fault.at]})"
        if not hit.hit:
            outcome.skip("a call that did not come again")
            continue
        faults[fault.kind] += 1
        outcome.tried += 1
        wrong = judged(writer, fault, Found(work, old, new, hit))
        if wrong:
            outcome.faults.append(f"{where}: {wrong}")


def cases(calls: Sequence[str]) -> Iterator[Fault]:
    """The faults that these calls can meet: nothing is lost by a death at a call that only asks."""
    for at, name in enumerate(calls):
        if name not in _ASKS:
            yield Fault("kill", at)
        if name in _NEEDS_ROOM:
            yield Fault("ENOSPC", at)
        yield Fault("EIO", at)
        if name in WRITES:
            yield Fault("short", at)
        if name in GROWS or name == "openat":
            yield Fault("full", at)
        if name not in _ASKS:
            yield Fault("gone", at)


def judged(writer: Writer, fault: Fault, found: Found) -> str:
    """What is wrong after a fault; "" if all is as promised."""
    done = found.done
    if done.crashed:
        return f"no error of groundup: {done.error}"
    if (done.signal == 9) != (fault.kind == "kill"):
        return f"it died of signal {done.signal}"
    if done.error and str(found.folder) not in done.error:
        return f"the message names no file: {done.error}"
    clean(found.folder)
    wrong = _verdict(writer.judge, found)
    if wrong:
        return wrong
    after = untraced(partial(writer.retry, found.folder))
    if after.error or after.signal:
        return f"tried again: {after.error or after.signal}"
    clean(found.folder)
    return _verdict(writer.ended, Found(found.folder, found.old, found.new, after))


def _verdict(judge: Callable[[Found], str], found: Found) -> str:
    try:
        return judge(found)
    except Exception as error:  # such as a file that its own reader refuses
        return f"what is left cannot be judged: {error!r}"


def spread(faults: Sequence[Fault], most: int | None) -> list[Fault]:
    """At most so many of them, evenly."""
    if most is None or most >= len(faults):
        return list(faults)
    return [faults[i * len(faults) // most] for i in range(most)]


def _writers(room: str) -> Sequence[Writer]:
    module = importlib.import_module(f"trust.crashes.writers.{room}")
    table: Sequence[Writer] = module.WRITERS
    return table
