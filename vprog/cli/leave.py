"""The end of the process: nothing that a module left running or hanging is waited for."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

_CLOSING_S = 5.0
"""For workers, caches, models and temporary folders to be let go of."""


def leave(code: int) -> NoReturn:
    """End the process with an exit code.

    In the ordinary way where that can be; else what is to be done at the end is done here, in a
    thread that may be left behind, and the process ends without Python's own end, which would
    wait for every thread of a module, and meets those that are amid C code.
    """
    engine = sys.modules.get("vprog.solver.engine")
    if engine is None:  # no module was called
        sys.exit(code)
    closing = threading.Thread(target=engine.close_all, daemon=True)
    closing.start()
    closing.join(_CLOSING_S)
    if not closing.is_alive() and not _anyone_at_work():
        sys.exit(code)
    if not closing.is_alive():
        last = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
        last.start()
        last.join(_CLOSING_S)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _anyone_at_work() -> bool:
    """Whether a call was left behind, or a module has threads that the end would wait for."""
    from vprog.execute.host_task import any_left_behind

    return any_left_behind() or any(
        not thread.daemon and thread is not threading.main_thread()
        for thread in threading.enumerate()
    )
