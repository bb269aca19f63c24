"""Random texts of a grammar, and whether a text is one: the judge is llguidance."""

from __future__ import annotations

import random
from typing import Any

from vprog.program.grammar.notation import Alt, Chars, LiteralText, Node, Ref, Rep, Rules, Seq

FEW = 3
"""How often a part without an upper limit comes at most."""


class Derivation:
    """Writes random texts; choices with the shallowest end win once a text is long."""

    def __init__(self, rules: Rules, seed: int, size: int = 1200) -> None:
        self._rules = rules
        self._random = random.Random(seed)
        self._size = size
        self._depths = _depths(rules)
        self._written = 0

    def text(self) -> str:
        self._written = 0
        return self._of(Ref("root"))

    def _of(self, node: Node) -> str:
        if isinstance(node, LiteralText):
            self._written += len(node.text)
            return node.text
        if isinstance(node, Chars):
            self._written += 1
            low, high = self._random.choice(node.ranges)
            return chr(self._random.randint(ord(low), ord(high)))
        if isinstance(node, Ref):
            return self._of(self._rules[node.name])
        if isinstance(node, Seq):
            return "".join(self._of(part) for part in node.parts)
        if isinstance(node, Rep):
            high = node.low + FEW if node.high is None else min(node.high, node.low + FEW)
            return "".join(self._of(node.part) for _ in range(self._count(node.low, high)))
        return self._of(self._option(node))

    def _count(self, low: int, high: int) -> int:
        if self._written > self._size or self._random.random() < 0.5:
            return low
        return self._random.randint(low, high)

    def _option(self, node: Alt) -> Node:
        if self._written <= self._size:
            return self._random.choice(node.options)
        return min(node.options, key=lambda each: _depth(each, self._depths))


def _depths(rules: Rules) -> dict[str, int]:
    """For each rule how many rules deep its shallowest text is."""
    depths = dict.fromkeys(rules, 1000)
    while True:
        better = {name: 1 + _depth(node, depths) for name, node in rules.items()}
        if better == depths:
            return depths
        depths = better


def _depth(node: Node, depths: dict[str, int]) -> int:
    if isinstance(node, Ref):
        return depths[node.name]
    if isinstance(node, Seq):
        return max((_depth(part, depths) for part in node.parts), default=0)
    if isinstance(node, Alt):
        return min(_depth(option, depths) for option in node.options)
    if isinstance(node, Rep):
        return _depth(node.part, depths) if node.low else 0
    return 0


class _Bytes:
    """A vocabulary of single bytes."""

    eos_token_id = 256
    bos_token_id = None
    tokens = (*(bytes([index]) for index in range(256)), b"<end>")
    special_token_ids = (256,)

    def __call__(self, text: bytes) -> list[int]:
        return list(text)


class Judge:
    """Says where a text leaves a grammar, in llguidance's eyes; "" if it is of the grammar."""

    def __init__(self, lark: str) -> None:
        import llguidance

        self._matcher: Any = llguidance.LLMatcher
        self._tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(_Bytes()))
        self._grammar = self._matcher.grammar_from_lark(lark)
        self.problem: str = self._matcher.validate_grammar(self._grammar, self._tokenizer)

    def refusal(self, text: str) -> str:
        matcher = self._matcher(self._tokenizer, self._grammar)
        data = text.encode()
        taken = matcher.try_consume_tokens(list(data))
        if taken < len(data):
            return f"after {data[max(0, taken - 40) : taken]!r} not {data[taken : taken + 20]!r}"
        return "" if matcher.is_accepting() else "it is not at its end"
