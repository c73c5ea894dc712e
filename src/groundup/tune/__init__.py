"""The search for hyper-parameters.

- `dimensions`, `space`: where to search; `history`: what is known so far.
- `method`, `methods/`: what to try next, one file a method; `stopping`: when to give a trial up.
- `search`: all of it as a value; `plan`: the same with a configuration; `study`: what came of it.
- `conduct`: the coordinator; `records`: its log; `minimize`: the search of any function.
- `pages/`: what a reader gets; `surrogate`, `importance`: what the trials tell of the others.
- `planning`, `fitting`: what is checked before; `training`: what a trial is; `studying`: all of it.
"""

from groundup.tune.minimize import minimize
from groundup.tune.planning import make_plan
from groundup.tune.progress import Progress
from groundup.tune.records import Terms
from groundup.tune.study import Study
from groundup.tune.studying import open_study, resume, search

__all__ = [
    "Progress",
    "Study",
    "Terms",
    "make_plan",
    "minimize",
    "open_study",
    "resume",
    "search",
]
