"""The code blocks of a text as language models write them; tolerant, bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_BLOCKS = 50
MAX_LINE = 500
"""A block on one line is looked for in lines of at most this length."""

_FENCE = re.compile(r"^\s*(?P<mark>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
_ONE_LINE = re.compile(r"```(?:python\b|py\b)?(?P<code>[^`]+)```")
_PYTHON = frozenset({"", "python", "python3", "py", "py3", "python-repl", "pycon"})


@dataclass(frozen=True)
class Block:
    """One fenced block; without its closing fence it goes on to the end of the text."""

    code: str
    language: str
    is_closed: bool

    @property
    def may_be_python(self) -> bool:
        return self.language in _PYTHON


def find_blocks(text: str) -> list[Block]:
    """The blocks of a text, the last MAX_BLOCKS of them.

    A fence that names a language opens a block wherever it stands: a fence inside a
    fence is then the inner block. A bare fence closes the open block if it is of the
    same kind and at least as long.
    """
    blocks: list[Block] = []
    opened: str | None = None
    language = ""
    lines: list[str] = []
    for line in text.split("\n"):
        alone = _ONE_LINE.search(line) if len(line) <= MAX_LINE else None
        fence = _FENCE.match(line)
        if alone and opened is None:
            blocks.append(Block(alone["code"].strip(), "", True))
        elif fence is None:
            lines.append(line)
        elif opened is None or _names_language(fence["info"]):
            if opened is not None:
                blocks.append(Block("\n".join(lines), language, False))
            opened, info = fence["mark"], fence["info"].strip()
            word = info.split(" ")[0]
            is_language = _names_language(word)
            language = word.strip("{}.").lower() if is_language else ""
            lines = [] if is_language else [info]
        elif fence["mark"].startswith(opened) and not fence["info"].strip():
            blocks.append(Block("\n".join(lines), language, True))
            opened, lines = None, []
        else:
            lines.append(line)
    if opened is not None:
        blocks.append(Block("\n".join(lines), language, False))
    return [block for block in blocks if block.code.strip()][-MAX_BLOCKS:]


def _names_language(info: str) -> bool:
    return re.fullmatch(r"\{?\.?[A-Za-z][\w+#.-]*\}?(?: [^(]*)?", info.strip()) is not None
