"""The reader's guide names what there is: experiments, files, names, commands, all sections."""

import re
import shlex
from functools import reduce
from pathlib import Path

import groundup as gu
from groundup.cli import main
from groundup.lab.reproduce.experiments import experiments

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "book-guide.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GUIDE.splitlines()
    if line.startswith("|") and not line.startswith("|--")
]
SUBSECTIONS = {  # of the book; sections without any have 0
    1: (0, 3, 9, 2, 6, 3),
    2: (0, 2, 3, 2, 2, 0),
    3: (3, 7, 3, 3, 4, 3),
    4: (2, 5, 3, 2, 3),
    5: (3, 3, 3, 2, 2, 3, 4),
    6: (8, 4, 2, 3, 3),
    7: (0, 7, 1, 4, 0, 2, 2),
    8: (3, 4, 4, 3, 4),
}


def quoted(cells):
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def experiment_keys():
    keys = []
    for row in ROWS:
        if "experiment" in row:
            place = row.index("experiment")
        else:
            keys += quoted([row[place]])
    return keys


def numbers(text):
    """The sections that "6.1.1–6.1.3, 6.5" names, as tuples; ranges filled up."""
    for part in text.split(", "):
        first, _, last = part.partition("–")
        begin = tuple(map(int, first.split(".")))
        end = tuple(map(int, (last or first).split(".")))
        assert begin[:-1] == end[:-1], text
        yield from ((*begin[:-1], n) for n in range(begin[-1], end[-1] + 1))


def test_every_experiment_is_named_and_every_name_is_one():
    assert set(experiment_keys()) == set(experiments())


def test_every_section_of_the_book_is_there():
    told = {one for row in ROWS if re.match(r"\d\.\d", row[0]) for one in numbers(row[0])}
    for chapter, sections in SUBSECTIONS.items():
        for section, count in enumerate(sections, start=1):
            parts = {(chapter, section, n + 1) for n in range(count)}
            whole = (chapter, section) in told
            missing = parts - told
            assert whole or (parts and not missing), f"{chapter}.{section}: {missing}"
    assert {one for one in told if one[1] > len(SUBSECTIONS[one[0]])} == set()


def test_names_resolve():
    names = re.findall(r"`gu\.([\w.]+)`", GUIDE)
    assert len(names) > 60
    for name in names:
        reduce(getattr, name.split("."), gu)


def test_files_exist():
    ours = re.findall(r"`((?!ch\d\d/|src/)[\w-]+/[\w/-]*(?:\.py|/))`", GUIDE)
    assert len(ours) > 30
    for name in ours:
        assert (ROOT / "src" / "groundup" / name).exists(), name
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target


def test_scripts_are_those_of_their_chapter():
    for row in ROWS:
        for script in quoted(row[-1:]) if re.match(r"\d\.\d", row[0]) else ():
            assert re.fullmatch(rf"ch0{row[0][0]}/\w+\.py", script), row


def test_commands_are_understood(tmp_path, monkeypatch, capsys):
    """Those that train are carried out, for one epoch; the others' options are known."""
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"`groundup (?!reproduce|book)([^`]+)`", GUIDE)
    assert len(commands) > 10
    for command in map(shlex.split, commands):
        if command[0] == "train" and "--profile" not in command:
            assert main([*command, "--epochs", "1", "--batch-size", "200", "-q"]) == 0, command
            continue
        assert main([command[0], "--help"]) == 0, command
        told = capsys.readouterr().out
        assert all(word in told for word in command if word.startswith("--")), command
