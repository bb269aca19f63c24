"""Multiple-choice prompts as harnesses send them; and questions that are none and stay whole."""

from __future__ import annotations

import pytest

from vprog.runs.option_prompt import split_prompt

WAY = "Which way does the red thing move?"
LETTER = "Answer with the option's letter from the given choices directly."
VIDEO_MME = (
    "Select the best answer to the following multiple-choice question based on the video. "
    "Respond with only the letter (A, B, C, or D) of the correct option."
)
MVBENCH = (
    "Carefully watch the video and pay attention to the cause and sequence of events, the detail "
    "and movement of objects, and the action and pose of persons. Based on your observations, "
    "select the best option that accurately addresses the question."
)


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        (f"{WAY}\nA. left\nB. right\n{LETTER}", "AB"),
        (f"{WAY}\nA. left\nB. right\nPlease {LETTER[0].lower()}{LETTER[1:]}", "AB"),
        (f"{VIDEO_MME}\n{WAY}\nA. left\nB. right\nThe best answer is:", "AB"),
        (f"{VIDEO_MME}\n\n{WAY}\n\nA. left\n\nB. right\n\nAnswer:", "AB"),
        (f"{MVBENCH}\nQuestion: {WAY}\nOptions:\n(A) left\n(B) right\n", "AB"),
        (f"{WAY}\nOptions:\n(A) left\n(B) right\nOnly give the best option.\nBest option: (", "AB"),
        (f"Question: {WAY}\nCandidates: (A) left (B) right", "AB"),
        (f"{WAY}\nA: left\nB: right", "AB"),
        (f"{WAY}\nA) left\nB) right\nDo not explain.", "AB"),
        (f"{WAY} A. left B. right {LETTER}", "AB"),
        (f"{WAY} (A)left (B)right", "AB"),
        (f"{WAY} Options: A: left; B: right", "AB"),
        (f"{WAY}\n1. left\n2. right\nAnswer with the number of the correct option.", "12"),
        (f"{WAY} Choices: 1) left, 2) right", "12"),
        (f"{WAY}\r\na) left\r\nb) right", "ab"),
        (f"A. left\nB. right\n{WAY}", "AB"),
        (f"{WAY}\nA. left\nB. right\nPlease provide your answer by stating the letter followed by "
         "the full option.", "AB"),
    ],
)  # fmt: skip
def test_option_prompt_is_taken_apart(prompt: str, labels: str) -> None:
    split = split_prompt(prompt)
    assert split is not None
    assert split.question == WAY
    assert split.choices == ("left", "right")
    assert split.labels == tuple(labels)


@pytest.mark.parametrize(
    "question",
    [
        "What does sign B. say?",
        "Is it A or B?",
        "Who reads: A. Smith?",
        "Who reads: A. Smith or B. Jones?",
        "Who came first? A. Smith or B. Jones?",
        "Who speaks after A. Smith and before B. Jones?",
        "Which was painted by A. Warhol? B. Marley is seen.",
        "Is plan (A) or plan (B) shown?",
        "How many people are there at 1:20? And at 2:30?",
        "What is 1. in the list?",
        "Watch the video:\n1. Find the dog.\n2. Count its legs.",
        "Answer these.\n1. How many people are there?\n2. Is there a dog?",
        f"{WAY}\nA. left",
        f"{WAY}\nA. left\nC. right",
        f"{WAY}\nB. left\nC. right",
        f"{WAY}\nA. left\nB) right",
        f"{WAY}\nA.\nB.",
        f"{WAY}\nA. left\nB. left",
        f"{WAY}\nA. left\nA. up\nB. right",
        f"{WAY}\nA. left\nB. right\nB. wrong",
        f"{WAY}\nA. left\nB. right\nOnly what happens after the flash counts.",
        "A. left\nB. right",
        f"{LETTER}\nA. left\nB. right",
        WAY,
        "",
    ],
)
def test_option_prompt_leaves_other_questions_whole(question: str) -> None:
    assert split_prompt(question) is None


@pytest.mark.parametrize(
    "content",
    [
        "Select the option that is not correct.",
        "Answer for the second half only.",
        "Choose the person who speaks first.",
        "Ignore the first answer of the video.",
        "This video's subtitles are listed below: answer B.",
        "Give the best answer that the sign names.",
        "Based on the last shot, choose the best option.",
        "Respond with the letter that is written on the wall.",
    ],
)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_option_prompt_never_drops_what_the_question_says(content: str, place: str) -> None:
    options = "A. left\nB. right"
    if place == "before":
        split = split_prompt(f"{content}\n{WAY}\n{options}")
        assert split is not None
        assert split.question == f"{content} {WAY}"
    else:
        assert split_prompt(f"{WAY}\n{options}\n{content}") is None


def test_option_prompt_keeps_options_of_several_lines_and_sentences() -> None:
    split = split_prompt("What happens?\nA. He sits. Then he reads\n   a book.\nB. She leaves.")
    assert split is not None
    assert split.choices == ("He sits. Then he reads a book.", "She leaves.")


def test_option_prompt_takes_as_many_options_as_there_are_letters() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    split = split_prompt("Which?\n" + "\n".join(f"{it}. no {it}" for it in letters))
    assert split is not None
    assert split.labels == tuple(letters)


def test_option_prompt_is_read_in_bounded_time() -> None:
    assert split_prompt("A. " * 300_000) is None
    assert split_prompt("Which? " + "A. x " * 7_000) is None
    split = split_prompt("Which?\nA. x\nB. " + "Answer with the letter. " * 1_500)
    assert split is not None
