"""`groundup info`."""

import platform

import numpy as np


def test_it_names_versions_processor_and_folders(cli, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    shown = cli("info", "--json").json
    assert shown["packages"]["numpy"] == np.__version__
    assert shown["python"] == platform.python_version()
    assert shown["blas"][0]["threads"] >= 1
    assert shown["cache"] == "/cache/groundup"
    assert shown["data"] is None
    text = cli("info").out
    assert f"python     {platform.python_version()}\n" in text
    assert f"numpy {np.__version__}" in text


def test_it_shows_the_limit_of_threads(cli):
    assert cli("info", "--threads", 1, "--json").json["blas"][0]["threads"] == 1


def test_it_shows_where_data_is_looked_for(cli, monkeypatch):
    monkeypatch.setenv("GROUNDUP_DATA", "/somewhere")
    assert cli("info", "--json").json["data"] == "/somewhere"
