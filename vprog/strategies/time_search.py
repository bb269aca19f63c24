"""`time_search`: frames are searched by words and window; the answer must hold from them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.answer_reading import find_choice
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import look, one_line
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_object,
    read_span,
    span_frames,
)
from vprog.types import Span, Video

ROUNDS = 8
MOST = 8
"""Rounds, and frames of one search. Source: TimeSearch-R (2025)."""

FIRST = 8
"""Frames of the first look, spread evenly; ours."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

MAX_QUERY = 100
"""Characters of the words of a search."""

MAX_ANSWER = 500

ORDER = (
    'If these pictures show the answer, reply with JSON and nothing else: {"answer": "..."}. If '
    "not, seek more frames, by what is to be seen and in which part of the video: "
    '{"query": "a few words, or empty for frames spread evenly", "start_time": seconds, '
    f'"end_time": seconds, "num_frames": 1 to {MOST}}}.'
)

UNLIKE = " From the frames that were found alone the answer was another one: seek further."


@dataclass(frozen=True)
class _Search:
    """What was searched for, and the variables that hold the frames of each search."""

    at: Attempt
    searches: tuple[FrameSearch, ...] = ()
    found: tuple[str, ...] = ()
    told: str = ""
    answer: Attempt | None = None
    is_over: bool = False


@strategy("time_search", "seek frames by words; answer from them again", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer that the VLM gives again from the frames that it found.

    A turn seeks frames by words within a window, as often as ROUNDS allow, or says the answer.
    That is then asked for again with the found frames alone; if it is another one, the search
    goes on. Where no module searches by words, or none are given, frames are
    spread evenly over the window.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: TimeSearch-R (2025): `seek_video_frames(query, start_time, end_time, num_frames)` with
    at most 8 frames, 8 rounds, relevance and diversity by a determinantal point process (as
    `search_frames` does), and a check that the found frames suffice.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    state = until(
        lambda state, number: _step(workspace, video, state, number),
        _Search(workspace.start),
        stop=lambda state: state.is_over,
        rounds=ROUNDS,
    )
    if state.answer is not None:
        return state.answer
    if state.at.state is None:
        return state.at
    return _answer(workspace, video, state)


def _step(workspace: Workspace, video: Video, state: _Search, number: int) -> _Search:
    made = ask_round(
        workspace,
        state.at,
        _frames(workspace, video, state, with_first=True),
        f"{ORDER} The video lasts {video.duration:.1f} s.{state.told}",
        lambda reply, _: read_new_turn(reply, video.duration, state.searches),
        side=SIDE,
        note=f"seeks or answers, turn {number + 1}",
    )
    if made.read is None:
        return replace(state, at=made.at, is_over=True)
    if isinstance(made.read, FrameSearch):
        name = f"found_{number + 1}"
        source = search_source(workspace, video, made.read, name)
        at = look(workspace, made.at, source, f"seeks frames, turn {number + 1}")
        return replace(
            state,
            at=at,
            searches=(*state.searches, made.read),
            found=(*state.found, name),
            told="",
            is_over=at.state is None,
        )
    again = _answer(workspace, video, replace(state, at=made.at))
    holds = again.answer is not None and is_same(
        again.answer.value, made.read, workspace.run.choices
    )
    if not holds and again.is_answered:
        workspace.run.warnings.add("from the found frames alone the answer is another one")
    is_cut = again.outcome.status == "limit"
    return replace(state, at=made.at, told=UNLIKE, answer=again, is_over=holds or is_cut)


def _answer(workspace: Workspace, video: Video, state: _Search) -> Attempt:
    frames = _frames(workspace, video, state, with_first=not state.found)
    return answer_round(
        workspace, state.at, frames, side=SIDE, note="answers from the found frames"
    )


def _frames(workspace: Workspace, video: Video, state: _Search, *, with_first: bool) -> str:
    """The expression for what was found, each frame once and in order of time."""
    name = video_name(workspace.run, video.index)
    first = (f"sample_frames({name}, count={FIRST})",) if with_first else ()
    return f"sorted(set({' + '.join((*first, *state.found))}), key=lambda frame: frame.time)"


@dataclass(frozen=True)
class FrameSearch:
    """What frames are searched by: words ("" for none), a window in seconds, how many."""

    query: str
    span: Span
    count: int


def search_source(workspace: Workspace, video: Video, search: FrameSearch, name: str) -> str:
    """The lines that leave the frames of a search in a variable."""
    video_text = video_name(workspace.run, video.index)
    modules = workspace.run.runtime.modules
    if not search.query or not {"search_frames", "frame_at"} <= set(modules):
        if search.query:
            workspace.run.warnings.add("no module searches frames by words: they are spread evenly")
        return f"{name} = {span_frames(video_text, search.span, search.count)}\n"
    span = f"Span({search.span.start!r}, {search.span.end!r})"
    return (
        f"matches = search_frames({video_text}, {search.query!r}, count={search.count}, "
        f"span={span})\n"
        f"{name} = [frame_at({video_text}, match.start) for match in matches]\n"
    )


def read_new_turn(
    reply: str, duration: float, searches: Sequence[FrameSearch]
) -> FrameSearch | str:
    """As `read_turn`; a search that was made already is refused.

    Raises:
        LlmReplyError: as `read_turn`, or it is the same search.
    """
    turn = read_turn(reply, duration)
    if turn in searches:
        raise LlmReplyError(
            "the same search was made already.",
            hint="That search was made already: seek other words or another window, or answer.",
        )
    return turn


def read_turn(reply: str, duration: float) -> FrameSearch | str:
    """The search that a reply wants, or the answer that it gives.

    The call may stand in the form of a tool call, its fields below "arguments".

    Raises:
        LlmReplyError: it holds neither, or a window outside the video.
    """
    said = read_object(reply)
    inner = said.get("arguments")
    fields = inner if isinstance(inner, dict) else said
    answer = fields.get("answer")
    if isinstance(answer, str | int | float) and str(answer).strip():
        return str(answer).strip()[:MAX_ANSWER]
    query, count = fields.get("query", ""), fields.get("num_frames", MOST)
    if not isinstance(query, str) or type(count) is not int or "start_time" not in fields:
        raise LlmReplyError(
            f'neither a search nor an answer can be read from "{excerpt(reply, 80)}".',
            hint='It must be JSON with "answer", or with "query", "start_time", "end_time" and '
            '"num_frames".',
        )
    span = read_span([fields["start_time"], fields.get("end_time")], duration)
    return FrameSearch(one_line(query, MAX_QUERY), span, max(1, min(MOST, count)))


def is_same(value: object, said: str, choices: Sequence[str] = ()) -> bool:
    """Whether an answer is what was said before: the same choice, number, or words.

    Of words one may hold the other: "a red car", "red car".
    """
    if choices:
        return find_choice(said, choices) == find_choice(str(value), choices)
    numbers = [float(number) for number in re.findall(r"-?\d{1,12}(?:\.\d{1,6})?", said)]
    if isinstance(value, int | float):
        return numbers == [float(value)]
    if isinstance(value, list):
        return numbers == [float(number) for number in value if isinstance(number, int | float)]
    ours, theirs = (" ".join(text.casefold().split()).strip(". ") for text in (str(value), said))
    return bool(ours and theirs) and (ours in theirs or theirs in ours)
