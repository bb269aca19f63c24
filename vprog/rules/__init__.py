"""Question to program without a model: one family of questions a file."""

from vprog.rules.draft import RuleProgram, Unanswerable
from vprog.rules.rule_writer import write

__all__ = ["Unanswerable", "RuleProgram", "write"]
