"""What is said of a study follows from its trials."""

import pytest

from groundup.report.numbers import THIN
from groundup.tune.methods import Narrowing
from groundup.tune.pages import tables, words
from groundup.tune.records import Terms
from groundup.tune.stoppings import Median

RATES = [{"optimizer.learning_rate": rate, "model.l2": 1e-6} for rate in (0.01, 0.02, 0.03)]


def plainly(text):
    return text.replace(THIN, " ")


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([0.5, 0.9, 0.7], {"tried": RATES},
         "Best of 3 trials: 90.00 % validation accuracy with learning_rate 0.02 and l2 10⁻⁶"),
        ([0.5, 0.9, None], {"tried": RATES}, "Best of 2 trials so far: 90.00 %"),
        ([0.5, 0.9], {"trials": 100}, "Best of 2 trials so far: 90.00 %"),
        ([0.5, 0.9], {"trials": 100, "test": 0.8}, "Best of 2 trials: 90.00 %"),
        ([0.25], {}, "The only trial: 25.00 %"),
        ([2.5, 0.75], {"metric": "loss"}, "Best of 2 trials: 0.75 validation loss"),
        (["NaN", "NaN"], {}, "All 2 trials failed"),
        (["NaN"], {}, "The only trial failed"),
        (["NaN", (0.9,)], {}, "No trial was finished: 1 stopped and 1 failed"),
        ([], {}, "No trial yet"),
    ],
)  # fmt: skip
def test_the_headline(study_of, values, options, said):
    study = study_of(values, **options)
    assert plainly(words.headline(study)).startswith(said)
    assert str(study) == words.headline(study)


def test_one_that_was_stopped_is_never_the_best(study_of):
    study = study_of([0.5, (0.99,)])
    assert [row[0] for row in words.best_trials(study).rows] == ["0"]
    assert "50.00" in words.headline(study)


def test_the_lead_tells_how_trials_ended_and_what_the_test_data_say(study_of):
    study = study_of([0.5, (0.3,), "NaN", 0.9], test=0.85)
    assert plainly(words.lead(study)) == (
        "Random search over learning_rate and l2 on digits: 4 trials of 4 epochs, 2 finished, "
        "1 stopped and 1 failed. The final network has 85.00 % test accuracy."
    )


def test_the_best_of_many_is_optimistic_and_the_test_score_is_fair(study_of):
    first, fair = words.cautions(study_of([0.5, 0.6, "NaN"], test=0.4))
    assert first.startswith("The best of 2 validation values is too good")
    assert "The test score is the fair one" in fair
    assert "nothing has looked at them yet" in words.cautions(study_of([0.5, 0.6]))[1]
    assert words.cautions(study_of([0.5], test=0.4)) == []


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (Terms(budget=90), "No trial began after 1 min 30 s, so another run may differ."),
        (Terms(timeout=5), "Trials were given up after 5 s, so another run may differ."),
        (Terms(asynchronous=True), "as soon as others ended, so another run may differ."),
    ],
)
def test_what_depends_on_speed_is_said(study_of, terms, said):
    study = study_of([0.5, 0.6], terms=terms)
    assert plainly(words.cautions(study)[-1]).endswith(said)
    assert plainly(words.sameness(study)).endswith(said)


def test_what_makes_another_run_the_same(study_of):
    alone = "The same plan and seed give the same trials for any number of workers."
    assert words.sameness(study_of([0.5])) == alone
    batched = words.sameness(study_of([0.5], stopping=Median(warmup_epochs=1), batch=7))
    assert batched == f"{alone} Each 7 trials were suggested together, from what was known " \
                      "before; so many can run side by side."  # fmt: skip


def test_the_edge_of_the_space_is_named(study_of):
    tried = [{"optimizer.learning_rate": 0.1, "model.l2": 1e-6}]
    assert words.edges(study_of([0.5], tried=tried)) == (
        "The best learning_rate (log:0.0001..0.1) lies at the end of its range: a better value may "
        "lie beyond."
    )
    assert words.edges(study_of([0.5], tried=RATES)) == ""
    assert words.edges(study_of(["NaN"])) == ""


def test_the_best_trials_are_ranked_and_equals_keep_their_order(study_of):
    table = words.best_trials(study_of([0.5, 0.9, 0.7, 0.9, None, "NaN"]), most=3)
    assert table.columns == ["trial", "validation accuracy", "training", "epochs",
                             "learning_rate", "l2"]  # fmt: skip
    assert [(row[0], plainly(row[1]), plainly(row[2])) for row in table.rows] == [
        ("1", "90.00 %", "99.00 %"), ("3", "90.00 %", "99.00 %"), ("2", "70.00 %", "77.00 %"),
    ]  # fmt: skip
    lowest = words.best_trials(study_of([0.5, 0.3, 0.7], metric="loss"))
    assert [row[1] for row in lowest.rows] == ["0.3", "0.5", "0.7"]


def test_a_setting_that_is_not_there_is_a_dash(study_of):
    space = {"optimizer.name": ["sgd", "adam"],
             "optimizer.momentum": {"kind": "uniform", "low": 0.5, "high": 0.9,
                                    "when": {"optimizer.name": "sgd"}}}  # fmt: skip
    tried = [{"optimizer.name": "adam"}, {"optimizer.name": "sgd", "optimizer.momentum": 0.75}]
    study = study_of([0.5, 0.4], space, tried=tried)
    assert [row[-2:] for row in words.best_trials(study).rows] == [["adam", "–"], ["sgd", "0.75"]]
    assert words.space(study).rows[1] == [
        "optimizer.momentum", "uniform:0.5..0.9", "optimizer.name = sgd", "–"
    ]  # fmt: skip


def test_how_trials_ended_and_what_they_took(study_of):
    rows = tables.states(study_of([0.5, (0.3,), "NaN", 0.9, None])).rows
    assert [[plainly(cell) for cell in row] for row in rows] == [
        ["finished", "2", "8", "16 s"], ["stopped", "1", "1", "2 s"], ["failed", "1", "0", "0.5 s"],
        ["waiting or running", "1", "0", "0 s"],
    ]  # fmt: skip
    ended = tables.states(study_of([0.5, None], test=0.4)).rows
    assert [row[0] for row in ended] == ["finished", "interrupted"]


def test_failures_are_grouped_by_their_reason(study_of):
    rows = tables.failures(study_of(["out of memory", "NaN", 0.5, "NaN"])).rows
    assert rows == [["NaN", "2", "1 and 3"], ["out of memory", "1", "0"]]


def test_the_epochs_that_stopping_saved(study_of):
    assert words.saved(study_of([0.5, (0.3,), (0.2,), 0.9, "NaN", None])) == 6 / 16
    assert words.saved(study_of([0.5])) == 0.0
    assert words.saved(study_of([])) == 0.0


def test_how_the_search_was_set_up(study_of):
    study = study_of([0.5], method=Narrowing(samples=6, keep=0.5), terms=Terms(budget=60), seed=3)
    rows = dict(tables.options(study).rows)
    assert rows["method"] == "narrowing, samples 6, keep 0.5"
    assert rows["stopping"] == "none"
    assert (rows["seed"], plainly(rows["budget"])) == ("3", "1 min 0 s")
    assert "timeout" not in rows


def test_names_are_as_short_as_is_clear():
    paths = ["optimizer.name", "model.units", "data.units", "model.name", "train.batch_size"]
    assert list(words.shortened(paths).values()) == [
        "optimizer", "model.units", "data.units", "model", "batch_size"
    ]  # fmt: skip


def test_layers_are_settings_too():
    layer = {"kind": "Dense", "units": 50}
    assert words.setting_words([layer, {"kind": "Dropout", "rate": 0.25}]) == (
        "kind Dense units 50, kind Dropout rate 0.25"
    )
