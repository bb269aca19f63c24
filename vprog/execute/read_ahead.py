"""Calls that a program has announced, made before it makes them so that they share batches.

A loop tells all its calls in one crossing (program/lowering/announce.py). They are made a batch or
two ahead of the program, and each result waits for the call that was announced: found by its key,
so that a wrong guess is wasted and never an answer. Budget, order, warnings and errors are those of
the program's own calls: a guess that fails is made again when its turn comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vprog.execute.batch_queues import most_ahead
from vprog.execute.scheduler import CallTask, Scheduler
from vprog.registry.call_context import VlmMeter
from vprog.registry.module import ModuleSpec

_Said = tuple[str, tuple[object, ...], dict[str, object]]
"""A call as it was announced: task, arguments, arguments by name; hostile, as all that crosses."""


@dataclass
class Guess:
    """A call that was made ahead.

    Attributes:
        task: the scheduler's.
        told: what its module warned of, for when the program makes the call.
        meter: what a VLM read and wrote for it; the run's, once the call is made.
    """

    task: CallTask
    told: list[str]
    meter: VlmMeter


class Guesser(Protocol):
    """Makes calls ahead; the broker."""

    def guess(
        self, spec: ModuleSpec, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> tuple[str, Guess | None] | None:
        """The key of a call, and the call if its result is not known yet; None if it is wrong."""


@dataclass
class _Loop:
    said: deque[_Said]
    is_certain: bool
    open: set[str] = field(default_factory=set)
    """Keys of its calls that are made or known, and that the program has not made yet."""


class ReadAhead:
    """What one running cell has announced. Used by the thread that runs it."""

    def __init__(
        self,
        guesser: Guesser,
        modules: dict[str, ModuleSpec],
        scheduler: Scheduler,
        calls_left: Callable[[], int],
    ) -> None:
        self._guesser = guesser
        self._modules = modules
        self._scheduler = scheduler
        self._calls_left = calls_left
        self._loops: list[_Loop] = []
        self._guesses: dict[str, Guess] = {}
        self._wasted = 0

    @property
    def tasks(self) -> frozenset[str]:
        """Whose calls loops may announce."""
        return frozenset(self._modules)

    def announce(self, args: tuple[object, ...]) -> None:
        """A loop begins that will make these calls: as the support's `ahead` tells them."""
        match args:
            case [list() as calls, list() as rows, bool() as is_certain]:
                loop = _Loop(deque(_said(calls, rows, self._modules)), is_certain)
                self._loops = [*(known for known in self._loops if known.open), loop]
                self._go_on(loop)

    def take(self, key: str, *, is_known: bool) -> Guess | None:
        """The program makes a call: the guess that it was, if it was one.

        Args:
            key: of the call.
            is_known: whether its result is there without the guess.
        """
        for loop in reversed(self._loops):
            if key in loop.open:
                loop.open.discard(key)
                self._go_on(loop)
                break
        guess = self._guesses.pop(key, None)
        if guess is not None and is_known:
            self._drop(guess)
            return None
        return guess

    def end(self) -> int:
        """The cell is over: forget what was not called; how many calls were made for nothing."""
        for guess in self._guesses.values():
            self._drop(guess)
        self._guesses, self._loops = {}, []
        return self._wasted

    def _drop(self, guess: Guess) -> None:
        self._scheduler.discard(guess.task)
        self._wasted += guess.task.batch is not None

    def _go_on(self, loop: _Loop) -> None:
        """Make calls of a loop up to its window."""
        while loop.said:
            task, args, kwargs = loop.said[0]
            spec = self._modules[task]
            window = most_ahead(spec.batch_size, self._scheduler.n_live, is_certain=loop.is_certain)
            if len(loop.open) >= min(window, self._calls_left()):
                return
            loop.said.popleft()
            made = self._guesser.guess(spec, args, kwargs)
            if made is None:
                continue
            key, guess = made
            if key in self._guesses or key in loop.open:
                if guess is not None:
                    self._drop(guess)
                continue
            loop.open.add(key)
            if guess is not None:
                self._guesses[key] = guess


def _said(
    calls: Sequence[object], rows: Sequence[object], modules: dict[str, ModuleSpec]
) -> list[_Said]:
    """The calls in the order of the loop; what is of another form is left out."""
    said: list[_Said] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != len(calls):
            continue
        for form, values in zip(calls, row, strict=True):
            match form:
                case [str() as task, int() as n_args, [*names]] if task in modules:
                    if isinstance(values, list) and len(values) == n_args + len(names):
                        kwargs = dict(zip(map(str, names), values[n_args:], strict=True))
                        said.append((task, tuple(values[:n_args]), kwargs))
    return said
