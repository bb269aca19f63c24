"""What happens between two tokens of a transformers model: ending rows, masking tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vprog.llm.token_masks import TokenMasks

TAIL = 64
"""Tokens in which a stop text is looked for after each one."""


class Ending:
    """Ends rows at their stop texts, and where the caller wants an end."""

    def __init__(
        self, tokenizer: Any, length: int, stop: Sequence[str], is_over: Callable[[int], bool]
    ) -> None:
        self._tokenizer = tokenizer
        self._length = length
        self._stop = stop
        self._is_over = is_over
        self.ended: dict[int, int] = {}
        self.matched: set[int] = set()

    def __call__(self, input_ids: Any, scores: Any, **others: Any) -> Any:
        written = int(input_ids.shape[1]) - self._length
        for row in range(input_ids.shape[0]):
            if row in self.ended:
                continue
            if self._is_over(row):
                self.ended[row] = written
            elif self._stop:
                tail = input_ids[row, self._length :][-TAIL:]
                text = self._tokenizer.decode(tail)
                if any(each in text for each in self._stop):
                    self.ended[row] = written
                    self.matched.add(row)
        done = input_ids.new_zeros(input_ids.shape[0], dtype=bool)
        for row in self.ended:
            done[row] = True
        return done


class Masking:
    """A logits processor that leaves the tokens of a grammar alone."""

    def __init__(self, torch: Any, masks: TokenMasks, length: int) -> None:
        self._torch = torch
        self._masks = masks
        self._length = length

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        written = int(input_ids.shape[1]) - self._length
        for row in range(scores.shape[0]):
            new = [int(input_ids[row, -1])] if written else []
            allowed = self._masks.allowed(row, new)
            mask = self._torch.frombuffer(bytearray(allowed), dtype=self._torch.uint8)
            scores[row, mask.to(scores.device)[: scores.shape[1]] == 0] = -float("inf")
        return scores
