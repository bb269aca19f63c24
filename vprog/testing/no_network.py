"""A `with` block in which Python's sockets reach no network, and each attempt is noted."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EVENTS = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "socket.sendmsg",
        "urllib.Request",
    }
)

_lock = threading.Lock()
_noted: list[list[str]] = []
_is_hooked = False


@contextmanager
def refused_network() -> Iterator[list[str]]:
    """Refuse connections of the whole process; gives the list of what was tried.

    Sockets that a C library opens by itself are not seen.
    """
    global _is_hooked
    tried: list[str] = []
    with _lock:
        if not _is_hooked:
            sys.addaudithook(_refuse)  # for good: Python has no way to take one out
            _is_hooked = True
        _noted.append(tried)
    try:
        yield tried
    finally:
        with _lock:
            _noted[:] = [item for item in _noted if item is not tried]


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not _noted or event not in EVENTS:
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        # The path of a local socket is text; addresses on a network are tuples.
        target = arguments[1] if len(arguments) > 1 else None
        if not isinstance(target, tuple):
            return
    else:
        target = arguments[0]
    for item in list(_noted):
        item.append(f"{event.removeprefix('socket.')} {target!r}"[:200])
    raise PermissionError(f"a module may not use the network: {event}")
