"""What a configuration leaves open and its data decide: model, preprocessing, loss, an end."""

from pathlib import Path
from typing import Any

from groundup import config as configuration
from groundup.config import SMALL_CONVNET, Config, ModelConfig
from groundup.data.dataset import Task
from groundup.typing import Shape

# What features, one row a sample, are learned with by default; images keep the convolutions.
FOR_FEATURES = ModelConfig.model_validate({"name": "multi-layer", "units": 64, "depth": 2})
_JUDGED_BY: dict[Task, dict[str, Any]] = {
    "classification": {"loss": "categorical_crossentropy", "metrics": ("accuracy",)},
    "regression": {"loss": "mse", "metrics": ("mae",)},
}
# A regression has no ceiling such as 100 %: it goes on fitting noise until somebody stops it.
_STOPPED_BY = {"kind": "EarlyStopping", "patience": 5, "restore_best_weights": True}


def complete(config: Config, in_shape: Shape, task: Task) -> Config:
    """The configuration with nothing left open, so that its file means the same forever

    Args:
        config: the run.
        in_shape: of a raw sample, (D,) features or (C, H, W) images.
        task: what is to be told.

    >>> whole = complete(Config(), (4,), "classification")
    >>> whole.data.preprocess, whole.model.name, whole.train.loss
    (('standardize',), 'multi-layer', 'categorical_crossentropy')
    """
    features = len(in_shape) == 1
    judged = {
        option: value
        for option, value in _JUDGED_BY[task].items()
        if getattr(config.train, option) is None
    }
    if config.train.callbacks is None:
        stopped = task == "regression" and config.data.validation
        judged["callbacks"] = (_STOPPED_BY,) if stopped else ()
    data: dict[str, Any] = {}
    if config.data.preprocess is None:
        data["preprocess"] = ("standardize",) if features else ("rescale",)
    changes = {
        "data": config.data.model_copy(update=data),
        "model": FOR_FEATURES if features and config.model == SMALL_CONVNET else config.model,
        "train": config.train.model_copy(update=judged),
    }
    return configuration.at(config.model_copy(update=changes), Path())
