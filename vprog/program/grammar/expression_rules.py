"""Expressions, with at most DEPTH brackets inside each other.

A parser of Python has a limit of its own on brackets and long chains; with the depth fixed
no text of this grammar comes near it.
"""

from __future__ import annotations

from vprog.program.grammar.call_rules import CallRules
from vprog.program.grammar.notation import Node, Ref, Rules, alt, many, opt, seq, words

DEPTH = 5
LOGIC = 2
"""With fewer brackets left than these, an expression has no logic."""


def add_expressions(rules: Rules, calls: CallRules) -> None:
    """Rules `expression_0` to `expression_DEPTH`; the number is how many brackets may open."""
    for level in range(DEPTH + 1):
        _add_operators(rules, level)
        rules[f"primary_{level}"] = _primary(level)
        if level:
            rules[f"call_{level}"] = calls.add(level)
            _add_brackets(rules, level)
    for level in range(DEPTH):
        _add_arguments(rules, level)
    _add_targets(rules)
    _add_formatted(rules)


def _add_operators(rules: Rules, level: int) -> None:
    """From loose to tight: if-else, or, and, not, comparison, sum, product, power.

    Deep inside brackets there is no if-else and no logic: the gate limits depth too.
    """
    if level < LOGIC:
        rules[f"expression_{level}"] = rules[f"or_{level}"] = Ref(f"comparison_{level}")
        _add_arithmetic(rules, level)
        return
    rules[f"expression_{level}"] = seq(
        f"<or_{level}>", opt(" if ", f"<or_{level}>", " else ", f"<or_{level}>")
    )
    rules[f"or_{level}"] = seq(f"<and_{level}>", many(" or ", f"<and_{level}>", high=3))
    rules[f"and_{level}"] = seq(f"<not_{level}>", many(" and ", f"<not_{level}>", high=3))
    rules[f"not_{level}"] = seq(opt("not "), f"<comparison_{level}>")
    _add_arithmetic(rules, level)


def _add_arithmetic(rules: Rules, level: int) -> None:
    rules[f"comparison_{level}"] = seq(
        f"<sum_{level}>",
        opt(alt("<IS_NONE>", many("<COMPARE>", f"<sum_{level}>", low=1, high=2))),
    )
    rules[f"sum_{level}"] = seq(f"<product_{level}>", many("<PLUS>", f"<product_{level}>", high=6))
    rules[f"product_{level}"] = seq(
        f"<factor_{level}>", many("<TIMES>", f"<factor_{level}>", high=3)
    )
    rules[f"factor_{level}"] = seq(
        opt("-"), f"<primary_{level}>", opt("<POWER>", f"<primary_{level}>")
    )


def _primary(level: int) -> Node:
    heads: list[Node] = [Ref("NAME"), Ref("STRING")]
    if level:
        heads += [Ref(f"call_{level}"), Ref(f"bracket_{level}")]
    return alt("<NUMBER>", "<CONSTANT>", "<formatted>", seq(alt(*heads), _trailers(level)))


def _trailers(level: int) -> Node:
    if not level:
        return many("<ATTRIBUTE>", high=3)
    return many(
        alt(
            seq("<ATTRIBUTE>", opt("(", f"<arguments_{level - 1}>")),
            seq("[", f"<index_{level - 1}>", "]"),
        ),
        high=4,
    )


def _add_brackets(rules: Rules, level: int) -> None:
    inner = level - 1
    first = f"<expression_{inner}>"
    starred = seq("*", f"<sum_{inner}>")
    items = many("<COMMA>", alt(first, starred))
    pair = seq(first, "<COLON>", first)
    each = seq(f"<each_{inner}>", opt("<BREAK>"))
    rules[f"each_{inner}"] = many(
        "<FOR>", "<targets>", " in ", f"<or_{inner}>", many("<WHERE>", f"<or_{inner}>", high=2),
        low=1, high=2,
    )  # fmt: skip
    listed = seq(alt(first, starred), items)
    rules[f"bracket_{level}"] = alt(
        "[]", "()", "{}",
        seq("[", opt("<BREAK>"), alt(seq(first, each, "]"), seq(listed, "<SQUARE_CLOSE>"))),
        seq("(", opt("<BREAK>"), alt(seq(first, each, ")"), seq(first, items, "<ROUND_CLOSE>"))),
        seq("{", opt("<BREAK>"), alt(
            seq(alt(first, pair), each, "}"),
            seq(alt(seq(first, items), seq(pair, many("<COMMA>", pair))), "<CURLY_CLOSE>"))),
    )  # fmt: skip
    end = opt(f"<sum_{inner}>")
    rules[f"index_{inner}"] = alt(
        seq(first, opt("<COLON>", end)),
        seq("<COLON>", end),
        seq("::", opt("-"), "<WHOLE>"),
    )


def _add_arguments(rules: Rules, level: int) -> None:
    argument = f"<argument_{level}>"
    rules[f"argument_{level}"] = alt(
        f"<expression_{level}>",
        seq("lambda", opt(" ", "<NAME>", opt(", ", "<NAME>")), ": ", f"<expression_{level}>"),
    )
    given = alt(argument, seq("*", f"<sum_{level}>"))
    keys = alt(
        seq("<SHORT_KEY>", argument, opt("<COMMA>", "<LATER_KEY>", argument)),
        seq("<LATER_KEY>", argument),
    )
    rules[f"arguments_{level}"] = alt(
        ")",
        seq(opt("<BREAK>"), f"<expression_{level}>", f"<each_{level}>", opt("<BREAK>"), ")"),
        seq(
            opt("<BREAK>"),
            alt(seq(given, many("<COMMA>", given, high=5), opt("<COMMA>", keys)), keys),
            "<ROUND_CLOSE>",
        ),
    )


def _add_targets(rules: Rules) -> None:
    one = alt("<NAME>", seq("(", "<NAME>", many(", ", "<NAME>", low=1, high=3), ")"))
    rules["targets"] = seq(one, many(", ", one, high=3))


def _add_formatted(rules: Rules) -> None:
    """f"...": an expression inside may hold no quote and no backslash."""
    rules["F_CALL"] = seq(words(["len", "round", "int", "duration", "sum", "max", "min"]), "(")
    value = seq("<NAME>", many(alt("<ATTRIBUTE>", seq("[", opt("-"), "<WHOLE>", "]")), high=3))
    rules["f_value"] = alt(value, seq("<F_CALL>", value, opt(", ", "<WHOLE>"), ")"), "<NUMBER>")
    inside = seq("<f_value>", many(alt("<PLUS>", "<TIMES>"), "<f_value>", high=2))
    rules["formatted"] = seq("<F_OPEN>", many(alt("<F_TEXT>", seq("{", inside, "<F_CLOSE>"))), '"')
