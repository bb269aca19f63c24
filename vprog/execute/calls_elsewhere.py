"""Calls that another process on the same cache computes: waited for here, off every lane.

A call is claimed before it is computed, unless its module is cheap. One that is claimed by a
living process waits for what comes of it there: its result is then in the cache. Where that
process dies, the claim is open to whoever takes it next; where it gives the claim up without a
result (its call failed, or its file was not read whole), the call is computed here. A result that
lies in the cache is taken whatever the claim says: its owner may not have come to give it up. The
time of a call that waits is its own: who waits for it leaves it when that is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, Protocol, TypeVar
from weakref import WeakSet

from vprog.execute.claims import Claims

DEAR_S = 0.01
"""Calls that take less are not claimed: a claim, with writing the result at once, costs 0.25 ms."""

_OFTEN_S, _SELDOM_S = 0.01, 0.1
"""So often is looked at claims: at first, and after a second of waiting."""

_FORGETS = 0.8
"""A module is as dear as its dearest call lately: a dear one counts for the next ten."""


class Claimable(Hashable, Protocol):
    """A call as far as it matters here."""

    @property
    def key(self) -> str:
        """Equal for equal work."""


_Call = TypeVar("_Call", bound=Claimable)


class CallsElsewhere(Generic[_Call]):
    """The calls of one process that others compute.

    Args:
        claims: shared with the other processes; None where there are none.
        come_back: told of a call that waits no more, from a thread of its own; its result may be
            in the cache.
        is_known: whether the result of a call lies in the cache.
    """

    def __init__(
        self,
        claims: Claims | None,
        come_back: Callable[[_Call], None],
        is_known: Callable[[_Call], bool],
    ) -> None:
        self._claims = claims
        self._is_known = is_known
        self._come_back = come_back
        self._waiting: dict[_Call, float] = {}
        self._unclaimed: WeakSet[_Call] = WeakSet()
        """Calls whose claim was given up without a result: they wait once, not in a row."""
        self._cost_s: dict[str, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def took(self, module: str, seconds: float) -> None:
        """A call of a module took so long."""
        self._cost_s[module] = max(seconds, _FORGETS * self._cost_s.get(module, 0.0))

    def is_claimed(self, module: str) -> bool:
        """Whether the calls of a module are dear enough to be claimed."""
        return self._claims is not None and self._cost_s.get(module, DEAR_S) >= DEAR_S

    def claim(self, module: str, calls: Sequence[_Call]) -> set[_Call]:
        """Claim calls that are about to be computed; gives those that others are at work on."""
        if not self.is_claimed(module):
            return set()
        assert self._claims is not None
        with self._lock:
            asked = [call for call in calls if call not in self._unclaimed]
        theirs = self._claims.take([call.key for call in asked]) if asked else set()
        return {call for call in asked if call.key in theirs}

    def wait_for(self, calls: Sequence[_Call]) -> None:
        """Calls are computed elsewhere: `come_back` is told when that is over."""
        with self._lock:
            self._waiting.update(dict.fromkeys(calls, time.monotonic()))
            if self._waiting and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(
                    target=self._look, name="vprog-elsewhere", daemon=True
                )
                self._thread.start()

    def drop(self, call: _Call) -> bool:
        """Wait for a call no more; False where it did not wait."""
        with self._lock:
            return self._waiting.pop(call, None) is not None

    def release(self, keys: Sequence[str]) -> None:
        """What came of calls is written, or nothing will come of them here."""
        if self._claims is not None:
            self._claims.release(keys)

    def _look(self) -> None:
        assert self._claims is not None
        while True:
            with self._lock:
                waiting = dict(self._waiting)
                if not waiting:
                    self._thread = None
                    return
            states = self._claims.states({call.key for call in waiting})
            for call in waiting:
                state = states[call.key]
                if (state == "held" and not self._is_known(call)) or not self.drop(call):
                    continue
                if state == "free":
                    with self._lock:
                        self._unclaimed.add(call)
                self._come_back(call)
            is_fresh = time.monotonic() - max(waiting.values()) < 1.0
            time.sleep(_OFTEN_S if is_fresh else _SELDOM_S)
