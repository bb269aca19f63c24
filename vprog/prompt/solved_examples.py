"""Question and program side by side, for the prompt. The pairs lie in examples/*.toml."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files

from vprog.prompt.relevance import rank_by_words

Rank = Callable[[str, Sequence[str]], list[int]]
"""From a query and texts to the indices of the texts, nearest first."""


LOOKS = frozenset({"ask", "ask_choice", "ask_yes_no", "caption", "caption_clip", "classify_action"})
"""Tasks that show frames to a vision-language model."""


@dataclass(frozen=True)
class Example:
    """One solved question. `tasks` are the modules that its program calls."""

    question: str
    program: str
    tasks: frozenset[str]
    choices: tuple[str, ...] = ()


@functools.cache
def load_examples() -> tuple[Example, ...]:
    """All examples that vprog ships, in order of file and place."""
    found: list[Example] = []
    folder = files("vprog.prompt") / "examples"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            for row in tomllib.loads(file.read_text(encoding="utf-8"))["example"]:
                found.append(
                    Example(
                        question=row["question"],
                        program=row["program"],
                        tasks=frozenset(row["tasks"]),
                        choices=tuple(row.get("choices", ())),
                    )
                )
    return tuple(found)


def nearest_examples(
    question: str,
    choices: Sequence[str],
    tasks: Collection[str],
    *,
    count: int = 4,
    examples: Sequence[Example] | None = None,
    rank: Rank = rank_by_words,
) -> tuple[Example, ...]:
    """The examples nearest to a question whose programs can run here, nearest last.

    Args:
        question, choices: what is asked.
        tasks: the modules there are.
        count: the most examples.
        examples: instead of those that vprog ships.
        rank: says how near they are; by default the words they share with the question.
    """
    usable = [
        example
        for example in (load_examples() if examples is None else examples)
        if example.tasks <= set(tasks)
    ]
    ranked = rank(question, [example.question for example in usable])
    # The ending differs with choices: the nearest example of the same kind comes first.
    same = [at for at in ranked if bool(usable[at].choices) == bool(choices)][:1]
    near = [*same, *(at for at in ranked if at not in same)][:count]
    # With a model that looks, one of them shows how it is asked.
    looking = [at for at in ranked if usable[at].tasks & LOOKS]
    if looking and looking[0] not in near and not any(usable[at].tasks & LOOKS for at in near):
        near = [*near[: max(0, count - 1)], looking[0]][:count]
    return tuple(usable[at] for at in reversed(near))
