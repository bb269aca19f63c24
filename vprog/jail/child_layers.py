"""What happens between the pool's start of a worker and the worker itself.

Runs in the child, as a script of its own under `python -I -S`: `jail.py` appends a call
of `main` with the plan. Standard library only and few imports (no signal, typing, enum):
every worker pays for them.
The layers and their order are explained in `jail.py`.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import marshal
import os
import resource
import struct
import sys

TYPE_CHECKING = False  # typing itself would cost each worker 9 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LAYER_EXIT = 71  # a layer that holds on this machine did not hold for this worker
EXEC_EXIT = 72  # the worker's program did not start

_LIFELINE_FD = 3
_SIGKILL = 9
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER_MODE = 22, 38, 2
_PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _CLEAR_ALL = 24, 47, 4
_CAPABILITY_VERSION = 0x20080522
_DAC = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all architectures


def main(plan: dict[str, Any]) -> None:
    """Close the jail around this process, then become the worker.

    Args:
        plan: what `jail.py` bakes in. With "attempts", the code of `child_attempts.py`, those are
            made in place of the worker, and printed.
    """
    missing: dict[str, str] = {}
    libc = ctypes.CDLL(None, use_errno=True)
    path = ctypes.create_string_buffer(plan["program"])
    _detach(plan["lifeline"], missing)
    close_layers(libc, plan, missing, ctypes.addressof(path))
    if any(layer in missing for layer in plan["required"]):
        os._exit(LAYER_EXIT)
    if plan["attempts"]:
        names: dict[str, Any] = {}
        exec(marshal.loads(plan["attempts"]), names)
        tried = names["attempts"](libc, plan)
        os.write(1, repr({"missing": missing, "attempts": tried}).encode())
        os._exit(0)
    arguments = [*plan["arguments"], *(os.fsencode(argument) for argument in sys.argv[1:])]
    libc.execve(
        path,
        (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None),
        (ctypes.c_char_p * 1)(None),  # the worker's environment is empty
    )
    os._exit(EXEC_EXIT)


def close_layers(libc: Any, plan: dict[str, Any], missing: dict[str, str], path: int = 0) -> None:
    """Close the plan's layers around this process; it must have one thread.

    Args:
        libc: the C library.
        plan: "layers", "program", "limits", "readable", "landlock_abi", "filter" and "holes" of it.
        missing: takes each layer that does not hold, with the reason.
        path: address of the path of the one program that may still be started.
    """
    layers = plan["layers"]
    if "limits" in layers:
        _try("limits", missing, lambda: _limit(plan["limits"]))
    if "landlock" in layers or "seccomp" in layers:
        _try("no-new-privs", missing, lambda: _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1))
    if "landlock" in layers:
        _try("landlock", missing, lambda: _landlock(libc, plan, missing))
    if "capabilities" in layers:
        _try("capabilities", missing, lambda: _drop_capabilities(libc, plan))
    if "seccomp" in layers:
        _try("seccomp", missing, lambda: _seccomp(libc, plan, path))


def _try(layer: str, missing: dict[str, str], close: Callable[[], None]) -> None:
    try:
        close()
    except (OSError, ValueError) as error:
        missing[layer] = getattr(error, "strerror", None) or str(error)


def _detach(lifeline: bytes | None, missing: dict[str, str]) -> None:
    """Leave the host's terminal, folder, error stream and open files behind."""
    null = os.open("/dev/null", os.O_WRONLY)
    os.dup2(null, 2)
    kept = 3
    if lifeline is not None:
        try:
            hold_lifeline(lifeline)
            kept = _LIFELINE_FD + 1
        except OSError as error:
            missing["lifeline"] = str(error.strerror)
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    for name in os.listdir(folder):
        if int(name) >= kept:
            try:
                os.close(int(name))
            except OSError:  # the listing's own, closed already
                pass
    try:
        os.setsid()  # no terminal to type into, no Ctrl-C meant for the host
    except PermissionError:  # leads a group already
        pass
    os.chdir("/")
    os.umask(0o077)


def hold_lifeline(path: bytes) -> None:
    """Have the kernel kill this process when the host's end of the pipe goes."""
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if pipe != _LIFELINE_FD:
        os.dup2(pipe, _LIFELINE_FD)
    os.set_inheritable(_LIFELINE_FD, True)
    fcntl.fcntl(_LIFELINE_FD, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(_LIFELINE_FD, fcntl.F_SETSIG, _SIGKILL)
    fcntl.fcntl(_LIFELINE_FD, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (least, least))


def _prctl(libc: Any, option: int, value: int, pointer: Any = None) -> None:
    if libc.prctl(option, ctypes.c_ulong(value), pointer, None, None) != 0:
        _fail()


def _fail() -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


def _landlock(libc: Any, plan: dict[str, Any], missing: dict[str, str]) -> None:
    abi = libc.syscall(_CREATE_RULESET, None, None, 1)  # 1: which ABI?
    if abi < 1:
        off = ctypes.get_errno() == errno.EOPNOTSUPP
        raise ValueError("switched off at boot" if off else "not in this kernel")
    abi = min(abi, plan["landlock_abi"])
    files = 0x1FFF  # the 13 rights of ABI 1, then REFER, TRUNCATE, IOCTL_DEV
    for since, right in ((2, 1 << 13), (3, 1 << 14), (5, 1 << 15)):
        files |= right if abi >= since else 0
    network = 0b11 if abi >= 4 else 0  # bind, connect
    scope = 0b11 if abi >= 6 else 0  # abstract sockets, signals
    for layer, since in (("landlock-network", 4), ("landlock-scope", 6)):
        if abi < since:
            missing[layer] = f"the kernel has Landlock ABI {abi}, this needs {since}"
    rules = struct.pack("=QQQ", files, network, scope)[: 8 * (1 + (abi >= 4) + (abi >= 6))]
    ruleset = libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        _fail()
    for path, rights in plan["readable"]:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, opened), 0) != 0:
            _fail()
        os.close(opened)
    if libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
        _fail()
    os.close(ruleset)


def _drop_capabilities(libc: Any, plan: dict[str, Any]) -> None:
    """Leave no power of root; with no-new-privs set, no program that is started has more."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    held = ctypes.create_string_buffer(24)  # effective, permitted, inheritable; low, then high
    if libc.capget(header, held) != 0:
        _fail()
    _, low, _, _, high, _ = struct.unpack("=6I", held.raw)

    def hold(effective: tuple[int, int], permitted: tuple[int, int]) -> None:
        words = struct.pack("=6I", effective[0], permitted[0], 0, effective[1], permitted[1], 0)
        if libc.capset(header, words) != 0:
            _fail()

    hold((0, 0), (low, high))
    kept = 0
    try:
        for path, _ in plan["readable"] or ((plan["program"], 0),):
            os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        if not os.access(plan["program"], os.X_OK, effective_ids=True):
            raise PermissionError
    except PermissionError:  # root runs what lies in somebody's closed folder
        kept = low & _DAC
    hold((low, high), (low, high))
    for number in range(64):  # ends behind the last; refused where root may not do even this
        if not kept & 1 << number and libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(number), 0, 0, 0):
            break
    libc.prctl(_PR_CAP_AMBIENT, ctypes.c_ulong(_CLEAR_ALL), 0, 0, 0)
    hold((kept, 0), (kept, 0))


def _seccomp(libc: Any, plan: dict[str, Any], path_address: int) -> None:
    known = {"pid": os.getpid(), "path": path_address, "path_high": path_address >> 32}
    program = bytearray(plan["filter"])
    if not program:
        raise ValueError("no filter for this processor")
    for offset, what in plan["holes"]:
        struct.pack_into("=I", program, offset, known[what] & 0xFFFFFFFF)
    lines = ctypes.create_string_buffer(bytes(program), len(program))
    # struct sock_fprog, with the padding of the platform
    head = struct.pack("HP", len(program) // 8, ctypes.addressof(lines))
    _prctl(libc, _PR_SET_SECCOMP, _FILTER_MODE, head)
