"""A run's spans for OpenTelemetry: as an OTLP/JSON file by hand, or sent live as protobuf.

The file is one ExportTraceServiceRequest in the JSON mapping of the OTLP specification 1.x: ids
in hexadecimal, 64-bit numbers as text, keys in lowerCamelCase. Receivers that take no JSON over
the wire get protobuf by the SDK's own exporter (`vprog trace export --otlp URL`).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from vprog.errors import PackageMissingError, UsageError, VprogError
from vprog.version import __version__
from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.gen_ai_names import SCHEMA_URL
from vprog.view.exports.otel_spans import Attribute, OtelSpan, otel_spans
from vprog.view.model import RunModel
from vprog.view.steps import Story

_INTERNAL, _ERROR, _UNSET = 1, 2, 0
"""SPAN_KIND_INTERNAL, STATUS_CODE_ERROR and STATUS_CODE_UNSET of OTLP."""
_PATH = "/v1/traces"
_TIMEOUT_S = 10.0


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
