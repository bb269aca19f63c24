"""Every decision of the filter program, run on a small machine of our own for both processors."""

from __future__ import annotations

import struct

import pytest

from vprog.jail.syscalls import (
    ALLOW,
    ARCHITECTURES,
    KILL,
    NO_SUCH_CALL,
    NUMBERS,
    REFUSE,
    build_filter,
)

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID, PATH = 4321, 0x7F12_3456_7890


def decide(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter gives for one call, by the rules of classic BPF."""
    program = bytearray(build_filter(machine).program)
    known = {"pid": PID, "path": PATH & 0xFFFFFFFF, "path_high": PATH >> 32}
    for offset, what in build_filter(machine).holes:
        struct.pack_into("=I", program, offset, known[what])
    words = [argument & (2**64 - 1) for argument in (*arguments, *[0] * 6)][:6]
    seen = struct.pack("<IIQ6Q", number, AUDIT[machine] if audit is None else audit, 0, *words)
    lines = list(struct.iter_unpack("=HBBI", program))
    at = loaded = 0
    while True:
        code, if_true, if_false, value = lines[at]
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            (loaded,) = struct.unpack_from("<I", seen, value)
        elif code == 0x54:
            loaded &= value
        elif code == 0x15:
            at += if_true if loaded == value else if_false
        elif code == 0x35:
            at += if_true if loaded >= value else if_false
        else:
            raise AssertionError(f"unknown instruction {code:#x}")


HERE = -100
THREAD = 0x3D0F00  # what a C library passes for a new thread
RULES = [
    ("read", (0,), ALLOW),
    ("write", (1,), ALLOW),
    ("openat", (HERE, 1, 0o2000000), ALLOW),  # O_RDONLY | O_CLOEXEC
    ("openat", (HERE, 1, 0o1), REFUSE),  # O_WRONLY
    ("openat", (HERE, 1, 0o2), REFUSE),  # O_RDWR
    ("openat", (HERE, 1, 0o100), REFUSE),  # O_CREAT
    ("openat", (HERE, 1, 0o1000), REFUSE),  # O_TRUNC
    ("openat", (HERE, 1, 0o20000000), REFUSE),  # O_TMPFILE
    ("openat", (HERE, 1, 0o10000000), REFUSE),  # O_PATH
    ("mmap", (0, 4096, 0x3, 0x22), ALLOW),  # read and write, private, anonymous
    ("mmap", (0, 4096, 0x5, 0x02, 3), ALLOW),  # a library's code
    ("mmap", (0, 4096, 0x7, 0x02, 3), REFUSE),
    ("mmap", (0, 4096, 0x4, 0x22), REFUSE),
    ("mmap", (0, 4096, 0x5, 0x22), REFUSE),
    ("mmap", (0, 4096, 0x5, 0x01, 3), REFUSE),  # shared
    ("mprotect", (0, 4096, 0x1), ALLOW),
    ("mprotect", (0, 4096, 0x3), ALLOW),
    ("mprotect", (0, 4096, 0x5), REFUSE),
    ("clone", (THREAD,), ALLOW),
    ("clone", (17,), REFUSE),  # SIGCHLD: a process
    ("clone", (0x4111,), REFUSE),  # vfork
    ("clone", (0,), REFUSE),
    ("clone", (THREAD | 0x10000000,), REFUSE),  # NEWUSER
    ("clone", (THREAD | 0x40000000,), REFUSE),  # NEWNET
    ("clone", (THREAD | 0x20000,), REFUSE),  # NEWNS
    ("execve", (PATH, 1, 2), ALLOW),
    ("execve", (PATH + 1, 1, 2), REFUSE),
    ("execve", (PATH & 0xFFFFFFFF, 1, 2), REFUSE),  # the low half alone
    ("execve", (PATH ^ 1 << 40, 1, 2), REFUSE),
    ("execve", (0,), REFUSE),
    ("execveat", (3, PATH), REFUSE),
    ("tgkill", (PID, PID + 1, 6), ALLOW),
    ("tgkill", (PID + 1, PID + 1, 6), REFUSE),
    ("tgkill", (-1, 1, 9), REFUSE),
    ("kill", (PID, 6), REFUSE),
    ("tkill", (PID, 6), REFUSE),
    ("rt_sigqueueinfo", (PID, 6), REFUSE),
    ("prctl", (15, 1), ALLOW),  # PR_SET_NAME
    ("prctl", (1, 0), REFUSE),  # PR_SET_PDEATHSIG
    ("prctl", (22, 2), REFUSE),  # PR_SET_SECCOMP
    ("prlimit64", (0, 3, 0, 1), ALLOW),
    ("prlimit64", (0, 7, 1, 0), REFUSE),
    ("prlimit64", (0, 7, 1 << 32, 0), REFUSE),
    ("prlimit64", (PID + 1, 7, 0, 1), REFUSE),
    *((name, (), REFUSE) for name in ("socket", "socketpair", "ptrace", "fcntl", "ioctl")),
    *((name, (), REFUSE) for name in ("memfd_create", "bpf", "userfaultfd", "perf_event_open")),
    *((name, (), REFUSE) for name in ("process_vm_readv", "process_vm_writev", "keyctl")),
    *((name, (), REFUSE) for name in ("unshare", "setns", "mount", "chroot", "personality")),
    *((name, (), REFUSE) for name in ("seccomp", "shmget", "setuid", "statx", "fchmodat")),
    *((name, (), REFUSE) for name in ("unlinkat", "mkdirat", "symlinkat")),
    *((name, (), NO_SUCH_CALL) for name in ("clone3", "io_uring_setup", "pidfd_open", "openat2")),
]


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(("call", "arguments", "expected"), RULES)
def test_filter_decides(machine: str, call: str, arguments: tuple[int, ...], expected: int) -> None:
    assert decide(machine, NUMBERS[machine][call], *arguments) == expected


@pytest.mark.parametrize("call", ["open", "fork", "vfork"])
def test_filter_refuses_old_calls_of_x86(call: str) -> None:
    assert decide("x86_64", NUMBERS["x86_64"][call]) == REFUSE


@pytest.mark.parametrize(("code", "expected"), [(0x1002, ALLOW), (0x1001, REFUSE)])
def test_filter_lets_arch_prctl_set_the_thread_pointer_only(code: int, expected: int) -> None:
    assert decide("x86_64", NUMBERS["x86_64"]["arch_prctl"], code) == expected


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize("audit", [0x40000003, 0x40000028, 0, 0xC0000015])  # i386, arm, ...
def test_filter_kills_calls_of_another_architecture(machine: str, audit: int) -> None:
    assert decide(machine, NUMBERS[machine]["read"], audit=audit) == KILL


def test_filter_kills_x32_calls() -> None:
    assert decide("x86_64", 0x40000000 | NUMBERS["x86_64"]["read"]) == KILL


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_filter_allows_nothing_else(machine: str) -> None:
    conditional = {"openat", "mmap", "mprotect", "clone", "prlimit64"}  # allowed with zeros
    allowed = {
        name for name, number in NUMBERS[machine].items() if decide(machine, number) == ALLOW
    }
    known = set(NUMBERS[machine].values())

    unknown = [decide(machine, number) for number in range(424) if number not in known]

    assert set(unknown) == {REFUSE}
    assert {decide(machine, number) for number in range(424, 600)} == {NO_SUCH_CALL}
    assert not allowed & {"execve", "kill", "tgkill", "socket", "prctl", "fork", "clone"}
    assert len(allowed - conditional) < 40


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_filter_jumps_stay_inside_the_program(machine: str) -> None:
    lines = list(struct.iter_unpack("=HBBI", build_filter(machine).program))
    for at, (code, if_true, if_false, _) in enumerate(lines):
        if code in (0x15, 0x35):
            assert at + 1 + max(if_true, if_false) < len(lines)
    assert lines[-1][0] == 0x06
    assert len(lines) < 4096  # the kernel's limit
