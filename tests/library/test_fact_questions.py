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
        ("how many videos are there", FactQuestion("count", is_of_videos=True)),
        ("Which videos have no sound?",
         FactQuestion("list", (Condition("sound", True),), is_of_videos=True)),
        ("Which files don't have any subtitles",
         FactQuestion("list", (Condition("subtitles", True),))),
        ("which is the longest", FactQuestion("most")),
        ("what's the longest video?", FactQuestion("most", is_of_videos=True)),
        ("Which videos have speech but no sound?",
         FactQuestion("list", (SPEECH, Condition("sound", True)), is_of_videos=True)),
        ("Which videos have no sound and no subtitles?",
         FactQuestion("list", (Condition("sound", True), Condition("subtitles", True)),
                      is_of_videos=True)),
        ("Which video with speech is the shortest?",
         FactQuestion("least", (SPEECH,), is_of_videos=True)),
        ("Which file has the most shots?", FactQuestion("most", (), "shots")),
        ("How long are all videos together?", FactQuestion("sum", is_of_videos=True)),
        ("Which files are longer than half a minute?",
         FactQuestion("list", (Condition("above", number=30.0),))),
        ("which clips have at least 30 fps",
         FactQuestion("list", (Condition("below", True, quantity="fps", number=30.0),))),
        ("Which clips show a dog and a person?", FactQuestion("list", (DOG, PERSON))),
        ("How many clips have a dog?", FactQuestion("count", (DOG,))),
        ("How many files longer than 10 s have speech?",
         FactQuestion("count", (Condition("above", number=10.0), SPEECH))),
        ("How many files are longer than 10 s and have speech?",
         FactQuestion("count", (Condition("above", number=10.0), SPEECH))),
        ("How many files have speech and are longer than 10 s?",
         FactQuestion("count", (SPEECH, Condition("above", number=10.0)))),
        ("Find files that are longer than 10 s and have speech",
         FactQuestion("list", (Condition("above", number=10.0), SPEECH))),
        ("How many clips over one and a half minutes show a dog and a person?",
         FactQuestion("count", (Condition("above", number=90.0), DOG, PERSON))),
        ("Which files without sound are longer than a minute?",
         FactQuestion("list", (Condition("sound", True), Condition("above", number=60.0)))),
        ("Which files with speech have more than 3 shots?",
         FactQuestion("list", (SPEECH, Condition("above", quantity="shots", number=3.0)))),
        ("Which files have speech, text and subtitles but no sound?",
         FactQuestion("list", (SPEECH, Condition("text"), Condition("subtitles"),
                               Condition("sound", True)))),
        ("Which has the highest resolution?", FactQuestion("most", (), "pixels")),
        ("Which files have no picture?", FactQuestion("list", (Condition("picture", True),))),
        ("Which videos have no picture?", FactQuestion("list", (Condition("picture", True),))),
        ("In which files is there someone speaking?", FactQuestion("list", (SPEECH,))),
        ("What's the total length of all files?", FactQuestion("sum")),
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
        "In which clips is a dog?",
        # a measure of something in the file
        "How many files have more than 1 s of speech?",
        "How many files have speech longer than 5 s?",
        "How many files with speech longer than 5 s are there?",
        "Which files have over 2 min of talking?",
        "Which files have subtitles shorter than 3 s?",
        "How many clips show a person in over 10 s?",
        "How many clips show a dog that is longer than 5 s?",
        "How many clips have a dog longer than 5 s?",
        "How many files with speech that are longer than 5 s are there?",
        "Which files have more than 3 shots of a dog?",
        "Which files have more than 3 shots with speech?",
        "Which files have more than 3 shots and speech?",
        "Find clips with a dog is longer than 5 s",
        # the most of something in the file
        "Which video has the longest speech?",
        "Which video shows the biggest dog?",
        "Which video has the largest text?",
        "Which file has the shortest speech?",
        "Which video has the biggest picture?",
        "Which is the longest video with speech?",
        "Which video is the longest and has speech?",
        "Which clip has the longest?",
        "Which clip has the most shots with a dog?",
        # a denial that may reach further than the kind behind it
        "Which files lack speech but not sound?",
        "Which files lack speech and sound?",
        "Which files have no sound, speech and text?",
        "Which files have no speech, text?",
        "Which files have no subtitles, sound?",
        "Which files have no sound, subtitles and text?",
        "Which files have no sound, no subtitles?",
        "Which files have no speech but no text?",
        "Which files have no speech but not sound?",
        "Which files do not have sound and have subtitles?",
        "Which files have speech but no sound and text?",
        "Which files have speech without subtitles?",
        "How many files have over 2 min of talking?",
        "How many videos show a person in over 10 s?",
        "How many videos have a dog that is longer than 5 s?",
        "Which file has the largest text?",
        "How many files lack speech but not sound?",
        "How many files have no sound, speech and text?",
        "How many files have no speech, text?",
        "How many files have no sound, subtitles and text?",
        "Which videos?",
        "",
    ],
)
def test_question_that_says_more_is_left_to_the_search(question: str) -> None:
    assert read_fact_question(question) is None
