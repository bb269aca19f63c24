"""Words by meaning: forms of one word, phrases, values."""

from __future__ import annotations

import pytest

from vprog.rules.lexicon import lexicon, phrase_of, stem


@pytest.mark.parametrize(("form", "other"), [("cuts", "cutting"), ("said", "says"), ("went", "go")])
def test_forms_of_a_word_are_one(form: str, other: str) -> None:
    assert stem(form) == stem(other)


@pytest.mark.parametrize(
    ("word", "noun"), [("animation", "animal"), ("personality", "person"), ("animator", "animal")]
)
def test_a_longer_word_made_of_a_noun_is_another(word: str, noun: str) -> None:
    assert stem(word) != stem(noun)


def test_a_phrase_means_what_it_is_listed_under() -> None:
    assert "web address" in lexicon().meanings[phrase_of("url")]
    assert lexicon().slots[phrase_of("sofa")]["thing"] == "couch"
