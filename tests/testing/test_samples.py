from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest

from tests.drawing import draw_video
from vprog.boundary import convert
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.signature import read_signature
from vprog.testing.kit import outside
from vprog.testing.samples import made_calls, samples_of
from vprog.types import VALUE_TYPES, Box, Event, Frame, Length, Range, Span, Track, Video

VIDEO = Video(0, 2.0, 160, 120, 10.0, 20, True, False)


class Wide:
    def __call__(
        self,
        video: Video,
        way: Literal["left", "right"],
        tracks: list[Track],
        weights: dict[str, float],
        point: tuple[float, float],
        count: Annotated[int, Range(3, 9)],
        name: Annotated[str, Length(8, 20)],
        at: float,
        is_exact: bool,
        where: Box | None,
        *,
        span: Span | None = None,
    ) -> list[Event]:
        """Take everything."""
        return []


def test_made_calls_are_calls_that_the_border_takes(tmp_path: Path) -> None:
    media = MediaSource([open_media(draw_video(tmp_path / "clip.mp4", 20))])
    signature = read_signature("wide", Wide.__call__)
    calls = made_calls(signature, media, {"way": "right"})
    bound = [convert.bind(signature, (), call, media.videos) for call in calls]
    media.close()
    assert {argument["way"] for argument in bound} == {"right"}
    assert {len(item["name"]) for item in bound} == {8}  # type: ignore[arg-type]
    assert [each["tracks"] for each in bound].count([]) == 1
    assert [each["weights"] for each in bound].count({}) == 0
    assert Span(1.0, 1.0) in [element["span"] for element in bound]
    assert all(each["count"] == 3 for each in bound)


def test_samples_hold_one_value_of_each_class_inside_the_video() -> None:
    samples = samples_of(VIDEO, 0.5, "red")
    assert set(VALUE_TYPES) <= samples.keys()
    assert [outside(sample, [VIDEO]) for sample in samples.values()] == [""] * len(samples)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([Event("e", 0.0, 3.0, 1.0)], "end=3 lies outside"),
        (Frame(0, -1.0), "time=-1 lies outside"),
        (Box(0, 0, 163, 10), "outside the picture of 160 x 120"),
        ((1.0, {"a": Box(9, 0, 3, 10)}), "wrong order"),
        (Span(0.0, 2.1), ""),
        (Box(-1, 0, 161, 120), ""),
    ],
)
def test_outside_names_the_first_place_that_is(value: object, said: str) -> None:
    found = outside(value, [VIDEO])
    assert said in found
    assert bool(found) is bool(said)
