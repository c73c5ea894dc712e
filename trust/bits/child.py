"""A process that carries out parts of runs: `python -m trust.bits.child JOB THREADS`."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

JOB, THREADS = 1, 2


def main() -> None:
    cores = int(sys.argv[THREADS])
    # As on a machine with so many cores, whatever this one has. Before anything counts them.
    os.sched_getaffinity = lambda pid: set(range(cores))
    from groundup.train.threads import limited_threads
    from trust.bits.cells import Part

    for given in json.loads(Path(sys.argv[JOB]).read_text("utf-8")):
        part = Part(**given)
        with limited_threads(cores):
            carry_out(part)


def carry_out(part: Any) -> None:
    """One part; what goes wrong with it is a rung of its own."""
    from groundup.errors import Interrupted
    from trust.bits.ladder import add, ending

    stops = [part.stop_at]
    if part.each:
        from trust.bits.networks import UPDATES

        stops = [*range(part.each, UPDATES + 1, part.each), None]
    resumed = part.resumed
    for stop_at in stops:
        try:
            add(part.ladder, ending(*_train(part, stop_at, resumed)))
        except Interrupted:
            resumed = True
        except Exception as error:
            add(part.ladder, [("an error", f"{type(error).__name__}: {error}")])
            return


def _train(part: Any, stop_at: int | None, resumed: bool) -> Any:
    from groundup.config import from_mapping
    from groundup.train import ensemble_run
    from groundup.train.run import resume, run
    from trust.bits.ladder import Watch
    from trust.bits.networks import NETWORKS

    config, path = from_mapping(NETWORKS[part.network]), Path(part.path)
    if config.train.ensemble == 1:
        watch = [Watch(part.ladder, stop_at)]
        return resume(path, watch) if resumed else run(config, path, watch)
    ensemble_run.run = partial(_member, run, part, stop_at)
    ensemble_run.resume = partial(_member, resume, part, stop_at)
    if resumed:
        return ensemble_run.resume_ensemble(path)
    return ensemble_run.run_ensemble(config, path)


def _member(train: Any, part: Any, stop_at: int | None, *given: Any) -> Any:
    """A member's run, watched; the updates of members are counted one after another."""
    from trust.bits.ladder import Watch
    from trust.bits.networks import NETWORKS, UPDATES

    members = NETWORKS[part.network]["train"]["ensemble"]
    number, each = int(given[-1].name), UPDATES // members
    own = None if stop_at is None else stop_at - (number - 1) * each
    return train(*given, [Watch(part.ladder, own, f"member {number}, ")])


if __name__ == "__main__":
    main()
