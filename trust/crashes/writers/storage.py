"""What all others write with: files replaced whole, logs, folders, leases."""

from pathlib import Path

from groundup.storage import (
    Lock,
    Log,
    make_directory,
    read_log,
    rename,
    write_bytes,
    write_csv,
    write_json,
    write_text,
    writing,
)
from trust.crashes.writer import Found, Tell, Writer

OLD, NEW = "old\n" * 3000, "new\n" * 7000


def _old(folder: Path) -> None:
    (folder / "file").write_text(OLD, "utf-8")
    (folder / "file").chmod(0o640)


def _linked(folder: Path) -> None:
    _old(folder)
    (folder / "link").symlink_to("file")


def _text(folder: Path, tell: Tell) -> None:
    write_text(folder / "file", NEW)
    tell("done")


def _through_a_link(folder: Path, tell: Tell) -> None:
    write_text(folder / "link", NEW)
    tell("done")


def _in_parts(folder: Path, tell: Tell) -> None:
    with writing(folder / "file", "wb") as file:
        for _ in range(4):
            file.write(bytes(9000))
    tell("done")


def _tables(folder: Path, tell: Tell) -> None:
    place = make_directory(folder / "a" / "b")
    write_csv(place / "rows.csv", [{"x": 1, "y": 2.5}, {"x": 3, "y": None}])
    write_json(place / "data.json", {"x": [1, 2]})
    tell("done")


def _renamed(folder: Path, tell: Tell) -> None:
    write_bytes(folder / "other", NEW.encode())
    rename(folder / "other", folder / "file")
    tell("done")


def _half_renamed(found: Found) -> str:
    """The new content under its first name, or under its last; never nowhere."""
    files = found.files
    texts = {name: data[1].decode() for name, data in files.items() if isinstance(data, tuple)}
    if texts.get("file") not in (OLD, NEW) or texts.get("other", NEW) != NEW:
        return f"neither old nor new: {sorted(texts)}"
    return "" if texts["file"] == NEW or not found.done.told else "it was told, and is not there"


def _same_content(found: Found) -> str:
    (data,) = found.files.values()
    return "" if isinstance(data, tuple) and data[1] == NEW.encode() else "not the new content"


def _torn_log(folder: Path) -> None:
    with Log(folder / "log") as log:
        log.append({"n": 0})
        log.append({"n": 1})
    with (folder / "log").open("ab") as file:
        file.write(b'{"n":2,"cr')


def _appended(folder: Path, tell: Tell) -> None:
    """From wherever the log stands to six records, the last of them in a second sitting."""
    with Log(folder / "log") as log:
        for n in range(len(log.read()), 5):
            log.append({"n": n, "text": "x" * 90}, durable=True)
            tell(str(n))
    with Log(folder / "log") as log:
        for n in range(len(log.read()), 6):
            log.append({"n": n}, durable=True)
            tell(str(n))


def _acknowledged(found: Found) -> str:
    path = found.folder / "log"
    numbers = [record["n"] for record in read_log(path)] if path.exists() else []
    least = max([2 * ("log" in found.old), *(int(n) + 1 for n in found.done.told)])
    if numbers != list(range(len(numbers))) or not least <= len(numbers) <= min(least + 1, 6):
        return f"{least} records were acknowledged, found {numbers}"
    return ""


def _six(found: Found) -> str:
    numbers = [record["n"] for record in read_log(found.folder / "log")]
    locks = [path.name for path in found.folder.iterdir() if path.name != "log"]
    return "" if (numbers, locks) == ([*range(6)], []) else f"found {numbers} and {locks}"


def _five(folder: Path) -> None:
    with Log(folder / "log") as log:
        for n in range(5):
            log.append({"n": n})


def _truncated(folder: Path, tell: Tell) -> None:
    with Log(folder / "log") as log:
        log.truncate(3)
    tell("done")


def _five_or_three(found: Found) -> str:
    numbers = [record["n"] for record in read_log(found.folder / "log")]
    allowed = [[0, 1, 2], [0, 1, 2, 3, 4]][: 1 if found.done.told else 2]
    return "" if numbers in allowed else f"found {numbers}"


def _leased(folder: Path, tell: Tell) -> None:
    with Lock(folder / "lease"):
        tell("held")
    write_text(folder / "file", NEW)


def _free(found: Found) -> str:
    with Lock(found.folder / "lease"):
        return ""


WRITERS = (
    Writer("a new file", _text, essential=True),
    Writer("a file replaced", _text, _old, essential=True),
    Writer("a file replaced through a link", _through_a_link, _linked),
    Writer("a file in parts", _in_parts, _old, essential=True),
    Writer("tables in new folders", _tables),
    Writer("a file renamed", _renamed, _old, _half_renamed, ended=_same_content),
    Writer("a new log", _appended, judge=_acknowledged, ended=_six, essential=True),
    Writer("a torn log", _appended, _torn_log, _acknowledged, ended=_six, essential=True),
    Writer("a log cut back", _truncated, _five, _five_or_three, ended=_five_or_three,
           essential=True),
    Writer("a lease", _leased, judge=_free),
)  # fmt: skip
