from __future__ import annotations

import pytest

from vprog.errors import LlmReplyError
from vprog.strategies.zoom_span import Zoom, is_repeated, overlap, padded, read_zoom
from vprog.types import Span

ONE = {0: 100.0}
TWO = {0: 100.0, 2: 40.0}


@pytest.mark.parametrize(
    ("reply", "span"),
    [
        ("zoom [20, 30]", (20.0, 30.0)),
        ("Zoom(20.5 s, 30.25 s)", (20.5, 30.25)),
        ("I cannot tell yet. zoom: 20-30 s.", (20.0, 30.0)),
        ("zoom to 20 to 30 seconds", (20.0, 30.0)),
        ("zoom [1, 2] or rather zoom [20, 30]", (20.0, 30.0)),
        ("zoom [25, 25]", (25.0, 25.0)),
        ("zoom [-4, 30]", (0.0, 30.0)),
        ("zoom [90, 5000]", (90.0, 100.0)),
        ("zoom video 0 [20, 30]", (20.0, 30.0)),
    ],
)
def test_a_stretch_is_read_and_cut_to_the_video(reply: str, span: tuple[float, float]) -> None:
    assert read_zoom(reply, ONE) == Zoom(0, Span(*span))


@pytest.mark.parametrize("reply", ["", "blue", "The camera zooms in at 20, 30", "[20, 30]"])
def test_a_reply_without_the_word_asks_for_nothing(reply: str) -> None:
    assert read_zoom(reply, ONE) is None


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("zoom", "can be read"),
        ("zoom [1:20, 1:40]", "can be read"),
        ("zoom [1e999, 2]", "can be read"),
        ("zoom [nan, inf]", "can be read"),
        ("zoom [20]", "can be read"),
        ("zoom [1, 1e9]", "can be read"),
        ("zoom [30, 20]", "runs backwards"),
        ("zoom [100, 120]", "outside the video, which lasts 100.0 s"),
        ("zoom [-9, -5]", "outside"),
        ("zoom video 3 [20, 30]", "one of the videos 0"),
        ("zoom " + "[" * 4000, "can be read"),
        ("zoom " + " " * 4000 + "x", "can be read"),
    ],
)
def test_a_stretch_that_is_none_is_refused_with_why(reply: str, said: str) -> None:
    with pytest.raises(LlmReplyError, match=said):
        read_zoom(reply, ONE)


def test_of_several_videos_one_must_be_named() -> None:
    assert read_zoom("zoom video 2 [20, 30]", TWO) == Zoom(2, Span(20.0, 30.0))
    for reply in ("zoom [20, 30]", "zoom video 1 [20, 30]"):
        with pytest.raises(LlmReplyError, match="one of the videos 0, 2"):
            read_zoom(reply, TWO)


@pytest.mark.parametrize(
    ("span", "duration", "shown"),
    [
        ((20, 30), 100, (15, 35)),
        ((2, 4), 100, (0, 12.5)),  # 0 to 9 widened to an eighth
        ((97, 99), 100, (87.5, 100)),
        ((500, 510), 1000, (490, 520)),  # 20 s widened to 30 about the middle
        ((999, 1000), 1000, (970, 1000)),
        ((0, 1000), 1000, (0, 1000)),
        ((1, 1), 2, (0, 2)),
    ],
)
def test_a_zoom_is_padded_by_five_seconds_and_long_enough(
    span: tuple[float, float], duration: float, shown: tuple[float, float]
) -> None:
    assert padded(Span(*span), duration) == Span(*shown)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap(Span(0, 10), Span(5, 15)) == pytest.approx(5 / 15)
    assert overlap(Span(0, 10), Span(20, 30)) == 0.0
    assert overlap(Span(3, 3), Span(3, 3)) == 1.0
    assert overlap(Span(3, 3), Span(0, 9)) == 0.0


def test_a_repeat_is_one_of_the_same_video_above_three_tenths() -> None:
    earlier = [Zoom(0, Span(0, 10))]
    assert is_repeated(Zoom(0, Span(5, 15)), earlier)  # 1/3
    assert not is_repeated(Zoom(0, Span(6, 16)), earlier)  # 1/4
    assert not is_repeated(Zoom(1, Span(0, 10)), earlier)
    assert not is_repeated(Zoom(0, Span(0, 10)), [])
