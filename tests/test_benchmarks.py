"""The benchmark runs, and compares like with like: groundup beside plain float64 NumPy."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def small(name, **options):
    from benchmarks.workloads import chosen

    (workload,) = chosen([name])
    return replace(
        workload, batch=10, images=30, validation=min(workload.validation, 20), **options
    )


@pytest.mark.parametrize(
    "name", ["mlp-bn-dropout-adam", "simple-convnet-sgd", "deep-convnet-adam", "keras-dnn-epoch"]
)
def test_ours_and_plain_numpy_learn_alike(name, tmp_path):
    from benchmarks.contestants import CONTESTANTS
    from benchmarks.export import export
    from benchmarks.task import Task

    export(small(name), tmp_path)
    losses, answers = {}, {}
    for contestant in ("ours", "numpy"):
        trainer = CONTESTANTS[contestant].prepare(lambda: Task.load(tmp_path, batches=2))
        losses[contestant] = trainer.train(epochs=2, shuffle=False)
        answers[contestant] = trainer.predict(Task.load(tmp_path).x)
    assert len(losses["ours"]) == 2
    assert losses["ours"][1] != pytest.approx(losses["ours"][0], rel=0.001)
    np.testing.assert_allclose(losses["ours"], losses["numpy"], rtol=1e-4)
    np.testing.assert_allclose(answers["ours"], answers["numpy"], atol=1e-3)


def test_dropout_is_left_out_only_where_losses_are_compared(tmp_path):
    from benchmarks.export import export
    from benchmarks.task import Task

    export(small("deep-convnet-sgd"), tmp_path)
    rates = {
        batches: {
            layer["rate"]
            for network in (task.network, task.layers)
            for layer in network
            if "rate" in layer
        }
        for batches, task in ((n, Task.load(tmp_path, n)) for n in (0, 1))
    }
    assert rates == {0: {0.5}, 1: {0.0}}
    assert len(Task.load(tmp_path).x) == 30
    assert len(Task.load(tmp_path, 1).x) == 10


def test_channels_last_gives_the_same_products(tmp_path):
    from benchmarks.export import export
    from benchmarks.task import Task

    layers = (
        {"kind": "Conv2D", "filters": 3, "kernel_size": 5},
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 10, "activation": "softmax"},
    )
    export(small("simple-convnet-sgd", model=layers), tmp_path)
    task = Task.load(tmp_path)
    image = np.random.default_rng(0).random((3, 24, 24))
    first, turned = task.weights["2.W"], task.channels_last().weights["2.W"]
    np.testing.assert_allclose(
        image.ravel() @ first, image.transpose(1, 2, 0).ravel() @ turned, rtol=1e-6
    )
    assert task.channels_last().x.shape == (30, 28, 28, 1)


@pytest.mark.parametrize(
    ("name", "flops"),
    [
        # forward 784·100 + 4·100² + 10·100 = 119,400; backward twice that but for the first dx
        ("mlp-sgd", 2 * 10 * (3 * 119_400 - 78_400)),
        # 24²·5²·30 in the convolution, 12²·30·100 + 100·10 above
        ("simple-convnet-predict", 2 * 30 * (432_000 + 432_000 + 1000)),
        # 784·64 + 2·64² + 64·10 = 59,008: 30 images to train on and 20 to validate
        ("keras-dnn-epoch", 2 * (30 * (3 * 59_008 - 50_176) + 20 * 59_008)),
    ],
)
def test_operations_are_counted(name, flops, tmp_path):
    from benchmarks.export import export

    assert export(small(name), tmp_path)["flops"] == flops


def test_a_table_has_medians_quartiles_ratios_and_who_is_missing():
    from benchmarks.tables import absent, as_markdown, rows, summary

    ready = {"status": "timed", "why": "", "memory": 2**20}
    result = {
        "workload": {"name": "mlp-sgd", "title": "MLP", "measure": "train"},
        "flops": 2e6,
        "peak": {"gflops": 100.0},
        "contestants": {
            "numpy": {**ready, "samples": [0.004, 0.006, 0.005]},
            "ours": {**ready, "samples": [0.001, 0.0009, 0.002], "memory": 2**21},
            "jax-scan": {**ready, "samples": [0.0005]},
            "torch-eager": {"status": "missing", "why": "not installed: torch"},
        },
    }
    scan, ours, numpy = rows(result)
    assert (scan.name, ours.name, numpy.name) == ("jax-scan", "ours", "numpy")
    assert (numpy.median, numpy.ratio, ours.ratio) == (0.005, 5.0, 1.0)
    assert (numpy.low, numpy.high) == pytest.approx((0.0045, 0.0055))
    assert ours.share == pytest.approx(0.02)  # 2 of 100 GFLOP/s
    assert absent(result) == ["PyTorch eager: missing, not installed: torch"]
    assert "not installed: torch" in as_markdown(result)
    assert summary([result])[1] == (
        "MLP", "1 ms a step", "NumPy float64, as in the book, 5", "5.00×", "0.50×", "0.50×",
    )  # fmt: skip


def test_names_choose_workloads():
    from benchmarks.workloads import SWEEPS, WORKLOADS, chosen

    assert chosen([]) == list(WORKLOADS)
    assert [workload.name for workload in chosen(["keras-dnn"])] == [
        "keras-dnn-epoch", "keras-dnn-first", "keras-dnn-predict",
    ]  # fmt: skip
    assert chosen(["sweep"]) == list(SWEEPS)
    with pytest.raises(LookupError, match="'mpl'"):
        chosen(["mpl"])
    names = [workload.name for workload in (*WORKLOADS, *SWEEPS)]
    assert len(set(names)) == len(names)


def test_the_command_times_in_turn_and_saves(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "mlp-sgd", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--only", "ours", "numpy"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "groundup" in done.stdout
    result = json.loads((tmp_path / "mlp-sgd.json").read_text(encoding="utf-8"))
    ours, numpy = result["contestants"]["ours"], result["contestants"]["numpy"]
    assert len(ours["samples"]) == len(numpy["samples"]) == 2
    assert ours["off"] < 1e-4
    assert 20 * 2**20 < ours["memory"] < 2**30
    assert {row["name"] for row in result["table"]} == {"ours", "numpy"}
    assert "no measurement" in (tmp_path / "results.md").read_text(encoding="utf-8")
    assert (tmp_path / "mlp-sgd.svg").read_text(encoding="utf-8").startswith("<svg")


def test_who_fails_or_disagrees_is_named_and_not_timed(tmp_path):
    from benchmarks import runner
    from benchmarks.export import export

    workload = small("mlp-sgd")
    facts = export(workload, tmp_path)
    path = tmp_path / "task.json"
    task = json.loads(path.read_text(encoding="utf-8"))

    def ours(layers):
        path.write_text(json.dumps({**task, "layers": layers}), encoding="utf-8")
        only, heard = ["ours"], []
        table = runner.run(workload, tmp_path, facts["kinds"], runner.QUICK, only, heard.append)
        assert heard == ["agreement"]
        assert "samples" not in table["ours"]
        return table["ours"]["status"], table["ours"]["why"]

    status, why = ours([{"kind": "Dens"}])
    assert status == "failed"
    assert "Did you mean" in why
    status, why = ours([*task["layers"][:2], *task["layers"][3:]])  # a layer is missing
    assert status == "disagrees"
    assert why.startswith("loss ")


def test_images_without_mnist_are_of_its_kind():
    from benchmarks.export import synthetic

    (x, y) = synthetic(40)
    assert (x.shape, x.dtype, x.max()) == ((40, 1, 28, 28), np.uint8, 255)
    assert y.dtype == np.int64
    assert set(y) <= set(range(10))


def test_augmentation_is_the_same_work_for_ours_and_scipy():
    from benchmarks import augmentation
    from benchmarks.export import synthetic

    x = np.zeros((200, 1, 28, 28), np.float32)
    x[:, :, 4:24, 4:24] = synthetic(200)[0][:, :, 4:24, 4:24] / np.float32(255)
    kinds = (augmentation.ours((0, 1)), augmentation.scipy_loop())
    a, b = (augment(x, np.arange(200), 1) for augment in kinds)
    assert a.dtype == b.dtype == np.float32
    assert a.mean() == pytest.approx(b.mean(), rel=0.05)
    assert a.std() == pytest.approx(b.std(), rel=0.05)


def test_the_table_of_augmentation():
    from benchmarks.augmentation import table

    head, first, second = table({"scipy": [10, 10, 40], "ours": [90, 100, 120]})
    assert head.split()[0] == "contestant"
    assert first.split() == ["groundup", "100", "95", "–", "110"]
    assert second.split()[-1] == "10.00×"


def test_what_probes_cost():
    from benchmarks.probes import measure, overhead, table

    tiny = {"model": {"name": "two-layer"}, "train": {"epochs": 1, "batch_size": 300}}
    result = measure(tiny, rounds=2)
    assert (result["updates"], result["exams"]) == (5, 3)
    assert all(len(result["seconds"][key]) == 2 for key in ("with", "without"))
    assert overhead({"with": [3.3, 2.2], "without": [2.0, 4.0]}) == pytest.approx(0.1)
    assert table({"tiny": result})[1][:3] == ("tiny", "5", "3")


def test_arms_of_one_method_differ_by_chance_alone():
    from benchmarks.aa import arm, some

    first, second = arm("a"), arm("b")
    assert [layer.pop("name", None) for layer in first] == [None, "hidden_a", "out_a"]
    assert [layer.pop("name", None) for layer in second] == [None, "hidden_b", "out_b"]
    assert first == second
    found = some([0, 1], seeds=3, arms=2)
    assert found == some([0, 1], seeds=3, arms=2)
    assert len(set(found)) == 2 and all(0 < p < 1 for p in found)


def test_estimators_learn_the_same_network():
    from dataclasses import replace as changed

    from benchmarks.sklearn_estimators import CONTESTANTS, TASKS, table

    task = changed(TASKS["digits"], epochs=2)
    x, y, *_ = task.load()
    with pytest.warns(match="Maximum iterations"):
        fitted = [CONTESTANTS[name][1](task, 0).fit(x, y) for name in ("ours", "float64")]
    ours, theirs = fitted
    assert ours.n_iter_ == theirs.n_iter_ == 2
    assert ours.model_.count_params() == sum(a.size for a in theirs.coefs_ + theirs.intercepts_)
    turns = {"ours": [(1.0, 0.9), (3.0, 0.8)], "float32": [(8.0, 0.7)], "float64": [(9.0, 0.6)]}
    assert table(turns)[1].split()[:3] == ["GroundupClassifier", "2.000", "1.500"]
    assert table(turns)[2].split()[-2:] == ["4.00×", "0.7000"]
