"""The rules: one symptom each, by topic one file."""

from groundup.doctor.rule import Rule

RULES: tuple[Rule, ...] = ()
