"""The two bindings of llama.cpp that `llama:` works with: xllamacpp, and llama-cpp-python.

Both hold one file and hand out what it writes as the chunks of an OpenAI stream; who waits for
whom, what a deadline is and what a reply is worth is for llm/llama.py.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from vprog.errors import LlmRefusedError, LlmUnreachableError, PackageMissingError
from vprog.llm.language_model import Request, Usage, excerpt

OnChunk = Callable[[Mapping[str, Any]], bool]
"""Takes one chunk of the stream; True ends it."""


class LlamaRuntime(Protocol):
    """A loaded file."""

    def write(self, request: Request, seed: int, on_chunk: OnChunk) -> Usage:
        """Write one completion, chunk by chunk.

        Args:
            request: its `n` is not looked at, nor its time.
            seed: of the sampling.
            on_chunk: called in this thread.

        Returns:
            Tokens read and written; less is known of a stream that `on_chunk` ended.

        Raises:
            LlmRefusedError: the grammar cannot be read, or the prompt is too long.
        """

    def close(self) -> None:
        """Let go of the memory."""


class XllamacppRuntime:
    """By xllamacpp: the server of llama.cpp in this process, asked without the network.

    It listens on a port of the loopback address, whether it is wanted or not: behind a key that
    nobody is told, and without its pages.
    """

    def __init__(self, file: Path, name: str, device: str, context: int, logprobs: bool) -> None:
        xllamacpp = _imported("xllamacpp", name)
        given = xllamacpp.CommonParams()
        given.model.path = str(file)
        given.n_ctx = context  # the server takes less where the model was made for less
        given.n_parallel = 1
        given.hostnames, given.port = ["127.0.0.1"], 0
        given.api_keys = [secrets.token_urlsafe(32)]
        given.ui = given.endpoint_slots = given.warmup = False
        # Threads wait for each other at every layer, and stand still when one has no core: two on
        # two busy cores took 18 s for what one did in 0.5 s. A core is left to all the rest.
        given.cpuparams.n_threads = max(1, (os.cpu_count() or 2) - 1)
        given.verbosity = -1  # errors come back as such; else hundreds of lines on stderr
        if device == "cpu":
            given.n_gpu_layers = 0
        self._name = name
        try:
            self._server: Any = xllamacpp.Server(given)
        except Exception as error:  # RuntimeError today
            raise unloadable(name, error) from error

    def write(self, request: Request, seed: int, on_chunk: OnChunk) -> Usage:
        body = _body(request, seed) | {"stream": True, "stream_options": {"include_usage": True}}
        if request.grammar is not None:
            body["grammar"] = request.grammar.gbnf
        elif request.json_schema is not None:
            body["json_schema"] = dict(request.json_schema)
        failed: list[Exception] = []
        counted: dict[str, int] = {}

        def take(chunk: Mapping[str, Any]) -> bool:
            # What is raised here the binding drops: it is kept, and the stream ended.
            try:
                if "error" in chunk:
                    message = str(chunk["error"].get("message"))
                    raise refused(self._name, message)
                counted.update(chunk.get("usage") or {})
                return bool(chunk["choices"]) and on_chunk(chunk)
            except Exception as error:
                failed.append(error)
                return True

        self._server.handle_chat_completions(body, take)
        if failed:
            raise failed[0]
        return Usage(counted.get("prompt_tokens", 0), counted.get("completion_tokens", 0))

    def close(self) -> None:
        self._server = None  # its destructor ends the server


class LlamaCppPythonRuntime:
    """By llama-cpp-python. To give log-probabilities it holds those of the whole context."""

    def __init__(self, file: Path, name: str, device: str, context: int, logprobs: bool) -> None:
        llama = _imported("llama_cpp", name)
        self._name = name
        try:
            trained = llama.Llama(str(file), vocab_only=True, verbose=False)
            kind = trained.metadata.get("general.architecture", "llama")
            longest = int(trained.metadata.get(f"{kind}.context_length", context))
            trained.close()
            self._model: Any = llama.Llama(
                str(file),
                n_ctx=min(context, longest),
                n_gpu_layers=0 if device == "cpu" else -1,
                logits_all=logprobs,
                verbose=False,
            )
        except Exception as error:  # ValueError, AssertionError, by what is wrong
            raise unloadable(name, error) from error

    def write(self, request: Request, seed: int, on_chunk: OnChunk) -> Usage:
        body = _body(request, seed) | {"grammar": self._grammar(request)}
        messages, texts = body.pop("messages"), []
        before = self._model.n_tokens
        try:
            for chunk in self._model.create_chat_completion(messages, stream=True, **body):
                texts.append(chunk["choices"][0]["delta"].get("content") or "")
                if on_chunk(chunk):
                    break
        except ValueError as error:
            raise refused(self._name, str(error)) from error
        n_written = len(self._model.tokenize("".join(texts).encode(), add_bos=False))
        return Usage(max(0, int(self._model.n_tokens) - n_written) or before, n_written)

    def close(self) -> None:
        self._model.close()

    def _grammar(self, request: Request) -> Any:
        if request.grammar is None and request.json_schema is None:
            return None
        from llama_cpp import LlamaGrammar

        try:
            if request.grammar is not None:
                return LlamaGrammar.from_string(request.grammar.gbnf, verbose=False)
            return LlamaGrammar.from_json_schema(json.dumps(request.json_schema), verbose=False)
        except Exception as error:  # the binding raises ValueError, TypeError and its own
            raise refused(self._name, f"failed to parse grammar: {error}") from error


RUNTIMES: Mapping[str, type[XllamacppRuntime] | type[LlamaCppPythonRuntime]] = {
    "xllamacpp": XllamacppRuntime,
    "llama_cpp": LlamaCppPythonRuntime,
}
"""By import name, the first that is installed works: xllamacpp comes as a wheel."""


def installed_runtime(name: str) -> str:
    """The import name of the binding that works for `name`, a SPEC.

    Raises:
        PackageMissingError: neither is installed.
    """
    for package in RUNTIMES:
        if importlib.util.find_spec(package) is not None:
            return package
    raise PackageMissingError(
        f"{name} needs the package xllamacpp (or llama-cpp-python), which is not installed.",
        hint='Run: pip install "vprog[llama]"',
    )


def unloadable(name: str, error: Exception) -> LlmUnreachableError:
    """The error of a file that does not load."""
    return LlmUnreachableError(
        f"{name}: the file cannot be loaded: {excerpt(str(error))}",
        hint="Fetch it again, or take another model.",
    )


def refused(name: str, message: str) -> LlmRefusedError:
    """The error of a request that cannot be done, by the words of the binding."""
    if "grammar" in message:
        return LlmRefusedError(
            f"{name}: the grammar cannot be read: {excerpt(message)}",
            hint="Ask without a grammar.",
        )
    return LlmRefusedError(
        f"{name}: {excerpt(message)}",
        hint="Ask with a shorter prompt, or take a model with a longer context.",
    )


def _body(request: Request, seed: int) -> dict[str, Any]:
    """What both take alike; all that would change the sampling is off."""
    return {
        "messages": [
            {"role": message.role, "content": message.text} for message in request.messages
        ],
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "stop": list(request.stop),
        "top_p": 1.0,
        "top_k": 0,
        "min_p": 0.0,
        "repeat_penalty": 1.0,
        "seed": seed,
        "logprobs": request.want_logprobs,
        "top_logprobs": max(1, request.top_logprobs) if request.want_logprobs else None,
    }


def _imported(package: str, name: str) -> Any:
    try:
        return importlib.import_module(package)
    except Exception as error:  # a broken build may raise anything at all
        raise PackageMissingError(
            f"{name} is not available, because {package} does not import: {error}.",
            hint='Run: pip install "vprog[llama]"',
        ) from error
