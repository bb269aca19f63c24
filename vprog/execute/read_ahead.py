"""Calls that a program has announced, made before it makes them so that they share batches.

A loop tells all its calls in one crossing (program/lowering/announce.py). They are made a batch or
two ahead of the program, and each result waits for the call that was announced: found by its key,
so that a wrong guess is wasted and never an answer. Budget, order, warnings and errors are those of
the program's own calls: a guess that fails is made again when its turn comes.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vprog.execute.batch_queues import most_ahead
from vprog.execute.scheduler import CallTask, Scheduler
from vprog.registry.call_context import VlmMeter
from vprog.registry.module import ModuleSpec


@dataclass(frozen=True)
class _Said:
    """A call as it was announced; hostile, as all that crosses."""

    task: str
    args: tuple[object, ...]
    kwargs: dict[str, object]
    gated: tuple[_Said, ...] = ()
    """The calls that are made where this one gives something true."""


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


@dataclass(frozen=True)
class BoundCall:
    """A call whose arguments have crossed the boundary.

    Attributes:
        arguments: checked, by name.
        written: the same as traces have them.
        key: of the cache.
    """

    arguments: dict[str, object]
    written: bytes
    key: str


class Guesser(Protocol):
    """Makes calls ahead; the broker."""

    def guess(
        self,
        spec: ModuleSpec,
        args: tuple[object, ...],
        kwargs: dict[str, object],
        written: Collection[str],
    ) -> tuple[BoundCall, Guess | None] | None:
        """A call, and its guess if its result is not known yet; None if its arguments are wrong."""


@dataclass
class _Loop:
    said: deque[_Said]
    is_certain: bool
    open: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Keys by task of its calls that are made or known, and that the program has not made yet."""
    gates: dict[str, tuple[_Said, ...]] = field(default_factory=dict)
    """What is to be made where the call of a key gives something true."""

    @property
    def is_open(self) -> bool:
        """Whether the program was seen in it, and calls are left."""
        return any(self.open.values())


class ReadAhead:
    """What one running cell has announced. Used by the thread that runs it."""

    def __init__(
        self,
        guesser: Guesser,
        modules: dict[str, ModuleSpec],
        scheduler: Scheduler,
        calls_left: Callable[[ModuleSpec], int],
        written: Collection[str] = (),
    ) -> None:
        self._guesser = guesser
        self._modules = modules
        self._scheduler = scheduler
        self._calls_left = calls_left
        self._written = written
        self._loops: list[_Loop] = []
        self._guesses: dict[str, Guess] = {}
        self._bound: dict[str, BoundCall] = {}
        self._wasted = 0
        self._n_uncharged = 0
        """Calls that the program makes now, whose request the budget has not counted yet."""

    @property
    def tasks(self) -> frozenset[str]:
        """Whose calls loops may announce."""
        return frozenset(self._modules)

    def announce(self, args: tuple[object, ...]) -> None:
        """A loop begins that will make these calls: as the support's `ahead` tells them."""
        match args:
            case [list() as calls, list() as rows, bool() as is_certain]:
                loop = _Loop(deque(_said(calls, rows, self._modules)), is_certain)
                self._loops = [*(known for known in self._loops if known.is_open), loop]
                self._go_on(loop)

    def bound(
        self, task: str, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> BoundCall | None:
        """The call that the program makes, if it was announced so and a guess was made of it."""
        return self._bound.pop(_raw(task, args, kwargs), None)

    def take(self, key: str, *, is_known: bool) -> Guess | None:
        """The program makes a call: the guess that it was, if it was one.

        Args:
            key: of the call.
            is_known: whether its result is there without the guess: then one that has not begun
                is dropped.
        """
        for loop in reversed(self._loops):
            keys = next((keys for keys in loop.open.values() if key in keys), None)
            if keys is not None:
                keys.discard(key)
                loop.gates.pop(key, None)
                self._n_uncharged = 1
                self._go_on(loop)
                self._n_uncharged = 0
                break
        guess = self._guesses.pop(key, None)
        if guess is not None and is_known and guess.task.batch is None:
            self._drop(guess)
            return None
        return guess

    def end(self) -> int:
        """The cell is over: forget what was not called; how many calls were made for nothing."""
        for guess in self._guesses.values():
            self._drop(guess)
        self._guesses, self._loops, self._bound = {}, [], {}
        return self._wasted

    def _drop(self, guess: Guess) -> None:
        self._scheduler.discard(guess.task)
        self._wasted += guess.task.batch is not None

    def _go_on(self, loop: _Loop) -> None:
        """Make calls of a loop up to its window: first those that others have let through."""
        for key in list(loop.gates):
            guess = self._guesses.get(key)
            if guess is None or not guess.task.is_over:
                continue
            gated = loop.gates[key]
            if guess.task.gave_true and not all(self._made(loop, said) for said in gated):
                break  # the window is full
            del loop.gates[key]
        while loop.said and self._made(loop, loop.said[0]):
            loop.said.popleft()

    def _made(self, loop: _Loop, said: _Said) -> bool:
        """Make a call, unless its window is full; False if it is."""
        spec = self._modules[said.task]
        if not (loop.is_certain or spec.is_guessed):
            return True
        window = most_ahead(spec.batch_size, self._scheduler.n_live, is_certain=loop.is_certain)
        n_open = sum(map(len, loop.open.values())) + self._n_uncharged
        if len(loop.open[said.task]) >= window or n_open >= self._calls_left(spec):
            return False
        made = self._guesser.guess(spec, said.args, said.kwargs, self._written)
        if made is None:
            return True
        bound, guess = made
        key = bound.key
        if key in self._guesses or key in loop.open[said.task]:
            if guess is not None:
                self._drop(guess)
            return True
        loop.open[said.task].add(key)
        if guess is not None:
            self._guesses[key] = guess
            self._bound[_raw(said.task, said.args, said.kwargs)] = bound
            if said.gated:
                loop.gates[key] = said.gated
        return True


def _raw(task: str, args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
    """Equal for arguments that the boundary reads alike: their classes, fields and digits."""
    return f"{task}{args!r}{sorted(kwargs.items())!r}"


def _said(
    calls: Sequence[object], rows: Sequence[object], modules: dict[str, ModuleSpec]
) -> list[_Said]:
    """The calls in the order of the loop; what is of another form is left out."""
    said: list[_Said] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != len(calls):
            continue
        gated: dict[int, list[_Said]] = defaultdict(list)  # by 1 + the place of the gate; 0: none
        for place in range(len(calls) - 1, -1, -1):  # a gate stands before what it lets through
            values = row[place]
            match calls[place]:
                case [str() as task, int() as n_args, [*names], int() as gate] if task in modules:
                    if isinstance(values, list) and len(values) == n_args + len(names):
                        kwargs = dict(zip(map(str, names), values[n_args:], strict=True))
                        through = tuple(reversed(gated[place + 1]))
                        gated[gate].append(_Said(task, tuple(values[:n_args]), kwargs, through))
        said += reversed(gated[0])
    return said
