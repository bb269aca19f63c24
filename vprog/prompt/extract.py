"""The program in a reply of a language model.

The rule: thoughts are dropped. Of the fenced blocks that are Python, the last one that
ends a program (calls `answer` or `abstain`) is taken, together with earlier blocks whose
names it uses; else the longest; else, if none is Python, the longest block, so that the
gate's message goes back for repair. Without fences the longest run of lines that is
Python. Whether the program is any good is for the gate to say.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from vprog.errors import LlmReplyError
from vprog.llm.client import excerpt
from vprog.program.bindings import bound_names, top_level_names
from vprog.program.language import PROGRAM_ENDS
from vprog.program.parse import MAX_BYTES, read_tree
from vprog.prompt.fences import Block, find_blocks

MAX_REPLY = 200_000
"""Characters of a reply that are looked at; of a longer one, the last."""

MAX_STARTS = 12
MAX_TRIES = 12
"""Where code may begin among lines of prose, and how often its end is looked for."""

_ESCAPE_CODE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b]")
_THOUGHT_MARK = re.compile(r"<(/?)(?:think|thinking|reasoning|reflection)>", re.I)
_INLINE = re.compile(r"`([^`\n]+)`")
_PROMPT_SIGN = re.compile(r"^(?:>>>|\.\.\.)(?: |$)")
_FANCY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})
_CODE_LINE = re.compile(
    r"(?:[A-Za-z_]\w*(?:, ?\w+|\[\w+\]|\.\w+)*(?:: ?[\w\[\], |.]{1,60})? ?[-+*/]?=(?!=)"
    r"|[A-Za-z_][\w.]*\(|(?:for|if|while|def|from|import|try|global)\b|#)"
)


def extract_program(reply: str) -> str:
    """The program that a reply holds, with plain line ends and a newline at its end.

    Raises:
        LlmReplyError: there is no code in it.
    """
    text = plain_reply(reply)
    blocks = find_blocks(text)
    program = _from_blocks(blocks) if blocks else _from_lines(text)
    if program is None:
        raise LlmReplyError(
            f'the language model wrote no program; its reply begins with "{excerpt(reply)}".',
            hint="Ask again, or take a model that writes code.",
        )
    return program.strip("\n") + "\n"


def plain_reply(reply: str) -> str:
    """A reply without thoughts, terminal codes and control characters; of a long one the end."""
    return _without_thoughts(_cleaned(reply))


def _cleaned(reply: str) -> str:
    """The end of the reply without terminal codes, control characters and odd line ends."""
    text = reply[-MAX_REPLY:].encode("utf-8", "replace").decode("utf-8")
    text = _ESCAPE_CODE.sub("", text)
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _without_thoughts(text: str) -> str:
    """Without what stands between marks of thought, or before or after one that is alone."""
    kept: list[str] = []
    depth = at = 0
    for mark in _THOUGHT_MARK.finditer(text):
        if depth == 0:
            kept.append(text[at : mark.start()])
        if not mark[1]:
            depth += 1
        elif depth == 0:
            kept.clear()
        else:
            depth -= 1
        at = mark.end()
    if depth == 0:
        kept.append(text[at:])
    return "".join(kept)


def _from_blocks(blocks: list[Block]) -> str | None:
    wanted = [block for block in blocks if block.may_be_python]
    parsed = [(code, tree) for each in wanted for code, tree in _first_reading(each.code)]
    for at in range(len(parsed) - 1, -1, -1):
        code, tree = parsed[at]
        if _ends(tree):
            return _with_needed(code, tree, parsed[:at])
    if parsed:
        return max(parsed, key=lambda each: len(each[0].strip()))[0]
    for block in reversed(blocks):
        for code, _ in _first_reading(block.code):
            return code
    return textwrap.dedent(max(wanted, key=lambda each: len(each.code)).code) if wanted else None


def _with_needed(code: str, tree: ast.Module, earlier: list[tuple[str, ast.Module]]) -> str:
    """The code, after the earlier blocks that bind what it reads and does not bind."""
    needed = _read_names(tree) - bound_names(tree)
    parts = [code]
    for other, other_tree in reversed(earlier):
        if not _ends(other_tree) and needed & top_level_names(other_tree):
            parts.insert(0, other)
            needed = (needed - top_level_names(other_tree)) | (
                _read_names(other_tree) - bound_names(other_tree)
            )
    return "\n".join(part.strip("\n") for part in parts)


def _from_lines(text: str) -> str | None:
    """A program without fences, with prose before and after it."""
    for code, _ in _first_reading(text):
        return code
    lines = text[-2 * MAX_BYTES :].split("\n")
    starts = [at for at, line in enumerate(lines) if _CODE_LINE.match(line.strip()[:200])]
    best = ""
    best_end = tried = 0
    for start in starts:
        if start < best_end:
            continue
        tried += 1
        if tried > MAX_STARTS:
            break
        code, end = _longest_from(lines, start)
        if len(code) > len(best):
            best, best_end = code, end
    if not best:
        for span in reversed(_INLINE.findall(text[-2 * MAX_BYTES :])[-MAX_STARTS:]):
            for code, tree in _first_reading(span):
                if _ends(tree):
                    return code
    return best or None


def _longest_from(lines: list[str], start: int) -> tuple[str, int]:
    """The longest run of lines from `start` that is Python, and where it ends."""
    end = start + _n_within(lines, start)
    for _ in range(MAX_TRIES):
        if end <= start:
            break
        code = "\n".join(lines[start:end])
        for read, _ in _first_reading(code):
            return read, end
        end = min(end - 1, start + _line_of_error(code))
    return "", start


def _n_within(lines: list[str], start: int) -> int:
    """How many lines from `start` on are no longer together than a program may be."""
    left = MAX_BYTES
    for at in range(start, len(lines)):
        left -= len(lines[at]) + 1
        if left < 0:
            return at - start
    return len(lines) - start


def _line_of_error(code: str) -> int:
    """How many lines the parser read before it stopped."""
    try:
        read_tree(textwrap.dedent(code))
    except SyntaxError as error:
        return max((error.lineno or 1) - 1, 0)
    except (ValueError, MemoryError, RecursionError):
        return 0
    return code.count("\n")


def _first_reading(code: str) -> Iterator[tuple[str, ast.Module]]:
    """The first way to read a text under which it is Python with something to do; or none."""
    for variant in _variants(code):
        tree = _parsed(variant)
        if tree is not None and _does_something(tree):
            yield variant, tree
            return


def _variants(code: str) -> Iterator[str]:
    plain = textwrap.dedent(code).strip("\n")
    yield plain
    if "\t" in plain:
        yield textwrap.dedent(plain.expandtabs(4))
        yield textwrap.dedent(plain.expandtabs(8))
    if ">>>" in plain:
        yield "\n".join(
            _PROMPT_SIGN.sub("", line) for line in plain.split("\n") if _PROMPT_SIGN.match(line)
        )
    straight = plain.translate(_FANCY)
    if straight != plain:
        yield straight


def _parsed(code: str) -> ast.Module | None:
    if len(code) > MAX_BYTES:
        return None
    try:
        return read_tree(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _does_something(tree: ast.Module) -> bool:
    """More than a word or a literal that happens to be Python: it calls or binds."""
    return any(
        isinstance(node, ast.Call | ast.Assign | ast.AnnAssign | ast.FunctionDef)
        for node in ast.walk(tree)
    )


def _ends(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in PROGRAM_ENDS
        for node in ast.walk(tree)
    )


def _read_names(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )
