"""Calls that a program has announced, made before it makes them so that they share batches.

A loop tells all its calls in one crossing (program/lowering/announce.py). They are made a batch or
two ahead of the program, and each result waits for the call that was announced (guesses.py). What
no loop could tell, a fork of the program finds out (scout.py). Budget, order, warnings and errors
are those of the program's own calls: a guess that fails is made again when its turn comes.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vprog.execute.batch_queues import most_ahead
from vprog.execute.guesses import BoundCall, Guess, Guesses
from vprog.execute.scheduler import Scheduler
from vprog.execute.scout import Scout
from vprog.registry.module import ModuleSpec
from vprog.sandbox.session_protocol import CallStep


@dataclass(frozen=True)
class _Said:
    """A call as it was announced; hostile, as all that crosses."""

    task: str
    args: tuple[object, ...]
    kwargs: dict[str, object]
    gated: tuple[_Said, ...] = ()
    """The calls that are made where this one gives something true."""


@dataclass
class _Loop:
    said: deque[_Said]
    is_certain: bool
    comes_again: bool
    """Whether it stands in another loop."""
    open: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Keys by task of its calls that are made or known, and that the program has not made yet."""
    gates: dict[str, tuple[_Said, ...]] = field(default_factory=dict)
    """What is to be made where the call of a key gives something true."""

    @property
    def is_open(self) -> bool:
        """Whether the program was seen in it, and calls are left."""
        return any(self.open.values())

    def is_waiting_for(self, key: str) -> bool:
        """Whether it is of a call that is open."""
        return any(key in keys for keys in self.open.values())

    def forget(self, key: str) -> None:
        """The program makes the call."""
        for keys in self.open.values():
            keys.discard(key)
        self.gates.pop(key, None)


class ReadAhead:
    """What one running cell has announced. Used by the thread that runs it.

    Args:
        guesses: those of the cell.
        modules: whose calls loops may announce, by task.
        scheduler: whose programs share batches.
        calls_left: how many calls of a module the budget lets the program make.
        scout: finds out what no loop has announced; None where that is not wanted.
    """

    def __init__(
        self,
        guesses: Guesses,
        modules: dict[str, ModuleSpec],
        scheduler: Scheduler,
        calls_left: Callable[[ModuleSpec], int],
        scout: Scout | None = None,
    ) -> None:
        self._guesses = guesses
        self._modules = modules
        self._scheduler = scheduler
        self._calls_left = calls_left
        self._loops: list[_Loop] = []
        self._forms: set[str] = set()
        """Of what loops announced: one that comes again stands in another loop."""
        self._n_uncharged = 0
        """Calls that the program makes now, whose request the budget has not counted yet."""
        self._scout = scout
        if scout is not None:
            scout.begin(guesses, modules, self._has_budget)

    @property
    def tasks(self) -> frozenset[str]:
        """Whose calls loops may announce."""
        return frozenset(self._modules)

    def waits_at(self, step: CallStep) -> None:
        """The program waits for a call."""
        if self._scout is not None:
            self._scout.waits_at(step)

    def answered(self, value: object) -> None:
        """It was given the result."""
        if self._scout is not None:
            self._scout.answered(value)

    def announce(self, args: tuple[object, ...]) -> None:
        """A loop begins that will make these calls: as the support's `ahead` tells them."""
        match args:
            case [list() as calls, list() as rows, bool() as is_certain]:
                form = repr(calls)
                loop = _Loop(
                    deque(_said(calls, rows, self._modules)), is_certain, form in self._forms
                )
                self._forms.add(form)
                self._loops = [*(known for known in self._loops if known.is_open), loop]
                self._go_on(loop)

    def bound(
        self, task: str, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> BoundCall | None:
        """The call that the program makes, if it was announced so and a guess was made of it."""
        return self._guesses.bound(task, args, kwargs)

    def take(self, spec: ModuleSpec, key: str, *, is_known: bool) -> Guess | None:
        """The program makes a call: the guess that it was, if it was one.

        Args:
            spec: of its module.
            key: of the call.
            is_known: whether its result is there without the guess.
        """
        self._n_uncharged = 1
        loop = next((loop for loop in reversed(self._loops) if loop.is_waiting_for(key)), None)
        if loop is not None:
            loop.forget(key)
            self._go_on(loop)
        if self._scout is not None and (loop is None or (loop.comes_again and not loop.said)):
            self._scout.take(spec, key, is_known=is_known)
        self._n_uncharged = 0
        return self._guesses.take(key, is_known=is_known)

    def end(self) -> int:
        """The cell is over: forget what was not called; how many calls were made for nothing."""
        self._loops = []
        if self._scout is not None:
            self._scout.end()
        return self._guesses.end()

    def _has_budget(self, spec: ModuleSpec, n_scouted: int) -> bool:
        """Whether the program may make one call more than those that are made ahead."""
        n_told = sum(len(keys) for loop in self._loops for keys in loop.open.values())
        return n_told + n_scouted + self._n_uncharged < self._calls_left(spec)

    def _go_on(self, loop: _Loop) -> None:
        """Make calls of a loop up to its window: first those that others have let through."""
        for key in list(loop.gates):
            task = self._guesses.result(key)
            if task is None:
                continue
            gated = loop.gates[key]
            if task.gave_true and not all(self._made(loop, said) for said in gated):
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
        bound = self._guesses.bind(spec, said.args, said.kwargs)
        if bound is None or bound.key in self._guesses or loop.is_waiting_for(bound.key):
            return True
        loop.open[said.task].add(bound.key)
        if not self._guesses.guesser.is_known(bound.key):
            self._guesses.make(spec, said.args, said.kwargs, bound)
            if said.gated:
                loop.gates[bound.key] = said.gated
        return True


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
