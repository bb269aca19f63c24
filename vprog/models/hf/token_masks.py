"""Keeps what a model writes to a grammar: token masks, by llguidance."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from vprog.errors import LlmRefusedError


def can_mask() -> bool:
    """Whether llguidance is installed."""
    return importlib.util.find_spec("llguidance") is not None


class TokenMasks:
    """A logits processor that leaves the tokens of a grammar alone, in each row of a batch.

    Args:
        tokenizer: an llguidance tokenizer.
        grammars: one for each row, as llguidance writes them.
        n_read: how many tokens of a row are the prompt.

    Raises:
        LlmRefusedError: a grammar cannot be read.
    """

    def __init__(self, tokenizer: Any, grammars: Sequence[str], n_read: int) -> None:
        from llguidance import LLMatcher

        self._rows = [LLMatcher(tokenizer, grammar, log_level=0) for grammar in grammars]
        self._n_read = n_read
        self._check()

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        for row, matcher in enumerate(self._rows):
            if int(input_ids.shape[1]) > self._n_read and not matcher.is_stopped():
                matcher.consume_tokens([int(input_ids[row, -1])])
                self._check()
            allowed = torch.frombuffer(
                bytearray(matcher.compute_logit_bias()), dtype=torch.uint8
            )  # one byte for each token of the vocabulary, 0 where it may not come
            scores[row, allowed.to(scores.device)[: scores.shape[1]] == 0] = -float("inf")
        return scores

    def _check(self) -> None:
        for matcher in self._rows:
            if matcher.is_error():
                raise LlmRefusedError(
                    f"the grammar cannot be followed: {matcher.get_error()[:200]}.",
                    hint="Ask without a grammar.",
                )
