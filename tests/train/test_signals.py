"""Ctrl-C, SIGTERM and SIGHUP while a run is under way, sent to this very process."""

import signal
import threading

import pytest

from groundup.errors import Interrupted
from groundup.train.signals import Signals

BOTH = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def seen():
    """Handlers of this test's own, which only take down what comes."""
    seen = []
    before = {number: signal.signal(number, lambda n, _: seen.append(n)) for number in BOTH}
    yield seen
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nothing_came():
    with Signals() as signals:
        signals.check("stopped")
        assert signals.received is None


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_is_remembered(seen, number, exit_code):
    with Signals() as signals:
        signal.raise_signal(number)
        assert seen == []
        with pytest.raises(Interrupted, match=r"^resume with: --resume$") as caught:
            signals.check("resume with: --resume")
    assert caught.value.exit_code == exit_code
    assert caught.value.signal_number == number


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
@pytest.mark.parametrize(("ordinary", "received"), [(signal.SIG_DFL, 1), (signal.SIG_IGN, None)])
def test_a_lost_terminal_is_heard_except_below_nohup(ordinary, received):
    before = signal.signal(signal.SIGHUP, ordinary)
    try:
        with Signals() as signals:
            assert (signal.getsignal(signal.SIGHUP) == ordinary) == (received is None)
            if received:
                signal.raise_signal(signal.SIGHUP)
            assert signals.received == received
        assert signal.getsignal(signal.SIGHUP) == ordinary
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("first", BOTH)
@pytest.mark.parametrize("second", BOTH)
def test_the_second_takes_its_ordinary_way(seen, first, second):
    with Signals() as signals:
        signal.raise_signal(first)
        signal.raise_signal(second)
        assert seen == [second]
        assert signals.received == first


def test_the_handlers_before_are_back_afterwards(seen):
    before = [signal.getsignal(number) for number in BOTH]
    with pytest.raises(ZeroDivisionError), Signals():
        assert [signal.getsignal(number) for number in BOTH] != before
        raise ZeroDivisionError
    assert [signal.getsignal(number) for number in BOTH] == before
    signal.raise_signal(signal.SIGINT)
    assert seen == [signal.SIGINT]


def test_in_another_thread_it_does_nothing(seen):
    before = [signal.getsignal(number) for number in BOTH]
    during = []

    def run():
        with Signals() as signals:
            during.extend(signal.getsignal(number) for number in BOTH)
            signals.check("stopped")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert during == before
