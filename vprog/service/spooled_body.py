"""JSON bodies whose videos go to disk as they come: memory holds what is left without them.

A string that begins like "data:video/mp4;base64," is decoded into a file, piece by piece, and a
name that no client can know stands in its place in the JSON.
"""

from __future__ import annotations

import binascii
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, final

from vprog.service.error_replies import HttpError
from vprog.service.http_exchange import parse_json

MOST_BODY_MB = 1024
"""Of a whole body, where nothing else is said."""
MOST_REST = 2_000_000
"""Bytes of a body without its videos."""
MOST_FILES = 64
"""Videos of a body: more than any question takes, and few enough for a folder."""
_PIECE = 256 * 1024
_HEAD = re.compile(rb'"data:[\w.+/-]{0,100}(?:;[\w.+/=-]{1,60}){0,4};base64,')
_LONGEST_HEAD = 400


@dataclass(frozen=True)
class SpooledBody:
    """A body, read.

    Attributes:
        value: its JSON; where a video was, there is a key of `files`.
        files: the videos.
    """

    value: Any
    files: dict[str, Path] = field(default_factory=dict)


def spool_json(read: Callable[[int], bytes], length: int, folder: Path) -> SpooledBody:
    """Read a body of JSON.

    Args:
        read: gives at most so many bytes of it; none at its end.
        length: bytes of the body.
        folder: for the videos; whoever calls removes it.

    Raises:
        HttpError: 400 where it ends early, is no JSON, or a video is no base64; 413 where there
            is too much of it beside its videos.
    """
    spool = _Spool(folder)
    left = length
    while left:
        piece = read(min(left, _PIECE))
        if not piece:
            spool.drop()
            raise HttpError(400, f"the body ended {left:,} bytes early.")
        left -= len(piece)
        spool.take(piece)
    return SpooledBody(parse_json(spool.end()), spool.files)


@final
class _Spool:
    """Divides what comes into JSON and files."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, Path] = {}
        self._folder = folder
        self._mark = secrets.token_hex(16)
        self._rest = bytearray()
        self._pending = b""
        self._file: IO[bytes] | None = None

    def take(self, piece: bytes) -> None:
        """The next piece of the body."""
        self._pending += piece
        while self._write() if self._file is not None else self._scan():
            pass
        if len(self._rest) > MOST_REST:
            self.drop()
            raise HttpError(413, f"the body has more than {MOST_REST:,} bytes beside its videos.",
                            code="too_large")  # fmt: skip

    def end(self) -> bytes:
        """The JSON, when all has come."""
        if self._file is not None:
            self.drop()
            raise HttpError(400, "the body ends in the middle of a video.")
        return bytes(self._rest + self._pending)

    def drop(self) -> None:
        """Close what is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _scan(self) -> bool:
        """Look for the beginning of a video; whether there was one."""
        hit = _HEAD.search(self._pending)
        if hit is None:
            # What may be the first half of one waits for the second.
            keep = self._pending.rfind(b'"', max(0, len(self._pending) - _LONGEST_HEAD))
            cut = len(self._pending) if keep < 0 else keep
            self._rest += self._pending[:cut]
            self._pending = self._pending[cut:]
            return False
        self._rest += self._pending[: hit.start()]
        if self._rest.endswith(b"\\"):  # a quotation within a text, not the beginning of one
            self._rest += self._pending[hit.start() : hit.end()]
            self._pending = self._pending[hit.end() :]
            return True
        if len(self.files) >= MOST_FILES:
            raise HttpError(413, f"the body has more than {MOST_FILES} videos.", code="too_large")
        name = f"{self._mark}-{len(self.files)}"
        path = self._folder / f"video{len(self.files)}"
        self.files[name] = path
        self._rest += f'"{name}"'.encode()
        self._pending = self._pending[hit.end() :]
        self._file = path.open("xb")
        return True

    def _write(self) -> bool:
        """Decode what has come of a video; whether it is whole, and something follows."""
        assert self._file is not None
        text, quote, rest = self._pending.partition(b'"')
        # Some write a slash as \/ in JSON; a backslash at the end waits for what follows it.
        waits = 0 if quote or not text.endswith(b"\\") else 1
        plain = text[: len(text) - waits].replace(b"\\/", b"/")
        whole = len(plain) if quote else len(plain) // 4 * 4
        try:
            self._file.write(binascii.a2b_base64(plain[:whole], strict_mode=True))
        except binascii.Error as error:
            self.drop()
            raise HttpError(400, f"a video is no base64: {error}.") from error
        if not quote:
            self._pending = plain[whole:] + text[len(text) - waits :]
            return False
        self.drop()
        self._pending = rest
        return True
