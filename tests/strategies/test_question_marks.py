"""What stands between the data marks of a question is the question, whatever the strategy.

Instructions of vprog's that stood there would be data, which a model is told to follow nothing of.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.conftest import cell
from tests.strategies.seeing import Seen
from vprog.strategies.catalog import strategies

LookBy = Callable[..., Seen]
MARKER = "zyzzyva"
QUESTIONS = {
    "text": f"What does the {MARKER} do?",
    "count": f"How many {MARKER}s are there?",
    "when": f"When does the {MARKER} leave?",
}
LOOKS = cell("reply = ask(sample_frames(video, count=4), question)", "print(reply.text)")


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("strategy", strategies())
def test_a_question_stands_alone_between_its_marks(
    look_by: LookBy, strategy: str, kind: str
) -> None:
    seen = look_by(
        strategy,
        *["unsure"] * 40,
        question=QUESTIONS[kind],
        replies=[LOOKS] * 40,
        settings={"max_llm_calls": 8},
    )
    for shown in seen.shown:  # a caption is asked for without the question
        assert shown.asked in ([], [QUESTIONS[kind]])
        assert shown.text.count(MARKER) == len(shown.asked)


@pytest.mark.parametrize("strategy", strategies())
def test_choices_stand_between_marks_of_their_own(look_by: LookBy, strategy: str) -> None:
    seen = look_by(
        strategy,
        *["unsure"] * 40,
        question=QUESTIONS["text"],
        choices=["it sits", "it runs"],
        replies=[LOOKS] * 40,
        settings={"max_llm_calls": 8},
    )
    for shown in seen.shown:
        assert shown.asked in ([], [QUESTIONS["text"]])
        told = shown.data("choices") + shown.data("notes")
        assert sum("it runs" in text for text in told) == shown.text.count("it runs") <= 1
