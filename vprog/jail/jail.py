"""The operating system's own layers around each worker of the sandbox.

Owns starting a worker inside the jail and proving that the jail holds. What the worker runs
is `session_protocol.py`'s; how the result is told to people is `isolation.py`'s.

The pool starts one path with one argument and an empty environment. `launcher` makes that
path: a short shell script (quoted, so any installation path will do) that starts this
Python, isolated, with `child_layers.py` and its settings compiled in. Script and code live in
memory files of this process, so that nothing is written to disk, nothing is left behind by
a kill, and a read-only or noexec disk does not matter; where that cannot be, in a private
folder removed at exit. The launcher closes the layers below and becomes the worker.

    layer         what it gives                                         needs
    limits        CPU seconds (over all threads, uncatchable), address  POSIX
                  space, no file growth, no core dump, 32 open files
    lifeline      the worker is killed when the host is gone, however   Linux
                  it went (see below)
    no-new-privs  no set-uid program gives powers back                  Linux 3.5
    landlock      no file can be opened but the worker's own program    Linux 5.13
                  and libraries, none written, made or listed
     -network     no TCP, should a socket ever be had                   ABI 4, Linux 6.7
     -scope       no signal and no abstract socket out of the jail      ABI 6, Linux 6.12
    capabilities  no power of root, if it is root that starts it        Linux
    seccomp       no socket, process, program start, signal, tracing,   x86_64, aarch64
                  new executable memory: an allow-list, `syscalls.py`

Besides: an empty environment; no descriptor but the protocol's two pipes, /dev/null as error
stream (a crash text stays off the user's screen) and the lifeline; a session of its own
(no terminal, no Ctrl-C); the root folder as working folder.

Not hidden: whether a path exists, and its size and times (stat); the clock; how many
processors there are. Not limited: the number of threads.

A layer that held in the probe and fails for one worker stops that worker (exit 71); one that
does not hold on this machine is left out and named. The worker is never started in silence
with less than the report says.

Lifeline: a pipe whose only writing end this process has; the kernel sends SIGKILL to each
worker when it closes. PR_SET_PDEATHSIG would fire when the *thread* that started the worker
ends, and pools start workers from whichever thread asks first.
"""

from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vprog.jail.launcher import OTHER_LAYERS, JailLimits, LaunchPlan, write_launcher
from vprog.jail.worker_files import monty_binary
from vprog.once import once
from vprog.settings import Settings

__all__ = ["JailLimits", "JailReport", "launcher", "probe_jail", "probe_plan"]

_WALLS = ("limits", "no-new-privs", "landlock", "seccomp")  # without these it is no jail
_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
_PROBE_S = 120.0  # long: a probe given up on a busy machine would be a jail given up


@dataclass(frozen=True)
class JailReport:
    """What came of starting workers in the jail on this machine."""

    holds: bool  # every wall stands and every attempt to pass one was refused
    layers: tuple[str, ...] = ()  # those that hold
    missing: tuple[str, ...] = ()  # those that do not, each with the reason
    refused: tuple[str, ...] = ()  # attempts from inside, by name
    allowed: tuple[str, ...] = ()  # attempts that went through
    start: str = ""  # how the launcher starts: "memory", "folder", or not at all


def launcher(limits: JailLimits | None = None) -> Path:
    """The path to give to the worker pool as its program.

    A launcher that closes every layer of the jail that holds on this machine. Where no
    launcher starts (Windows), the worker program itself: `probe_jail` names what is missing.

    Raises:
        PackageMissingError: the worker program is not installed.
    """
    return _launcher(limits or JailLimits.of(Settings()), os.getpid())


def probe_jail(platform: str = sys.platform) -> JailReport:
    """Start the jail and try to break out; once per process.

    Args:
        platform: as `sys.platform` names it; another than this one gives what would hold
            there as far as the layers go.

    Raises:
        PackageMissingError: the worker program is not installed.
    """
    return _probe(platform)


@once
def _probe(platform: str) -> JailReport:
    program = monty_binary()
    if platform == "win32":
        return JailReport(holds=False, missing=(f"os-jail ({platform})",))
    if platform != "linux":
        plan = LaunchPlan(program, layers=OTHER_LAYERS, required=OTHER_LAYERS, in_folder=True)
        works = _works(plan)
        return JailReport(
            holds=False,
            layers=OTHER_LAYERS if works else (),
            missing=(f"os-jail ({platform})",),
            start="folder" if works else "",
        )
    reasons = []
    for in_folder in (False, True):
        try:
            return probe_plan(LaunchPlan(program, in_folder=in_folder))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            reasons.append(str(error))
    reason = "; ".join(dict.fromkeys(reasons))
    return JailReport(holds=False, missing=(f"os-jail (the launcher does not start: {reason})",))


def probe_plan(plan: LaunchPlan) -> JailReport:
    """Make the attempts behind the layers of a plan, and start its program there.

    Raises:
        OSError, ValueError, subprocess.SubprocessError: the launcher does not start.
    """
    found = _attempt(plan)
    missing: dict[str, str] = found["missing"]
    allowed = tuple(name for name, code in found["attempts"].items() if code not in _REFUSALS)
    layers = [layer for layer in (*plan.layers, "no-new-privs") if layer not in missing]
    if "landlock" in layers:
        for part in ("landlock-network", "landlock-scope"):
            layers += [part] if part not in missing else []
    started = _works(replace(plan, required=tuple(layers)))
    broken = [f"{wall}: {missing.get(wall, 'left out')}" for wall in _WALLS if wall not in layers]
    broken += [f"not refused: {', '.join(allowed)}"] if allowed else []
    broken += [] if started else ["the worker does not start inside"]
    named = [f"os-jail ({'; '.join(broken)})"] if broken else []
    named += [f"{layer} ({why})" for layer, why in missing.items() if layer not in _WALLS]
    return JailReport(
        holds=not broken,
        layers=tuple(layers),
        missing=tuple(named),
        refused=tuple(name for name in found["attempts"] if name not in allowed),
        allowed=allowed,
        start=("folder" if plan.in_folder else "memory") if started else "",
    )


@once
def _launcher(limits: JailLimits, process: int) -> Path:
    # By process: a forked child's launchers hang on its own memory files and lifeline.
    program = monty_binary()
    report = probe_jail()
    if not report.start:
        return program
    layers = tuple(layer for layer in LaunchPlan.layers if layer in report.layers)
    in_folder = report.start == "folder"
    return write_launcher(LaunchPlan(program, limits, layers, report.layers, in_folder=in_folder))


def _attempt(plan: LaunchPlan) -> dict[str, Any]:
    """What the launcher printed in the program's place: missing layers, attempts' errors."""
    path = write_launcher(replace(plan, required=(), attempts=True))
    done = _run(path)
    if done.returncode != 0:
        raise ValueError(f"exit {done.returncode}")
    found: dict[str, Any] = ast.literal_eval(done.stdout.decode())
    return found


def _works(plan: LaunchPlan) -> bool:
    """Whether the worker program starts and ends well behind the plan's layers."""
    return _run(write_launcher(plan), "--version").returncode == 0


def _run(path: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={},
        timeout=_PROBE_S,
        check=False,
    )
