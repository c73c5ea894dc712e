"""A study in a notebook: the headline, every trial, the best ten."""

from markupsafe import Markup

from groundup.report.notebook import as_table, framed, muted
from groundup.tune.pages import words
from groundup.tune.pages.pictures import history_picture
from groundup.tune.study import Study

_WIDTH = 700.0


def notebook(study: Study) -> str:
    """The headline, the value of every trial, and the best of them."""
    drawn = history_picture(study, _WIDTH)
    parts = [
        muted(words.lead(study)),
        Markup('<div style="margin:1em 0">{}</div>').format(drawn),
        as_table(words.best_trials(study)),
        muted(" ".join([*words.cautions(study), words.edges(study)])),
    ]
    return framed(words.headline(study), parts)
