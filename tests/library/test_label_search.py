"""The labels that a question names, and where an index has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.library.index_file import IndexFile, LabelFrames, LabelSighting
from vprog.library.indexed_kinds import PROGRAMS
from vprog.library.label_search import asked_labels, places_of_label
from vprog.rules.lexicon import lexicon


@pytest.mark.parametrize(
    ("question", "labels", "untold"),
    [
        ("In which clips is a dog?", ["dog"], []),
        ("Where are hot dogs?", ["hot dog"], []),
        ("is there any hot-dog", ["hot dog"], []),
        ("clips with doggies and people, or a passer-by", ["dog", "person"], []),
        ("In which clips is a puppy?", [], ["puppy"]),  # not every dog is one
        ("Which videos show an orange car?", ["car"], ["an orange"]),
        ("Which videos show an orange?", ["orange"], []),
        ("Where is a whale or a teddy bear?", ["teddy bear"], ["whale"]),
        ("In which files is a woman with a face?", [], ["woman", "face"]),
        ("someone talks about a whale", [], ["whale"]),
        ("someone with a dog", ["person", "dog"], []),
        ("?!", [], []),
    ],
)
def test_the_nouns_of_a_question_are_labels_or_are_told(
    question: str, labels: list[str], untold: list[str]
) -> None:
    asked = asked_labels(question)
    assert (list(asked.labels), list(asked.untold)) == (labels, untold)
    assert not asked.is_denied


@pytest.mark.parametrize("question", ["clips without a person", "which clips have no people?"])
def test_a_question_for_what_is_not_there_is_known_as_one(question: str) -> None:
    asked = asked_labels(question)
    assert (asked.labels, asked.is_denied) == (("person",), True)


def test_every_thing_of_the_rules_but_faces_is_looked_for() -> None:
    things = {slots["thing"] for slots in lexicon().slots.values() if "thing" in slots}
    looked_for = {label for label in things if f'"{label}"' in PROGRAMS["labels"]}
    assert things - looked_for == {"face"}
    assert len(looked_for) == 80


def test_a_label_is_found_as_a_whole_and_by_no_word(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.set_files({"snack.mp4": "1", "park.mp4": "2", "song.flac": "3", "street.mp4": "4"})
    index.keep_labels("1", LabelFrames(3, 2.0), [LabelSighting(1.0, 0.9, "hot dog")])
    index.keep_labels("2", LabelFrames(60, 4.5), [LabelSighting(9.0, 0.6, "dog")])
    index.keep_labels("3", LabelFrames(0, 0.0), [])
    index.keep_labels("4", LabelFrames(2, 2.0), [LabelSighting(1.0, 0.8, "dog")])
    places = places_of_label("dog", index)
    assert list(places.seen) == ["street.mp4", "park.mp4"]
    assert places.seen["park.mp4"] == [LabelSighting(9.0, 0.6, "dog")]
    assert places.unseen == ("snack.mp4",)
    assert "found in 2 of 3 files, in one frame every 2-4.5 s" in places.summary
    assert "short or small sights may be missed" in places.summary
    assert "what looks alike may be taken for it" in places.summary
    assert index.search("dog", 5) == []


def test_where_labels_were_not_looked_for_none_is_denied(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.set_files({"a.mp4": "1"})
    assert places_of_label("dog", index).summary == (
        "dog: not known; labels were looked for in no file"
    )


def test_labels_are_replaced_and_go_with_their_file(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.set_files({"a.mp4": "1"})
    for label in ("dog", "cat"):
        index.keep_labels("1", LabelFrames(1, 1.0), [LabelSighting(0.5, 0.9, label)])
    assert (index.sightings("dog"), list(index.sightings("cat"))) == ({}, ["a.mp4"])
    assert index.found() == {("1", "labels")}
    index.set_files({"b.mp4": "2"})
    assert (index.sightings("cat"), index.label_frames()) == ({}, {})
