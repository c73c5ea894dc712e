"""Bayesian optimization by hand: a Gaussian process, and where to try next by what it expects.

- `encoding`: settings as points between which there is a distance.
- `warping`: losses as values that look normal.
- `gaussian_process`: mean and uncertainty everywhere, from what was tried.
- `acquisition`: how much a point can be expected to improve; `maximizing`: where it is most.
"""
