"""`llama:FILE.gguf`: a GGUF model in this process, through llama-cpp-python."""

from __future__ import annotations

import importlib.util
import json
import threading
import time
from pathlib import Path
from typing import Any

from vprog.errors import (
    LlmRefusedError,
    LlmReplyError,
    LlmUnreachableError,
    PackageMissingError,
    WeightsMissingError,
)
from vprog.llm.language_model import (
    Capability,
    Completion,
    LlmReply,
    Request,
    Token,
    Usage,
    check_capabilities,
    excerpt,
)

CONTEXT = 16_384
"""Tokens of prompt and reply together, where the model was made for as many."""


class LlamaModel:
    """A model of a file; loaded with the first request. One completion is written at a time.

    Args:
        file: a GGUF file.
        name: the SPEC.
        device: "cpu", or anything else to use what llama.cpp was built for.
        context: the most tokens of prompt and reply together.
    """

    def __init__(
        self, file: Path, *, name: str, device: str = "auto", context: int = CONTEXT
    ) -> None:
        self._file = file
        self._name = name
        self._device = device
        self._context = context
        self._loaded: Any = None
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

    def complete(self, request: Request) -> LlmReply:
        """Ask and wait; see LanguageModel.

        Raises:
            PackageMissingError: llama-cpp-python does not import.
        """
        started = time.monotonic()
        check_capabilities(request, self)
        cancelled = self._cancelled
        if not self._turn.acquire(timeout=request.timeout_s):
            raise self._late(request)
        try:
            model = self._model(with_logprobs=request.want_logprobs)
            written: list[tuple[Completion, int]] = []
            tokens_in = 0
            for number in range(request.n if request.temperature > 0 else 1):
                tokens_in, completion, tokens = self._one(
                    model, request, number, started + request.timeout_s, cancelled
                )
                written.append((completion, tokens))
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
            cut = written[0][0].is_cut
            raise LlmReplyError(
                f"{self._name}: no reply can be used: "
                + (f"it was cut short at {written[0][1]} tokens." if cut else "it is empty."),
                hint="Allow more tokens." if cut else "Try again, or take another model.",
            )
        usage = Usage(tokens_in, sum(tokens for _, tokens in written))
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
        self, model: Any, request: Request, number: int, deadline: float, cancelled: int
    ) -> tuple[int, Completion, int]:
        """One completion: tokens read, what was written, tokens written."""
        options: dict[str, Any] = {
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "stop": list(request.stop),
            "top_p": 1.0,
            "top_k": 0,
            "min_p": 0.0,
            "repeat_penalty": 1.0,
            "grammar": self._grammar(request),
            "seed": number if request.temperature > 0 else 0,
            "logprobs": request.want_logprobs,
            "top_logprobs": max(1, request.top_logprobs) if request.want_logprobs else None,
        }
        messages = [{"role": message.role, "content": message.text} for message in request.messages]
        texts: list[str] = []
        scored: list[Token] = []
        finish = "length"
        before = model.n_tokens
        try:
            for chunk in model.create_chat_completion(messages, stream=True, **options):
                if self._cancelled != cancelled:
                    raise LlmUnreachableError(
                        f"{self._name}: the call was cancelled.", hint="Ask again."
                    )
                if time.monotonic() > deadline:
                    raise self._late(request)
                choice = chunk["choices"][0]
                texts.append(choice["delta"].get("content") or "")
                scored += _tokens(choice.get("logprobs"))
                finish = choice.get("finish_reason") or finish
        except ValueError as error:
            raise LlmRefusedError(
                f"{self._name}: {excerpt(str(error))}",
                hint="Ask with a shorter prompt, or take a model with a longer context.",
            ) from error
        text = "".join(texts)
        written = len(model.tokenize(text.encode(), add_bos=False))
        read = max(0, int(model.n_tokens) - written) or before
        kept = tuple(scored) if request.want_logprobs and scored else None
        return read, Completion(text, "length" if finish == "length" else "stop", kept), written

    def _grammar(self, request: Request) -> Any:
        if request.grammar is None and request.json_schema is None:
            return None
        from llama_cpp import LlamaGrammar

        try:
            if request.grammar is not None:
                return LlamaGrammar.from_string(request.grammar.gbnf, verbose=False)
            return LlamaGrammar.from_json_schema(json.dumps(request.json_schema), verbose=False)
        except Exception as error:  # the binding raises ValueError, TypeError and its own
            raise LlmRefusedError(
                f"{self._name}: the grammar cannot be read: {excerpt(str(error))}",
                hint="Ask without a grammar.",
            ) from error

    def _model(self, *, with_logprobs: bool) -> Any:
        """The model; to give log-probabilities it is loaded again, since these take memory."""
        if self._loaded is not None and with_logprobs and not self._has_logprobs:
            self._loaded.close()
            self._loaded = None
        if self._loaded is None:
            self._has_logprobs = with_logprobs
            llama = _import()
            try:
                trained = llama.Llama(str(self._file), vocab_only=True, verbose=False)
                context = min(self._context, int(_trained_context(trained)))
                trained.close()
                self._loaded = llama.Llama(
                    str(self._file),
                    n_ctx=context,
                    n_gpu_layers=0 if self._device == "cpu" else -1,
                    logits_all=with_logprobs,
                    verbose=False,
                )
            except Exception as error:  # ValueError, AssertionError, by what is wrong
                raise LlmUnreachableError(
                    f"{self._name}: the file cannot be loaded: {excerpt(str(error))}",
                    hint="Fetch it again, or take another model.",
                ) from error
        return self._loaded

    def _late(self, request: Request) -> LlmUnreachableError:
        return LlmUnreachableError(
            f"{self._name}: no whole reply within {request.timeout_s:g} s.",
            hint="Allow more time, ask for fewer tokens, or take a smaller model.",
        )


def open_llama(file: str, *, device: str = "auto") -> LlamaModel:
    """The model of a GGUF file; not loaded yet.

    Raises:
        PackageMissingError: llama-cpp-python is not installed.
        WeightsMissingError: there is no such file, or it is no GGUF.
    """
    name = f"llama:{file}"
    if importlib.util.find_spec("llama_cpp") is None:
        raise PackageMissingError(
            f"{name} needs the package llama-cpp-python, which is not installed.",
            hint='Run: pip install "vprog[llama]" (it is built from source: about 15 minutes)',
        )
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


def _trained_context(model: Any) -> int:
    """For how many tokens the model was made."""
    architecture = model.metadata.get("general.architecture", "llama")
    return int(model.metadata.get(f"{architecture}.context_length", CONTEXT))


def _tokens(logprobs: Any) -> list[Token]:
    """The binding gives numpy numbers; ours are plain."""
    content = (logprobs or {}).get("content") or []
    return [
        Token(
            item["token"],
            float(item["logprob"]),
            tuple((top["token"], float(top["logprob"])) for top in item["top_logprobs"]),
        )
        for item in content
    ]


def _import() -> Any:
    try:
        import llama_cpp
    except Exception as error:  # a broken build may raise anything at all
        raise PackageMissingError(
            f"llama:FILE is not available, because llama-cpp-python does not import: {error}.",
            hint='Run: pip install "vprog[llama]"',
        ) from error
    return llama_cpp
