"""The one small HTTP server that doors are built on: routes, keys, bounds, files with ranges.

It knows nothing of videos. A door gives it routes; a route's function gets an `Exchange`, reads
what it needs and sends one reply. What a function raises becomes a JSON object that says what is
wrong and what to do; a fault of ours is told to the log alone.

Safe by default: on the loopback it answers only to names of the loopback (so that no web page
reaches it by DNS rebinding) and to no page of another origin; a key is compared in constant time;
headers, bodies, waiting and connections are bounded.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any, final

from vprog.errors import UsageError
from vprog.service.error_replies import RETRY_S, HttpError, problem_object
from vprog.service.http_exchange import Exchange

MOST_CONNECTIONS = 160


@dataclass(frozen=True)
class Route:
    """What answers requests to some paths.

    Attributes:
        method: "GET" (HEAD comes with it), "POST" or "DELETE".
        pattern: a regular expression that the whole path must match, e.g. r"/traces/(?P<name>.+)".
        answer: called with the exchange, and the named groups of the pattern as keywords.
        is_open: whether it is answered without the key.
    """

    method: str
    pattern: str
    answer: Callable[..., None]
    is_open: bool = False


@final
class HttpServer(ThreadingHTTPServer):
    """Serves routes until it is told to stop.

    Example:
        >>> server = HttpServer([Route("GET", "/health", lambda ex: ex.send_json({"ok": True}))])
        >>> print(server.url)
        http://127.0.0.1:41873
        >>> server.run()  # until Ctrl-C
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        key: str = "",
        takes_token: bool = False,
        most_body: int = 1_000_000,
        most_connections: int = MOST_CONNECTIONS,
        log: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Listen; nothing is answered before `run`, or `serve_forever` in a thread.

        Args:
            routes: the first that fits answers.
            host: to listen on; one that is not of the loopback needs a key.
            port: 0 for a free one.
            key: what each request must show; "" for none.
            takes_token: whether `?token=KEY` shows it too, for addresses that pages use.
            most_body: bytes of the largest body that any route takes.
            most_connections: how many there may be at a time; more are told to come back.
            log: told of faults of ours.

        Raises:
            UsageError: the address cannot be used, or would be open to others without a key.
        """
        self.routes: Sequence[Route] = tuple(routes)
        self.key = key
        self.takes_token = takes_token
        self.log = log
        self.is_loopback = _is_loopback(host)
        self._most_body = most_body
        self._places = threading.BoundedSemaphore(most_connections)
        if not self.is_loopback and not key:
            raise UsageError(
                f"--host {host}: others could reach it, and there is no key.",
                hint="Give it a key with --key KEY, or leave --host out.",
            )
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), Exchange)
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"cannot listen on {host} port {port}: {error}.",
                hint="Take another --port, or 0 for a free one.",
            ) from error

    @property
    def url(self) -> str:
        """The address that it listens on."""
        host, port = self.server_address[:2]
        name = str(host)
        return f"http://{f'[{name}]' if ':' in name else name}:{port}"

    def run(self) -> None:
        """Answer until Ctrl-C; then listen no more."""
        try:
            self.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            pass
        finally:
            self.server_close()

    def route_of(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """What answers a request.

        Raises:
            HttpError: 404 or 405.
        """
        method = "GET" if method == "HEAD" else method
        fitting = [
            (route, hit)
            for route in self.routes
            if (hit := re.fullmatch(route.pattern, path)) is not None
        ]
        for route, hit in fitting:
            if route.method == method:
                return route, hit.groupdict()
        if fitting:
            raise HttpError(405, f"{path[:80]} takes {fitting[0][0].method}.", code="wrong_method")
        raise HttpError(404, f"there is no {path[:80]!r} here.", code="not_found")

    def check_length(self, exchange: Exchange) -> None:
        """Turn away a body that no route takes, before any of it is sent.

        Raises:
            HttpError: as `Exchange.body_length`.
        """
        exchange.body_length(self._most_body)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection if there is a place for it."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.settimeout(1.0)
            body = json.dumps(
                problem_object(
                    HttpError(
                        503,
                        "too many connections.",
                        hint="Come back in a few seconds.",
                        code="busy",
                    )
                )
            )
            request.sendall(
                f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_S}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                f"Connection: close\r\n\r\n{body}".encode()
            )
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer on a connection, and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke outside of an answer: nobody is left to tell."""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
