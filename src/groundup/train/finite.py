"""What a training remembers, and whether all of it is finite."""

import numpy as np

from groundup.train.learner import Learner


def not_finite(learner: Learner) -> str:
    """What is infinite or NaN of all that the next step begins with, in words; "" if nothing is

    Running statistics and an optimizer's means may leave float32 while loss, gradient and weights
    stay finite: a mean of squares of 1e30 would make every later step 0.
    """
    means = [slot for slot in learner.slots.values() if isinstance(slot, np.ndarray)]
    remembered = {
        "parameters": [learner.vector],
        "running statistics": [learner.running],
        "means of the optimizer": means,
    }
    for words, arrays in remembered.items():
        if not all(np.isfinite(array).all() for array in arrays):
            return words
    return ""
