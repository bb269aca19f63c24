"""`ground_first`: the spans that matter are grounded and numbered; an answer must cite them."""

from __future__ import annotations

from vprog.errors import AbstainedError, LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_object,
    read_pictures,
    read_span,
    span_frames,
)
from vprog.types import Span

MOST = 4
"""Pieces of evidence; ours."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

GROUND = (
    "Do not answer yet. Ground the question first: which spans of the video show what the answer "
    f"rests on? At most {MOST}. Reply with JSON and nothing else: "
    '{"evidence": [[start, end], ...]}, in seconds.'
)

CITE = (
    "These pictures are of pieces of evidence, numbered by their times: {listed}. Which of "
    "them show the answer? Reply with JSON and nothing else: "
    '{{"answer": "...", "ids": [numbers of the pieces]}}.'
)


@strategy("ground_first", "ground evidence first; an answer cites its ids", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the pieces of evidence that it cites.

    First it grounds at most MOST spans, then it is shown these alone and answers by their
    numbers. A reply that cites none, or one that there is not, is refused, and told once; after
    that there is no answer. The answer itself is given from the cited pieces alone, and
    names them.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: nothing was grounded or cited, or there is nothing to look at.

    Source: D2VLM (2025): grounding first, then an answer that refers to the evidence. Numbers of
    spans and frames are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    grounded = ask_round(
        workspace,
        workspace.start,
        f"sample_frames({name}, count={FRAMES})",
        f"{GROUND} The video lasts {video.duration:.1f} s.",
        lambda reply, _: read_evidence(reply, video.duration),
        side=SIDE,
        note="grounds the question",
    )
    if grounded.is_over:
        return grounded.at
    if grounded.read is None:
        raise _nothing("grounded no evidence")
    spans = grounded.read
    share = FRAMES // len(spans)
    listed = "; ".join(
        f"{number}: {span.start:g} to {span.end:g} s" for number, span in enumerate(spans, start=1)
    )
    cited = ask_round(
        workspace,
        grounded.at,
        " + ".join(span_frames(name, span, share) for span in spans),
        CITE.format(listed=listed),
        lambda reply, _: read_citation(reply, len(spans)),
        side=SIDE,
        note=f"answers by {len(spans)} pieces of evidence",
    )
    if cited.is_over:
        return cited.at
    if cited.read is None:
        raise _nothing("cited no piece of evidence")
    kept = [spans[place] for place in cited.read]
    names = ", ".join(f"Span({span.start!r}, {span.end!r})" for span in kept)
    return answer_round(
        workspace,
        cited.at,
        " + ".join(span_frames(name, span, FRAMES // len(kept)) for span in kept),
        side=SIDE,
        note="answers from what it cited",
        evidence=f"reply, {names}",
    )


def read_evidence(reply: str, duration: float) -> tuple[Span, ...]:
    """The spans that a reply grounds, in order of time; those that overlap as one.

    Raises:
        LlmReplyError: there is none, there are too many, or one is none.
    """
    listed = read_object(reply).get("evidence")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise LlmReplyError(
            f'no evidence can be read from "{excerpt(reply, 80)}".',
            hint=f'It must be JSON with "evidence": 1 to {MOST} spans [start, end] in seconds.',
        )
    spans: list[Span] = []
    for span in sorted(read_span(ends, duration) for ends in listed):
        if spans and span.start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(span.end, spans[-1].end))
        else:
            spans.append(span)
    return tuple(spans)


def read_citation(reply: str, n_pieces: int) -> tuple[int, ...]:
    """The pieces that an answer cites, by place from 0.

    Raises:
        LlmReplyError: it cites none, or one that there is not.
    """
    places = read_pictures(reply, n_pieces, most=n_pieces, key="ids")
    if not places:
        raise LlmReplyError(
            f'an answer without a citation: "{excerpt(reply, 80)}".',
            hint='Cite at least one piece of evidence: "ids": [1].',
        )
    return places


def _nothing(what: str) -> AbstainedError:
    return AbstainedError(
        f"the VLM {what}.", hint="Take another strategy: --strategy zoom or --strategy fast."
    )
