"""`openai:MODEL`: any OpenAI-compatible server, through the official SDK.

OPENAI_BASE_URL and OPENAI_API_KEY are obeyed as the SDK does; a local server (vLLM,
llama-server, Ollama) needs no key. Retries are our own, so that they keep to one deadline
and to what Retry-After says. The key never enters a message, a repr or a trace.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from vprog.errors import (
    LlmError,
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    PackageMissingError,
)
from vprog.llm.bounded_reply import ENCODINGS, bounded_client, text_of_reply
from vprog.llm.chat_json import (
    ChatAnswer,
    error_of,
    read_body,
    read_server,
    without_system,
    write_body,
)
from vprog.llm.event_loop import BackgroundLoop
from vprog.llm.language_model import Capability, LlmReply, Request, Usage, check_capabilities
from vprog.llm.server_errors import CHECK_SERVER, Endpoint, FailedRequest

HOSTED = "https://api.openai.com/v1"
CONNECT_S = 10.0
PROBE_S = 5.0
"""For the question which program serves."""

REPLACEMENTS = {"max_tokens": "max_completion_tokens"}
DROPPABLE = frozenset({"temperature", "stop", "n", "logprobs", "top_logprobs"})
"""What a server may refuse by name and be asked again without."""

SYSTEM_ROLE = "system role"


class OpenAIModel:
    """A model behind an OpenAI-compatible server.

    Args:
        model: its name on the server.
        base_url: instead of OPENAI_BASE_URL.
        api_key: instead of OPENAI_API_KEY.
        retries: how often a passing failure is retried.
        wait_s: before the first retry, where the server names no time; doubles each time.

    Raises:
        PackageMissingError: the SDK is not installed, or does not import.
        LlmRefusedError: no key is set for the hosted server, or it cannot be one.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        retries: int = 3,
        wait_s: float = 0.5,
    ) -> None:
        self.model = model
        url = base_url or os.environ.get("OPENAI_BASE_URL") or HOSTED
        key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip()
        self._endpoint = Endpoint(f"{self.name} at {without_secrets(url)}", model, key)
        check_key(key, url, self._endpoint.where)
        self._sdk = import_sdk()
        self._retries = retries
        self._wait_s = wait_s
        self._unsupported: set[str] = set()
        self._loop = BackgroundLoop(name="vprog-openai")
        self._is_hosted = url == HOSTED
        self._server: str | None = None
        self._client = self._sdk.AsyncOpenAI(
            api_key=key or "none",
            base_url=url,
            max_retries=0,
            default_headers=ENCODINGS,
            http_client=bounded_client(self._sdk, self._endpoint.where),
        )

    @property
    def name(self) -> str:
        return f"openai:{self.model}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """All but a grammar; that too, if the server says that it is vLLM or llama-server."""
        if self._server is None:
            self._server = "" if self._is_hosted else self._ask_server()
        plain: frozenset[Capability] = frozenset({"json_schema", "logprobs", "images"})
        return plain | {"grammar"} if self._server else plain

    def __repr__(self) -> str:
        return f"OpenAIModel({self._endpoint.where})"

    def complete(self, request: Request) -> LlmReply:
        """Ask and wait; see LanguageModel."""
        started = time.monotonic()
        if request.grammar is not None:
            check_capabilities(request, self)
        where = self._endpoint.where
        if self._client.is_closed():
            raise LlmUnreachableError(f"{where}: the client was closed.", hint="Open it again.")
        try:
            answers = self._loop.run(
                self._samples(request, started + request.timeout_s), request.timeout_s
            )
        except TimeoutError as error:
            raise LlmUnreachableError(
                f"{where}: no whole reply within {request.timeout_s:g} s.",
                hint="Allow more time, ask for fewer tokens, or take a faster model.",
            ) from error
        except concurrent.futures.CancelledError as error:
            raise LlmUnreachableError(
                f"{where}: the call was cancelled.", hint="Ask again."
            ) from error
        completions = [completion for answer in answers for completion in answer.completions]
        usage = sum((answer.usage for answer in answers), Usage())
        if not completions:
            unusable = [reason for answer in answers for reason in answer.unusable]
            unread = LlmReplyError(
                f"{where}: no reply can be used: {unusable[0]}.", hint=_mend(unusable[0])
            )
            unread.tokens_in, unread.tokens_out = usage.tokens_in, usage.tokens_out
            raise unread
        return LlmReply(
            completions=tuple(completions[: request.n]),
            usage=usage,
            model=answers[0].model,
            seconds=time.monotonic() - started,
        )

    def cancel(self) -> None:
        """End every call in flight."""
        self._loop.cancel()

    def close(self) -> None:
        """Close the connections and end the thread."""
        self._loop.close(self._client.close())

    def _ask_server(self) -> str:
        """What serves; "" where it does not say: what is wrong, the first request will tell."""
        try:
            return self._loop.run(self._models(), PROBE_S)
        except (TimeoutError, concurrent.futures.CancelledError, self._sdk.OpenAIError, LlmError):
            return ""

    async def _models(self) -> str:
        raw = await self._client.models.with_raw_response.list(timeout=PROBE_S)
        return read_server(raw.http_response.text)

    async def _samples(self, request: Request, deadline: float) -> list[ChatAnswer]:
        """One call for all samples; what a server leaves out is asked for one by one."""
        n = 1 if "n" in self._unsupported else request.n
        first = await self._ask(request, n, deadline)
        missing = request.n - len(first.completions) - len(first.unusable)
        if missing <= 0:
            return [first]
        self._unsupported.add("n")
        rest = await asyncio.gather(
            *(self._ask(request, 1, deadline) for _ in range(missing)), return_exceptions=True
        )
        answers = [first, *(other for other in rest if isinstance(other, ChatAnswer))]
        failures = [other for other in rest if isinstance(other, BaseException)]
        # Samples are spares of each other: a failed one counts only if none came.
        if failures and not any(answer.completions for answer in answers):
            raise failures[0]
        return answers

    async def _ask(self, request: Request, n: int, deadline: float) -> ChatAnswer:
        tries = 0
        while True:
            body = self._adapted(write_body(self.model, request, n, self._server or ""), request)
            result = await self._try(request, body, tries + 1, deadline)
            if isinstance(result, ChatAnswer):
                return result
            if result is None:
                continue
            tries += 1
            # Not chained: the SDK's own error shows what the server replied, key included.
            if tries > self._retries or not result.may_pass:
                raise result.error from None
            wait_s = result.wait_s
            if wait_s is None:
                wait_s = self._wait_s * 2.0 ** (tries - 1)
            if wait_s > deadline - time.monotonic():
                raise result.too_late(wait_s) from None
            await asyncio.sleep(wait_s)

    async def _try(
        self, request: Request, body: dict[str, Any], tries: int, deadline: float
    ) -> ChatAnswer | FailedRequest | None:
        """An answer, or why not; None if the same is to be asked without a parameter."""
        # The deadline is held by the loop; of the SDK's clocks only the one for connecting counts.
        tolerance_s = max(deadline - time.monotonic(), 0.0) + CONNECT_S
        messages = body.pop("messages")
        try:
            raw = await self._client.chat.completions.with_raw_response.create(
                model=self.model,
                messages=messages,
                extra_body=body,
                timeout=self._sdk.Timeout(tolerance_s, connect=CONNECT_S),
            )
        except self._sdk.APIStatusError as error:
            text = error.response.text
            if self._learn(error.status_code, text, body):
                return None
            retry_after = error.response.headers.get("retry-after")
            return self._endpoint.refused(error.status_code, text, retry_after, tries)
        except self._sdk.APITimeoutError as error:
            raise LlmUnreachableError(
                f"{self._endpoint.where}: no connection within {CONNECT_S:g} s.", hint=CHECK_SERVER
            ) from error
        except self._sdk.OpenAIError as error:
            return self._endpoint.broken(error)
        where = self._endpoint.where
        return read_body(text_of_reply(raw.http_response, where), request, self.model, where)

    def _adapted(self, body: dict[str, Any], request: Request) -> dict[str, Any]:
        """The body without what this server has refused by name."""
        if SYSTEM_ROLE in self._unsupported:
            without_system(body, request)
        for name in self._unsupported:
            value = body.pop(name, None)
            if value is not None and name in REPLACEMENTS:
                body[REPLACEMENTS[name]] = value
        return body

    def _learn(self, status: int, text: str, body: dict[str, Any]) -> bool:
        """Whether the refusal names a parameter that we can do without."""
        message, code, param = error_of(text)
        without = f"{SYSTEM_ROLE} not supported" in message.lower()
        if status in (400, 500) and without and SYSTEM_ROLE not in self._unsupported:
            self._unsupported.add(SYSTEM_ROLE)
            return True
        if status not in (400, 422) or "unsupported" not in f"{code} {message}".lower():
            return False
        known = (DROPPABLE | REPLACEMENTS.keys()) & body.keys()
        for name in sorted(known, key=len, reverse=True):
            if param == name or (not param and f"'{name}'" in message.replace('"', "'")):
                self._unsupported.add(name)
                return True
        return False


def check_key(key: str, url: str, where: str) -> None:
    """Be sure that a server may be asked with this key, before anything is sent.

    Raises:
        LlmRefusedError: the hosted server needs one, or it cannot be one.
    """
    if not key and url == HOSTED:
        raise LlmRefusedError(
            f"{where}: no API key is set; nothing was sent.",
            hint="Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own.",
        )
    if not all("!" <= letter <= "~" for letter in key):
        raise LlmRefusedError(
            f"{where}: the API key holds a space or a character that no key has; nothing was sent.",
            hint="Set OPENAI_API_KEY again.",
        )


def _mend(why: str) -> str:
    if "cut short" in why:
        return "Allow more tokens, or take a model that thinks less."
    if "filter" in why or "declined" in why:
        return "Ask in other words, or take another model."
    return "Try again, or take another model."


def without_secrets(url: str) -> str:
    """A URL without user, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def import_sdk() -> Any:
    """The package openai.

    Raises:
        PackageMissingError: it is not installed, or does not import.
    """
    try:
        import openai
    except Exception as error:  # a broken installation may raise anything at all
        raise PackageMissingError(
            f"openai:MODEL needs the package openai, which does not import: {error}.",
            hint='Run: pip install "vprog[openai]"',
        ) from error
    return openai


def open_model(model: str) -> OpenAIModel:
    """The model of a name, on the server that the environment names; nothing is sent yet.

    Raises:
        LlmRefusedError: a key is needed and none is set.
    """
    return OpenAIModel(model)
