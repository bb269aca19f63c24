"""What a model that was asked something says."""

from __future__ import annotations

from typing import NamedTuple


class Reply(NamedTuple):
    """A model's answer; `choice` is the index of the chosen option, or None."""

    text: str
    score: float
    choice: int | None = None
