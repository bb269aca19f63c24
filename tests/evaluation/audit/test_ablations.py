"""What the answers under several conditions say together."""

from __future__ import annotations

import pytest

from vprog.evaluation.audit.ablations import Ablation, asks_order, conclude


def ablations(**same: bool | None) -> list[Ablation]:
    return [
        Ablation(
            name, f"condition {name}", 3, "" if is_same is not None else "llm_error: gone.", is_same
        )
        for name, is_same in same.items()
    ]


@pytest.mark.parametrize(
    ("same", "cited", "words", "rests"),
    [
        ({"again": True, "only": True, "without": False, "blind": False}, 0.2,
         "The answer rests on what it cites: that is enough, and needed.", True),
        ({"again": True, "only": True, "without": True, "blind": False}, 0.2,
         "What it cites is enough for the answer, but not needed", True),
        ({"again": True, "only": False, "without": True, "blind": False}, 0.2,
         "The answer does not rest on what it cites", False),
        ({"again": True, "only": False, "without": False, "blind": False}, 0.2,
         "The answer needs what it cites, and more of the video than that.", True),
        ({"again": True, "only": True, "without": False, "blind": False}, 0.95,
         "It cites 95% of its time", None),
        ({"again": True, "only": True, "without": True, "blind": True}, 0.2,
         "does not rest on what is seen or heard", False),
        ({"again": True, "blind": False}, 0.0, "The answer cites nothing", None),
        ({"again": True, "blind": True}, 0.0, "does not rest on what is seen or heard", False),
        ({"again": False}, 0.2, "does not come out again", None),
        ({"again": None}, 0.2,
         "Nothing can be said: with condition again, llm_error: gone.", None),
        ({"again": True, "only": None, "without": False, "blind": False}, 0.2,
         "Nothing can be said: with condition only, llm_error: gone.", None),
        ({"again": True, "shuffled": None, "blind": False}, 0.0, "cites nothing", None),
    ],
)  # fmt: skip
def test_weigh(same: dict[str, bool | None], cited: float, words: str, rests: bool | None) -> None:
    verdict, is_resting = conclude(ablations(**same), cited=cited)
    assert words in verdict
    assert is_resting is rests


@pytest.mark.parametrize(("text_only", "is_told"), [(True, True), (False, False), (None, False)])
def test_conclude_tells_of_a_question_alone_that_is_enough(
    text_only: bool | None, is_told: bool
) -> None:
    verdict, _ = conclude(ablations(again=True, blind=False, text_only=text_only), cited=0.0)
    assert verdict.endswith("to the question alone.") == is_told


@pytest.mark.parametrize(("answer", "is_told"), [("blue", True), (None, False)])
def test_conclude_tells_of_another_answer_that_the_rest_of_the_video_gives(
    answer: str | None, is_told: bool
) -> None:
    listed = [one for one in ablations(**SURE) if one.name != "without"]
    without = Ablation("without", "all but what it cites", answer, "", False)
    verdict, rests = conclude([*listed, without], cited=0.2)
    assert rests is True
    assert ("The rest of the video alone gives another one: blue." in verdict) == is_told


SURE = {"again": True, "only": True, "without": False, "blind": False}


@pytest.mark.parametrize(
    ("shuffled", "is_of_order", "words", "rests"),
    [
        (True, True, "the question is about order, and the answer is the same", False),
        (False, True, "needed. The order of the pictures matters to it.", True),
        (True, False, "The answer rests on what it cites", True),
        (False, False, "needed. The order of the pictures matters to it.", True),
        (None, True, "Nothing can be said: with condition shuffled", None),
    ],
)
def test_conclude_reads_the_shuffled_pictures(
    shuffled: bool | None, is_of_order: bool, words: str, rests: bool | None
) -> None:
    verdict, is_resting = conclude(
        ablations(**SURE, shuffled=shuffled), cited=0.2, is_of_order=is_of_order
    )
    assert words in verdict
    assert is_resting is rests


@pytest.mark.parametrize(
    ("question", "choices", "expected"),
    [
        ("Which colour comes first?", (), True),
        ("What happens after the flash?", (), True),
        ("In what order do they enter?", (), True),
        ("What does he do?", ("sits, then stands", "stands, then sits"), True),
        ("How many people are there?", ("2", "3"), False),
        ("Who lasted longest?", (), False),
    ],
)
def test_asks_order(question: str, choices: tuple[str, ...], expected: bool) -> None:
    assert asks_order(question, choices) is expected
