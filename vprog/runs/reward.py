"""What one end of a program is worth to a strategy: valid x confidence x evidence.

The three factors lie in [0, 1] and are kept apart in the trace. A program that was
refused, failed, hit a limit or abstained is worth 0: it gives no answer to vote for. The
constants order what is known to be better above what is known to be worse; they are no
probabilities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vprog.execute.cell_outcome import Outcome

UNSCORED = 0.5
"""Confidence where no piece of evidence carries a score."""

NO_EVIDENCE = 0.25
"""An answer that names no evidence, though its program looked."""

UNSUPPORTED = 0.1
"""Evidence of which no module's output supports a piece."""

NOT_LOOKED = 0.05
"""An answer whose program called no module and names nothing: said, not seen."""


@dataclass(frozen=True)
class Reward:
    """The three factors of a reward; `value` is their product."""

    valid: float
    confidence: float
    evidence: float

    @property
    def value(self) -> float:
        return self.valid * self.confidence * self.evidence


NOTHING = Reward(0.0, 0.0, 0.0)
"""Of a program without an answer."""


def reward_of(
    outcome: Outcome, *, fits: bool, n_calls: int, confidence: float | None = None
) -> Reward:
    """The reward of a program that came to its end.

    Args:
        outcome: of its last cell.
        fits: whether the answer is one of the choices, where there are choices.
        n_calls: how many module calls the whole path made.
        confidence: from elsewhere, e.g. a critic; by default the score of the evidence.
    """
    if outcome.status != "answered" or not fits:
        return NOTHING
    known = outcome.score if confidence is None else confidence
    sure = UNSCORED if known is None or not math.isfinite(known) else min(1.0, max(0.0, known))
    return Reward(1.0, sure, _evidence(outcome, n_calls))


def _evidence(outcome: Outcome, n_calls: int) -> float:
    named = len(outcome.evidence)
    if not named:
        return NO_EVIDENCE if n_calls else NOT_LOOKED
    supported = sum(1 for item in outcome.evidence if item.supported)
    return max(UNSUPPORTED, supported / named)
