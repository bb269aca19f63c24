from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import draw_video
from vprog.errors import LlmReplyError
from vprog.media.file import open_media
from vprog.media.source import MediaSource
from vprog.strategies.magnify_region import (
    GRID,
    Region,
    is_on_grid,
    read_region,
    scaled_back,
    shown_size,
)
from vprog.types import Box, Frame


@pytest.mark.parametrize(
    ("reply", "region"),
    [
        ('{"picture": 3, "box": [1, 2, 30, 40.5]}', Region(2, Box(1.0, 2.0, 30.0, 40.5))),
        ('```json {"box": [0, 0, 9, 9], "picture": 1} ```', Region(0, Box(0, 0, 9, 9))),
        ("none", None),
        ("", None),
        ('{"picture": 2}', None),
        ('{"picture": 2, "box": null}', None),
    ],
)
def test_a_part_is_read_or_none_is_named(reply: str, region: Region | None) -> None:
    assert read_region(reply, 8) == region


def test_the_only_picture_need_not_be_named() -> None:
    assert read_region('{"box": [1, 2, 3, 4]}', 1) == Region(0, Box(1, 2, 3, 4))


@pytest.mark.parametrize(
    "reply",
    [
        '{"box": [1, 2, 3, 4]}',
        '{"picture": 0, "box": [1, 2, 3, 4]}',
        '{"picture": 9, "box": [1, 2, 3, 4]}',
        '{"picture": true, "box": [1, 2, 3, 4]}',
        '{"picture": "1", "box": [1, 2, 3, 4]}',
        '{"picture": 1, "box": [1, 2, 3]}',
        '{"picture": 1, "box": "1, 2, 3, 4"}',
        '{"picture": 1, "box": [1, 2, 3, "4"]}',
        '{"picture": 1, "box": [1, 2, 3, true]}',
        '{"picture": 1, "box": [1, 2, 3, NaN]}',
        '{"picture": 1, "box": [1, 2, 3, Infinity]}',
        '{"picture": 1, "box": [1, 2, 3, 1e300]}',
        "{" * 3000,
    ],
)
def test_a_part_of_another_form_is_refused(reply: str) -> None:
    with pytest.raises(LlmReplyError):
        read_region(reply, 8)


@pytest.mark.parametrize(
    ("box", "back"),
    [
        ((100, 50, 200, 150), (200, 100, 400, 300)),  # twice as large
        ((-20, -20, 100, 100), (0, 0, 200, 200)),  # clamped
        ((400, 200, 900, 900), (800, 400, 896, 504)),
        ((0, 0, 448, 252), (0, 0, 896, 504)),
        ((100, 100, 101, 101), (187, 187, 215, 215)),  # 2 px widened to 28 about 201
        ((447, 251, 448, 252), (868, 476, 896, 504)),
        ((100, 50, 100, 150), None),  # empty
        ((200, 50, 100, 150), None),  # backwards
        ((450, 50, 500, 150), None),  # beside the picture
        ((-50, 50, 0, 150), None),
    ],
)
def test_a_box_maps_back_to_the_whole_picture(
    box: tuple[float, ...], back: tuple[float, ...] | None
) -> None:
    found = scaled_back(Box(*box), (448, 252), (896, 504))
    assert found == (None if back is None else Box(*back))


def test_sides_that_were_rounded_apart_keep_their_own_scale() -> None:
    shown = shown_size(1000, 333, 448)
    assert shown == (448, 149)
    found = scaled_back(Box(224, 74.5, 448, 149), shown, (1000, 333))
    assert found == Box(500.0, 166.5, 1000.0, 333.0)


def test_a_picture_smaller_than_a_patch_is_taken_whole() -> None:
    assert scaled_back(Box(3, 3, 4, 4), (20, 10), (20, 10)) == Box(0.0, 0.0, 20.0, 10.0)


@pytest.mark.parametrize("rotation", [0, 90])
def test_shown_size_is_that_of_the_pictures_that_are_shown(tmp_path: Path, rotation: int) -> None:
    clip = draw_video(tmp_path / "a.mp4", 3, size=(162, 118), rotation=rotation)
    media = MediaSource([open_media(clip)])
    try:
        for side in (28, 57, 101, 161, 400):
            height, width, _ = media.pixels(Frame(0, 0.1), max_side=side).shape
            video = media.videos[0]
            assert shown_size(video.width, video.height, side) == (width, height)
    finally:
        media.close()


@pytest.mark.parametrize(
    ("model", "on_grid"),
    [
        ("hf:Qwen/Qwen2.5-VL-7B-Instruct", False),
        ("openai:qwen2.5vl:7b", False),
        ("hf:nota-ai/ERGO-7B", False),
        ("hf:HuggingFaceTB/SmolVLM-Instruct", False),
        ("hf:Qwen/Qwen2-VL-7B-Instruct", True),
        ("hf:Qwen/Qwen3-VL-8B-Instruct", True),
        ("openai:qwen3-vl:8b", True),
        ("openai:qwen3vl", True),
        ("openai:Qwen3.5-VL", True),
    ],
)
def test_models_that_name_places_on_a_grid_are_known_by_name(model: str, on_grid: bool) -> None:
    assert is_on_grid(model) is on_grid


def test_box_on_the_grid_is_scaled_to_the_picture() -> None:
    assert scaled_back(Box(250, 500, 750, 1000), GRID, (1920, 1080)) == Box(480, 540, 1440, 1080)
