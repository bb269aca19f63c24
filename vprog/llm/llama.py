"""`llama:FILE.gguf`: a GGUF model in this process, through llama.cpp (llm/llama_runtimes.py)."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vprog.errors import LlmReplyError, LlmUnreachableError, WeightsMissingError
from vprog.llm.language_model import (
    Capability,
    Completion,
    LlmReply,
    Request,
    Token,
    Usage,
    check_capabilities,
)
from vprog.llm.llama_runtimes import RUNTIMES, LlamaRuntime, installed_runtime

CONTEXT = 16_384
"""Tokens of prompt and reply together, where the model was made for as many."""


class LlamaModel:
    """A model of a file; loaded with the first request. One completion is written at a time.

    Args:
        file: a GGUF file.
        name: the SPEC.
        device: "cpu", or anything else to use what llama.cpp was built for.
        context: the most tokens of prompt and reply together.
        runtime: the import name of a binding; "" for the one that is installed.
    """

    def __init__(
        self,
        file: Path,
        *,
        name: str,
        device: str = "auto",
        context: int = CONTEXT,
        runtime: str = "",
    ) -> None:
        self._file = file
        self._name = name
        self._device = device
        self._context = context
        self._runtime = runtime
        self._loaded: LlamaRuntime | None = None
        self._has_logprobs = False
        self._turn = threading.Lock()
        self._cancelled = 0
        """How often `cancel` was called: a call in flight ends when the number changes."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def context(self) -> int:
        """The most tokens of prompt and reply together."""
        return self._context

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"grammar", "json_schema", "logprobs"})

    @property
    def is_busy(self) -> bool:
        """Whether something is being written."""
        return self._turn.locked()

    def complete(self, request: Request) -> LlmReply:
        """Ask and wait; see LanguageModel.

        Raises:
            PackageMissingError: neither binding is installed, or it does not import.
        """
        started = time.monotonic()
        check_capabilities(request, self)
        cancelled = self._cancelled
        if not self._turn.acquire(timeout=request.timeout_s):
            raise self._late(request)
        try:
            model = self._model(with_logprobs=request.want_logprobs)
            written: list[tuple[Completion, Usage]] = []
            for number in range(request.n if request.temperature > 0 else 1):
                deadline = started + request.timeout_s
                written.append(self._one(model, request, number, deadline, cancelled))
        finally:
            self._turn.release()
        if len(written) == 1:
            written *= request.n  # at temperature 0 all are the same
        usable = [
            completion
            for completion, _ in written
            if completion.text.strip() and (request.may_be_cut or not completion.is_cut)
        ]
        if not usable:
            cut, n_tokens = written[0][0].is_cut, written[0][1].tokens_out
            raise LlmReplyError(
                f"{self._name}: no reply can be used: "
                + (f"it was cut short at {n_tokens} tokens." if cut else "it is empty."),
                hint="Allow more tokens." if cut else "Try again, or take another model.",
            )
        usage = Usage(
            max(used.tokens_in for _, used in written), sum(used.tokens_out for _, used in written)
        )
        return LlmReply(tuple(usable), usage, self._name, time.monotonic() - started)

    def cancel(self) -> None:
        """End every call in flight, before its next token."""
        self._cancelled += 1

    def close(self) -> None:
        """Cancel, and let go of the model's memory."""
        self.cancel()
        with self._turn:
            if self._loaded is not None:
                self._loaded.close()
                self._loaded = None

    def _one(
        self, model: LlamaRuntime, request: Request, number: int, deadline: float, cancelled: int
    ) -> tuple[Completion, Usage]:
        """One completion, and the tokens of it."""
        texts: list[str] = []
        scored: list[Token] = []
        finishes = ["length"]

        def take(chunk: Mapping[str, Any]) -> bool:
            if self._cancelled != cancelled:
                raise LlmUnreachableError(
                    f"{self._name}: the call was cancelled.", hint="Ask again."
                )
            if time.monotonic() > deadline:
                raise self._late(request)
            choice = chunk["choices"][0]
            texts.append(choice["delta"].get("content") or "")
            scored.extend(_tokens(choice.get("logprobs")))
            finishes.append(choice.get("finish_reason") or finishes[-1])
            return False

        used = model.write(request, number if request.temperature > 0 else 0, take)
        kept = tuple(scored) if request.want_logprobs and scored else None
        finish = "length" if finishes[-1] == "length" else "stop"
        return Completion("".join(texts), finish, kept), used

    def _model(self, *, with_logprobs: bool) -> LlamaRuntime:
        """The model; to give log-probabilities it is loaded again, since these take memory."""
        if self._loaded is not None and with_logprobs and not self._has_logprobs:
            self._loaded.close()
            self._loaded = None
        if self._loaded is None:
            runtime = RUNTIMES[self._runtime or installed_runtime(self._name)]
            self._loaded = runtime(
                self._file, self._name, self._device, self._context, with_logprobs
            )
            self._has_logprobs = with_logprobs
        return self._loaded

    def _late(self, request: Request) -> LlmUnreachableError:
        return LlmUnreachableError(
            f"{self._name}: no whole reply within {request.timeout_s:g} s.",
            hint="Allow more time, ask for fewer tokens, or take a smaller model.",
        )


def open_model(file: str, *, device: str = "auto") -> LlamaModel:
    """The model of a GGUF file; not loaded yet.

    Raises:
        PackageMissingError: neither binding of llama.cpp is installed.
        WeightsMissingError: there is no such file, or it is no GGUF.
    """
    name = f"llama:{file}"
    installed_runtime(name)
    path = Path(file).expanduser()
    try:
        with path.open("rb") as data:
            is_gguf = data.read(4) == b"GGUF"
    except OSError as error:
        raise WeightsMissingError(
            f"{name}: the file cannot be read: {error.strerror}.",
            hint="Name a GGUF file on this machine.",
        ) from error
    if not is_gguf:
        raise WeightsMissingError(
            f"{name}: the file is no GGUF.", hint="Name a GGUF file on this machine."
        )
    return LlamaModel(path, name=name, device=device)


def _tokens(logprobs: Any) -> list[Token]:
    """One binding gives numpy numbers; ours are plain."""
    content = (logprobs or {}).get("content") or []
    return [
        Token(
            item["token"],
            float(item["logprob"]),
            tuple((top["token"], float(top["logprob"])) for top in item["top_logprobs"]),
        )
        for item in content
    ]
