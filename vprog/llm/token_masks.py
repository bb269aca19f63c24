"""Token masks of a grammar for models that run in this process, by llguidance."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from typing import Any

from vprog.errors import LlmRefusedError
from vprog.llm.client import Request


def can_guide() -> bool:
    """Whether llguidance is installed."""
    return importlib.util.find_spec("llguidance") is not None


def grammar_of(request: Request) -> str | None:
    """What a request asks its reply to be, as llguidance takes it; None for any text."""
    if request.grammar is None and request.json_schema is None:
        return None
    from llguidance import LLMatcher

    if request.grammar is not None:
        return str(LLMatcher.grammar_from_lark(request.grammar.lark))
    return str(LLMatcher.grammar_from_json_schema(json.dumps(request.json_schema)))


class TokenMasks:
    """Which tokens may come next in each row of a batch.

    Args:
        tokenizer: an llguidance tokenizer.
        grammars: one for each row.
        where: for messages.

    Raises:
        LlmRefusedError: a grammar cannot be read.
    """

    def __init__(self, tokenizer: Any, grammars: Sequence[str], where: str) -> None:
        from llguidance import LLMatcher

        self._where = where
        self._rows = [LLMatcher(tokenizer, grammar, log_level=0) for grammar in grammars]
        self._check()

    def allowed(self, row: int, written: Sequence[int]) -> bytes:
        """One byte for each token of the vocabulary, 0 where it may not come.

        Args:
            row: of the batch.
            written: the token that was added since the last call, if any.
        """
        matcher = self._rows[row]
        if written and not matcher.is_stopped():
            matcher.consume_tokens(list(written))
            self._check()
        return bytes(matcher.compute_logit_bias())

    def _check(self) -> None:
        for row in self._rows:
            if row.is_error():
                raise LlmRefusedError(
                    f"{self._where}: the grammar cannot be followed: {row.get_error()[:200]}.",
                    hint="Ask without a grammar.",
                )
