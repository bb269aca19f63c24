"""A grammar of programs, made from the registry: what a constrained model can write at all.

Every text of it is Python, calls only functions that exist (modules, value algebra, value
classes, builtins, and functions of its own, whose names begin with `my_`) with arguments that
these take, reads only fields that values have, and ends in `answer` or `abstain`. What a
grammar cannot say is left to the gate and the types: whether a variable was bound before, and
of which type it is. It has less than the gate allows: nothing that people write otherwise is
refused there.

A reply is whole only where the model ended it itself: one that is cut at a limit of tokens
ends in the middle of a rule.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from vprog.program.grammar.call_rules import CallRules, known_calls
from vprog.program.grammar.expression_rules import add_expressions
from vprog.program.grammar.grammar_text import write_gbnf, write_lark
from vprog.program.grammar.notation import Ref, Rules, reachable, seq
from vprog.program.grammar.statement_rules import add_statements
from vprog.program.grammar.terminals import terminals
from vprog.registry.signature import Signature

FENCE = "```"


@dataclass(frozen=True, eq=False)
class ProgramGrammar:
    """The rules, and their text in the two notations that backends read."""

    rules: Rules

    @functools.cached_property
    def gbnf(self) -> str:
        """For llama.cpp, llama-server and vLLM."""
        return write_gbnf(self.rules)

    @functools.cached_property
    def lark(self) -> str:
        """For llguidance."""
        return write_lark(self.rules)


def program_grammar(signatures: Iterable[Signature], *, fenced: bool = True) -> ProgramGrammar:
    """The grammar of programs over these modules.

    Args:
        signatures: of the modules that programs may call.
        fenced: the reply is one ```python block, as the prompt asks; else the bare program.
    """
    rules: Rules = {}
    rules["root"] = seq(f"{FENCE}python\n", "<program>", FENCE) if fenced else Ref("program")
    add_statements(rules)
    rules |= terminals()
    shapes = known_calls(sorted(signatures, key=lambda signature: signature.name))
    add_expressions(rules, CallRules(rules, shapes))
    return ProgramGrammar(reachable(rules, "root"))
