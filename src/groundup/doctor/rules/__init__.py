"""The rules: one symptom each, by topic one file."""

from groundup.doctor.rule import Rule
from groundup.doctor.rules import batch, data, fit, initialization, numbers, rate, signals

RULES: tuple[Rule, ...] = (
    *numbers.RULES,
    *data.RULES,
    *initialization.RULES,
    *signals.RULES,
    *rate.RULES,
    *batch.RULES,
    *fit.RULES,
)
