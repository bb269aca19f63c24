"""What a program prints: collected, bounded, and cleaned before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from vprog.boundary.clean_text import clean_text


@final
class Stdout:
    """The printed text of a cell; more than `limit` characters call `overflow`."""

    def __init__(self, limit: int, overflow: Callable[[], None]) -> None:
        self._limit = limit
        self._overflow = overflow
        self._parts: list[str] = []
        self._size = 0

    def begin(self) -> None:
        """A new cell may print its full measure."""
        self._size = 0

    def write(self, stream: str, text: str) -> None:
        """Take a piece; the VM calls this."""
        room = max(0, self._limit - self._size)
        self._size += min(len(text), room)
        self._parts.append(text[:room])
        if len(text) > room:
            self._overflow()

    def take(self) -> str:
        """What was printed since the last time this was asked."""
        text = "".join(self._parts)
        self._parts = []
        return clean_text(text, self._limit)
