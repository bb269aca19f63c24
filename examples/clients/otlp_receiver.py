"""Receive OpenTelemetry spans over HTTP and print them, as a collector gets them.

python otlp_receiver.py [PORT]
vprog solve demo.mp4 "Which way does the red thing move?" --otlp http://127.0.0.1:4318
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Receiver(BaseHTTPRequestHandler):
    """Takes what exporters post to /v1/traces."""

    def do_POST(self) -> None:
        """Print a line for each span: its name, its length, how many attributes it has."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    seconds = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
                    print(f"{span.name}: {seconds:.3f} s, {len(span.attributes)} attributes")
        self.send_response(200)
        self.end_headers()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 4318
HTTPServer(("127.0.0.1", port), Receiver).serve_forever()
