"""The table [data] of a configuration: which data, how split, prepared and varied."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


class Table(BaseModel):
    """Fixed keys, checked when it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_size(given: Any) -> Any:
    """28, "28" and "28x32" as (28, 28) and (28, 32): height, width."""
    if given is None:
        return None
    parts = re.split("[x×]", given) if isinstance(given, str) else given
    parts = parts if isinstance(parts, list | tuple) else [parts]
    sides = [int(part) if str(part).isdecimal() else 0 for part in parts]
    if len(sides) not in (1, 2) or min(sides) < 1:
        raise ValueError("a size in pixels such as 28 or 28x32, height and width")
    return (sides[0], sides[-1])


ImageSize = Annotated[tuple[int, int] | None, BeforeValidator(_as_size)]
Column = Annotated[str, Field(strict=True)] | Annotated[int, Field(strict=True)]

FILE_OPTIONS = ("target", "task", "image_size", "test")


class DataConfig(Table):
    """Which data, by name or by path; how split, prepared and varied.

    What is None is decided by the data: the target is the last column, the task what the targets
    look like, a fifth is the test part, `split_seed` is the run's seed, preprocess suits images or
    columns. target, task, image_size and test are for a path.
    """

    name: str | None = None
    path: str | None = None
    target: Column | tuple[Column, ...] | None = None
    task: Literal["classification", "regression"] | None = None
    image_size: ImageSize = None
    test: Annotated[float, Field(gt=0, lt=1, strict=True)] | None = None
    validation: Share = 0.1
    split_seed: Seed | None = None
    preprocess: tuple[str | dict[str, Any], ...] | None = None
    augment: tuple[str | dict[str, Any], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _by_default_digits(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and given.get("name") is None and given.get("path") is None:
            return {**given, "name": "digits"}
        return given

    @model_validator(mode="after")
    def _name_or_path(self) -> "DataConfig":
        if self.name is not None and self.path is not None:
            raise ValueError(f"a name or a path, not both, got {self.name!r} and {self.path!r}")
        if self.path is None:
            for option in FILE_OPTIONS:
                if getattr(self, option) is not None:
                    raise ValueError(f"{option} only beside a path: {self.name!r} has its own")
        elif not self.path or not self.path.isprintable():  # a file name of other bytes, for one
            raise ValueError("a path of letters that can be printed: rename the file or folder")
        return self

    @property
    def given(self) -> str:
        """What stands after --data: the path or the name."""
        return self.path or self.name or ""

    @property
    def title(self) -> str:
        """What the data are called: the name, or that of the file or folder."""
        return self.name or Path(self.given).stem
