"""A reading as a program: values at its head, and only those that it names."""

from __future__ import annotations

from vprog.rules.fill_program import head_of, span_of
from vprog.rules.times import When
from vprog.types import Span


def test_only_values_that_a_program_names_stand_at_its_head() -> None:
    values = {"span": None, "word": "exit", "number": 3}
    assert head_of("find_text(video, span=span), word", values) == (
        "span: Span | None = None\nword = 'exit'\n"
    )


def test_an_instant_has_a_width_and_lies_in_the_video() -> None:
    assert span_of(When("at", 5.0, 5.0, "at 5 s"), 10.0) == Span(4.9, 5.1)
    assert span_of(When("at", 10.0, 10.0, "at the end"), 10.0).end == 10.0
