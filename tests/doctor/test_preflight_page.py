"""The page of the checks: what failed stands first, and the picture shows the rates to scale."""

import math
import re

import pytest

from groundup.config import from_mapping
from groundup.doctor.preflight import Check, Point, Preflight, RateRange
from groundup.doctor.preflight_page import preflight_page, preflight_sections, range_chart

CURVE = tuple(
    Point(10.0**k, loss, loss - 0.1, loss + 0.1)
    for k, loss in zip(range(-7, 2), [2.3, 2.3, 2.3, 2.2, 2.0, 1.2, 0.9, 3.0, 400.0], strict=True)
)
RATES = RateRange(0.03, 0.01, 0.09, 0.8, 0.001, 2.3, CURVE)
FINE = Check("leak", "No leak", True, "none", "no change", "No answer depends on others.", 0.1)
BAD = Check("initial-loss", "At chance", False, "9.1", "near 2.3", "Weights < too large.", 0.2)


def test_what_failed_is_told_and_what_passed_can_be_opened() -> None:
    page = preflight_page(Preflight((FINE, BAD), RATES), from_mapping({}))
    assert "<h1>1 of 2 checks failed</h1>" in page
    assert '<span class="wrong">failed</span>' in page
    assert page.index("Weights &lt; too large.") < page.index("<details>")
    assert page.index("<details>") < page.index("No answer depends on others.")
    assert "0.01 to 0.09" in page


def test_a_page_without_faults_says_so() -> None:
    page = preflight_page(Preflight((FINE,), RATES), from_mapping({}))
    assert "<h1>Nothing speaks against training</h1>" in page
    assert "wrong" not in page.split("</style>")[1]


def marked(chart: str) -> dict[str, float]:
    """Where the line of each named rate stands, by the words beside it (5 pixels to the right)."""
    words = re.findall(r'<text x="([\d.]+)"[^>]*font-weight="600"[^>]*>(\w+) [^<]*</text>', chart)
    return {name: float(x) - 5 for x, name in words}


def test_rates_stand_to_scale() -> None:
    at = marked(range_chart(RATES))
    assert at["configured"] < at["suggested"] < at["diverges"]
    decade = (at["suggested"] - at["configured"]) / math.log10(30)
    assert at["diverges"] - at["configured"] == pytest.approx(decade * math.log10(800), abs=0.1)
    assert 'fill-opacity="0.16"' in range_chart(RATES)  # the band over the draws


def test_nothing_found_draws_what_there_is() -> None:
    none = RateRange(math.nan, math.nan, math.nan, None, 0.001, 2.3, CURVE)
    assert set(marked(range_chart(none))) == {"configured"}
    empty = RateRange(math.nan, math.nan, math.nan, None, 0.001, math.nan, ())
    assert "No ramp" in preflight_sections(Preflight((FINE,), empty))[1].body
    assert "Suggested" not in preflight_page(Preflight((FINE,), empty), from_mapping({}))
