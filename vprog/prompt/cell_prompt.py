"""How a writer is asked for one cell: the path so far with its values, and the other attempts.

Values, prints and messages come from the video or quote it: they stand in data marks. The
start of the prompt is the same for every cell of a question, for a server's prefix cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message
from vprog.prompt.program_prompt import ORDER

MAX_VALUE = 400
"""Characters of one value."""

MAX_VALUES = 8
"""Values beside one line."""

MAX_PRINTED = 6_000
"""Characters of what the last cell printed; of an earlier one a tenth."""

MAX_ATTEMPTED = 6
"""Siblings that are shown, the last ones."""

CELL_RULES = """\
# Cell by cell
Here the program is written cell by cell, and these rules replace those above about whole \
programs. A cell is a few lines of the program. It runs as soon as you have written it, and \
you see what its variables hold before you write the next one.
- Reply with one cell in one ```python block, and nothing else.
- It goes on from the cells before it: their variables, functions and imports are there. Do \
not write them again.
- Look before you decide: give what you want to see to a variable, or print it where you need \
to read all of it.
- Only the cell that knows the answer calls answer(value, evidence=[...]), or abstain(reason)."""

NEXT = "Write the next cell."
LAST = (
    "Write the last cell: it must call answer(value, evidence=[...]) with what the values above "
    "show, or abstain(reason) if they do not show it."
)
OTHERWISE = (
    "Other cells were tried after the same ones. Go about it in another way than each of them: "
    "other modules, other arguments, or another part of the video."
)


@dataclass(frozen=True)
class ShownCell:
    """One cell that ran, as the writer of the next one sees it.

    `values` are (line, text) in the order in which they came about.
    """

    source: str
    values: tuple[tuple[int, str], ...] = ()
    printed: str = ""


@dataclass(frozen=True)
class AttemptedCell:
    """An attempt after the same path, and what came of it."""

    source: str
    outcome: str


def cell_messages(
    prompt: Sequence[Message],
    path: Sequence[ShownCell],
    *,
    attempted: Sequence[AttemptedCell] = (),
    hint: str = "",
    order: str = NEXT,
) -> tuple[Message, ...]:
    """What to ask for the next cell of a path.

    Args:
        prompt: of the question, as `build_prompt` makes it.
        path: the cells that ran, first one first.
        attempted: what already ran after this path; the new cell should differ.
        hint: what is still missing, in a model's words.
        order: what is asked for.
    """
    parts = [*path_parts(path)]
    if attempted:
        shown = [{"cell": cell.source, "outcome": cell.outcome[:500]} for cell in attempted]
        parts += ["# Tried already", mark_data("tried", shown[-MAX_ATTEMPTED:]), OTHERWISE]
    if hint:
        parts.append(mark_data("missing", hint[:2000]))
    return asked_instead(prompt, CELL_RULES, [*parts, order])


def asked_instead(
    prompt: Sequence[Message], rules: str, parts: Sequence[str]
) -> tuple[Message, ...]:
    """A question's prompt with more rules, and another end than "write the program"."""
    system, user = prompt
    start = user.text.removesuffix(ORDER).rstrip()
    return (
        Message("system", f"{system.text}\n\n{rules}"),
        Message("user", "\n\n".join([start, *parts]), user.images),
    )


def path_parts(path: Sequence[ShownCell]) -> list[str]:
    """The path as marked data: each line of code, and what it did beside it."""
    if not path:
        return ["# So far\nNo cell was written yet."]
    rows: list[dict[str, object]] = []
    for at, cell in enumerate(path):
        beside: dict[int, list[str]] = {}
        for line, text in cell.values:
            beside.setdefault(line, []).append(_cut(text, MAX_VALUE))
        for number, code in enumerate(cell.source.rstrip().split("\n"), start=1):
            row: dict[str, object] = {"cell": at + 1, "code": code}
            if number in beside:
                row["values"] = beside[number][:MAX_VALUES]
            rows.append(row)
        if cell.printed:
            most = MAX_PRINTED if at == len(path) - 1 else MAX_PRINTED // 10
            rows.append({"cell": at + 1, "printed": _cut(cell.printed, most)})
    return ["# So far\nThe cells that ran, and what their lines did.", mark_data("so_far", rows)]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… {len(text) - most} characters more"
