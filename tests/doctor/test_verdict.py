"""Verdicts on plain numbers: the level, the power, and what is relevant."""

import numpy as np
import pytest

from groundup.doctor.verdict import LOOKS, corrected, verdict
from groundup.rng import Stream


def sequence(without, treated):
    """The verdicts when each prescription, a row of (F, 20), is looked at until it is decided."""
    verdicts = ["cannot tell"] * len(without)
    lengths = [0] * len(without)
    for look in LOOKS:
        lengths = [
            look if said == "cannot tell" else n for said, n in zip(verdicts, lengths, strict=True)
        ]
        p = corrected([(treated[k] - without[k])[:n] for k, n in enumerate(lengths)])
        verdicts = [verdict(without[k][:n], treated[k][:n], p[k]) for k, n in enumerate(lengths)]
    return verdicts


def tried(name, times, findings, gain=0.0, noise=0.2):
    """Losses around 1 with and without prescriptions that gain so much."""
    z = Stream(0, "search", name).normal((times, findings, 2, 20)) * noise / np.sqrt(2) + 1
    z[:, :, 1] -= np.reshape(gain, (-1, 1))
    return [sequence(one[:, 0], one[:, 1]) for one in z]


@pytest.mark.parametrize("findings", [1, 4])
def test_nothing_is_confirmed_where_nothing_helps(findings) -> None:
    """Any of them in at most 2.5 % by the theory; of 400, more than 17 would be rare."""
    said = tried("null", 400, findings)
    assert sum("confirmed" in one for one in said) <= 17


def test_what_does_not_help_is_not_confirmed_once_that_is_clear() -> None:
    said = [one[0] for one in tried("null", 200, 1, noise=0.02)]
    assert said.count("not confirmed") > 190
    noisy = [one[0] for one in tried("null", 200, 1, noise=2.0)]
    assert noisy.count("cannot tell") > 150


def test_what_harms_is_not_confirmed() -> None:
    said = [one[0] for one in tried("harm", 100, 1, gain=-0.5)]
    assert set(said) == {"not confirmed"}


def test_what_helps_is_confirmed() -> None:
    """Beside one that does nothing, whose verdict it does not touch."""
    said = tried("gain", 100, 2, gain=[0.5, 0.0])
    assert sum(one[0] == "confirmed" for one in said) >= 98
    assert sum(one[1] == "confirmed" for one in said) <= 6


def test_what_helps_by_nothing_to_speak_of_is_not_confirmed() -> None:
    said = [one[0] for one in tried("little", 100, 1, gain=0.005, noise=0.002)]
    assert set(said) == {"not confirmed"}
    said = [one[0] for one in tried("enough", 100, 1, gain=0.05, noise=0.02)]
    assert said.count("confirmed") >= 98


def test_corrections_count_looks_and_prescriptions() -> None:
    d = np.array([-1.0, -1.2, -0.8, -1.1, -0.9])
    (alone,) = corrected([d])
    two = corrected([d, np.array([0.1, -0.1, 0.2, -0.2, 0.0])])
    assert alone == pytest.approx(3 * 1.4513e-4, rel=1e-3)  # t = -14.14 of 4 degrees
    assert two[0] == pytest.approx(2 * alone) and two[1] == 1.0


def test_runs_that_all_diverged_with_and_without() -> None:
    cap = [4.6] * 5
    assert verdict(cap, cap, 1.0) == "not confirmed"
    assert verdict(cap, [4.5] * 5, 0.0) == "confirmed"
    assert verdict(cap, [4.55] * 5, 0.0) == "not confirmed"  # sure, and of no use
    assert verdict([0.0] * 5, [0.0] * 5, 1.0) == "not confirmed"
