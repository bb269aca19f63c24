"""Rules in GBNF, the notation of llama.cpp; vLLM (xgrammar) and llguidance read it too."""

from __future__ import annotations

from vprog.program.grammar.notation import Alt, Chars, Node, Ref, Rep, Rules, Seq, Text

_ESCAPES = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_REPEATS = {(0, None): "*", (1, None): "+", (0, 1): "?"}


def write_gbnf(rules: Rules) -> str:
    """The rules as text, `root` first."""
    names = ["root", *(rule for rule in rules if rule != "root")]
    return "\n".join(f"{_name(name)} ::= {_written(rules[name])}" for name in names) + "\n"


def _name(rule: str) -> str:
    return rule.lower().replace("_", "-")


def _written(node: Node, *, inner: bool = False) -> str:
    """A node; `inner` where a choice or a row needs brackets."""
    if isinstance(node, Text):
        return '"' + "".join(_ESCAPES.get(letter, letter) for letter in node.text) + '"'
    if isinstance(node, Ref):
        return _name(node.name)
    if isinstance(node, Chars):
        return "[" + "".join(_range(low, high) for low, high in node.ranges) + "]"
    if isinstance(node, Rep):
        bounds = (node.low, node.high)
        sign = _REPEATS.get(bounds) or f"{{{node.low},{'' if node.high is None else node.high}}}"
        return _written(node.part, inner=True) + sign
    parts = node.parts if isinstance(node, Seq) else node.options
    if len(parts) == 1:
        return _written(parts[0], inner=inner)
    if isinstance(node, Alt):
        text = " | ".join(_written(part) for part in parts)
    else:
        text = " ".join(_written(part, inner=True) for part in parts) or '""'
    return f"({text})" if inner and parts else text


def _range(low: str, high: str) -> str:
    return _char(low) if low == high else f"{_char(low)}-{_char(high)}"


def _char(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return f"\\x{ord(character):02X}" if character.isascii() else character
