"""How many threads a computation may use, linear algebra and kernels together."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Let linear algebra and kernels use at most `count` threads meanwhile."""
    import numpy  # noqa: F401  # only libraries that are loaded can be limited
    from threadpoolctl import threadpool_limits

    from groundup.ops.cpu.crew import limited

    with limited(count), threadpool_limits(limits=count):
        yield
