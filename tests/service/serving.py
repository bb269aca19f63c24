"""A server of routes in a thread of this process, and a client that says what it gets."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from vprog.service.http_server import HttpServer, Route


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The kind of error that it tells."""
        return str(self.json["error"]["code"])


@contextmanager
def serving(routes: Iterable[Route], **given: Any) -> Iterator[HttpServer]:
    """A server that answers while the block runs."""
    server = HttpServer(routes, **given)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(
    server: HttpServer,
    path: str,
    *,
    method: str = "GET",
    body: bytes | Any = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=120)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, data, headers or {})
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()
