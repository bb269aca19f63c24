"""Texts as vectors, by an OpenAI-compatible server: near in meaning is near in direction.

`openai:MODEL` asks the server of OPENAI_BASE_URL with OPENAI_API_KEY, as `--llm` does;
`openai:MODEL@URL` asks another one, as where a local server holds one model, and never gives
it that key. vLLM, llama-server (--embeddings) and Ollama serve `/v1/embeddings`. Nothing is
sent anywhere unless a SPEC names it.
"""

from __future__ import annotations

import concurrent.futures
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vprog.errors import ConfigError, LlmRefusedError, LlmReplyError, LlmUnreachableError
from vprog.llm.bounded_reply import ENCODINGS, bounded_client, text_of_reply
from vprog.llm.event_loop import BackgroundLoop
from vprog.llm.openai import CONNECT_S, HOSTED, check_key, import_sdk, without_secrets
from vprog.llm.server_errors import PASSING, Endpoint

FORM = "openai:MODEL or openai:MODEL@URL"
BATCH = 32
"""Texts of one request: servers refuse long lists."""

RETRIES = 2
"""By the SDK, which waits as Retry-After says."""

MAX_DIMENSIONS = 65_536

Vector = tuple[float, ...]


@dataclass(frozen=True)
class Embedded:
    """One vector of length 1 for each text, all of one dimension."""

    vectors: tuple[Vector, ...]
    tokens: int


class Embedder:
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
        self._endpoint = Endpoint(f"embedder openai:{model} at {without_secrets(url)}", model, key)
        check_key(key, url, self._endpoint.where)
        self._sdk = import_sdk()
        self._loop = BackgroundLoop(name="vprog-embedder")
        self._client = self._sdk.AsyncOpenAI(
            api_key=key or "none",
            base_url=url,
            max_retries=RETRIES,
            default_headers=ENCODINGS,
            http_client=bounded_client(self._sdk, self._endpoint.where),
            timeout=self._sdk.Timeout(None, connect=CONNECT_S),  # the loop holds the deadline
        )

    @property
    def where(self) -> str:
        """Model and server, for messages and keys."""
        return self._endpoint.where

    def embed(self, texts: Sequence[str], timeout_s: float) -> Embedded:
        """A vector for each text.

        Raises:
            LlmError: there is no usable reply within the time.
        """
        try:
            return self._loop.run(self._all(texts), timeout_s)
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

    async def _all(self, texts: Sequence[str]) -> Embedded:
        vectors: list[Vector] = []
        tokens = 0
        for start in range(0, len(texts), BATCH):
            batch = await self._ask(texts[start : start + BATCH])
            vectors += batch.vectors
            tokens += batch.tokens
        if len({len(vector) for vector in vectors}) > 1:
            raise _unusable(self.where, "vectors of several dimensions")
        return Embedded(tuple(vectors), tokens)

    async def _ask(self, texts: Sequence[str]) -> Embedded:
        try:
            raw = await self._client.embeddings.with_raw_response.create(
                model=self.model,
                input=[text.encode("utf-8", "replace").decode() for text in texts],
                encoding_format="float",
            )
        # Not chained: the SDK's own error shows what the server replied, key included.
        except self._sdk.APIStatusError as error:
            text = error.response.text
            tries = RETRIES + 1 if error.status_code in PASSING else 1
            refused = self._endpoint.refused(error.status_code, text, None, tries).error
            if self._is_apart and error.status_code in (401, 403):
                hint = "A server behind @ gets no key: name it in OPENAI_BASE_URL instead."
                raise LlmRefusedError(refused.message, hint=hint) from None
            raise refused from None
        except self._sdk.OpenAIError as error:
            raise self._endpoint.broken(error).error from None
        try:
            body = json.loads(text_of_reply(raw.http_response, self.where))
        except (ValueError, RecursionError):
            raise _unusable(self.where, "no JSON") from None
        return read_vectors(body, len(texts), self.where)


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
    return Embedder(model, url)


def _is_plain(url: str) -> bool:
    """Whether a URL names a server, and holds nothing that a trace must not show."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and url == without_secrets(url)
    except ValueError:
        return False


def read_vectors(body: Any, n: int, where: str) -> Embedded:
    """The vectors of a reply, in the order of the texts, brought to length 1.

    Raises:
        LlmReplyError: it is no such reply: too few or too many vectors, no numbers.
    """
    body = body if isinstance(body, dict) else {}
    rows = body.get("data")
    if not isinstance(rows, list) or len(rows) != n:
        raise _unusable(
            where, f"{len(rows) if isinstance(rows, list) else 'no'} vectors for {n} texts"
        )
    by_index: dict[int, Vector] = {}
    for number, row in enumerate(rows):
        index = row.get("index", number) if isinstance(row, dict) else None
        if type(index) is not int or not 0 <= index < n or index in by_index:
            raise _unusable(where, "vectors without their positions")
        by_index[index] = _unit(row.get("embedding"), where)
    if len({len(vector) for vector in by_index.values()}) > 1:
        raise _unusable(where, "vectors of several dimensions")
    usage = body.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return Embedded(
        tuple(by_index[index] for index in range(n)),
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
