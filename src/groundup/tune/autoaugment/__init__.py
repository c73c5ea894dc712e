"""AutoAugment: which augmentation, how often and how strong, learned by reinforcement.

- `menu`: what can be chosen, and how choices spell a policy;
- `controller`: the network that chooses; `reinforce`: how it learns from rewards;
- `plan`, `small_set`, `children`: what is trained for a reward, and on which samples;
- `schedule`: what is drawn and trained when; `searching`: all of it carried out; `folder`: its log;
- `found`: what came of it, with the verdict;
- `words`, `pictures`, `page`, `files`: how that is told.

[Cubuk et al. 2019, "AutoAugment: Learning augmentation strategies from data"]
"""

from groundup.tune.autoaugment.found import Found
from groundup.tune.autoaugment.plan import Plan
from groundup.tune.autoaugment.searching import resume, search

__all__ = ["Found", "Plan", "resume", "search"]
