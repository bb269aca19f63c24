"""Each option of a question as a query to find in the video: how asked for, how read.

And the last cell of a model that does not look, which cites what was found for the options.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vprog.errors import LlmReplyError
from vprog.llm.client import Message, excerpt
from vprog.llm.data_marks import mark_data
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead
from vprog.prompt.verdict import last_object
from vprog.strategies.options_spans import Fused
from vprog.types import PHRASE

_FORM = '{"queries": ["what to find for the first choice", ...]}'

QUERY_RULES = f"""\
# Queries
Here you do not write a program: you rewrite each choice, together with the question, into one \
query which finds the part of the video that would show that this choice is the answer. A query \
says what is seen, said or written there, in a few words; it is no question and does not say \
"choice". Reply with one JSON object and nothing else, one query for each choice, in their order:
{_FORM}"""

_ASK = "Write the queries."

CITE = (
    "These are the parts of the video that were found for the choices, each with its variable. "
    "A part found for several choices tells nothing between them. Write the last cell: call "
    "answer(choices[i], evidence=[...]) and cite the items that show it, e.g. "
    "evidence=[found[0][1]]; or abstain(reason) if none does."
)

_WORD = re.compile(r"\w")


def query_messages(prompt: Sequence[Message]) -> tuple[Message, ...]:
    """Ask for one query per choice; the choices stand in the question's prompt."""
    return asked_instead(prompt, QUERY_RULES, [_ASK])


def read_queries(reply: str, n_choices: int) -> list[str]:
    """The queries in a reply, one for each choice.

    Raises:
        LlmReplyError: there are not so many, or one is no text that can be searched.
    """
    queries = last_object(reply).get("queries")
    if not isinstance(queries, list) or len(queries) != n_choices:
        raise _unreadable(reply, f"{n_choices} queries were asked for")
    return [_query(query, reply) for query in queries]


def cite_messages(
    prompt: Sequence[Message],
    queries: Sequence[str],
    fused: Sequence[Fused],
    choices: Sequence[str],
) -> tuple[Message, ...]:
    """Ask a model that reads for the answer, from the parts found for the choices."""
    rows: list[object] = [
        {
            "choice": at,
            "text": choice,
            "query": query,
            "found": [part for each in fused for part in _parts(each, at)],
        }
        for at, (choice, query) in enumerate(zip(choices, queries, strict=True))
    ]
    return asked_instead(prompt, CELL_RULES, ["# Found", mark_data("found", rows), CITE])


def _parts(fused: Fused, option: int) -> list[dict[str, object]]:
    return [
        {
            "item": part.item,
            "video": part.video,
            "start": round(part.span.start, 2),
            "end": round(part.span.end, 2),
            "score": round(part.score, 2),
            "text": part.text[:500],
            "also_for_choices": [other for other in fused.options if other != option],
        }
        for part in fused.parts
        if part.option == option
    ]


def _query(query: object, reply: str) -> str:
    if not isinstance(query, str):
        raise _unreadable(reply, "a query must be a text")
    words = " ".join("".join(each if each.isprintable() else " " for each in query).split())
    if not _WORD.search(words) or len(words) > PHRASE.high:
        raise _unreadable(reply, f"a query must hold a word and at most {PHRASE.high} characters")
    return words


def _unreadable(reply: str, why: str) -> LlmReplyError:
    return LlmReplyError(
        f'the choices were not rewritten into queries, for {why}: "{excerpt(reply)}".',
        hint=f"It must be {_FORM}.",
    )
