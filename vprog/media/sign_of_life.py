"""The sign of life of whoever reads packets: one beat a packet, to who listens in the thread.

A decoder that hangs reads no more packets. In the decoder process the beats go to the host,
which ends it when they stop; elsewhere nobody listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Listener(threading.local):
    hear: Callable[[], None] | None = None


_listener = _Listener()


def beat() -> None:
    """A packet was read."""
    if _listener.hear is not None:
        _listener.hear()


def heard_by() -> Callable[[], None]:
    """Who listens in this thread; who does nothing where nobody does."""
    return _listener.hear or (lambda: None)


@contextmanager
def listening(hear: Callable[[], None]) -> Iterator[None]:
    """Call `hear` at each beat of this thread for the length of a `with` block."""
    before, _listener.hear = _listener.hear, hear
    try:
        yield
    finally:
        _listener.hear = before
