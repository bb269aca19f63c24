"""Where words are said."""

from __future__ import annotations

import pytest

from vprog.errors import ModuleInputError
from vprog.types import Match, Speech, Word
from vprog_modules.search.search_speech_fts import SearchSpeechFts


def heard(text: str, start: float, score: float = 0.9) -> Speech:
    """Speech with a word every half second."""
    words = [
        Word(word, start + 0.5 * k, start + 0.5 * k + 0.4, score)
        for k, word in enumerate(text.split())
    ]
    return Speech(text, start, words[-1].end, score, "pocketsphinx", words)


def subtitle(text: str, start: float, end: float) -> Speech:
    return Speech(text, start, end, 1.0, "subtitles", [])


def search(speech: list[Speech], query: str, count: int = 10) -> list[Match]:
    return SearchSpeechFts()(speech, query, count=count)


ASK = heard("ask not what your country can do for you", 5.0)
FILM = [
    subtitle("Don't go! It's 10 o'clock.", 0.0, 2.0),
    subtitle("Where does Mr. Smith's train", 2.5, 4.0),
    subtitle("leave from?", 4.0, 5.0),
    subtitle("Twenty-five trains are leaving.", 9.0, 11.0),
]


def test_search_speech_gives_the_times_of_the_words() -> None:
    (match,) = search([ASK], "your country")
    assert (match.start, match.end) == (6.5, 7.4)
    assert match.text == ASK.text
    assert (match.score, match.source) == (0.9, "pocketsphinx")


def test_search_speech_gives_the_times_of_the_subtitle_without_word_times() -> None:
    match = search(FILM, "o'clock")[0]
    assert (match.start, match.end, match.score) == (0.0, 2.0, 1.0)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("do not go", FILM[0].text),
        ("ten o'clock", FILM[0].text),
        ("it is", FILM[0].text),
        ("mister smith", FILM[1].text),
        ("25 trains", FILM[3].text),
        ("train leaves", FILM[1].text + " " + FILM[2].text),
        ("TRAIN, leave!", FILM[1].text + " " + FILM[2].text),
    ],
)
def test_search_speech_knows_one_word_in_several_spellings(query: str, text: str) -> None:
    match = search(FILM, query)[0]
    assert (match.text, match.score) == (text, 1.0)


def test_search_speech_puts_phrases_before_words_apart() -> None:
    speech = [heard("country of your own", 0.0), heard("your country", 10.0), heard("your own", 20)]
    found = search(speech, "your country")
    assert [match.start for match in found] == [10.0, 0.0]  # "your" alone finds nothing
    assert [match.score for match in found] == [0.9, 0.72]


def test_search_speech_finds_every_time_a_word_is_said() -> None:
    found = search([heard("go go stop go", 1.0)], "go")
    assert [match.start for match in found] == [1.0, 1.5, 2.5]
    assert len(search([heard("go go stop go", 1.0)], "go", count=2)) == 2


def test_search_speech_scores_unsure_words_lower() -> None:
    found = search([heard("red car", 0.0, 0.3), heard("red car", 9.0, 0.8)], "red car")
    assert [match.score for match in found] == [0.8, 0.3]


def test_search_speech_finds_some_of_the_words_with_a_low_score() -> None:
    (match,) = search([ASK], "country elephant")
    assert match.score == pytest.approx(0.27)  # 0.6 x half of the words x 0.9


def test_search_speech_of_common_words_finds_them_if_nothing_else_is_asked() -> None:
    assert search([ASK], "for you")[0].start == 8.5


@pytest.mark.parametrize(
    "query",
    ["country OR", "NEAR(ask, 2) country", "words: country*", "country^ -ask", "'; --country"],
)
def test_search_speech_takes_no_query_for_a_command(query: str) -> None:
    assert search([ASK], query)[0].text == ASK.text


@pytest.mark.parametrize("query", ['"', "*", "--", "\u200b"])
def test_search_speech_refuses_a_query_without_words(query: str) -> None:
    with pytest.raises(ModuleInputError, match="at least one word"):
        search([ASK], query)


def test_search_speech_knows_other_scripts() -> None:
    speech = [subtitle("今日は東京です", 0, 1), subtitle("Привет, мир", 1, 2)]
    assert search(speech, "東京")[0].start == 0
    assert search(speech, "привет")[0].start == 1


def test_search_speech_in_nothing_finds_nothing() -> None:
    assert search([], "country") == []
    assert search([ASK], "elephant") == []
