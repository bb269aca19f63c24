"""What means about the same: real weights, which come in a package."""

from __future__ import annotations

import itertools

import pytest

from tests.modules.search.test_search_speech_fts import heard, subtitle
from vprog.errors import ModuleInputError
from vprog.models.sentence_embedder import sentence_embedder
from vprog.registry.module import spec_of
from vprog.testing import check_module
from vprog.types import Box, Match, Speech, TextSpan
from vprog_modules.search.search_meaning_minilm import PART_WORDS, SearchMeaningMiniLM

pytestmark = pytest.mark.skipif(
    sentence_embedder() is None, reason="the extra meaning is not installed"
)

LINES = [
    subtitle("The automobile would not start this morning.", 0.0, 3.0),
    subtitle("They ask two hundred thousand for the cottage.", 3.0, 6.0),
    subtitle("Rain is expected in the north.", 6.0, 9.0),
    subtitle("My daughter plays the violin every evening.", 9.0, 12.0),
]


@pytest.fixture(scope="module")
def module() -> SearchMeaningMiniLM:
    made = SearchMeaningMiniLM()
    made.load("cpu")
    return made


@pytest.mark.parametrize(
    ("query", "start"),
    [
        ("a car that is broken", 0.0),
        ("what the house costs", 3.0),
        ("the weather", 6.0),
        ("a child makes music", 9.0),
    ],
)
def test_search_meaning_finds_other_words_for_the_same(
    module: SearchMeaningMiniLM, query: str, start: float
) -> None:
    matches = module(LINES, query)
    assert matches[0].start == start
    assert len(matches) == 4
    assert [match.score for match in matches] == sorted(
        (match.score for match in matches), reverse=True
    )
    assert matches[0].source == "subtitles"


def test_search_meaning_counts_the_score_of_the_text(module: SearchMeaningMiniLM) -> None:
    (sure,) = module([heard("rain is expected", 0.0, 1.0)], "the weather")
    (unsure,) = module([heard("rain is expected", 0.0, 0.5)], "the weather")
    assert unsure.score == pytest.approx(sure.score / 2, abs=1e-3)


def test_search_meaning_of_long_speech_gives_the_part_that_means_it(
    module: SearchMeaningMiniLM,
) -> None:
    long = " ".join(
        ["we talked about the garden and the flowers in it"] * 8
        + ["the violin concert was sold out and the orchestra played well"] * 4
    )
    speech = heard(long, 10.0)
    match = module([speech], "music", count=1)[0]
    assert "violin" in match.text
    assert len(match.text.split()) <= PART_WORDS
    first = next(word for word in speech.words if word.text == "violin")
    assert match.start >= first.start - 15.0
    assert match.end <= speech.end
    several = module([speech], "music", count=9)
    spans = sorted((part.start, part.end) for part in several)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_search_meaning_takes_text_in_the_picture_and_captions(module: SearchMeaningMiniLM) -> None:
    sign = TextSpan("Exit only", 2.0, 4.0, Box(0, 0, 9, 9), 0.9)
    (match,) = module([sign], "way out")
    assert (match.start, match.end, match.source) == (2.0, 4.0, "text")
    captions = [
        Match("A brown dog runs across a lawn.", 1.0, 1.0, 1.0, "caption"),
        Match("A plate of pasta on a table.", 5.0, 5.0, 1.0, "caption"),
    ]
    assert module(captions, "an animal")[0].start == 1.0
    assert module(captions, "food")[0].source == "caption"


def test_search_meaning_in_nothing_finds_nothing(module: SearchMeaningMiniLM) -> None:
    nothing: list[Speech] = []
    assert module(nothing, "music") == []


@pytest.mark.parametrize("query", ["!", " "])
def test_search_meaning_refuses_a_query_without_words(
    module: SearchMeaningMiniLM, query: str
) -> None:
    with pytest.raises(ModuleInputError, match="at least one word"):
        module(LINES, query)


def test_search_meaning_conforms() -> None:
    assert check_module(spec_of(SearchMeaningMiniLM)) == []
