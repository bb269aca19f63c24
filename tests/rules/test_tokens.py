"""A question as tokens: phrases, slots, what is asked for."""

from __future__ import annotations

import pytest

from vprog.rules.tokens import asks_of, tokens_of


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("how many cuts are there", "#count"),
        ("is there a cut", "#yes or no"),
        ("at what time is the cut", "#when"),
        ("from when to when is it black", "#which span"),
        ("which colour is it", "#what"),
    ],
)
def test_what_is_asked_for(question: str, ask: str) -> None:
    assert asks_of(tokens_of(question)) == {ask}


def test_a_listed_phrase_is_one_token() -> None:
    (token,) = tokens_of("web address", is_question=False)
    assert "web address" in token.meanings


def test_values_are_slots() -> None:
    slots = [token.slots for token in tokens_of("red 5 07:16:00 quote1mark", is_question=False)]
    assert slots[0]["colour"] == "red"
    assert slots[1]["number"] == "5"
    assert slots[2]["clock_time"] == "07:16:00"
    assert slots[3]["quote"] == "1"


@pytest.mark.parametrize("verb", ["training", "vased"])
def test_what_is_made_of_a_thing_is_no_thing(verb: str) -> None:
    (token,) = tokens_of(verb, is_question=False)
    assert "thing" not in token.slots
