"""The forms of the chat completions API: requests read, replies written.

Requests have OpenAI's form, with `video_url` parts, as vLLM and the evaluation harnesses send it:

    {"model": "vprog", "messages": [{"role": "user", "content": [
        {"type": "video_url", "video_url": {"url": "file:///srv/videos/kitchen.mp4"}},
        {"type": "text", "text": "How many people are there?"}]}]}

A folder in place of a video, file:///srv/videos, has the question answered over all its files from
its index (`vprog index`). Options of sampling (temperature, max_tokens, ...) mean nothing to
programs and are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vprog.errors import BusyError
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
        videos: the files, in the order of their parts; none where a folder is asked.
        folder: which one, or None.
        model: as the client calls it; the reply has the same.
        streams: whether the reply comes as events.
        tells_usage: whether a stream ends with the tokens used.
        warnings: what of the request was not heeded, for the reply.
    """

    question: str
    videos: tuple[Path, ...]
    folder: Path | None
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
        UsageError: a video or folder is not below a media root.
    """
    value = body.value
    if not isinstance(value, dict):
        raise _wrong("the body", "an object", value)
    if value.get("n") not in (None, 1):
        raise HttpError(400, "n: one reply is given to a question.", hint="Leave n out.")
    texts: list[str] = []
    videos: list[Path] = []
    folders: list[Path] = []
    warnings: list[str] = []
    for place, part in _parts(value, warnings):
        if isinstance(part, str):
            texts.append(part)
        else:
            path = _video(place, part, body, roots)
            (folders if path.is_dir() else videos).append(path)
    question = "\n".join(text.strip() for text in texts if text.strip())
    if not question:
        raise HttpError(400, "the user's message holds no text.", hint=_FORM)
    if folders and len(folders) + len(videos) > 1:
        raise HttpError(
            400, "a folder is asked alone, without other folders and videos.",
            hint="Send one folder, or the videos themselves.",
        )  # fmt: skip
    if not folders and not 0 < len(videos) <= _MOST_VIDEOS:
        raise HttpError(
            400, f"the user's message holds {len(videos)} videos; 1 to {_MOST_VIDEOS} are taken.",
            hint=_FORM,
        )  # fmt: skip
    model = value.get("model", MODEL)
    options = value.get("stream_options")
    return ChatRequest(
        question=question,
        videos=tuple(videos),
        folder=folders[0] if folders else None,
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
    """The file, or the folder, of a video part."""
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
    return roots.find_folder(url) if roots.is_folder(url) else roots.find(url)


def _wrong(place: str, expected: str, value: Any) -> HttpError:
    kind = "nothing" if value is None else type(value).__name__
    kind = "an empty list" if value == [] else kind
    return HttpError(400, f"{place}: expected {expected}, got {kind}.", hint=_FORM)


@dataclass(frozen=True)
class ChatReply:
    """What the assistant says.

    Attributes:
        id: of the reply; a run's, or hard to guess too.
        began: when, in seconds of the system's clock.
        content: the answer; "" or a label where there is none.
        refusal: why there is none.
        usage: the tokens of language models.
        told: the field `vprog`.
    """

    id: str
    began: float
    content: str
    refusal: str | None
    usage: dict[str, int]
    told: dict[str, Any]

    def whole(self, request: ChatRequest) -> dict[str, Any]:
        """All of it as one object."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": self.content, "refusal": self.refusal},
            "finish_reason": "stop",
            "logprobs": None,
        }
        return {
            **_head(request, self.id, self.began, "chat.completion"),
            "choices": [choice],
            "usage": self.usage,
            "vprog": self.told,
        }

    def last_chunks(self, request: ChatRequest) -> list[dict[str, Any]]:
        """The rest of a stream that `first_chunk` began."""
        said = {"content": self.content, "refusal": self.refusal}
        delta = {name: text for name, text in said.items() if text}
        end = {**_chunk(request, self.id, self.began, {}, "stop"), "vprog": self.told}
        chunks = [_chunk(request, self.id, self.began, delta), end]
        if request.tells_usage:
            head = _head(request, self.id, self.began, "chat.completion.chunk")
            chunks.append({**head, "choices": [], "usage": self.usage})
        return chunks


def first_chunk(request: ChatRequest, reply_id: str, began: float) -> dict[str, Any]:
    """What a stream begins with."""
    return _chunk(request, reply_id, began, {"role": "assistant", "content": ""})


def reply_of_run(request: ChatRequest, run: ServedRun, result: Result, label: str) -> ChatReply:
    """The reply to a question that was answered or abstained from.

    Args:
        request: that asked.
        run, result: what came of it.
        label: the content where there is no answer; the reason is then the refusal.
    """
    content, refusal = label, None
    if result.status == Status.ANSWERED:
        content = result.text()
    else:
        error = result.error
        reason = "" if error is None else f"{error.message} {error.hint}".strip()
        refusal = reason or "There is no answer that holds."
    usage = usage_of(result.cost.tokens_in, result.cost.tokens_out)
    told = result_object(run, result)
    told["warnings"] = [*request.warnings, *told["warnings"]]
    return ChatReply(run.id, run.began, content, refusal, usage, told)


def usage_of(n_in: int, n_out: int) -> dict[str, int]:
    """The tokens of language models as a reply tells them."""
    return {"prompt_tokens": n_in, "completion_tokens": n_out, "total_tokens": n_in + n_out}


def problem_of(result: Result) -> HttpError | None:
    """The error of a run that came neither to an answer nor to an abstention."""
    if result.status in (Status.ANSWERED, Status.ABSTAINED) or result.error is None:
        return None
    error = result.error
    is_busy = error.code == BusyError.code  # the same question will be answered in a while
    status = 429 if is_busy else http_status(result.status)
    return HttpError(status, error.message, hint=error.hint, code=error.code)


def _chunk(
    request: ChatRequest,
    reply_id: str,
    began: float,
    delta: dict[str, Any],
    reason: str | None = None,
) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {**_head(request, reply_id, began, "chat.completion.chunk"), "choices": [choice]}


def _head(request: ChatRequest, reply_id: str, began: float, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{reply_id}",
        "object": kind,
        "created": int(began),
        "model": request.model,
    }
