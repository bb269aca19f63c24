"""What a model that was asked something says."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.frame import Frame


class Reply(NamedTuple):
    """A model's answer; `choice` is the index of the chosen option, or None.

    `frames` are those of the shown ones that the model says it rests on; as evidence, a reply
    stands for them.
    """

    text: str
    score: float
    choice: int | None = None
    frames: list[Frame] = []  # noqa: RUF012 - values are never changed in place
