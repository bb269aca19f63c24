"""stdout belongs to the answer: what modules print goes to stderr, whatever way they print it.

Modules are the code of others in this process. While a command runs, `sys.stdout` and descriptor
1 lead to stderr, so that C code that writes there is held off as well, and the answer goes to a
descriptor of its own, which closing the standard ones does not close.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_answers: list[TextIO] = []
_HIGH = 1000
"""Where the descriptor for answers lies, below the usual limit of 1,024."""


def answers() -> TextIO:
    """Where the answer goes."""
    return _answers[-1] if _answers else sys.stdout


@contextmanager
def stdout_for_answers() -> Iterator[None]:
    """Lead everything but `answers()` to stderr while a command runs."""
    if _answers:  # a command within a command
        yield
        return
    stream = sys.stdout
    kept = _kept(stream)
    _answers.append(stream if kept is None else kept)
    sys.stdout = sys.stderr if kept is None else os.fdopen(os.dup(1), "w", errors="replace")
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        sys.stdout = stream
        _answers.clear()
        if kept is not None:
            with suppress(OSError):  # a reader that went away was noticed when it was written to
                kept.flush()
            with suppress(OSError):
                os.dup2(kept.fileno(), 1)
            with suppress(OSError):
                kept.close()


def lead_to_stderr() -> None:
    """For the end of the process: what is printed from here on is no answer."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with suppress(OSError):
        os.dup2(2, 1)


def _kept(stream: TextIO) -> TextIO | None:
    """The answer's own way to what descriptor 1 is; None where `stream` is not that."""
    try:
        if stream.fileno() != 1:
            return None
        import fcntl

        stream.flush()
        own = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, _free_descriptor())
    except (OSError, ValueError, AttributeError, ImportError):  # not a file, closed, or Windows
        return None
    try:
        os.dup2(2, 1)
    except OSError:  # stderr is closed
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)
    return os.fdopen(own, "w", encoding=stream.encoding, errors=stream.errors)


def _free_descriptor() -> int:
    """The least number that the answer's descriptor should have."""
    import resource

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _HIGH if soft == resource.RLIM_INFINITY else max(3, min(_HIGH, soft - 16))
