import csv
import errno
import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from groundup.errors import InputError, StorageError
from groundup.train.callbacks import CSVLogger

LOGS = {"val_loss": 0.5, "loss": 1 / 3}


def log(callback, context, epochs, logs=LOGS):
    for epoch in epochs:
        callback.on_epoch_end(context(epoch=epoch, logs=logs))


def test_rows_are_written_as_epochs_end(context, tmp_path):
    path = tmp_path / "log.csv"
    callback = CSVLogger(path)
    callback.on_train_begin(context())
    assert path.read_bytes() == b""
    log(callback, context, [0])
    assert path.read_bytes() == b"epoch,loss,val_loss\n0,0.3333333333333333,0.5\n"
    log(callback, context, [1])
    assert path.read_text().splitlines()[2] == "1,0.3333333333333333,0.5"


def test_columns_are_those_of_the_first_epoch(context, tmp_path):
    callback = CSVLogger(tmp_path / "log.csv", separator=";")
    callback.on_train_begin(context())
    log(callback, context, [0])
    log(callback, context, [1], {"loss": 0.1, "extra": 7.0})
    assert (tmp_path / "log.csv").read_text().splitlines() == [
        "epoch;loss;val_loss",
        "0;0.3333333333333333;0.5",
        "1;0.1;NA",
    ]


def test_awkward_names_come_back(context, tmp_path):
    callback = CSVLogger(tmp_path / "log.csv")
    callback.on_train_begin(context())
    log(callback, context, [0], {'a,"b"\nc': 1.0, "손실": 2.0})
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["epoch", 'a,"b"\nc', "손실"], ["0", "1.0", "2.0"]]


def test_a_file_is_replaced_only_when_an_epoch_has_ended(context, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("precious")
    callback = CSVLogger(path)
    callback.on_train_begin(context())
    assert path.read_text() == "precious"
    log(callback, context, [0])
    assert path.read_text().startswith("epoch,")
    callback.on_train_begin(context())
    log(callback, context, [0])
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
def test_append_goes_on_with_the_columns_of_the_file(context, tmp_path, end):
    path = tmp_path / "log.csv"
    path.write_bytes(f"epoch,val_loss,loss\n0,1.0,2.0{end}".encode())
    callback = CSVLogger(path, append=True)
    callback.on_train_begin(context())
    log(callback, context, [1])
    assert path.read_text().splitlines() == [
        "epoch,val_loss,loss",
        "0,1.0,2.0",
        "1,0.5,0.3333333333333333",
    ]


def test_append_to_nothing_writes_the_header(context, tmp_path):
    callback = CSVLogger(tmp_path / "log.csv", append=True)
    callback.on_train_begin(context())
    log(callback, context, [0])
    assert (tmp_path / "log.csv").read_text().startswith("epoch,loss,val_loss\n0,")


@pytest.mark.parametrize(
    "content", [b"epoch,loss\n0,1\n", b"\xff\xfe\n", b"\n", b"loss,val_loss,epoch\n"]
)
def test_append_to_another_table_is_refused_and_changes_nothing(context, tmp_path, content):
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    callback = CSVLogger(path, append=True)
    callback.on_train_begin(context())
    with pytest.raises(InputError, match=r"log\.csv"):
        log(callback, context, [0])
    assert path.read_bytes() == content


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("cut", [0, 1, 3])
def test_a_resumed_fit_leaves_the_same_file(context, tmp_path, cut, append):
    path, expected = tmp_path / "log.csv", tmp_path / "expected.csv"
    for file in (path, expected):
        if append:
            file.write_text("epoch,loss,val_loss\n7,7.0,7.0\n")
    whole = CSVLogger(expected, append=append)
    whole.on_train_begin(context())
    log(whole, context, range(5))
    before, after = CSVLogger(path, append=append), CSVLogger(path, append=append)
    before.on_train_begin(context())
    log(before, context, range(cut))
    state = json.loads(json.dumps(before.state(), allow_nan=False))
    if cut:
        log(before, context, range(cut, 4))  # done, but after the checkpoint
    after.on_train_begin(context())
    after.restore(state)
    log(after, context, range(cut, 5))
    assert path.read_text() == expected.read_text()


def test_a_resumed_fit_whose_file_is_gone_begins_a_new_one(context, tmp_path):
    callback = CSVLogger(tmp_path / "log.csv")
    callback.on_train_begin(context())
    callback.restore({"size": 1000})
    log(callback, context, [5])
    assert (tmp_path / "log.csv").read_text().startswith("epoch,loss,val_loss\n5,")


def test_it_is_said_before_the_training_that_a_file_cannot_be_written(context, tmp_path):
    with pytest.raises(StorageError, match="Create its folder first"):
        CSVLogger(tmp_path / "missing" / "log.csv").on_train_begin(context())
    with pytest.raises(StorageError, match="name a file"):
        CSVLogger(tmp_path).on_train_begin(context())


@pytest.mark.skipif(os.name == "nt", reason="no limits on file sizes")
def test_half_a_row_is_taken_back(context, tmp_path):
    import resource

    path = tmp_path / "log.csv"
    callback = CSVLogger(path)
    callback.on_train_begin(context())
    log(callback, context, [0])
    whole = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 5, limits[1]))
        with pytest.raises(StorageError, match=r"log\.csv"):
            log(callback, context, [1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"separator": ""}, "separator=''.*one character"),
        ({"separator": ", "}, "separator=', '"),
        ({"separator": '"'}, "separator="),
        ({"separator": "\n"}, "separator="),
        ({"append": "no"}, "append='no'"),
        ({"filename": ""}, "empty"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        CSVLogger(**{"filename": "log.csv", **options})


def test_a_disk_that_cannot_tell_the_length_is_named(tmp_path, monkeypatch):
    logger = CSVLogger(tmp_path / "log.csv", append=True)
    logger.on_train_begin(None)

    def fail(*args, **options):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "stat", fail)
    with pytest.raises(StorageError, match=r"cannot read .*log\.csv: Input/output error"):
        logger.on_epoch_end(SimpleNamespace(epoch=0, logs={"loss": 0.5}))
