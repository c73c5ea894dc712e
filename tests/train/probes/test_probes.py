"""Exams while a network learns: when they are taken, and that the training keeps its bits."""

import json

import numpy as np
import pytest

import groundup as gu
from groundup.config import from_mapping
from groundup.errors import ConfigError, Diverged, InputError
from groundup.train.loop import Training
from groundup.train.probes.curves import generalization_gaps, loss_noise
from groundup.train.probes.exam import exam_of
from groundup.train.probes.probes import SAMPLES, Probes, default_gap, probes_for
from groundup.train.recording import Kept, Recording
from groundup.train.run import assemble

X = gu.Stream(1).normal((120, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def network(learning_rate=0.5):
    layers = [gu.Dense(12), gu.BatchNormalization(), gu.ReLU(), gu.Dropout(0.3)]
    model = gu.Sequential([*layers, gu.Dense(3, "softmax")], seed=2)
    model.compile(gu.SGD(learning_rate), "categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("every", [None, 1, 3])
def test_the_training_keeps_its_bits(every) -> None:
    plain, watched = network(), network()
    options = {"epochs": 3, "verbose": 0, "validation_split": 0.2}
    a = plain.fit(X, Y, **options)
    b = watched.fit(X, Y, callbacks=[gu.Probes(every)], **options)
    assert a == b
    for name in ("vector", "running", "gradient"):
        mine, theirs = (getattr(model.learner, name) for model in (plain, watched))
        assert mine.tobytes() == theirs.tobytes()


def test_the_first_the_last_and_some_between() -> None:
    model, probes = network(), gu.Probes(every=4)
    model.fit(X, Y, 40, epochs=3, callbacks=[probes], verbose=0)  # nine updates
    assert [(exam.updates, exam.epoch) for exam in probes.exams] == [
        *[(0, 0), (1, 0), (4, 1), (8, 2), (9, 2)],
    ]
    dense = [exam.layers[0] for exam in probes.exams]
    assert [one.update is None for one in dense] == [True, False, False, False, True]
    assert {exam.samples for exam in probes.exams} == {SAMPLES}
    model.fit(X, Y, 40, epochs=1, callbacks=[probes], verbose=0)  # goes on: three more
    assert [exam.updates for exam in probes.exams] == [9, 10, 12]


def test_each_exam_is_of_the_update_before_it() -> None:
    """With plain SGD the ratio is that of the weights before and after, whoever counts."""

    class Weights(gu.Callback):
        def __init__(self):
            self.seen = []

        def on_epoch_begin(self, context):
            if not self.seen:
                self.keep(context)

        def on_batch_end(self, context):
            self.keep(context)

        def keep(self, context):
            arrays = {path: array for path, array, _ in context.named_arrays()}
            self.seen.append(arrays["dense_1/W"].astype(float))

    model, probes, weights = network(), gu.Probes(every=2), Weights()
    model.fit(X, Y, 40, epochs=2, callbacks=[weights, probes], verbose=0)
    for exam in probes.exams:
        if exam.updates:
            old, new = weights.seen[exam.updates - 1 : exam.updates + 1]
            ratio = np.linalg.norm(new - old) / np.linalg.norm(old)
            assert exam.layers[0].update == pytest.approx(ratio, rel=1e-4)


def test_exams_look_at_all_samples_in_turn() -> None:
    seen = []

    class Spy(Probes):
        def on_train_begin(self, context):
            examine = context.examine
            context.examine = lambda which, *rest: seen.append(which) or examine(which, *rest)
            return super().on_train_begin(context)

    network().fit(X, Y, 40, epochs=2, callbacks=[Spy(every=1)], verbose=0)
    found = np.concatenate(seen)
    assert sorted(found[:120]) == list(range(120))
    assert (found[:120] == found[120:240]).all()


def test_a_small_training_set_is_looked_at_whole() -> None:
    probes = gu.Probes()
    network().fit(X[:7], Y[:7], callbacks=[probes], verbose=0)
    assert [exam.samples for exam in probes.exams] == [7, 7]


def test_the_default_rate_is_low_and_bounded() -> None:
    for batch_size in (1, 8, 32, 100, 128, 512):
        for updates in (100, 1_000, 30_000, 1_000_000):
            due = [u for u in range(1, min(updates, 70_000)) if u % default_gap(u, batch_size) == 0]
            assert len(due) <= 60
    assert sum(u % default_gap(u, 100) == 0 for u in range(1, 1025)) == 8


def test_records_in_memory() -> None:
    config = from_mapping(
        {
            "model": {"name": "keras-dnn", "units": 8, "depth": 1},
            "train": {"epochs": 2, "batch_size": 300, "log_every": 1, "probes": 3},
        }
    )
    made, kept = assemble(config), Kept()
    callbacks = [*probes_for(config.train.probes), Recording(kept, 1)]
    Training(made.learner, made.train, made.validation, made.plan, callbacks).run()
    steps = [one for one in kept if one["kind"] == "step"]
    assert len(steps) == 10
    weighted = [one["batch_loss"] * n for one, n in zip(steps, [300] * 4 + [94], strict=False)]
    assert steps[4]["loss"] == pytest.approx(sum(weighted) / 1294)
    exams = [exam_of(json.loads(json.dumps(one))) for one in kept if one["kind"] == "probe"]
    assert [exam.updates for exam in exams] == [0, 1, 3, 6, 9, 10]
    assert exams[0].plain() == {k: kept[0][k] for k in exams[0].plain()}
    (first, last) = generalization_gaps(kept)
    epochs = [one for one in kept if one["kind"] == "epoch"]
    assert (first, last) == tuple(one["val_loss"] - one["loss"] for one in epochs)
    assert 0 < loss_noise([one["batch_loss"] for one in steps]) < 1


def test_a_diverging_training_is_looked_at_and_told() -> None:
    kept = Kept()
    model = gu.Sequential([gu.Dense(5, "relu"), gu.Dense(3, "softmax")])
    model.compile(gu.SGD(1e25), "categorical_crossentropy")
    with pytest.raises(Diverged) as caught:
        model.fit(X, Y, 40, epochs=9, callbacks=[gu.Probes(), Recording(kept)], verbose=0)
    assert [one["kind"] for one in kept][-2:] == ["probe", "diverged"]
    assert (kept[-1]["epoch"], kept[-1]["step"]) == (caught.value.epoch, caught.value.step)
    assert kept[-1]["where"] == caught.value.where
    assert not np.isfinite(exam_of(kept[-2]).loss)


def test_what_a_configuration_may_say() -> None:
    assert from_mapping({}).train.probes is True
    assert probes_for(False) == []
    (on,), (rare,) = probes_for(True), probes_for(7)
    assert (on.every, rare.every) == (None, 7)
    for wrong in (0, -1, 1.5, "often"):
        with pytest.raises(ConfigError, match="probes"):
            from_mapping({"train": {"probes": wrong}})
    with pytest.raises(InputError, match="Probes"):
        gu.Probes(0)


def test_noise_is_what_neighbors_differ_by() -> None:
    assert loss_noise([1.0, 2.0, 1.0, 2.0]) == pytest.approx(np.sqrt(0.5))
    assert loss_noise(np.linspace(2, 1, 1001)) == pytest.approx(0.001 / np.sqrt(2))
    assert np.isnan(loss_noise([1.0]))
