"""What a vision-language model is to vprog: pictures and a question in, a text and a score out.

`VlmBackend` is what to implement for a VLM of one's own; the modules package has one for
OpenAI-compatible servers and one for transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray


@dataclass(frozen=True)
class VlmRequest:
    """One question about pictures.

    Attributes:
        pictures: uint8 RGB, (height, width, 3), in order of time.
        labels: when each is shown, e.g. "1.50 s"; to be written beside it.
        prompt: the text after the pictures.
        system: how to behave; for the system message.
        options: what the reply must be one of: letters, or yes and no; () for free text.
        choices: the texts that the letters stand for.
        max_tokens: the most that may be written.
        sample: 0 for the likeliest reply; n for the nth of samples that may differ.
    """

    pictures: tuple[NDArray[uint8], ...]
    labels: tuple[str, ...]
    prompt: str
    system: str = ""
    options: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    max_tokens: int = 512
    sample: int = 0

    @property
    def temperature(self) -> float:
        """0 for the likeliest reply; of samples warmer each time, so that they differ, up to 1.4.

        Source: sparse-to-dense sampling of Video-RTS (2025), 0.8 + 0.15 for each further sample.
        """
        return min(1.4, 0.8 + 0.15 * (self.sample - 1)) if self.sample else 0.0


@dataclass(frozen=True)
class VlmReply:
    """What a VLM replied.

    Attributes:
        text: as it was written.
        score: how sure the model is of it, in [0, 1]: best the probability of its words.
        option: the index of the option that it chose; None to have it read from the text.
        tokens_in: what was read, pictures included; 0 where that is not known.
        tokens_out: what was written.
        warnings: what the user should know of this reply.
    """

    text: str
    score: float
    option: int | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    warnings: tuple[str, ...] = ()


class VlmBackend(Protocol):
    """A vision-language model; its methods may be called from several threads.

    Example:
        >>> class Constant:
        ...     name = "constant-1"
        ...     def answer(self, requests): return [VlmReply("a cat", 0.5) for _ in requests]
        ...     def cancel(self): pass
        ...     def close(self): pass
    """

    @property
    def name(self) -> str:
        """Which model, in which state: replies are cached under it."""
        ...

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        """A reply to each request, in order.

        Raises:
            LlmError: it cannot be reached, refuses, or gives nothing of use.
        """
        ...

    def cancel(self) -> None:
        """End the requests in flight with an LlmError."""
        ...

    def close(self) -> None:
        """Let go of what it holds; nothing is asked any more."""
        ...
