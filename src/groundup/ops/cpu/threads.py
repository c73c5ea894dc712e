"""Kernels over arrays, their samples shared among threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

from groundup.ops.cpu.crew import count

# Microseconds of one thread below which the others are left asleep.
WORTH_SHARING = 200.0


def run(kernel: Callable[..., None], microseconds: float, samples: int, *arguments: Any) -> None:
    """kernel(first, end, *arguments) for ranges that together are all samples

    The kernel releases the interpreter's lock and treats each sample by itself, so that the result
    does not depend on how many threads there are.
    """
    parts = min(count(), samples) if microseconds >= WORTH_SHARING else 1
    if parts < 2:
        kernel(0, samples, *arguments)
        return
    ends = [(part + 1) * samples // parts for part in range(parts)]
    pending = [_pool().submit(kernel, first, end, *arguments) for first, end in pairwise(ends)]
    kernel(0, ends[0], *arguments)
    for part in pending:
        part.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="groundup-samples")
