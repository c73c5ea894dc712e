"""What a run's bits depend on, as it stands in env.json."""

import json
import os
import platform

import numpy as np
import pytest

import groundup
from groundup import processor
from groundup.config import from_mapping
from groundup.storage import Log
from groundup.train import environment as module
from groundup.train.environment import environment
from groundup.train.run import resume, run


def test_versions_of_what_runs():
    env = environment()
    assert env["python"] == platform.python_version()
    assert env["packages"]["numpy"] == np.__version__
    assert env["packages"]["groundup"] == groundup.__version__
    assert env["cores"] == os.cpu_count()


def test_it_is_plain_data():
    env = environment()
    assert json.loads(json.dumps(env)) == env


def test_the_blas_that_numpy_uses():
    assert all(pool["library"] and (pool["threads"] or 0) >= 1 for pool in environment()["blas"])


def test_it_stands_before_that_of_scipy(monkeypatch):
    """Whichever was loaded first: a resumed run compares the first with what it had."""
    import threadpoolctl

    pools = [
        {"user_api": "blas", "internal_api": "openblas", "version": whose, "filepath": path}
        for whose, path in [
            ("scipy's", "/packages/scipy.libs/libscipy_openblas-1.so"),
            ("numpy's", "/packages/numpy.libs/libscipy_openblas64_-2.so"),
        ]
    ]
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: pools)
    assert [one["version"] for one in environment()["blas"]] == ["numpy's", "scipy's"]


def test_a_package_that_is_missing_has_no_version(monkeypatch):
    monkeypatch.setattr(module, "PACKAGES", ("numpy", "no-such-package"))
    assert environment()["packages"] == {"numpy": np.__version__, "no-such-package": None}


@pytest.mark.parametrize(
    ("info", "cpu", "features"),
    [
        (  # as x86 and as ARM have it
            "model name\t: Some CPU @ 3 GHz\nflags\t\t: fpu fma sse2 avx2\n\nmodel name\t: Other\n",
            "Some CPU @ 3 GHz",
            ["avx2", "fma"],
        ),
        ("processor\t: 0\nFeatures\t: fp asimd sve\n", "arm64", ["asimd", "sve"]),
        (None, "arm64", []),  # no such file, as on a Mac
    ],
)
def test_the_cpu(monkeypatch, tmp_path, info, cpu, features):
    path = tmp_path / "cpuinfo"
    if info is not None:
        path.write_text(info, encoding="utf-8")
    monkeypatch.setattr(processor, "CPUINFO", path)
    monkeypatch.setattr(platform, "processor", lambda: "arm64")
    env = environment()
    assert (env["cpu"], env["cpu_features"]) == (cpu, features)


def test_what_bears_on_the_bits_is_named_when_it_differs():
    now = environment()
    before = json.loads(json.dumps(now))
    assert module.differences(before, now) == {}
    before["packages"]["numpy"], before["cores"], before["system"] = "0.7", 999, f"{now['system']}x"
    assert module.differences(before, now) == {"numpy": ("0.7", np.__version__)}
    before = {**now, "blas": [{**now["blas"][0], "threads": 77}], "strict": True}
    assert set(module.differences(before, now)) == {"strict", "BLAS threads"}
    strictly = {**now, "strict": True}
    assert module.differences(before, strictly) == {}  # then threads are no matter


def test_going_on_elsewhere_is_logged_and_what_goes_on_not_at_all_is_not(tmp_path, caplog):
    config = {"model": {"name": "two-layer"}, "train": {"epochs": 1}}
    _, directory = run(from_mapping(config), tmp_path / "run")
    whole = json.loads(directory.environment_file.read_text("utf-8"))
    directory.environment_file.write_text(json.dumps({**whole, "machine": "abacus"}), "utf-8")
    resume(directory.path)
    assert not caplog.records
    with Log(directory.metrics) as log:
        log.truncate(len(log.read()) - 1)  # not ended yet
    resume(directory.path)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert f"machine was abacus, now {whole['machine']}" in record.getMessage()
