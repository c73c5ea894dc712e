"""A pytest plugin: coverage.py notes which tests ran a line; and it is kept how long each took."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

seconds: dict[str, float] = {}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    coverage.Coverage.current().switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        coverage.Coverage.current().switch_context("")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seconds[report.nodeid] = seconds.get(report.nodeid, 0.0) + report.duration


def pytest_sessionfinish() -> None:
    Path(os.environ["TRUST_SECONDS"]).write_text(json.dumps(seconds), "utf-8")
