"""Question to program without a model: one family of questions a file."""

from vprog.plan.rules.outcome import Unanswerable, Written
from vprog.plan.rules.writer import write

__all__ = ["Unanswerable", "Written", "write"]
