"""The JSON of `/v1/chat/completions`: a Request to a body, a body to completions.

Read with care for what servers in use really send: content that is null or a list of parts,
thoughts in a field of their own, no usage, log-probabilities that are null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError
from vprog.llm.language_model import (
    Completion,
    Message,
    Request,
    Token,
    Usage,
    approximate_tokens,
    excerpt,
)

IMAGE_TOKENS = 700
"""A rough price of one image, used only where the server counts nothing."""

_CHARACTERS, _LEAST_CUT = 16, 20_000
"""A text longer than 16 characters for each token that was asked for runs on, and is cut there;
one of 20,000 never is."""

GRAMMAR_FIELDS: dict[str, Callable[[str], dict[str, object]]] = {
    "llamacpp": lambda gbnf: {"grammar": gbnf},
    "vllm": lambda gbnf: {"structured_outputs": {"grammar": gbnf}},
}
"""How a server takes a grammar, by what it says of itself (`owned_by` in `/v1/models`)."""


@dataclass(frozen=True)
class ChatAnswer:
    """One body, read: what can be used, why the rest cannot, and the cost."""

    completions: tuple[Completion, ...]
    unusable: tuple[str, ...]
    usage: Usage
    model: str


def write_body(model: str, request: Request, n: int, server: str = "") -> dict[str, object]:
    """The body that asks for `n` completions; `server` knows a grammar, if one is asked for."""
    body: dict[str, object] = {
        "model": model,
        "messages": [_write_message(message) for message in request.messages],
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
    }
    if n > 1:
        body["n"] = n
    if request.stop:
        body["stop"] = list(request.stop)
    if request.want_logprobs:
        body["logprobs"] = True
        if request.top_logprobs:
            body["top_logprobs"] = request.top_logprobs
    if request.json_schema is not None:
        schema = {"name": "reply", "schema": request.json_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.grammar is not None:
        body |= GRAMMAR_FIELDS[server](request.grammar.gbnf)
    return body


def read_server(text: str) -> str:
    """Which program serves, from the body of `/v1/models`: a key of GRAMMAR_FIELDS, or ""."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    models = body.get("data") if isinstance(body, dict) else None
    owners = [model.get("owned_by") for model in models if isinstance(model, dict)] if isinstance(
        models, list) else []  # fmt: skip
    return next((owner for owner in owners if owner in GRAMMAR_FIELDS), "")


def without_system(body: dict[str, object], request: Request) -> None:
    """Put the system messages into the first of the user's, for models that know no such role."""
    system = [message.text for message in request.messages if message.role == "system"]
    rest = [message for message in request.messages if message.role != "system"]
    for number, message in enumerate(rest):
        if message.role == "user":
            rest[number] = replace(message, text="\n\n".join([*system, message.text]))
            break
    body["messages"] = [_write_message(message) for message in rest]


def read_body(text: str, request: Request, model: str, where: str) -> ChatAnswer:
    """What a server answered with status 200.

    Raises:
        LlmReplyError: it is not the JSON of a chat completion.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LlmReplyError(
            f'{where}: the reply is not JSON, it begins with "{excerpt(text, 80)}".',
            hint="Check that OPENAI_BASE_URL ends where /chat/completions begins, e.g. in /v1.",
        ) from error
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(choices, list):
        raise LlmReplyError(
            f'{where}: the reply has no "choices"{_error_text(body)}.',
            hint="Check that the server speaks the chat-completions protocol.",
        )
    completions: list[Completion] = []
    unusable: list[str] = []
    for choice in choices:
        read = _read_choice(choice, request)
        if isinstance(read, Completion):
            completions.append(read)
        else:
            unusable.append(read)
    named = body.get("model")
    return ChatAnswer(
        tuple(completions),
        tuple(unusable) or (() if choices else ("it is empty: no choices",)),
        _read_usage(body.get("usage"), request, completions),
        named if isinstance(named, str) and named else model,
    )


def error_of(text: str) -> tuple[str, str, str]:
    """Message, code and parameter of the body of a refusal; "" where there is none."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text, "", ""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error), "", ""
    message = error.get("message") or error.get("detail") or text
    code = error.get("code") or error.get("type") or ""
    return str(message), str(code), str(error.get("param") or "")


def _write_message(message: Message) -> dict[str, object]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, object]] = []
    for number, image in enumerate(message.images):
        if message.labels:
            parts.append({"type": "text", "text": message.labels[number]})
        parts.append({"type": "image_url", "image_url": {"url": image.data_url()}})
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _read_choice(choice: object, request: Request) -> Completion | str:
    """A completion, or why there is none."""
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return "it has no message"
    reason = choice.get("finish_reason")
    finish = reason if isinstance(reason, str) and reason else "stop"
    text = _text_of(message.get("content"))
    thoughts = _text_of(message.get("reasoning_content") or message.get("reasoning"))
    most = max(_LEAST_CUT, _CHARACTERS * request.max_tokens)
    if len(text) > most and not request.may_be_cut:  # the server does not hold to max_tokens
        return f"it ran on to {len(text)} characters, for {request.max_tokens} tokens asked for"
    if len(text) > most:
        text, finish = text[:most], "length"
    thoughts = thoughts[:most]
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal.strip() and not text.strip():
        return f'the model declined: "{excerpt(refusal)}"'
    if finish == "content_filter":
        return "the server's content filter ended it"
    if finish == "length" and not request.may_be_cut:
        thinking = ", all spent on thoughts" if thoughts and not text.strip() else ""
        return f"it was cut short at {request.max_tokens} tokens{thinking} (finish_reason length)"
    if not text.strip() and finish != "length":
        # Servers set to split off thoughts take a reply without the closing mark for thoughts.
        text = thoughts
    if not text.strip():
        return f"it is empty (finish_reason {excerpt(finish, 40)})"
    scored = _read_logprobs(choice.get("logprobs")) if request.want_logprobs else None
    return Completion(text, "length" if finish == "length" else "stop", scored)


def _text_of(content: object) -> str:
    """Text, or the text of a list of parts."""
    if isinstance(content, str):
        return _writable(content)
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        return _writable("".join(part for part in parts if isinstance(part, str)))
    return ""


def _writable(text: str) -> str:
    r"""Without halves of characters, which JSON can spell (\ud800) and no file holds."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _read_logprobs(logprobs: object) -> tuple[Token, ...] | None:
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list) or not content:
        return None
    tokens: list[Token] = []
    for item in content:
        scored = _scored(item)
        if scored is None:
            return None
        top = item.get("top_logprobs")
        others = [_scored(other) for other in top] if isinstance(top, list) else []
        tokens.append(Token(*scored, tuple(other for other in others if other is not None)))
    return tuple(tokens)


def _scored(item: object) -> tuple[str, float] | None:
    if not isinstance(item, dict):
        return None
    token, logprob = item.get("token"), item.get("logprob")
    if not isinstance(token, str) or isinstance(logprob, bool):
        return None
    if not isinstance(logprob, int | float) or math.isnan(logprob):
        return None
    return token, float(max(logprob, -9999.0))


def _read_usage(usage: object, request: Request, completions: list[Completion]) -> Usage:
    if isinstance(usage, dict):
        read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if isinstance(read, int) and isinstance(written, int) and min(read, written) >= 0:
            return Usage(read, written)
    read = sum(
        approximate_tokens(message.text) + IMAGE_TOKENS * len(message.images)
        for message in request.messages
    )
    written = sum(approximate_tokens(completion.text) for completion in completions)
    return Usage(read, written, is_estimated=True)


def _error_text(body: object) -> str:
    """What a server wrote in place of choices."""
    if isinstance(body, dict) and body.get("error"):
        return f': "{excerpt(error_of(json.dumps(body))[0])}"'
    return ""
