"""The part of a video that a question is answered within: nothing outside is seen or heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vprog
from tests.drawing import number_of
from vprog.errors import ModuleInputError, UsageError
from vprog.media.run_file import MediaFile, open_media
from vprog.media.run_videos import MediaSource
from vprog.media.window import confined, window_of
from vprog.registry.registry import Registry
from vprog.trace.event import ModuleCalled
from vprog.types import Frame, Span, Video

WINDOW = Span(0.55, 1.2)
"""Of two seconds at 10 frames a second: the frames 5 (on display at its start) to 11."""
VIDEO = Video(0, 2.0, 160, 120, 10.0, 20, True, False)

EVERYTHING = """
frames = sample_frames(video, fps=10.0)
levels = measure_motion(video)
bright = measure_brightness(video)
shots = find_shots(video)
black = find_black(video)
moving = track_moving(video)
red = track_colour(video, "red")
texts = find_text(video)
loud = measure_loudness(video)
silent = find_silence(video)
"""


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [(0, 0, None), (0.5, 0, Span(0.5, 2.0)), (0, 1.5, Span(0, 1.5)), (1, 9, Span(1, 2.0))],
)
def test_window_of_two_times(start: float, end: float, window: Span | None) -> None:
    assert window_of(start, end, [VIDEO]) == window


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(2.0, 0, "video 0 ends at 0:02"), (1.5, 1.0, "must end after it begins"),
     (1.0, 1.0, "must end after")],
)  # fmt: skip
def test_window_that_is_none_is_an_error(start: float, end: float, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        window_of(start, end, [VIDEO])


def test_calls_are_cut_to_the_window_or_refused() -> None:
    def call(**arguments: object) -> dict[str, object]:
        return confined("task", arguments, WINDOW, lambda _: 0.5)

    assert call(video=VIDEO, span=None) == {"video": VIDEO, "span": WINDOW}
    assert call(span=Span(0.0, 1.0))["span"] == Span(0.55, 1.0)
    assert call(time=0.6, frames=[Frame(0, 0.5)], min_score=9.0)["min_score"] == 9.0
    for outside in ({"span": Span(1.3, 2.0)}, {"time": 0.5}, {"frame": Frame(0, 1.3)},
                    {"frames": [Frame(0, 0.6), Frame(0, 0.4)]}):  # fmt: skip
        with pytest.raises(ModuleInputError, match=r"lies outside of 0\.55 to 1\.2 s"):
            call(**outside)


def test_source_shows_and_plays_nothing_outside_whatever_is_asked_of_it(clip: Path) -> None:
    source = MediaSource([open_media(clip)], WINDOW)
    whole = MediaSource([open_media(clip)])
    times = [0.0, 0.6, 1.15, 1.2, 1.9]
    assert [number_of(pixels) for _, pixels in source.frames(0, times)] == [5, 6, 11, 11, 11]
    assert number_of(source.pixels(Frame(0, 0.0))) == 5
    assert source.frame_times(0).round(3).tolist() == [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]
    heard, all_of_it = source.sound(0), whole.sound(0)
    first, last = round(0.55 * 16_000), round(1.2 * 16_000)
    assert len(heard) == len(all_of_it)
    assert not heard[:first].any()
    assert not heard[last:].any()
    assert np.array_equal(heard[first:last], all_of_it[first:last])
    blocks = list(source.sound_blocks(0, seconds=0.5))
    assert np.allclose(np.concatenate([block for _, block in blocks]), heard, atol=1e-4)
    assert source.content_hash(0) != whole.content_hash(
        0
    )  # results of the one are none of the other
    assert source.file_hash(0) == whole.file_hash(0)
    source.close()
    whole.close()


def test_no_module_sees_a_frame_outside(clip: Path, home: Path, registry: Registry,
                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    seen: list[int] = []
    frames, picture = MediaFile.frames, MediaFile.picture

    def watched_frames(self, times, **given):  # type: ignore[no-untyped-def]
        for decoded in frames(self, times, **given):
            seen.append(number_of(decoded.pixels))
            yield decoded

    def watched_picture(self, *given, **more):  # type: ignore[no-untyped-def]
        pixels = picture(self, *given, **more)
        seen.append(number_of(pixels))
        return pixels

    monkeypatch.setattr(MediaFile, "frames", watched_frames)
    monkeypatch.setattr(MediaFile, "picture", watched_picture)
    program = EVERYTHING + "found = find_square(frames[0])\nanswer(len(frames), evidence=frames)"
    result = vprog.run(
        clip, program, registry=registry, start=0.55, end=1.2, cache_dir=home / "cold"
    )
    assert result.status == "answered", result.error
    assert seen
    assert set(seen) <= set(range(5, 12))
    times = [item.start for item in result.evidence]
    assert min(times) >= 0.5  # type: ignore[type-var]
    assert max(times) <= 1.2  # type: ignore[type-var]
    calls = [event for event in result.trace.recording.events if isinstance(event, ModuleCalled)]
    spans = {bytes(event.arguments).partition(b'"span":')[2][:50] for event in calls} - {b""}
    assert all(b'"start":0.55,"end":1.2' in span for span in spans)


def test_run_that_names_a_time_outside_says_so(clip: Path, home: Path) -> None:
    result = vprog.run(clip, "f = frame_at(video, 1.9)\nanswer(1)", start=0.5, end=1.2)
    assert result.status == "failed"
    assert result.error is not None
    assert "lies outside of 0.5 to 1.2 s" in f"{result.error.message} {result.error.hint}"
    asked = vprog.solve(clip, "How bright is it at 1.9 s?", start=0.5, end=1.2)
    assert asked.status == "abstained"
    assert asked.error is not None
    assert "only 0:00.5 to 0:01.2 of the video are looked at" in asked.error.message


def test_question_of_the_end_means_the_end_of_the_window(clip: Path, home: Path) -> None:
    result = vprog.solve(clip, "What colour is the background at the end?", start=0.5, end=1.2)
    assert result.status == "answered", result.error
    times = [item.start for item in result.evidence if item.start is not None]
    assert times
    assert all(0.9 <= time <= 1.2 for time in times)


def test_replay_of_a_window_is_the_same_run(clip: Path, home: Path) -> None:
    run = vprog.run(clip, "levels = measure_motion(video)\nanswer(len(levels))", end=1.0)
    again = vprog.replay(run.trace_path)
    assert again.result.answer == run.answer
