"""One HTTP request and its reply: where it comes from, its key, its body, files and streams."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.serving import ask, serving
from vprog.errors import BusyError, TraceNotFoundError, UsageError
from vprog.service.http_exchange import IDLE_S, SLOWEST_BODY, Exchange, PacedSocket
from vprog.service.http_server import HttpServer, Route

seen_gone = threading.Event()


def _fail(exchange: Exchange, kind: str) -> None:
    errors = {
        "usage": UsageError("the question is empty.", hint="Ask something."),
        "busy": BusyError("64 runs are going on."),
        "trace": TraceNotFoundError("no trace fits."),
        "fault": ZeroDivisionError("secret of the house"),
    }
    raise errors[kind]


def _stream(exchange: Exchange) -> None:
    exchange.begin_events()
    exchange.send_remark("at\nwork")
    exchange.send_event('{"a": 1}')


def _wait(exchange: Exchange) -> None:
    while not exchange.is_gone():
        threading.Event().wait(0.01)
    seen_gone.set()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HttpServer]:
    (tmp_path / "clip.mp4").write_bytes(b"0123456789")
    os.mkfifo(tmp_path / "pipe")
    routes = [
        Route("GET", "/health", lambda exchange: exchange.send_json({"ok": True}), is_open=True),
        Route("POST", "/echo", lambda exchange: exchange.send_json(exchange.read_json(most=100))),
        Route("GET", "/fail/(?P<kind>.+)", _fail),
        Route("GET", "/stream", _stream),
        Route("GET", "/wait", _wait),
        Route(
            "GET",
            "/file/(?P<name>.+)",
            lambda exchange, name: exchange.send_file(tmp_path / name, "video/mp4"),
        ),
    ]
    with serving(routes, key="sesame", takes_token=True, most_body=100) as made:
        yield made


KEY = {"Authorization": "Bearer sesame"}


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, "/health", 200),
        ({}, "/file/clip.mp4", 401),
        ({"Authorization": "Bearer wrong"}, "/file/clip.mp4", 401),
        ({"Authorization": "Basic sesame"}, "/file/clip.mp4", 401),
        (KEY, "/file/clip.mp4", 200),
        ({}, "/file/clip.mp4?token=sesame", 200),
        ({}, "/file/clip.mp4?token=s%C3%A9same", 401),
        ({**KEY, "Host": "evil.example"}, "/file/clip.mp4", 403),
        ({**KEY, "Host": "localhost:1"}, "/file/clip.mp4", 200),
        ({**KEY, "Origin": "https://evil.example"}, "/file/clip.mp4", 403),
        (KEY, "/nothing", 404),
        (KEY, "/echo", 405),
    ],
)
def test_exchange_is_answered_to_who_may_ask(
    server: HttpServer, headers: dict[str, str], path: str, status: int
) -> None:
    reply = ask(server, path, headers=headers)
    assert reply.status == status
    if status >= 400:
        assert reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("usage", 400, "usage"),
        ("busy", 429, "busy"),
        ("trace", 404, "trace"),
        ("fault", 500, "internal"),
    ],
)
def test_exchange_tells_errors_as_json(
    server: HttpServer, kind: str, status: int, code: str
) -> None:
    reply = ask(server, f"/fail/{kind}", headers=KEY)
    assert (reply.status, reply.code) == (status, code)
    assert b"secret" not in reply.body
    assert b"Traceback" not in reply.body
    assert ("Retry-After" in reply.headers) == (status == 429)


def test_exchange_tells_a_fault_to_the_log_alone() -> None:
    log: list[str] = []
    with serving([Route("GET", "/fail/(?P<kind>.+)", _fail)], log=log.append) as server:
        ask(server, "/fail/fault")
    assert "ZeroDivisionError: secret of the house" in log[0]


@pytest.mark.parametrize(
    ("range_text", "status", "body", "content_range"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, None, None),
        ("bytes=4-2", 416, None, None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
    ],
)
def test_exchange_sends_the_range_that_is_asked_for(
    server: HttpServer,
    range_text: str | None,
    status: int,
    body: bytes | None,
    content_range: str | None,
) -> None:
    asked = {} if range_text is None else {"Range": range_text}
    reply = ask(server, "/file/clip.mp4", headers={**KEY, **asked})
    assert reply.status == status
    if body is not None:
        assert reply.body == body
    assert reply.headers.get("Content-Range") == content_range


@pytest.mark.parametrize("name", ["pipe", "missing.mp4", "."])
def test_exchange_sends_nothing_but_regular_files(server: HttpServer, name: str) -> None:
    assert ask(server, f"/file/{name}", headers=KEY).status == 404


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"a": 1}', {}, 200),
        (b"{", {}, 400),
        (b"x" * 101, {}, 413),
        (None, {"Content-Length": "1073741824"}, 413),
        (None, {"Content-Length": "1073741824", "Expect": "100-continue"}, 413),
        (None, {"Transfer-Encoding": "chunked"}, 411),
        (b"[" * 100, {}, 400),
    ],
)
def test_exchange_bounds_bodies(
    server: HttpServer, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    reply = ask(server, "/echo", method="POST", body=body, headers={**KEY, **headers})
    assert reply.status == status


def test_exchange_streams_events(server: HttpServer) -> None:
    reply = ask(server, "/stream", headers=KEY)
    assert reply.headers["Content-Type"] == "text/event-stream"
    assert reply.body == b': at work\n\ndata: {"a": 1}\n\n'


def test_exchange_notices_a_client_that_goes_away(server: HttpServer) -> None:
    seen_gone.clear()
    with socket.create_connection(server.server_address[:2]) as connection:
        connection.sendall(b"GET /wait?token=sesame HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert seen_gone.wait(10)


def test_exchange_turns_away_what_is_no_http(server: HttpServer) -> None:
    with socket.create_connection(server.server_address[:2]) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert b'"error"' in connection.makefile("rb").read()


@pytest.mark.parametrize(
    "headers",
    [
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length : 41\r\n",
        b"no header at all\r\nContent-Length: 41\r\n",
        b"Content-Length: 0\r\nContent-Length: 41\r\n",
    ],
    ids=["chunked", "blank before the colon", "no header", "length twice"],
)
def test_exchange_never_takes_a_body_for_the_next_request(
    server: HttpServer, headers: bytes
) -> None:
    asked = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(server.server_address[:2], timeout=5) as client:
        client.sendall(asked + headers + b"\r\n" + asked + b"\r\n")
        said = b"".join(iter(lambda: client.recv(65536), b""))
    assert said.count(b"HTTP/1.1 ") == 1
    assert said[9:12] in (b"400", b"411")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/health", b"Host: [\r\n"),
        ("/health", b"Host: localhost\r\nHost: evil.example\r\n"),
        ("/health", b"Host: localhost\r\nOrigin: http://[\r\n"),
        ("http://[/health", b"Host: localhost\r\n"),
    ],
    ids=["host", "two hosts", "origin", "path"],
)
def test_exchange_tells_a_broken_address_to_who_sent_it(
    server: HttpServer, path: str, headers: bytes
) -> None:
    with socket.create_connection(server.server_address[:2], timeout=5) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\n".encode() + headers + b"\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("body", [b"NaN", b'{"a": -Infinity}'])
def test_exchange_takes_no_number_that_json_lacks(server: HttpServer, body: bytes) -> None:
    reply = ask(server, "/echo?token=sesame", method="POST", body=body)
    assert (reply.status, "is no number" in reply.json["error"]["message"]) == (400, True)


class Ticks:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_paced_socket_ends_a_head_that_drips() -> None:
    client, connection = socket.socketpair()
    with client, connection:
        clock = Ticks()
        paced = PacedSocket(connection, clock)
        paced.allow(0)
        for letter in b"GET /":
            client.sendall(bytes([letter]))
            clock.now += IDLE_S / 8  # each in good time, the whole never
            assert paced.read(10) == bytes([letter])
        clock.now += IDLE_S / 2
        client.sendall(b"x")
        with pytest.raises(TimeoutError):
            paced.read(10)


def test_paced_socket_gives_a_body_time_by_its_size() -> None:
    client, connection = socket.socketpair()
    with client, connection:
        clock = Ticks()
        paced = PacedSocket(connection, clock)
        paced.allow(10 * SLOWEST_BODY)
        client.sendall(b"ab")
        clock.now += IDLE_S + 9.9
        assert paced.read(1) == b"a"
        clock.now += 0.2
        with pytest.raises(TimeoutError):
            paced.read(1)


def test_exchange_closes_a_connection_whose_head_does_not_come_in_time(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.service.http_exchange.IDLE_S", 0.2)
    with socket.create_connection(server.server_address[:2], timeout=30) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: local")
        assert client.recv(100) == b""


def test_exchange_tells_who_sends_a_body_too_slowly(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.service.http_exchange.IDLE_S", 0.2)
    with socket.create_connection(server.server_address[:2], timeout=30) as client:
        client.sendall(
            b"POST /echo?token=sesame HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n[1"
        )
        assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
