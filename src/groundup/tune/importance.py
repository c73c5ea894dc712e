"""How much each hyper-parameter matters: its share of the variance, read off a random forest

The variance is that of the warped value: losses often have a long tail, and one trial that is worse
than all others by powers of ten would be all of the variance.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.rng import Stream
from groundup.tune.bayesian.warping import targets
from groundup.tune.history import History
from groundup.tune.space import Space
from groundup.tune.thinning import thinned
from groundup.typing import Array

LEAST = 8  # trials with a value that anything can be said of
_MOST = 400  # that the trees grow on, as their time grows faster than their number


@dataclass(frozen=True)
class Importance:
    """What one hyper-parameter explains by itself.

    Args:
        name: of the hyper-parameter.
        share: of the variance of the warped value over the whole space, 0 to 1.
        low: where the 95 % interval of the share begins.
        high: where it ends.
    """

    name: str
    share: float
    low: float
    high: float


def importances(space: Space, history: History, stream: Stream) -> tuple[Importance, ...]:
    """Every hyper-parameter by its share, the greatest first; () where `unexplained` says why

    A tree is a function f of the unit cube, constant on boxes. What a hyper-parameter explains is
    the variance of f averaged over all others:

        shareₐ = Var[ E[f(u) | uₐ] ] / Var[f(u)],   u uniform on the cube

    f is of the losses as `Warping` draws in their long tail, with mean 0 and standard deviation 1.

    The shares need not add up to 1: the rest belongs to hyper-parameters together. `share` is the
    mean over a forest, each of whose trees grows on its own resample of the trials, with
    replacement (bootstrap). Its trees agree too well about the first splits for their spread to
    hold the truth; so the interval is of a second forest, where every split misses one column by
    chance: the middle 95 % of its trees, moved from their mean to `share`. Its lower end is taken
    of what the share exceeds that of a column of random numbers, which each tree is given, too; so
    what has no influence reaches 0.

    Few trials make rough trees: small shares are then found too small, and so are those of what
    goes up and down several times. Of very many trials some are taken, evenly.

    A failed trial counts as the worst value seen, a stopped one as the value that it had reached; a
    running one does not count. Where a hyper-parameter is not there it has any value, by chance, as
    none would have made a difference.   [Hutter, Hoos & Leyton-Brown 2014, "An efficient approach
    for assessing hyperparameter importance"]

    Args:
        space: what was searched.
        history: the trials.
        stream: of the resamples and the trees.

    >>> from groundup.tune.history import Trial
    >>> from groundup.tune.space import make_space
    >>> space = make_space({"x": "uniform:0..1", "y": "uniform:0..1"})
    >>> points = [space.sample(Stream(0, "search").at(step=k)) for k in range(50)]
    >>> history = History(tuple(Trial(k, at, "finished", 3 * at["x"] + at["y"])
    ...                         for k, at in enumerate(points)))
    >>> [one.name for one in importances(space, history, Stream(0, "search", "importance"))]
    ['x', 'y']
    """
    if unexplained(history):
        return ()
    X, y = _columns(space, history)
    share = _forest(X, y, stream.named("share"), 100, X.shape[1] + 1)[:, :-1].mean(axis=0)
    spread = _forest(X, y, stream.named("interval"), 200, X.shape[1])
    shares, chance = spread[:, :-1], spread[:, -1:]
    moved = share - shares.mean(axis=0)
    low = np.quantile(shares - chance, 0.025, axis=0) + moved
    high = np.quantile(shares, 0.975, axis=0) + moved
    ends = np.clip([np.minimum(low, share), np.maximum(high, share)], 0, 1)
    rows = zip(space.dimensions, share, *ends, strict=True)
    made = (Importance(name, *map(float, numbers)) for name, *numbers in rows)
    return tuple(sorted(made, key=lambda one: -one.share))


def unexplained(history: History) -> str:
    """Why nothing can be said of importance; "" if something can."""
    finished = [trial for trial in history.trials if trial.state == "finished"]
    known = [trial for trial in finished if math.isfinite(history.loss(trial))]
    if len(known) < LEAST:
        return f"at least {LEAST} finished trials are needed, and there are {len(known)}."
    if len(set(_targets(history)[1])) == 1:
        return "all trials have the same value, so nothing made a difference."
    return ""


def _targets(history: History) -> tuple[Array, Array]:
    """Which trials have ended, and what the trees are to say of them."""
    losses = history.losses()
    ended = np.flatnonzero(~np.isnan(losses))
    return ended, targets(losses[ended])


def _columns(space: Space, history: History) -> tuple[Array, Array]:
    """(n, D) places on the cube, NaN for what is not there, and (n,) warped losses."""
    ended, z = _targets(history)
    some = thinned(len(ended), _MOST)
    X = np.array([space.unit(history.trials[k].settings) for k in ended[some]])
    return X.clip(0, 1), z[some]


def _forest(X: Array, y: Array, stream: Stream, trees: int, looked_at: int) -> Array:
    """(trees, D + 1) share of each column in each tree, last of the column of random numbers

    looked_at: how many columns each split chooses from.
    """
    import sklearn.tree

    n, D = X.shape
    rows = stream.named("resample").integers(0, n, (trees, n))
    seeds = stream.named("tree").integers(0, 2**31, trees)
    found = np.zeros((trees, D + 1))
    with sklearn.config_context(skip_parameter_validation=True):  # half of the time
        for k in range(trees):
            chance = stream.named("column").at(step=k).uniform((n, D + 1))
            columns = np.column_stack([X, chance[:, D]])
            columns = np.where(np.isnan(columns), chance, columns)[rows[k]]
            tree = sklearn.tree.DecisionTreeRegressor(
                max_features=looked_at, random_state=int(seeds[k])
            )
            found[k] = _shares_of(tree.fit(columns, y[rows[k]]).tree_)
    return found


def _shares_of(tree: Any) -> Array:
    """(D,) share of the variance of a tree that each column explains alone."""
    low, high, value = _boxes(tree)
    sides = high - low
    volume = sides.prod(axis=1)
    mean = (volume * value).sum()
    variance = (volume * (value - mean) ** 2).sum()
    if variance == 0:
        return np.zeros(tree.n_features)
    alone = [_variance_alone(low, high, sides, value - mean, d) for d in range(tree.n_features)]
    return np.array(alone) / variance


def _variance_alone(low: Array, high: Array, sides: Array, value: Array, d: int) -> float:
    """∫ (∫ f du of all but u_d)² du_d, of a function without a mean

    The inner integral is a staircase: it goes up where a box begins and down where it ends.
    """
    rise = value * np.delete(sides, d, axis=1).prod(axis=1)
    ends, place = np.unique(np.concatenate([low[:, d], high[:, d]]), return_inverse=True)
    stairs = np.cumsum(np.bincount(place, np.concatenate([rise, -rise])))[:-1]
    return float((np.diff(ends) * stairs**2).sum())


def _boxes(tree: Any) -> tuple[Array, Array, Array]:
    """(leaves, D) lower and upper corners of a tree's boxes in the cube, and (leaves,) values."""
    feature, threshold = tree.feature, tree.threshold
    low = np.zeros((tree.node_count, tree.n_features))
    high = np.ones_like(low)
    level = np.array([0])
    while level.size:
        level = level[feature[level] >= 0]  # those that are no leaves
        left, right = tree.children_left[level], tree.children_right[level]
        for child in (left, right):
            low[child], high[child] = low[level], high[level]
        high[left, feature[level]] = low[right, feature[level]] = threshold[level]
        level = np.concatenate([left, right])
    leaves = feature < 0
    return low[leaves], high[leaves], tree.value[leaves, 0, 0]
