"""Logs whose lines have right checksums and say what no program of ours wrote."""

import json
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from groundup.storage.lines import checksum, encode
from trust.files import ours
from trust.files.hostile.doors import Case, exact, refused

Record = dict[str, Any]


def line(body: bytes) -> bytes:
    """Whatever it says, with its checksum."""
    return b'%b,"crc":%d}\n' % (body, zlib.crc32(body))


def log(records: Iterable[Record]) -> bytes:
    """A whole log of these records."""
    lines = [b""]
    for record in records:
        lines.append(encode(record, checksum(lines[-1]) if lines[-1] else 0))
    return b"".join(lines)


_FIRST, _SECOND = {"a": 1}, {"b": [0.5, "x"]}
_GOOD = log([_FIRST])
_LINES = {
    "a key twice": line(b'{"a":1,"a":2'),
    "NaN": line(b'{"a":NaN'),
    "a number beyond float64": line(b'{"a":1e999'),
    "a number of 5,000 digits": line(b'{"a":' + b"9" * 5000),
    "a list": line(b"[1"),
    "two checksums": line(b'{"crc":1'),
    "50,000 brackets": line(b'{"a":' + b"[" * 50_000),
    "17 levels": line(b'{"a":' + b"[" * 18 + b"]" * 18),
    "a line of a megabyte": b"x" * (2**20 + 1),
    "a line of 4 MB": b"x" * 2**22 + b"\n",
    "an empty line": b"\n",
    "a line of Windows": _GOOD.replace(b"\n", b"\r\n"),
    "no checksum": b'{"a":1}\n',
    "a wrong checksum": b'{"a":1,"crc":7}\n',
    "a checksum with a 0 before it": _GOOD.replace(b'"crc":', b'"crc":0'),
    "a NUL": line(b'{"a":"\0"'),
    "no UTF-8": line(b'{"a":"\xff"'),
    "the first line again": _GOOD,
    "4,000 zeros in the middle": bytes(4000) + b"\n" + _GOOD,
}
_HONEST = {
    "nothing": (b"", []),
    "a log of an earlier version": (encode(_FIRST) + encode(_SECOND) * 2, [_FIRST, *[_SECOND] * 2]),
    "two records": (log([_FIRST, _SECOND]), [_FIRST, _SECOND]),
    "a torn end": (log([_FIRST, _SECOND])[:-9], [_FIRST]),
    "an end without a newline": (log([_FIRST, _SECOND])[:-1], [_FIRST, _SECOND]),
    "an end of zeros": (_GOOD + bytes(4096), [_FIRST]),
    "a name that leads out": (log([{"../it-ran": "/etc/passwd"}]), [{"../it-ran": "/etc/passwd"}]),
    "a million letters": (log([{"a": "x" * 10**6}]), [{"a": "x" * 10**6}]),
}


@cache
def _records(write: Callable[[Path, int], None], file: str) -> tuple[Record, ...]:
    """Those of a whole log."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), 0)
        lines = Path(folder, file).read_bytes().splitlines()
    return tuple(
        {key: value for key, value in json.loads(one).items() if key != "crc"} for one in lines
    )


def _changed(records: tuple[Record, ...], place: int, **changes: Any) -> bytes:
    """One record says something else; None takes a member out."""
    copy = [dict(record) for record in records]
    copy[place] |= changes
    for name, value in changes.items():
        if value is None:
            del copy[place][name]
    return log(copy)


_STUDY = _records(ours._write_study, "study/study.jsonl")
_RUNS = _records(ours._write_comparison, "lab/runs.jsonl")
_FORGED_STUDY = {
    "no plan": log(_STUDY[1:]),
    "records of nothing": log([_FIRST, _SECOND]),
    "two plans and no more": log([_STUDY[0], _STUDY[0]]),
    "a record without a kind": log([*_STUDY[:2], _FIRST]),
    "a plan without a search": _changed(_STUDY, 0, search=None),
    "a plan whose search is a list": _changed(_STUDY, 0, search=[1]),
    "a plan of another method": _changed(
        _STUDY, 0, search=_STUDY[0]["search"] | {"method": "eval"}
    ),
    "a plan with a class of layers": _changed(
        _STUDY, 0, search=_STUDY[0]["search"] | {"method": {"kind": "Dense", "units": 3}}
    ),
    "a plan with one option more": _changed(_STUDY, 0, search=_STUDY[0]["search"] | {"hook": "x"}),
    "a plan of an unknown configuration": _changed(_STUDY, 0, config={"os": "system"}),
    "a space that is text": _changed(_STUDY, 0, search=_STUDY[0]["search"] | {"space": "x"}),
    "terms without their number": _changed(_STUDY, 1, trials=None),
    "terms of -1 trials": _changed(_STUDY, 1, trials=-1),
    "a budget of text": _changed(_STUDY, 1, budget="long"),
    "a trial of number 10^9": _changed(_STUDY, 3, number=10**9),
    "a trial of number -1": _changed(_STUDY, 3, number=-1),
    "a trial of a number in text": _changed(_STUDY, 3, number="0"),
    "a trial without settings": _changed(_STUDY, 3, settings=None),
    "a trial with one member more": _changed(_STUDY, 3, hook="os.system"),
    "a trial whose curve is a number": _changed(_STUDY, 3, curve=3),
    "a trial that was not asked for": log([*_STUDY[:2], *_STUDY[3:]]),
    "orders that are a number": _changed(_STUDY, 2, trials=7),
    "orders without numbers": _changed(_STUDY, 2, trials=[{"settings": {}}]),
    "a withdrawal without its place": log([*_STUDY, {"kind": "withdrawn", "at": 1.0}]),
    "an end without scores": log([*_STUDY, {"kind": "final", "at": 1.0, "number": 0}]),
}
_FORGED_RUNS = {
    "no plan": log(_RUNS[1:]),
    "records of nothing": log([_FIRST, _SECOND]),
    "a plan in the middle": log([*_RUNS, _RUNS[0]]),
    "a plan without seeds": _changed(_RUNS, 0, seeds=None),
    "a plan of -1 seeds": _changed(_RUNS, 0, seeds=-1),
    "a plan of an unknown configuration": _changed(_RUNS, 0, config={"os": "system"}),
    "a plan whose configuration is a list": _changed(_RUNS, 0, config=[1]),
    "a run without a seed": _changed(_RUNS, 1, seed=None),
    "a run with one member more": _changed(_RUNS, 1, hook="os.system"),
    "a run of a rate that is a list": _changed(_RUNS, 1, rate=[1]),
}
CASES: tuple[Case, ...] = (
    *(Case(name, "log", _GOOD + bad + _GOOD) for name, bad in _LINES.items()),
    Case("a line lost", "log", log([_FIRST, _SECOND, _FIRST])[len(_GOOD) :]),
    *exact("log", _HONEST),
    Case("records without a kind", "run", log([_FIRST])),
    Case("epochs and others", "run", log([{"kind": "epoch"}, {"kind": "os"}]), [{"kind": "epoch"}]),
    Case("a study that is whole", "study", log(_STUDY), 3),
    *refused("study", _FORGED_STUDY),
    Case("a comparison that is whole", "comparison", log(_RUNS), 3),
    *refused("comparison", _FORGED_RUNS),
)
