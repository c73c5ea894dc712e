"""`groundup data`."""

import pytest

from groundup.data import digits
from groundup.data.datasets import Mnist


def test_list_has_a_line_for_each(cli):
    lines = cli("data", "list").out.splitlines()
    names = ["iris", "wine", "breast-cancer", "diabetes", "digits", "mnist"]
    assert [line.split()[0] for line in lines] == names
    listed = cli("data", "list", "--json").json["data"]
    assert [one["name"] for one in listed] == names
    assert all(one["about"].endswith(".") for one in listed)


def test_info_says_what_is_in_it(cli):
    described = digits.load().describe()
    shown = cli("data", "info", "digits", "--json").json
    assert {name: shown[name] for name in described} == described
    text = cli("data", "info", "digits").out
    assert "1 x 8 x 8, uint8, values from 0 to 16" in text
    assert "1,438 samples" in text
    assert "\n9           144    36\n" in text


def test_fetch_of_what_is_there_already(cli):
    assert "needs no download" in cli("data", "fetch", "digits").out
    assert cli("data", "fetch", "digits", "--json").json == {"name": "digits", "folder": None}


def test_fetch_says_where(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(Mnist, "fetch", lambda self: tmp_path / "mnist")
    assert cli("data", "fetch", "mnist").out == f"mnist is in {tmp_path / 'mnist'}\n"
    assert cli("data", "fetch", "mnist", "--json").json["folder"] == str(tmp_path / "mnist")


@pytest.mark.parametrize("command", ["info", "fetch"])
def test_an_unknown_name(cli, command):
    refused = cli("data", command, "mnits")
    assert refused.code == 2
    assert "Did you mean 'mnist'?" in refused.err
