"""Texts as vectors, by an OpenAI-compatible server: near in meaning is near in direction.

`openai:MODEL` asks the server of OPENAI_BASE_URL with OPENAI_API_KEY, as `--llm` does;
`openai:MODEL@URL` asks another one, as where a local server holds one model, and never gives
it that key. vLLM, llama-server (--embeddings) and Ollama serve `/v1/embeddings`. Nothing is
sent anywhere unless a SPEC names it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from vprog.errors import ConfigError, LlmRefusedError, LlmReplyError, LlmUnreachableError
from vprog.llm.client import excerpt
from vprog.llm.event_loop import BackgroundLoop
from vprog.llm.openai import CONNECT_S, HOSTED, check_key, import_sdk, without_secrets
from vprog.llm.server_errors import Failure, Place

FORM = "openai:MODEL or openai:MODEL@URL"
BATCH = 32
"""Texts of one request: servers refuse long lists."""

RETRIES = 2
WAIT_S = 0.5
"""Before the first retry, where the server names no time; doubles each time."""

MAX_DIMENSIONS = 65_536

Vector = tuple[float, ...]


@dataclass(frozen=True)
class Embedded:
    """One vector of length 1 for each text, all of one dimension."""

    vectors: tuple[Vector, ...]
    tokens: int


class Embedder(Protocol):
    """What turns texts into vectors; `where` names model and server, and holds no key."""

    @property
    def where(self) -> str: ...

    def embed(self, texts: Sequence[str], timeout_s: float) -> Embedded:
        """A vector for each text.

        Raises:
            LlmError: there is no usable reply within the time.
        """
        ...

    def close(self) -> None:
        """Let go of connections and threads."""
        ...


class OpenAIEmbedder:
    """A model behind `/v1/embeddings`.

    Args:
        model: its name on the server.
        base_url: the server; "" for that of OPENAI_BASE_URL.

    Raises:
        PackageMissingError: the SDK is not installed, or does not import.
        LlmRefusedError: no key is set for the hosted server, or it cannot be one.
    """

    def __init__(self, model: str, base_url: str = "") -> None:
        named = os.environ.get("OPENAI_BASE_URL") or HOSTED
        url = base_url or named
        self._is_apart = url != named
        key = "" if self._is_apart else (os.environ.get("OPENAI_API_KEY") or "").strip()
        self.model = model
        self._place = Place(f"embedder openai:{model} at {without_secrets(url)}", model, key)
        check_key(key, url, self._place.where)
        self._sdk = import_sdk()
        self._loop = BackgroundLoop(name="vprog-embedder")
        self._client = self._sdk.AsyncOpenAI(api_key=key or "none", base_url=url, max_retries=0)

    @property
    def where(self) -> str:
        """Model and server, for messages and keys."""
        return self._place.where

    def embed(self, texts: Sequence[str], timeout_s: float) -> Embedded:
        """A vector for each text; see Embedder."""
        deadline = time.monotonic() + timeout_s
        try:
            return self._loop.run(self._all(texts, deadline), timeout_s)
        except TimeoutError as error:
            raise LlmUnreachableError(
                f"{self.where}: no vectors within {timeout_s:g} s.",
                hint="Allow more time, or take a faster model.",
            ) from error
        except concurrent.futures.CancelledError as error:
            raise LlmUnreachableError(
                f"{self.where}: the call was cancelled.", hint="Ask again."
            ) from error

    def close(self) -> None:
        """Close the connections and end the thread."""
        self._loop.close(self._client.close())

    async def _all(self, texts: Sequence[str], deadline: float) -> Embedded:
        vectors: list[Vector] = []
        tokens = 0
        for at in range(0, len(texts), BATCH):
            made = await self._ask(texts[at : at + BATCH], deadline)
            vectors += made.vectors
            tokens += made.tokens
        if len({len(vector) for vector in vectors}) > 1:
            raise _unusable(self.where, "vectors of several dimensions")
        return Embedded(tuple(vectors), tokens)

    async def _ask(self, texts: Sequence[str], deadline: float) -> Embedded:
        tries = 0
        while True:
            result = await self._try(texts, tries + 1, deadline)
            if isinstance(result, Embedded):
                return result
            tries += 1
            # Not chained: the SDK's own error shows what the server said, key included.
            if tries > RETRIES or not result.may_pass:
                raise result.error from None
            wait_s = WAIT_S * 2.0 ** (tries - 1) if result.wait_s is None else result.wait_s
            if wait_s > deadline - time.monotonic():
                raise result.too_late(wait_s) from None
            await asyncio.sleep(wait_s)

    async def _try(self, texts: Sequence[str], tries: int, deadline: float) -> Embedded | Failure:
        slack = max(deadline - time.monotonic(), 0.0) + CONNECT_S
        try:
            raw = await self._client.embeddings.with_raw_response.create(
                model=self.model,
                input=[text.encode("utf-8", "replace").decode() for text in texts],
                encoding_format="float",
                timeout=self._sdk.Timeout(slack, connect=CONNECT_S),
            )
        except self._sdk.APIStatusError as error:
            retry_after = error.response.headers.get("retry-after")
            status, text = error.status_code, error.response.text
            failure = self._place.refused(status, text, retry_after, tries)
            if self._is_apart and status in (401, 403):
                hint = "A server behind @ gets no key: name it in OPENAI_BASE_URL instead."
                return Failure(LlmRefusedError(failure.error.message, hint=hint), False)
            return failure
        except self._sdk.OpenAIError as error:
            return self._place.broken(error)
        return read_vectors(raw.http_response.text, len(texts), self.where)


def open_embedder(spec: str) -> Embedder:
    """The embedder that a SPEC names. Nothing is sent to a server yet.

    Raises:
        ConfigError: the SPEC names no kind of embedder, or no model, or holds a password.
        PackageMissingError: what the kind needs is not here.
        LlmRefusedError: a key is needed and none is set.
    """
    scheme, _, rest = spec.strip().partition(":")
    if scheme != "openai":
        raise ConfigError(f'unknown kind of embedder "{scheme}".', hint=f"Write {FORM}.")
    model, url = rest, ""
    for sign in ("@http://", "@https://"):
        head, found, tail = rest.partition(sign)
        if found:
            model, url = head, found[1:] + tail
    if not model:
        raise ConfigError(f'embedder "{spec}": it names no model.', hint=f"Write {FORM}.")
    if url and not _is_plain(url):
        raise ConfigError(
            f"embedder openai:{model}: its URL cannot be read, or holds a password or a query.",
            hint="Write it as http://HOST:PORT/v1; traces show it.",
        )
    return OpenAIEmbedder(model, url)


def _is_plain(url: str) -> bool:
    """Whether a URL names a server, and holds nothing that a trace must not show."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and url == without_secrets(url)
    except ValueError:
        return False


def read_vectors(text: str, n: int, where: str) -> Embedded:
    """The vectors of a reply, in the order of the texts, brought to length 1.

    Raises:
        LlmReplyError: it is no such reply: not JSON, too few or too many vectors, no numbers.
    """
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise _unusable(where, f'no JSON: "{excerpt(text, 80)}"') from None
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list) or len(rows) != n:
        given = len(rows) if isinstance(rows, list) else "no"
        raise _unusable(where, f"{given} vectors for {n} texts")
    by_place: dict[int, Vector] = {}
    for at, row in enumerate(rows):
        place = row.get("index", at) if isinstance(row, dict) else None
        if type(place) is not int or not 0 <= place < n or place in by_place:
            raise _unusable(where, "vectors without their places")
        by_place[place] = _unit(row.get("embedding"), where)
    if len({len(each) for each in by_place.values()}) > 1:
        raise _unusable(where, "vectors of several dimensions")
    usage = body.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return Embedded(
        tuple(by_place[at] for at in range(n)),
        tokens if type(tokens) is int and 0 <= tokens < 10**9 else 0,
    )


def _unit(values: object, where: str) -> Vector:
    if not isinstance(values, list) or not 0 < len(values) <= MAX_DIMENSIONS:
        raise _unusable(where, "something else than vectors")
    if not all(type(value) in (int, float) and abs(value) < 1e30 for value in values):
        raise _unusable(where, "vectors that hold something else than numbers")
    length = math.sqrt(math.fsum(value * value for value in values))
    if not length:
        raise _unusable(where, "a vector of zeros")
    return tuple(value / length for value in values)


def _unusable(where: str, what: str) -> LlmReplyError:
    return LlmReplyError(
        f"{where}: the reply cannot be used: {what}.", hint="Name a model that embeds text."
    )
