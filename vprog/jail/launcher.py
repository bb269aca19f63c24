"""The program that starts a worker behind the jail's layers: made here, run in the child.

Owns what is compiled into a launcher and where it is held. What its code does is
`child_layers.py`'s; which layers and why, `jail.py`'s.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import marshal
import os
import pkgutil
import platform
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vprog.errors import ConfigError
from vprog.jail.syscalls import ARCHITECTURES, NUMBERS, build_filter
from vprog.jail.worker_files import needed_files
from vprog.settings import Settings

LINUX_LAYERS = ("limits", "lifeline", "landlock", "capabilities", "seccomp")
OTHER_LAYERS = ("limits",)
_READ_FILE, _EXECUTE = 1 << 2, 1 << 0  # Landlock rights


@dataclass(frozen=True)
class JailLimits:
    """What one worker may use of the computer in its whole life."""

    cpu_s: int
    memory_mb: int  # address space; an idle worker has 180

    def __post_init__(self) -> None:
        if self.cpu_s < 1 or self.memory_mb < 256:
            raise ConfigError(
                f"jail limits: cpu_s must be at least 1 and memory_mb at least 256,"
                f" got {self.cpu_s} and {self.memory_mb}."
            )

    @classmethod
    def of(cls, settings: Settings) -> JailLimits:
        """The limits that the settings ask for."""
        # The VM counts its own heap; beside it lie the program's text and the allocator's spare.
        return cls(settings.sandbox_cpu_seconds, 896 + settings.sandbox_memory_mb)


@dataclass(frozen=True)
class LaunchPlan:
    """One launcher: what it starts, behind which layers."""

    program: Path
    limits: JailLimits = field(default_factory=lambda: JailLimits.of(Settings()))
    layers: tuple[str, ...] = LINUX_LAYERS
    required: tuple[str, ...] = LINUX_LAYERS
    attempts: bool = False  # make the attempts of `child_attempts.py` in the program's place
    in_folder: bool = False  # hold the launcher in files, where memory files do not start
    python: str = getattr(sys, "_base_executable", None) or sys.executable
    machine: str = platform.machine() if sys.maxsize > 2**32 else "32-bit"
    landlock_abi: int = 7  # the newest whose rules are known here


def write_launcher(plan: LaunchPlan) -> Path:
    """A program that closes the plan's layers and becomes the plan's program."""
    code = compile(
        f"{_source('child_layers.py')}\nmain({_settings(plan)!r})\n",
        "vprog-jail",
        "exec",
        optimize=2,
    )
    # The header of a compiled file: magic, flags, time and size, all unused here.
    compiled = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)
    held = _hold("vprog-child_layers.pyc", compiled, in_folder=plan.in_folder)
    script = (
        "#!/bin/sh\n"
        "exec 2>/dev/null\n"
        f'exec {shlex.quote(plan.python)} -I -S {shlex.quote(str(held))} "$@"\n'
    )
    return _hold("vprog-worker", os.fsencode(script), in_folder=plan.in_folder)


def attempts_code() -> bytes:
    """The code of `child_attempts.py`, marshalled."""
    return marshal.dumps(compile(_source("child_attempts.py"), "vprog-attempts", "exec"))


def _settings(plan: LaunchPlan) -> dict[str, Any]:
    """What `child_layers.main` reads, as plain constants."""
    settings: dict[str, Any] = {
        "program": os.fsencode(plan.program),
        "arguments": [os.fsencode(plan.program.name)],
        "limits": _limits(plan),
        "layers": plan.layers,
        "required": plan.required,
        "readable": (),
        "filter": b"",
        "holes": (),
        "landlock_abi": plan.landlock_abi,
        "lifeline": os.fsencode(lifeline(os.getpid())) if "lifeline" in plan.layers else None,
        "attempts": b"",
    }
    if "landlock" in plan.layers:
        needed = needed_files(plan.program)
        settings["readable"] = (
            *((os.fsencode(path), _READ_FILE | _EXECUTE) for path in needed.executed),
            *((os.fsencode(path), _READ_FILE) for path in needed.read),
        )
    if "seccomp" in plan.layers and plan.machine in ARCHITECTURES:
        filter_ = build_filter(plan.machine)
        settings |= {"filter": filter_.program, "holes": filter_.holes}
    if plan.attempts:
        settings |= {
            "attempts": attempts_code(),
            "numbers": NUMBERS.get(plan.machine, {}),
            "host": os.getpid(),
            "some_file": os.fsencode(os.path.abspath(__file__)),
            "some_folder": os.fsencode(tempfile.gettempdir()),
        }
    return settings


def _limits(plan: LaunchPlan) -> dict[str, int]:
    limits = {
        "RLIMIT_CPU": plan.limits.cpu_s,
        "RLIMIT_FSIZE": 0,
        # 1, not 0: at 0 Linux still starts a crash handler set by the system, at 1 it does not
        "RLIMIT_CORE": 1,
        "RLIMIT_NOFILE": 32,
    }
    if "lifeline" in plan.layers:  # Linux; elsewhere address space is not limited reliably
        limits |= {"RLIMIT_AS": plan.limits.memory_mb << 20, "RLIMIT_MEMLOCK": 0}
    return limits


def _source(name: str) -> str:
    data = pkgutil.get_data("vprog.jail", name)  # also from a zip file
    if data is None:
        raise FileNotFoundError(f"vprog/jail/{name} is missing from this installation")
    return data.decode()


@functools.cache
def lifeline(process: int) -> Path:
    """A pipe that closes with this process; `process` keeps a forked child off ours."""
    reading, writing = os.pipe()
    os.register_at_fork(after_in_child=functools.partial(os.close, writing))
    return _own_descriptor(reading)


def _own_descriptor(descriptor: int) -> Path:
    # The number by which /proc knows us: another than getpid() in some containers.
    return Path(f"/proc/{os.readlink('/proc/self')}/fd/{descriptor}")


def _hold(name: str, data: bytes, *, in_folder: bool) -> Path:
    """An executable file of this process's own, there until the process ends."""
    if in_folder:
        path = _folder(os.getpid()) / f"{len(os.listdir(_folder(os.getpid())))}-{name}"
        path.write_bytes(data)
        path.chmod(0o500)
        return path
    writing = _memory_file(name)
    with os.fdopen(writing, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(writing, 0o500)
        # A file open for writing cannot be started: keep another, read-only opening.
        return _own_descriptor(os.open(f"/proc/self/fd/{writing}", os.O_RDONLY | os.O_CLOEXEC))


def _memory_file(name: str) -> int:
    executable = 0x10  # MFD_EXEC, since Linux 6.3; needed where the system defaults to noexec
    try:
        return os.memfd_create(name, os.MFD_CLOEXEC | executable)
    except OSError:
        return os.memfd_create(name, os.MFD_CLOEXEC)


@functools.cache
def _folder(process: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vprog-jail-"))

    def remove() -> None:
        if os.getpid() == process:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder
