from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.dense_clip import SPARSE, read_clip
from vprog.types import Span

LookBy = Callable[..., Seen]


def clip(*ends: float) -> str:
    return f'{{"clip": {list(ends) or "null"}}}'


def test_dense_frames_come_from_the_clip_alone_and_it_is_cited(look_by: LookBy) -> None:
    seen = look_by("dense_clip", clip(4, 7), clip(), "red")
    assert seen.cost == COSTS["dense_clip"]
    whole, dense, last = seen.times("ask")
    assert len(whole) == SPARSE
    assert dense == last
    assert 4.0 <= min(dense) <= max(dense) <= 7.0
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("red", "fast", 0.8)
    cited = [(item.start, item.end) for item in seen.result.evidence]
    assert (4.0, 7.0) in cited
    assert all(item.supported for item in seen.result.evidence)
    seen.assert_no_prefix_ran_twice()


def test_a_question_for_a_time_is_answered_with_the_last_clip(look_by: LookBy) -> None:
    seen = look_by("dense_clip", clip(2, 16), clip(6, 9), question="When does it move?", rounds=3)
    assert seen.result.answer == [6.0, 9.0]
    assert len(seen.shown) == 2
    asked = [(call["span"].start, call["span"].end) for call in seen.called("sample_frames")]
    assert asked == [(0.0, 20.0), (2.0, 16.0)]


def test_without_a_clip_all_of_it_is_answered_from(look_by: LookBy) -> None:
    seen = look_by("dense_clip", clip(), "red")
    assert seen.result.answer == "red"
    assert [len(times) for times in seen.times("ask")] == [SPARSE, SPARSE]


def test_a_clip_that_was_shown_is_refused_and_told(look_by: LookBy) -> None:
    seen = look_by("dense_clip", clip(0, 20), clip(4, 6), clip(), "red")
    assert "0 to 20 s was shown already" in seen.notes()
    assert "must be another" in seen.shown[1].text


def test_a_clip_is_read() -> None:
    assert read_clip(clip(), 20.0) == ()
    assert read_clip(f"So: {clip(4, 30)}", 20.0) == (Span(4.0, 20.0),)


@pytest.mark.parametrize("reply", ["", "4 to 8", "{}", clip(8, 4), clip(25, 30), '{"clip": "all"}'])
def test_a_clip_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_clip(reply, 20.0)
