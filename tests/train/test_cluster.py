"""Tasks on a Dask cluster: the same answers, one thread a process, clear words where it fails."""

import importlib.util
import logging

import pytest

from groundup.errors import InputError
from groundup.train import cluster
from groundup.train.cluster import dask_cluster
from groundup.train.fan_out import fan_out

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs the extra [dask]"
)


def refuse(x):
    raise InputError(f"no {x}")


@needs_dask
@pytest.mark.filterwarnings("ignore")  # Dask's own
def test_the_answers_of_a_cluster() -> None:
    from distributed import LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False
    ) as here:
        executor = dask_cluster(here.scheduler_address)
        with executor() as pool:
            tasks = [(-k,) for k in range(5)]
            found = {place: future.result() for place, future in fan_out(pool, abs, tasks)}
            with pytest.raises(InputError, match="no 3"):
                pool.submit(refuse, 3).result()
        assert found == {k: k for k in range(5)}
        with executor() as pool:  # the cluster is still there
            assert pool.submit(abs, -7).result() == 7


@needs_dask
@pytest.mark.filterwarnings("ignore")
def test_workers_of_several_threads_are_refused() -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address=None, processes=False
    ) as here, pytest.raises(InputError, match=r"2 threads.*--nthreads 1"):  # fmt: skip
        dask_cluster(here.scheduler_address)()


@needs_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "127.0.0.1"])
def test_nobody_there(address) -> None:
    with pytest.raises(InputError, match=r"no scheduler answers.*dask scheduler"):
        dask_cluster(address)()


def test_not_installed(monkeypatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'groundup\[dask\]'"):
        dask_cluster("tcp://127.0.0.1:8786")
