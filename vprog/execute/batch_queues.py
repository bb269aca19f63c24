"""Which calls go into a module's next batch, and when: decisions only, without clock or thread.

Each module has a queue; a lane is what does one batch at a time: an instance, or a device that
several modules share. When its lane is free, a batch goes as soon as it is full, as soon as every
live program waits for a call (nobody could add one), or when no call has come for a grace. A fixed
window is nowhere: a lone program waits for nothing. Guesses (calls that a program has announced)
fill up what goes anyway, or make a full batch of their own while the lane would be idle.

scheduler.py owns the clock, the threads and the modules.
"""

from __future__ import annotations

import math
import operator
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

GRACE_S = 0.002
"""So long after the last call a batch waits for more: a crossing of the sandbox takes a tenth."""

LONGEST_GRACE_S = 0.010
"""A steady trickle of calls does not hold a batch up longer: 60 programs re-issue within it."""

_LOOK_AHEAD = 1.5
"""Batches' worth of guesses over all programs: more is wasted once there are many of them."""

_Item = TypeVar("_Item", bound=Hashable)


def most_ahead(size: int, n_live: int, *, is_certain: bool) -> int:
    """How many calls of a loop may be made ahead of it.

    Two batches where it runs to its end: one is computed while the program reads the other.
    At most one where it may end early, and all of it might be wasted.

    Args:
        size: of a full batch.
        n_live: programs that share it.
        is_certain: whether the loop runs to its end.
    """
    if is_certain:
        return 2 * size
    return max(1, min(size, round(_LOOK_AHEAD * size / max(1, n_live))))


class BatchCosts:
    """What calls of each module took, alone and in batches, as last measured."""

    def __init__(self) -> None:
        self._alone: dict[str, float] = {}
        self._shared: dict[str, float] = {}

    def took(self, module: str, n: int, seconds: float) -> None:
        """So many calls took so long together."""
        if n > 1:
            self._shared[module] = seconds / n
        else:  # the first of a process warms up
            self._alone[module] = min(seconds, self._alone.get(module, seconds))

    def saves(self, module: str) -> float:
        """Seconds that a call saves in a batch: at most what it takes, where no batch is known."""
        return self._alone.get(module, math.inf) - self._shared.get(module, 0.0)


class Batch(msgspec.Struct, Generic[_Item], frozen=True):
    """Calls of one module that go together, and the lane that is theirs until `freed`."""

    module: str
    lane: Hashable
    items: tuple[_Item, ...]


class _Turns(Generic[_Item]):
    """Items by owner; owners take turns, each one's items in their order."""

    def __init__(self) -> None:
        self._of: OrderedDict[Hashable, dict[_Item, None]] = OrderedDict()
        self.n = 0

    def add(self, owner: Hashable, item: _Item) -> None:
        self._of.setdefault(owner, {})[item] = None
        self.n += 1

    def remove(self, owner: Hashable, item: _Item) -> None:
        items = self._of[owner]
        del items[item]
        self.n -= 1
        if not items:
            del self._of[owner]

    def take(self, n: int) -> list[_Item]:
        taken: list[_Item] = []
        while len(taken) < n and self._of:
            owner, items = self._of.popitem(last=False)
            item = next(iter(items))
            del items[item]
            if items:
                self._of[owner] = items  # its next turn comes after those of the others
            taken.append(item)
        self.n -= len(taken)
        return taken


@dataclass
class _Queue(Generic[_Item]):
    module: str
    lane: Hashable
    size: int
    demanded: _Turns[_Item] = field(default_factory=_Turns)
    guessed: _Turns[_Item] = field(default_factory=_Turns)
    first_at: float = 0.0
    last_at: float = 0.0
    served: int = 0
    """When it was last served, in batches; who waits longest is next."""


@dataclass
class _Lane(Generic[_Item]):
    queues: list[_Queue[_Item]] = field(default_factory=list)
    is_busy: bool = False
    holder: str = ""
    freed_at: float = 0.0


_WHEN_SERVED = operator.attrgetter("served")


class BatchQueues(Generic[_Item]):
    """The queues of all modules over all live programs."""

    def __init__(self) -> None:
        self.n_live = 0
        """Programs that run and may call."""
        self.n_waiting = 0
        """Calls that a program waits for, whether queued or at work."""
        self._queues: dict[str, _Queue[_Item]] = {}
        self._lanes: dict[Hashable, _Lane[_Item]] = {}
        self._where: dict[_Item, tuple[_Queue[_Item], Hashable, bool]] = {}
        self._sizes: dict[str, int] = {}
        self._served = 0

    def add(
        self,
        item: _Item,
        *,
        module: str,
        lane: Hashable,
        size: int,
        owner: Hashable,
        now: float,
        is_guess: bool = False,
    ) -> None:
        """Queue a call.

        Args:
            item: the call.
            module: its module.
            lane: where its module's batches run.
            size: the most calls of a batch.
            owner: whose it is; owners take turns.
            now: seconds on any clock.
            is_guess: whether no program waits for it yet.
        """
        queue = self._queues.get(module)
        if queue is None:
            queue = self._queues[module] = _Queue(module, lane, size)
            self._lanes.setdefault(lane, _Lane()).queues.append(queue)
        queue.size = self._sizes.get(module, size)
        if not is_guess:
            queue.first_at = queue.first_at if queue.demanded.n else now
            queue.last_at = now
        (queue.guessed if is_guess else queue.demanded).add(owner, item)
        self._where[item] = (queue, owner, is_guess)

    def remove(self, item: _Item) -> bool:
        """Take a call out; False where it is not queued (any more)."""
        if item not in self._where:
            return False
        queue, owner, is_guess = self._where.pop(item)
        (queue.guessed if is_guess else queue.demanded).remove(owner, item)
        return True

    def demand(self, item: _Item, now: float) -> None:
        """A program waits for what was a guess."""
        if item in self._where and self._where[item][2]:
            queue, owner, _ = self._where[item]
            self.remove(item)
            self.add(
                item, module=queue.module, lane=queue.lane, size=queue.size, owner=owner, now=now
            )

    def due(self, now: float) -> list[Batch[_Item]]:
        """The batches that go now; their lanes are busy from here on."""
        if not self._where:
            return []
        idle = [lane for lane in self._lanes.values() if not lane.is_busy]
        return [batch for lane in idle if (batch := self._next(lane, now)) is not None]

    def due_at(self) -> float | None:
        """When a grace ends, if one runs; until then only a call or a lane changes anything."""
        if not self._where:
            return None
        graces = [
            self._grace_end(queue)
            for queue in self._queues.values()
            if queue.demanded.n and not self._lanes[queue.lane].is_busy
        ]
        return min(graces, default=None)

    def freed(self, lane: Hashable, now: float) -> None:
        """The batch that held a lane is over."""
        self._lanes[lane].is_busy = False
        self._lanes[lane].freed_at = now

    def halve(self, module: str, size: int) -> int:
        """Batches of a module were too large at a size; the most calls from now on."""
        self._sizes[module] = max(1, min(self._sizes.get(module, size), size // 2))
        if module in self._queues:
            self._queues[module].size = self._sizes[module]
        return self._sizes[module]

    def holder_before(self, item: _Item) -> str:
        """The module whose batch a queued call waits for; "" if there is none."""
        if item not in self._where:
            return ""
        lane = self._lanes[self._where[item][0].lane]
        return lane.holder if lane.is_busy else ""

    def _next(self, lane: _Lane[_Item], now: float) -> Batch[_Item] | None:
        queues = [queue for queue in lane.queues if queue.demanded.n or queue.guessed.n]
        queues.sort(key=_WHEN_SERVED)
        is_quiet = self._is_quiet()
        is_demanded = False
        for queue in queues:
            if queue.demanded.n:
                is_demanded = True
                is_full = queue.demanded.n + queue.guessed.n >= queue.size
                if is_quiet or is_full or now >= self._grace_end(queue):
                    return self._take(lane, queue)
        if not is_demanded:
            for queue in queues:
                if queue.guessed.n >= queue.size:
                    return self._take(lane, queue)
        return None

    def _is_quiet(self) -> bool:
        """Whether every live program waits: nobody could add a call."""
        return self.n_waiting >= self.n_live

    def _take(self, lane: _Lane[_Item], queue: _Queue[_Item]) -> Batch[_Item]:
        taken = queue.demanded.take(queue.size)
        if queue.guessed.n:
            taken += queue.guessed.take(queue.size - len(taken))
        for item in taken:
            del self._where[item]
        self._served += 1
        queue.served = self._served
        lane.is_busy, lane.holder = True, queue.module
        return Batch(queue.module, queue.lane, tuple(taken))

    def _grace_end(self, queue: _Queue[_Item]) -> float:
        """The end of the grace, of a queue with a call that a program waits for."""
        freed_at = self._lanes[queue.lane].freed_at
        return min(
            max(queue.last_at, freed_at) + GRACE_S,
            max(queue.first_at, freed_at) + LONGEST_GRACE_S,
        )
