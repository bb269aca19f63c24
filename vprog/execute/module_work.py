"""A module call that has to be done, and what came of it: between broker and scheduler."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from vprog.registry.module import Call, ModuleSpec
from vprog.types.coverage import Seen

_Value = TypeVar("_Value")


def _as_it_is(value: _Value) -> _Value:
    return value


def _unknown(*, is_near: bool = False) -> None:
    return None


class Known(Protocol):
    """Finds what an equal call came to."""

    def __call__(self, *, is_near: bool = False) -> Done | None:
        """Its result, or None; `is_near`: of this process, without asking the file."""


class Work(msgspec.Struct, frozen=True, eq=False):
    """One module call that has to be done.

    Attributes:
        spec: of the module.
        call: its arguments and context.
        key: equal for equal work.
        read: makes a checked value of what the module returned; what it raises is the call's.
        owner: whose it is: owners take turns.
        known: what an equal call came to that ended before this one was in flight.
        keep: remembers, for `known` of others, what the call came to, and gives it back; done
            while it is in flight, so that equal work finds the one or the other.
    """

    spec: ModuleSpec
    call: Call
    key: str
    read: Callable[[object], object] = _as_it_is
    owner: Hashable = None
    known: Known = _unknown
    keep: Callable[[Done], Done] = _as_it_is


class Done(msgspec.Struct, frozen=True):
    """What came of it."""

    value: object
    seconds: float
    """Its share of the module's time."""
    is_joined: bool
    frames_decoded: int
    notes: tuple[object, ...] = ()
    """What the module warned of, as it gave it."""
    seen: Sequence[Seen] = ()
    """What of the videos was read for it."""
    is_degraded: bool = False
    """Whether frames or sound were lost on the way: it is no result of the whole file."""
    batch: int = 0
    """The number of the batch in which it was computed."""
    masks: Mapping[str, str] = {}
    """The bitmaps of the masks in it, by key."""
    encoded: bytes = b""
    """The value as vprog.types.wire writes it, where it was kept or known."""
    is_kept: bool = False
    """Whether it went into the cache: then its files were looked at after it was computed."""


class GuessFailedError(Exception):
    """A call that nobody had made yet came to nothing: it is to be made when it is made."""
