"""`options`: find the part of the video that each option means, then choose from these."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.prompt.cell_prompt import CELL_RULES, asked_instead
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.combinators import gather
from vprog.runs.model_requests import AGAIN
from vprog.runs.reward import UNSCORED
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies import vlm_cells
from vprog.strategies.fast import FRAMES, look
from vprog.strategies.observe import last_cell
from vprog.strategies.read_cells import TextSource, text_sources, video_name
from vprog.strategies.strategy import strategy
from vprog.types import PHRASE, Span, wire
from vprog.types.locate import location_of
from vprog.types.time import span_iou

VISUAL_TASKS = ("ground_event", "search_clips", "search_frames")
"""Tasks that take a video and a query, best first."""

TEXT_TASKS = {"transcribe": "search_speech", "find_text": "search_text"}
"""Modules that search what others have read."""

REPEATS = 0.5
"""Two spans of one option that overlap more than this are one finding."""

FPS = 1.0
"""Frames per second of a span, while the frames last."""


@dataclass(frozen=True)
class MomentRetriever:
    """One way to find the part that a query means.

    Attributes:
        tasks: the modules that search, in the order of their calls for one query.
        videos: the video of each of these calls.
        source: the lines that find `found[i]` for each of `queries`.
    """

    tasks: tuple[str, ...]
    videos: tuple[int, ...]
    source: str

    def cell(self, queries: Sequence[str]) -> str:
        """The cell that grounds the queries."""
        return f"queries = {list(queries)!r}\n{self.source}"

    def found(self, attempt: Attempt) -> list[RetrievedSpan]:
        """What its cell found for each query; the part of its video that was read beforehand."""
        calls = [call for call in attempt.calls if call.task in self.tasks and not call.error]
        size = len(self.tasks)
        grounded: list[RetrievedSpan] = []
        for option in range(len(calls) // size):
            place = 0
            of_option = calls[option * size : (option + 1) * size]
            for call, video in zip(of_option, self.videos, strict=True):
                for result in wire.decode(bytes(call.result)):
                    item = f"found[{option}][{place}]"
                    place += 1
                    made = _retrieved(result, option, video, item)
                    grounded += [made] if made is not None else []
        return grounded


@dataclass(frozen=True)
class RetrievedSpan:
    """One span found for one option; `item` is what a program calls it."""

    option: int
    video: int
    span: Span
    score: float
    text: str = ""
    item: str = ""


@dataclass(frozen=True)
class FusedSpan:
    """One span, and the findings that overlap in it, in order of time."""

    video: int
    span: Span
    score: float
    """The best of its findings'."""
    parts: tuple[RetrievedSpan, ...]

    @property
    def options(self) -> tuple[int, ...]:
        """The options that it was found for, in their order."""
        return tuple(sorted({part.option for part in self.parts}))


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


def moment_retrievers(run: Run) -> list[MomentRetriever]:
    """The ways there are here, best first: one that looks comes before the words."""
    modules = run.runtime.modules
    found: list[MomentRetriever] = []
    shown = [video.index for video in run.media.videos if video.width > 0]
    for task in VISUAL_TASKS:
        if shown and task in modules:
            calls = [f"{task}({video_name(run, index)}, query)" for index in shown]
            found.append(_retriever([task] * len(shown), shown, calls))
    wanted = [reading for reading in text_sources(run) if TEXT_TASKS[reading.task] in modules]
    if wanted:
        found.append(_text_retriever(wanted))
    return found


def _text_retriever(wanted: Sequence[TextSource]) -> MomentRetriever:
    tasks = [TEXT_TASKS[source.task] for source in wanted]
    made = _retriever(
        tasks,
        [source.video for source in wanted],
        [f"{task}({source.name}, query)" for task, source in zip(tasks, wanted, strict=True)],
    )
    before = "".join(source.source for source in wanted)
    return MomentRetriever(made.tasks, made.videos, before + made.source)


def _retriever(
    tasks: Sequence[str], videos: Sequence[int], calls: Sequence[str]
) -> MomentRetriever:
    source = f"found = [{' + '.join(calls)} for query in queries]\n"
    return MomentRetriever(tuple(tasks), tuple(videos), source)


def _retrieved(value: object, option: int, video: int, item: str) -> RetrievedSpan | None:
    """A result as a finding; None for one that is at no time."""
    place = location_of(value, video)
    if place is None or place.start is None or place.end is None:
        return None
    score = UNSCORED if place.score is None else place.score
    return RetrievedSpan(
        option, place.video, Span(place.start, place.end), score, place.text or "", item
    )


def fuse_options(found: Sequence[RetrievedSpan]) -> list[FusedSpan]:
    """Findings of all options as few spans: in order of video and time.

    Source: LeAdQA (2025): spans of each option's query, fused. Its fusion is not published:
    suppression within an option and the union of what overlaps stand in for it.
    """
    options = sorted({moment.option for moment in found})
    return unite([kept for at in options for kept in suppress(_of_option(found, at))])


def suppress(found: Sequence[RetrievedSpan], limit: float = REPEATS) -> list[RetrievedSpan]:
    """Findings of one option without repeats, best first; the earlier of equals."""
    kept: list[RetrievedSpan] = []
    for moment in sorted(found, key=lambda one: (-one.score, one.video, one.span)):
        near = [one for one in kept if one.video == moment.video]
        if all(span_iou(moment.span, one.span) <= limit for one in near):
            kept.append(moment)
    return kept


def unite(found: Sequence[RetrievedSpan]) -> list[FusedSpan]:
    """Findings that overlap or touch as one span; in order of video and time."""
    groups: list[list[RetrievedSpan]] = []
    end = 0.0
    for moment in sorted(found, key=lambda one: (one.video, one.span, one.option)):
        if groups and groups[-1][0].video == moment.video and moment.span.start <= end:
            groups[-1].append(moment)
            end = max(end, moment.span.end)
        else:
            groups.append([moment])
            end = moment.span.end
    return [
        FusedSpan(
            group[0].video,
            Span(group[0].span.start, max(moment.span.end for moment in group)),
            max(moment.score for moment in group),
            tuple(group),
        )
        for group in groups
    ]


def within_frames(fused: Sequence[FusedSpan], most: int) -> list[tuple[FusedSpan, int]]:
    """The best spans and how many frames of each, `most` in all; in order of time.

    A span takes one frame for each second, at least one; the last one what is left.
    """
    kept: list[tuple[FusedSpan, int]] = []
    left = most
    for span in sorted(fused, key=lambda one: (-one.score, one.video, one.span)):
        if left <= 0:
            break
        wanted = max(1, math.ceil((span.span.end - span.span.start) * FPS))
        kept.append((span, min(left, wanted)))
        left -= kept[-1][1]
    return sorted(kept, key=lambda one: (one[0].video, one[0].span))


def _of_option(found: Sequence[RetrievedSpan], option: int) -> list[RetrievedSpan]:
    return [moment for moment in found if moment.option == option]
