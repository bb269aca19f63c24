"""Ctrl-C while compiled code works: what it stops is stopped at once."""

from __future__ import annotations

import signal
import threading

import pytest

from vprog.sandbox.process import stopped_by_interrupt


def test_interrupt_stops_and_raises() -> None:
    stopped = threading.Event()
    with pytest.raises(KeyboardInterrupt), stopped_by_interrupt(stopped.set):
        signal.raise_signal(signal.SIGINT)
    assert stopped.wait(5)
    assert signal.set_wakeup_fd(-1) == -1  # as it was before


def test_interrupt_does_nothing_without_a_signal() -> None:
    with stopped_by_interrupt(lambda: pytest.fail("nobody interrupted")):
        pass


def test_interrupt_leaves_a_handler_of_others_alone() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with stopped_by_interrupt(lambda: pytest.fail("not ours to say")):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]


def test_interrupt_in_another_thread_is_not_watched() -> None:
    done: list[bool] = []

    def work() -> None:
        with stopped_by_interrupt(lambda: done.append(False)):
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_interrupt_passes_signals_on_to_who_listened_before() -> None:
    import os

    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer)
    try:
        stopped = threading.Event()
        with pytest.raises(KeyboardInterrupt), stopped_by_interrupt(stopped.set):
            signal.raise_signal(signal.SIGINT)
        assert os.read(reader, 8) == bytes([signal.SIGINT])
        assert signal.set_wakeup_fd(before) == writer
    finally:
        signal.set_wakeup_fd(-1)
        os.close(reader)
        os.close(writer)
