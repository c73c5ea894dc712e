"""6-search-methods: manual, grid, random and Bayesian search compared; waits for the search."""

from typing import Final

from groundup.lab.reproduce.experiment import Experiment, Result

EXPERIMENT: Final = Experiment(
    key="6-search-methods",
    title="Ways to search hyper-parameters, compared",
    source="the notes on optimizing hyper-parameters",
    text="Grid, random and Bayesian search get as many trials on one task, and the best found so "
    "far is compared after each of them.",
    run=lambda setting: Result(),
    draw=lambda results, say: (),
    claims=(),
    waiting="the search",
)
