"""Programs that call one module again and again, replayed through BatchQueues on a virtual clock.

The host serves one program at a time, as the interpreter's lock has it; the module computes one
batch at a time. Used by tests and by benchmarks/batching.py.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from vprog.execute.batch_queues import Batch, BatchQueues


@dataclass(frozen=True)
class Module:
    """A batch of b calls takes `fixed_s + b * each_s`."""

    fixed_s: float
    each_s: float
    size: int

    def seconds(self, n: int) -> float:
        return self.fixed_s + n * self.each_s

    def ideal_s(self, n_calls: int) -> float:
        """All calls in full batches."""
        return -(-n_calls // self.size) * self.fixed_s + n_calls * self.each_s


@dataclass
class Replayed:
    seconds: float = 0.0
    batches: list[int] = field(default_factory=list)

    @property
    def n_calls(self) -> int:
        return sum(self.batches)


_Item = tuple[int, int]
"""Program and number of the call."""


def replay(
    module: Module,
    *,
    n_programs: int,
    n_calls: int,
    host_s: float,
    ahead: int | Callable[[int], int],
) -> Replayed:
    """How long it takes and in which batches.

    Args:
        module: what is called.
        n_programs: alive at the same time.
        n_calls: of each program, one after the other.
        host_s: what each call costs the host, one call at a time.
        ahead: how many calls each program has announced beyond the one that it waits for; may hang
            on how many it has made.
    """
    queues: BatchQueues[_Item] = BatchQueues()
    queues.n_live = n_programs
    events: list[tuple[float, int, Callable[[float], None]]] = []
    order = itertools.count()
    done: set[_Item] = set()
    known: set[_Item] = set()
    waited: set[_Item] = set()
    host_free = 0.0
    result = Replayed()

    def at(when: float, event: Callable[[float], None]) -> None:
        heapq.heappush(events, (when, next(order), event))

    def add(item: _Item, now: float, *, is_guess: bool) -> None:
        if item not in known and item[1] < n_calls:
            known.add(item)
            queues.add(
                item,
                module="m",
                lane="m",
                size=module.size,
                owner=item[0],
                now=now,
                is_guess=is_guess,
            )

    def host(now: float, item: _Item) -> None:
        """The program of a call goes on, when the host is free for it."""
        nonlocal host_free
        host_free = max(host_free, now) + host_s
        at(host_free, lambda then: call(then, item))

    def call(now: float, item: _Item) -> None:
        program, number = item
        if number == n_calls:
            queues.n_live -= 1
            return
        if item in known:
            queues.demand(item, now)
        add(item, now, is_guess=False)
        for further in range(1, (ahead if isinstance(ahead, int) else ahead(number)) + 1):
            add((program, number + further), now, is_guess=True)
        if item in done:
            host(now, (program, number + 1))
        else:
            queues.n_waiting += 1
            waited.add(item)

    def over(now: float, batch: Batch[_Item]) -> None:
        queues.freed("m", now)
        done.update(batch.items)
        for item in batch.items:
            if item in waited:
                queues.n_waiting -= 1
                host(now, (item[0], item[1] + 1))

    for program in range(n_programs):
        host(0.0, (program, 0))
    while events:
        now, _, event = heapq.heappop(events)
        event(now)
        for batch in queues.due(now):
            result.batches.append(len(batch.items))
            at(now + module.seconds(len(batch.items)), lambda then, batch=batch: over(then, batch))
        due_at = queues.due_at()
        if due_at is not None:
            at(max(now, due_at), lambda then: None)
        result.seconds = now
    return result
