from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video, number_of
from vprog.errors import BudgetError, VprogError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, Pixels, VlmMeter, current, using
from vprog.types.frame import Frame
from vprog.types.time import Span


@pytest.fixture
def source(tmp_path: Path) -> MediaSource:
    return MediaSource([open_media(draw_video(tmp_path / "clip.mp4", 20))])


def test_context_is_current_within_using() -> None:
    with pytest.raises(VprogError, match="no module call is running"):
        current()
    context = CallContext(MediaSource([]))
    with using(context) as entered:
        assert current() is entered is context
        other = CallContext(MediaSource([]))
        with using(other):
            assert current() is other
        assert current() is context
        missed: list[bool] = []

        def look() -> None:
            try:
                current()
            except VprogError:
                missed.append(True)

        thread = threading.Thread(target=look)  # another call runs in a context of its own
        thread.start()
        thread.join()
        assert missed == [True]
    with pytest.raises(VprogError):
        current()


@pytest.mark.parametrize(
    "take",
    [
        lambda context: context.pixels(Frame(0, 0.0)),
        lambda context: next(context.frames(0, [0.0])),
        lambda context: context.sound(0, Span(0.0, 0.1)),
    ],
)
def test_context_ends_the_work_when_the_budget_is_spent(
    take: Callable[[CallContext], object], source: MediaSource
) -> None:
    def spent() -> None:
        raise BudgetError("spent.")

    with pytest.raises(BudgetError):
        take(CallContext(source, check=spent))


def test_context_counts_the_frames_of_its_own_call(source: MediaSource) -> None:
    first, second = CallContext(source), CallContext(source)
    assert number_of(first.pixels(Frame(0, 0.5))) == 5
    assert [number_of(pixels) for _, pixels in second.frames(0, [0.6, 0.7])] == [6, 7]
    assert number_of(second.pixels(Frame(0, 0.5))) == 5  # given before: nothing is decoded
    assert (first.frames_decoded, second.frames_decoded) == (6, 2)
    assert source.frames_decoded == 8


def test_meter_adds_up_what_was_used() -> None:
    meter = VlmMeter()
    meter.used(10, 2)
    meter.used(0, 0)
    assert (meter.requests, meter.tokens_in, meter.tokens_out, meter.tokens) == (2, 10, 2, 12)


def test_context_tells_how_far_a_call_is(source: MediaSource) -> None:
    told: list[tuple[float, float, str]] = []
    context = CallContext(source, report=lambda *far: told.append(far))
    assert len(list(context.frames(0, [0.0, 0.5, 1.0]))) == 3
    assert told == [(0, 3, "frames"), (1, 3, "frames"), (2, 3, "frames")]


def test_context_tells_how_far_the_sound_is(clip: Path) -> None:
    told: list[tuple[float, float, str]] = []
    context = CallContext(MediaSource([open_media(clip)]), report=lambda *far: told.append(far))
    list(context.sound_blocks(0, Span(0.5, 1.5), seconds=0.5))
    assert told == [(0.0, 1.0, "s of sound"), (0.5, 1.0, "s of sound")]


def test_pictures_of_a_call_are_decoded_in_order_of_time_whatever_order_it_names_them_in(
    tmp_path: Path,
) -> None:
    clip = draw_video(tmp_path / "long.mp4", 60, gop=60)
    asked = [55, 3, 31, 3, 59, 0, 30]
    frames = [Frame(0, number / 10) for number in asked]
    one_by_one, together = (CallContext(MediaSource([open_media(clip)])) for _ in range(2))
    for frame in frames:
        one_by_one.pixels(frame)
    together.want(Pixels("frames"), {"frames": frames})
    assert [number_of(picture) for picture in together.pictures] == asked
    assert one_by_one.frames_decoded > 120
    assert together.frames_decoded == 60 + 4  # a second cursor goes to 30: the first stays at 3
