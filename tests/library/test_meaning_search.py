"""Moments by meaning: found without a word in common, kept in step with the moments."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.library.index_file import IndexedMoment, IndexFile
from vprog.library.meaning_search import LEAST_LIKENESS, embed_missing, search_meaning
from vprog.models.sentence_embedder import SentenceEmbedder, sentence_embedder

SAID = (
    "the dollar fell against the euro this morning",
    "and so my fellow americans ask not what your country can do for you",
    "go forward ten meters",
    "he was a very gentlemanlike man with considerable property",
    "the recipe needs two eggs and some flour",
    "rain is expected in the north tomorrow",
    "the engine failed shortly after take off",
    "our team won the final by three goals",
    "she plays the violin in an orchestra",
    "the patient was given antibiotics",
    "interest rates will rise again next year",
    "my dog barks at the postman",
    "the train to Paris is late",
    "please subscribe to my channel",
    "EXIT",
    "NO PARKING",
    "we bought the house for two hundred thousand",
    "the court sentenced him to five years",
    "thank you for watching",
    "okay so let's get started",
    "the dollar fell",
)
SUBJECTS: dict[str, tuple[str, ...]] = {
    "someone talks about money": (
        "the dollar fell against the euro this morning",
        "interest rates will rise again next year",
        "we bought the house for two hundred thousand",
        "the dollar fell",
    ),
    "Where is the weather talked about?": ("rain is expected in the north tomorrow",),
    "who speaks about sports": ("our team won the final by three goals",),
    "a pet": ("my dog barks at the postman",),
    "When do they talk about cooking?": ("the recipe needs two eggs and some flour",),
    "something about medicine": ("the patient was given antibiotics",),
    "music": ("she plays the violin in an orchestra",),
    "crime and punishment": ("the court sentenced him to five years",),
    "aviation accident": ("the engine failed shortly after take off",),
    "travel by rail": ("the train to Paris is late",),
    "public transport": ("the train to Paris is late",),
    "a politician's speech": (
        "and so my fellow americans ask not what your country can do for you",
    ),
    "whale": (),
    "football stadium": ("our team won the final by three goals",),
    "quantum physics": (),
    "a birthday party": (),
}
"""What each question is about, among what is said."""


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    loaded = sentence_embedder()
    if loaded is None:
        pytest.skip("needs the extra meaning")
    return loaded


@pytest.fixture
def index(tmp_path: Path, embedder: SentenceEmbedder) -> IndexFile:
    made = IndexFile(tmp_path / "index.sqlite")
    made.set_files({f"{at}.mp4": str(at) for at in range(len(SAID))})
    for at, text in enumerate(SAID):
        made.keep(str(at), "speech", [IndexedMoment(1.0, 4.0, text)])
        made.keep(str(at), "shots", [IndexedMoment(0.0, 9.0, "")])
    assert embed_missing(made, embedder, lambda line: None) == len(SAID)
    return made


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("someone talks about money", "the dollar fell"),
        ("Where is the weather talked about?", "rain is expected in the north tomorrow"),
        ("music", "she plays the violin in an orchestra"),
        ("a pet", "my dog barks at the postman"),
    ],
)
def test_moment_is_found_without_a_word_in_common(
    question: str, text: str, index: IndexFile, embedder: SentenceEmbedder
) -> None:
    assert index.search(question, 5) == []
    best, *rest = search_meaning(question, 5, index, embedder)
    assert best.moment.text == text
    assert LEAST_LIKENESS <= best.score <= 1
    assert all(hit.score <= best.score for hit in rest)


def test_of_subjects_most_are_found_and_of_others_few(
    index: IndexFile, embedder: SentenceEmbedder
) -> None:
    n_right = n_wrong = 0
    for question, subject in SUBJECTS.items():
        for hit in search_meaning(question, len(SAID), index, embedder):
            is_right = hit.moment.text in subject
            n_right += is_right
            n_wrong += not is_right
    n_pairs = sum(map(len, SUBJECTS.values()))
    assert (n_pairs, len(SUBJECTS) * len(SAID) - n_pairs) == (16, 320)
    assert n_right >= 12
    assert n_wrong <= 7
    assert search_meaning("?!", 5, index, embedder) == []


def test_vectors_go_and_come_with_their_moments(
    index: IndexFile, embedder: SentenceEmbedder
) -> None:
    assert index.without_vectors() == []
    index.keep("0", "speech", [IndexedMoment(2.0, 3.0, "a cat sleeps")])
    assert [text for _, text in index.without_vectors()] == ["a cat sleeps"]
    gone = "the dollar fell against the euro this morning"
    assert gone not in [hit.moment.text for hit in search_meaning("money", 50, index, embedder)]
    assert embed_missing(index, embedder, lambda line: None) == 1
    assert [hit.path for hit in search_meaning("a kitten naps", 1, index, embedder)] == ["0.mp4"]
    ((row, _),) = index.vectors()[-1:]
    index.keep_vectors([(row, "what stood there before", b"other")])
    assert index.vectors()[-1][1] != b"other"
    index.set_files({"0.mp4": "0"})
    assert len(index.vectors()) == 1
