"""What is told around a question, and what of it limits what is asked."""

from __future__ import annotations

import pytest

from vprog.rules.asides import at_its_time, joined, without_background


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Our player shows no length. How long is it?", "How long is it?"),
        ("I'm editing this, so how many cuts are there?", "how many cuts are there?"),
        ("Ignore the first minute. How many cuts are there?", None),
        ("I only care about the end; when is it?", None),
        ("Is it dark? When?", None),
        ("How long is it?", None),
        ("The transcoder complained: does this carry any sound?", "does this carry any sound?"),
        ("Before I send it, we have to know: is there any speech?", "is there any speech?"),
        ("I'm judging it: at 00:00:12, is it bright?", "at 00:00:12, is it bright?"),
        ("About the woman on the left: when does she leave?", None),
        ("In the red part: how many cuts are there?", None),
        ("For the second half: how many cuts are there?", None),
        ("Without the credits: how long is it?", None),
        ('I need the order in which they were spoken: did "yes" come before "no"?', None),
    ],
)
def test_what_is_told_before_a_question_is_no_part_of_it(question: str, asked: str | None):
    parts = without_background(question)
    assert (parts[0] if parts else None) == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("The picture turns white at some point. When is that?", ["When The picture turns white?"]),
        ("There's a point where it turns red; when is that?", ["when it turns red?"]),
        ("The dog - what colour is it?", ["what colour is The dog?"]),
        ("Halfway through there's a number. Which one?", ["what Halfway through a number?"]),
        ("He says yes. How many times?", ["How many times He says yes?"]),
        ("It is dark. There is a dog. When is that?", []),
        ("Is it dark? When is that?", []),
        ("How long is it?", []),
    ],
)
def test_short_question_about_what_was_told_is_joined_with_it(question: str, asked: list[str]):
    assert list(joined(question)) == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When I look at 0:12, does anything move?", "At 0:12, does anything move?"),
        ("Pause at 0:20. How many people are there?", "At 0:20, How many people are there?"),
        ("Go to 1.5 seconds and read the text.", "At 1.5 seconds, read the text."),
        ("Freeze it when it starts and count the people.", "At the start, count the people."),
        ("Stop at the red car. What is behind it?", "Stop at the red car. What is behind it?"),
        (
            "I cut it to 20 seconds. How many people are there?",
            "I cut it to 20 seconds. How many people are there?",
        ),
        ("Go on and count the cuts.", "Go on and count the cuts."),
    ],
)
def test_a_question_after_the_time_to_go_to_is_asked_of_that_time(question: str, asked: str):
    assert at_its_time(question) == asked
