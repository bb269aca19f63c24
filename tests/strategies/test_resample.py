from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strategies.seeing import COSTS, Seen
from vprog.strategies.resample import windows_around
from vprog.types import Span

LookBy = Callable[..., Seen]

WHOLE = (Span(0.0, 20.0),)


def test_frames_are_added_only_around_those_that_were_chosen(look_by: LookBy) -> None:
    seen = look_by("resample", '{"pictures": [5]}', '{"pictures": []}', "red")
    assert seen.cost == COSTS["resample"]
    first, second, last = seen.times("ask")
    assert first[3] <= min(second) < max(second) <= first[5]
    assert second == last  # nothing more was chosen
    assert (seen.result.answer, seen.result.path) == ("red", "fast")
    assert all(item.supported for item in seen.result.evidence)


def test_windows_shrink_until_the_rounds_are_over(look_by: LookBy) -> None:
    seen = look_by("resample", '{"pictures": [3, 9]}', '{"pictures": [1]}', "red", rounds=3)
    spans = [call["span"] for call in seen.called("sample_frames")]
    lengths = [span.end - span.start for span in spans]
    assert len(seen.shown) == 3
    assert lengths[0] == 20.0
    assert max(lengths[1:3]) < 20.0
    assert lengths[-1] < max(lengths[1:3])
    assert spans[-1].start >= spans[1].start


@pytest.mark.parametrize(
    ("places", "windows"),
    [
        ((2,), (Span(4.0, 12.0),)),
        ((0,), (Span(0.0, 4.0),)),
        ((4,), (Span(12.0, 20.0),)),
        ((0, 4), (Span(0.0, 4.0), Span(12.0, 20.0))),
        ((1, 2), (Span(2.0, 12.0),)),  # windows that touch are one
        ((), ()),
    ],
)
def test_a_window_reaches_from_neighbour_to_neighbour(
    places: tuple[int, ...], windows: tuple[Span, ...]
) -> None:
    assert windows_around([2.0, 4.0, 8.0, 12.0, 18.0], places, WHOLE) == windows


def test_no_window_leaves_the_one_that_it_comes_from() -> None:
    within = (Span(2.0, 5.0), Span(10.0, 12.0))
    assert windows_around([3.0, 4.0, 11.0], (1, 2), within) == (Span(3.0, 5.0), Span(10.0, 12.0))
