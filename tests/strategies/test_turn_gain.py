from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.turn_gain import FIRST, NEXT, RatedTurn, read_turn
from vprog.types import Span

LookBy = Callable[..., Seen]


def turn(relevance: int, span: list[float] | None = None) -> str:
    return f'{{"relevance": {relevance}, "span": {span or "null"}}}'


def test_turns_that_gain_are_answered_from_and_each_gain_is_told(look_by: LookBy) -> None:
    seen = look_by("turn_gain", turn(2, [4, 12]), turn(7, [6, 8]), turn(6), "red", rounds=3)
    assert seen.cost == COSTS["turn_gain"]
    whole, second, third, last = seen.times("ask")
    assert (len(whole), len(second)) == (FIRST, NEXT)
    assert 4.0 <= min(second) <= max(second) <= 12.0
    assert set(last) == {*whole, *second}  # the third turn added nothing
    assert not set(third) - set(second) or max(third) <= 8.0
    assert "turn 2, 4 to 12 s: relevance 7 of 10, gain +5" in seen.notes()
    assert "turn 3, 6 to 8 s: relevance 6 of 10, gain -1" in seen.notes()
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("red", "fast", 0.8)
    assert all(item.supported for item in seen.result.evidence)
    seen.assert_no_prefix_ran_twice()


def test_a_turn_without_gain_is_the_last_whatever_it_names(look_by: LookBy) -> None:
    seen = look_by("turn_gain", turn(5, [4, 12]), turn(5, [6, 8]), "red", rounds=9)
    assert len(seen.shown) == 3
    assert len(seen.times("ask")[-1]) == FIRST


def test_no_span_ends_it_and_nothing_relevant_is_answered_from_all(look_by: LookBy) -> None:
    seen = look_by("turn_gain", turn(0), "red")
    assert len(seen.shown) == 2
    assert len(seen.times("ask")[-1]) == FIRST
    assert seen.result.answer == "red"


def test_a_span_that_was_shown_is_refused_and_told(look_by: LookBy) -> None:
    seen = look_by("turn_gain", turn(2, [0, 20]), turn(2, [4, 8]), turn(9), "red")
    assert "0 to 20 s was shown already" in seen.notes()
    assert "must be another" in seen.shown[1].text


def test_a_turn_is_read() -> None:
    assert read_turn(turn(3), 20.0) == RatedTurn(3, None)
    assert read_turn(f"Well. {turn(10, [4, 30])}", 20.0) == RatedTurn(10, Span(4.0, 20.0))


@pytest.mark.parametrize(
    "reply",
    ["", "7", "{}", turn(11), turn(-1), '{"relevance": 2.5}', '{"relevance": true}',
     turn(3, [8, 4]), turn(3, [25, 30]), '{"relevance": 3, "span": "4 to 8"}'],
)  # fmt: skip
def test_a_turn_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_turn(reply, 20.0)
