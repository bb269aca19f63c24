"""The layers that close around a decoder process before it reads its first byte of a file.

    limits      address space, no file growth, no core dump, open files
    lifeline    killed by the kernel when the host is gone (Linux)
    landlock    no file can be opened but the one that is decoded, and that for reading
    seccomp     no socket, process, program start, signal, tracing: `vprog/jail/syscalls.py`

What a machine does not have is left out and named. Elsewhere than on Linux the limits remain.
"""

from __future__ import annotations

import ctypes
import os
import sys

from vprog.jail.child_launch import close_layers, hold_lifeline
from vprog.media.decoder.decoder_wire import ForkRequest

_READ_FILE = 1 << 2  # a right of Landlock
_NEWEST_LANDLOCK = 7
_MOST_OPEN = 256
"""Open files: four a decoder or channel."""


def close_jail(request: ForkRequest, file: int) -> dict[str, str]:
    """Close every layer that this machine has around this process.

    Args:
        request: says how much memory, and what the seccomp filter is.
        file: the descriptor of the one file that may be read.

    Returns:
        The layers that do not hold, each with the reason.
    """
    missing: dict[str, str] = {}
    is_linux = sys.platform == "linux"
    limits = {
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 1,  # at 0 Linux would still start a crash handler
        "RLIMIT_NOFILE": _MOST_OPEN,
    }
    if is_linux:  # elsewhere address space is not limited reliably
        limits |= {"RLIMIT_AS": request.memory_mb << 20, "RLIMIT_MEMLOCK": 0}
        try:
            hold_lifeline(os.fsencode(request.lifeline))
        except OSError as error:
            missing["lifeline"] = str(error.strerror)
    else:
        missing["os-jail"] = sys.platform
    n_threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
    if is_linux and n_threads > 1:  # Landlock and seccomp would leave the others out
        missing["os-jail"] = f"{n_threads} threads run already"
        is_linux = False
    plan = {
        "layers": ("limits", "landlock", "seccomp") if is_linux else ("limits",),
        "limits": limits,
        "readable": ((b"/proc/self/fd/%d" % file, _READ_FILE),),
        "landlock_abi": _NEWEST_LANDLOCK,
        "filter": request.filter,
        "holes": request.holes,
    }
    close_layers(ctypes.CDLL(None, use_errno=True), plan, missing)
    return missing
