"""Comparisons: the numbers of single runs put side by side, each made once, alike everywhere."""

import csv
import json

import numpy as np
import pytest

import groundup as gu
from groundup.config import from_mapping
from groundup.data import dataset as datasets
from groundup.data.split import train_validation_split
from groundup.errors import InputError, Interrupted, StorageError
from groundup.lab import compare, resume, runs
from groundup.lab.files import plain
from groundup.lab.folder import LOG
from groundup.lab.tuning import rates
from groundup.report.measure import Measure
from groundup.rng import Stream
from groundup.statistics.pairs import paired_t, pairs_needed
from groundup.storage import Log, read_log
from groundup.train.executor import local_pool
from groundup.train.run import run
from groundup.train.threads import limited_threads

DIGITS = datasets.load("digits")
SMALL = {
    "seed": 3,
    "model": {"name": "multi-layer", "units": 12, "depth": 1},
    "train": {"epochs": 2, "batch_size": 100},
}
OPTIMIZERS = {"optimizer": ["sgd", "adam", "adagrad"]}
SMOOTH = {"kind": "CategoricalCrossentropy", "label_smoothing": 0.1}
SAME = ("results.csv", "comparison.csv", "curves.csv", "config.toml")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(path):
    return {name: (path / name).read_bytes() for name in SAME}


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """A whole comparison, and its folder; only to be read."""
    path = tmp_path_factory.mktemp("lab") / "whole"
    return compare(SMALL, OPTIMIZERS, seeds=3, out=path), path


def test_the_values_are_those_of_single_runs(tuned, tmp_path) -> None:
    standing = tuned[0].standings[0]
    values = {one.name: one.values for one in standing.scores}
    for name in ("sgd", "adam"):
        for place, seed in enumerate((3, 4)):
            config = from_mapping({
                **SMALL, "seed": seed, "data": {"split_seed": 3}, "optimizer": {"name": name},
            })  # fmt: skip
            with limited_threads(1):
                result, directory = run(config, tmp_path / f"{name}-{seed}")
            assert values[name][place] == result.test_accuracy
            found = next(
                one for one in tuned[0].runs if one.key == (name, found_rate(tuned[0], name), seed)
            )
            assert found.scores["test_loss"] == result.test_loss
            assert found.curves["val_loss"] == [
                record["val_loss"] for record in directory.records("epoch")
            ]


def found_rate(comparison, name):
    return next(one.rate for one in comparison.survey.entrants if one.name == name)


def test_also_by_fit_and_evaluate(tuned) -> None:
    """Without configurations: the same network, data and steps."""
    (x, y), (x_test, y_test) = gu.datasets.digits.load_data()
    x, x_test = x[:, None], x_test[:, None]
    model = gu.Sequential(
        [gu.Flatten(), gu.Dense(12, "relu", kernel_initializer="he_normal"),
         gu.Dense(10, "softmax", kernel_initializer="he_normal")],
        seed=3, preprocess=["rescale"],
    )  # fmt: skip
    model.compile(gu.Adam(), "categorical_crossentropy", metrics=["accuracy"])
    with limited_threads(1):
        model.fit(x, y, epochs=2, batch_size=100, validation_split=0.1, verbose=0)
        accuracy = model.evaluate(x_test, y_test)["accuracy"]
    adam = next(one for one in tuned[0].standings[0].scores if one.name == "adam")
    assert adam.values[0] == pytest.approx(accuracy, abs=0.05)


def test_statistics_are_those_of_the_values(tuned) -> None:
    for standing in tuned[0].standings:
        values = {one.name: np.array(one.values) for one in standing.scores}
        means = [one.mean for one in standing.scores]
        assert means == sorted(means, reverse=True)
        assert means == [pytest.approx(values[one.name].mean()) for one in standing.scores]
        assert len(standing.differences) == 3
        ps = []
        for one in standing.differences:
            by_hand = paired_t(values[one.b] - values[one.a])
            assert one.test == by_hand
            assert one.seeds_needed == pairs_needed(by_hand.effect, alpha=0.05 / 3)
            ps.append((by_hand.p, one.p))
        assert min(ps)[1] == pytest.approx(min(1, 3 * min(ps)[0]))
        assert max(ps)[1] >= max(ps)[0]
        for one in standing.differences:
            letters = {score.name: set(score.letters) for score in standing.scores}
            assert one.apart == (one.p <= 0.05) == (not letters[one.a] & letters[one.b])


def test_the_methods_take_turns() -> None:
    """So that what the first run of a process takes longer falls on no method alone."""
    made = []
    compare(SMALL, OPTIMIZERS, 2, tune=False, tell=lambda done, of, run: made.append(run))
    assert [(run.seed, run.method) for run in made[1:]] == [
        (seed, method) for seed in (3, 4) for method in OPTIMIZERS["optimizer"]
    ]


def test_rates_are_tuned_on_validation_data_with_equal_trials(tuned) -> None:
    comparison = tuned[0]
    trials = [one for one in comparison.runs if one.purpose == "tuning"]
    assert len(trials) == 3 * 7 * 2
    assert {one.seed for one in trials} == {1_000_003, 1_000_004}
    for one in trials:
        assert not any(name.startswith("test_") for name in one.scores)
    for name, found in comparison.tuned.items():
        mine = [one for one in trials if one.method == name]
        scores = {
            rate: np.mean([one.scores["val_accuracy"] for one in mine if one.rate == rate])
            for rate in rates(found_rate(comparison, name))
        }
        assert found.scores == pytest.approx(scores)
        assert scores[found.rate] == max(scores.values())
    best = {one.name: one.rate for one in comparison.final.scores}
    assert best == {name: one.rate for name, one in comparison.tuned.items()}
    assert best["sgd"] > 0.01 < comparison.tuned["sgd"].rate


def test_the_same_files_with_two_workers(tuned, tmp_path) -> None:
    path = tmp_path / "two"
    there = compare(SMALL, OPTIMIZERS, seeds=3, executor=local_pool(2), out=path)
    assert files(path) == files(tuned[1])
    assert there.runs == tuned[0].runs and str(there) == str(tuned[0])


class Counted:
    """Counts the runs that are made, and may send Ctrl-C after some."""

    def __init__(self, monkeypatch, stop_after=None):
        self.made, real = [], runs.run_trials

        def count(trials, pool, check):
            for place, outcome in real(trials, pool, check=check):
                self.made.append(trials[place])
                yield place, outcome
                if len(self.made) == stop_after:
                    import signal

                    signal.raise_signal(signal.SIGINT)
                    check()

        monkeypatch.setattr(runs, "run_trials", count)


def test_interrupted_it_goes_on_and_repeats_nothing(tuned, tmp_path, monkeypatch) -> None:
    """During the tuning, at its end, and among the last runs; with a torn log as well."""
    path, made = tmp_path / "stopped", []
    first = Counted(monkeypatch, 20)
    with pytest.raises(Interrupted, match=f"groundup compare --resume {path}"):
        compare(SMALL, OPTIMIZERS, seeds=3, out=path)
    made += first.made
    assert not (path / "results.csv").exists()
    with (path / LOG).open("ab") as log:
        log.write(b'{"kind":"run","meth')
    for more in (22, 9, 3):
        stopped = Counted(monkeypatch, more)
        with pytest.raises(Interrupted):
            resume(path)
        made += stopped.made
    rest = Counted(monkeypatch)
    again = resume(path)
    made += rest.made
    assert files(path) == files(tuned[1])
    assert again.runs == tuned[0].runs
    assert len(made) == len(tuned[0].runs)
    assert len(read_log(path / LOG)) == 1 + len(made)
    resume(path)
    assert len(rest.made) == len(made) - 54


def test_files(tuned) -> None:
    comparison, path = tuned
    results = rows(path / "results.csv")
    assert len(results) == len(comparison.runs)
    assert list(results[0])[:6] == [
        "method", "optimizer", "learning_rate", "seed", "purpose", "epochs",
    ]  # fmt: skip
    for row, one in zip(results, comparison.runs, strict=True):
        assert (row["method"], int(row["seed"])) == (one.method, one.seed)
        assert float(row["learning_rate"]) == one.rate
        for name, value in one.scores.items():
            assert float(row[name]) == value
    pairs = rows(path / "comparison.csv")
    assert [row["rates"] for row in pairs] == ["default"] * 3 + ["tuned"] * 3
    first = comparison.standings[0].differences[0]
    assert (pairs[0]["a"], pairs[0]["b"], float(pairs[0]["p_holm"])) == (first.a, first.b, first.p)
    assert len(rows(path / "times.csv")) == len(results)
    assert float(rows(path / "times.csv")[0]["seconds"]) > 0
    result = json.loads((path / "result.json").read_text("utf-8"))
    assert result["headline"] == str(comparison)
    assert result["standings"][1]["methods"][0]["name"] == comparison.final.best.name
    assert result["seeds"] == [3, 4, 5]
    curve = [row for row in rows(path / "curves.csv") if row["curve"] == "val_accuracy"]
    of_adam = [row for row in curve if (row["method"], row["rates"]) == ("adam", "default")]
    band = comparison.standings[0].curves["adam"]["val_accuracy"]
    assert [float(row["mean"]) for row in of_adam] == band.mean.tolist()
    assert len(of_adam) == 2


def test_page_and_notebook(tuned) -> None:
    comparison, path = tuned
    page = (path / "report.html").read_text("utf-8")
    for words in (
        str(comparison), "At their tuned learning rates", "At the default learning rates",
        "How the rates were tuned", "What it costs", "How it was done",
    ):  # fmt: skip
        assert words in page
    repeat = f"groundup compare {path}/config.toml --vary optimizer=sgd,adam,adagrad --seeds 3"
    assert repeat in page
    assert page.count('class="chart"') == 7  # two standings, dots and two curves each; the rates
    html = comparison._repr_html_()
    assert str(comparison) in html and "<svg" in html and "class=" not in html.split("<svg")[0]


def test_costs(tuned) -> None:
    """Adam holds two arrays beside the gradient, Adagrad one, plain descent none."""
    costs = {one.name: (one.parameters, one.memory) for one in tuned[0].survey.entrants}
    parameters = 64 * 12 + 12 + 12 * 10 + 10
    assert {one[0] for one in costs.values()} == {parameters}
    outputs = 64 + 12 + 10  # of Flatten and two Dense layers
    assert costs["sgd"][1] == 4 * (2 * parameters + 100 * outputs)
    assert costs["adagrad"][1] - costs["sgd"][1] == 4 * parameters
    assert costs["adam"][1] - costs["sgd"][1] == 8 * parameters


def test_runs_that_diverge_count_as_chance(tmp_path) -> None:
    wild = compare(
        {**SMALL, "optimizer": {"name": "sgd"}}, {"learning_rate": [1e30, 0.1]}, seeds=3,
        out=tmp_path / "wild",
    )  # fmt: skip
    assert not wild.tuned and len(wild.standings) == 1
    good, bad = wild.final.scores
    assert (bad.name, bad.diverged, good.diverged) == ("learning_rate=1e+30", 3, 0)
    train = train_validation_split(DIGITS.y_train, 0.1, Stream(3))[0]
    most = np.bincount(DIGITS.y_train[train]).argmax()
    assert bad.values == (float((DIGITS.y_test == most).mean()),) * 3
    diverged = [row for row in rows(tmp_path / "wild" / "results.csv") if row["diverged"]]
    assert len(diverged) == 3
    assert {float(row["test_accuracy"]) for row in diverged} == set(bad.values)
    assert "3 of 3" in (tmp_path / "wild" / "report.html").read_text("utf-8")
    assert wild.final.curves[bad.name] == {}  # not one epoch was finished


def test_regression_is_compared_by_loss() -> None:
    found = compare(
        {"data": {"name": "diabetes"}, "train": {"epochs": 2}}, {"units": [4, 32]}, seeds=2,
        tune=False,
    )  # fmt: skip
    assert (found.survey.measure.name, found.survey.measure.best) == ("loss", "low")
    first, second = found.final.scores
    assert first.mean < second.mean
    assert found.final.differences[0].test.mean > 0
    data = datasets.sources.resolve("diabetes").load()
    y = data.y_train[train_validation_split(data.y_train, 0.1, Stream(0))[0]]
    by_hand = np.mean((data.y_test - y.mean()) ** 2) / y.var()
    assert found.survey.entrants[0].chance["test_loss"] == pytest.approx(by_hand, rel=1e-5)


def test_a_method_against_itself_is_no_difference() -> None:
    same = [{"kind": "Flatten"}, {"kind": "Dense", "units": 10, "activation": "softmax"}]
    arms = {"A": same, "again": [dict(layer) for layer in same]}
    found = compare(SMALL, {"layers": arms}, seeds=3, tune=False)
    assert str(found) == "A and again cannot be told apart"
    (difference,) = found.final.differences
    assert (difference.test.mean, difference.p, difference.seeds_needed) == (0.0, 1.0, None)
    assert found.final.groups == (("A", "again"),)


def test_the_order_of_methods_and_other_seeds_do_not_matter(tuned) -> None:
    turned = compare(SMALL, {"optimizer": ["adam", "sgd"]}, seeds=2, tune=False)
    mine = {one.name: one.values for one in turned.final.scores}
    whole = {one.name: one.values for one in tuned[0].standings[0].scores}
    assert mine == {name: whole[name][:2] for name in ("adam", "sgd")}


@pytest.mark.parametrize(
    ("config", "vary", "message"),
    [
        ({"data": {"validation": 0.0}}, {}, "--no-tune"),
        ({"optimizer": {"name": "sgd", "learning_rate": {"kind": "StepDecay",
          "initial_learning_rate": 0.1, "drop": 0.5, "every": 10}}},
          {"init": ["he", "xavier"]}, "schedule"),
        ({}, {"optimizer": ["sgd", "adm"]}, "Did you mean 'adam'"),
        ({}, {"units": [3, -1]}, "units"),
        ({"data": {"name": "diabetes"}}, {"loss": ["mse", "huber"]}, "different losses"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_before_any_training(tmp_path, config, vary, message) -> None:
    with pytest.raises(InputError, match=message):
        compare({**SMALL, **config}, vary or OPTIMIZERS, seeds=2, out=tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_a_folder_that_exists_is_refused(tuned) -> None:
    with pytest.raises(InputError, match="already exists"):
        compare(SMALL, OPTIMIZERS, out=tuned[1])


def test_two_writers_are_refused(tuned) -> None:
    with Log(tuned[1] / LOG), pytest.raises(StorageError, match=LOG):
        resume(tuned[1])


def test_what_is_no_comparison_is_not_gone_on_with(tmp_path) -> None:
    with pytest.raises(InputError, match="holds no comparison"):
        resume(tmp_path)


def test_progress_is_told() -> None:
    heard = []
    compare(SMALL, {"init": ["he", "xavier"]}, seeds=2, tune=False,
            tell=lambda *told: heard.append(told))  # fmt: skip
    assert [one[:2] for one in heard] == [(k, 4) for k in range(5)]
    assert heard[0][2] is None and heard[4][2].method == "xavier"


def test_plain_data_hold_nothing_but_json(tuned) -> None:
    json.dumps(plain(tuned[0]), allow_nan=False)


def test_differences_in_words() -> None:
    accuracy, loss = Measure("accuracy", "high", 100), Measure("loss", "low", 100)
    assert [accuracy.difference(x) for x in (0.0123, -0.00001, -0.5)] == ["+1.23", "0.00", "−50.00"]
    assert loss.difference(0.25) == "+0.25"


def test_losses_vary_where_accuracy_judges() -> None:
    losses = {"plain": "categorical_crossentropy", "smooth": SMOOTH}
    found = compare(SMALL, {"loss": losses}, seeds=2, tune=False)
    assert found.survey.measure.name == "accuracy"
    assert [one.config.train.loss for one in (e.method for e in found.survey.entrants)] == [
        "categorical_crossentropy", SMOOTH,
    ]  # fmt: skip
