"""Question to program without a model: one family of questions a file."""

from vprog.rules.interpretation import Unanswerable, Written
from vprog.rules.rule_writer import write

__all__ = ["Unanswerable", "Written", "write"]
