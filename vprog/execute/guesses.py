"""Calls that are made before a program makes them, and wait for it by their key.

A wrong guess is wasted and never an answer. Which calls are guessed is decided by read_ahead.py,
for what a loop has announced, and by scout.py, for what a fork of the program did.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from vprog.execute.module_work import Done
from vprog.execute.scheduler import CallTask, Scheduler
from vprog.registry.call_context import VlmMeter
from vprog.registry.module import ModuleSpec


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

    def bind(
        self,
        spec: ModuleSpec,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        written: Collection[str],
    ) -> BoundCall | None:
        """A call with its arguments checked; None if they are wrong."""

    def is_known(self, key: str) -> bool:
        """Whether the cache has the result of a call."""

    def look(self, key: str) -> Done | None:
        """What the cache has of a call, without a word if it is damaged."""

    def guess(self, spec: ModuleSpec, bound: BoundCall) -> Guess:
        """Make a call that no program waits for yet."""


class Guesses:
    """The guesses of one running cell. Used by the thread that runs it."""

    def __init__(self, guesser: Guesser, scheduler: Scheduler, written: Collection[str]) -> None:
        self.guesser = guesser
        self._scheduler = scheduler
        self._written = written
        self._of: dict[str, Guess] = {}
        self._bound: dict[str, BoundCall] = {}
        """Of the guesses, by how the program writes the call."""
        self._raw: dict[str, str] = {}
        """How it writes the call of a key."""
        self._wasted = 0

    def __contains__(self, key: str) -> bool:
        return key in self._of

    def bind(
        self, spec: ModuleSpec, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> BoundCall | None:
        """A call with its arguments checked; None if they are wrong."""
        return self.guesser.bind(spec, args, kwargs, self._written)

    def make(
        self,
        spec: ModuleSpec,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        bound: BoundCall,
    ) -> None:
        """Make a call whose result is not known."""
        self._of[bound.key] = self.guesser.guess(spec, bound)
        raw = self._raw[bound.key] = raw_call(spec.task, args, kwargs)
        self._bound[raw] = bound

    def bound(
        self, task: str, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> BoundCall | None:
        """The call that the program makes, if a guess was made of it just so."""
        return self._bound.get(raw_call(task, args, kwargs)) if self._bound else None

    def result(self, key: str) -> CallTask | None:
        """The work of a guess that is over; None while it is not."""
        guess = self._of.get(key)
        return guess.task if guess is not None and guess.task.is_over else None

    def take(self, key: str, *, is_known: bool) -> Guess | None:
        """The program makes a call: the guess that it was, if it was one.

        Args:
            key: of the call.
            is_known: whether its result is there without the guess: then one that has not begun
                is dropped.
        """
        guess = self._of.get(key)
        self._forget(key)
        if guess is not None and is_known and guess.task.batch is None:
            self._drop(guess)
            return None
        return guess

    def drop_unbegun(self, key: str) -> None:
        """Forget a guess unless it has begun: then it waits on, should the call come after all."""
        guess = self._of.get(key)
        if guess is not None and guess.task.batch is None and not guess.task.is_over:
            self._scheduler.discard(guess.task)
            if guess.task.batch is None:
                self._forget(key)

    def end(self) -> int:
        """Forget what was not called; how many calls were made for nothing."""
        for guess in self._of.values():
            self._drop(guess)
        self._of, self._bound, self._raw = {}, {}, {}
        return self._wasted

    def _forget(self, key: str) -> None:
        """A guess of the same call is none any more: the next one is looked for in the cache."""
        if key in self._of:
            del self._of[key]
            self._bound.pop(self._raw.pop(key), None)

    def _drop(self, guess: Guess) -> None:
        self._scheduler.discard(guess.task)
        self._wasted += guess.task.batch is not None


def raw_call(task: str, args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
    """Equal for arguments that the boundary reads alike: their classes, fields and digits."""
    return f"{task}{args!r}{sorted(kwargs.items())!r}"
