"""The forms of the chat completions API: requests read, replies written.

Requests have OpenAI's form, with `video_url` parts, as vLLM and the evaluation harnesses send it:

    {"model": "vprog", "messages": [{"role": "user", "content": [
        {"type": "video_url", "video_url": {"url": "file:///srv/videos/kitchen.mp4"}},
        {"type": "text", "text": "How many people are there?"}]}]}

Options of sampling (temperature, max_tokens, ...) mean nothing to programs and are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.exit_status import Status
from vprog.runs.result import Result
from vprog.service.error_replies import HttpError, http_status
from vprog.service.media_roots import MediaRoots
from vprog.service.service import ServedRun, result_object
from vprog.service.spooled_body import SpooledBody

MODEL = "vprog"
_MOST_VIDEOS = 16
_FORM = (
    'Send {"messages": [{"role": "user", "content": [{"type": "video_url", "video_url": '
    '{"url": "file:///..."}}, {"type": "text", "text": "..."}]}]}.'
)


@dataclass(frozen=True)
class ChatRequest:
    """What a client asks, and how it wants its reply.

    Attributes:
        question: the texts of the user's message, a line each.
        videos: the files, in the order of their parts.
        model: as the client calls it; the reply has the same.
        streams: whether the reply comes as events.
        tells_usage: whether a stream ends with the tokens used.
        warnings: what of the request was not heeded, for the reply.
    """

    question: str
    videos: tuple[Path, ...]
    model: str
    streams: bool
    tells_usage: bool
    warnings: tuple[str, ...]


def read_request(body: SpooledBody, roots: MediaRoots) -> ChatRequest:
    """The request of a body.

    Args:
        body: as it was spooled.
        roots: below which clients may name files.

    Raises:
        HttpError: 400, with what is wrong where.
        UsageError: a video is not below a media root.
    """
    value = body.value
    if not isinstance(value, dict):
        raise _wrong("the body", "an object", value)
    if value.get("n") not in (None, 1):
        raise HttpError(400, "n: one reply is given to a question.", hint="Leave n out.")
    texts: list[str] = []
    videos: list[Path] = []
    warnings: list[str] = []
    for place, part in _parts(value, warnings):
        if isinstance(part, str):
            texts.append(part)
        else:
            videos.append(_video(place, part, body, roots))
    question = "\n".join(text.strip() for text in texts if text.strip())
    if not question:
        raise HttpError(400, "the user's message holds no text.", hint=_FORM)
    if not 0 < len(videos) <= _MOST_VIDEOS:
        raise HttpError(
            400, f"the user's message holds {len(videos)} videos; 1 to {_MOST_VIDEOS} are taken.",
            hint=_FORM,
        )  # fmt: skip
    model = value.get("model", MODEL)
    options = value.get("stream_options")
    return ChatRequest(
        question=question,
        videos=tuple(videos),
        model=model if isinstance(model, str) and len(model) < 200 else MODEL,
        streams=value.get("stream") is True,
        tells_usage=isinstance(options, dict) and options.get("include_usage") is True,
        warnings=tuple(warnings),
    )


def _parts(value: dict[str, Any], warnings: list[str]) -> list[tuple[str, str | dict[str, Any]]]:
    """The texts and the video parts of the one message of the user, each with its place."""
    messages = value.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", "a list of messages", messages)
    asked: list[tuple[str, Any]] = []
    for index, message in enumerate(messages):
        place = f"messages[{index}]"
        if not isinstance(message, dict):
            raise _wrong(place, "an object", message)
        role = message.get("role")
        if role in ("system", "developer"):
            warnings.append(f"the {role} message was not read: vprog takes the question alone")
        elif role == "user":
            asked.append((f"{place}.content", message.get("content")))
        else:
            raise HttpError(
                400, f"{place}.role: got {role!r}, and no conversation is carried on.",
                hint="Send the question in one message of the user.",
            )  # fmt: skip
    if len(asked) != 1:
        raise HttpError(
            400, f"got {len(asked)} messages of the user; one question is answered at a time.",
            hint="Send the question in one message of the user.",
        )  # fmt: skip
    place, content = asked[0]
    if isinstance(content, str):
        return [(place, content)]
    if not isinstance(content, list):
        raise _wrong(place, "text or a list of parts", content)
    return [_part(f"{place}[{index}]", part) for index, part in enumerate(content)]


def _part(place: str, part: Any) -> tuple[str, str | dict[str, Any]]:
    if not isinstance(part, dict):
        raise _wrong(place, "an object", part)
    kind = part.get("type")
    if kind == "text":
        text = part.get("text")
        if not isinstance(text, str):
            raise _wrong(f"{place}.text", "text", text)
        return place, text
    if kind == "video_url":
        return place, part
    raise HttpError(
        400, f"{place}.type: got {str(kind)[:40]!r}; text and video_url are taken.",
        hint="Send the whole video as a video_url, not its frames or its sound.",
    )  # fmt: skip


def _video(place: str, part: dict[str, Any], body: SpooledBody, roots: MediaRoots) -> Path:
    given = part.get("video_url")
    url = given.get("url") if isinstance(given, dict) else given
    if not isinstance(url, str):
        raise _wrong(f"{place}.video_url.url", "a file: or data: URL", url)
    if url in body.files:
        return body.files[url]
    if url[:5].lower() == "data:":
        raise HttpError(
            400, f"{place}.video_url.url: this data: URL cannot be read.",
            hint="Write data:video/mp4;base64,... in these very letters.",
        )  # fmt: skip
    return roots.find(url)


def _wrong(place: str, expected: str, value: Any) -> HttpError:
    kind = "nothing" if value is None else type(value).__name__
    kind = "an empty list" if value == [] else kind
    return HttpError(400, f"{place}: expected {expected}, got {kind}.", hint=_FORM)


def whole_reply(request: ChatRequest, run: ServedRun, result: Result, label: str) -> dict[str, Any]:
    """The reply to a question that was answered or abstained from.

    Args:
        request: that asked.
        run, result: what came of it.
        label: the content where there is no answer.
    """
    choice = {
        "index": 0,
        "message": {"role": "assistant", **_content(result, label)},
        "finish_reason": "stop",
        "logprobs": None,
    }
    return {
        **_head(request, run, "chat.completion"),
        "choices": [choice],
        "usage": _usage(result),
        "vprog": _evidence(request, run, result),
    }


def first_chunk(request: ChatRequest, run: ServedRun) -> dict[str, Any]:
    """What a stream begins with."""
    return _chunk(request, run, {"role": "assistant", "content": ""})


def last_chunks(
    request: ChatRequest, run: ServedRun, result: Result, label: str
) -> list[dict[str, Any]]:
    """The rest of a stream, when the result is there; arguments as `whole_reply`."""
    delta = {name: text for name, text in _content(result, label).items() if text}
    told = {"vprog": _evidence(request, run, result)}
    chunks = [_chunk(request, run, delta), {**_chunk(request, run, {}, "stop"), **told}]
    if request.tells_usage:
        head = _head(request, run, "chat.completion.chunk")
        chunks.append({**head, "choices": [], "usage": _usage(result)})
    return chunks


def problem_of(result: Result) -> HttpError | None:
    """The error of a run that came neither to an answer nor to an abstention."""
    if result.status in (Status.ANSWERED, Status.ABSTAINED) or result.error is None:
        return None
    error = result.error
    return HttpError(http_status(result.status), error.message, hint=error.hint, code=error.code)


def _chunk(
    request: ChatRequest, run: ServedRun, delta: dict[str, Any], reason: str | None = None
) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {**_head(request, run, "chat.completion.chunk"), "choices": [choice]}


def _head(request: ChatRequest, run: ServedRun, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{run.id}",
        "object": kind,
        "created": int(run.began),
        "model": request.model,
    }


def _content(result: Result, label: str) -> dict[str, str | None]:
    """What the assistant says; where there is no answer, the reason is its refusal."""
    if result.status == Status.ANSWERED:
        return {"content": result.text(), "refusal": None}
    reason = "" if result.error is None else f"{result.error.message} {result.error.hint}".strip()
    return {"content": label, "refusal": reason or "There is no answer that holds."}


def _usage(result: Result) -> dict[str, int]:
    n_in, n_out = result.cost.tokens_in, result.cost.tokens_out
    return {"prompt_tokens": n_in, "completion_tokens": n_out, "total_tokens": n_in + n_out}


def _evidence(request: ChatRequest, run: ServedRun, result: Result) -> dict[str, Any]:
    told = result_object(run, result)
    return {**told, "warnings": [*request.warnings, *told["warnings"]]}
