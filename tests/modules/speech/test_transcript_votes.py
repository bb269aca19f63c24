"""One transcript out of several."""

from __future__ import annotations

import itertools

import pytest

from vprog_modules.speech.transcript_votes import Heard, vote


def heard(text: str, posterior: float = 0.8, shift: float = 0.0) -> list[Heard]:
    """Words of half a second each; "-" is a word that was not heard."""
    return [
        Heard(word, 0.5 * k + shift, 0.5 * k + 0.5 + shift, posterior)
        for k, word in enumerate(text.split())
        if word != "-"
    ]


@pytest.mark.parametrize(
    ("passes", "won"),
    [
        (["go forward", "go forward", "no forward"], "go forward"),
        (["no forward", "go forward", "go forward"], "go forward"),
        (["go - ten", "go far ten", "go far ten"], "go far ten"),
        (["go far ten", "go - ten", "go - ten"], "go ten"),
        (["- far ten", "go far ten", "go far ten"], "go far ten"),
        (["go far", "go far ten", "go far ten"], "go far ten"),
        (["-", "-", "-"], ""),
    ],
)
def test_vote_takes_what_most_passes_heard(passes: list[str], won: str) -> None:
    result = vote([heard(sound_pass) for sound_pass in passes])
    assert " ".join(word.text for word in result) == won


def test_vote_gives_share_and_mean_posterior() -> None:
    (word,) = vote([heard("go", 0.9), heard("go", 0.5), heard("no", 0.4)])
    assert (word.text, word.share, word.posterior) == ("go", 2 / 3, 0.7)
    assert (word.start, word.end) == (0.0, 0.5)


def test_vote_weighs_sure_words_more() -> None:
    assert vote([heard("go", 0.1), heard("no", 0.9)])[0].text == "no"


def test_vote_gives_words_in_order_without_overlap() -> None:
    result = vote([heard("a b c", 0.9), heard("a b c d", 0.9, shift=0.1), heard("- - - d", 0.9)])
    assert [word.text for word in result] == ["a", "b", "c", "d"]
    assert all(x.end <= y.start for x, y in itertools.pairwise(result))


def test_vote_of_nothing_is_nothing() -> None:
    assert vote([]) == []
    assert vote([[], [], []]) == []
