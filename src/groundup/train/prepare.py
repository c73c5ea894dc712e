"""The last steps from checked examples to a training: the same for `fit` and for runs."""

from typing import Any

from groundup.train.inputs import hold_out, weigh_classes
from groundup.train.learner import Examples, Learner


def prepare(
    learner: Learner,
    train: Examples,
    validation: Examples | float,
    class_weight: Any,
    batch_size: int,
    split_seed: int | None = None,
) -> tuple[Examples, Examples | None, list[str]]:
    """(to train with, to validate with, what to tell of it); a rehearsal finds what does not fit

    Args:
        learner: what is to be trained; preprocessing that has learned nothing yet learns here.
        train: checked examples.
        validation: others, or the share of `train` to hold out; 0 for none.
        class_weight: "balanced", {class: weight} or None, for training alone.
        batch_size: samples in an update.
        split_seed: of the validation samples; by default the learner's.

    Raises:
        InputError: a share, weight or shape that cannot be right.
    """
    notes, held = list[str](), None
    if isinstance(validation, Examples):
        held = validation
    elif validation:
        split_seed = learner.seed if split_seed is None else split_seed
        train, held = hold_out(train, validation, split_seed)
        notes.append(
            f"validation_split: {len(train):,} samples to train, {len(held):,} to validate, "
            f"shuffled and stratified with seed {split_seed}"
        )
    train = weigh_classes(train, class_weight, learner.network.out_shape[-1])
    if learner.preparation.parameters is None:
        learner.preparation.fit(train.x)
    learner.rehearse(train, batch_size)
    return train, held, notes
