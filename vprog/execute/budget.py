"""What one question may spend. Forks of a program share one budget."""

from __future__ import annotations

import threading
import time

from vprog.errors import BudgetError


class Budget:
    """Counts calls and seconds of one question, and ends it when they are spent."""

    def __init__(
        self, *, max_calls: int = 5000, max_seconds: float = 600.0, max_llm_calls: int = 20
    ) -> None:
        self.max_calls = max_calls
        self.max_seconds = max_seconds
        self.max_llm_calls = max_llm_calls
        self.calls = 0
        self.llm_calls = 0
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._is_stopped = False

    @property
    def seconds_left(self) -> float:
        """Wall-clock seconds until the question is out of time; never below 0."""
        if self._is_stopped:
            return 0.0
        return max(0.0, self.max_seconds - (time.monotonic() - self._began))

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
        """Count one request to a language model.

        Raises:
            BudgetError: the requests or the seconds are spent.
        """
        self.check_time()
        with self._lock:
            self.llm_calls += 1
            if self.llm_calls > self.max_llm_calls:
                raise BudgetError(
                    f"the question used up its {self.max_llm_calls} requests to the "
                    "language model.",
                    hint="Raise --max-llm-calls.",
                )

    def stop(self) -> None:
        """Leave nothing to spend: whatever checks from now on ends."""
        self._is_stopped = True

    def check_time(self) -> None:
        """End the question when its seconds are spent, or it was stopped.

        Raises:
            BudgetError: they are.
        """
        if self._is_stopped:
            raise BudgetError("the question was stopped.", hint="Ask it again.")
        if self.seconds_left <= 0:
            raise BudgetError(
                f"the question ran longer than {self.max_seconds:g} seconds.",
                hint="Raise --max-seconds. What was computed is cached: the next run goes on "
                "from there.",
            )
