"""The best trials' curves: validation solid, training dashed, all on one scale."""

import re

from groundup.report.ranked_curves import Curves, ranked_curves


def test_validation_is_solid_and_training_dashed():
    drawing = ranked_curves([Curves("Best 1", [0.0, 0.5, 1.0], [0.5, 1.0, 1.0])], title="x")
    heights = {}
    for d, look in re.findall(r'd="M([\d. L]+)" fill="none"([^/]*)/>', drawing):
        heights["dasharray" in look] = [float(point.split()[1]) for point in d.split("L")]
    validation, training = heights[False], heights[True]
    assert validation[0] > validation[1] > validation[2]
    assert training[1] == training[2] == validation[2]
    assert training[0] == validation[1]


def test_five_in_a_row():
    drawing = ranked_curves([Curves(str(k), [0.1, 0.2], []) for k in range(7)], title="x")
    assert drawing.count('class="panel') == 7
    rows = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>[0-6]<', drawing)
    assert len({y for _, y in rows[:5]}) == 1
    assert rows[5][0] == rows[0][0]
    assert ">training<" not in drawing  # nothing is known of it
