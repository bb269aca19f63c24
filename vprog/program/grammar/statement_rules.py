"""Statements: lines, and blocks of lines one level further in.

What Python's compiler asks of scopes is in the rules: `return` in functions alone, `break`
and `continue` in loops alone. The last statement of a program ends it.
"""

from __future__ import annotations

from vprog.program.grammar.expression_rules import DEPTH
from vprog.program.grammar.notation import Node, Ref, Rules, alt, many, opt, seq
from vprog.program.grammar.terminals import indent

MAX_INDENT = 4
MAX_END_INDENT = 2
"""How far in the last statement may stand: in the last `else` of an `if`."""

_SCOPES = ("", "loop", "function", "function_loop")


def add_statements(rules: Rules) -> None:
    """Rules for lines at every level and scope, and `program`."""
    for level in range(1, MAX_INDENT + 1):
        rules[indent(level)] = seq("    " * level)
    top = f"<expression_{DEPTH}>"
    rules["annotation"] = seq("<TYPE>", opt(" | None"))
    rules["values"] = seq(top, many(", ", top, high=3))
    store = seq("<NAME>", many("[", f"<expression_{DEPTH - 1}>", "]", high=2))
    reached = seq(
        "<NAME>",
        many("[", f"<index_{DEPTH - 1}>", "]", high=2),
        many("<ATTRIBUTE>", "(", f"<arguments_{DEPTH - 1}>", low=1, high=2),
    )
    rules["target"] = alt(seq(store, many(", ", store, high=3)), "<targets>")
    rules["end"] = alt(
        seq("answer(", opt("<BREAK>"), top, opt("<COMMA>", "evidence=", top), "<ROUND_CLOSE>"),
        seq("abstain(", opt("<BREAK>"), top, "<ROUND_CLOSE>"),
    )
    rules["statement"] = alt(
        f"<call_{DEPTH}>",
        reached,
        seq("<target>", " = ", "<values>"),
        seq(store, "<AUGMENT>", "<values>"),
        seq("<NAME>", ": ", "<annotation>", " = ", top),
        "pass",
    )
    rules["simple_top"] = alt("<statement>", "<IMPORT>")
    for scope in _SCOPES:
        rules[f"simple_{scope}"] = _simple(scope)
        for level in range(1 if scope else 0, MAX_INDENT + 1):
            _add_line(rules, level, scope)
    for level in range(MAX_END_INDENT + 1):
        _add_ending(rules, level)
    rules["program"] = seq(many("<line_0_>"), "<ending_0>")


def _simple(scope: str) -> Node:
    options: list[Node | str] = ["<statement>", "<end>"]
    if "function" in scope:
        options.append(seq("return", opt(" ", "<values>")))
    if "loop" in scope:
        options += ["break", "continue"]
    return alt(*options)


def _add_line(rules: Rules, level: int, scope: str) -> None:
    # What follows an end that stands by itself would never run: such a line is the last.
    options: list[Node] = [seq(f"<simple_{scope if level else 'top'}>", "<EOL>")]
    if level < MAX_INDENT:
        options.append(Ref(f"compound_{level}_{scope}"))
        rules[f"compound_{level}_{scope}"] = _compound(rules, level, scope)
    rules[f"line_{level}_{scope}"] = seq(many("<COMMENT>"), *_indented(level), alt(*options))


def _compound(rules: Rules, level: int, scope: str) -> Node:
    again = seq(many("<COMMENT>"), *_indented(level))
    block = _block(level + 1, scope)
    looped = _block(level + 1, f"{scope}_loop".strip("_") if "loop" not in scope else scope)
    condition = f"<expression_{DEPTH}>"
    rules[f"branches_{level}_{scope}"] = seq(
        condition, ":", block, opt(again, alt(seq("elif ", f"<branches_{level}_{scope}>"),
                                              seq("else:", block))),
    )  # fmt: skip
    options: list[Node] = [
        seq("if ", f"<branches_{level}_{scope}>"),
        seq("for ", "<targets>", " in ", "<values>", ":", looped),
        seq("while ", condition, ":", looped),
        seq("try:", block, again, "except ", "<EXCEPTION>", opt(" as ", "<NAME>"), ":", block),
    ]
    if level < 2 and not scope:
        options.append(_function(level))
    return alt(*options)


def _function(level: int) -> Node:
    """Parameters without a default first, as Python wants them."""
    plain = seq("<NAME>", opt(": ", "<annotation>"))
    default = seq("<NAME>", alt(seq(": ", "<annotation>", " = "), "="), "<expression_0>")
    parameters = alt(
        seq(plain, many(", ", plain, high=3), many(", ", default, high=2)),
        seq(default, opt(", ", default)),
    )
    return seq(
        "def ", "<OWN_CALL>", opt(parameters), ")", opt(" -> ", "<annotation>"), ":",
        _block(level + 1, "function"),
    )  # fmt: skip


def _add_ending(rules: Rules, level: int) -> None:
    """A line that ends the program, or an `if` whose `else` does."""
    options: list[Node] = [seq("<end>", "<EOL>")]
    if level < MAX_END_INDENT:
        again = seq(many("<COMMENT>"), *_indented(level))
        lines = many(f"<line_{level + 1}_>")
        condition = f"<expression_{DEPTH}>"
        options.append(
            seq(
                "if ", condition, ":", _block(level + 1, ""),
                many(again, "elif ", condition, ":", _block(level + 1, ""), high=6),
                again, "else:", "<EOL>", lines, f"<ending_{level + 1}>",
            )
        )  # fmt: skip
    rules[f"ending_{level}"] = seq(many("<COMMENT>"), *_indented(level), alt(*options))


def _block(level: int, scope: str) -> Node:
    return seq("<EOL>", many(f"<line_{level}_{scope}>", low=1))


def _indented(level: int) -> list[Node]:
    return [Ref(indent(level))] if level else []
