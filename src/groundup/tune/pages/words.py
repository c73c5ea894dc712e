"""A study in words, and in rows of words: for the terminal, the page and notebooks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from groundup.report import numbers
from groundup.report.words import Table, listed
from groundup.tune.dimensions import Categorical
from groundup.tune.history import Trial
from groundup.tune.pages.explained import explained
from groundup.tune.study import Study

_MOST_SETTINGS = 3  # in a sentence
_BEST = 10
_OPEN = "waiting or running"  # the log tells what was asked for, not what has begun


def headline(study: Study) -> str:
    """The result in a sentence."""
    best, begun = study.best, len(study.history)
    if best is not None:
        found = f"{study.plan.measure.words(_value(best))} {metric(study)}"
        return f"{_of(study)}: {found} with {settings_words(study, best)}"
    if not begun:
        return "No trial yet"
    count = counts(study)
    if count.get("failed", 0) == begun:
        return "The only trial failed" if begun == 1 else f"All {begun} trials failed"
    return f"No trial was finished: {_counted(count)}"


def lead(study: Study) -> str:
    """What was done, in two sentences at most."""
    epochs, names = study.plan.search.epochs, list(short_names(study).values())
    whole = f" of {numbers.count(epochs)} epochs" if epochs > 1 else ""
    done = (
        f"{explained(study.plan.search.method).title} over {listed(names)} on "
        f"{study.plan.config.data.title}: {_trials(len(study.history))}{whole}, "
        f"{_counted(counts(study)) or 'none begun'}."
    )
    return " ".join(filter(None, (done, final_words(study))))


def final_words(study: Study) -> str:
    """The score of the final network on the test data; nothing while there is none."""
    measure, found = study.plan.measure, final_score(study)
    return (
        ""
        if found is None
        else (f"The final network has {measure.words(found)} test {measure.name}.")
    )


def final_score(study: Study) -> float | None:
    """The same as a number."""
    return study.final.scores.get(f"test_{study.plan.metric}") if study.final else None


def cautions(study: Study) -> list[str]:
    """What should be kept in mind with the result, a sentence each."""
    said = []
    judged = sum(trial.value is not None for trial in study.history.trials)
    if study.best is not None and judged > 1:
        said.append(
            f"The best of {numbers.count(judged)} validation values is too good to be expected "
            "again, as chance helped to choose it."
        )
        said.append(
            "The test score is the fair one: it was taken once, for the final network alone."
            if final_words(study)
            else "Only a score on the test data will be fair; nothing has looked at them yet."
        )
    return [*said, *_speed(study)]


def _speed(study: Study) -> list[str]:
    """What made the result depend on how fast the machine was."""
    terms = study.terms
    told = {
        f"No trial began after {numbers.duration(terms.budget or 0.0)}": terms.budget,
        "Trials were suggested as soon as others ended": terms.asynchronous,
        f"Trials were given up after {numbers.duration(terms.timeout or 0.0)}": terms.timeout,
    }
    return [f"{words}, so another run may differ." for words, holds in told.items() if holds]


def sameness(study: Study) -> str:
    """What makes another run come out the same."""
    search = study.plan.search
    said = _speed(study) or [
        "The same plan and seed give the same trials for any number of workers."
    ]
    if search.next_look(0) is not None and not study.terms.asynchronous:
        said.append(
            f"Each {search.batch} trials were suggested together, from what was known before; so "
            "many can run side by side."
        )
    return " ".join(said)


def edges(study: Study) -> str:
    """A warning if the best settings lie at the end of what was searched; else nothing."""
    if study.best is None:
        return ""
    names = short_names(study)
    at_end = [
        f"{names[name]} ({dimension.words})"
        for name, dimension in study.plan.search.space.dimensions.items()
        if name in study.best.settings
        and not isinstance(dimension, Categorical)
        and study.best.settings[name] in _ends(dimension)
    ]
    if not at_end:
        return ""
    lies = "lies at the end of its range" if len(at_end) == 1 else "lie at the end of their ranges"
    return f"The best {listed(at_end)} {lies}: a better value may lie beyond."


# --- tables


def best_trials(study: Study, most: int = _BEST) -> Table:
    """The best finished trials, the best first."""
    names, own = short_names(study), ["trial", metric(study), "training", "epochs"]
    columns = [*own, *(path if name in own else name for path, name in names.items())]
    rows = [
        [
            str(trial.number),
            study.plan.measure.words(_value(trial)),
            study.plan.measure.words(trial.train_curve[-1]) if trial.train_curve else "–",
            numbers.number(trial.epochs),
            *(setting_words(trial.settings.get(name)) for name in names),
        ]
        for trial in ranked(study)[:most]
    ]  # fmt: skip
    return Table(columns, 1, rows)


def space(study: Study) -> Table:
    """Where was searched, and what was best."""
    best: Mapping[str, Any] = study.best.settings if study.best else {}
    rows = [
        [name, dimension.words, _condition(dimension.when), setting_words(best.get(name))]
        for name, dimension in study.plan.search.space.dimensions.items()
    ]
    return Table(["hyper-parameter", "values", "there if", "best"], 4, rows)


# --- parts


def ranked(study: Study) -> list[Trial]:
    """The finished trials, the best first; of equals the first."""
    finished = (trial for trial in study.history.trials if trial.state == "finished")
    return sorted(finished, key=study.history.loss)


def counts(study: Study) -> dict[str, int]:
    """How many trials ended in each state that there is, as "finished" first."""
    found = Counter(state(trial, study) for trial in study.history.trials)
    order = ("finished", "stopped", "failed", _OPEN, "interrupted")
    return {name: found[name] for name in order if found[name]}


def saved(study: Study) -> float:
    """The share of all epochs that stopping spared, from 0 to 1."""
    ended = [one for one in study.history.trials if one.state in ("finished", "stopped")]
    whole = len(ended) * study.plan.search.epochs
    spared = sum(study.plan.search.epochs - one.epochs for one in ended if one.state == "stopped")
    return spared / whole if whole else 0.0


def metric(study: Study) -> str:
    """What is searched for: "validation accuracy"."""
    return f"validation {study.plan.metric}"


def short_names(study: Study) -> dict[str, str]:
    """By its path each hyper-parameter's name."""
    return shortened(study.plan.search.space.dimensions)


def shortened(paths: Iterable[str]) -> dict[str, str]:
    """By itself each path's name: the end of it that no other has

    >>> list(shortened(["optimizer.name", "optimizer.learning_rate", "model.l2"]).values())
    ['optimizer', 'learning_rate', 'l2']
    """
    paths = list(dict.fromkeys(paths))
    return {path: _short(path, paths) for path in paths}


def settings_words(study: Study, trial: Trial) -> str:
    """Some settings in a sentence: "learning_rate 0.0083 and l2 3×10⁻⁶"."""
    names = short_names(study)
    said = [
        f"{names.get(path, path)} {setting_words(value, 2)}"
        for path, value in trial.settings.items()
    ]
    return listed(said, _MOST_SETTINGS) or "no settings"


def setting_words(value: Any, digits: int = 3) -> str:
    """One value as a reader wants to see it

    >>> setting_words(True), setting_words(3e-6), setting_words([50, 20]), setting_words(None)
    ('true', '3×10⁻⁶', '50, 20', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return numbers.number(value, digits)
    if isinstance(value, Mapping):
        return " ".join(f"{key} {setting_words(one, digits)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(setting_words(one, digits) for one in value)
    return str(value)


def _of(study: Study) -> str:
    """ "Best of 100 trials", "Best of 37 trials so far"."""
    begun, over = len(study.history), study.final is not None
    done = sum(trial.state != "running" for trial in study.history.trials)
    if over or not (done < begun or _planned(study) > done):
        return "The only trial" if done == 1 else f"Best of {numbers.count(done)} trials"
    return f"Best of {_trials(done)} so far"


def _planned(study: Study) -> int:
    """How many trials there will be, if that is known."""
    search = study.plan.search
    known = (search.trials, search.method.size(search.space))
    return min((size for size in known if size is not None), default=0)


def _trials(count: int) -> str:
    return f"{numbers.count(count)} trial{'s' if count != 1 else ''}"


def _counted(count: Mapping[str, int]) -> str:
    return listed([f"{numbers.count(many)} {name}" for name, many in count.items()])


def state(trial: Trial, study: Study) -> str:
    """How a trial ended; one that did not, in a study that has, was interrupted."""
    if trial.state != "running":
        return trial.state
    return "interrupted" if study.final is not None else _OPEN


def _value(trial: Trial) -> float:
    return float("nan") if trial.value is None else trial.value


def _ends(dimension: Any) -> tuple[Any, Any]:
    return dimension.low, dimension.high


def _condition(when: Mapping[str, Iterable[Any]]) -> str:
    return ", ".join(
        f"{name} = {' or '.join(setting_words(value) for value in values)}"
        for name, values in when.items()
    )


def _short(path: str, paths: Iterable[str]) -> str:
    """Of "optimizer.name" it is "optimizer"."""
    bare = [one.removesuffix(".name") for one in paths]
    path = path.removesuffix(".name")
    parts, others = path.split("."), [other for other in bare if other != path]
    ends = [".".join(parts[-n:]) for n in range(1, len(parts) + 1)]
    return next((end for end in ends if not any(f".{o}".endswith(f".{end}") for o in others)), path)
