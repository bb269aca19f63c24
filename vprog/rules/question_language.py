"""Whether a question is in another language than English, by its script or its function words.

Read only where no rule knows a question, so that what is said of it is true: that the rules read
English, not that a model is missing. Languages are told apart by words that hold every sentence
together and are no English words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from vprog.rules.word_forms import words

LEAST_WORDS = 2
"""Function words of one language that make a question one in it."""

_FUNCTION_WORDS = {
    "German": "wie viele ist sind der die das den dem ein eine wann wird werden gibt es im und "
    "nicht lang lange zeigt sagt jemand kommt dauert steht zu sehen welche welcher wer warum",
    "French": "combien de est sont le la les du des une un quand y il elle dans et pas que quel "
    "quelle quels qui ce cette dure pourquoi sur où personne personnes",
    "Spanish": "cuántas cuántos cuantos cuantas cuánto cuando cuándo hay el la los las un una en "
    "qué que es son del y quién dónde donde dura por se ve personas",
    "Italian": "quante quanti quanto quando ci sono il lo la gli le un una nel nella che è di del "
    "della chi dove dura perché persone si vede cosa",
    "Portuguese": "quantas quantos quanto quando há o os as um uma no na que é são do da quem onde "
    "dura por pessoas se vê",
    "Dutch": "hoeveel zijn er het een de wanneer hoe lang duurt wie waar wat wordt staat van niet "
    "mensen iemand zegt welke te zien",
    "Swedish": "hur många är det en ett finns när vem var vad som och inte visas personer länge",
    "Polish": "ile jest są kiedy w na kto gdzie co czy jak się nie osób długo trwa",
    "Turkish": "kaç ne zaman var mı mi bir kim nerede nasıl video kişi kadar sürüyor",
    "Indonesian": "berapa ada yang di dan kapan siapa apa orang lama ini itu",
    "Vietnamese": "có bao nhiêu người khi nào ai ở trong là không dài",
}
_ENGLISH = words(
    "a an the is are was were do does did in on at of to and or not how what when which who "
    "where why there it this that many long any be has have time video people clip i no me as "
    "so one on die son do ten per are for from with"
)
"""Words that English shares, or that are English words."""
_SCRIPTS = (
    ("CJK", "Chinese"), ("HIRAGANA", "Japanese"), ("KATAKANA", "Japanese"), ("HANGUL", "Korean"),
    ("CYRILLIC", "Russian or another language in Cyrillic letters"),
    ("ARABIC", "Arabic or another language in Arabic letters"), ("DEVANAGARI", "Hindi"),
    ("HEBREW", "Hebrew"), ("GREEK", "Greek"), ("THAI", "Thai"), ("BENGALI", "Bengali"),
    ("TAMIL", "Tamil"), ("GEORGIAN", "Georgian"), ("ARMENIAN", "Armenian"),
)  # fmt: skip


def other_language(question: str) -> str | None:
    """The language of a question that is not in English, as messages name it; None if unsure.

    Quoted text says nothing of the language of the question.
    """
    text = re.sub(r"[\"“«‘`][^\"”»’`]*[\"”»’`]", " ", question)
    letters = [letter for letter in text if letter.isalpha()]
    scripts = Counter(_script(letter) for letter in letters)
    others = {name: count for name, count in scripts.items() if name is not None}
    if sum(others.values()) * 2 > len(letters):
        # Japanese is written in Chinese signs too, among its own.
        return "Japanese" if "Japanese" in others else max(others, key=lambda name: others[name])
    spoken = set(re.findall(r"\w+", text.lower())) - _ENGLISH
    hits = {name: len(spoken & set(listed.split())) for name, listed in _FUNCTION_WORDS.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= LEAST_WORDS else None


def _script(letter: str) -> str | None:
    """The language of a letter that is not Latin."""
    name = unicodedata.name(letter, "")
    return next((language for start, language in _SCRIPTS if name.startswith(start)), None)
