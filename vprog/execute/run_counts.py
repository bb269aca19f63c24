"""What a run cost, in exact counts, and what of its videos was seen for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.types.coverage import Seen, VideoCoverage, coverage_of
from vprog.types.frame import Video


@dataclass
class Counts:
    """Counters of one run; every trace and result carries them."""

    issued: int = 0
    """Module calls that the program made."""
    executed: int = 0
    """Calls that a module really worked on."""
    cached: int = 0
    """Calls answered from the cache."""
    joined: int = 0
    """Calls answered by an identical call in flight."""
    replayed: int = 0
    """Calls answered from the trace of another run."""
    reused: int = 0
    """Calls on frames that had not changed, answered as the last one before the change."""
    guessed: int = 0
    """Calls made ahead of the program."""
    wasted: int = 0
    """Guessed calls that the program never made."""
    batches: int = 0
    llm_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    module_seconds: float = 0.0

    def module_calls(self) -> dict[str, int]:
        """The counts of module calls as `--json` shows them."""
        seldom = {"replayed": self.replayed, "reused": self.reused}
        return {
            "issued": self.issued,
            "executed": self.executed,
            "cached": self.cached,
            "joined": self.joined,
            "guessed": self.guessed,
            "wasted": self.wasted,
            **{how: count for how, count in seldom.items() if count},
        }


class SeenTally:
    """Gathers what the calls of a run read. May be used from several threads."""

    def __init__(self) -> None:
        self._seen: list[Seen] = []
        self._is_known = True
        self._lock = threading.Lock()

    def add(self, seen: Sequence[Seen] | None) -> None:
        """One call more; None where what it read was not recorded."""
        with self._lock:
            if seen is None:
                self._is_known = False
            else:
                self._seen.extend(seen)

    def coverage(self, videos: Sequence[Video]) -> tuple[VideoCoverage, ...] | None:
        """How much of each video was read so far; None where that is not known of every call."""
        with self._lock:
            return tuple(coverage_of(videos, self._seen)) if self._is_known else None
