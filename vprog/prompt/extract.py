"""The program, or the JSON object, in a reply of a language model.

The rule for programs: thoughts are dropped. Of the fenced blocks that are Python, the last one that
ends a program (calls `answer` or `abstain`) is taken, together with earlier blocks whose
names it uses; else the longest; else, if none is Python, the longest block, so that the
gate's message goes back for repair. Without fences the longest run of lines that is
Python. Whether the program is any good is for the gate to say.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from itertools import islice

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.program.parse import MAX_BYTES
from vprog.program.program import Program
from vprog.prompt.fences import Block, find_blocks

MAX_REPLY = 200_000
"""Characters of a reply that are looked at; of a longer one, the last."""

MAX_OBJECT_TEXT = 20_000
"""Characters of a reply in which a JSON object is looked for, the last."""

MAX_OBJECT_STARTS = 200
"""Where an object may begin in a reply."""

MAX_STARTS = 12
MAX_ENDS = 12
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


def extract_program(reply: str) -> Program:
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
    return program


def plain_reply(reply: str) -> str:
    """A reply without thoughts, terminal codes and control characters; of a long one the end."""
    return _without_thoughts(_cleaned(reply))


def last_object(reply: str) -> dict[str, object]:
    """The last JSON object in a reply, thoughts and prose around it dropped.

    Raises:
        LlmReplyError: there is none.
    """
    text = plain_reply(reply)[-MAX_OBJECT_TEXT:]
    decoder = json.JSONDecoder()
    found: dict[str, object] | None = None
    at = text.find("{")
    for _ in range(MAX_OBJECT_STARTS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
            value = _writable(value)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found = value if isinstance(value, dict) else found
        at = text.find("{", end)
    if found is None:
        raise LlmReplyError(
            f'the language model gave no JSON object; its reply begins with "{excerpt(reply)}".',
            hint="Ask again, or take a model that keeps to a form.",
        )
    return found


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


def _from_blocks(blocks: list[Block]) -> Program | None:
    wanted = [block for block in blocks if block.may_be_python]
    programs = [program for block in wanted for program in _first_parsed(block.code)]
    for index in range(len(programs) - 1, -1, -1):
        if programs[index].is_ending:
            return _with_needed(programs[index], programs[:index])
    if programs:
        return max(programs, key=lambda program: len(program.text.strip()))
    for block in reversed(blocks):
        for program in _first_parsed(block.code):
            return program
    if not wanted:
        return None
    longest = max(wanted, key=lambda block: len(block.code))
    return _program(textwrap.dedent(longest.code))


def _with_needed(program: Program, earlier: list[Program]) -> Program:
    """The program, after the earlier blocks that bind what it reads and does not bind."""
    needed = program.reads - program.bound
    parts = [program]
    for other in reversed(earlier):
        if not other.is_ending and needed & other.names:
            parts.insert(0, other)
            needed = (needed - other.names) | (other.reads - other.bound)
    return program if len(parts) == 1 else _program("".join(part.text for part in parts))


def _from_lines(text: str) -> Program | None:
    """A program without fences, with prose before and after it."""
    for program in _first_parsed(text):
        return program
    lines = text[-2 * MAX_BYTES :].split("\n")
    starts = [index for index, line in enumerate(lines) if _CODE_LINE.match(line.strip()[:200])]
    best: Program | None = None
    best_end = n_starts = 0
    for start in starts:
        if start < best_end:
            continue
        n_starts += 1
        if n_starts > MAX_STARTS:
            break
        longest, end = _longest_from(lines, start)
        if longest is not None and (best is None or len(longest.text) > len(best.text)):
            best, best_end = longest, end
    if best is None:
        for span in reversed(_INLINE.findall(text[-2 * MAX_BYTES :])[-MAX_STARTS:]):
            for program in _first_parsed(span):
                if program.is_ending:
                    return program
    return best


def _longest_from(lines: list[str], start: int) -> tuple[Program | None, int]:
    """The longest run of lines from `start` that is Python, and where it ends."""
    end = start + _n_within(lines, start)
    for _ in range(MAX_ENDS):
        if end <= start:
            break
        code = "\n".join(lines[start:end])
        variants = list(_variants(code))
        for program in variants:
            if _is_code(program):
                return program, end
        end = min(end - 1, start + _n_parsed(variants[0], code))
    return None, start


def _n_parsed(program: Program, code: str) -> int:
    """How many lines the parser read before it stopped."""
    error = program.syntax_error
    return code.count("\n") if error is None else error.line - 1


def _n_within(lines: list[str], start: int) -> int:
    """How many lines from `start` on are no longer together than a program may be."""
    left = MAX_BYTES
    for at in range(start, len(lines)):
        left -= len(lines[at]) + 1
        if left < 0:
            return at - start
    return len(lines) - start


def _first_parsed(code: str) -> Iterator[Program]:
    """The first variant of a text that is Python with something to do; or none."""
    yield from islice(filter(_is_code, _variants(code)), 1)


def _variants(code: str) -> Iterator[Program]:
    """A text as it is, and as it may have been meant."""
    plain = textwrap.dedent(code).strip("\n")
    yield _program(plain)
    if "\t" in plain:
        yield _program(textwrap.dedent(plain.expandtabs(4)))
        yield _program(textwrap.dedent(plain.expandtabs(8)))
    if ">>>" in plain:
        yield _program(
            "\n".join(
                _PROMPT_SIGN.sub("", line) for line in plain.split("\n") if _PROMPT_SIGN.match(line)
            )
        )
    straight = plain.translate(_FANCY)
    if straight != plain:
        yield _program(straight)


def _program(code: str) -> Program:
    """A text with one line end at its end."""
    return Program(code.strip("\n") + "\n")


def _is_code(program: Program) -> bool:
    """Python that does more than name a word or a literal: it calls or binds."""
    return (
        len(program.text) - 1 <= MAX_BYTES  # its line end is ours
        and program.syntax_error is None
        and any(
            isinstance(node, ast.Call | ast.Assign | ast.AnnAssign | ast.FunctionDef)
            for node in ast.walk(program.syntax)
        )
    )


def _writable(value: object) -> object:
    r"""The same without halves of characters, which JSON can spell (\ud800) and no file holds."""
    text = json.dumps(value, ensure_ascii=False)
    written: object = json.loads(text.encode("utf-8", "replace").decode("utf-8"))
    return written
