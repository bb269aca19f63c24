"""What comes back from a server, held to bounds before the SDK reads it.

A server may answer without an end, with a few kilobytes that unpack to gigabytes, in a charset
that is none, or by pointing to somebody else. So redirects are never followed, a reply is
unpacked and counted as it comes, and its text is UTF-8, as JSON is.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from vprog.errors import LlmRefusedError, LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.llm.server_errors import PASSING

MOST_BYTES = 8_000_000
"""Of one reply, unpacked. The longest honest one, 32 vectors of 8,192 numbers, has 6 million."""

ENCODINGS = {"Accept-Encoding": "gzip"}
"""What every request asks for."""

_ZLIB_OR_GZIP = 47


def bounded_client(sdk: Any, where: str) -> Any:
    """The SDK's own asynchronous HTTP client, with every reply bounded.

    Args:
        sdk: the package openai.
        where: model and server, for messages.
    """
    return sdk.DefaultAsyncHttpxClient(
        follow_redirects=False, event_hooks={"response": [_bound_replies(sdk, where)]}
    )


def text_of_reply(response: Any, where: str) -> str:
    """The text of a reply that was read.

    Raises:
        LlmReplyError: it is not UTF-8.
    """
    content: bytes = response.content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        kind = excerpt(response.headers.get("content-type", "no content type"), 60)
        raise LlmReplyError(
            f'{where}: the reply is not UTF-8 text ("{kind}").',
            hint="Check that the server speaks the chat-completions protocol.",
        ) from error


def _bound_replies(sdk: Any, where: str) -> Callable[[Any], Awaitable[None]]:
    """What the HTTP client calls with every reply, before a byte of its body is read."""
    http = _http_library(sdk)

    class BoundedStream(http.AsyncByteStream):  # type: ignore[misc, name-defined]
        """A body as it comes, unpacked within its bound."""

        def __init__(self, packed: Any, encoding: str) -> None:
            self._packed = packed
            self._encoding = encoding

        def __aiter__(self) -> AsyncIterator[bytes]:
            return _unpacked(self._packed, self._encoding, where)

        async def aclose(self) -> None:
            await self._packed.aclose()

    async def bound(response: Any) -> None:
        if 300 <= response.status_code < 400:
            target = excerpt(response.headers.get("location") or "nowhere", 120)
            raise LlmRefusedError(
                f"{where}: the server sends its callers elsewhere ({response.status_code}), to "
                f'"{target}"; nothing was sent there.',
                hint="If that is your server, name it in OPENAI_BASE_URL.",
            )
        if response.status_code not in PASSING:  # the SDK would ask again after any above 500
            response.headers["x-should-retry"] = "false"
        encoding = response.headers.pop("content-encoding", "").strip().lower()
        response.stream = BoundedStream(response.stream, encoding)
        response.encoding = "utf-8"

    return bound


def _http_library(sdk: Any) -> Any:
    """The package whose client the SDK uses: httpx, or its successor."""
    client = next(
        cls for cls in sdk.DefaultAsyncHttpxClient.__mro__ if cls.__name__ == "AsyncClient"
    )
    return importlib.import_module(client.__module__.partition(".")[0])


async def _unpacked(packed: Any, encoding: str, where: str) -> AsyncIterator[bytes]:
    """The bytes of a body; never more of them than the bound, packed or not.

    Raises:
        LlmReplyError: it is longer, or packed in a way that was not asked for.
    """
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise _unusable(where, f'packed as "{excerpt(encoding, 40)}", which was not asked for')
    unpacker = None if encoding in ("", "identity") else zlib.decompressobj(_ZLIB_OR_GZIP)
    n_packed = n_bytes = 0
    async for part in packed:
        n_packed += len(part)
        try:
            data = part if unpacker is None else unpacker.decompress(part, MOST_BYTES - n_bytes + 1)
        except zlib.error as error:
            raise _unusable(where, f"not what it says it is ({encoding}: {error})") from error
        n_bytes += len(data)
        if max(n_packed, n_bytes) > MOST_BYTES:
            raise _unusable(where, f"longer than {MOST_BYTES // 1_000_000} MB; it was cut there")
        yield data
    if unpacker is not None and n_packed and not unpacker.eof:
        raise _unusable(where, f"cut off before its end ({encoding})")


def _unusable(where: str, why: str) -> LlmReplyError:
    return LlmReplyError(
        f"{where}: the reply cannot be used: it is {why}.",
        hint="Look at the server; a reply that runs on is not asked for again.",
    )
