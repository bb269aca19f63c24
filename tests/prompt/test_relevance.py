from __future__ import annotations

from vprog.prompt.relevance import WordIndex, stems_of

TEXTS = ["Find the shots of a video", "Count people in a frame", "Find people that are speaking"]


def test_stems_meet_in_their_forms() -> None:
    assert stems_of("Colours moving, moved; the colour moves") == [
        "colour",
        "mov",
        "mov",
        "colour",
        "mov",
    ]


def test_ranked_puts_the_nearest_first_and_keeps_the_order_of_equals() -> None:
    index = WordIndex(TEXTS)
    assert index.ranked("who speaks?")[0] == 2
    assert index.ranked("how many shots") == [0, 1, 2]
    assert index.ranked("nothing of it") == [0, 1, 2]


def test_scores_weigh_rare_words_more() -> None:
    index = WordIndex(TEXTS)
    assert index.scores("people")[1] == index.scores("people")[2] == 1.0
    people, speaking = index.scores("people frame")[2], index.scores("people frame")[1]
    assert 0 < people < 0.5 < speaking == 1.0


def test_scores_of_nothing_are_zero() -> None:
    assert WordIndex([]).scores("x") == []
    assert WordIndex(TEXTS).scores("") == [0.0, 0.0, 0.0]
