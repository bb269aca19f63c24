"""OTLP: the JSON file by the protobuf's own parser, and a receiver that gets protobuf."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.view.exports.conftest import MakeJob, events
from vprog.errors import UsageError
from vprog.view.exports.export_otlp import (
    ReceiverRefusedError,
    endpoint_of,
    otlp_text,
    send_otlp,
)

NAMES = [
    "invoke_agent vprog", "chat m-1", "execute_tool detect", "execute_tool track",
    "execute_tool segment", "execute_tool measure", "execute_tool transcribe",
]  # fmt: skip


def request_class() -> Any:
    module = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    return module.ExportTraceServiceRequest


def values(span: Any) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes
    }


def check(spans: list[Any]) -> None:
    assert [span.name for span in spans] == NAMES
    root, chat, detect = spans[:3]
    assert not root.parent_span_id
    assert {span.parent_span_id for span in spans[1:]} == {root.span_id}
    assert len({span.span_id for span in spans}) == len(spans)
    assert values(root)["gen_ai.evaluation.score.value"] == 0.5
    assert values(chat)["gen_ai.usage.input_tokens"] == 3
    assert chat.start_time_unix_nano == root.start_time_unix_nano  # no span begins before the run
    assert chat.end_time_unix_nano > chat.start_time_unix_nano
    assert values(detect)["gen_ai.operation.name"] == "execute_tool"
    assert '"dog"' in values(spans[3])["gen_ai.tool.call.result"]


def test_otlp_file_is_what_the_specification_says(make_job: MakeJob) -> None:
    told = json.loads(otlp_text(make_job()))
    for span in told["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for key in ("traceId", "spanId", "parentSpanId"):  # hexadecimal; protobuf's JSON has base64
            if key in span:
                span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    json_format = pytest.importorskip("google.protobuf.json_format")
    read = json_format.Parse(json.dumps(told), request_class()())
    check(list(read.resource_spans[0].scope_spans[0].spans))


def test_otlp_of_a_run_is_the_same_trace_each_time(make_job: MakeJob) -> None:
    job = make_job()
    assert otlp_text(job) == otlp_text(job)


def test_otlp_says_abstained_and_that_is_no_error(make_job: MakeJob) -> None:
    told = json.loads(otlp_text(make_job(run=events(is_answered=False))))
    root = told["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert root["status"] == {"code": 0}
    assert {"key": "vprog.status", "value": {"stringValue": "abstained"}} in root["attributes"]


class _Receiver(BaseHTTPRequestHandler):
    bodies: list[bytes]
    code = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_packed = self.headers.get("Content-Encoding") == "gzip"
        self.bodies.append(gzip.decompress(body) if is_packed else body)
        self.send_response(self.code)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[_Receiver]]]:
    handler = type("Handler", (_Receiver,), {"bodies": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def test_otlp_receiver_gets_the_spans_as_protobuf(make_job: MakeJob, receiver: Any) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    url, handler = receiver
    job = make_job()
    assert send_otlp(job.story, job.model, url) == len(NAMES)
    read = request_class()()
    read.ParseFromString(b"".join(handler.bodies))
    check(list(read.resource_spans[0].scope_spans[0].spans))


def test_otlp_receiver_that_refuses_is_an_error(make_job: MakeJob, receiver: Any) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    url, handler = receiver
    handler.code = 400
    job = make_job()
    with pytest.raises(ReceiverRefusedError, match="did not take the 7 spans"):
        send_otlp(job.story, job.model, url)


@pytest.mark.parametrize("url", ["", "file:///x", "127.0.0.1:4318", "http://", "http://[::1"])
def test_otlp_address_must_be_one(url: str) -> None:
    with pytest.raises(UsageError, match="http or https"):
        endpoint_of(url)


def test_otlp_address_without_a_path_gets_the_usual_one() -> None:
    assert endpoint_of("http://h:4318/") == "http://h:4318/v1/traces"
    assert endpoint_of("http://h/api/otel/v1/traces") == "http://h/api/otel/v1/traces"
