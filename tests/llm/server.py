"""A real HTTP server on the loopback that speaks `/v1/chat/completions` as it is told to.

with ChatServer([says("answer(1)"), Answer(status=429)]) as server: ...
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(frozen=True)
class Answer:
    """One reply of the server.

    Attributes:
        holds: wait until the server closes before a byte is sent.
        cuts: close the connection in the middle of the body.
        drips: send the head, then one byte of the body, then wait as `holds` does.
    """

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    holds: bool = False
    cuts: bool = False
    drips: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that came in; names of headers in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, object]


def says(*texts: str, finish: str = "stop", **extra: object) -> Answer:
    """An ordinary reply with one choice per text; `extra` overrides fields of the body."""
    body: dict[str, object] = {
        "id": "1",
        "object": "chat.completion",
        "model": "tiny",
        "choices": [
            {
                "index": at,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text},
            }
            for at, text in enumerate(texts)
        ],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }
    return gives({**body, **extra})


def gives(body: object, status: int = 200, **headers: str) -> Answer:
    """A JSON body as it is; `retry_after="0"` becomes the header Retry-After."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(json.dumps(body).encode(), status, named)


def refuses(status: int, message: str, code: str = "", param: str = "", **headers: str) -> Answer:
    """An error in the shape that OpenAI gives it."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return gives({"error": error}, status, **headers)


class ChatServer:
    """Gives its answers in order; after the last one, status 500 that says so.

    Instead of answers it takes a function that gives one to each body of a request.
    """

    def __init__(
        self,
        answers: Iterable[Answer] | Callable[[dict[str, object]], Answer],
        *,
        owned_by: str = "",
    ) -> None:
        self._answer = answers if callable(answers) else None
        self._answers = [] if callable(answers) else list(answers)
        models = {"object": "list", "data": [{"id": "tiny", "owned_by": owned_by}]}
        self._models = gives(models) if owned_by else refuses(404, "no such page")
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.asked: list[Asked] = []
        self.waiting = threading.Semaphore(0)
        """Released each time an answer begins to wait."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                owner._serve(self)

            def do_GET(self) -> None:
                owner._send(self, owner._models)

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

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        body = json.loads(handler.rfile.read(length) or b"{}")
        with self._lock:
            headers = {name.lower(): value for name, value in handler.headers.items()}
            self.asked.append(Asked(handler.path, headers, body))
            at = len(self.asked) - 1
        answer = (
            self._answer(body)
            if self._answer is not None
            else self._answers[at]
            if at < len(self._answers)
            else refuses(500, f"the test gave {len(self._answers)} answers", x_end="1")
        )
        handler.close_connection = True
        try:
            self._send(handler, answer)
        except OSError:
            return  # the client is gone, as some tests want it

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.holds:
            self.waiting.release()
            self._closing.wait()
            return
        handler.send_response(answer.status)
        headers = {"Content-Type": "application/json", **answer.headers}
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        if answer.drips:
            handler.wfile.write(answer.body[:1])
            self.waiting.release()
            self._closing.wait()
        elif answer.cuts:
            handler.wfile.write(answer.body[: len(answer.body) // 2])
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            handler.wfile.write(answer.body)
