"""NaN and infinity, and where they came from.   [Saito 2016, 3.5.2 and 6.1]"""

from groundup.doctor.case import Case
from groundup.doctor.edits import clip, lower_rate, standardize
from groundup.doctor.evidence import moves, unit
from groundup.doctor.finding import Prescription
from groundup.doctor.model_edits import suited_weights
from groundup.doctor.prescriptions import Edit, prescription
from groundup.doctor.rule import Measurement, Rule
from groundup.doctor.rules.data import off_scale
from groundup.doctor.rules.signals import exploding

_FAR = 0.1  # an update of a tenth of the weights or more leads anywhere
_STEEP = 100.0
_OFF = 10.0


def not_finite(case: Case) -> Measurement | None:
    """1 where the loss stopped being finite."""
    if not case.diverged:
        return None
    found = case.of_kind("diverged")[-1]
    came = ", and ".join(words for words, _ in _origins(case)) or "nothing before it stands out"
    place = f"epoch {found['epoch'] + 1}, step {found['step'] + 1}"
    return Measurement(1.0, f"In {place}: {case.diverged}. Before that, {came}.")


def _origins(case: Case) -> list[tuple[str, Edit]]:
    """Where it came from, in words, and what would mend that."""
    found: list[tuple[str, Edit]] = []
    if unit(case) >= _OFF:
        return [(f"targets of a size of {unit(case):.2g} made gradients as large", lower_rate)]
    scale, steep = off_scale(case), exploding(case)
    if scale is not None and scale.value >= _OFF:
        found.append(("inputs were not normalized", standardize))
    elif steep is not None and steep.value >= _STEEP:
        found.append((f"the first gradient had a norm of {steep.value:.2g}", suited_weights))
    largest = max(moves(case), default=0.0)
    if largest >= _FAR and not found:
        found.append((f"updates moved the weights by {largest:.2g} of their size", lower_rate))
    return found


def _mend(case: Case, measured: Measurement) -> Prescription:
    if unit(case) >= _OFF:
        return Prescription(
            "Standardize the targets (mean 0, standard deviation 1), and turn predictions back. "
            "`groundup train` does so by itself."
        )
    edits = [edit for _, edit in _origins(case)]
    words: dict[Edit, str] = {
        standardize: "Standardize the inputs.",
        suited_weights: "Draw the weights as wide as keeps signals at their size.",
        lower_rate: "Lower the learning rate.",
    }
    if not edits:
        words_of_all = "Lower the learning rate, and shorten gradients to a norm of 1."
        return prescription(case, words_of_all, lower_rate, clip(1.0))
    return prescription(case, " ".join(words[edit] for edit in edits), *edits)


RULES = (
    Rule(
        name="not-a-number",
        title="The loss is not a number any more",
        severity="fatal",
        chapter="3.5.2 Mind the overflow",
        threshold=1.0,
        source="NaN and infinity are never right",
        explanation=(
            "A number left the range that 32 bits can hold and became infinite; infinity minus "
            "infinity, or times 0, is NaN, and whatever NaN touches becomes NaN. What is told with "
            "it is where that began."
        ),
        measure=not_finite,
        prescribe=_mend,
        explains=(
            "learning-rate-too-high",
            "exploding-gradients",
            "dead-relus",
            "plateau",
            "initialization-too-large",
            "initialization-too-small",
            "vanishing-gradients",
            "xavier-with-relu",
        ),
    ),
)
