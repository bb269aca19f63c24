"""`step_hints`: a program first; a VLM that is told the values of its steps answers too."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import LlmReplyError
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import SPENT
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.time_search import is_same
from vprog.strategies.vlm_cells import even_frames, literal_of, one_line, seen_videos
from vprog.strategies.vlm_rounds import answer_round
from vprog.types import Evidence

FRAMES = 16
SIDE = 448
"""Frames spread over the video, and their longer side in pixels; ours."""

MOST_HINTS, MAX_HINT = 24, 200
"""Steps whose values are told, the last ones, and characters of each; ours."""

MOST_CITED = 8
"""Further frames, where the program found what it cites; ours."""


@strategy("step_hints", "a program's values told to a VLM that answers")
def solve(workspace: Workspace) -> Attempt:
    """The surer of two answers: a program's, and that of a VLM which was told its steps.

    The model that writes composes modules into a program. What each step of it came to, with its
    name, is told to the VLM as data beside frames of the whole video and of the places that the
    program cites; its answer is not told. Where the two agree the answer has the score of the
    surer one, where they do not its share of both scores, and that is told.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: neither gives an answer, or there is nothing to look at.

    Source: STAIR (2024): neural modules that are composed by a program, whose typed
    intermediate results a vision model is given as text. There modules and parser are trained;
    here the modules are those that there are. That the surer of two answers is taken is ours.
    """
    need_vlm(workspace, "ask")
    run = workspace.run
    videos = seen_videos(run)
    program = write_whole(workspace)
    if program.outcome.status == "limit":
        return program
    hints = told_steps(program)
    evenly = even_frames(run, videos, FRAMES)
    cited = cited_times(program.outcome.evidence)
    close = ", ".join(f"frame_at({video_name(run, video)}, {time!r})" for video, time in cited)
    try:
        looked = answer_round(
            workspace,
            workspace.start,
            f"{evenly} + [{close}]" if close else evenly,
            side=SIDE,
            note=f"looks with {len(hints)} hints",
            notes=literal_of(hints) if hints else "",
        )
    except (*SPENT, LlmReplyError) as error:
        if not program.is_ended:
            raise
        run.warnings.add(f"the VLM gave no answer: {error.message}")
        return program
    return _surer(workspace, program, looked)


def told_steps(program: Attempt) -> list[str]:
    """The last values of a program's steps, each on one line."""
    values = program.shown[-1].values if program.shown else ()
    return [one_line(text, MAX_HINT) for _, text in values[-MOST_HINTS:]]


def cited_times(evidence: Sequence[Evidence]) -> list[tuple[int, float]]:
    """The videos and times at the middle of what an answer cites, each once."""
    middles = [
        (item.video, round((item.start + item.end) / 2, 3))
        for item in evidence
        if item.supported and item.start is not None and item.end is not None
    ]
    return list(dict.fromkeys(middles))[:MOST_CITED]


def _surer(workspace: Workspace, program: Attempt, looked: Attempt) -> Attempt:
    """The answer of the higher score; workspace.path says whose it is."""
    if program.answer is None or looked.answer is None:
        if looked.answer is not None or not program.is_ended:
            workspace.path = PATH
            return looked
        why = looked.outcome.error.message if looked.outcome.error else looked.outcome.reason
        workspace.run.warnings.add(f"the VLM gave no answer: {why}")
        return program
    scores = {
        program.node: workspace.score(program, workspace.path).value or 0.0,
        looked.node: workspace.score(looked, PATH).value or 0.0,
    }
    surest = max((looked, program), key=lambda attempt: scores[attempt.node])
    if not is_same(str(program.answer.value), str(looked.answer.value)):
        workspace.vote([program, looked], scores)
        workspace.run.warnings.add(
            f"the program answers {program.answer.value!r}, the VLM with its steps told "
            f"{looked.answer.value!r}"
        )
    if surest is looked:
        workspace.path = PATH
    return surest
