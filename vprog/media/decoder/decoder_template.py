"""The template of decoder processes: has everything imported, and becomes a copy per file.

A copy takes a millisecond where a start takes 250. The template reads no file and runs no
decoder: nothing hostile ever reaches it. Each copy serves one file and is ended with it. Before
it reads the first byte of the file, these layers close around it:

    limits      address space, no file growth, no core dump, open files
    lifeline    killed by the kernel when the host is gone (Linux)
    landlock    no file can be opened but the one that is decoded, and that for reading
    capabilities  none, where root runs it
    seccomp     no socket, process, program start, signal, tracing: `vprog/jail/syscalls.py`

What a machine does not have is left out and named. Elsewhere than on Linux the limits remain.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import marshal
import os
import pkgutil
import select
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from vprog.jail.child_layers import close_layers, hold_lifeline
from vprog.media import opening
from vprog.media.decoder.decoder_link import DecoderLink, LinkClosedError
from vprog.media.decoder.decoder_passes import ChannelServer
from vprog.media.decoder.decoder_wire import (
    AttemptsRequest,
    DecoderAttempts,
    Ended,
    Forked,
    ForkRequest,
    Ready,
    StatusRequest,
    ToChannel,
    ToChild,
    ToTemplate,
    unpack,
    unpack_index,
)
from vprog.media.file_readers import Decoders

_READ_FILE = 1 << 2  # a right of Landlock
_NEWEST_LANDLOCK = 7
_MOST_OPEN = 4096
"""Open files: four a pass at most, and `vprog serve` answers up to 1,024 questions at a time."""

_STACK_BYTES = 2**21
"""The stack of a pass: 8 MB by default, which would be a quarter of the memory for 128 passes."""

CONTROL, FILE, ERRORS = 4, 10, 11
"""Descriptors: 0 and 1 are /dev/null, 2 the error stream, 3 the lifeline."""

IMPORTED = ("numpy.ma", "numpy.linalg", "numpy.fft", "pysubs2", "ast", "vprog.media.pyav_reader")
WHOLE = ("av", "encodings", "charset_normalizer")
"""What decoding imports on its way, in the last with all their parts: behind the jail nothing can
be imported any more."""

_LEFT_OUT = ("__main__", "datasets", "cli", "mbcs", "oem", "cp65001")
"""Parts that are programs, or only Windows has."""


def main(control: int, lifeline: str) -> None:
    """Make copies until the host closes its end.

    Args:
        control: the descriptor of the socket to the host.
        lifeline: the pipe that closes with the host; "" where the kernel heeds none.
    """
    os.dup2(control, CONTROL)
    os.closerange(3, CONTROL)
    os.closerange(CONTROL + 1, max(256, control + 1))
    if lifeline:
        hold_lifeline(os.fsencode(lifeline))
    for name in IMPORTED:
        importlib.import_module(name)
    for whole in WHOLE:
        package = importlib.import_module(whole)
        for part in pkgutil.walk_packages(package.__path__, f"{whole}."):
            if not set(part.name.split(".")) & set(_LEFT_OUT):
                importlib.import_module(part.name)
    from PIL import Image

    Image.init()  # its readers of pictures
    gc.collect()
    gc.freeze()  # what the copies share is not written to by their collectors
    link: DecoderLink[ToTemplate] = DecoderLink(
        _socket(CONTROL), ToTemplate, takes_descriptors=True
    )
    try:
        _make_copies(link)
    except LinkClosedError:
        os._exit(0)


def _make_copies(link: DecoderLink[ToTemplate]) -> None:
    dying: set[int] = set()
    poll = select.poll()
    poll.register(CONTROL, select.POLLIN)
    while True:
        dying = {pid for pid in dying if _status(pid, os.WNOHANG) is None}
        if dying and not poll.poll(20):
            continue
        request = link.receive()
        if isinstance(request, ForkRequest):
            descriptors = [link.descriptors.popleft() for _ in range(3)]
            pid = os.fork()
            if pid == 0:
                _become_decoder(request, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            link.send(Forked(pid))
        elif isinstance(request, StatusRequest):
            link.send(Ended(_status(request.pid, 0) or 0))
        else:
            dying.add(request.pid)


def _status(pid: int, options: int) -> int | None:
    """How a copy ended; None while it lives, -1 where nobody knows."""
    try:
        ended, status = os.waitpid(pid, options)
    except ChildProcessError:
        return -1
    return status if ended else None


def _become_decoder(request: ForkRequest, descriptors: list[int]) -> None:
    code = 70  # EX_SOFTWARE
    try:
        control, file, errors = descriptors
        os.dup2(file, FILE)
        os.dup2(errors, ERRORS)
        os.dup2(ERRORS, 2)
        os.dup2(control, CONTROL)
        os.closerange(CONTROL + 1, FILE)
        os.closerange(ERRORS, 256)
        _serve(request)
        code = 0
    except LinkClosedError:
        code = 0
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:2000])
    finally:
        os._exit(code)


def _serve(request: ForkRequest) -> None:
    if request.preload:
        importlib.import_module(request.preload).prepare()
    path = Path(request.path)
    opening.serve_descriptor(path, FILE)
    opening.keep_tables_apart()
    decoders = Decoders(
        path, unpack(request.identity, opening.FileIdentity), unpack_index(request.index)
    )
    missing = _close_jail(request, FILE)
    link: DecoderLink[ToChild] = DecoderLink(_socket(CONTROL), ToChild, takes_descriptors=True)
    threading.stack_size(_STACK_BYTES)
    link.send(Ready(missing))
    while True:
        message = link.receive()
        if isinstance(message, AttemptsRequest):
            plan = {name: getattr(message, name) for name in message.__struct_fields__}
            names: dict[str, Any] = {}
            exec(marshal.loads(message.code), names)
            tried = names["attempts"](ctypes.CDLL(None, use_errno=True), plan)
            link.send(DecoderAttempts(tried))
            continue
        end = link.descriptors.popleft()
        channel: DecoderLink[ToChannel] = DecoderLink(
            _socket(end), ToChannel, takes_descriptors=True
        )
        threading.Thread(target=ChannelServer(channel, decoders).serve, daemon=True).start()


def _close_jail(request: ForkRequest, file: int) -> dict[str, str]:
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
        "program": os.fsencode(sys.executable),
        "layers": ("limits", "landlock", "capabilities", "seccomp") if is_linux else ("limits",),
        "limits": limits,
        "readable": ((b"/proc/self/fd/%d" % file, _READ_FILE),),
        "landlock_abi": _NEWEST_LANDLOCK,
        "filter": request.filter,
        "holes": request.holes,
    }
    close_layers(ctypes.CDLL(None, use_errno=True), plan, missing)
    return missing


def _socket(descriptor: int) -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=descriptor)
