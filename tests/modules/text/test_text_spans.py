"""Lines of text followed through time."""

from __future__ import annotations

import numpy as np
import pytest

from vprog.types import Box
from vprog_modules.text.ocr import ReadLine, in_reading_order
from vprog_modules.text.text_spans import TextFollower, edges_of, same_text, span_of_line

GREY = np.zeros((90, 160), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 255, (90, 160)).astype(np.uint8)
BOX = Box(10, 10, 60, 20)


def line(text: str, box: Box = BOX, score: float = 0.9) -> ReadLine:
    return ReadLine(text, box, score)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Platform", "Platform", True),
        ("Platform", "Platforrn", True),
        ("Open Door", "OpenDoor", True),
        ("Frame = 12", "Frame = 13", False),
        ("Frame = 1", "Frame = 11", False),
        ("PTS = 1.2s", "PTS = 12s", True),
        ("Yes", "No", False),
    ],
)
def test_same_text_wants_equal_digits(a: str, b: str, same: bool) -> None:
    assert same_text(a, b) is same


def test_follower_joins_readings_and_takes_the_one_with_most_votes() -> None:
    follower = TextFollower(160)
    for time, text in enumerate(["Platforrn", "Platform", "Platform"]):
        follower.read(float(time), [line(text)], GREY)
    (found,) = follower.finish()
    span = span_of_line(found, 0.0, 3.0)
    assert (span.text, span.score) == ("Platform", 0.9)
    assert (found.first, found.last, found.before, found.after) == (0.0, 2.0, None, None)


def test_follower_keeps_a_line_that_was_overlooked() -> None:
    follower = TextFollower(160)
    follower.read(0.0, [line("Open")], GREY)
    follower.read(1.0, [], GREY)  # the picture there is the same
    follower.read(2.0, [], NOISE)  # and now it is not
    (found,) = follower.finish()
    assert (found.last, found.after) == (1.0, 2.0)


def test_follower_follows_what_moves() -> None:
    follower = TextFollower(160)
    follower.read(0.0, [line("Credits")], GREY)
    follower.read(1.0, [line("Credits", Box(10, 50, 60, 60))], NOISE)
    assert len(follower.finish()) == 1


def test_edges_are_between_samples() -> None:
    follower = TextFollower(160)
    follower.read(0.0, [], GREY)
    follower.same(1.0)
    follower.read(2.0, [line("Open")], NOISE)
    follower.same(3.0)
    follower.read(4.0, [], GREY)
    assert edges_of(follower.finish()) == [(1.0, 2.0), (3.0, 4.0)]


def test_reading_order_is_by_rows_and_joins_neighbours() -> None:
    pieces = [
        line("9", Box(64, 11, 70, 21)),
        line("below", Box(0, 40, 50, 50)),
        line("Platform", BOX),
        line("far", Box(120, 10, 150, 20)),
    ]
    assert [item.text for item in in_reading_order(pieces)] == ["Platform 9", "far", "below"]
