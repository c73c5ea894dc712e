"""The report of a run: the numbers given are the numbers shown."""

import dataclasses
import math
import re
import tomllib
from html import unescape

import numpy as np
import pytest

from groundup.report import LayerRow, Mistake, RunSummary, run_report
from groundup.report.run_report import headline, wilson
from groundup.report.run_summary import ClassRow, TargetRow


@pytest.fixture
def run():
    epochs = [
        {
            "epoch": place, "loss": 1.0 / (place + 1), "accuracy": 0.5 + place / 10,
            "val_loss": [0.9, 0.6, 0.7][place], "val_accuracy": [0.5, 0.6, 0.65][place],
            "learning_rate": 0.001, "seconds": 0.5,
        }
        for place in range(3)
    ]  # fmt: skip
    return RunSummary(
        name="2026-digits", data="digits", model="two-layer", seed=7,
        parameters=3760, seconds=1.5, samples_per_second=2874.2,
        test_accuracy=352 / 360, test_loss=0.0812, test_samples=360,
        val_accuracy=0.65, val_loss=0.7, samples_are="images",
        config={"seed": 7, "data": {"name": "digits", "augment": None}, "train": {"epochs": 3}},
        environment={"python": "3.11", "threads": {"blas": 2}, "cpu_features": ["avx2", "fma"]},
        epochs=epochs,
        layers=[
            LayerRow("dense_1", "Dense", (50,), 3250, 13200, 3200),
            LayerRow("dense_2", "Dense", (10,), 510, 2080, 500),
        ],
        labels=["0", "1"], confusion=np.array([[170, 5], [3, 182]]),
        mistakes=[Mistake("0", "1", 0.93, np.eye(8)[None], 41)],
        command="groundup train runs/x/config.toml",
    )  # fmt: skip


def plain(html):
    """The words of a page, without the style sheet."""
    body = html[html.index("<body>") :]
    words = unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", words)


def test_page_says_the_result_and_how_sure_it_is(run):
    words = plain(run_report(run))
    for told in (
        "2026-digits 97.8 % of 360 test images right",
        "two-layer on digits, trained for 3 epochs in 1.5 s, seed 7.",
        "95 % interval 95.7–98.9 %",
        "Test loss 0.0812",
        "Validation accuracy 65.0 % loss 0.7",
        "Parameters 3,760 in 2 layers",
        "Training time 1.5 s 2,874 samples/s",
    ):
        assert told in words


def test_best_epochs_are_named_from_one(run):
    words = plain(run_report(run))
    assert (
        "The lowest validation loss is 0.6 in epoch 2 and the highest validation accuracy is "
        "65.0 % in epoch 3." in words
    )


def test_curves_confusions_mistakes_layers_and_environment(run):
    html = run_report(run)
    words = plain(html)
    assert html.count('role="img"') == 3  # loss, accuracy, confusion matrix
    assert "true taken for times of its class 0 1 5 2.9 % 1 0 3 1.6 %" in words
    assert "0 → 1 93.0 % no. 41" in words
    assert "dense_1 Dense 50 3,250 12.9 KiB 3,200" in words
    assert "total 3,760 14.9 KiB 3,700" in words
    assert "threads.blas 2 cpu_features avx2, fma" in words
    assert "groundup train runs/x/config.toml" in words


def test_configuration_can_be_copied(run):
    config = re.findall(r"<pre><code>(.*?)</code></pre>", run_report(run), re.S)[1]
    assert tomllib.loads(unescape(config)) == {
        "seed": 7,
        "data": {"name": "digits"},
        "train": {"epochs": 3},
    }


def test_learning_rate_is_drawn_only_where_it_changes(run):
    changing = [
        epoch | {"learning_rate": 0.1 / (place + 1)} for place, epoch in enumerate(run.epochs)
    ]
    html = run_report(dataclasses.replace(run, epochs=changing))
    assert html.count('role="img"') == 4
    assert "<title>Learning rate</title>" in html


def test_another_metric_has_its_own_chart(run):
    epochs = [epoch | {"top_5": 0.9, "val_top_5": 0.8} for epoch in run.epochs]
    assert "<title>Top 5</title>" in run_report(dataclasses.replace(run, epochs=epochs))


def test_samples_that_are_no_pictures_are_listed(run):
    listed = dataclasses.replace(run, mistakes=[Mistake("0", "1", 0.93, None, 41)])
    words = plain(run_report(listed))
    assert "sample true predicted probability 41 0 1 93.0 %" in words


def test_a_run_that_diverged(run):
    epochs = [{"epoch": 0, "loss": 2.3}, {"epoch": 1, "loss": 4e4}, {"epoch": 2, "loss": math.nan}]
    html = run_report(
        RunSummary("r", "d", "m", 0, 9, 0.1, epochs=epochs, warning="The loss is not finite.")
    )
    words = plain(html)
    assert "No result on test data" in words
    assert "The loss is not finite." in words
    assert "training NaN" in words
    assert "10,000" in words  # a logarithmic axis


def test_a_run_without_anything():
    words = plain(run_report(RunSummary("r", "d", "m", 0, 0, 0.0)))
    assert "No epoch was finished." in words
    assert "m on d, not trained, seed 0." in words
    assert "Most confident mistakes" not in words


def test_a_run_without_mistakes(run):
    perfect = dataclasses.replace(run, mistakes=[], confusion=np.diag([2, 3]), test_accuracy=1.0)
    words = plain(run_report(perfect))
    assert "Not one mistake" in words
    assert "Most frequent confusions" not in words
    assert "100 % of 360 test images right" in words


def test_regression_has_a_loss_for_headline():
    run = RunSummary("r", "d", "m", 0, 9, 0.1, test_loss=0.25, test_samples=1200)
    assert headline(run) == "A loss of 0.25 on 1,200 test samples"


def test_names_are_escaped(run):
    nasty = "<script>alert(1)</script>"
    html = run_report(
        dataclasses.replace(
            run, name=nasty, data=nasty, model=nasty, labels=[nasty, "b"], warning=nasty,
            command=nasty, footer=nasty, config={nasty: nasty}, environment={nasty: nasty},
            mistakes=[Mistake(nasty, "b", 0.9, np.eye(2))],
            layers=[LayerRow(nasty, nasty, (1,), 1, 1, 1)],
        )
    )  # fmt: skip
    assert "<script" not in html


def test_same_run_same_bytes_and_nothing_loaded(run):
    html = run_report(run)
    assert html == run_report(run)
    assert not re.search(r"https?://", html)


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    # R: prop.test(x, n, correct = FALSE)$conf.int
    [(0.9, 30, 0.7438, 0.9654), (1.0, 4, 0.5101, 1.0), (0.0, 10, 0.0, 0.2775)],
)
def test_wilson(share, n, low, high):
    assert wilson(share, n) == pytest.approx((low, high), abs=1e-4)


def test_each_class_has_a_row_and_the_classes_a_mean(run):
    rows = [
        ClassRow("zero", 175, 170 / 175, 170 / 173, 0.977, 0.99876),
        ClassRow("one", 0, math.nan, 0.0, 0.0, math.nan),
    ]
    macro = {"recall": 0.5, "precision": 0.4, "f1": 0.3, "auc": 0.99876}
    words = plain(run_report(dataclasses.replace(run, classes=rows, macro=macro)))
    assert "Class by class" in words
    assert "zero 175 97.1 % 98.3 % 97.7 % 0.9988" in words
    assert "one 0 – 0 % 0 % –" in words
    assert "mean over classes 175 50.0 % 40.0 % 30.0 % 0.9988" in words
    assert "Class by class" not in plain(run_report(run))


class TestRegression:
    @pytest.fixture
    def values(self, run):
        true = np.array([10.0, 20.0, 30.0, 40.0])
        target = TargetRow("price", true, true + np.array([0, 1, 0, -4]), 0.966, 1.25, 2.06)
        return dataclasses.replace(
            run, test_accuracy=None, val_accuracy=None, confusion=None, mistakes=(), labels=(),
            test_r2=0.966, targets=[target], test_samples=4, samples_are="samples",
        )  # fmt: skip

    def test_it_says_r2_and_errors_in_units(self, values):
        words = plain(run_report(values))
        assert "R² of 0.966 on 4 test samples" in words
        assert "Mean absolute error 1.25 root mean square 2.06" in words
        assert "What is taken for what" not in words

    def test_it_draws_predictions_residuals_and_the_largest_errors(self, values):
        page = run_report(values)
        words = plain(page)
        for title in ("Predicted over true", "Residuals over predicted", "Residuals 4 values"):
            assert title in words
        assert page.count("<circle cx") >= 8
        assert "3 40 36 4 1 20 21 −1" in words  # sample, true, predicted, their difference

    def test_several_targets_have_a_table(self, values):
        more = [dataclasses.replace(values.targets[0], name=f"target {k}") for k in range(8)]
        words = plain(run_report(dataclasses.replace(values, targets=more)))
        assert "target 7 0.966 1.25 2.06" in words
        assert "The first 6 of 8 targets are drawn." in words
        assert words.count("Largest errors") == 6

    def test_what_a_loss_of_one_means_is_told_where_it_is_so(self, values):
        told = "A loss of 1 is that of always answering the mean"
        assert told not in plain(run_report(values))
        counted = dataclasses.replace(values, config={"train": {"loss": "mse"}})
        assert told in plain(run_report(counted))
