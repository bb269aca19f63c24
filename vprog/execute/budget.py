"""What one question may spend: calls, requests, tokens and seconds. Its forks share one budget.

The seconds are kept whatever the host does: work that may take long is waited for here
(`wait_for`, `bounded`), and left behind when they are over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from vprog.errors import BudgetError
from vprog.execute.host_task import HostTask, Pending

GRACE_S = 1.0
"""How long work may take to see by itself that the time is over."""

_CHECK_S = 0.5
"""Where a wait for a lock cannot be interrupted (Windows), Ctrl-C is seen this often."""

_Result = TypeVar("_Result")


class Budget:
    """Counts what one question spends, and ends it when that is too much.

    Args:
        max_calls: of modules.
        max_seconds: on the wall clock, from now on.
        max_llm_calls: requests to models that write or look.
        max_tokens: read and written by all models; 0 for no limit.
    """

    def __init__(
        self,
        *,
        max_calls: int = 5000,
        max_seconds: float = 600.0,
        max_llm_calls: int = 200,
        max_tokens: int = 0,
    ) -> None:
        self.max_calls = max_calls
        self.max_seconds = max_seconds
        self.max_llm_calls = max_llm_calls
        self.max_tokens = max_tokens
        self.calls = 0
        self.llm_calls = 0
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._is_stopped = False
        self._awaited: set[Pending[Any]] = set()

    @property
    def seconds_left(self) -> float:
        """Wall-clock seconds until the question is out of time; never below 0."""
        return max(0.0, self._seconds_to_end)

    @property
    def calls_left(self) -> int:
        """Module calls that may still be made."""
        return max(0, self.max_calls - self.calls)

    @property
    def llm_calls_left(self) -> int:
        """Requests to models that may still be made."""
        return max(0, self.max_llm_calls - self.llm_calls)

    @property
    def _seconds_to_end(self) -> float:
        """The same, negative when the time is over."""
        if self._is_stopped:
            return 0.0
        left = self.max_seconds - (time.monotonic() - self._began)
        return left if left == left else 0.0

    def charge_call(self) -> None:
        """Count one module call.

        Raises:
            BudgetError: the calls or the seconds are spent.
        """
        self.check_time()
        with self._lock:
            self.calls += 1
            if self.calls > self.max_calls:
                raise BudgetError(
                    f"the program made more than {self.max_calls} module calls.",
                    hint="Look at fewer frames (a lower fps), or raise max_calls in vprog.toml.",
                )

    def charge_llm_call(self) -> None:
        """Count one request to a model, whether it writes or looks.

        Raises:
            BudgetError: the requests or the seconds are spent.
        """
        self.check_time()
        with self._lock:
            self.llm_calls += 1
            if self.llm_calls > self.max_llm_calls:
                raise BudgetError(
                    f"the question used up its {self.max_llm_calls} requests to models.",
                    hint="Raise --max-llm-calls.",
                )

    def check_tokens(self, used: int, coming: int = 0) -> None:
        """Refuse a further request where the tokens are spent, or would not hold what it reads.

        Args:
            used: read and written so far, by the models that write and those that look.
            coming: about how many the request reads; 0 if that is not known.

        Raises:
            BudgetError: they are, or would not.
        """
        if not self.max_tokens or (used < self.max_tokens and used + coming <= self.max_tokens):
            return
        raise BudgetError(
            f"the question used up its {self.max_tokens} tokens."
            if used >= self.max_tokens
            else f"of {self.max_tokens} tokens {self.max_tokens - used} are left, and the next "
            f"request reads about {coming}.",
            hint="Raise max_tokens: --set max_tokens=N.",
        )

    def stop(self) -> None:
        """Leave nothing to spend: whatever checks from now on ends, whatever waits leaves."""
        self._is_stopped = True
        with self._lock:
            awaited = list(self._awaited)
        for task in awaited:
            task.wake()

    def check_time(self) -> None:
        """End the question when its seconds are spent, or it was stopped.

        Raises:
            BudgetError: they are.
        """
        if self._is_stopped:
            raise BudgetError("the question was stopped.", hint="Ask it again.")
        if self._seconds_to_end <= 0:
            raise BudgetError(
                f"the question ran longer than {self.max_seconds:g} seconds.",
                hint="Raise --max-seconds. What was computed is cached: the next run goes on "
                "from there.",
            )

    def wait_for(
        self,
        task: Pending[_Result],
        who: Callable[[], str],
        *,
        least_s: float = 0.0,
    ) -> _Result:
        """What a task gives; it is left behind when the seconds and a grace are over.

        Args:
            task: the work.
            who: what is at work, for the message: 'module "detect/DetectHog"'.
            least_s: how long it may take in any case.

        Raises:
            BudgetError: it was left behind; names who is at work.
            BaseException: what the work raises.
        """
        with self._lock:
            self._awaited.add(task)
        least = time.monotonic() + least_s
        try:
            while not task.is_over and not self._is_stopped:
                left = max(self._seconds_to_end + GRACE_S, least - time.monotonic())
                if left <= 0:
                    break
                task.wait(min(left, _CHECK_S))
            if not task.is_over:
                name = who()
                task.leave()
                raise self.overdue(name) or BudgetError(f"{name} took too long.")
            return task.result()
        except BaseException:
            task.leave()  # Ctrl-C while it was waited for
            raise
        finally:
            with self._lock:
                self._awaited.discard(task)

    def bounded(
        self,
        work: Callable[[], _Result],
        who: str,
        *,
        least_s: float = 0.0,
        too_late: Callable[[_Result], None] | None = None,
    ) -> _Result:
        """Do some work of the host, and leave it behind when the time is over.

        Args:
            work: what to do; it runs in another thread.
            who: what is at work, for the message: "the type check".
            least_s: how long it may take in any case.
            too_late: takes what it gave when nobody waited for it any more.

        Raises:
            BudgetError: it was left behind.
            BaseException: what the work raises.
        """
        is_left = threading.Event()

        def watched() -> _Result:
            result = work()
            if is_left.is_set() and too_late is not None:
                too_late(result)
            return result

        task = HostTask(watched, when_left=is_left.set)
        return self.wait_for(task, lambda: who, least_s=least_s)

    @contextmanager
    def alarm(self, ring: Callable[[], None]) -> Iterator[None]:
        """Call `ring`, from another thread, if the time is over while the block runs."""
        left = self._seconds_to_end + GRACE_S
        timer = threading.Timer(min(left, threading.TIMEOUT_MAX), ring)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def overdue(self, who: str) -> BudgetError | None:
        """The error of who was at work when the time was over; None while it is not."""
        if self._is_stopped:
            return BudgetError("the question was stopped.", hint="Ask it again.")
        if self.seconds_left > 0:
            return None
        return BudgetError(
            f"the question ran longer than {self.max_seconds:g} seconds: {who} was still at work, "
            "and was left behind.",
            hint="Raise --max-seconds.",
        )
