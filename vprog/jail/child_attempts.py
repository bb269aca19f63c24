"""What must be refused inside the jail, attempted for real.

Runs in the child behind `child_layers.py`, in place of the worker, with every layer closed:
the same launcher, the same rules. Raw system calls, so that no library stands between.
An attempt that goes through does no harm: it meets signal 0, an unnamed file, or an
argument that the kernel itself finds wrong, which is another error than a refusal.
"""

from __future__ import annotations

import ctypes
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def attempts(libc: Any, plan: dict[str, Any]) -> dict[str, int]:
    """Each attempt by name, with the number of the error it met; 0 if it succeeded."""
    numbers, parent = plan["numbers"], plan["host"]
    if not numbers:  # of this processor the call numbers are not known
        return {}
    spot = ctypes.create_string_buffer(4096)
    at = ctypes.addressof(spot)

    def call(name: str, *arguments: int | bytes | None) -> int:
        """The error that a system call meets, by its number on this processor."""
        words = [
            ctypes.c_long(argument) if isinstance(argument, int) else argument
            for argument in arguments
        ]
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(numbers[name]), *words, *[ctypes.c_long(0)] * 3)
        if result < 0:
            return ctypes.get_errno()
        if name in ("openat", "socket", "pidfd_open", "memfd_create", "io_uring_setup"):
            os.close(result)
        return 0

    here = -100  # AT_FDCWD
    tried: list[tuple[str, Callable[[], int]]] = [
        ("read a file", lambda: call("openat", here, plan["some_file"], os.O_RDONLY)),
        ("read /proc", lambda: call("openat", here, b"/proc/self/environ", os.O_RDONLY)),
        ("read the host", lambda: call("openat", here, b"/proc/%d/mem" % parent, os.O_RDONLY)),
        ("list a folder", lambda: call("openat", here, b"/", os.O_RDONLY | os.O_DIRECTORY)),
        (
            "create a file",
            lambda: call("openat", here, plan["some_folder"], os.O_TMPFILE | os.O_WRONLY, 0o600),
        ),
        ("write a file", lambda: call("openat", here, plan["program"], os.O_WRONLY)),
        ("remove a file", lambda: call("unlinkat", here, plan["some_folder"] + b"/\1vprog", 0)),
        ("make a folder", lambda: call("mkdirat", -1, b"vprog", 0o700)),
        ("TCP socket", lambda: call("socket", 2, 1, 0)),
        ("UDP socket", lambda: call("socket", 10, 2, 0)),
        ("Unix socket", lambda: call("socket", 1, 1, 0)),
        ("netlink socket", lambda: call("socket", 16, 3, 0)),
        ("socket pair", lambda: call("socketpair", 1, 1, 0, at)),
        ("signal the host", lambda: call("kill", parent, 0)),
        ("signal a host thread", lambda: call("tgkill", parent, parent, 0)),
        ("signal by pidfd", lambda: call("pidfd_open", parent, 0)),
        ("own a pipe's signals", lambda: call("fcntl", 1, 8, parent)),  # F_SETOWN
        ("trace", lambda: call("ptrace", 0x4206, 0, 0, 0)),  # PTRACE_SEIZE
        ("read host memory", lambda: call("process_vm_readv", parent, at, 1, at, 1, 0)),
        ("unnamed executable", lambda: call("memfd_create", b"vprog", 0)),
        ("io_uring", lambda: call("io_uring_setup", 1, at)),
        ("bpf", lambda: call("bpf", 0, at, 72)),
        ("userfaultfd", lambda: call("userfaultfd", 1)),
        ("perf", lambda: call("perf_event_open", at, 0, -1, -1, 0)),
        ("keyring", lambda: call("keyctl", 0, -3, 0)),
        ("shared memory", lambda: call("shmget", 0, 0, 0o600)),
        ("namespace", lambda: call("unshare", 0x10000000)),
        ("set a limit", lambda: call("prlimit64", 0, 7, struct.pack("=QQ", 32, 32), 0)),
        ("terminal", lambda: call("ioctl", 0, 0x5412, at)),  # TIOCSTI
        ("executable data", lambda: call("mmap", 0, 4096, 7, 0x22, -1, 0)),
        ("data made executable", lambda: call("mprotect", at | 1, 4096, 5)),
        ("exec", lambda: call("execve", 0, 0, 0)),
        ("fork", lambda: call("clone", 0x800 | 17, 0, 0, 0, 0)),  # SIGHAND without VM
        ("fork by clone3", lambda: call("clone3", at, 0)),
    ]
    return {name: attempt() for name, attempt in tried}
