"""Claims tried in processes of their own, some at a time."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trust.claim import Claim, Outcome

Result = dict[str, Any]


def results(
    claims: Sequence[Claim], size: Callable[[Claim], int], jobs: int
) -> Iterator[tuple[Claim, Result]]:
    """Each claim with what came of it, as they end: those that fill the machine one by one."""
    for together, workers in (
        ([claim for claim in claims if not claim.wide], jobs),
        ([claim for claim in claims if claim.wide], 1),
    ):
        with ThreadPoolExecutor(workers) as pool:
            waiting = {pool.submit(_result, claim, size(claim)): claim for claim in together}
            for done in as_completed(waiting):
                yield waiting[done], done.result()


def _result(claim: Claim, size: int) -> Result:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="groundup-trust-") as folder:
        path = Path(folder) / "result.json"
        command = [sys.executable, "-m", "trust.worker", claim.name, str(size), str(path)]
        done = subprocess.run(command, check=False)
        if path.is_file():
            return json.loads(path.read_text("utf-8"))
    ended = f"its process ended with {done.returncode} and left no result"
    seconds = round(time.monotonic() - begun, 1)
    return {**asdict(Outcome(faults=[ended])), "fault_count": 1, "size": size, "seconds": seconds}
