"""The models of a run that read and write text: the language model, and the embedder of texts.

`Writer` says what the language model is told, what it is asked, what that costs. `Similarity`
ranks texts by what they mean, with vectors of the embedder that the settings name. Vectors lie
among the cached results of modules (execute/result_cache.py), by model and text, so that
examples are sent to the server once and a question that is asked again needs no server. What
goes wrong there is a warning of the run, and words rank instead. Such requests are no LLM calls;
the tokens they read are counted.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from vprog.errors import LlmError, LlmReplyError, UsageError, VprogError
from vprog.llm.embedding import Embedder, Vector, open_embedder
from vprog.llm.language_model import LanguageModel, LlmReply, Message, Request, approximate_tokens
from vprog.program.grammar.program_grammar import ProgramGrammar, program_grammar
from vprog.prompt.program_prompt import FirstLook, Prompt, build_prompt
from vprog.prompt.relevance import rank_by_words
from vprog.runs.run import RULES, Run
from vprog.trace.event import LlmCalled, Warned


class Writer:
    """Asks the model, within the run's budget and into its trace; from several threads at once.

    Without a model it has a prompt and nobody to send it to: the rules write, or nothing does.
    """

    def __init__(self, run: Run, model: LanguageModel | None) -> None:
        self._run = run
        self._model = model
        self._lock = threading.Lock()
        self.similarity = Similarity(run, timeout_s=run.settings.llm_timeout)
        self.first_look: FirstLook | None = None
        """What the prompt tells of a look that came before; to be set before it is asked for."""

    @property
    def name(self) -> str:
        """Of what writes cells, as traces name it."""
        return self._model.name if self._model is not None else RULES

    @cached_property
    def prompt(self) -> Prompt:
        """The question's prompt."""
        return self.prompt_with()

    def prompt_with(self, **changes: object) -> Prompt:
        """The question's prompt with other settings of `build_prompt`."""
        run = self._run
        most = run.settings.prompt_tokens
        context = getattr(self._model, "context", None)  # not every backend knows its model's
        prompt = build_prompt(
            run.text,
            max_tokens=min(most, context // 2) if isinstance(context, int) else most,
            signatures=[module.signature for module in run.runtime.modules.values()],
            videos=run.media.videos,
            facts=[run.media.facts(video.index) for video in run.media.videos],
            part=run.media.window,
            choices=run.choices,
            rank=self.similarity.rank,
            first_look=self.first_look,
            **changes,  # type: ignore[arg-type]
        )
        if prompt.left_out:
            left_out = ", ".join(prompt.left_out)
            run.recorder.write(Warned(text=f"left out of the prompt for its length: {left_out}"))
        return prompt

    @cached_property
    def grammar(self) -> ProgramGrammar | None:
        """What holds a model to programs that parse; None where the model takes none."""
        if self._model is None or "grammar" not in self._model.capabilities:
            return None
        return program_grammar(module.signature for module in self._run.runtime.modules.values())

    def ask(
        self, messages: Sequence[Message], purpose: str, *, temperature: float = 0.0, n: int = 1
    ) -> LlmReply:
        """One request, charged and recorded whatever comes of it.

        Raises:
            LlmError: the model gave no usable reply.
            BudgetError: the requests, tokens or seconds are spent.
            UsageError: there is no model.
        """
        timeout_s = self._run.settings.llm_timeout
        return self.send(
            Request(tuple(messages), temperature=temperature, n=n, timeout_s=timeout_s), purpose
        )

    def send(self, request: Request, purpose: str) -> LlmReply:
        """The same for a request that is made already."""
        model, run = self._model, self._run
        if model is None:
            raise UsageError(
                "a language model is to be asked, and none is named.",
                hint="Name one with --llm openai:MODEL.",
            )
        counts = run.broker.counts
        with self._lock:
            run.check_tokens(sum(approximate_tokens(said.text) for said in request.messages))
            run.budget.charge_llm_call()
            counts.llm_calls += 1
        limited = min(request.timeout_s, max(1.0, run.budget.seconds_left))
        request = replace(request, timeout_s=limited)
        began = time.perf_counter()
        reply: LlmReply | None = None
        problem: VprogError | None = None
        try:
            reply = run.budget.bounded(
                lambda: model.complete(request), f"the language model {model.name}"
            )
            return reply
        except VprogError as error:
            problem = error
            raise
        finally:
            seconds = time.perf_counter() - began
            called = _llm_called(model.name, purpose, request, reply, problem, seconds)
            with self._lock:
                counts.tokens_in += called.tokens_in
                counts.tokens_out += called.tokens_out
            run.recorder.write(called)

    def cancel(self) -> None:
        """End the requests in flight; from any thread."""
        if self._model is not None:
            self._model.cancel()

    def close(self) -> None:
        """Let go of the embedder; the model is whose it was."""
        self.similarity.close()


def _llm_called(
    model: str,
    purpose: str,
    request: Request,
    reply: LlmReply | None,
    problem: VprogError | None,
    seconds: float,
) -> LlmCalled:
    """The event of a request, whatever came of it."""
    texts = [completion.text for completion in reply.completions] if reply is not None else []
    unread = problem if isinstance(problem, LlmReplyError) else LlmReplyError("")
    return LlmCalled(
        model=model,
        purpose=purpose,
        messages=[{"role": message.role, "text": message.text} for message in request.messages],
        reply="\n\n".join(texts),
        replies=texts if len(texts) > 1 else [],
        tokens_in=reply.usage.tokens_in if reply is not None else unread.tokens_in,
        tokens_out=reply.usage.tokens_out if reply is not None else unread.tokens_out,
        seconds=round(seconds, 6),
        error=None if problem is None else str(problem),
    )


TASK = "embed_text"
"""Under which name vectors stand in `vprog cache info`."""


class Similarity:
    """Ranks texts for one question. Opens its client with the first ranking."""

    def __init__(self, run: Run, *, timeout_s: float) -> None:
        self._run = run
        self._timeout_s = timeout_s
        self._embedder: Embedder | None = None
        self._has_failed = False
        self._lock = threading.Lock()

    def rank(self, query: str, texts: Sequence[str]) -> list[int]:
        """Indices of the texts, nearest to the query first; equals stay in their order.

        Raises:
            ConfigError, MissingError: the settings name an embedder that cannot be opened.
        """
        if not self._run.settings.embedder or not texts:
            return rank_by_words(query, texts)
        with self._lock:
            if self._embedder is None:
                self._embedder = open_embedder(self._run.settings.embedder)
            if self._has_failed:
                return rank_by_words(query, texts)
            try:
                target, *vectors = self._vectors(self._embedder, [query, *texts])
            except LlmError as error:
                self._has_failed = True
                self._run.warnings.add(f"examples are ranked by their words: {error.message}")
                return rank_by_words(query, texts)
        scores = [sum(a * b for a, b in zip(target, vector, strict=True)) for vector in vectors]
        return sorted(range(len(texts)), key=lambda index: -scores[index])

    def close(self) -> None:
        """Let go of the client."""
        if self._embedder is not None:
            self._embedder.close()

    def _vectors(self, embedder: Embedder, texts: Sequence[str]) -> list[Vector]:
        """The vector of each text; those that are not cached are asked for.

        Raises:
            LlmError: the server gives none.
        """
        cached = {text: self._cached(embedder, text) for text in texts}
        if _n_lengths(cached) > 1:
            cached = dict.fromkeys(texts)  # another model serves under the name
        fresh = self._embed(embedder, [text for text, vector in cached.items() if not vector])
        if _n_lengths(cached | fresh) > 1:
            fresh = self._embed(embedder, list(cached))
        by_text = cached | fresh
        return [vector for text in texts if (vector := by_text[text])]

    def _embed(self, embedder: Embedder, texts: Sequence[str]) -> dict[str, Vector | None]:
        """Vectors from the server, cached for the next time."""
        if not texts:
            return {}
        run = self._run
        began = time.perf_counter()
        embedded = embedder.embed(texts, min(self._timeout_s, max(1.0, run.budget.seconds_left)))
        run.broker.counts.tokens_in += embedded.tokens
        # What is cached is what ranks, now and when it is read again.
        packed = [struct.pack(f"<{len(vector)}f", *vector) for vector in embedded.vectors]
        for text, data in zip(texts, packed, strict=True):
            run.runtime.cache.keep(_key(embedder, text), data, task=TASK)
        seconds = time.perf_counter() - began
        run.recorder.write(
            Warned(
                text=f"examples are ranked by {embedder.where}: {len(texts)} texts sent, "
                f"{embedded.tokens} tokens, {seconds:.2f} s"
            )
        )
        return {text: _unpacked(data) for text, data in zip(texts, packed, strict=True)}

    def _cached(self, embedder: Embedder, text: str) -> Vector | None:
        data = self._run.runtime.cache.get(_key(embedder, text))
        return None if data is None else _unpacked(data)


def _n_lengths(vectors: Mapping[str, Vector | None]) -> int:
    return len({len(vector) for vector in vectors.values() if vector})


def _key(embedder: Embedder, text: str) -> str:
    written = f"{TASK}\0{embedder.where}\0{text}"
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _unpacked(data: bytes) -> Vector:
    return struct.unpack(f"<{len(data) // 4}f", data)
