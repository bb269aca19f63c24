"""Log-probabilities of the tokens that `generate` writes, without keeping all logits."""

from __future__ import annotations

from typing import Any


class LogprobKeeper:
    """Sees the logits before each token, and the token at the next; keeps one number a token.

    `generate` calls it as a logits processor, before what a draw does to the logits: the
    numbers are the model's own.
    """

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self.last: Any = None
        """Log-probabilities of every token at the last place: (N, V)."""

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        if self.last is not None:
            self._kept.append(self.last.gather(1, input_ids[:, -1:]))
        self.last = scores.float().log_softmax(dim=-1)
        return scores

    def of(self, written: Any) -> Any:
        """The log-probability of each written token: (N, T); after the end it means nothing."""
        import torch

        return torch.cat([*self._kept, self.last.gather(1, written[:, -1:])], dim=1)
