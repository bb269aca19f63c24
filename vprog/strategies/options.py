"""`options`: find the part of the video that each option means, then choose from these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.combinators import gather
from vprog.runs.model_requests import AGAIN
from vprog.runs.workspace import Workspace
from vprog.strategies import vlm_cells
from vprog.strategies.fast import FRAMES, look
from vprog.strategies.observe import last_cell
from vprog.strategies.option_grounding import (
    FusedSpan,
    MomentRetriever,
    RetrievedSpan,
    fuse_options,
    moment_retrievers,
    within_frames,
)
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.types import PHRASE, Span

Found = tuple[Attempt, list[RetrievedSpan]]
"""The cell of a grounder, and what it found."""

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


@strategy("options", "find what each option means, then choose")
def solve(workspace: Workspace) -> Attempt:
    """The option that the parts of the video which were found for the options show.

    Where there is a VLM, it is asked about frames of these parts, or about evenly spread ones
    if there is no such part; else the language model writes a cell that cites the parts.

    Raises:
        AbstainedError: there are no options, nothing can be found and there is no VLM, or
            the last cell gives no answer.

    Source: LeAdQA (2025): each question-option pair is rewritten into a query and grounded.
    """
    run = workspace.run
    if not run.choices:
        raise AbstainedError(
            "there are no options to find in the video.",
            hint="Give them with --choice, or take another strategy: --strategy program.",
        )
    ways = moment_retrievers(run)
    if not ways and not _looks(workspace):
        raise AbstainedError(
            "no module here finds the part of this video that a query means.",
            hint="Run `vprog modules list` for what transcribe and find_text need.",
        )
    queries = _rewrite(workspace)
    attempts = gather(
        [partial(_ground, workspace, queries, way) for way in ways],
        enough=lambda made: bool(made[-1][1]),
    )
    at, found = attempts[-1] if attempts else (workspace.start, [])
    if not found:
        if _looks(workspace):
            _note(workspace, "nothing was found for the options: looks at evenly spread frames")
            return look(workspace, FRAMES)
        nothing = "nothing in the video was found for the options"
        hint = "Take --strategy program, or name a VLM: --vlm."
        if at.problems:
            raise came_to_nothing(at, nothing, hint=hint)
        raise AbstainedError(f"{nothing}: none of the queries was found", hint=hint)
    fused = fuse_options(found)
    _note(workspace, f"found for the options: {len(found)} parts; spans of time: {len(fused)}")
    cell = _vlm_cell(workspace, fused)
    if cell:
        return vlm_cells.look(workspace, at, cell, "looks at what was found for the options")
    messages = cite_messages(workspace.writer.prompt.messages, queries, fused, run.choices)
    return last_cell(workspace, at, messages)


def _rewrite(workspace: Workspace) -> list[str]:
    """One query for each option; asked for twice at most.

    Raises:
        AbstainedError: neither reply can be read.
    """
    messages = query_messages(workspace.writer.prompt.messages)
    why = ""
    for temperature in (0.0, AGAIN):
        reply = workspace.writer.ask(
            messages, "rewrite the options as queries", temperature=temperature
        )
        try:
            return read_queries(reply.text, len(workspace.run.choices))
        except LlmReplyError as error:
            why = error.message
            _note(workspace, f"no queries: {error}")
    raise AbstainedError(why, hint="Take another model or another strategy.")


def _ground(workspace: Workspace, queries: Sequence[str], way: MomentRetriever) -> Found:
    """Find the queries in one way; one that fails finds nothing, and says why in the trace."""
    made = workspace.run_cell(workspace.start, way.cell(queries), note=f"grounds by {way.tasks[0]}")
    if made.state is None:
        return made, []
    return made, way.found(made)


def _looks(workspace: Workspace) -> bool:
    """Whether a model can look at a video of the question."""
    run = workspace.run
    has_picture = any(video.width > 0 for video in run.media.videos)
    return has_picture and {"ask_choice", "sample_frames"} <= set(run.runtime.modules)


def _vlm_cell(workspace: Workspace, fused: Sequence[FusedSpan]) -> str:
    """The cell in which a model looks at the best spans; "" where none does."""
    run = workspace.run
    if not _looks(workspace):
        return ""
    ends = {video.index: video.duration for video in run.media.videos if video.width > 0}
    seen = [
        replace(span, span=Span(span.span.start, min(span.span.end, ends[span.video])))
        for span in fused
        if span.video in ends and span.span.start < ends[span.video]
    ]
    kept = within_frames(seen, FRAMES)
    if not kept:
        return ""
    spans = [f"Span({span.span.start!r}, {span.span.end!r})" for span, _ in kept]
    frames = [
        f"sample_frames({video_name(run, span.video)}, span=spans[{at}], count={count})"
        for at, (span, count) in enumerate(kept)
    ]
    return (
        f"spans = [{', '.join(spans)}]\n"
        f"frames = {' + '.join(frames)}\n"
        "reply = ask_choice(frames, question, choices)\n"
        "if reply.choice is None:\n"
        '    abstain("the VLM chose none: " + reply.text[:200])\n'
        "answer(choices[reply.choice], evidence=[reply, *spans])\n"
    )


def _note(workspace: Workspace, text: str) -> None:
    workspace.run.warnings.add(text)


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
    fused: Sequence[FusedSpan],
    choices: Sequence[str],
) -> tuple[Message, ...]:
    """Ask a model that reads for the answer, from the parts found for the choices."""
    rows: list[object] = [
        {
            "choice": at,
            "text": choice,
            "query": query,
            "found": [part for span in fused for part in _parts(span, at)],
        }
        for at, (choice, query) in enumerate(zip(choices, queries, strict=True))
    ]
    return asked_instead(prompt, CELL_RULES, ["# Found", mark_data("found", rows), CITE])


def _parts(fused: FusedSpan, option: int) -> list[dict[str, object]]:
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
    words = " ".join("".join(char if char.isprintable() else " " for char in query).split())
    if not _WORD.search(words) or len(words) > PHRASE.high:
        raise _unreadable(reply, f"a query must hold a word and at most {PHRASE.high} characters")
    return words


def _unreadable(reply: str, why: str) -> LlmReplyError:
    return LlmReplyError(
        f'the choices were not rewritten into queries, for {why}: "{excerpt(reply)}".',
        hint=f"It must be {_FORM}.",
    )
