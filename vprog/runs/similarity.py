"""Texts ranked by what they mean: vectors of the embedder that the settings name, cached on disk.

Vectors lie among the cached results of modules (execute/result_cache.py), by model and text, so
that examples are sent to the server once and a question that is asked again needs no server. What
goes wrong is a warning of the run, and words rank instead. Such requests are no LLM calls; the
tokens they read are counted.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import time
from collections.abc import Mapping, Sequence

from vprog.errors import LlmError
from vprog.llm.embedding import Embedder, Vector, open_embedder
from vprog.prompt.relevance import rank_by_words
from vprog.runs.run import Run
from vprog.trace.event import Warned

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
                self._run.broker.warn(f"examples are ranked by their words: {error.message}")
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
