"""The smallest pieces of a program: names, numbers, texts, ends of lines, and words.

A name is written as people write them, in lower case with single underscores or all in
capitals, and is no keyword. One space stands where people put one.
"""

from __future__ import annotations

import keyword

from vprog.program.allowed_imports import COLLECTIONS, IMPORTABLE, LIBRARIES
from vprog.program.allowed_syntax import (
    ATTRIBUTES,
    EXCEPTIONS,
    VALUE_CLASSES,
)
from vprog.program.grammar.notation import (
    Alt,
    Chars,
    LiteralText,
    Node,
    Rep,
    Rules,
    Seq,
    alt,
    chars,
    many,
    opt,
    seq,
    words,
)

SHORT_KEYS = ("key", "start", "strict", "sep")
LATER_KEYS = ("default", "reverse", "end")
"""Keyword arguments of builtins and methods; one of each at most, in this order."""

OWN_PREFIX = "my_"
"""How a program's own functions begin: what is called is then known to exist."""

_KEYWORDS = frozenset(word for word in keyword.kwlist if word.islower())
_CAPITALS = (("A", "Z"), ("0", "9"))
_ALNUM = (("a", "z"), ("0", "9"))
_WORD = Rep(Chars(_ALNUM), 1, None)
_TAIL = Seq((Rep(Chars(_ALNUM)), Rep(Seq((LiteralText("_"), _WORD)))))
_PRINTED = (
    (" ", "!"), ("#", "&"), ("(", "["), ("]", "z"), ("|", "|"), ("~", "~"),
    ("\u00a1", "\u00ac"), ("\u00ae", "\u05ff"), ("\u0904", "\u17ff"), ("\u2010", "\u2027"),
    ("\u2030", "\u205e"), ("\u20a0", "\u20bf"), ("\u2190", "\u27ff"), ("\u3001", "\u9fff"),
    ("\uac00", "\ud7a3"),
)  # fmt: skip
"""What may stand in any text: no quotes, braces, backslash, or characters that hide."""
_ATTRIBUTES = sorted(
    attribute for attribute in ATTRIBUTES if attribute[0] != "_" and attribute != "format"
)
"""`format` is for literal text alone, says the gate."""
_ESCAPE = seq("\\", chars("nn", "tt", "\\", '"', "'"))


def terminals() -> Rules:
    """Every terminal that does not depend on the registry."""
    plain = (*_PRINTED, ("{", "{"), ("}", "}"))
    return {
        "NAME": alt(_name_but(_KEYWORDS | frozenset(LIBRARIES)), seq(
            chars("AZ"), Rep(Chars(_CAPITALS)), many("_", Rep(Chars(_CAPITALS), 1)))),
        "OWN_CALL": seq(OWN_PREFIX, _WORD, many("_", _WORD), "("),
        "NUMBER": seq(_whole(), opt(".", many(chars("09"), low=1, high=9)),
                      opt("e", opt("-"), chars("09"))),
        "WHOLE": _whole(),
        "STRING": alt(
            seq('"', Rep(alt(Chars((*plain, ("'", "'"))), _ESCAPE)), '"'),
            seq("'", Rep(alt(Chars((*plain, ('"', '"'))), _ESCAPE)), "'"),
            seq('r"', Rep(alt(Chars((*plain, ("'", "'"))), seq("\\", Chars(_PRINTED)))), '"'),
        ),
        "F_OPEN": LiteralText('f"'),
        "F_TEXT": Rep(alt(Chars((*_PRINTED, ("'", "'"))), _ESCAPE), 1),
        "F_CLOSE": seq(
            opt(":", opt(chars("<<", ">>", "^^")), many(chars("09"), high=2),
                opt(".", chars("09")), opt(chars("dd", "ff", "gg", "%%"))),
            "}",
        ),
        "CONSTANT": words(["None", "True", "False"]),
        "EOL": seq(opt(many(" "), "#", _comment()), many("\n", low=1)),
        "COMMENT": seq(many(" "), "#", _comment(), many("\n", low=1)),
        "BREAK": seq("\n", many(" ")),
        "COMMA": seq(",", alt(seq("\n", many(" ")), opt(" "))),
        "ROUND_CLOSE": _close(")"),
        "SQUARE_CLOSE": _close("]"),
        "CURLY_CLOSE": _close("}"),
        "COLON": seq(":", opt(" ")),
        "PLUS": seq(opt(" "), chars("++", "--", "||", "&&"), opt(" ")),
        "TIMES": seq(opt(" "), alt("*", seq("/", opt("/")), "%"), opt(" ")),
        "POWER": seq(opt(" "), "**", opt(" ")),
        "COMPARE": seq(" ", alt("==", "!=", "<=", ">=", "<", ">", "in", "not in"), " "),
        "IS_NONE": seq(" is ", opt("not "), "None"),
        "FOR": seq(_space(), "for "),
        "WHERE": seq(_space(), "if "),
        "AUGMENT": seq(" ", alt("+", "-", "*", "/", "//", "%", "|", "&"), "= "),
        "ATTRIBUTE": seq(".", words(_ATTRIBUTES)),
        "LIBRARY": alt(*(seq(f"{module}.", words(sorted(IMPORTABLE[module].names)))
                         for module in LIBRARIES)),
        "EXCEPTION": words(sorted(EXCEPTIONS)),
        "TYPE": _types(),
        "SHORT_KEY": seq(words(SHORT_KEYS), "="),
        "LATER_KEY": seq(words(LATER_KEYS), "="),
        "IMPORT": alt(*(f"import {module}" for module in LIBRARIES),
                      seq("from collections import ", words(sorted(COLLECTIONS))),
                      f"from collections import {', '.join(sorted(COLLECTIONS))}"),
    }  # fmt: skip


def indent(level: int) -> str:
    """The name of the terminal that begins a line at a level; "" for the first."""
    return f"INDENT_{level}" if level else ""


def _whole() -> Node:
    return alt("0", seq(chars("19"), many(chars("09"), high=14)))


def _comment() -> Node:
    return Rep(Chars((*_PRINTED, ("{", "{"), ("}", "}"), ('"', '"'), ("'", "'"))))


def _space() -> Node:
    return alt(" ", seq("\n", many(" ")))


def _close(bracket: str) -> Node:
    return seq(opt(opt(","), "\n", many(" ")), bracket)


def _types() -> Node:
    plain = words(["int", "float", "str", "bool", *sorted(VALUE_CLASSES)])
    inner = alt(plain, seq(words(["list", "set"]), "[", plain, "]"))
    many_of = seq(words(["list", "dict", "set", "tuple"]), "[", inner, many(", ", inner), "]")
    return alt(plain, many_of, words(["list", "dict", "set", "tuple"]))


def _name_but(refused: frozenset[str]) -> Node:
    """Every name in lower case that is none of these words, and `_`."""
    starts = sorted({string[0] for string in refused})
    others = tuple((letter, letter) for letter in _letters() if letter not in starts)
    options: list[Node] = [Seq((LiteralText(start), _after(start, refused))) for start in starts]
    low_letter = Chars((("a", "z"),))
    options.append(Seq((Chars(others), _TAIL)))
    options.append(Seq((LiteralText("_"), Rep(Seq((low_letter, _TAIL)), 0, 1))))
    return Alt(tuple(options))


def _after(head: str, refused: frozenset[str]) -> Node:
    """What may follow a beginning of refused words so that the whole is none of them."""
    nexts = sorted(
        {string[len(head)] for string in refused if string.startswith(head) and string != head}
    )
    others = tuple(
        (letter, letter) for letter in (*_letters(), *"0123456789") if letter not in nexts
    )
    options: list[Node] = [
        Seq((LiteralText(character), _after(head + character, refused))) for character in nexts
    ]
    options += [
        Seq((Chars(others), _TAIL)),
        Seq((LiteralText("_"), _WORD, Rep(Seq((LiteralText("_"), _WORD))))),
    ]
    followed = Alt(tuple(options))
    return followed if head in refused else Rep(followed, 0, 1)


def _letters() -> str:
    return "abcdefghijklmnopqrstuvwxyz"
