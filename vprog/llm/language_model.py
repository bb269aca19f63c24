"""What a language model is to vprog: messages in, completions out.

`LanguageModel` is what to implement for a backend or a model of one's own: it is handed in as
`vprog.solve(..., llm=model)`, or registered under `vprog.llms` (llm_spec.py). What to ask and what
to do with the reply is for `prompt/` and `strategies/`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from vprog.errors import LlmRefusedError
from vprog.settings import Settings

Role = Literal["system", "user", "assistant"]
Capability = Literal["grammar", "json_schema", "logprobs", "images"]
"""What not every backend can do; see LanguageModel.capabilities."""


class GrammarText(Protocol):
    """A grammar in the notations that backends read; the rule `root` is the whole reply."""

    @property
    def gbnf(self) -> str: ...

    @property
    def lark(self) -> str: ...


@dataclass(frozen=True)
class Image:
    """An encoded picture, as it goes over the wire."""

    data: bytes
    media_type: str = "image/jpeg"

    def data_url(self) -> str:
        """The picture as a `data:` URL."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode('ascii')}"


@dataclass(frozen=True)
class Message:
    """One turn of a conversation; the images stand before the text, each after its label."""

    role: Role
    text: str
    images: tuple[Image, ...] = ()
    labels: tuple[str, ...] = ()
    """One for each image; or none at all."""


@dataclass(frozen=True)
class Request:
    """What is asked of a language model.

    Attributes:
        messages: the conversation so far.
        temperature: 0 for the most likely text.
        max_tokens: the most tokens of one completion, thoughts included.
        n: how many completions.
        stop: texts at which a completion ends; not part of it.
        timeout_s: for the whole call: connecting, waiting, retries, samples.
        want_logprobs: ask for the log-probability of each token.
        top_logprobs: with it, that many likely tokens at each position.
        may_be_cut: accept completions that end at `max_tokens`; otherwise these
            are of no use and an error if there are no others.
        grammar: every completion that ends by itself is a text of it; one that is cut
            ends in the middle of a rule.
        json_schema: the same, of a JSON schema. At most one of the two.
    """

    messages: tuple[Message, ...]
    temperature: float = 0.0
    max_tokens: int = 4096
    n: int = 1
    stop: tuple[str, ...] = ()
    timeout_s: float = Settings.llm_timeout
    want_logprobs: bool = False
    top_logprobs: int = 0
    may_be_cut: bool = False
    grammar: GrammarText | None = None
    json_schema: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Token:
    """One token of a completion; `top` holds the likeliest tokens there, best first."""

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Completion:
    """One text that the model wrote.

    Attributes:
        text: without the stop text; thoughts that the server keeps apart are not in it.
        finish_reason: "stop", or "length" if it was cut at `max_tokens`.
        logprobs: None where the backend gives none.
    """

    text: str
    finish_reason: str = "stop"
    logprobs: tuple[Token, ...] | None = None

    @property
    def is_cut(self) -> bool:
        return self.finish_reason == "length"


@dataclass(frozen=True)
class Usage:
    """Tokens read and written; estimated from the length of the text if the server is silent."""

    tokens_in: int = 0
    tokens_out: int = 0
    is_estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.is_estimated or other.is_estimated,
        )


@dataclass(frozen=True)
class LlmReply:
    """What came back: at least one and at most `n` usable completions."""

    completions: tuple[Completion, ...]
    usage: Usage
    model: str
    seconds: float

    @property
    def text(self) -> str:
        """The text of the first completion."""
        return self.completions[0].text


class LanguageModel(Protocol):
    """A language model; its methods may be called from several threads at once.

    One that knows how many tokens it reads and writes together may say so in an attribute
    `context: int`: prompts then take half of them at most.

    Example:
        >>> class Echo:
        ...     name = "echo"
        ...     capabilities = frozenset()
        ...     def complete(self, request):
        ...         text = Completion(request.messages[-1].text)
        ...         return LlmReply((text,), Usage(), self.name, seconds=0.0)
        ...     def cancel(self): pass
        ...     def close(self): pass
    """

    @property
    def name(self) -> str:
        """What traces call it: the SPEC that opens it, e.g. "openai:gpt-4.1"; never a key."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What may be asked for beyond text; a server may be asked for it, once."""
        ...

    def complete(self, request: Request) -> LlmReply:
        """Ask and wait.

        Raises:
            LlmUnreachableError: no connection, no reply within `timeout_s`, or cancelled.
            LlmRefusedError: the key, the model's name, the quota or the request was refused.
            LlmReplyError: no completion can be used: empty, cut short, filtered, not JSON.
        """
        ...

    def cancel(self) -> None:
        """End every call in flight with LlmUnreachableError; from any thread."""
        ...

    def close(self) -> None:
        """Let go of connections and threads; calls in flight are cancelled."""
        ...


def check_capabilities(request: Request, model: LanguageModel) -> None:
    """Refuse a request that asks for what a backend cannot do.

    Raises:
        LlmRefusedError: with what it cannot do.
    """
    wanted: dict[Capability, bool] = {
        "grammar": request.grammar is not None,
        "json_schema": request.json_schema is not None,
        "images": any(message.images for message in request.messages),
    }
    if wanted["grammar"] and wanted["json_schema"]:
        raise LlmRefusedError(
            f"{model.name}: asked for a grammar and a JSON schema at once.",
            hint="Ask for one of them.",
        )
    for capability, is_wanted in wanted.items():
        if is_wanted and capability not in model.capabilities:
            raise LlmRefusedError(
                f"{model.name}: takes no {capability.replace('_', ' ')}.",
                hint="Ask without, or take a model that does.",
            )


def approximate_tokens(text: str) -> int:
    """About how many tokens a text has: a quarter of its bytes, as for English and code."""
    return -(-len(text.encode("utf-8", "replace")) // 4)


def excerpt(text: str, limit: int = 200) -> str:
    """The start of a text that others wrote, on one line and safe to print in a message."""
    head = " ".join(text[: 8 * limit].split())
    shown = "".join(letter if letter.isprintable() else "?" for letter in head)
    return shown if len(shown) <= limit and len(text) <= 8 * limit else f"{shown[:limit]}..."
