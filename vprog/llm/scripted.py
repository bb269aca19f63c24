"""`scripted:FILE`: a model that says what a file says, reply after reply.

The file is plain text; a line of three dashes separates one reply from the next:

    ```python
    answer(1)
    ```
    ---
    I meant this: `answer(2)`

Used by the tests and the examples, and to run a session again by hand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from vprog.errors import ConfigError, LlmError, LlmReplyError
from vprog.llm.language_model import (
    Capability,
    Completion,
    LlmReply,
    Request,
    Usage,
    approximate_tokens,
)

MAX_BYTES = 16_000_000


class ScriptedModel:
    """Gives its replies in order; an error among them is raised in its turn.

    Attributes:
        requests: everything it was asked.
    """

    def __init__(
        self, replies: Iterable[str | Completion | LlmError], *, name: str = "scripted"
    ) -> None:
        self._replies = list(replies)
        self._name = name
        self._next = 0
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What its completions may carry; a script follows no grammar but its author's."""
        return frozenset({"logprobs", "images"})

    def complete(self, request: Request) -> LlmReply:
        """The next `n` replies.

        Raises:
            LlmReplyError: the script is at its end.
        """
        with self._lock:
            self.requests.append(request)
            replies = self._replies[self._next : self._next + request.n]
            self._next += len(replies)
        completions: list[Completion] = []
        for reply in replies:
            if isinstance(reply, LlmError):
                raise reply
            completions.append(Completion(reply) if isinstance(reply, str) else reply)
        if len(completions) < request.n:
            raise LlmReplyError(
                f"{self._name}: the script is at its end: it holds {len(self._replies)} "
                f"replies, and more were asked for in request {len(self.requests)}.",
                hint="Add replies, each after a line of three dashes.",
            )
        read = sum(approximate_tokens(message.text) for message in request.messages)
        written = sum(approximate_tokens(completion.text) for completion in completions)
        return LlmReply(
            tuple(completions), Usage(read, written, is_estimated=True), self._name, 0.0
        )

    def cancel(self) -> None:
        """Nothing to end: no call takes time."""

    def close(self) -> None:
        """Nothing to let go of."""


def open_model(file: str) -> ScriptedModel:
    """The model of a script.

    Raises:
        ConfigError: the file is not there, is no text, or holds no reply.
    """
    path = Path(file).expanduser()
    where = f"scripted:{file}"
    hint = "Name a text file with replies, separated by lines of three dashes."
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{where}: larger than {MAX_BYTES // 1_000_000} MB.", hint=hint)
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"{where}: cannot be read: {reason}.", hint=hint) from error
    replies = _split(text)
    if not any(reply.strip() for reply in replies):
        raise ConfigError(f"{where}: holds no reply.", hint=hint)
    return ScriptedModel(replies, name=where)


def _split(text: str) -> list[str]:
    parts: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if line.rstrip() == "---":
            parts.append([])
        else:
            parts[-1].append(line)
    replies = ["".join(part) for part in parts]
    if len(replies) > 1 and not replies[-1].strip():
        replies.pop()  # a line of dashes at the end separates nothing
    return replies
