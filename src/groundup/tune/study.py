"""A study: the plan, every trial, and what came of the best settings, as data."""

from dataclasses import dataclass, field
from pathlib import Path

from groundup import config as configuration
from groundup.config import Config
from groundup.errors import InputError
from groundup.tune.history import History, Trial
from groundup.tune.plan import Plan
from groundup.tune.records import Terms


@dataclass(frozen=True)
class Final:
    """The network of the best settings, and the only look at the test data.

    Args:
        number: of the trial whose settings were chosen.
        scores: "val_…" and "test_…" of the network in the end.
        folder: its run directory; "" if none was kept.
    """

    number: int
    scores: dict[str, float]
    folder: str = ""


@dataclass(frozen=True, repr=False)
class Study:
    """What came of a search, so far or in the end.

    Args:
        plan: what was searched.
        history: every trial that was begun; those that run, or were interrupted, are "running".
        final: None until the search has ended.
        terms: how it was carried out.
    """

    plan: Plan
    history: History
    final: Final | None = None
    terms: Terms = field(default_factory=Terms)

    @property
    def best(self) -> Trial | None:
        """The finished trial with the best value on the validation data."""
        return self.history.best_trial

    @property
    def config(self) -> Config:
        """That of the best settings, which `groundup train` takes; InputError if there are none."""
        if self.best is None:
            raise InputError("no trial has been finished, so there are no best settings yet.")
        return self.plan.configured(self.best.settings)

    def to_toml(self) -> str:
        """The same as the text of a file."""
        return configuration.to_toml(self.config)

    def save(self, path: Path | str) -> None:
        """Write the page of the study, one self-contained file; StorageError if that fails."""
        from groundup.report.page import write_page
        from groundup.tune.pages.page import study_page

        write_page(path, study_page(self))

    def __str__(self) -> str:
        from groundup.tune.pages.words import headline

        return headline(self)

    def __repr__(self) -> str:
        return f"<Study: {self}>"

    def _repr_html_(self) -> str:
        from groundup.tune.pages.notebook import notebook

        return notebook(self)
