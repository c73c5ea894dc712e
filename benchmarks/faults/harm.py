"""Whether a planted fault harms: its training beside the same without the fault."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.faults.cases import described, material
from benchmarks.faults.fault import Fault, Setup
from groundup.storage import read_text, write_text
from groundup.train.trials import Outcome, Trial, run_trial

# What the harm of a fault is seen in; of all others it is the loss on validation samples.
_MISSED = {"class-imbalance": "val_recall"}
_UNSEEN = ("test-data-used",)  # its harm is that nobody sees any


@dataclass(frozen=True)
class Harm:
    """What a training came to without and with a fault.

    Args:
        name: of the fault.
        measure: "val_loss", or "missed", 1 - the mean recall of the classes; less is better.
        sound, faulty: its values in the end; infinite where the loss was.
    """

    name: str
    measure: str
    sound: float
    faulty: float


def harms(faults: Iterable[Fault], folder: Path) -> list[Harm]:
    """The harm of every fault that can be seen; measured once, then read from the folder's file."""
    path = folder / "harm.json"
    known = json.loads(read_text(path)) if path.exists() else {}
    found = []
    for fault in faults:
        if fault.sound is None or fault.rule in _UNSEEN:
            continue
        setups = [described(fault.sound), described(fault.setup)]
        if known.get(fault.name, {}).get("setups") != setups:
            known[fault.name] = {"setups": setups, "harm": asdict(harm(fault))}
        found.append(Harm(**known[fault.name]["harm"]))
    write_text(path, json.dumps(known, indent=1))
    return found


def harm(fault: Fault) -> Harm:
    """Train without and with the fault; both take seconds."""
    assert fault.sound is not None
    measure = _MISSED.get(fault.rule or "", "val_loss")
    sound, faulty = (_value(_outcome(one), measure) for one in (fault.sound, fault.setup))
    return Harm(fault.name, measure if measure == "val_loss" else "missed", sound, faulty)


def _outcome(setup: Setup) -> Outcome:
    return run_trial(Trial(setup.config), *material(setup))


def _value(outcome: Outcome, measure: str) -> float:
    if outcome.diverged:
        return math.inf
    value = outcome.scores[measure]
    return value if measure == "val_loss" else 1 - value
