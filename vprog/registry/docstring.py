"""A module's docstring by section, and a contract's with what an implementation adds of its own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

SECTIONS = ("Args", "Returns", "Raises", "Example", "Source", "Note")

_HEADS = re.compile(rf"^({'|'.join(SECTIONS)}):[ ]*", flags=re.M)
_ITEM = re.compile(r" {0,4}(\w+):(.*)")


def doc_of(function: Callable[..., object]) -> str:
    """A function's own docstring; "" if it has none (`inspect.getdoc` would inherit one)."""
    return inspect.cleandoc(function.__doc__ or "")


def sections_of(doc: str) -> dict[str, str]:
    """A Google docstring by section; the opening is under ""."""
    parts = _HEADS.split(doc)
    sections = {"": parts[0].strip()}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        sections[name] = text.strip("\n")
    return sections


def argument_docs(doc: str) -> dict[str, str]:
    """What the `Args:` section says, by parameter name, each on one line."""
    items = _items(sections_of(doc).get("Args", ""))
    return {
        name: " ".join(line.strip() for line in lines).partition(":")[2].strip()
        for name, lines in items.items()
    }


def merge_docs(contract: str, own: str, summary: str = "") -> str:
    """The docstring of a contract as one implementation keeps it.

    Args:
        contract: the docstring of the task.
        own: of the implementation. What stands before its sections follows the contract's
            opening; a section replaces the contract's of the same name, `Args` parameter
            by parameter.
        summary: in place of the contract's first line.
    """
    sections, additions = sections_of(contract), sections_of(own)
    first, _, more = sections[""].partition("\n")
    opening = [summary or first, more.strip(), additions[""]]
    if "Args" in additions:
        items = _items(sections.get("Args", "")) | _items(additions["Args"])
        additions["Args"] = "\n".join(line for lines in items.values() for line in lines)
    merged = sections | additions
    texts = ["\n\n".join(text for text in opening if text)]
    texts += [_section(name, merged[name]) for name in SECTIONS if name in merged]
    return "\n\n".join(texts)


def _section(name: str, text: str) -> str:
    return f"{name}:\n{text}" if text.startswith(" ") else f"{name}: {text}"


def _items(section: str) -> dict[str, list[str]]:
    """The lines of an `Args` section, by parameter name."""
    items: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in section.splitlines():
        head = _ITEM.match(line)
        if head:
            lines = items[head[1]] = []
        if line.strip():
            lines.append(line)
    return items
