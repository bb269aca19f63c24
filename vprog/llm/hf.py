"""`hf:MODEL`: a transformers model in this process, for text, and for pictures if it takes them.

MODEL is an id whose files the Hugging Face tools keep here (HF_HOME and its kin are obeyed)
or a folder; nothing is ever downloaded. Requests that wait at the same time go through the
model as one batch. The model is held in models/memory_budget.py, where the VLM shares it.
"""

from __future__ import annotations

import importlib.util
import io
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vprog.errors import (
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    PackageMissingError,
    VprogError,
)
from vprog.llm.language_model import (
    Capability,
    Completion,
    Image,
    LlmReply,
    Request,
    Token,
    Usage,
    check_capabilities,
    excerpt,
)
from vprog.models.device import choose_device
from vprog.models.hf.conversation import Conversation, Turn, encode
from vprog.models.hf.generate import GeneratedText, Sampling, generate
from vprog.models.hf.loading import TransformersModel, takes_pictures, transformers_model
from vprog.models.hf.token_masks import can_mask
from vprog.models.memory_budget import MODEL_MEMORY, ModelMemory
from vprog.models.weights import ModelFolder, find_model

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_ROWS = 16
"""The most completions that are written at once."""


@dataclass(eq=False)
class _Job:
    request: Request
    deadline: float
    is_cancelled: bool = False
    is_done: bool = False
    texts: list[GeneratedText] = field(default_factory=list)
    tokens_in: int = 0
    error: VprogError | None = None

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or time.monotonic() > self.deadline

    def kind(self) -> tuple[object, ...]:
        """Requests of one kind can share a batch."""
        request = self.request
        has_images = any(message.images for message in request.messages)
        return (
            id(self) if has_images else 0, request.temperature, request.max_tokens, request.n,
            request.stop, request.want_logprobs,
            request.grammar is None and request.json_schema is None,
        )  # fmt: skip


class HfModel:
    """A model of transformers; loaded with the first request.

    Args:
        folder: of its files.
        name: the SPEC.
        device: "auto", "cpu", "cuda" or "cuda:N".
        memory: what holds it.
    """

    def __init__(
        self,
        folder: ModelFolder,
        *,
        name: str,
        device: str = "auto",
        memory: ModelMemory = MODEL_MEMORY,
    ) -> None:
        self._folder = folder
        self._name = name
        self._device = device
        self._memory = memory
        self._no_pictures = ""
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._running: list[_Job] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Log-probabilities; images if its files are those of a VLM; grammars with llguidance."""
        capabilities: set[Capability] = {"logprobs"}
        if can_mask():
            capabilities |= {"grammar", "json_schema"}
        if takes_pictures(str(self._folder.path)) and not self._no_pictures:
            capabilities.add("images")
        return frozenset(capabilities)

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
                self._waiting = [waiting for waiting in self._waiting if waiting is not job]
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
            for job in (*self._waiting, *self._running):
                job.is_cancelled = True

    def close(self) -> None:
        """Cancel, and let go of the model's memory, unless the VLM is the same model."""
        self.cancel()
        with self._turn:
            self._memory.release(self)

    def _batch(self, first: _Job) -> list[_Job]:
        """The job and those that wait and can go with it."""
        with self._lock:
            room = MAX_ROWS - first.request.n
            batch = [first]
            for job in self._waiting:
                if job is not first and job.kind() == first.kind() and job.request.n <= room:
                    room -= job.request.n
                    batch.append(job)
            self._waiting = [job for job in self._waiting if job not in batch]
            self._running = batch
        return batch

    def _run(self, batch: list[_Job]) -> None:
        try:
            loadable = transformers_model(self._name, self._folder, choose_device(self._device))
            with self._memory.hold(loadable, self) as model, model.lock:
                self._no_pictures = model.no_pictures
                self._write(model, batch)
        except LlmRefusedError as error:
            refused = LlmRefusedError(f"{self._name}: {error.message}", hint=error.hint)
            for job in batch:
                job.error = refused
        except VprogError as error:
            for job in batch:
                job.error = error
        finally:
            for job in batch:
                job.is_done = True
            with self._lock:
                self._running = []

    def _write(self, model: TransformersModel, batch: Sequence[_Job]) -> None:
        request = batch[0].request
        inputs = encode(model, [_conversation(job.request) for job in batch])
        n_read = int(inputs["input_ids"].shape[1])
        if model.context and n_read >= model.context:
            raise LlmRefusedError(
                f"the prompt has {n_read} tokens; the model's context is {model.context}.",
                hint="Ask with a shorter prompt, or take a model with a longer context.",
            )
        room = model.context - n_read if model.context else request.max_tokens
        n = request.n if request.temperature > 0 else 1  # at 0 all are the same
        grammars = [grammar for job in batch if (grammar := _grammar(job.request))]
        texts = generate(
            model,
            inputs,
            max_tokens=min(request.max_tokens, room),
            sampling=Sampling(request.temperature),
            n=n,
            stop=request.stop,
            is_over=lambda row: batch[row].is_over,
            grammars=grammars,
            with_logprobs=request.want_logprobs,
            top_logprobs=request.top_logprobs,
        )
        for row, job in enumerate(batch):
            job.tokens_in = int(inputs["attention_mask"][row].sum())
            job.texts = texts[row * n : (row + 1) * n] * (request.n // n)

    def _reply(self, job: _Job, seconds: float) -> LlmReply:
        if job.is_cancelled:
            raise LlmUnreachableError(f"{self._name}: the call was cancelled.", hint="Ask again.")
        if any(text.is_stopped for text in job.texts):
            raise self._late(job.request)
        request = job.request
        completions = tuple(
            Completion(
                text.text,
                "stop" if text.is_whole else "length",
                tuple(Token(*token) for token in text.tokens) if request.want_logprobs else None,
            )
            for text in job.texts
            if text.text.strip() and (text.is_whole or request.may_be_cut)
        )
        if not completions:
            first = job.texts[0]
            is_cut = not first.is_whole and not request.may_be_cut
            why = (
                f"it was cut short at {first.n_tokens} tokens" if is_cut
                else f'it is empty ("{excerpt(first.text, 40)}")'
            )  # fmt: skip
            raise LlmReplyError(
                f"{self._name}: no reply can be used: {why}.",
                hint="Allow more tokens, or take a model that thinks less."
                if is_cut
                else "Try again, or take another model.",
            )
        usage = Usage(job.tokens_in, sum(text.n_tokens for text in job.texts))
        return LlmReply(completions, usage, self._name, seconds)

    def _late(self, request: Request) -> LlmUnreachableError:
        return LlmUnreachableError(
            f"{self._name}: no whole reply within {request.timeout_s:g} s.",
            hint="Allow more time, ask for fewer tokens, or take a smaller model.",
        )


def open_model(model: str, *, device: str = "auto") -> HfModel:
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
    return HfModel(find_model(model), name=name, device=device)


def _conversation(request: Request) -> Conversation:
    """The turns of a request; the images of a message stand before its text."""
    turns = []
    for message in request.messages:
        pictures = [_opened(image) for image in message.images]
        turns.append(Turn(message.role, (*pictures, message.text)))
    return turns


def _opened(image: Image) -> Picture:
    from PIL import Image as Pictures

    return Pictures.open(io.BytesIO(image.data)).convert("RGB")


def _grammar(request: Request) -> str:
    """What a request asks its reply to be, as llguidance writes it; "" for any text."""
    if request.grammar is None and request.json_schema is None:
        return ""
    from llguidance import LLMatcher

    if request.grammar is not None:
        return str(LLMatcher.grammar_from_lark(request.grammar.lark))
    return str(LLMatcher.grammar_from_json_schema(json.dumps(request.json_schema)))
