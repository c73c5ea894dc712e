"""A process that tries one claim: `python -m trust.worker NAME SIZE RESULT`.

A claim's faults are its result, so the process ends with 0 however many there are.
"""

import importlib
import json
import signal
import sys
import time
import traceback
from dataclasses import asdict

from groundup.storage import write_text
from trust.claim import SHOWN, Claim, Outcome
from trust.claims import CLAIMS


def main() -> None:
    name, size, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    (claim,) = (claim for claim in CLAIMS if claim.name == name)
    _hear_signals()
    begun = time.monotonic()
    outcome = tried(claim, size)
    result = {
        **asdict(outcome),
        "faults": outcome.faults[:SHOWN],
        "fault_count": len(outcome.faults),
        "size": size,
        "seconds": round(time.monotonic() - begun, 1),
    }
    write_text(path, json.dumps(result))


def tried(claim: Claim, size: int) -> Outcome:
    """The outcome; a check that breaks, or that tries less than it says, is a fault of its own."""
    module, function = claim.check.split(":")
    try:
        check = getattr(importlib.import_module(f"trust.{module}"), function)
        outcome: Outcome = check(
            size, lambda words: print(f"{claim.name}: {words}", file=sys.stderr, flush=True)
        )
    except Exception:
        return Outcome(faults=[f"the check itself broke: {traceback.format_exc()}"])
    missing = size - outcome.tried - sum(outcome.skipped.values())
    outcome.expect(missing <= 0, f"{missing} of {size} cases were neither tried nor skipped.")
    return outcome


def _hear_signals() -> None:
    """Below nohup, or in a shell's background, some are ignored, and would be by all it starts."""
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), usual)


if __name__ == "__main__":
    main()
