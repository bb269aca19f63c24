"""A grammar of programs, made from the registry: what a constrained model can write at all.

Every text of it is Python, calls only functions that exist (modules, value algebra, value
classes, builtins, and functions of its own, whose names begin with `my_`) with arguments that
these take, reads only fields that values have, and ends in `answer` or `abstain`. What a
grammar cannot say is left to the gate and the types: whether a variable was bound before, and
of which type it is. It has less than the gate allows: nothing that people write otherwise is
refused there.

A reply is whole only where the model ended it itself: one that is cut at a limit of tokens
ends in the middle of a rule.

GBNF is the notation of llama.cpp; vLLM (xgrammar) and llguidance read it too. Lark is written as
llguidance reads it: there terminals are regular expressions.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from vprog.program.grammar.call_rules import CallRules, known_calls
from vprog.program.grammar.expression_rules import add_expressions
from vprog.program.grammar.notation import (
    Alt,
    Chars,
    LiteralText,
    Node,
    Ref,
    Rep,
    Rules,
    Seq,
    reachable,
    seq,
)
from vprog.program.grammar.statement_rules import add_statements
from vprog.program.grammar.terminals import terminals
from vprog.registry.signature import Signature

FENCE = "```"
_REPEATS = {(0, None): "*", (1, None): "+", (0, 1): "?"}
_GBNF_ESCAPES = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_REGEX_SPECIAL = frozenset("\\^$.|?*+()[]{}/-\"'#&~<>=!:@`%")
_Leaf = LiteralText | Ref | Chars


@dataclass(frozen=True, eq=False)
class ProgramGrammar:
    """The rules, and their text in the two notations that backends read."""

    rules: Rules

    @functools.cached_property
    def gbnf(self) -> str:
        """For llama.cpp, llama-server and vLLM."""
        return _write_gbnf(self.rules)

    @functools.cached_property
    def lark(self) -> str:
        """For llguidance."""
        return _write_lark(self.rules)


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


def _write_gbnf(rules: Rules) -> str:
    """The rules in GBNF, `root` first."""
    return "".join(
        f"{_gbnf_name(name)} ::= {_expression(node, _gbnf_leaf)}\n"
        for name, node in _root_first(rules)
    )


def _write_lark(rules: Rules) -> str:
    """The rules in Lark; the first one is `start`."""
    lines: list[str] = []
    for name, node in _root_first(rules):
        if name.isupper():
            lines.append(f"{name}: /{_regex(node)}/\n")
        else:
            text = _expression(node, _lark_leaf)
            lines.append(f"{'start' if name == 'root' else name}: {text}\n")
    return "".join(lines)


def _root_first(rules: Rules) -> Iterator[tuple[str, Node]]:
    yield "root", rules["root"]
    yield from ((name, node) for name, node in rules.items() if name != "root")


def _expression(node: Node, leaf: Callable[[_Leaf], str], *, inner: bool = False) -> str:
    """A node in a notation that writes its leaves so; `inner` where a choice needs brackets."""
    if isinstance(node, _Leaf):
        return leaf(node)
    if isinstance(node, Rep):
        return _expression(node.part, leaf, inner=True) + _sign(node)
    parts = node.parts if isinstance(node, Seq) else node.options
    if len(parts) == 1:
        return _expression(parts[0], leaf, inner=inner)
    if isinstance(node, Alt):
        text = " | ".join(_expression(part, leaf) for part in parts)
    else:
        text = " ".join(_expression(part, leaf, inner=True) for part in parts) or '""'
    return f"({text})" if inner and parts else text


def _sign(node: Rep) -> str:
    bounds = (node.low, node.high)
    return _REPEATS.get(bounds) or f"{{{node.low},{'' if node.high is None else node.high}}}"


def _ranges(node: Chars, write_char: Callable[[str], str]) -> str:
    ranges = (
        write_char(low) if low == high else f"{write_char(low)}-{write_char(high)}"
        for low, high in node.ranges
    )
    return f"[{''.join(ranges)}]"


# GBNF


def _gbnf_leaf(node: _Leaf) -> str:
    if isinstance(node, LiteralText):
        return '"' + "".join(_GBNF_ESCAPES.get(letter, letter) for letter in node.text) + '"'
    return _gbnf_name(node.name) if isinstance(node, Ref) else _ranges(node, _gbnf_char)


def _gbnf_name(rule: str) -> str:
    return rule.lower().replace("_", "-")


def _gbnf_char(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return f"\\x{ord(character):02X}" if character.isascii() else character


# Lark


def _lark_leaf(node: _Leaf) -> str:
    if isinstance(node, LiteralText):
        return json.dumps(node.text)
    return node.name if isinstance(node, Ref) else f"/{_regex(node)}/"


def _regex(node: Node) -> str:
    if isinstance(node, LiteralText):
        return "".join(_regex_char(letter) for letter in node.text)
    if isinstance(node, Chars):
        return _ranges(node, _regex_char)
    if isinstance(node, Rep):
        return f"(?:{_regex(node.part)}){_sign(node)}"
    if isinstance(node, Alt):
        return f"(?:{'|'.join(_regex(option) for option in node.options)})"
    if isinstance(node, Ref):
        raise ValueError(f"A terminal refers to the rule {node.name}; it may refer to none.")
    return "".join(_regex(part) for part in node.parts)


def _regex_char(character: str) -> str:
    if character == "\n":
        return "\\n"
    if character in _REGEX_SPECIAL or character == " ":
        return f"\\x{ord(character):02x}"
    return character if character.isascii() else f"\\u{{{ord(character):x}}}"
