"""Messages over a Unix socket, whole, with open descriptors beside them."""

from __future__ import annotations

import array
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from vprog.errors import VprogError

Incoming = TypeVar("Incoming")

MOST_BYTES = 256 * 2**20
"""The longest message: the index of the largest file that is read takes 180 MB."""

_HEAD = struct.Struct("=I")
_CHUNK = 1 << 16
_MOST_DESCRIPTORS = 4


class LinkClosedError(VprogError):
    """The other process has gone, or closed its end."""


class LinkSilentError(VprogError):
    """The other process said nothing in time."""


class DecoderLink(Generic[Incoming]):
    """One end of a socket. Used by one thread at a time.

    Args:
        end: a stream socket of the Unix family.
        kind: the type of the messages that come in; what does not fit it is refused.
        takes_descriptors: whether descriptors that come along are taken; else they are dropped.
    """

    def __init__(self, end: socket.socket, kind: Any, *, takes_descriptors: bool = False) -> None:
        self.socket = end
        self.descriptors: deque[int] = deque()
        """What came along with messages and was not yet taken."""
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._takes_descriptors = takes_descriptors
        self._unread = bytearray()
        self._poll = select.poll()
        self._poll.register(end.fileno(), select.POLLIN)

    def send(self, message: object, descriptors: Sequence[int] = ()) -> None:
        """Send a message, and copies of open descriptors.

        Raises:
            LinkClosedError: nobody is there to read it.
        """
        body = self._encoder.encode(message)
        data = _HEAD.pack(len(body)) + body
        try:
            if descriptors:
                sent = socket.send_fds(self.socket, [data], list(descriptors))
                data = data[sent:]
            self.socket.sendall(data)
        except OSError as error:
            raise LinkClosedError("the other process has gone.") from error

    @property
    def has_room(self) -> bool:
        """Whether a message of up to 64 KB is sent at once, also if the other process reads none.

        A socket says that it can be written to while three quarters of its room are free.
        """
        poll = select.poll()
        poll.register(self.socket.fileno(), select.POLLOUT)
        return bool(poll.poll(0))

    def receive(self, seconds: float | None = None) -> Incoming:
        """The next message.

        Args:
            seconds: how long to wait; None for ever, 0 only for what is there.

        Raises:
            LinkClosedError: the other end is closed, or sends what is no message.
            LinkSilentError: nothing came in time.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        size = self._filled(_HEAD.size, ends)
        (length,) = _HEAD.unpack_from(self._unread)
        if length > MOST_BYTES:
            raise LinkClosedError(f"a message of {length:,} bytes is none.")
        size += length
        self._filled(size, ends)
        body = bytes(memoryview(self._unread)[_HEAD.size : size])
        del self._unread[:size]
        try:
            message: Incoming = self._decoder.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise LinkClosedError(f"what came is no message: {error}") from error
        return message

    def close(self) -> None:
        """Close this end."""
        self.socket.close()

    def _filled(self, size: int, ends: float | None) -> int:
        """Read until so many bytes are there."""
        while len(self._unread) < size:
            if ends is not None:
                left = max(0.0, ends - time.monotonic())
                if not self._poll.poll(left * 1000):
                    raise LinkSilentError("the other process says nothing.")
            try:
                chunk = self._read(max(_CHUNK, size - len(self._unread)))
            except OSError as error:
                raise LinkClosedError("the other process has gone.") from error
            if not chunk:
                raise LinkClosedError("the other process has gone.")
            self._unread += chunk
        return size

    def _read(self, size: int) -> bytes:
        if not self._takes_descriptors:
            return self.socket.recv(min(size, 1 << 20))
        room = socket.CMSG_LEN(_MOST_DESCRIPTORS * array.array("i").itemsize)
        data, ancillary, _, _ = self.socket.recvmsg(_CHUNK, room)
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                numbers.frombytes(content[: len(content) // numbers.itemsize * numbers.itemsize])
                self.descriptors.extend(numbers)
        return data
