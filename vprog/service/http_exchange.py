"""One HTTP request and its reply, as the routes of a door see it.

It checks where a request comes from and whether it shows the key, reads bodies within bounds, sends
whole replies, files with ranges and streams of events, and turns what a route raises into JSON.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import select
import socket
import stat
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from vprog.errors import VprogError
from vprog.service.error_replies import RETRY_S, HttpError, as_http, problem_object

IDLE_S = 30.0
"""How long a connection may keep silent in the middle of a request, and from the end of one reply
to the last byte of the next request's head, however it drips."""
SLOWEST_BODY = 16_000
"""Bytes per second of a body, on average after the first IDLE_S."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_ONCE = ("Host", "Content-Length", "Transfer-Encoding", "Authorization", "Origin")
_SEND_BYTES = 256 * 1024
_LINGER_S = 3.0


class Exchange(BaseHTTPRequestHandler):
    """One request and its reply, as routes see it.

    Attributes:
        path_only: the path, decoded, without the query.
        query: the parameters after "?"; of a name that comes twice, the last.
    """

    server: Any
    """The vprog.service.http_server.HttpServer, which is built on top of this."""
    protocol_version = "HTTP/1.1"
    server_version = "vprog"
    sys_version = ""
    timeout = IDLE_S
    path_only = ""
    query: Mapping[str, str] = MappingProxyType({})
    _has_begun = False
    _unread = 0

    def body_length(self, most: int) -> int:
        """The bytes of the body, before any of it is read.

        Raises:
            HttpError: 411 where the request does not say, 413 where they are more than `most`.
        """
        text = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding") or not re.fullmatch(r"\d{1,15}", text):
            raise HttpError(
                411,
                "the request does not say how long its body is.",
                hint="Send a Content-Length.",
                code="length_required",
            )
        if int(text) > most:
            raise HttpError(
                413,
                f"the body has {int(text):,} bytes; at most {most:,} are taken.",
                hint="Put the file below a media root and name it by a file: URL.",
                code="too_large",
            )
        return int(text)

    def read_body(self, most: int) -> bytes:
        """The whole body, for small ones.

        Raises:
            HttpError: as `body_length`; 400 where the client sends less than it said.
        """
        length = self.body_length(most)
        body = self.rfile.read(length)
        if len(body) < length:
            raise HttpError(400, f"the body ended after {len(body)} of {length} bytes.")
        self._unread = 0
        return body

    def read_some(self, most: int) -> bytes:
        """At most so many bytes of the body, as they come; b"" at its end."""
        piece = self.rfile.read1(min(most, self._unread))
        self._unread -= len(piece)
        return bytes(piece)

    def read_json(self, most: int = 1_000_000) -> Any:
        """The body as JSON.

        Raises:
            HttpError: as `read_body`; 400 where it is none.
        """
        return parse_json(self.read_body(most))

    def send_bytes(
        self,
        body: bytes,
        content_type: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A whole reply."""
        self._begin(status, content_type, {"Content-Length": str(len(body)), **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_json(
        self, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole reply in JSON."""
        body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        self.send_bytes(body, "application/json", status=status, headers=headers)

    def send_file(self, path: Path, content_type: str) -> None:
        """A file, or the part of it that the request's Range asks for.

        Args:
            path: that the caller has checked; nothing but a regular file is sent.
            content_type: of the file.

        Raises:
            HttpError: 404 where no regular file can be read there, 416 for a range outside it.
        """
        try:  # a pipe must not hold us up
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise HttpError(404, "there is no such file.", code="not_found") from error
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            os.close(descriptor)
            raise HttpError(404, "that is no regular file.", code="not_found")
        with os.fdopen(descriptor, "rb") as file:
            start, end = 0, facts.st_size
            headers = {"Accept-Ranges": "bytes"}
            asked = self.headers.get("Range")
            part = _range_of(asked, facts.st_size) if asked else None
            if part is not None:
                start, end = part
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{facts.st_size}"
            headers["Content-Length"] = str(end - start)
            self._begin(200 if part is None else 206, content_type, headers)
            if self.command == "HEAD":
                return
            file.seek(start)
            left = end - start
            while left and (piece := file.read(min(left, _SEND_BYTES))):
                self.wfile.write(piece)
                left -= len(piece)
            if left:  # it shrank: the next reply must not be taken for the rest of this one
                self.close_connection = True

    def begin_events(self) -> None:
        """Begin a stream of server-sent events; the connection ends with it."""
        self.close_connection = True
        self._begin(200, "text/event-stream", {"Connection": "close"})

    def send_event(self, data: str) -> None:
        """One event of such a stream.

        Raises:
            OSError: the client went away.
        """
        lines = "".join(f"data: {line}\n" for line in data.split("\n"))
        self.wfile.write(f"{lines}\n".encode("utf-8", "replace"))

    def send_remark(self, text: str) -> None:
        """A comment in such a stream, which clients pass over: it shows that we are alive."""
        self.wfile.write(f": {' '.join(text.split())}\n\n".encode("utf-8", "replace"))

    def is_gone(self) -> bool:
        """Whether the client has closed its connection."""
        try:
            if not select.select([self.connection], [], [], 0)[0]:
                return False
            return not self.connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    # What http.server calls

    def setup(self) -> None:
        """Read through a clock: a connection that drips would hold its place for ever."""
        super().setup()
        self._paced = PacedSocket(self.connection)
        self.rfile.close()
        self.rfile = io.BufferedReader(self._paced)

    def handle_one_request(self) -> None:
        """The next request; a head that does not come in time ends the connection."""
        self._paced.allow(0)
        super().handle_one_request()

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_DELETE = do_GET

    def handle_expect_100(self) -> bool:
        """A client that waits for leave to send its body gets it after the checks."""
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself turns away, in the form of all our errors."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        text = message or HTTPStatus(code).phrase
        self._send_problem(HttpError(code, f"{text}.", code="bad_request"))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a door says what it wants to through `HttpServer.log`."""

    # Private

    def _answer(self) -> None:
        self._has_begun = False
        length = self.headers.get("Content-Length", "0")
        self._unread = int(length) if length.isdecimal() and len(length) < 16 else 1
        self._paced.allow(self._unread)
        try:
            self._check_headers()
            self._check_source()
            address = _split(self.path)
            self.path_only = unquote(address.path)
            self.query = dict(parse_qsl(address.query, keep_blank_values=True))
            route, groups = self.server.route_of(self.command, self.path_only)
            if not route.is_open:
                self._check_key()
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.server.check_length(self)
                self.send_response_only(100)
                self.end_headers()
            route.answer(self, **groups)
        except HttpError as problem:
            self._fail(problem)
        except VprogError as error:
            self._fail(as_http(error))
        except TimeoutError:
            what = f"nothing came for {IDLE_S:.0f} s, or less than {SLOWEST_BODY:,} bytes a second"
            self._fail(HttpError(408, f"{what}.", code="timeout"))
        except ConnectionError:
            self.close_connection = True
        except Exception as error:
            self.server.log("".join(traceback.format_exception(error)))
            self._fail(HttpError(500, "a fault in vprog; its log says more.", code="internal"))
        if self._unread:  # what was not read would be taken for the next request
            self.close_connection = True

    def _check_headers(self) -> None:
        """Turn away what another server before this one could read otherwise: where the body
        ends must be beyond doubt, or what stands in it is taken for the next request.

        Raises:
            HttpError: 400, or 411 for a body whose length is not said.
        """
        twice = [name for name in _ONCE if len(self.headers.get_all(name, [])) > 1]
        if self.headers.defects or twice:
            self._unread = 1
            what = f"{twice[0]} comes twice" if twice else "a line of them is no header"
            raise HttpError(400, f"the headers cannot be read: {what}.")
        if self.headers.get("Transfer-Encoding"):
            self._unread = 1
            self.body_length(0)

    def _check_source(self) -> None:
        """Turn away names that are not ours and pages of other origins.

        Raises:
            HttpError: 403.
        """
        host = self.headers.get("Host", "")
        name = _split(f"//{host}").hostname or ""
        if self.server.is_loopback and name not in LOOPBACK_NAMES:
            raise HttpError(
                403,
                f"this server is not called {name[:80]!r}.",
                hint=f"Use {self.server.url}.",
                code="forbidden",
            )
        origin = self.headers.get("Origin")
        if origin is not None and _split(origin).netloc != host:
            raise HttpError(403, "pages of other origins are not answered.", code="forbidden")

    def _check_key(self) -> None:
        """Turn away who does not have the key: a bearer of it, or `?token=` where that counts.

        Raises:
            HttpError: 401.
        """
        key = self.server.key
        if not key:
            return
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        shown = [given.strip()] if scheme.lower() == "bearer" else []
        if self.server.takes_token:
            shown.append(self.query.get("token", ""))
        if not any(secrets.compare_digest(one.encode(), key.encode()) for one in shown):
            raise HttpError(
                401,
                "the key is missing or wrong.",
                hint="Send Authorization: Bearer KEY.",
                code="unauthorized",
            )

    def _begin(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        self._has_begun = True
        self.send_response(status)
        always = {
            "Content-Type": content_type,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        for name, value in {**always, **headers}.items():
            self.send_header(name, value)
        if self.close_connection and "Connection" not in headers:
            self.send_header("Connection", "close")
        self.end_headers()

    def _fail(self, problem: HttpError) -> None:
        self.close_connection = True
        if self._has_begun:  # half a reply cannot be taken back; cut off, nobody takes it for whole
            return
        with suppress(OSError):
            self._send_problem(problem)
            if self._unread:
                self._linger()

    def _linger(self) -> None:
        """Let a client that is still sending read why; a connection closed at once would break."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(0.5)
        ends = time.monotonic() + _LINGER_S
        while time.monotonic() < ends and self.connection.recv(_SEND_BYTES):
            pass

    def _send_problem(self, problem: HttpError) -> None:
        headers = {"Connection": "close"}
        if problem.status in (429, 503):
            headers["Retry-After"] = str(RETRY_S)
        if problem.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        self.send_json(problem_object(problem), status=problem.status, headers=headers)


class PacedSocket(io.RawIOBase):
    """What comes on a connection, until the time for it is over.

    Args:
        connection: whose own timeout stays IDLE_S.
        clock: seconds.
    """

    def __init__(
        self, connection: socket.socket, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._ends = 0.0

    def allow(self, n_bytes: int) -> None:
        """From now on there is time for so many bytes."""
        self._ends = self._clock() + IDLE_S + n_bytes / SLOWEST_BODY

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes.

        Raises:
            TimeoutError: nothing came for IDLE_S, or the time is over.
        """
        left = self._ends - self._clock()
        if left <= 0:
            raise TimeoutError("too slow")
        try:
            self._connection.settimeout(min(IDLE_S, left))
            return self._connection.recv_into(buffer)
        finally:
            with suppress(OSError):  # closed from the other thread
                self._connection.settimeout(IDLE_S)


def parse_json(body: bytes) -> Any:
    """A body as JSON: without NaN and Infinity, which JSON does not have.

    Raises:
        HttpError: 400 where it is none.
    """
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, f"the body is not JSON: {error}.") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _split(address: str) -> SplitResult:
    """The parts of an address.

    Raises:
        HttpError: 400 where it is none.
    """
    try:
        return urlsplit(address)
    except ValueError as error:
        raise HttpError(400, f"{address[:80]!r} is no address: {error}.") from error


def _range_of(text: str, size: int) -> tuple[int, int] | None:
    """Start and end of the one range that a request asks for; None where all is to be sent.

    Raises:
        HttpError: 416 where it lies outside the file.
    """
    hit = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", text.strip())
    if hit is None or not (hit[1] or hit[2]):
        return None  # several ranges, or another unit: RFC 9110 lets a server send all
    if hit[1]:
        start, end = int(hit[1]), min(int(hit[2] or size - 1) + 1, size)
    else:
        start, end = max(0, size - int(hit[2])), size
    if start >= end:
        raise HttpError(416, f"the file has {size} bytes.", code="range")
    return start, end
