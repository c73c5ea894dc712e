"""Before any training: is everything such that a training can succeed, and at which rate?"""

from groundup.doctor.preflight.check import Check
from groundup.doctor.preflight.preflight import Preflight, preflight
from groundup.doctor.preflight.rates import Point, RateRange, rate_range

__all__ = ["Check", "Point", "Preflight", "RateRange", "preflight", "rate_range"]
