"""GBNF read back into rules, so that tests can compare what was written with what was meant."""

from __future__ import annotations

import re

from vprog.program.grammar.notation import Alt, Chars, LiteralText, Node, Ref, Rep, Rules, Seq

_TOKEN = re.compile(
    r'\s*("(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[a-z][a-z0-9-]*|\{\d+,\d*\}|[()|*+?])', re.S
)
_SIGNS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def read_gbnf(text: str) -> Rules:
    """The rules of a text with one rule a line."""
    rules: Rules = {}
    for line in text.splitlines():
        name, _, body = line.partition(" ::= ")
        assert name not in rules, f"two rules are called {name}"
        tokens = _TOKEN.findall(body)
        rules[name] = _Reader(tokens).whole()
    return rules


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Node:
        node = self._choice()
        assert self._at == len(self._tokens), self._tokens[self._at :]
        return node

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _choice(self) -> Node:
        options = [self._row()]
        while self._peek() == "|":
            self._take()
            options.append(self._row())
        return options[0] if len(options) == 1 else Alt(tuple(options))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._item())
        return parts[0] if len(parts) == 1 else Seq(tuple(parts))

    def _item(self) -> Node:
        token = self._take()
        node: Node
        if token == "(":
            node = self._choice()
            assert self._take() == ")"
        elif token[0] == '"':
            node = LiteralText(_plain(token[1:-1]))
        elif token[0] == "[":
            node = _characters(token[1:-1])
        else:
            node = Ref(token)
        sign = self._peek()
        if sign in _SIGNS:
            self._take()
            return Rep(node, *_SIGNS[sign])
        if sign.startswith("{"):
            low, _, high = self._take()[1:-1].partition(",")
            return Rep(node, int(low), int(high) if high else None)
        return node


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)


def _characters(text: str) -> Node:
    read: list[str] = []
    for found in re.finditer(r"\\x(..)|(.)", text, re.S):
        read.append(chr(int(found[1], 16)) if found[1] else found[2])
    ranges: list[tuple[str, str]] = []
    at = 0
    while at < len(read):
        if at + 2 < len(read) and read[at + 1] == "-" and not _is_escaped(text, at + 1):
            ranges.append((read[at], read[at + 2]))
            at += 3
        else:
            ranges.append((read[at], read[at]))
            at += 1
    return Chars(tuple(ranges))


def _is_escaped(text: str, at: int) -> bool:
    """Whether the character at this place was written as \\x2D."""
    return re.findall(r"\\x..|.", text, re.S)[at] != "-"


def plain(node: Node) -> Node:
    """A node without rows of one part and choices within choices, names as GBNF writes them."""
    if isinstance(node, Ref):
        return Ref(node.name.lower().replace("_", "-"))
    if isinstance(node, Rep):
        return Rep(plain(node.part), node.low, node.high)
    if isinstance(node, Seq | Alt):
        parts = tuple(
            plain(part) for part in (node.parts if isinstance(node, Seq) else node.options)
        )
        if isinstance(node, Alt):
            parts = tuple(
                one
                for part in parts
                for one in (part.options if isinstance(part, Alt) else (part,))
            )
        if len(parts) == 1:
            return parts[0]
        return LiteralText("") if not parts else Seq(parts) if isinstance(node, Seq) else Alt(parts)
    return node
