"""A module call on its way through the broker, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from vprog.execute.guesses import Guess
from vprog.execute.scheduler import CallTask
from vprog.registry.module import ModuleSpec
from vprog.trace.event import ModuleCalled
from vprog.types.coverage import Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class CallResult(msgspec.Struct, frozen=True):
    """What a call came to: checked, and as traces and the cache hold it."""

    value: object
    encoded: bytes
    how: str
    seen: Sequence[Seen] | None
    """What of the videos was read for it; None where that is not known."""
    frames_decoded: int = 0
    masks: Mapping[str, str] = {}
    """The bitmaps of the masks in it, by key."""
    is_degraded: bool = False
    """Whether frames or sound were lost to it."""
    reused: float | None = None
    """The time of the frame whose result it is, where that one is not the call's own."""


class PreparedCall(msgspec.Struct, eq=False):
    """A call on its way through the broker. Used by one thread at a time.

    Attributes:
        event: its line of the trace, as far as it is known.
        began: when, by `time.perf_counter`.
        videos: those that its arguments name.
        key: under which the cache holds its result.
        recorded: the call of the run that is replayed that it is answered from.
        cached: its result, where the cache has it.
        work: the scheduler's, once it is submitted.
        guess: what was made ahead for it.
        picture: what of its frame is compared with others, where it was.
    """

    spec: ModuleSpec
    arguments: dict[str, object]
    event: ModuleCalled
    began: float
    videos: set[int]
    key: str = ""
    recorded: ModuleCalled | None = None
    cached: CallResult | None = None
    work: CallTask | None = None
    guess: Guess | None = None
    picture: NDArray[np.int16] | None = None
