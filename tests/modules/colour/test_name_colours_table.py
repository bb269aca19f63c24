"""Colour names of a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from tests.modules.scenes import COLOURS, Opened, painted, rectangle
from vprog.types import Box, Frame
from vprog_modules.colour.name_colours_table import NameColoursTable


def test_name_colours_gives_shares_largest_first(tmp_path: Path) -> None:
    def paint(_: int, picture: object) -> None:
        rectangle(picture, (0, 0, 320, 60), COLOURS["red"])  # type: ignore[arg-type]
        rectangle(picture, (0, 180, 80, 240), COLOURS["blue"])  # type: ignore[arg-type]

    path = painted(tmp_path / "v.mp4", 1, paint, background=COLOURS["green"])
    with Opened(path) as opened:
        found = opened(NameColoursTable, Frame(0, 0.0))
        assert [entry.name for entry in found] == ["green", "red", "blue"]
        assert [hit.share for hit in found] == pytest.approx([0.6875, 0.25, 0.0625], abs=0.01)
        assert abs(found[1].red - COLOURS["red"][0]) < 12
        assert all(0.9 < colour.score <= 1.0 for colour in found)
        assert {colour.frame for colour in found} == {Frame(0, 0.0)}
        region = Frame(0, 0.0, Box(0, 0, 320, 56))
        assert [item.name for item in opened(NameColoursTable, region, count=1)] == ["red"]


def test_a_program_over_name_colours_has_the_score_of_the_colour_that_it_answers(
    tmp_path: Path,
) -> None:
    path = painted(tmp_path / "v.mp4", 3, lambda _, picture: None, background=COLOURS["green"])
    looks = "colours = name_colours(frame_at(video, 0.1))\n"
    for end in (
        "answer(colours[0].name, evidence=colours[:1])",
        "answer(colours[0].name, evidence=[frame_at(video, 0.1)])",
        "answer(colours[0].name)",
    ):
        result = vprog.run(
            path, looks + end, trace_dir=tmp_path / "traces", cache_dir=tmp_path / "cache"
        )
        assert (result.answer, result.score) == ("green", pytest.approx(1.0, abs=0.1))
        assert all(item.supported for item in result.evidence)
