"""`hf:MODEL`: a transformers model in this process, for text, and for pictures if it sees.

MODEL is an id whose files the Hugging Face tools keep here (HF_HOME and its kin are obeyed)
or a folder; nothing is ever downloaded. Requests that wait at the same time go through the
model as one batch.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from dataclasses import dataclass, field

from vprog.config import load_settings
from vprog.errors import LlmError, LlmReplyError, LlmUnreachableError, PackageMissingError
from vprog.llm.client import (
    Capability,
    Completion,
    LlmReply,
    Request,
    Usage,
    check_capabilities,
    excerpt,
)
from vprog.llm.hf_engine import Engine, Written
from vprog.llm.token_masks import can_guide
from vprog.llm.vlm_spec import find_vlm

MAX_ROWS = 16
"""The most completions that are written at once."""


@dataclass(eq=False)
class _Job:
    request: Request
    deadline: float
    is_cancelled: bool = False
    is_done: bool = False
    written: list[Written] = field(default_factory=list)
    tokens_in: int = 0
    error: LlmError | None = None

    def kind(self) -> tuple[object, ...]:
        """Requests of one kind can share a batch."""
        asked = self.request
        seen = any(message.images for message in asked.messages)
        return (
            id(self) if seen else 0, asked.temperature, asked.max_tokens, asked.n, asked.stop,
            asked.want_logprobs, asked.grammar is None and asked.json_schema is None,
        )  # fmt: skip


class HfModel:
    """A model of transformers; loaded with the first request.

    Args:
        folder: where its files lie.
        name: the SPEC.
        device: "auto", "cpu", "cuda" or "cuda:N".
    """

    def __init__(self, folder: str, *, name: str, device: str = "auto") -> None:
        self._folder = folder
        self._name = name
        self._device = device
        self._engine: Engine | None = None
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._running: list[_Job] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Log-probabilities; images if its files say that it sees; grammars with llguidance."""
        found: set[Capability] = {"logprobs"}
        if can_guide():
            found |= {"grammar", "json_schema"}
        if Engine.can_see(self._folder) and not (self._engine and self._engine.blind):
            found.add("images")
        return frozenset(found)

    def complete(self, request: Request) -> LlmReply:
        """Ask and wait; see LanguageModel.

        Raises:
            PackageMissingError: torch or transformers do not import.
        """
        started = time.monotonic()
        check_capabilities(request, self)
        job = _Job(request, started + request.timeout_s)
        with self._lock:
            self._waiting.append(job)
        if not self._turn.acquire(timeout=request.timeout_s):
            with self._lock:
                self._waiting = [each for each in self._waiting if each is not job]
            raise self._late(request)
        try:
            if not job.is_done:
                self._run(self._batch(job))
        finally:
            self._turn.release()
        if job.error is not None:
            raise job.error
        return self._reply(job, time.monotonic() - started)

    def cancel(self) -> None:
        """End every call in flight."""
        with self._lock:
            for each in (*self._waiting, *self._running):
                each.is_cancelled = True

    def close(self) -> None:
        """Cancel, and let go of the model's memory."""
        self.cancel()
        with self._turn:
            self._engine = None

    def _batch(self, first: _Job) -> list[_Job]:
        """The job and those that wait and can go with it."""
        with self._lock:
            room = MAX_ROWS - first.request.n
            batch = [first]
            for each in self._waiting:
                if each is not first and each.kind() == first.kind() and each.request.n <= room:
                    room -= each.request.n
                    batch.append(each)
            self._waiting = [each for each in self._waiting if each not in batch]
            self._running = batch
        return batch

    def _run(self, batch: list[_Job]) -> None:
        try:
            if self._engine is None:
                self._engine = Engine(self._folder, self._device, self._name)
            results = self._engine.write(
                [each.request for each in batch],
                lambda at: batch[at].is_cancelled or time.monotonic() > batch[at].deadline,
            )
            for job, (tokens_in, written) in zip(batch, results, strict=True):
                job.tokens_in, job.written = tokens_in, written
        except LlmError as error:
            for job in batch:
                job.error = error
        finally:
            for job in batch:
                job.is_done = True
            with self._lock:
                self._running = []

    def _reply(self, job: _Job, seconds: float) -> LlmReply:
        if job.is_cancelled:
            raise LlmUnreachableError(f"{self._name}: the call was cancelled.", hint="Ask again.")
        if any(each.is_stopped for each in job.written):
            raise self._late(job.request)
        request = job.request
        given = [
            Completion(each.text, each.finish_reason, each.logprobs)
            for each in job.written
            if each.text.strip() and (each.finish_reason == "stop" or request.may_be_cut)
        ]
        if not given:
            first = job.written[0]
            cut = first.finish_reason == "length" and not request.may_be_cut
            why = (
                f"it was cut short at {first.tokens} tokens" if cut
                else f'it is empty ("{excerpt(first.text, 40)}")'
            )  # fmt: skip
            raise LlmReplyError(
                f"{self._name}: no reply can be used: {why}.",
                hint="Allow more tokens, or take a model that thinks less."
                if cut
                else "Try again, or take another model.",
            )
        usage = Usage(job.tokens_in, sum(each.tokens for each in job.written))
        return LlmReply(tuple(given), usage, self._name, seconds)

    def _late(self, request: Request) -> LlmUnreachableError:
        return LlmUnreachableError(
            f"{self._name}: no whole reply within {request.timeout_s:g} s.",
            hint="Allow more time, ask for fewer tokens, or take a smaller model.",
        )


def open_hf(model: str) -> HfModel:
    """The model of an id or folder; its files are looked for, not loaded.

    Raises:
        PackageMissingError: torch or transformers are not installed.
        WeightsMissingError: the files are not on this machine, with the command that fetches
            them.
    """
    name = f"hf:{model}"
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            raise PackageMissingError(
                f"{name} needs the package {package}, which is not installed.",
                hint='Run: pip install "vprog[hf]"',
            )
    found = find_vlm(name)
    assert found is not None
    return HfModel(found.folder, name=name, device=load_settings().device)
