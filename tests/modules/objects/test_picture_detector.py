"""What detectors share, by hand: each thing once, in pixels of the whole frame; and phrases."""

from __future__ import annotations

import numpy as np
import pytest

from vprog.errors import ModuleInputError
from vprog.types import Box
from vprog_modules.frames.network_output_cache import KeptOutputs, picture_key
from vprog_modules.objects.closed_labels import KnownLabels
from vprog_modules.objects.label_phrase import plain_phrase
from vprog_modules.objects.picture_detector import distinct
from vprog_modules.tracking.box_overlap import ScoredBox


def square(x: float, score: float, side: float = 10.0) -> ScoredBox:
    return ScoredBox(Box(x, 0.0, x + side, side), score)


def test_of_boxes_that_overlap_by_more_than_the_limit_the_best_stays() -> None:
    # IoU of squares of 10 that are 2 apart: 80 / 120 = 0.67; 3 apart: 70 / 130 = 0.54
    assert distinct([square(2, 0.6), square(0, 0.9)], 0.0) == [square(0, 0.9)]
    assert distinct([square(3, 0.6), square(0, 0.9)], 0.0) == [square(0, 0.9), square(3, 0.6)]


def test_small_things_before_large_ones_stay_and_slivers_and_low_scores_go() -> None:
    before, behind = square(10, 0.5, side=4.0), square(0, 0.9, side=40.0)
    boxes = [before, behind, square(80, 0.9, side=0.3), square(200, 0.2)]
    assert distinct(boxes, 0.25) == [behind, before]


@pytest.mark.parametrize(
    ("label", "number"),
    [("person", 0), ("People", 0), ("a tv", 1), ("televisions", 1), ("TV Monitor", 1),
     ("potted plants", 2), ("houseplant", 2), ("Granny_Smith apples", 3)],
)  # fmt: skip
def test_words_lead_to_the_labels_of_a_model_however_it_spells_them(
    label: str, number: int
) -> None:
    labels = KnownLabels(enumerate(["person", "tvmonitor", "pottedplant", "granny-smith apple"]))
    assert labels.number("detect(frame, label)", label) == number


def test_an_unknown_label_is_refused_with_those_that_are_near() -> None:
    labels = KnownLabels(enumerate(["person", "bus", "truck", "trunk"]))
    with pytest.raises(ModuleInputError, match=r'not know "truk".*nearest are: trunk, truck'):
        labels.number("detect(frame, label)", "truk")


@pytest.mark.parametrize(
    ("label", "phrase"),
    [("The Red Car.", "red car"), ("a an apple", "apple"), ("men with  hats", "men with hats")],
)
def test_phrase_is_plain(label: str, phrase: str) -> None:
    assert plain_phrase(label) == phrase


def test_outputs_of_the_last_pictures_are_kept() -> None:
    pictures = [np.full((2, 2, 3), shade, np.uint8) for shade in (0, 1, 2)]
    keys = [picture_key(picture) for picture in pictures]
    kept: KeptOutputs[str] = KeptOutputs(2)
    kept.keep(keys[0], "a")
    kept.keep(keys[1], "b")
    assert kept.get(keys[0]) == "a"
    kept.keep(keys[2], "c")  # what was used longest ago goes
    assert [kept.get(key) for key in keys] == ["a", None, "c"]
    assert picture_key(pictures[0].reshape(4, 1, 3)) != keys[0]
