import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from groundup.errors import Diverged, InputError
from groundup.train.callbacks import ProgressBar

LOGS = {"loss": 0.2211, "accuracy": 0.93119, "learning_rate": 0.1}
EPOCH = LOGS | {"val_loss": 0.2506, "val_accuracy": 0.9279}


def train(bar, context, epochs=2, steps=5):
    bar.on_train_begin(context())
    for epoch in range(epochs):
        bar.on_epoch_begin(context(epoch=epoch))
        now = {"epoch": epoch, "epochs": 20, "steps": steps, "seconds": 1.234}
        for step in range(steps):
            bar.on_batch_end(context(**now, step=step, logs=LOGS))
        bar.on_epoch_end(context(**now, step=steps - 1, logs=EPOCH))
    bar.on_train_end(context())


@pytest.mark.parametrize("bar", [True, False])
def test_a_line_an_epoch_where_there_is_no_terminal(context, capsys, bar):
    train(ProgressBar(bar, notes=("600 samples to train", "[b] 60 to validate")), context)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "600 samples to train",
        "[b] 60 to validate",
        " 1/20  loss 0.2211  accuracy 0.9312  val_loss 0.2506  val_accuracy 0.9279  1.2 s",
        " 2/20  loss 0.2211  accuracy 0.9312  val_loss 0.2506  val_accuracy 0.9279  1.2 s",
    ]


def test_colors_that_are_forced_do_not_bring_the_bar_into_a_file(context, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    train(ProgressBar(), context, epochs=1)
    told = capsys.readouterr().err
    assert told.startswith(" 1/20  loss")
    assert told.count("\n") == 1
    assert "\r" not in told


def test_columns_keep_their_width(context, capsys):
    bar = ProgressBar()
    bar.on_train_begin(context())
    values = [123456.0, 99.5, 1.0, 0.5, 0.00012, 0.0, float("nan"), -0.25]
    for epoch, value in enumerate(values):
        logs = {"loss": value, "val_loss": value}
        bar.on_epoch_end(context(epoch=epoch, epochs=10, logs=logs, seconds=10.0**epoch / 100))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(values)
    assert {line.index("val_loss") for line in lines} == {lines[0].index("val_loss")}
    assert [line.split()[2] for line in lines] == [
        "1.2e5",
        "99.500",
        "1.0000",
        "0.5000",
        "1.2e-4",
        "0.0000",
        "nan",
        "-0.250",
    ]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def enter(monkeypatch):
    """Call it in the test: between a fixture and its test pytest puts its own stderr back."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")

    def make():
        monkeypatch.setattr(sys, "stderr", Terminal())
        return sys.stderr

    return make


def drawings(terminal):
    """Each state of the line, without colors."""
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).split("\r\x1b[2K")[1:]


def test_the_bar_on_a_terminal(context, enter, monkeypatch):
    terminal = enter()
    clock = iter(range(100))
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(clock)))
    train(ProgressBar(), context, epochs=1, steps=4)
    drawn = drawings(terminal)
    assert drawn[:4] == [
        "epoch  1/20  ━━━━────────────  1/4  eta  0:04  loss 0.2211  accuracy 0.9312",
        "epoch  1/20  ━━━━━━━━────────  2/4  eta  0:01  loss 0.2211  accuracy 0.9312",
        "epoch  1/20  ━━━━━━━━━━━━────  3/4  eta  0:00  loss 0.2211  accuracy 0.9312",
        "epoch  1/20  ━━━━━━━━━━━━━━━━  4/4  eta  0:00  loss 0.2211  accuracy 0.9312",
    ]
    assert drawn[4].startswith(" 1/20  loss 0.2211")
    assert drawn[4].endswith("s\n")


def test_it_draws_about_ten_times_a_second(context, enter, monkeypatch):
    terminal = enter()
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    bar = ProgressBar()
    bar.on_train_begin(context())
    for step in range(1000):
        now[0] += 0.001
        bar.on_batch_end(context(step=step, steps=1000, logs=LOGS))
    assert len(drawings(terminal)) == 10


def test_between_two_drawings_a_batch_costs_next_to_nothing(context, enter):
    enter()
    bar, now = ProgressBar(), context(steps=10**6, logs=LOGS)
    bar.on_train_begin(now)
    began = time.perf_counter()
    for _ in range(10_000):
        bar.on_batch_end(now)
    assert (time.perf_counter() - began) / 10_000 < 20e-6


def test_a_narrow_terminal_and_ascii(context, enter, monkeypatch):
    terminal = enter()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(Terminal, "encoding", "ascii")
    bar = ProgressBar()
    bar.on_train_begin(context())
    bar.on_batch_end(context(epochs=20, step=4, steps=10, logs=LOGS))
    assert drawings(terminal) == ["epoch  1/20  ########--------   5/10  e"]


def test_a_resumed_epoch_counts_only_its_own_time(context, enter):
    terminal = enter()
    bar = ProgressBar()
    bar.on_train_begin(context())  # no on_epoch_begin: its first 900 batches were done before
    bar.on_batch_end(context(step=900, steps=1000, logs=LOGS, seconds=2.0))
    assert "eta  3:18" in drawings(terminal)[0]


@pytest.mark.parametrize("end", ["on_diverged", "on_train_end"])
def test_an_epoch_that_does_not_end_leaves_no_bar(context, enter, end):
    terminal = enter()
    bar = ProgressBar()
    bar.on_train_begin(context())
    bar.on_batch_end(context(steps=10, logs=LOGS))
    getattr(bar, end)(context(), *([Diverged(0, 1, "here")] if end == "on_diverged" else []))
    assert drawings(terminal)[-1] == ""


@pytest.mark.parametrize("error", [BrokenPipeError, OSError, ValueError])
def test_a_stderr_that_is_gone_does_not_end_the_training(context, enter, monkeypatch, error):
    terminal = enter()

    def fail(text):
        raise error("gone")

    monkeypatch.setattr(terminal, "write", fail)
    train(ProgressBar(notes=("note",)), context)


@pytest.mark.parametrize("gone", [None, "closed"])
def test_no_stderr_at_all(context, monkeypatch, gone):
    stderr = io.StringIO() if gone else None
    if stderr:
        stderr.close()
    monkeypatch.setattr(sys, "stderr", stderr)
    train(ProgressBar(notes=("note",)), context)


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_ctrl_c_leaves_a_terminal_as_it_was():
    import pty

    program = """
        import time
        from types import SimpleNamespace
        from groundup.train.callbacks import ProgressBar
        bar = ProgressBar()
        bar.on_train_begin(None)
        now = SimpleNamespace(epoch=0, epochs=1, step=0, steps=9, logs={"loss": 1.0}, seconds=1.0)
        bar.on_batch_end(now)
        print("drawn", flush=True)
        time.sleep(60)
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    with process:
        assert process.stdout.readline() == b"drawn\n"
        process.send_signal(signal.SIGINT)
        process.wait(30)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert "━" in seen.decode() or "─" in seen.decode()
    assert b"KeyboardInterrupt" in seen
    assert b"\x1b[?25l" not in seen  # the cursor was never hidden
    assert b"\x1b[?1049h" not in seen  # nor another screen shown
    assert seen.rindex(b"\x1b[0m") > seen.rindex(b"\x1b[38")  # and colors ended


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bar": 1}, "bar=1"),
        ({"notes": "one line"}, "expected lines of text"),
        ({"notes": (1,)}, "expected lines of text"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ProgressBar(**options)


def test_rich_is_not_loaded_before_something_is_said():
    program = "import groundup.train.callbacks, sys; sys.exit('rich.console' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
