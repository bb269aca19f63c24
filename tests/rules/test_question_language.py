"""A question in another language is told apart from one in English, whatever it asks."""

from __future__ import annotations

import pytest

from tests.rules.phrasings import ASKED, REFUSED
from tests.vocabulary import shipped_signatures
from vprog.rules import Unanswerable, write
from vprog.rules.question_text import other_language
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)
TASKS = frozenset(signature.name for signature in shipped_signatures())


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wie viele Personen sind im Bild?", "German"),
        ("Wie lang ist das Video?", "German"),
        ("Wann wird es dunkel?", "German"),
        ("Combien de personnes y a-t-il ?", "French"),
        ("Quelle est la durée de la vidéo ?", "French"),
        ("¿Cuántas personas hay en el video?", "Spanish"),
        ("¿Cuándo se ve el coche?", "Spanish"),
        ("Quante persone ci sono nel video?", "Italian"),
        ("Quantas pessoas há no vídeo?", "Portuguese"),
        ("Hoeveel mensen zijn er te zien?", "Dutch"),
        ("Hur många personer är det?", "Swedish"),
        ("视频里有几个人？", "Chinese"),
        ("ビデオの長さは？", "Japanese"),
        ("몇 명이 있습니까?", "Korean"),
        ("Сколько людей на видео?", "Russian or another language in Cyrillic letters"),
        ("كم عدد الأشخاص؟", "Arabic or another language in Arabic letters"),
    ],
)
def test_other_languages_are_named(question: str, language: str):
    assert other_language(question) == language
    written = write(question, [], [VIDEO], TASKS)
    assert isinstance(written, Unanswerable)
    assert language in written.reason
    assert "1 GB" not in written.command


def test_english_is_never_taken_for_another_language():
    asked = [
        *[line.strip() for lines in ASKED.values() for line in lines.splitlines() if line.strip()],
        *(line.strip() for line in REFUSED.splitlines() if line.strip()),
    ]
    assert {question for question in asked if other_language(question)} == {
        "Wie lang ist das Video?",
        "¿Cuántas personas hay?",
        "Combien de personnes y a-t-il à 5 s ?",
    }


@pytest.mark.parametrize(
    "question",
    [
        'When does "Wie viele sind es?" appear?',
        "Is the word “視頻里有幾個人” shown?",
        "Ppl count?",
        "",
    ],
)
def test_quotations_and_typos_are_no_other_language(question: str):
    assert other_language(question) is None


def test_no_internal_token_shows_in_a_message():
    written = write('Which gribble is "EXIT" at 3 seconds?', [], [VIDEO], TASKS)
    assert isinstance(written, Unanswerable)
    assert "quotedwords" not in written.reason
    assert "mark" not in written.reason
