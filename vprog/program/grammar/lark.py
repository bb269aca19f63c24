"""Rules in the Lark notation as llguidance reads it: terminals are regular expressions."""

from __future__ import annotations

import json

from vprog.program.grammar.notation import Alt, Chars, Node, Ref, Rep, Rules, Seq, Text

_REPEATS = {(0, None): "*", (1, None): "+", (0, 1): "?"}
_SPECIAL = frozenset("\\^$.|?*+()[]{}/-\"'#&~<>=!:@`%")


def write_lark(rules: Rules) -> str:
    """The rules as text; the first one is `start`."""
    lines: list[str] = []
    for name in ["root", *(rule for rule in rules if rule != "root")]:
        node = rules[name]
        if name.isupper():
            lines.append(f"{name}: /{_regex(node)}/")
        else:
            lines.append(f"{'start' if name == 'root' else name}: {_written(node)}")
    return "\n".join(lines) + "\n"


def _written(node: Node, *, inner: bool = False) -> str:
    if isinstance(node, Text):
        return json.dumps(node.text)
    if isinstance(node, Ref):
        return node.name
    if isinstance(node, Chars):
        return f"/{_regex(node)}/"
    if isinstance(node, Rep):
        return _written(node.part, inner=True) + _sign(node)
    parts = node.parts if isinstance(node, Seq) else node.options
    if len(parts) == 1:
        return _written(parts[0], inner=inner)
    if isinstance(node, Alt):
        text = " | ".join(_written(part) for part in parts)
    else:
        text = " ".join(_written(part, inner=True) for part in parts) or '""'
    return f"({text})" if inner and parts else text


def _regex(node: Node) -> str:
    if isinstance(node, Text):
        return "".join(_char(letter) for letter in node.text)
    if isinstance(node, Chars):
        ranges = (
            _char(low) if low == high else f"{_char(low)}-{_char(high)}"
            for low, high in node.ranges
        )
        return f"[{''.join(ranges)}]"
    if isinstance(node, Rep):
        return f"(?:{_regex(node.part)}){_sign(node)}"
    if isinstance(node, Alt):
        return f"(?:{'|'.join(_regex(option) for option in node.options)})"
    if isinstance(node, Ref):
        raise ValueError(f"A terminal refers to the rule {node.name}; it may refer to none.")
    return "".join(_regex(part) for part in node.parts)


def _sign(node: Rep) -> str:
    bounds = (node.low, node.high)
    return _REPEATS.get(bounds) or f"{{{node.low},{'' if node.high is None else node.high}}}"


def _char(character: str) -> str:
    if character == "\n":
        return "\\n"
    if character in _SPECIAL or character == " ":
        return f"\\x{ord(character):02x}"
    return character if character.isascii() else f"\\u{{{ord(character):x}}}"
