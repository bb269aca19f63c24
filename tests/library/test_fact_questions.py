"""Questions over the facts of all files: which are read as such, and which say more."""

from __future__ import annotations

import pytest

from vprog.library.fact_questions import Condition, FactQuestion, read_fact_question

SPEECH, DOG, PERSON = (
    Condition("speech"), Condition("label", label="dog"), Condition("label", label="person")
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("How many files have speech?", FactQuestion("count", (SPEECH,))),
        ("how many videos are there", FactQuestion("count")),
        ("Which videos have no sound?", FactQuestion("list", (Condition("sound", True),))),
        ("Which files don't have any subtitles",
         FactQuestion("list", (Condition("subtitles", True),))),
        ("which is the longest", FactQuestion("most")),
        ("what's the longest video?", FactQuestion("most")),
        ("Which videos have speech but no sound?",
         FactQuestion("list", (SPEECH, Condition("sound", True)))),
        ("Which videos have no sound and no subtitles?",
         FactQuestion("list", (Condition("sound", True), Condition("subtitles", True)))),
        ("Which video with speech is the shortest?", FactQuestion("least", (SPEECH,))),
        ("Which file has the most shots?", FactQuestion("most", (), "shots")),
        ("How long are all videos together?", FactQuestion("sum")),
        ("Which files are longer than half a minute?",
         FactQuestion("list", (Condition("above", number=30.0),))),
        ("which clips have at least 30 fps",
         FactQuestion("list", (Condition("below", True, quantity="fps", number=30.0),))),
        ("Which clips show a dog and a person?", FactQuestion("list", (DOG, PERSON))),
        ("How many clips have a dog?", FactQuestion("count", (DOG,))),
        ("Which files without sound are longer than a minute?",
         FactQuestion("list", (Condition("above", number=60.0), Condition("sound", True)))),
        ("How many files longer than 10 s have speech?",
         FactQuestion("count", (Condition("above", number=10.0), SPEECH))),
        ("Which files are longer than 10 s and have speech?",
         FactQuestion("list", (Condition("above", number=10.0), SPEECH))),
    ],
)  # fmt: skip
def test_question_over_files_is_read(question: str, read: FactQuestion) -> None:
    assert read_fact_question(question) == read


@pytest.mark.parametrize(
    "question",
    [
        "Which videos show a red fox?",
        "Which is the longest shot?",
        "What is said in the longest video?",
        "How many clips have two dogs?",
        "Which video shows the most people?",
        "Which clips have no people?",
        "Which videos have sound or subtitles?",
        "Which videos have no sound and subtitles?",
        "Which videos are without speech and a dog?",
        "How many people are there?",
        "How many files have more than 1 s of speech?",
        "How many files have speech longer than 5 s?",
        "How many files have over 2 min of talking?",
        "Which files have subtitles shorter than 3 s?",
        "How many videos show a person in over 10 s?",
        "How many videos have a dog that is longer than 5 s?",
        "Which video has the longest speech?",
        "Which clip has the longest?",
        "Which video shows the biggest dog?",
        "Which file has the largest text?",
        "Which file has the shortest speech?",
        "Which video has the biggest picture?",
        "How many files lack speech but not sound?",
        "How many files have no sound, speech and text?",
        "How many files have no speech, text?",
        "Which files have no subtitles, sound?",
        "How many files have no sound, subtitles and text?",
        "In which clips is a dog?",
        "Which videos?",
        "",
    ],
)
def test_question_that_says_more_is_left_to_the_search(question: str) -> None:
    assert read_fact_question(question) is None
