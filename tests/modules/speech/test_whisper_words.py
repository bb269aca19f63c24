"""Words as Whisper writes them, made into ours."""

from __future__ import annotations

import pytest

from vprog_modules.speech.whisper_words import RawWord, clean_words


def raw(text: str, start: float = 0.0, end: float = 0.5, probability: float = 1.0) -> RawWord:
    return RawWord(text, start, end, probability)


@pytest.mark.parametrize(
    ("written", "text"),
    [(" Hello,", "Hello"), (' "10', "ten"), (" 21.", "twenty-one"), (" 101", "101"), ("東", "東")],
)
def test_clean_words_have_no_marks_and_numbers_as_they_are_said(written: str, text: str) -> None:
    assert [word.text for word in clean_words([raw(written)], 0.0)] == [text]


def test_clean_words_count_from_the_start_of_their_sound() -> None:
    (word,) = clean_words([raw(" a", 1.0, 1.4)], 60.0)
    assert (word.start, word.end) == (61.0, 61.4)


def test_clean_words_take_some_time_and_marks_alone_are_none() -> None:
    (word,) = clean_words([raw(" a", 2.0, 2.0), raw(" ..."), raw("")], 0.0)
    assert word.end == 2.1


def test_clean_words_join_the_rest_of_a_word_and_doubt_it_as_its_worst_part() -> None:
    (word,) = clean_words([raw(" cold", 0.0, 0.3, 0.9), raw("-hearted.", 0.3, 0.8, 0.5)], 0.0)
    assert (word.text, word.start, word.end) == ("cold-hearted", 0.0, 0.8)
    assert word.score == pytest.approx(0.5**0.4, abs=1e-3)


def test_clean_words_without_spaces_stay_apart() -> None:
    assert [word.text for word in clean_words([raw("東"), raw("京。")], 0.0)] == ["東", "京"]
