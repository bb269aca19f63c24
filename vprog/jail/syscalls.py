"""Which system calls a jailed worker may make, as a seccomp filter program.

Owns the allow-list, the conditions on arguments and the classic BPF made from
them, for x86_64 and aarch64. `child_layers.py` installs the program, `jail.py` says when.

    call                     allowed
    reading, writing, memory freely on what is open; openat for reading only
    mmap, mprotect           never memory that is writable and executable, and
                             executable only straight from a file
    clone                    a thread; never a process or a namespace
    execve                   the launcher's own one: its path argument must lie at the
                             launcher's address, which the program it starts cannot know
    tgkill                   the worker itself (abort needs it)
    prctl                    naming a thread
    prlimit64                asking; setting is refused
    numbers from 424 on      "no such call", so that a C library falls back to an older one
    any other call           refused with EPERM
    another architecture     the worker is killed (32-bit calls, x32)

A decoder process may, besides, send and receive on the sockets it has, copy descriptors and
look at their flags; and starts no program at all.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

ARCHITECTURES: Final = ("x86_64", "aarch64")


class Check(NamedTuple):
    """One condition: `argument & mask == value`, over all 64 bits."""

    argument: int
    mask: int
    value: int | str  # "pid" and "path" are known to the launcher only


class Rule(NamedTuple):
    """One way in which a call is allowed: every check holds."""

    call: str
    checks: tuple[Check, ...] = ()


class Filter(NamedTuple):
    """A filter program, and where the launcher writes what only it knows.

    `holes` are (byte offset, what): "pid", and "path", "path_high" for the low and
    high half of the address of the path given to execve.
    """

    program: bytes
    holes: tuple[tuple[int, str], ...]


def build_filter(machine: str, *, decoder: bool = False) -> Filter:
    """The filter for one of `ARCHITECTURES`; of a decoder process, or of a worker."""
    names = NUMBERS[machine]
    free = (*_FREE, *_FREE_ON[machine], *(_DECODER_FREE if decoder else ()))
    rules = (*(_DECODER_RULES if decoder else _WORKER_RULES), *_RULES, *_RULES_ON[machine])
    code = _Code()
    code.load(_ARCH)
    code.unless(_EQUAL, _AUDIT[machine], KILL)
    code.load(_NUMBER)
    if machine == "x86_64":
        code.when(_AT_LEAST, _X32_BIT, KILL)
    code.when(_AT_LEAST, _FIRST_NEW, NO_SUCH_CALL)
    for call in free:
        code.when(_EQUAL, names[call], ALLOW)
    for rule in rules:
        code.rule(names[rule.call], rule.checks)
    code.give(REFUSE)
    return code.finish()


ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | 1  # EPERM
NO_SUCH_CALL: Final = 0x00050000 | 38  # ENOSYS
KILL: Final = 0x80000000  # the whole process

# openat flags beside O_RDONLY: CLOEXEC; LARGEFILE and NOFOLLOW, which have each other's
# bit on the other architecture
_READ_ONLY_FLAGS: Final = 0o2000000 | 0o100000 | 0o400000
_ALL: Final = 0xFFFFFFFFFFFFFFFF
_INT: Final = 0xFFFFFFFF  # the kernel reads these arguments as int
_WRITE, _EXEC = 0x2, 0x4
_ANONYMOUS, _SHARED = 0x20, 0x01
_CLONE_THREAD: Final = 0x00010000
# NEWTIME (in the signal bits), PTRACE, VFORK, PARENT, NEWNS, NEWCGROUP, NEWUTS, NEWIPC,
# NEWUSER, NEWPID, NEWNET
_CLONE_BAD: Final = 0x80 | 0x2000 | 0x4000 | 0x8000 | 0x20000 | 0x7E000000

_FREE: Final = (
    *("read", "write", "writev", "pread64", "close", "lseek", "fstat", "newfstatat", "faccessat"),
    *("brk", "munmap", "mremap", "madvise", "futex", "ppoll"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("set_tid_address", "set_robust_list", "rseq", "gettid", "getpid"),
    *("sched_yield", "sched_getaffinity", "getrandom"),
    *("clock_gettime", "clock_getres", "gettimeofday", "clock_nanosleep", "nanosleep"),
    *("exit", "exit_group"),
)
_FREE_ON: Final[dict[str, tuple[str, ...]]] = {"x86_64": ("access", "poll"), "aarch64": ()}
_RULES: Final = (
    Rule("openat", (Check(2, _INT & ~_READ_ONLY_FLAGS, 0),)),
    Rule("mmap", (Check(2, _EXEC, 0),)),
    Rule("mmap", (Check(2, _EXEC | _WRITE, _EXEC), Check(3, _ANONYMOUS | _SHARED, 0))),
    Rule("mprotect", (Check(2, _EXEC, 0),)),
    Rule("clone", (Check(0, _CLONE_THREAD | _CLONE_BAD, _CLONE_THREAD),)),
    Rule("tgkill", (Check(0, _INT, "pid"),)),
    Rule("prctl", (Check(0, _INT, 15),)),  # PR_SET_NAME
    Rule("prlimit64", (Check(0, _INT, 0), Check(2, _ALL, 0))),
)
_WORKER_RULES: Final = (Rule("execve", (Check(0, _ALL, "path"),)),)
_DECODER_FREE: Final = (
    *("sendmsg", "recvmsg", "sendto", "recvfrom", "getsockname", "dup"),
    *("getrusage", "sysinfo", "fadvise64"),
)
_DECODER_RULES: Final = tuple(
    Rule("fcntl", (Check(1, _INT, command),))
    for command in (1030, 1, 2, 3)  # F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL
)
_RULES_ON: Final[dict[str, tuple[Rule, ...]]] = {
    "x86_64": (Rule("arch_prctl", (Check(0, _INT, 0x1002),)),),  # ARCH_SET_FS
    "aarch64": (),
}


def _table(text: str) -> dict[str, int]:
    pairs = (word.split("=") for word in text.split())
    return {name: int(number) for name, number in pairs}


# Linux system call numbers: those above, and those that the jail's tests attempt.
NUMBERS: Final[dict[str, dict[str, int]]] = {
    "x86_64": _table("""
        read=0 write=1 open=2 close=3 fstat=5 poll=7 lseek=8 mmap=9 mprotect=10 munmap=11 brk=12
        rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 ioctl=16 pread64=17 writev=20 access=21
        sched_yield=24 mremap=25 madvise=28 shmget=29 dup=32 nanosleep=35 getpid=39 socket=41
        sendto=44 recvfrom=45 sendmsg=46 recvmsg=47 getsockname=51 socketpair=53 clone=56 fork=57
        vfork=58 execve=59 exit=60 kill=62 fcntl=72 gettimeofday=96 getrusage=98 sysinfo=99
        ptrace=101 setuid=105 rt_sigqueueinfo=129 sigaltstack=131 personality=135 prctl=157
        arch_prctl=158 chroot=161 mount=165 gettid=186 tkill=200 futex=202 sched_getaffinity=204
        set_tid_address=218 restart_syscall=219 fadvise64=221 clock_gettime=228 clock_getres=229
        clock_nanosleep=230 exit_group=231 tgkill=234 keyctl=250 openat=257 mkdirat=258
        newfstatat=262 unlinkat=263 symlinkat=266 fchmodat=268 faccessat=269 ppoll=271 unshare=272
        set_robust_list=273 perf_event_open=298 prlimit64=302 setns=308 process_vm_readv=310
        process_vm_writev=311 seccomp=317 getrandom=318 memfd_create=319 bpf=321 execveat=322
        userfaultfd=323 statx=332 rseq=334 io_uring_setup=425 pidfd_open=434 clone3=435
        openat2=437
    """),
    "aarch64": _table("""
        dup=23 fcntl=25 ioctl=29 mkdirat=34 unlinkat=35 symlinkat=36 mount=40 faccessat=48
        chroot=51 fchmodat=53 openat=56 close=57 lseek=62 read=63 write=64 writev=66 pread64=67
        ppoll=73 newfstatat=79 fstat=80 personality=92 exit=93 exit_group=94 set_tid_address=96
        unshare=97 futex=98 set_robust_list=99 nanosleep=101 clock_gettime=113 clock_getres=114
        clock_nanosleep=115 ptrace=117 sched_getaffinity=123 sched_yield=124 restart_syscall=128
        kill=129 tkill=130 tgkill=131 sigaltstack=132 rt_sigaction=134 rt_sigprocmask=135
        rt_sigqueueinfo=138 rt_sigreturn=139 setuid=146 getrusage=165 prctl=167 gettimeofday=169
        getpid=172 gettid=178 sysinfo=179 shmget=194 socket=198 socketpair=199 getsockname=204
        sendto=206 recvfrom=207 sendmsg=211 recvmsg=212 brk=214 munmap=215 mremap=216 keyctl=219
        clone=220 execve=221 mmap=222 fadvise64=223 mprotect=226 madvise=233 perf_event_open=241
        prlimit64=261 setns=268 process_vm_readv=270 process_vm_writev=271 seccomp=277
        getrandom=278 memfd_create=279 bpf=280 execveat=281 userfaultfd=282 statx=291 rseq=293
        io_uring_setup=425 pidfd_open=434 clone3=435 openat2=437
    """),
}

_AUDIT: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT: Final = 0x40000000
_FIRST_NEW: Final = 424  # from here on all architectures share their numbers
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST = 0x15, 0x35


class _Code:
    """Classic BPF instructions, jumping forward only."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, int, int, int]] = []
        self._holes: list[tuple[int, str]] = []

    def load(self, offset: int) -> None:
        self._lines.append((_LOAD, 0, 0, offset))

    def give(self, action: int) -> None:
        self._lines.append((_RETURN, 0, 0, action))

    def when(self, test: int, value: int, action: int) -> None:
        """Give `action` if the loaded word compares true with `value`."""
        self._lines.append((test, 0, 1, value))
        self.give(action)

    def unless(self, test: int, value: int, action: int) -> None:
        self._lines.append((test, 1, 0, value))
        self.give(action)

    def rule(self, number: int, checks: tuple[Check, ...]) -> None:
        """Allow call `number` if every check holds; else go on behind the rule."""
        words = [word for check in checks for word in _words(check)]
        left = sum(2 + (mask != _INT) for _, mask, _ in words) + 1  # lines behind the test
        self.load(_NUMBER)
        self._lines.append((_EQUAL, 0, left, number))
        for offset, mask, value in words:
            self.load(offset)
            left -= 1
            if mask != _INT:
                self._lines.append((_AND, 0, 0, mask))
                left -= 1
            left -= 1
            if isinstance(value, str):
                self._holes.append((8 * len(self._lines) + 4, value))
            self._lines.append((_EQUAL, 0, left, value if isinstance(value, int) else 0))
        self.give(ALLOW)

    def finish(self) -> Filter:
        # struct sock_filter: u16 code, u8 jump if true, u8 jump if false, u32 k
        program = b"".join(struct.pack("=HBBI", *line) for line in self._lines)
        return Filter(program, tuple(self._holes))


def _words(check: Check) -> list[tuple[int, int, int | str]]:
    """A check as (offset, mask, value) over the 32-bit halves its mask touches."""
    at = _ARGUMENTS + 8 * check.argument  # little-endian on both architectures
    low, high = check.mask & _INT, check.mask >> 32
    if isinstance(check.value, str):
        words: list[tuple[int, int, int | str]] = [(at, low, check.value)]
        return [*words, (at + 4, high, check.value + "_high")] if high else words
    words = [(at, low, check.value & _INT)]
    return [*words, (at + 4, high, check.value >> 32)] if high else words
