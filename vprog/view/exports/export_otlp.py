"""A run as spans of OpenTelemetry: as an OTLP/JSON file by hand, or sent live as protobuf.

The run is one span, below it stand each module call and each request to a model. Ids are made from
the run, so that a run that is exported twice is the same trace twice.

The file is one ExportTraceServiceRequest in the JSON mapping of the OTLP specification 1.x: ids
in hexadecimal, 64-bit numbers as text, keys in lowerCamelCase. Receivers that take no JSON over
the wire get protobuf by the SDK's own exporter (`vprog trace export --otlp URL`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from vprog.errors import PackageMissingError, UsageError, VprogError
from vprog.trace.event import LlmCalled, ModuleCalled
from vprog.version import __version__
from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.model import RunModel
from vprog.view.steps import Story

SEMCONV = "1.44.0"
"""The version of the semantic conventions for generative AI that the names below are of: they are
still in development, and names change."""
SCHEMA_URL = f"https://opentelemetry.io/schemas/{SEMCONV}"

INVOKE_AGENT, EXECUTE_TOOL, CHAT = "invoke_agent", "execute_tool", "chat"
"""What a span does: its `gen_ai.operation.name`."""


class GenAi(StrEnum):
    """Keys of attributes."""

    OPERATION = "gen_ai.operation.name"
    AGENT = "gen_ai.agent.name"
    AGENT_VERSION = "gen_ai.agent.version"
    CONVERSATION = "gen_ai.conversation.id"
    TOOL = "gen_ai.tool.name"
    TOOL_TYPE = "gen_ai.tool.type"
    TOOL_CALL = "gen_ai.tool.call.id"
    ARGUMENTS = "gen_ai.tool.call.arguments"
    RESULT = "gen_ai.tool.call.result"
    MODEL = "gen_ai.request.model"
    MESSAGES_IN = "gen_ai.input.messages"
    MESSAGES_OUT = "gen_ai.output.messages"
    TOKENS_IN = "gen_ai.usage.input_tokens"
    TOKENS_OUT = "gen_ai.usage.output_tokens"
    SCORE = "gen_ai.evaluation.score.value"
    ERROR = "error.type"


Attribute = str | bool | int | float

_MOST_TEXT = 16_000
"""Of an attribute: receivers refuse longer ones, or cut them in the middle of a letter."""
_INTERNAL, _ERROR, _UNSET = 1, 2, 0
"""SPAN_KIND_INTERNAL, STATUS_CODE_ERROR and STATUS_CODE_UNSET of OTLP."""
_PATH = "/v1/traces"
_TIMEOUT_S = 10.0


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


class ReceiverRefusedError(VprogError):
    """The receiver of a trace did not take it."""

    code = "otlp"


def otlp_text(job: ExportJob) -> str:
    """The spans as one line of OTLP/JSON, as collectors' file receivers read it."""
    told = {
        "resourceSpans": [
            {
                "resource": {"attributes": [_keyed("service.name", "vprog")]},
                "scopeSpans": [
                    {
                        "scope": {"name": "vprog", "version": __version__},
                        "spans": [_span(span) for span in otel_spans(job.story, job.model)],
                        "schemaUrl": SCHEMA_URL,
                    }
                ],
            }
        ]
    }
    return json.dumps(told, ensure_ascii=True, allow_nan=False) + "\n"


def _span(span: OtelSpan) -> dict[str, Any]:
    told: dict[str, Any] = {
        "traceId": f"{span.trace_id:032x}",
        "spanId": f"{span.span_id:016x}",
        "name": span.name,
        "kind": _INTERNAL,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": [_keyed(key, value) for key, value in span.attributes.items()],
        "status": {"code": _ERROR, "message": span.error} if span.error else {"code": _UNSET},
    }
    if span.parent_id:
        told["parentSpanId"] = f"{span.parent_id:016x}"
    return told


def _keyed(key: str, value: Attribute) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"key": key, "value": {"boolValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    if isinstance(value, float):
        return {"key": key, "value": {"doubleValue": value}}
    return {"key": key, "value": {"stringValue": value}}


def endpoint_of(url: str) -> str:
    """Where spans are sent: `/v1/traces` where the address has no path of its own.

    Raises:
        UsageError: it is no http(s) address.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(
            f"--otlp {url}: must be an http or https address.",
            hint="E.g. --otlp http://127.0.0.1:4318.",
        )
    return url if parts.path.strip("/") else url.rstrip("/") + _PATH


def check_sending(url: str) -> None:
    """Be sure before a run that its spans can be sent to an address.

    Raises:
        UsageError: it is none.
        PackageMissingError: the SDK is not installed.
    """
    endpoint_of(url)
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter  # noqa: F401
    except ImportError as error:
        raise _no_sdk(error) from error


def _no_sdk(error: ImportError) -> PackageMissingError:
    return PackageMissingError(
        f"--otlp needs OpenTelemetry's SDK and exporter: {error}.",
        hint='Run: pip install "vprog[otel]" (or write a file: vprog trace export -f otlp).',
    )


def send_otlp(story: Story, model: RunModel, url: str) -> int:
    """Send a run's spans to a receiver, as protobuf over HTTP.

    Args:
        story: the recording in order.
        model: what is shown of it.
        url: of the receiver, e.g. "http://127.0.0.1:4318"; headers come from the SDK's own
            variables, such as OTEL_EXPORTER_OTLP_HEADERS.

    Returns:
        How many spans it took.

    Raises:
        UsageError: the address is none.
        PackageMissingError: the SDK is not installed.
        ReceiverRefusedError: the receiver did not take them.
    """
    endpoint = endpoint_of(url)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.sdk.trace.export import SpanExportResult
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags
    except ImportError as error:
        raise _no_sdk(error) from error

    def context(span: OtelSpan, span_id: int) -> Any:
        return SpanContext(span.trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))

    scope = InstrumentationScope("vprog", __version__, SCHEMA_URL)
    resource = Resource({"service.name": "vprog"})
    spans = [
        ReadableSpan(
            name=span.name,
            context=context(span, span.span_id),
            parent=context(span, span.parent_id) if span.parent_id else None,
            resource=resource,
            attributes=dict(span.attributes),
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
            start_time=span.start,
            end_time=span.end,
            instrumentation_scope=scope,
        )
        for span in otel_spans(story, model)
    ]
    exporter: Any = OTLPSpanExporter(endpoint=endpoint, timeout=_TIMEOUT_S)
    try:
        taken = exporter.export(spans)
    finally:
        exporter.shutdown()
    if taken is not SpanExportResult.SUCCESS:
        raise ReceiverRefusedError(
            f"{endpoint} did not take the {len(spans)} spans of {model.run}.",
            hint="Is a receiver of OTLP over HTTP listening there (usually on port 4318)?",
        )
    return len(spans)


FORMAT = ExportFormat("otlp", "the run as OpenTelemetry spans (OTLP/JSON)", otlp_text, of_run=True)
