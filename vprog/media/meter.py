"""What the models that look were asked for one question: requests and tokens.

It comes with the media of a call, as warnings do: modules serve many questions at once, and
the pixels say whose they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Meter:
    """Counts of one question. May be used from several threads."""

    def __init__(self) -> None:
        self.requests = 0
        self.tokens_in = 0
        self.tokens_out = 0
        self.check: Callable[[], None] = _nothing
        """Called before each request; what it raises ends the module's work."""
        self._lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.tokens_in + self.tokens_out

    def used(self, tokens_in: int, tokens_out: int) -> None:
        """Count a request, whatever came of it."""
        with self._lock:
            self.requests += 1
            self.tokens_in += tokens_in
            self.tokens_out += tokens_out


def _nothing() -> None:
    pass
