"""A run as spans of OpenTelemetry: the run, below it each module call and each request to a model.

Ids are made from the run, so that a run that is exported twice is the same trace twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vprog.trace.event import LlmCalled, ModuleCalled
from vprog.view.exports.gen_ai_names import CHAT, EXECUTE_TOOL, INVOKE_AGENT, GenAi
from vprog.view.model import RunModel
from vprog.view.steps import Story

Attribute = str | bool | int | float

_MOST_TEXT = 16_000
"""Of an attribute: receivers refuse longer ones, or cut them in the middle of a letter."""


@dataclass(frozen=True)
class OtelSpan:
    """One span; times in nanoseconds since 1970."""

    trace_id: int
    span_id: int
    parent_id: int
    """0 for the run itself."""
    name: str
    start: int
    end: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    error: str = ""


def otel_spans(story: Story, model: RunModel) -> list[OtelSpan]:
    """The spans of a run, the run itself first; of several attempts all that was called."""
    started = story.recording.started
    events = story.recording.events
    began = round(datetime.fromisoformat(started.started).timestamp() * 1e9)
    digest = hashlib.sha256(f"{started.run} {started.started}".encode()).digest()
    trace_id = int.from_bytes(digest[:16]) or 1
    root_id = int.from_bytes(digest[16:24]) or 1
    result = story.recording.result
    cost = result.cost if result is not None else None
    attributes: dict[str, Attribute | None] = {
        GenAi.OPERATION: INVOKE_AGENT,
        GenAi.AGENT: "vprog",
        GenAi.AGENT_VERSION: started.vprog,
        GenAi.CONVERSATION: model.run,
        GenAi.MODEL: started.writer,
        GenAi.TOKENS_IN: cost.tokens_in if cost is not None else None,
        GenAi.TOKENS_OUT: cost.tokens_out if cost is not None else None,
        GenAi.SCORE: model.score.value,
        "vprog.question": model.question,
        "vprog.answer": model.headline if model.is_answered else None,
        "vprog.status": model.status,
        "vprog.videos": ", ".join(video.name for video in model.videos),
        "vprog.evidence": json.dumps([item.caption for item in model.evidence]),
        GenAi.ERROR: None if model.is_answered else model.status,
    }
    why = model.no_answer.message if model.no_answer is not None else model.headline
    root = OtelSpan(
        trace_id, root_id, 0, f"{INVOKE_AGENT} vprog", began,
        began + _nanoseconds(max(event.at for event in events)),
        _clean(attributes),
        # To abstain is what a run may do; only what went wrong is an error.
        error="" if model.is_answered or model.status == "abstained" else f"{model.status}: {why}",
    )  # fmt: skip
    return [root, *_children(story, root)]


def _children(story: Story, root: OtelSpan) -> Iterator[OtelSpan]:
    for number, event in enumerate(story.recording.events):
        attributes: dict[str, Attribute | None]
        if isinstance(event, ModuleCalled):
            name = f"{EXECUTE_TOOL} {event.task}"
            attributes = {
                GenAi.OPERATION: EXECUTE_TOOL,
                GenAi.TOOL: event.task,
                GenAi.TOOL_TYPE: "function",
                GenAi.TOOL_CALL: str(event.id),
                GenAi.ARGUMENTS: bytes(event.arguments).decode(),
                GenAi.RESULT: bytes(event.result).decode(),
                GenAi.ERROR: event.fault.kind if event.fault is not None else event.error,
                "vprog.module": f"{event.task}/{event.implementation}",
                "vprog.how": event.how,
                "vprog.program.cell": event.cell,
                "vprog.program.line": event.line,
                "vprog.node": event.node,
                "vprog.frames_decoded": event.frames_decoded,
            }
        elif isinstance(event, LlmCalled):
            name = f"{CHAT} {event.model}"
            attributes = {
                GenAi.OPERATION: CHAT,
                GenAi.MODEL: event.model,
                GenAi.TOKENS_IN: event.tokens_in,
                GenAi.TOKENS_OUT: event.tokens_out,
                GenAi.MESSAGES_IN: json.dumps(
                    [
                        _message(message.get("role", ""), message.get("content", ""))
                        for message in event.messages
                    ]
                ),
                GenAi.MESSAGES_OUT: json.dumps([_message("assistant", event.reply)]),
                GenAi.ERROR: event.error,
                "vprog.purpose": event.purpose,
                "vprog.node": event.node,
            }
        else:
            continue
        end = root.start + _nanoseconds(event.at)
        span_id = hashlib.sha256(f"{root.span_id} {number}".encode()).digest()[:8]
        yield OtelSpan(
            root.trace_id,
            int.from_bytes(span_id) or 1,
            root.span_id,
            name,
            max(root.start, end - _nanoseconds(event.seconds)),
            end,
            _clean(attributes),
            error=event.error or "",
        )


def _message(role: str, text: str) -> dict[str, object]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


def _clean(attributes: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    """What is known, each text within the bound and writable as UTF-8."""
    clean: dict[str, Attribute] = {}
    for key, value in attributes.items():
        if isinstance(value, str):
            value = value.encode("utf-8", "replace").decode()
            value = value if len(value) <= _MOST_TEXT else value[: _MOST_TEXT - 1] + "…"
        if value is not None:
            clean[str(key)] = value
    return clean
