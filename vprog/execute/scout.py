"""A fork of a waiting program that runs ahead of it: its calls are guesses of the program's next.

For what no loop can tell beforehand (announce.py): helper functions, strides, `while`, calls that
depend on calls. The fork is resumed with the results that are known and with stand-ins for the
others, and waits where enough is guessed. When the program makes a call that it did not foresee, it
is forked anew. It has a worker of its own, answers nothing, prints nowhere and raises nothing: what
goes wrong in it costs the guesses alone.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from vprog.boundary import convert
from vprog.execute.batch_queues import most_ahead
from vprog.execute.guesses import BoundCall, Guesses, raw_call
from vprog.execute.scheduler import Scheduler
from vprog.registry.module import ModuleSpec
from vprog.sandbox.pool import ForkWorker
from vprog.sandbox.session_protocol import CallStep, Session, Step

FIRST = 4
"""Guesses of a place before one has come true: so many are made for nothing where none does."""

LEAST_SAVED_S = 0.002
"""What a call must save in a batch: a fork and a guess cost the host about as much."""

_ON_CREDIT = 4
"""Scouts may take so many calls' savings before a guess has come true."""

_MOST_STEPS = 256
"""Calls of a fork at a time: one that never comes to a guess could go on for ever."""

_MOST_S = 0.25
"""Seconds of a fork at a time, beside the limit of each turn (pool.py)."""

_STAND_INS: dict[object, tuple[object, object]] = {
    list: ([], None), bool: (False, True), int: (0, 1), float: (0.0, 1.0), str: ("", "a"),
}  # fmt: skip
"""By what a task returns: an empty value, and another one where there is any."""

_EMPTY_FIRST = (list, bool)
"""Of these the empty one leads past what only a result brings about; then nothing is wasted."""

_Place = tuple[int, int, int]
"""Cell, line and column of a call as they run."""


class Scout:
    """Forks of one program, one after the other. Used by the thread that runs it."""

    def __init__(
        self,
        fork: Callable[[], bytes | None],
        open_worker: Callable[[], ForkWorker],
        *,
        modules: Mapping[str, ModuleSpec],
        scheduler: Scheduler,
        announces: str,
    ) -> None:
        """Nothing is started yet.

        Args:
            fork: the state of the program at the call where it waits; None where that is too much.
            open_worker: where forks run; started when a first one may be of use.
            modules: all that the program may call, by task.
            scheduler: knows the live programs, and what batches save.
            announces: the name by which loops announce their calls.
        """
        self._fork_state = fork
        self._open_worker = open_worker
        self._modules = modules
        self._scheduler = scheduler
        self._announces = announces
        self._worker: ForkWorker | None = None
        self._session: Session | None = None
        self._is_off = False
        self.is_certain = False
        """Whether every loop of the cell runs to its end."""
        self._has_waited = False
        self._spent_s = 0.0
        self._n_true = 0
        self._called: set[str] = set()
        """What the program has called: nothing else is loaded for a guess."""
        self._reset()

    def _reset(self) -> None:
        self._waits_at: CallStep | None = None
        self._bound: BoundCall | None = None
        """That call, where its arguments have crossed."""
        self._ahead: dict[str, _Place] = {}
        """The calls of the fork that the program has not made, in their order, by key."""
        self._before: dict[str, _Place] = {}
        """Those of the fork before, which this one has not come to."""
        self._place: _Place = (-1, 0, 0)
        self._last: dict[_Place, object] = {}
        self._depth: dict[_Place, int] = defaultdict(lambda: FIRST)
        self._stood_in: set[_Place] = set()
        """Where the fork was given an empty value first."""
        self._forked_at: tuple[_Place, int] | None = None
        """Where the last fork was, and how many guesses had come true."""
        self._compared: set[_Place] = set()
        """Where the call after two different results was compared."""
        self._not_empty: set[_Place] = set()
        """Where an empty value led nowhere."""
        self._fruitless: Counter[_Place] = Counter()

    def begin(
        self,
        guesses: Guesses,
        modules: Mapping[str, ModuleSpec],
        has_budget: Callable[[ModuleSpec, int], bool],
    ) -> None:
        """A cell begins.

        Args:
            guesses: those of the cell.
            modules: whose calls may be guessed.
            has_budget: whether the program may make a call more than so many that are ahead.
        """
        self._reset()
        self._guesses = guesses
        self._guessed = {task for task, spec in modules.items() if spec.is_guessed}
        self._has_budget = has_budget

    def end(self) -> None:
        """The cell is over."""
        self._reset()

    def close(self) -> None:
        """Stop the worker."""
        if self._session is not None:
            self._session.close()
        if self._worker is not None:
            self._worker.close()
        self._session = self._worker = None
        self._is_off = True

    # What the program does

    def waits_at(self, step: CallStep) -> None:
        """The program waits for a call."""
        self._place = _place_of(step)
        self._called.add(step.name)

    def answered(self, value: object) -> None:
        """It was given the result."""
        self._last[self._place] = value

    def take(self, spec: ModuleSpec, key: str, *, is_known: bool) -> None:
        """The program makes a call that no loop has announced.

        Args:
            spec: of its module.
            key: of the call.
            is_known: whether its result is there.
        """
        if self._is_off:
            return
        try:
            self._take(spec, key, is_known=is_known)
        except Exception:  # of the fork, its worker, its start: whatever it is, not the program's
            self.close()

    def _take(self, spec: ModuleSpec, key: str, *, is_known: bool) -> None:
        if key in self._ahead or key in self._before:
            self._came_true(spec, key)
        elif spec.task in self._guessed and not is_known:
            self._was_wrong()
            if self._depth[self._place] and self._pays(spec) and self._is_ready(spec):
                self._fork(spec)

    def _pays(self, spec: ModuleSpec) -> bool:
        """Whether calls save by sharing batches more than scouts have taken."""
        saved_s = self._scheduler.saves(spec)
        allowed_s = saved_s * (self._n_true + _ON_CREDIT)
        return saved_s >= LEAST_SAVED_S and self._spent_s <= allowed_s and self._window(spec) > 1

    def _window(self, spec: ModuleSpec) -> int:
        """The most calls of a module that are guessed: fewer where programs share its batches."""
        n_live = self._scheduler.n_live
        is_certain = self.is_certain and n_live == 1
        return most_ahead(spec.batch_size, n_live, is_certain=is_certain)

    def _came_true(self, spec: ModuleSpec, key: str) -> None:
        if key in self._ahead:
            passed = [*itertools.takewhile(lambda other: other != key, self._ahead)]
            self._miss({other: self._ahead.pop(other) for other in passed})
        place = self._ahead.pop(key, None) or self._before.pop(key)
        if key in self._guesses:
            self._n_true += 1
            if self._n_true == FIRST and self._worker is not None:
                self._worker.is_of_use()
            self._fruitless[place] = 0
            self._depth[place] = min(2 * self._depth[place], 2 * spec.batch_size)
        self._walk()

    def _was_wrong(self) -> None:
        """The call after a fork is of the same place, and none that it foresaw."""
        if self._forked_at == (self._place, self._n_true):
            wrong = [key for key, place in self._ahead.items() if place == self._place]
            self._miss({key: self._ahead.pop(key) for key in wrong})

    def _miss(self, calls: Mapping[str, _Place]) -> None:
        """The program passed calls over that its fork made."""
        for key, place in calls.items():
            if key in self._guesses:
                self._depth[place] //= 2
                self._guesses.drop_unbegun(key)

    # The fork

    def _fork(self, spec: ModuleSpec) -> None:
        """Fork the program where it waits, and let the fork go on."""
        began = time.perf_counter()
        self._forked_at = self._place, self._n_true
        self._miss(self._before)  # two forks have not come to them
        self._before, self._ahead = self._ahead, {}
        self._waits_at, self._stood_in = None, set()
        state = self._fork_state()
        if state is None:
            self.close()
            return
        values = self._stand_ins(spec, self._place)
        is_compared = len(values) < 2 or self._place in self._compared
        self._compared.add(self._place)
        after_another = None if is_compared else self._next_call(state, values[1])
        after = self._next_call(state, values[0]) if values else None
        if after is not None and after == after_another:  # it comes next, whatever the call gives
            self._depth[self._place] = 2 * spec.batch_size
        self._spent_s += time.perf_counter() - began
        self._walk(beside=spec)
        if not self._is_off and not any(key in self._guesses for key in self._ahead):
            self._came_to_nothing()

    def _is_ready(self, spec: ModuleSpec) -> bool:
        """Whether the worker has started.

        It is begun beside the first call of a place; where that one comes again it is waited for,
        once, as long as scouts have credit.
        """
        if self._worker is None:
            self._worker = self._open_worker()
        if self._place not in self._last:
            return self._worker.is_spare and self._worker.wait(0.0)
        timeout_s = 0.0 if self._has_waited else _ON_CREDIT * self._scheduler.saves(spec)
        self._has_waited = True
        return self._worker.wait(timeout_s)

    def _next_call(self, state: bytes, value: object) -> str | None:
        """Resume a state with a value: the call that it comes to, if it does."""
        if self._is_off or self._worker is None:
            return None
        if self._session is None:
            self._session = self._worker.session()
        self._waits_at, self._bound = self._session.load(state), None
        self._go_on(value)
        step = self._waits_at
        return None if step is None else raw_call(step.name, step.args, step.kwargs)

    def _walk(self, beside: ModuleSpec | None = None) -> None:
        """Let the fork go on as far as its guesses have room.

        `beside` is the module of a call that the program makes now, and that shares their batch.
        """
        began = time.perf_counter()
        for _ in range(_MOST_STEPS):
            step = self._waits_at
            if step is None or time.perf_counter() - began > _MOST_S:
                break
            place = _place_of(step)
            spec = self._modules[step.name]
            is_guessed = spec.task in self._guessed & self._called and self._depth[place] > 0
            bound = self._bound or self._guesses.bind(spec, step.args, step.kwargs)
            if bound is None:  # the program would fail here
                self._waits_at = None
                break
            self._bound = bound  # it may have to wait
            key = bound.key
            if is_guessed and key not in self._before and not self._has_room(spec, place, beside):
                break
            done = self._guesses.guesser.look(key)
            if is_guessed and key not in self._ahead:
                self._ahead[key] = place
                self._before.pop(key, None)
                if done is None and key not in self._guesses:
                    self._guesses.make(spec, step.args, step.kwargs, bound)
            values = (
                self._stand_ins(spec, place) if done is None else [convert.to_sandbox(done.value)]
            )
            if not values:
                self._waits_at = None
                break
            self._go_on(values[0])
        else:
            self._waits_at = None
        self._spent_s += time.perf_counter() - began

    def _has_room(self, spec: ModuleSpec, place: _Place, beside: ModuleSpec | None) -> bool:
        n_open = sum(map(place.__eq__, (*self._ahead.values(), *self._before.values())))
        n_most = min(self._depth[place], self._window(spec))
        if spec is beside:  # a full batch of guesses would go before that call
            n_most = min(n_most, spec.batch_size - 1)
        return n_open < n_most and self._has_budget(spec, len(self._ahead) + len(self._before))

    def _go_on(self, value: object) -> None:
        """Give the fork a value, up to its next call of a module; it may end instead."""
        step, self._waits_at, self._bound = self._waits_at, None, None
        session = self._session
        assert step is not None
        assert session is not None
        after: Step = session.answer(step, value)
        for _ in range(_MOST_STEPS):
            if not isinstance(after, CallStep) or after.name != self._announces:
                break
            after = session.answer(after, None)
        if isinstance(after, CallStep) and after.name in self._modules:  # no end of the program
            self._waits_at = after
        elif not session.is_alive:  # it met a limit, and would meet it again
            self.close()

    def _stand_ins(self, spec: ModuleSpec, place: _Place) -> list[object]:
        """Values for a call whose result is not known, the likeliest first."""
        returns: Any = spec.signature.returns
        kind = getattr(returns, "__origin__", returns)
        empty, another = _STAND_INS.get(kind, (None, None))
        values = [self._last[place]] if place in self._last else []
        if empty is not None:
            is_first = kind in _EMPTY_FIRST and place not in self._not_empty
            values.insert(0 if is_first else len(values), empty)
            if is_first:
                self._stood_in.add(place)
        if another is not None:
            values.append(another)
        return [value for at, value in enumerate(values) if value not in values[:at]]

    def _came_to_nothing(self) -> None:
        """A fork made no guess: next time it is given other values, then there is none."""
        self._not_empty |= self._stood_in
        self._fruitless[self._place] += 1
        if self._fruitless[self._place] > 1:
            self._depth[self._place] = 0


def _place_of(step: CallStep) -> _Place:
    return step.cell, step.line, step.column
