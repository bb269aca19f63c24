"""A stand-in for the Hugging Face hub on this machine: what its client asks for, and no more."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

COMMIT = "a" * 40


@dataclass
class HubModel:
    """A repository: its files, and what its page says of it."""

    files: Mapping[str, bytes]
    licence: str = "mit"
    is_gated: bool = False
    status: int = 200
    """Of the answer to whoever asks for a file."""
    is_damaged: bool = False
    """Whether files differ from their digests."""
    stuck: threading.Event | None = None
    """Where files wait for it once they are asked for."""


@dataclass
class Hub:
    """Serves models by id; `asked` is every path that was asked for."""

    models: Mapping[str, HubModel]
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Hub:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                hub._answer(self, has_body=False)

            def do_GET(self) -> None:
                hub._answer(self, has_body=True)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, request: BaseHTTPRequestHandler, *, has_body: bool) -> None:
        path = request.path.partition("?")[0]
        self.asked.append(path)
        pieces = path.strip("/").split("/")
        if pieces[:2] == ["api", "models"]:
            self._about("/".join(pieces[2:4]), pieces[4:], request)
            return
        model = self.models.get("/".join(pieces[:2]))
        name = "/".join(pieces[4:])
        if model is None or pieces[2] != "resolve":
            _send(request, 404, b"", {"X-Error-Code": "RepoNotFound"})
        elif model.is_gated:
            _send(request, 403, b"", {"X-Error-Code": "GatedRepo"})
        elif model.status != 200:
            _send(request, model.status, b"", {"X-Repo-Commit": COMMIT})
        elif name not in model.files:
            _send(request, 404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        else:
            data = model.files[name]
            etag = f'"{hashlib.sha256(data).hexdigest()}"'
            headers = {"X-Repo-Commit": COMMIT, "ETag": etag}
            if model.stuck is not None and has_body:
                model.stuck.wait(60)
            sent = bytes(len(data)) if model.is_damaged else data
            _send(request, 200, sent, headers, has_body=has_body)

    def _about(self, name: str, rest: list[str], request: BaseHTTPRequestHandler) -> None:
        model = self.models.get(name)
        if model is None:
            _send(request, 404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        if rest[:1] == ["tree"]:
            rows: list[dict[str, object]] = [
                {"type": "file", "path": path, "size": len(data), "oid": "0" * 40}
                for path, data in model.files.items()
            ]
            _send(request, 200, json.dumps(rows).encode(), {})
            return
        if rest[:1] == ["revision"] and rest[1] not in ("main", COMMIT):
            _send(request, 404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        about = {
            "id": name,
            "sha": COMMIT,
            "gated": "manual" if model.is_gated else False,
            "private": False,
            "cardData": {"license": model.licence} if model.licence else None,
            "siblings": [{"rfilename": path} for path in model.files],
        }
        _send(request, 200, json.dumps(about).encode(), {})


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    data: bytes,
    headers: Mapping[str, str],
    *,
    has_body: bool = True,
) -> None:
    request.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(data))}.items():
        request.send_header(name, value)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    if has_body and request.command != "HEAD":
        request.wfile.write(data)
