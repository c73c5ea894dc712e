"""Rows as CSV and plain data as JSON."""

import csv
import json

import pytest

from groundup.errors import StorageError
from groundup.storage import finite, write_csv, write_json


def test_rows_come_back(tmp_path):
    rows = [{"name": "a, b", "value": 0.1}, {"name": 'say "hi"', "value": None}]
    write_csv(tmp_path / "rows.csv", rows)
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [
            {"name": "a, b", "value": "0.1"}, {"name": 'say "hi"', "value": ""}
        ]  # fmt: skip
    assert b"\r" not in (tmp_path / "rows.csv").read_bytes()


def test_no_rows_have_their_columns_if_these_are_named(tmp_path):
    write_csv(tmp_path / "none.csv", [], ["a", "b"])
    assert (tmp_path / "none.csv").read_text() == "a,b\n"
    write_csv(tmp_path / "none.csv", [])
    assert (tmp_path / "none.csv").read_text() == "\n"


def test_a_row_with_another_column_is_a_mistake(tmp_path):
    with pytest.raises(ValueError, match="fields not in fieldnames"):
        write_csv(tmp_path / "rows.csv", [{"a": 1}, {"b": 2}])
    assert not (tmp_path / "rows.csv").exists()


def test_data_come_back_without_what_is_not_finite(tmp_path):
    data = {"a": [1, float("nan")], "b": {"c": float("-inf"), "d": "x"}, "e": (True, None)}
    write_json(tmp_path / "data.json", finite(data))
    assert json.loads((tmp_path / "data.json").read_text()) == {
        "a": [1, None], "b": {"c": None, "d": "x"}, "e": [True, None]
    }  # fmt: skip
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "data.json", data)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StorageError):
        write_csv(tmp_path / "missing" / "rows.csv", [{"a": 1}])
