"""Which words the detector takes, and for what."""

from __future__ import annotations

import pytest

from vprog.errors import ModuleInputError
from vprog_modules.objects.coco_labels import COCO, IRREGULAR, SYNONYMS, coco_label, known_word


def test_there_are_eighty_labels_and_words_lead_to_them() -> None:
    assert len(set(COCO)) == 80
    assert set(SYNONYMS.values()) <= set(COCO)
    assert not set(SYNONYMS) & set(COCO)
    assert set(IRREGULAR.values()) <= {*COCO, *SYNONYMS}


@pytest.mark.parametrize(
    ("phrase", "label"),
    [
        ("person", "person"),
        ("people", "person"),
        ("a Dog", "dog"),
        ("dogs", "dog"),
        ("the mobile phones", "cell phone"),
        ("fridge", "refrigerator"),
        ("buses", "bus"),
        ("bus", "bus"),
        ("skis", "skis"),
        ("wine glasses", "wine glass"),
        ("faces", "face"),
    ],
)
def test_label_of_a_phrase(phrase: str, label: str) -> None:
    assert coco_label("detect", phrase) == label


@pytest.mark.parametrize("phrase", ["fire engine", "parrot", "woman", "red car", "box", ""])
def test_a_thing_the_detector_cannot_tell_is_unknown(phrase: str) -> None:
    assert known_word(phrase) is None


def test_a_misspelt_label_is_refused_with_the_one_that_is_near() -> None:
    with pytest.raises(ModuleInputError, match=r'does not know "elefant".*mean "elephant"'):
        coco_label("detect(frame, label)", "elefant")
