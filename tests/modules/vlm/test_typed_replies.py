"""Numbers, times, lists and boxes out of replies, honest and not."""

from __future__ import annotations

import pytest

from vprog.errors import ModuleFailedError
from vprog.types import Box
from vprog_modules.vlm.typed_replies import boxes_in, count_in, list_in, number_in, seconds_in

WHOLE = Box(0.0, 0.0, 640.0, 480.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7.0), ("-3.5", -3.5), ("1,234.5", 1234.5), ("three", 3.0), ("Seven.", 7.0),
        ("80 km", 80.0), ("12%", 12.0), ("**4**", 4.0), ("```\n4\n```", 4.0),
    ],
)  # fmt: skip
def test_a_number_is_the_whole_reply(text: str, number: float) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "unknown", "nan", "inf", "1e999", "3 or 4", "3-4", "There are 3 people", "1,5",
        "2 million", "9" * 17, "0x10", "three hundred", "```\n1\n```\n```\n2\n```",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ModuleFailedError, match="number"):
        number_in(text)


@pytest.mark.parametrize("text", ["-1", "2.5", "nan", "many"])
def test_a_count_is_whole_and_not_negative(text: str) -> None:
    assert count_in("5 people") == 5
    with pytest.raises(ModuleFailedError):
        count_in(text)


def test_a_time_is_in_seconds_or_as_a_clock_shows_it() -> None:
    assert [seconds_in(text) for text in ("12.5", "12.5 s", "1:05", "1:00:02.5", "3 seconds.")] == [
        12.5, 12.5, 65.0, 3602.5, 3.0,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["-2", "2 minutes", "nan", "at 3 s", "5 m", "1:75"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ModuleFailedError, match="time"):
        seconds_in(text)


def test_a_list_has_each_text_once() -> None:
    assert list_in('```json\n["a", "b  c", "a"]\n```') == ["a", "b c"]
    assert list_in("[]") == []


@pytest.mark.parametrize(
    "text", ["a, b", "[1, 2]", '["a", ""]', '{"a": 1}', '["a"', '["a"] or ["b"]', "[" * 5000]
)
def test_what_is_no_list_of_texts_is_refused(text: str) -> None:
    with pytest.raises(ModuleFailedError, match="array"):
        list_in(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"size": [320, 240], "boxes": [[32, 24, 160, 120]]}',
        '{"size": [1000, 1000], "boxes": [[100, 100, 500, 500]]}',
        '{"boxes": [[0.1, 0.1, 0.5, 0.5]]}',
        '```json\n{"boxes": [[32, 24, 160, 120], [32, 24, 160, 120]]}\n```',
    ],
)
def test_boxes_in_any_stated_size_are_pixels_of_the_frame(text: str) -> None:
    assert boxes_in(text, (320, 240), WHOLE) == [Box(64.0, 48.0, 320.0, 240.0)]


def test_boxes_of_a_region_are_pixels_of_the_whole_frame_and_cut_to_it() -> None:
    region = Box(100.0, 200.0, 200.0, 300.0)
    assert boxes_in('{"boxes": [[-1, 0, 50, 101]]}', (100, 100), region) == [
        Box(100.0, 200.0, 150.0, 300.0)
    ]
    assert boxes_in('{"boxes": []}', (100, 100), region) == []


@pytest.mark.parametrize(
    "text",
    [
        "on the left", '{"boxes": [[0, 0, 900, 200]]}', '{"boxes": [[-50, 0, 20, 20]]}',
        '{"boxes": [[50, 50, 20, 20]]}', '{"boxes": [[NaN, 0, 20, 20]]}', '{"boxes": [[1, 2, 3]]}',
        '{"size": [0, 100], "boxes": [[1, 2, 3, 4]]}', '{"boxes": [[0, 0, Infinity, 9]]}',
        '{"boxes": "none"}', '{"boxes": 7}', '{"size": [100], "boxes": []}', '{"spans": []}',
        '{"boxes": [[10, 10, 10, 40]]}', '{"boxes": [], "size": [1e400, 5]}', '{"boxes": [[1',
        '{"boxes": []} or {"boxes": [[1, 2, 3, 4]]}',
        '{"boxes": [' + ", ".join(["[1, 2, 3, 4]"] * 201) + "]}",
    ],
)  # fmt: skip
def test_what_is_no_box_in_the_picture_is_refused(text: str) -> None:
    with pytest.raises(ModuleFailedError, match="boxes"):
        boxes_in(text, (320, 240), WHOLE)
