"""Policies: of several short lists of operations, one is drawn for each sample in each epoch.

This is what AutoAugment searches for.   [Cubuk et al. 2019, "AutoAugment: Learning augmentation
strategies from data", section 3]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from groundup.checks import refusal
from groundup.data.augment.operation import Augmentation, Numbers, Pixelwise, augmentations
from groundup.data.augment.pipeline import Augment
from groundup.errors import ConfigError
from groundup.ops import Draws
from groundup.registry import describe
from groundup.storage import read_toml, shown, write_text
from groundup.typing import Array

USUAL = (("rotation", "shift"), ("zoom", "noise"))


@augmentations.register(name="policy")
@dataclass(frozen=True)
class Policy(Pixelwise):
    """Draws one of its sub-policies for each sample, and applies its operations in their order.

    y = operation_sk(… operation_s1(x))    s ~ Uniform{1, …, S}

    An operation's own probability and magnitude count inside its sub-policy; the policy's magnitude
    multiplies all of theirs. Samples that drew the same sub-policy are worked on together.

    Args:
        subpolicies: S lists of operations: objects, names, "NAME:MAGNITUDE" or tables with a
            "name". Raises InputError for none, or for an empty one.

    >>> import groundup as gu
    >>> policy = gu.Policy([["rotation", {"name": "shift", "probability": 0.8}], ["zoom:0.5"]])
    >>> (x, y), _ = gu.datasets.digits.load_data()
    >>> gu.Augment([policy])(x[:32], range(32), gu.Stream(seed=0).at(epoch=3)).shape
    (32, 8, 8)
    """

    subpolicies: Sequence[Sequence[Any]] = USUAL

    def __post_init__(self) -> None:
        super().__post_init__()
        if not _is_list(self.subpolicies) or not all(map(_is_list, self.subpolicies)):
            expected = 'a list of lists of operations, such as [["rotation", "shift"], ["noise"]]'
            raise refusal("subpolicies", self.subpolicies, expected, "Policy")
        resolved = tuple(tuple(map(augmentations.resolve, one)) for one in self.subpolicies)
        object.__setattr__(self, "subpolicies", resolved)

    @property
    def parts(self) -> tuple[Augmentation, ...]:
        return tuple(part for one in chain.from_iterable(self.subpolicies) for part in one.parts)

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        drawn = np.floor(numbers[:, 0] * len(self.subpolicies)).astype(np.int64)
        y = np.empty_like(x)
        for place in np.unique(drawn):
            group = drawn == place
            own = Draws(draws.stream.named(f"subpolicy_{place + 1}"), draws.samples[group])
            y[group] = self._pipelines[place].apply(x[group], own, low, high)
        return y

    @cached_property
    def _pipelines(self) -> tuple[Augment, ...]:
        return tuple(
            Augment([replace(op, magnitude=self.magnitude * op.magnitude) for op in one])
            for one in self.subpolicies
        )

    def table(self) -> dict[str, Any]:
        """As it stands in `[data] augment` of a configuration

        >>> Policy([["zoom", "shift:0.5"]]).table()["subpolicies"]
        [[{'name': 'zoom'}, {'name': 'shift', 'magnitude': 0.5}]]
        """
        own = {key: value for key, value in describe(self).items() if key != "kind"}
        listed = [[_table(op) for op in one] for one in self.subpolicies]
        return {"name": "policy"} | own | {"subpolicies": listed}

    def save(self, path: Path | str) -> None:
        """Write it as a file that `load` reads, and that `groundup train` takes as a configuration

        Raises StorageError where the file cannot be written.
        """
        write_text(path, tomli_w.dumps({"data": {"augment": [self.table()]}}))

    @classmethod
    def load(cls, path: Path | str) -> "Policy":
        """The policy in a file that `save` wrote, or in any configuration that has one

        Raises ConfigError for a file with no policy or several.
        """
        data = read_toml(path).get("data")
        listed = data.get("augment") if isinstance(data, Mapping) else None
        listed = listed if isinstance(listed, list) else ()
        found = [one for one in listed if isinstance(one, Mapping) and _is_policy(one)]
        if len(found) != 1:
            raise ConfigError(
                f"{shown(path)} holds {len(found)} policies: expected one, such as [[data.augment]]"
                ' with name = "policy" and subpolicies = [[{ name = "rotation" }]].'
            )
        policy = augmentations.resolve(found[0])
        assert isinstance(policy, cls)
        return policy


def _is_list(given: Any) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str) and len(given) > 0


def _is_policy(table: Mapping[str, Any]) -> bool:
    return str(table.get("kind", table.get("name"))).lower() == "policy"


def _table(op: Augmentation) -> dict[str, Any]:
    if isinstance(op, Policy):
        return op.table()
    rest = {key: value for key, value in describe(op).items() if key != "kind"}
    return {"name": augmentations.name_of(type(op))} | rest
