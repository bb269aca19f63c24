"""Ctrl-C while the sandbox works: the worker is stopped at once, not after its turn.

Python runs its signal handlers between two lines of Python, and a turn of the sandbox is one
call into compiled code. The operating system tells of a signal through a pipe all the same.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def stopped_by_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` from another thread when SIGINT comes; KeyboardInterrupt follows as ever.

    Does nothing outside the main thread, and where SIGINT does something else than to raise
    KeyboardInterrupt: then it is not ours to say what an interrupt ends.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reader, before, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        os.close(writer)
        watcher.join()
        os.close(reader)


def _watch(reader: int, before: int, stop: Callable[[], None]) -> None:
    """Until the pipe closes: hand each signal on to who listened before us, and act on SIGINT."""
    while numbers := os.read(reader, 64):
        if before >= 0:
            with suppress(OSError):  # its pipe is full or gone: it will see the signal later
                os.write(before, numbers)
        if signal.SIGINT in numbers:
            stop()
