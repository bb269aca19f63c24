"""Worker processes: how many there are, how they are started, and that none is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, final
from weakref import WeakSet

from vprog.boundary.clean_text import clean_line
from vprog.errors import BusyError, PackageMissingError, SandboxError
from vprog.jail.worker_files import monty_binary
from vprog.sandbox.limits_from_settings import SessionLimits
from vprog.sandbox.monty import MontyProgram
from vprog.sandbox.process import Process
from vprog.sandbox.session_protocol import Session
from vprog.sandbox.type_check import CHECK_STUB, CHECKS_PER_WORKER, Checker, Diagnostic
from vprog.settings import Settings

if TYPE_CHECKING:
    from pydantic_monty import Monty, MontySession, OSPolicy, ResourceLimits


FORK_TURN_S = 0.5
"""After which a fork that does not come to a call is stopped: what it does is for nothing then."""

FORK_START_S = 2.0
"""A program waits no longer for the worker of its forks."""


@final
class Pool:
    """Live programs, a spare, and the check session, each in a worker of its own.

    From the second program on the spare is started ahead, while the one before it runs: its start
    takes longer than a question whose results are in the cache. A process that asks once pays none.
    """

    def __init__(
        self,
        *,
        size: int = 1,
        stubs: str = "",
        limits: SessionLimits | None = None,
        launcher: Path | None = None,
    ) -> None:
        """Make the pool; workers start when they are needed.

        Args:
            size: how many programs may be live at once; a spare is added.
            stubs: the .pyi text that programs are checked against.
            limits: what each session may use; by default what the settings do by default.
            launcher: what starts a worker, as `jail.launcher()` gives it; None starts it
                without the jail.

        Raises:
            PackageMissingError: pydantic-monty is not installed.
        """
        self.limits = limits or SessionLimits.of(Settings())
        self._stubs = stubs + CHECK_STUB
        self._launcher = launcher
        self._lock = threading.Lock()
        self._live: set[MontyProgram] = set()
        self._fork_workers: WeakSet[ForkWorker] = WeakSet()
        self.spare_fork: ForkWorker | None = None
        """For the next program that is forked."""
        self._is_closed = False
        self._n_programs = 0
        self._ahead: Future[_Ahead] | None = None
        self._programs = self._open(size + 1, self.limits.watchdog_seconds)
        self._checks = self._open(1, self.limits.check_seconds)
        self._checker = Checker(self._check_out_checker)

    def session(self) -> Session:
        """A new session; it takes its worker at `start` or `load`."""
        program = MontyProgram(self._check_out, self.limits, self._forget)
        with self._lock:
            if self._is_closed:
                raise SandboxError("sandbox: the pool is closed.")
            self._live.add(program)
        return program

    def fork_worker(self) -> ForkWorker:
        """A worker for the forks of one program; it begins to start, if none is there already."""
        with self._lock:
            spare, self.spare_fork = self.spare_fork, None
        return spare or self._fork_worker(is_spare=False)

    def _start_spare_fork(self) -> None:
        """Forks are of use here: start the worker for those of the next program."""
        with self._lock:
            if self.spare_fork is not None or self._is_closed:
                return
        spare = self._fork_worker(is_spare=True)
        with self._lock:
            self.spare_fork = spare

    def _fork_worker(self, *, is_spare: bool) -> ForkWorker:
        worker = ForkWorker(
            lambda: self._open(1, FORK_TURN_S),
            self._checked_out,
            self.limits,
            self._forget,
            self._start_spare_fork,
            is_spare=is_spare,
        )
        with self._lock:
            self._fork_workers.add(worker)
        return worker

    def check(self, program: str, *, from_line: int = 1) -> list[Diagnostic]:
        """What is wrong with the types of a program; see `Checker.check`."""
        if self._is_closed:
            raise SandboxError("sandbox: the pool is closed.")
        return self._checker.check(program, from_line=from_line)

    def close(self) -> None:
        """Stop every worker now, also those in the middle of a turn. May be called twice."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            live = list(self._live)
            fork_workers = list(self._fork_workers)
            ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.add_done_callback(_end)
        for program in live:
            program.kill()
        for worker in fork_workers:
            worker.close()
        self._checker.close()
        for pool in (self._programs, self._checks):
            pool.__exit__(None, None, None)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, n_workers: int, watchdog_seconds: float) -> Monty:
        try:
            from pydantic_monty import Monty
        except ImportError as error:
            raise PackageMissingError(
                f"the sandbox cannot start: pydantic_monty does not import ({error}).",
                hint="Run: pip install 'pydantic-monty>=1.3,<1.5'",
            ) from error
        pool = Monty(
            binary_path=self._launcher or monty_binary(),
            min_processes=0,
            max_processes=n_workers,
            checkout_timeout=self.limits.checkout_seconds,
            request_timeout=watchdog_seconds,
            feed_duration_limit_grace=self.limits.grace_seconds,
            turn_duration_limit_grace=self.limits.grace_seconds,
        )
        return pool.__enter__()

    def _check_out(self) -> MontySession:
        with self._lock:
            ahead, self._ahead = self._ahead, None
            self._n_programs += 1
        taken = None if ahead is None else _live(ahead)
        worker = taken or self._start()
        self._start_ahead()
        return worker

    def _start_ahead(self) -> None:
        """Begin to start the worker of the next program, unless this is the first."""
        with self._lock:
            if self._n_programs < 2 or self._ahead is not None or self._is_closed:
                return
            ahead: Future[_Ahead] = Future()
            self._ahead = ahead

        def start() -> None:
            try:
                ahead.set_result(_Ahead(self._start()))
            except BaseException as error:  # who takes it starts one again, and is told
                ahead.set_exception(error)

        threading.Thread(target=start, name="vprog-worker-ahead", daemon=True).start()

    def _start(self) -> MontySession:
        return self._checked_out(self._programs)

    def _checked_out(self, pool: Monty) -> MontySession:
        return self._enter(
            pool.checkout(
                limits=_resource_limits(self.limits),
                os_policy=_os_policy(),
                assert_message_annotations=False,
            )
        )

    def _check_out_checker(self) -> MontySession:
        return self._enter(
            self._checks.checkout(
                type_check=True,
                type_check_stubs=self._stubs,
                type_check_format="jsonlines",
                limits={"max_suspensions": 2 * CHECKS_PER_WORKER},
                os_policy=_os_policy(),
            )
        )

    def _enter(self, session: MontySession) -> MontySession:
        from pydantic_monty import MontyError

        if self._is_closed:
            raise SandboxError("sandbox: the pool is closed.")
        try:
            entered = session.__enter__()
        except TimeoutError as error:
            raise BusyError(
                f"sandbox: no worker came free within {self.limits.checkout_seconds:g} s.",
                hint="Ask again in a few seconds, or with fewer questions at a time.",
            ) from error
        except (MontyError, OSError) as error:
            raise SandboxError(
                f"sandbox: a worker does not start: {clean_line(str(error))}",
                hint="Run `vprog doctor`.",
            ) from error
        if self._is_closed:  # while this thread waited for the worker
            entered.__exit__(None, None, None)
            raise SandboxError("sandbox: the pool is closed.")
        return entered

    def _forget(self, program: MontyProgram) -> None:
        with self._lock:
            self._live.discard(program)


@final
class ForkWorker:
    """One worker that the forks of one program take in turn, and nobody else. May be closed twice.

    Between two forks it forgets all (0.4 ms); a fresh one takes 20 to 50 ms to start.
    """

    def __init__(
        self,
        open_one: Callable[[], Monty],
        check_out: Callable[[Monty], MontySession],
        limits: SessionLimits,
        forget: Callable[[MontyProgram], None],
        is_of_use: Callable[[], None],
        *,
        is_spare: bool,
    ) -> None:
        """Begin to start it; see `Pool.fork_worker`."""
        self.is_of_use = is_of_use
        """To be told that forks save time here."""
        self.is_spare = is_spare
        """Whether it was started before its program needed it."""
        self._check_out = check_out
        self._limits = limits
        self._forget = forget
        self._opened: Future[Monty] = Future()
        threading.Thread(
            target=self._open, args=(open_one,), name="vprog-worker-of-forks", daemon=True
        ).start()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has started, at the latest after a time; it may have failed to."""
        done, _ = wait([self._opened], max(0.0, min(timeout_s, FORK_START_S)))
        return bool(done)

    def session(self) -> Session:
        """For one fork after the other: each is loaded in place of the one before."""
        return MontyProgram(
            lambda: self._check_out(self._opened.result()),
            self._limits,
            self._forget,
            keeps_worker=True,
        )

    def close(self) -> None:
        """Stop it, once it has started."""
        self._opened.add_done_callback(_stop)

    def _open(self, open_one: Callable[[], Monty]) -> None:
        try:
            pool = open_one()
            try:
                self._check_out(pool).__exit__(None, None, None)  # there from here on
            except BaseException:
                pool.__exit__(None, None, None)
                raise
            self._opened.set_result(pool)
        except BaseException as error:  # who takes it is told
            self._opened.set_exception(error)


def _stop(opened: Future[Monty]) -> None:
    if opened.exception() is None:
        opened.result().__exit__(None, None, None)


class _Ahead:
    """A worker that waits for its program."""

    def __init__(self, worker: MontySession) -> None:
        self.worker = worker
        self.process = Process(worker.worker_pid)  # now: later the number may be another's

    def end(self) -> None:
        """Stop it, for no program came."""
        self.process.kill()
        self.worker.__exit__(None, None, None)
        self.process.close()


def _live(ahead: Future[_Ahead]) -> MontySession | None:
    """The worker that was started ahead; None if it did not start, or died as it waited."""
    if ahead.exception() is not None:
        return None
    started = ahead.result()
    if started.process.is_gone():
        started.end()
        return None
    started.process.close()
    return started.worker


def _end(ahead: Future[_Ahead]) -> None:
    """The pool is closed, and nobody has taken what was started ahead."""
    if ahead.exception() is None:
        ahead.result().end()


def _os_policy() -> OSPolicy:
    """No sleep, a clock that stands still, the same random numbers in every run."""
    return {
        "datetime": datetime(2000, 1, 1, tzinfo=UTC),
        "timezone": "utc",
        "sleep": "zero",
        "process_time": "zero",
        "random_start": {"seed": 0},
    }


def _resource_limits(limits: SessionLimits) -> ResourceLimits:
    return {
        "max_feed_duration_secs": limits.cell_seconds,
        "max_turn_duration_secs": limits.turn_seconds,
        "max_memory": limits.memory_mb << 20,
        "max_recursion_depth": limits.recursion,
        "max_suspensions": limits.max_calls,
        "max_total_sleep_secs": 0.0,
    }
