"""The server of routes: where it listens, how many connections it takes."""

from __future__ import annotations

import socket

import pytest

from tests.service.serving import ask, serving
from vprog.errors import UsageError
from vprog.service.http_server import HttpServer, Route

HEALTH = Route("GET", "/health", lambda exchange: exchange.send_json({"ok": True}), is_open=True)


def test_http_server_is_not_open_to_others_without_a_key() -> None:
    with pytest.raises(UsageError, match="--key KEY"):
        HttpServer([HEALTH], host="0.0.0.0")


def test_http_server_says_which_port_is_taken() -> None:
    with serving([HEALTH]) as server:
        port = server.server_address[1]
        with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1 port {port}"):
            HttpServer([HEALTH], port=port)


def test_http_server_tells_connections_beyond_its_places_to_come_back() -> None:
    with (
        serving([HEALTH], most_connections=1) as server,
        socket.create_connection(server.server_address[:2]) as kept,
    ):
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in kept.recv(4096)
        turned_away = ask(server, "/health")
        assert (turned_away.status, turned_away.headers["Retry-After"]) == (503, "5")


def test_http_server_answers_head_without_a_body() -> None:
    with serving([HEALTH]) as server:
        reply = ask(server, "/health", method="HEAD")
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers["Content-Length"] == "12"
