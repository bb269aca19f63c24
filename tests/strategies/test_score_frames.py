from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.score_frames import (
    CLIP,
    FIRST,
    MOST,
    ScoredClip,
    ScoredFrame,
    best_frames,
    read_scores,
)
from vprog.types import Span

LookBy = Callable[..., Seen]


def scored(*scores: int, clip: str = "") -> str:
    return f"<score>{list(scores)}</score><think>So.</think><clip>{clip}</clip>"


FLAT = [1] * FIRST


def test_an_empty_clip_concludes_with_the_frames_scored_best(look_by: LookBy) -> None:
    scores = [*FLAT[:3], 5, *FLAT[4:9], 3, *FLAT[10:]]
    seen = look_by("score_frames", scored(*scores), "red")
    assert seen.cost == COSTS["score_frames"]
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("red", "fast", 0.8)
    first, last = seen.times("ask")
    assert (len(first), last) == (FIRST, [first[3], first[9]])
    assert all(item.supported for item in seen.result.evidence)
    assert "<score>" not in seen.shown[1].text


def test_a_clip_is_looked_at_closer_and_its_scores_count_with_the_others(look_by: LookBy) -> None:
    seen = look_by(
        "score_frames",
        scored(*FLAT[:-1], 4, clip="00:00:04-00:00:12"),
        scored(*[1] * (CLIP - 1), 5),
        "red",
    )
    whole, clip, last = seen.times("ask")
    assert len(clip) == CLIP
    assert 4.0 <= min(clip) < max(clip) <= 12.0
    assert last == sorted([clip[-1], whole[-1]])
    seen.assert_no_prefix_ran_twice()


def test_a_clip_that_was_shown_is_refused_and_rounds_end(look_by: LookBy) -> None:
    again = scored(*FLAT, clip="00:00:00-00:00:20")
    seen = look_by("score_frames", again, scored(*FLAT, clip="00:00:02-00:00:06"), "red", rounds=1)
    assert "was shown already" in seen.shown[1].text
    assert len(seen.shown) == 3
    assert len(seen.times("ask")[-1]) == FIRST  # all of no use: all are shown


def test_the_best_frames_are_few_come_in_order_and_once() -> None:
    frames = [ScoredFrame(1 + place % 5, place / 2, f"f[{place}]") for place in range(80)]
    best = best_frames([*frames, ScoredFrame(5, 0.0, "again")])
    assert len(best) == MOST
    assert [frame.time for frame in best] == sorted({frame.time for frame in best})
    assert (best[0].name, min(frame.score for frame in best)) == ("again", 4)
    assert best_frames([]) == []


def test_scores_and_clip_are_read() -> None:
    assert read_scores(scored(1, 5), 2, 20.0) == ScoredClip((1, 5), None)
    reply = "<SCORE>2; 3</SCORE> <clip> 00:00:01 - 00:00:02.5 </clip>"
    assert read_scores(reply, 2, 20.0) == ScoredClip((2, 3), Span(1.0, 2.5))
    assert read_scores("<score>1,1</score>", 2, 20.0).clip is None


@pytest.mark.parametrize(
    "reply",
    [
        scored(1),
        scored(1, 6),
        scored(0, 1),
        scored(1, 99999999999),
        "",
        "5, 5",
        scored(1, 1, clip="4 to 12"),
        scored(1, 1, clip="00:10:00-00:11:00"),
        scored(1, 1, clip="00:00:09-00:00:02"),
        "<score>" + "1," * 5000 + "</score>",
    ],
)
def test_scores_of_another_form_are_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_scores(reply, 2, 20.0)
