"""6-autoaugment: augmentations that are themselves learned; waits for AutoAugment."""

from typing import Final

from groundup.lab.reproduce.experiment import Experiment, Result

EXPERIMENT: Final = Experiment(
    key="6-autoaugment",
    title="Augmentations that are learned",
    source="the notes on AutoAugment; Cubuk et al. 2019",
    text="A controller learns by reinforcement which operations, how often and how strong, make "
    "validation accuracy highest.",
    run=lambda setting: Result(),
    draw=lambda results, say: (),
    claims=(),
    waiting="AutoAugment",
)
