"""A real server on the loopback that sends what it is told to, byte by byte, honest HTTP or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType

Send = Callable[[socket.socket], None]
"""Answers one request on its connection."""


class RawServer:
    """Answers every request in the same way; counts those that carry a body.

    Attributes:
        posts: the bodies that came.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self.posts: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> RawServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._listening.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if body := _request_body(connection):
                self.posts.append(body)
            self._send(connection)
        self._open.discard(connection)


def _request_body(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n")
         if line.lower().startswith(b"content-length:")),
        0,
    )  # fmt: skip
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            break
        body += part
    return body


def whole(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Send:
    """An ordinary answer, or one whose headers lie."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *(headers or ("Content-Type: application/json",)),
    ]
    data = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(data)


def raw(data: bytes) -> Send:
    """Bytes as they are, then the end."""
    return lambda connection: connection.sendall(data)


def endless(head: bytes, parts: Callable[[], Iterator[bytes]]) -> Send:
    """A head, then parts until the client goes away."""

    def send(connection: socket.socket) -> None:
        connection.sendall(head)
        for part in parts():
            connection.sendall(part)

    return send
