"""The chat completions API over the service: its routes, streams and bounds."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from vprog.errors import VprogError
from vprog.exit_status import Status
from vprog.runs.option_prompt import split_prompt
from vprog.runs.result import ErrorInfo, Result
from vprog.service.chat_forms import (
    MODEL,
    ChatReply,
    ChatRequest,
    first_chunk,
    problem_of,
    read_request,
    reply_of_run,
    usage_of,
)
from vprog.service.error_replies import HttpError, as_http, problem_object
from vprog.service.folder_asking import (
    FileAnswer,
    ask_best_files,
    ask_index,
    folder_lines,
    folder_object,
    has_answer,
)
from vprog.service.http_exchange import Exchange
from vprog.service.http_server import Route
from vprog.service.media_roots import MediaRoots
from vprog.service.service import ServedRun, Service, progress_text
from vprog.service.spooled_body import MOST_BODY_MB, spool_json

_LOOK_EVERY_S = 0.25
"""How often a waiting request looks whether its client is still there."""
_ALIVE_EVERY_S = 10.0
_MOST_TOLD = 5
_SPARE_BYTES = 500_000_000
"""What a body must leave free on the disk that it is kept on."""


class ChatRoutes:
    """The chat completions API over the service."""

    def __init__(
        self,
        service: Service,
        media: MediaRoots,
        *,
        abstain_as: str | None = None,
        most_body: int = MOST_BODY_MB * 1_000_000,
    ) -> None:
        """Nothing is answered yet.

        Args:
            service: answers the questions.
            media: which files clients may name.
            abstain_as: the content of a reply to a multiple-choice prompt without an answer.
            most_body: bytes of a request.
        """
        self.most_body = most_body
        self._service = service
        self._media = media
        self._abstain_as = abstain_as
        self._began = int(time.time())
        self._disk = threading.Lock()
        self._reserved = 0

    def routes(self) -> list[Route]:
        """What is answered."""
        return [
            Route("GET", "/health", self._health, is_open=True),
            Route("GET", "/v1/models", self._models),
            Route("POST", "/v1/chat/completions", self._chat),
        ]

    def _health(self, exchange: Exchange) -> None:
        exchange.send_json({"status": "ok"})

    def _models(self, exchange: Exchange) -> None:
        model = {"id": MODEL, "object": "model", "created": self._began, "owned_by": "vprog"}
        exchange.send_json({"object": "list", "data": [model]})

    def _chat(self, exchange: Exchange) -> None:
        length = exchange.body_length(self.most_body)
        folder = Path(tempfile.mkdtemp(prefix="vprog-serve-"))
        try:
            self._reserve(length, folder)
            try:
                body = spool_json(exchange.read_some, length, folder)
                request = read_request(body, self._media)
                if request.folder is not None:
                    self._reply_of_folder(exchange, request, request.folder)
                else:
                    self._reply(exchange, request)
            finally:
                self._reserve(-length, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _reserve(self, length: int, folder: Path) -> None:
        """Be sure that the bodies that are on their way fit on the disk."""
        with self._disk:
            if length > 0:
                free = shutil.disk_usage(folder).free - self._reserved - _SPARE_BYTES
                if length > free:
                    raise HttpError(
                        503,
                        "there is no room for the body now.",
                        code="busy",
                        hint="Ask again later.",
                    )
            self._reserved += length

    def _reply(self, exchange: Exchange, request: ChatRequest) -> None:
        run = self._service.ask(list(request.videos), request.question)
        try:
            # What the files are refused for is told before a stream begins.
            while not run.trace and not run.handle.done():
                self._wait(exchange, request.videos, run)
            if request.streams and run.trace:
                self._stream(exchange, request, run)
                return
            while (result := self._wait(exchange, request.videos, run)) is None:
                pass
            problem = problem_of(result)
            if problem is not None:
                raise problem
            reply = reply_of_run(request, run, result, self._label(request))
            exchange.send_json(reply.whole(request))
        finally:
            if not run.handle.done():
                run.handle.stop()

    def _reply_of_folder(self, exchange: Exchange, request: ChatRequest, folder: Path) -> None:
        """Ask the index of a folder, then the best of the files that it finds."""
        reply_id, began = secrets.token_hex(16), time.time()
        try:
            found = ask_index(self._service, folder, request.question)
        except VprogError as error:
            raise _told_problem(error, [folder]) from error
        runs = ask_best_files(self._service, folder, found)
        try:
            if request.streams:
                exchange.begin_events()
                exchange.send_event(json.dumps(first_chunk(request, reply_id, began)))
            answers: dict[str, FileAnswer] = {}
            for name, run in runs.items():
                if request.streams:
                    exchange.send_remark(f"asking {name}")
                answers[name] = FileAnswer(
                    run, self._result_in(exchange, request, folder / name, run)
                )
            text = "\n".join(folder_lines(found, answers))
            reply = ChatReply(
                reply_id,
                began,
                text if has_answer(found) else self._label(request),
                None if has_answer(found) else text,
                _tokens(answers.values()),
                folder_object(found, answers, request.warnings),
            )
            if not request.streams:
                exchange.send_json(reply.whole(request))
                return
            for chunk in reply.last_chunks(request):
                exchange.send_event(json.dumps(chunk))
            exchange.send_event("[DONE]")
        finally:
            for run in runs.values():
                if not run.handle.done():
                    run.handle.stop()

    def _result_in(
        self, exchange: Exchange, request: ChatRequest, path: Path, run: ServedRun
    ) -> Result:
        """What comes of one file; that it cannot be read is its result, and not the reply's."""
        silent_s = 0.0
        while True:
            try:
                result = self._wait(exchange, [path], run)
            except HttpError as problem:
                info = ErrorInfo(problem.code, problem.message, problem.hint)
                return Result(status=Status.FAILED, error=info)
            if result is not None:
                return result
            silent_s += _LOOK_EVERY_S
            if silent_s >= _ALIVE_EVERY_S and request.streams:
                exchange.send_remark("at work")
                silent_s = 0.0

    def _wait(self, exchange: Exchange, videos: Sequence[Path], run: ServedRun) -> Result | None:
        """The result, if it is there within moments; its messages tell no folder of ours.

        Raises:
            HttpError: the run ended with an error.
            ConnectionError: the client went away.
        """
        try:
            return _without_folders(run.handle.result(timeout=_LOOK_EVERY_S), videos)
        except VprogError as error:
            raise _told_problem(error, videos) from error
        except TimeoutError:
            if exchange.is_gone():
                raise ConnectionAbortedError("the client went away") from None
            return None

    def _stream(self, exchange: Exchange, request: ChatRequest, run: ServedRun) -> None:
        """Progress as remarks while the run goes on; then the answer."""
        exchange.begin_events()
        exchange.send_event(json.dumps(first_chunk(request, run.id, run.began)))
        n_told, silent_s = 0, 0.0
        result: Result | None = None
        while result is None:
            try:
                result = self._wait(exchange, request.videos, run)
            except HttpError as problem:  # the reply has begun: this is its last event
                exchange.send_event(json.dumps(problem_object(problem)))
                return
            events = run.handle.so_far()
            told = list(dict.fromkeys(filter(None, map(progress_text, events[n_told:]))))
            n_told = len(events)
            silent_s = 0.0 if told else silent_s + _LOOK_EVERY_S
            if told or silent_s >= _ALIVE_EVERY_S:
                exchange.send_remark("; ".join(told[-_MOST_TOLD:]) or "at work")
                silent_s = 0.0
        ended_by = problem_of(result)
        if ended_by is not None:
            exchange.send_event(json.dumps(problem_object(ended_by)))
            return
        reply = reply_of_run(request, run, result, self._label(request))
        for chunk in reply.last_chunks(request):
            exchange.send_event(json.dumps(chunk))
        exchange.send_event("[DONE]")

    def _label(self, request: ChatRequest) -> str:
        """The content of a reply without an answer; null becomes "None" in some harnesses."""
        has_options = self._abstain_as is not None and split_prompt(request.question) is not None
        return self._abstain_as or "" if has_options else ""


def _told_problem(error: VprogError, paths: Sequence[Path]) -> HttpError:
    """An error as a client is told it: with names, and no folder of ours."""
    problem = as_http(error)
    message, hint = (_named(text, paths) for text in (error.message, error.hint))
    return HttpError(problem.status, message, hint=hint, code=problem.code)


def _tokens(answers: Iterable[FileAnswer]) -> dict[str, int]:
    """What the language models read and wrote for all of these."""
    costs = [answer.result.cost for answer in answers]
    return usage_of(sum(cost.tokens_in for cost in costs), sum(cost.tokens_out for cost in costs))


def _named(text: str, videos: Sequence[Path]) -> str:
    """A text in which the videos have names and no folders."""
    for path in videos:
        text = text.replace(str(path), path.name)
    return text


def _without_folders(result: Result, videos: Sequence[Path]) -> Result:
    """A result whose messages name videos without their folders."""
    error = result.error
    if error is not None:
        message, hint = _named(error.message, videos), _named(error.hint, videos)
        error = replace(error, message=message, hint=hint)
    warnings = tuple(_named(text, videos) for text in result.warnings)
    return replace(result, error=error, warnings=warnings)
