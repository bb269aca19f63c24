from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.anchors import narrows, read_anchor
from vprog.types import Span

LookBy = Callable[..., Seen]


def test_a_question_for_a_time_is_answered_with_the_last_anchor(look_by: LookBy) -> None:
    spans = ('{"span": [4, 14]}', '{"span": [6, 12]}', '{"span": [7, 9.5]}')
    seen = look_by("anchors", *spans, question="When does the square move?", rounds=3)
    assert seen.cost == COSTS["anchors"]
    assert (seen.result.answer, seen.result.score) == ([7.0, 9.5], 0.8)
    assert all(item.supported for item in seen.result.evidence)
    asked = [(call["span"].start, call["span"].end) for call in seen.called("sample_frames")]
    assert asked == [(0.0, 20.0), (4.0, 14.0), (6.0, 12.0)]
    assert "lie within it" in seen.shown[2].text


def test_any_other_question_is_asked_with_frames_of_the_last_anchor(look_by: LookBy) -> None:
    seen = look_by("anchors", '{"span": [4, 8]}', "red", rounds=1)
    assert seen.result.answer == "red"
    last = seen.times("ask")[-1]
    assert 4.0 <= min(last) <= max(last) <= 8.0


def test_an_anchor_that_does_not_narrow_is_told_and_ends_it_there(look_by: LookBy) -> None:
    wide = '{"span": [2, 16]}'
    seen = look_by("anchors", '{"span": [4, 8]}', wide, wide, question="When is it red?")
    assert seen.result.answer == [4.0, 8.0]
    assert "2 to 16 s does not narrow 4 to 8 s" in seen.notes()
    assert "no narrower" in seen.shown[2].text


@pytest.mark.parametrize(
    ("spans", "narrowing"),
    [
        ([(0, 20), (4, 14), (5, 6)], True),
        ([(0, 20)], True),
        ([(4, 8), (4, 8)], False),
        ([(4, 8), (7, 9)], False),
        ([(4, 8), (1, 12)], False),
    ],
)
def test_anchors_narrow(spans: list[tuple[float, float]], narrowing: bool) -> None:
    assert narrows([Span(*ends) for ends in spans]) is narrowing


def test_an_anchor_of_another_form_is_refused() -> None:
    assert read_anchor('{"span": [5, 6]}', Span(4.0, 8.0), 20.0) == Span(5.0, 6.0)
    for reply in ('{"span": [4, 8]}', '{"span": 5}', "5 to 6", '{"start": 5, "end": 6}'):
        with pytest.raises(LlmReplyError):
            read_anchor(reply, Span(4.0, 8.0), 20.0)
