from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.errors import LlmReplyError
from vprog.strategies.find_and_zoom import (
    FIRST,
    LONGEST,
    REVISITED,
    SHORTEST,
    Manipulation,
    read_manipulation,
    segments_of,
)
from vprog.types import Box, Span

LookBy = Callable[..., Seen]


def test_a_segment_a_frame_and_a_part_of_it_are_found(look_by: LookBy) -> None:
    seen = look_by(
        "find_and_zoom",
        "find-segment(the sign)=[2]",
        "find-frame(the sign)=[3, 5]",
        "spatial-zoom(its text)=[2, 20, 30, 80, 90]",
        "EXIT",
    )
    assert seen.cost == COSTS["find_and_zoom"]
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("EXIT", "fast", 0.8)
    assert "1: 0 to 10 s; 2: 10 to 20 s" in seen.shown[0].text
    first, again, kept, zoomed = [call["frames"] for call in seen.called("ask")]
    assert len(first) == 2 * FIRST
    assert len(again) <= REVISITED
    assert min(frame.time for frame in again) >= 10.0
    assert kept == [again[2], again[4]]
    assert [frame.time for frame in zoomed] == [again[4].time] * 2
    assert [frame.region for frame in zoomed] == [None, Box(20.0, 30.0, 80.0, 90.0)]
    assert all(item.supported for item in seen.result.evidence)
    seen.assert_no_prefix_ran_twice()


def test_the_final_answer_ends_it_at_once(look_by: LookBy) -> None:
    seen = look_by("find_and_zoom", "FINAL_ANSWER: B. blue", "B", choices=["red", "blue"])
    assert (seen.result.answer, len(seen.shown)) == ("blue", 2)


def test_a_step_that_was_taken_is_refused_and_told(look_by: LookBy) -> None:
    again = "find-segment(a cat)=[1]"
    seen = look_by("find_and_zoom", again, again, "FINAL_ANSWER: red", "red")
    assert seen.result.answer == "red"
    assert "That step was taken already." in seen.shown[2].text


@pytest.mark.parametrize(
    ("duration", "count"), [(5.0, 1), (20.0, 2), (25.0, 2), (100.0, 10), (300.0, 10), (3600.0, 120)]
)
def test_segments_last_from_ten_to_thirty_seconds(duration: float, count: int) -> None:
    segments = segments_of(duration)
    assert (len(segments), segments[0].start, segments[-1].end) == (count, 0.0, duration)
    lengths = [span.end - span.start for span in segments]
    assert max(lengths) <= LONGEST + 0.01
    assert count == 1 or min(lengths) >= SHORTEST - 0.01
    assert segments_of(20.0) == [Span(0.0, 10.0), Span(10.0, 20.0)]


def test_the_last_step_counts() -> None:
    reply = "find-frame(a)=[1] and then Find-Segment(the man, left)=[2, 1, 2]"
    assert read_manipulation(reply, 2, 8) == Manipulation("find-segment", (0, 1))
    assert read_manipulation(f"FINAL_ANSWER: no. {reply}", 2, 8) is not None
    assert read_manipulation(f"{reply} FINAL_ANSWER: A. red", 2, 8) is None
    zoomed = read_manipulation("spatial-zoom(x)=[8, 1, -2, 3.5, 4]", 2, 8)
    assert zoomed == Manipulation("spatial-zoom", (7,), Box(1.0, -2.0, 3.5, 4.0))


@pytest.mark.parametrize(
    "reply",
    ["", "red", "find-segment(a)=[3]", "find-segment(a)=[]", "find-frame(a)=[9]",
     "find-frame(a)=[1.5]", "find-frame(a)=[1-3]", "spatial-zoom(a)=[1, 2, 3, 4]",
     "spatial-zoom(a)=[9, 1, 2, 3, 4]", "find-frame(a)=[" + "1," * 5000 + "]",
     "find-segment(a)=[1,2,3,4,5]"],
)  # fmt: skip
def test_steps_of_another_form_are_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_manipulation(reply, 2 if "5]" not in reply else 9, 8)
