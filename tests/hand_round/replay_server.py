"""A loopback server that gives kept replies to a question's requests, with no model.

A look is known by what is asked and by the first, the last and the number of its pictures, a
program by its turn: so that other words around them change nothing. A look that nobody was asked
before gets 404, which fails the question.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

_TIME = re.compile(r"^picture \d+, ([\d.]+) s$", re.MULTILINE)
_ASKED = re.compile(r'<data name="(?:question|description)">\n(.*?)\n</data>', re.DOTALL)
_NEAR_S = 0.02
"""How far the time of a picture may lie from the kept one, which is rounded."""


@dataclass(frozen=True)
class Turn:
    """One request with its replies.

    Attributes:
        asked: the question or description in it.
        replies: one text for each reply.
        pictures: how many it shows; 0 where a program is asked for.
        seconds: the times of the first and the last picture.
        conf: how sure the model was, in [0, 1]; None where it gives no token probabilities.
        turn: the number of messages, where a program is asked for.
    """

    asked: str
    replies: list[str]
    pictures: int = 0
    seconds: tuple[float, float] = (0.0, 0.0)
    conf: float | None = None
    turn: int = 0

    def answers(self, other: Turn) -> bool:
        """Whether its replies are those to another request."""
        return (
            self.asked == other.asked
            and self.pictures == other.pictures
            and self.turn == other.turn
            and all(
                abs(kept - now) <= _NEAR_S
                for kept, now in zip(self.seconds, other.seconds, strict=True)
            )
        )


@dataclass
class Replay:
    """What became of the turns of one question."""

    turns: list[Turn]
    used: list[Turn] = field(default_factory=list)
    unknown: list[Turn] = field(default_factory=list)

    def reply_to(self, request: Turn) -> Turn | None:
        """The kept turn that answers a request; one of several equal ones in their order."""
        fitting = [turn for turn in self.turns if turn.answers(request)]
        fresh = [turn for turn in fitting if not any(turn is other for other in self.used)]
        if not fitting:
            self.unknown.append(request)
            return None
        turn = (fresh or fitting)[0]
        self.used.append(turn)
        return turn


class ReplayServer:
    """Answers `/v1/chat/completions` of the question that was set last."""

    def __init__(self) -> None:
        self.replay = Replay([])
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                models = [{"id": "hand", "object": "model", "owned_by": "hand"}]
                owner.send(self, 200, {"object": "list", "data": models})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                owner.send(self, *owner.answer(json.loads(self.rfile.read(length))))

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def begin(self, turns: Sequence[dict[str, Any]]) -> Replay:
        """The next question: its turns as they are kept."""
        self.replay = Replay([_kept(turn) for turn in turns])
        return self.replay

    def __enter__(self) -> ReplayServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, object]]:
        """Status and body of the reply to a request."""
        request = read_request(body["messages"])
        with self._lock:
            turn = self.replay.reply_to(request)
        if turn is None:
            told = f"nobody was asked this: {request}"
            return 404, {"error": {"message": told, "type": "replay"}}
        return 200, _completion(body, turn, _tokens(body["messages"]))

    def send(self, handler: BaseHTTPRequestHandler, status: int, body: object) -> None:
        """Write one reply."""
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


def read_request(messages: Sequence[dict[str, Any]]) -> Turn:
    """What a request asks and shows."""
    content = messages[-1]["content"]
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    times = [float(time) for time in _TIME.findall(text)]
    asked = _ASKED.findall(text)
    shown = sum(part["type"] == "image_url" for part in parts)
    return Turn(
        json.loads(asked[-1]) if asked else "",
        [],
        shown,
        (times[0], times[-1]) if times else (0.0, 0.0),
        turn=0 if shown else len(messages),
    )


def _kept(turn: dict[str, Any]) -> Turn:
    seconds = turn.get("seconds", (0.0, 0.0))
    return Turn(**{**turn, "seconds": tuple(seconds)})


def _tokens(messages: Sequence[dict[str, Any]]) -> int:
    """About how long the requests are: four characters a token, 250 tokens a picture."""
    n_characters = n_pictures = 0
    for message in messages:
        content = message["content"]
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        n_characters += sum(len(part["text"]) for part in parts if part["type"] == "text")
        n_pictures += sum(part["type"] == "image_url" for part in parts)
    return n_characters // 4 + 250 * n_pictures


def _completion(body: dict[str, Any], turn: Turn, n_tokens: int) -> dict[str, object]:
    count = body.get("n") or 1
    choices = [
        _choice(number, turn.replies[min(number, len(turn.replies) - 1)], turn.conf, body)
        for number in range(count)
    ]
    n_written = sum(len(text) for text in turn.replies) // 4 + 1
    return {
        "id": "hand",
        "object": "chat.completion",
        "model": body["model"],
        "choices": choices,
        "usage": {
            "prompt_tokens": n_tokens,
            "completion_tokens": n_written,
            "total_tokens": n_tokens + n_written,
        },
    }


def _choice(number: int, text: str, conf: float | None, body: dict[str, Any]) -> dict[str, object]:
    choice: dict[str, object] = {
        "index": number,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    if body.get("logprobs") and conf is not None:
        each = {"logprob": math.log(conf), "bytes": None, "top_logprobs": []}
        words = re.findall(r"\S+\s*", text)
        choice["logprobs"] = {"content": [{"token": word, **each} for word in words]}
    return choice
