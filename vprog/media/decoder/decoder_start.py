"""The host's template process, of which each file that is opened gets a copy.

One template a process of ours, started when the first file is opened (or before, by `prepare`),
gone with it however it ends. Decoder processes are started, stopped and asked for their end here.
"""

from __future__ import annotations

import atexit
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path

from vprog.errors import SandboxError
from vprog.jail.launcher import lifeline
from vprog.jail.syscalls import ARCHITECTURES, build_filter
from vprog.media.decoder.decoder_link import DecoderLink, LinkClosedError, LinkSilentError
from vprog.media.decoder.decoder_wire import (
    Ended,
    Forked,
    ForkRequest,
    FromChild,
    FromTemplate,
    Ready,
    ReapRequest,
    StatusRequest,
    pack_identity,
    pack_index,
)
from vprog.media.index import MediaIndex
from vprog.media.opening import FileIdentity, open_descriptor

START_S = 60.0
"""How long a template or a copy may take to start: 0.25 s and 0.005 s on an idle machine."""

HAS_PROCESSES = os.name == "posix"
"""Whether files are decoded in processes of their own here."""


class DecoderProcess:
    """One running decoder process.

    Attributes:
        control: the host's end of its control socket.
        missing: the layers of the jail that do not hold around it, each with the reason.
        is_over: whether it was ended.
    """

    def __init__(
        self, template: _Template, pid: int, control: DecoderLink[FromChild], errors: int
    ) -> None:
        self.control = control
        self.missing: dict[str, str] = {}
        self._template, self._pid, self._errors = template, pid, errors
        self._lock = threading.Lock()
        self.is_over = False

    def kill(self) -> None:
        """End it now; may be called twice."""
        if self._signal():
            self._template.forget(self._pid)
            self._close()

    def end(self) -> str:
        """How it ended, in words; it is ended if it lives."""
        if not self._signal():
            return "was stopped"
        status = self._template.status(self._pid)
        text = _last_line(self._errors)
        self._close()
        return f"{_ending(status)}{f' ({text})' if text else ''}"

    def _signal(self) -> bool:
        """Kill it, once; the template keeps its number from being given again until then."""
        with self._lock:
            is_first, self.is_over = not self.is_over, True
        if is_first:
            try:
                os.kill(self._pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return is_first

    def _close(self) -> None:
        os.close(self._errors)
        self.control.close()


def start_decoder(
    path: Path,
    identity: FileIdentity,
    index: MediaIndex | None,
    *,
    memory_mb: int,
    preload: str = "",
) -> DecoderProcess:
    """A decoder process of a file, behind the jail.

    Args:
        path: where the file lies.
        identity: the state it must be in.
        index: where it is known.
        memory_mb: how much address space it may use.
        preload: a module that it needs besides, with a `prepare` to call.

    Raises:
        VideoUnreadableError: the file cannot be read, or has changed.
        SandboxError: no process starts.
    """
    file = open_descriptor(path, identity)
    try:
        request = ForkRequest(
            path=str(path),
            identity=pack_identity(identity),
            index=pack_index(index),
            memory_mb=memory_mb,
            preload=preload,
            lifeline=_host_lifeline(),
            filter=b"",
            holes=[],
        )
        machine = platform.machine()
        if machine in ARCHITECTURES and sys.maxsize > 2**32:
            filter_ = build_filter(machine, decoder=True)
            request.filter, request.holes = filter_.program, list(filter_.holes)
        return _template().copy(request, file)
    finally:
        os.close(file)


def prepare() -> None:
    """Start the template now, without waiting for it."""
    if HAS_PROCESSES:
        _template()


class _Template:
    """The template process, as the host has it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        paths = [os.path.abspath(path) for path in sys.path]
        script = (
            f"import sys; sys.path[:] = {paths!r}; "
            "from vprog.media.decoder.decoder_template import main; "
            f"main({theirs.fileno()}, {_host_lifeline()!r})"
        )
        environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "4"}
        for name in ("PATH", "LD_LIBRARY_PATH"):  # by these, libraries find their own
            if name in os.environ:
                environment[name] = os.environ[name]
        reading, writing = _error_pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=writing,
                pass_fds=(theirs.fileno(),),
                env=environment,
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal is for the host
            )
        except OSError as error:
            raise SandboxError(
                f"the decoder process does not start: {error.strerror}.",
                hint="Free memory or processes.",
            ) from error
        finally:
            theirs.close()
            os.close(writing)
        self._errors = reading
        self._link: DecoderLink[FromTemplate] = DecoderLink(ours, FromTemplate)
        self._lock = threading.Lock()
        self._killed: deque[int] = deque()

    @property
    def is_alive(self) -> bool:
        """Whether it can make copies."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, where it is this process's own."""
        if _templates.get(os.getpid()) is self:
            self._link.close()
            self._process.kill()
            self._process.wait()

    def copy(self, request: ForkRequest, file: int) -> DecoderProcess:
        """A copy that serves a file."""
        ours, theirs = socket.socketpair()
        errors, writing = _error_pipe()
        try:
            with self._lock:
                self._reap()
                self._link.send(request, (theirs.fileno(), file, writing))
                reply = self._link.receive(START_S)
            assert isinstance(reply, Forked)
        except (LinkClosedError, LinkSilentError) as error:
            os.close(errors)
            ours.close()
            raise SandboxError(
                f"the decoder process does not start: {_last_line(self._errors) or error.message}",
                hint="Run `vprog doctor`.",
            ) from error
        finally:
            theirs.close()
            os.close(writing)
        control: DecoderLink[FromChild] = DecoderLink(ours, FromChild)
        decoder = DecoderProcess(self, reply.pid, control, errors)
        try:
            ready = control.receive(START_S)
            assert isinstance(ready, Ready)
        except (LinkClosedError, LinkSilentError) as error:
            raise SandboxError(
                f"a decoder process does not start: it {decoder.end()}.",
                hint="Run `vprog doctor`.",
            ) from error
        decoder.missing = ready.missing
        return decoder

    def forget(self, pid: int) -> None:
        """Let a copy go that was killed. Never waits: finalizers call it, amid anything."""
        self._killed.append(pid)
        if self._lock.acquire(blocking=False):
            try:
                self._reap()
            except LinkClosedError:
                pass
            finally:
                self._lock.release()

    def status(self, pid: int) -> int:
        """The wait status of a copy that has ended; -1 if nobody knows it."""
        try:
            with self._lock:
                self._link.send(StatusRequest(pid))
                reply = self._link.receive(START_S)
            return reply.status if isinstance(reply, Ended) else -1
        except (LinkClosedError, LinkSilentError):  # the template is gone
            return -1

    def _reap(self) -> None:
        while self._killed:
            self._link.send(ReapRequest(self._killed.popleft()))


_templates: dict[int, _Template] = {}
_lock = threading.Lock()


def _template() -> _Template:
    """This process's template: a forked child of ours has no use for its parent's."""
    with _lock:
        template = _templates.get(os.getpid())
        if template is None or not template.is_alive:
            template = _templates[os.getpid()] = _Template()
            atexit.register(template.close)
        return template


def _host_lifeline() -> str:
    return str(lifeline(os.getpid())) if sys.platform == "linux" else ""


def _error_pipe() -> tuple[int, int]:
    """A pipe for an error stream; what does not fit into it is lost, and nobody waits."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    return reading, writing


def _last_line(errors: int) -> str:
    try:
        text = os.read(errors, 1 << 16).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line for line in text.splitlines() if line.strip()]
    shown = "".join(letter for letter in lines[-1] if letter.isprintable()) if lines else ""
    return shown.strip()[:200]


def _ending(status: int) -> str:
    """A wait status in words."""
    if status >= 0 and os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            return f"died of {signal.Signals(number).name}"
        except ValueError:
            return f"died of signal {number}"
    if status >= 0 and os.WIFEXITED(status):
        return f"ended with {os.WEXITSTATUS(status)}"
    return "was stopped"
