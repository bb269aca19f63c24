"""Answers over the facts of an index: exact over what is known, silent on the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.library.fact_answers import FactAnswer, answer_from_facts
from vprog.library.fact_questions import read_fact_question
from vprog.library.index_file import (
    FileFacts,
    IndexedMoment,
    IndexFile,
    LabelFrames,
    LabelSighting,
)


def facts(duration: float, *, sound: bool = True, width: int = 640) -> FileFacts:
    return FileFacts(duration, width, 360 if width else 0, 25.0, sound, False, 1000, "h264", "aac")


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    """Four files; nobody listened to d.mp4, and nothing at all is known of e.mp4."""
    made = IndexFile(tmp_path / "index.sqlite")
    made.set_files({f"{name}.mp4": name for name in "abcde"})
    for name, duration, sound in (("a", 10.0, True), ("b", 75.5, False), ("c", 75.5, True),
                                  ("d", 5.0, True)):  # fmt: skip
        made.keep_facts(name, facts(duration, sound=sound), [])
    made.keep("a", "speech", [IndexedMoment(0.0, 2.0, "a fox"), IndexedMoment(3.0, 4.5, "ran")])
    made.keep("b", "speech", [])
    made.keep("c", "speech", [IndexedMoment(1.0, 2.0, "an owl")])
    for name in "abc":
        made.keep(name, "shots", [IndexedMoment(0.0, 1.0, "")] * (ord(name) - 96))
    seen = {"a": [(1.0, "dog"), (3.0, "person")], "b": [(1.0, "dog"), (1.0, "person")], "c": []}
    for name, sights in seen.items():
        made.keep_labels(
            name, LabelFrames(5, 2.0), [LabelSighting(time, 0.9, label) for time, label in sights]
        )
    return made


def ask(index: IndexFile, question: str) -> FactAnswer:
    read = read_fact_question(question)
    assert read is not None
    return answer_from_facts(read, index)


@pytest.mark.parametrize(
    ("question", "text", "files", "unknown"),
    [
        ("How many files are there?", "5 of 5 files", "abcde", ""),
        ("How many files have speech?", "2 of 3 files", "ac", "de"),
        ("Which videos have no sound?", "1 of 4 files", "b", "e"),
        ("Which is the longest?", "b.mp4, c.mp4", "bc", "e"),
        ("Which video with speech is the longest?", "c.mp4", "c", "de"),
        ("Which file has the fewest shots?", "a.mp4", "a", "de"),
        ("Which file has the most speech?", "a.mp4", "a", "de"),
        ("Which files are longer than 10 s?", "2 of 4 files", "bc", "e"),
        ("Which files are at least 10 s long?", "3 of 4 files", "abc", "e"),
        ("Which files have more than 1 shot?", "2 of 3 files", "bc", "de"),
        ("How long are all files together?", "2:46", "abcd", "e"),
        ("How many files have a dog?", "2 of 3 files", "ab", "de"),
        ("Which clips have a dog and a person?", "2 of 3 files", "ab", "de"),
        ("Which clips are longer than 1 hour?", "0 of 4 files", "", "e"),
    ],
)
def test_answer_is_exact_and_names_its_files(
    index: IndexFile, question: str, text: str, files: str, unknown: str
) -> None:
    answer = ask(index, question)
    assert answer.text == text
    assert list(answer.files) == [f"{name}.mp4" for name in files]
    assert list(answer.unknown) == [f"{name}.mp4" for name in unknown]


def test_answer_says_what_was_found_in_each_file_and_what_was_not_looked_for(
    index: IndexFile,
) -> None:
    answer = ask(index, "How many files have speech?")
    assert answer.value == 2.0
    assert answer.files["a.mp4"] == "2 pieces of speech, 0:03.5 in all"
    assert answer.unknown == {"d.mp4": "speech", "e.mp4": "speech"}
    assert answer.basis == ("speech: what the recogniser or the subtitles gave; it may miss some",)


def test_things_that_are_named_together_are_told_apart_by_frame(index: IndexFile) -> None:
    answer = ask(index, "Which clips have a dog and a person?")
    assert answer.files == {
        "a.mp4": "dog in 1 frame, person in 1 frame, never in one frame",
        "b.mp4": "dog in 1 frame, person in 1 frame, together at 0:01",
    }
    assert "in one frame every 2 s" in answer.basis[0]


@pytest.mark.parametrize(
    ("question", "text", "is_left_out"),
    [
        ("How many videos are there?", "4 of 4 videos", True),
        ("How many files are there?", "6 of 6 files", False),
        ("How many clips are there?", "6 of 6 files", False),
        ("Which file has the lowest resolution?", "a.mp4, b.mp4, c.mp4, d.mp4", True),
        ("Which file has the lowest frame rate?", "a.mp4, b.mp4, c.mp4, d.mp4", True),
        ("Which file has the fewest shots?", "a.mp4", True),
        ("Which files have less than 2 shots?", "1 of 3 videos", True),
        ("Which files have at least 30 fps?", "0 of 4 videos", True),
        ("Which videos have no picture?", "1 of 5 files", False),
        ("Which is the longest file?", "song.mp3", False),
        ("Which video is the longest?", "b.mp4, c.mp4", True),
    ],
)
def test_sound_alone_is_no_video_and_has_no_little_of_a_picture(
    index: IndexFile, question: str, text: str, is_left_out: bool
) -> None:
    index.set_files({"song.mp3": "song", **{f"{name}.mp4": name for name in "abcde"}})
    index.keep_facts("song", facts(300.0, width=0)._replace(fps=0.0), [])
    index.keep("song", "shots", [])
    answer = ask(index, question)
    assert answer.text == text
    told = "left out, for they have no picture: song.mp3"
    assert (told in answer.basis) == is_left_out
    assert "song.mp3" not in answer.unknown


def test_files_that_were_read_in_part_are_told_where_it_matters(index: IndexFile) -> None:
    index.keep("b", "speech", [], ["damaged sound", "cut short"])
    index.keep("d", "labels", [], ["cut short"])
    answer = ask(index, "How many files have speech?")
    assert answer.text == "2 of 3 files; 1 file read only in part or with doubt"
    assert answer.doubtful == {"b.mp4": "damaged sound; cut short"}
    assert ask(index, "How many files are there?").doubtful == {}  # all the same, however read
    assert ask(index, "Which files have no sound?").doubtful == {}  # nobody listened for that


def test_files_that_are_left_out_are_in_no_answer(index: IndexFile) -> None:
    index.leave_out(["a.mp4", "e.mp4"])
    answer = ask(index, "How many files have speech?")
    assert (answer.text, list(answer.files)) == ("1 of 2 files", ["c.mp4"])
    assert list(answer.unknown) == ["d.mp4"]
    assert index.search("fox", 5) == []
