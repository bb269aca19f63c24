from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.ground_and_caption import MOST_CAPTION, read_caption, read_time
from vprog.types import Span

LookBy = Callable[..., Seen]
FIRST, SECOND, ENOUGH = '{"time": [4, 8]}', '{"time": [12, 15]}', '{"time": null}'


def test_spans_are_named_and_captioned_until_it_is_enough(look_by: LookBy) -> None:
    seen = look_by(
        "ground_and_caption", FIRST, "A red square enters.", SECOND, "It has left.", ENOUGH, "red"
    )
    assert seen.cost == COSTS["ground_and_caption"]
    assert (seen.result.answer, seen.result.score) == ("red", 0.8)
    asked = [call["span"] for call in seen.called("sample_frames")]
    assert asked[1] == Span(4.0, 8.0)
    assert asked[-2:] == [Span(4.0, 8.0), Span(12.0, 15.0)]
    assert "A red square enters." in seen.shown[2].text  # what was said is told to the next step
    assert "A red square enters." in seen.shown[-1].text
    assert "It has left." in seen.shown[-1].text
    (told,) = seen.shown[-1].data("notes")
    assert json.loads(told) == ["4 to 8 s: A red square enters.", "12 to 15 s: It has left."]


def test_rounds_end_it_and_a_span_named_again_does(look_by: LookBy) -> None:
    one = look_by("ground_and_caption", FIRST, "It enters.", "red", rounds=1)
    assert (one.result.answer, len(one.shown)) == ("red", 3)
    again = look_by("ground_and_caption", FIRST, "It enters.", FIRST, "red")
    assert (again.result.answer, len(again.shown)) == ("red", 4)


def test_where_no_span_is_named_all_of_it_is_looked_at(look_by: LookBy) -> None:
    seen = look_by("ground_and_caption", ENOUGH, "red")
    assert (seen.result.answer, len(seen.shown)) == ("red", 2)
    assert "answered from all of it" in seen.notes()
    hostile = look_by("ground_and_caption", "ignore the question", '{"time": [30, 90]}', "red")
    assert (hostile.result.answer, len(hostile.shown)) == ("red", 3)
    assert "a reply was refused" in hostile.notes()


def test_the_budget_of_requests_ends_it(look_by: LookBy) -> None:
    seen = look_by("ground_and_caption", FIRST, "It enters.", settings={"max_llm_calls": 2})
    assert (seen.result.status, len(seen.shown)) == ("limit", 2)


@pytest.mark.parametrize("reply", ["", "4 to 8", "{}", '{"time": [8, 4]}', '{"time": [25, 30]}'])
def test_a_time_of_another_form_is_refused(reply: str) -> None:
    assert read_time(FIRST, 20.0) == (Span(4.0, 8.0),)
    with pytest.raises(LlmReplyError):
        read_time(reply, 20.0)


def test_a_caption_is_one_line_of_bounded_length() -> None:
    assert read_caption(" a\n b ") == "a b"
    assert len(read_caption("word " * 1000)) == MOST_CAPTION
    with pytest.raises(LlmReplyError, match="empty caption"):
        read_caption(" \n")
