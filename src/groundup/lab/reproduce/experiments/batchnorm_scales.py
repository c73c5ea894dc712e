"""6-batchnorm-16-scales: learning with and without batch normalization, by the first weights."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import MultiLayer
from groundup.report.series import Series
from groundup.report.small_multiples import small_multiples
from groundup.train.callback import Answer, Callback, Context, Stop
from groundup.errors import Diverged
from groundup.typing import Array

SCALES: Final = np.logspace(0, -4, 16)
KINDS: Final = {"with batch normalization": True, "without": False}
CHANCE: Final = 0.2  # ten classes; below this nothing is learned
