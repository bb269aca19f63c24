"""`replay:TRACE`: a model that says what a recorded run was told, request by request.

A reply belongs to its request, not to its turn: runs whose requests come in another order
repeat too. A request that the run did not make is an error that names the first difference.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vprog.errors import ConfigError, LlmReplyError, TraceError
from vprog.llm.language_model import (
    Capability,
    Completion,
    LlmReply,
    Message,
    Request,
    Usage,
    excerpt,
)
from vprog.settings import load_settings
from vprog.trace.event import LlmCalled
from vprog.trace.store import find_trace, read_trace

_Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Recorded:
    texts: tuple[str, ...]
    usage: Usage
    error: str | None


class ReplayModel:
    """Gives recorded replies; the same request asked again gets the next that was recorded.

    Args:
        calls: the recorded requests and replies, in their order.
        name: the SPEC.
    """

    def __init__(self, calls: Iterable[LlmCalled], *, name: str = "replay") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._n_requests = 0
        self._left: dict[_Key, deque[_Recorded]] = defaultdict(deque)
        self._order: list[_Key] = []
        for call in calls:
            key = tuple((one["role"], one["text"]) for one in call.messages)
            usage = Usage(call.tokens_in, call.tokens_out)
            texts = tuple(call.replies) or (call.reply,)
            self._left[key].append(_Recorded(texts, usage, call.error))
            self._order.append(key)

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """None: a trace keeps text alone, whatever it was bound by."""
        return frozenset()

    def complete(self, request: Request) -> LlmReply:
        """What was recorded for these messages.

        Raises:
            LlmReplyError: the run made no such request, or not as often, or it failed there.
        """
        key = _key(request.messages)
        with self._lock:
            self._n_requests += 1
            number = self._n_requests
            waiting = self._left.get(key)
            recorded = waiting.popleft() if waiting else None
        where = f"{self._name}: request {number}"
        if recorded is None:
            raise LlmReplyError(
                f"{where} {self._difference(key)}.",
                hint="Question, video, modules and settings must be those of the recorded run.",
            )
        if recorded.error is not None:
            raise LlmReplyError(
                f"{where} failed in the recorded run: {excerpt(recorded.error)}",
                hint="Replay a run whose requests were answered.",
            )
        if len(recorded.texts) < request.n:
            raise LlmReplyError(
                f"{where} asks for {request.n} samples; {len(recorded.texts)} were recorded.",
                hint="Replay with the strategy of the recorded run.",
            )
        completions = tuple(Completion(text) for text in recorded.texts[: request.n])
        return LlmReply(completions, recorded.usage, self._name, 0.0)

    def cancel(self) -> None:
        """Nothing to end: no call takes time."""

    def close(self) -> None:
        """Nothing to let go of."""

    def _difference(self, key: _Key) -> str:
        """Where a request leaves the recorded one that is nearest to it."""
        if key in self._left:
            times = self._order.count(key)
            return f"was recorded {times} time{'s' if times > 1 else ''} and is asked once more"
        request = f'("{excerpt(key[-1][1][-80:], 80)}") was not recorded' if key else "is empty"
        if not self._order:
            return f"{request}: the run asked no language model"
        nearest = max(self._order, key=lambda recorded: _common(recorded, key))
        number = self._order.index(nearest) + 1
        pairs = zip(nearest, key, strict=False)
        first = next((message for message, (a, b) in enumerate(pairs) if a != b), None)
        if first is None:
            return (
                f"{request}: request {number} of the run has {len(nearest)} messages, "
                f"not {len(key)}"
            )
        recorded_text, text = nearest[first][1], key[first][1]
        start = _common_text(recorded_text, text)
        return (
            f"{request}: it differs from request {number} of the run in message {first + 1}, at "
            f'"{excerpt(text[start:], 60)}" instead of "{excerpt(recorded_text[start:], 60)}"'
        )


def open_model(trace: str, *, trace_dir: Path | None = None) -> ReplayModel:
    """The model of a recorded run.

    Args:
        trace: its folder, or its name below the folder of the traces, or "last".
        trace_dir: that folder; by default the one of the settings.

    Raises:
        TraceNotFoundError: no trace fits.
        ConfigError: it asked no language model.
    """
    name = f"replay:{trace}"
    try:
        recording = read_trace(find_trace(trace_dir or load_settings().trace_dir, trace))
    except TraceError as error:
        raise type(error)(f"{name}: {error.message}", hint=error.hint) from error
    calls = [event for event in recording.events if isinstance(event, LlmCalled)]
    if not calls:
        raise ConfigError(
            f"{name}: this run asked no language model.",
            hint="Name a run that one wrote programs for; `vprog trace list` lists them.",
        )
    return ReplayModel(calls, name=name)


def _key(messages: Sequence[Message]) -> _Key:
    return tuple((message.role, message.text) for message in messages)


def _common(a: _Key, b: _Key) -> int:
    """How many characters two conversations share from their beginning."""
    total = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            return total + _common_text(one[1], other[1])
        total += len(one[1]) + 1
    return total


def _common_text(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low
