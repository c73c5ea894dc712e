"""Where independent tasks run, besides here: a cluster of Dask, through its executor's face.

Each of its processes must compute with one thread at a time (`dask worker --nthreads 1`): tasks set
how many threads a computation may use, and that is a setting of the process.
"""

import importlib.util
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from groundup.errors import InputError
from groundup.train.executor import ExecutorFactory

_PATIENCE = 10  # seconds for the scheduler to answer, and for a first worker

P = ParamSpec("P")
T = TypeVar("T")


def dask_cluster(address: str) -> ExecutorFactory:
    """A factory of executors that run tasks on the cluster at an address such as tcp://head:8786

    Raises:
        InputError: Dask is not installed; and, from the factory, nobody answers at the address, or
            a worker has several threads.
    """
    if importlib.util.find_spec("distributed") is None:
        raise InputError(
            "a Dask cluster needs the package distributed, which is not installed. Install it: "
            "pip install 'groundup[dask]'."
        )
    return lambda: DaskExecutor(address)


class DaskExecutor(Executor):
    """Hands tasks to a cluster; its workers stay when this closes."""

    def __init__(self, address: str) -> None:
        from distributed import Client

        _check_address(address)
        try:
            self._client = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise _nobody(address, error) from error
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
            _check_threads(self._client.scheduler_info(n_workers=-1)["workers"])
        except BaseException as error:
            self._client.close()
            if isinstance(error, TimeoutError):
                raise InputError(
                    f"Dask at {address}: it has no workers. Start some with: dask worker {address} "
                    "--nthreads 1."
                ) from error
            raise
        self._executor = self._client.get_executor()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks, and leave the cluster."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown(cancel_futures=kind is not None)


def _check_address(address: str) -> None:
    """Whether somebody listens there; Dask would find out late, and complain again at the end."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme not in ("tcp", "tls"):
        return
    try:
        if parts.port is None:
            raise ValueError("it has no port, such as 8786")
        socket.create_connection((parts.hostname or "", parts.port), _PATIENCE).close()
    except (OSError, ValueError) as error:
        raise _nobody(address, error) from error


def _nobody(address: str, error: Exception) -> InputError:
    return InputError(
        f"Dask at {address}: no scheduler answers ({error}). Expected an address such as "
        "tcp://127.0.0.1:8786, where one was started with: dask scheduler."
    )


def _check_threads(workers: Mapping[str, Any]) -> None:
    several = {name: one["nthreads"] for name, one in workers.items() if one["nthreads"] != 1}
    if several:
        name, count = next(iter(several.items()))
        raise InputError(
            f"{len(several)} of {len(workers)} Dask workers run several tasks in one process ("
            f"{name}: {count} threads): expected one each. Start them with: dask worker ADDRESS "
            "--nthreads 1."
        )
