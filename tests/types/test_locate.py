"""Where and when values are."""

from __future__ import annotations

import pytest

from vprog.types import (
    Box,
    Colour,
    Detection,
    Event,
    Frame,
    Level,
    Mask,
    Match,
    Pose,
    Reply,
    Shot,
    Span,
    Speech,
    TextLine,
    TextSpan,
    Track,
    Word,
)
from vprog.types.locate import Location, location_of, locations_of

BOX = Box(1.0, 2.0, 3.0, 4.0)
FRAME = Frame(2, 5.0)
DOG = Detection("dog", BOX, 0.5, FRAME)
LATER = DOG._replace(frame=Frame(2, 6.0), box=Box(2.0, 2.0, 4.0, 4.0))
TRACK = Track(1, "dog", Span(5.0, 6.0), [DOG, LATER], 0.25)
WORD = Word("hi", 1.0, 1.5, 0.75)


@pytest.mark.parametrize(
    ("value", "location"),
    [
        (FRAME, Location(2, 5.0, 5.0)),
        (FRAME._replace(region=BOX), Location(2, 5.0, 5.0, BOX)),
        (DOG, Location(2, 5.0, 5.0, BOX, "dog", 0.5)),
        (Mask(FRAME, BOX, 4.0, 0.5, "k"), Location(2, 5.0, 5.0, BOX, None, 0.5)),
        (TextLine("hi", BOX, 0.5, FRAME), Location(2, 5.0, 5.0, BOX, "hi", 0.5)),
        (TRACK, Location(2, 5.0, 6.0, BOX, "dog", 0.25)),
        (TRACK._replace(detections=[]), Location(9, 5.0, 6.0, None, "dog", 0.25)),
        (TextSpan("hi", 1.0, 2.0, BOX, 0.5), Location(9, 1.0, 2.0, BOX, "hi", 0.5)),
        (WORD, Location(9, 1.0, 1.5, None, "hi", 0.75)),
        (Speech("hi", 1.0, 2.0, 0.5, "subtitles", [WORD]), Location(9, 1.0, 2.0, None, "hi", 0.5)),
        (Match("hi", 1.0, 2.0, 0.5, "speech"), Location(9, 1.0, 2.0, None, "hi", 0.5)),
        (Event("black", 1.0, 2.0, 0.5), Location(9, 1.0, 2.0, None, "black", 0.5)),
        (Shot(1.0, 2.0, "cut", 0.5), Location(9, 1.0, 2.0, None, "cut", 0.5)),
        (Span(1.0, 2.0), Location(9, 1.0, 2.0)),
        (Level(1.0, 0.12345), Location(9, 1.0, 1.0, None, "0.123")),
        (BOX, Location(9, None, None, BOX)),
        (Reply("yes", 0.5), Location(9, None, None, None, "yes", 0.5)),
        (
            Colour("red", 0.5, 255, 0, 0, 0.9, FRAME),
            Location(FRAME.video, FRAME.time, FRAME.time, None, "red", 0.9),
        ),
        (Pose(BOX, [], 0.5, FRAME), Location(2, 5.0, 5.0, BOX, None, 0.5)),
        (3.5, None),
        ("text", None),
        ((1.0, 2.0), None),
        (None, None),
    ],
)
def test_location_of_each_kind_of_value(value: object, location: Location | None) -> None:
    assert location_of(value, 9) == location


def test_locations_of_goes_into_lists_tracks_and_dicts() -> None:
    times = [
        location.start
        for location in locations_of({"a": [TRACK, (FRAME, [Span(1.0, 2.0)])], "b": 3})
    ]
    assert times == [5.0, 6.0, 5.0, 1.0]
