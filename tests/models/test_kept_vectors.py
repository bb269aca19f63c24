"""Vectors of sentences in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.models.kept_vectors import keep_vectors, kept_vectors
from vprog.models.sentence_embedder import sentence_embedder

pytestmark = pytest.mark.skipif(
    sentence_embedder() is None, reason="the sentence embedder is not installed"
)
SENTENCES = ("is it dark", "how many cuts are there", "is it dark")


def test_vectors_are_those_of_the_sentences(tmp_path: Path) -> None:
    keep_vectors(tmp_path / "kept.npz", SENTENCES)
    kept = kept_vectors(tmp_path / "kept.npz", SENTENCES, "make it")
    embedder = sentence_embedder()
    assert embedder is not None
    likeness = (kept * embedder.embed(SENTENCES)).sum(axis=1)
    assert likeness.min() > 0.99
    assert (kept[0] == kept[2]).all()


def test_vectors_of_other_sentences_are_an_error(tmp_path: Path) -> None:
    keep_vectors(tmp_path / "kept.npz", SENTENCES)
    with pytest.raises(RuntimeError, match=r"kept\.npz is not of the sentences .*: run make it"):
        kept_vectors(tmp_path / "kept.npz", SENTENCES[:1], "make it")
