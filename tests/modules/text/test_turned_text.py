"""Text upside down, on its side and mirrored."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vprog.types import Box
from vprog_modules.text.ocr import AS_IT_IS, ReadLine, TextReader, Turning
from vprog_modules.text.turned_text import TurnedReader


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader()


def written(text: str) -> np.ndarray:  # type: ignore[type-arg]
    picture = np.full((240, 320, 3), (20, 20, 60), np.uint8)
    cv2.putText(picture, text, (40, 80), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 3)
    return picture


@pytest.mark.parametrize("text", ["GATE 17", "12:04:33"])
@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_text_is_read_whichever_way_up(reader: TextReader, text: str, quarter_turns: int) -> None:
    picture = np.ascontiguousarray(np.rot90(written(text), quarter_turns))
    (line,) = TurnedReader(reader).read(picture)
    assert line.text == text
    height, width = picture.shape[:2]
    # Where the letters are: in the upper half as written, turned with the picture.
    left, top = line.box.x0 + line.box.x1 < width, line.box.y0 + line.box.y1 < height
    assert [top, left, not top, not left][quarter_turns]


def test_text_in_a_mirror_is_read_mirrored(reader: TextReader) -> None:
    picture = np.ascontiguousarray(written("TAXI 46")[:, ::-1])
    (line,) = TurnedReader(reader).read(picture)
    assert line.text.replace(" ", "") == "TAXI46"
    assert line.box.x0 + line.box.x1 > picture.shape[1]  # where it stands, in the right half


@pytest.mark.parametrize("quarter_turns", [1, 3])
def test_large_text_on_its_side_is_looked_for_where_nothing_else_is_read(
    reader: TextReader, quarter_turns: int
) -> None:
    upright = np.full((360, 640, 3), (20, 20, 60), np.uint8)
    cv2.putText(upright, "HARBOR 52", (60, 220), cv2.FONT_HERSHEY_SIMPLEX, 3.0, (255,) * 3, 9)
    picture = np.ascontiguousarray(np.rot90(upright, quarter_turns))
    found = TurnedReader(reader, looks_sideways=True).read(picture)
    assert [line.text.replace(" ", "") for line in found] == ["HARBOR52"]


def test_picture_without_text_is_turned_a_few_times_only(reader: TextReader) -> None:
    turned, before = TurnedReader(reader, tries=2, looks_sideways=True), reader.n_reads
    for _ in range(5):
        assert turned.read(np.full((120, 160, 3), 90, np.uint8)) == []
    assert reader.n_reads - before == 5 + 2


def test_upright_text_is_read_once(reader: TextReader) -> None:
    turned, before = TurnedReader(reader), reader.n_reads
    turned.read(written("Platform 9"))
    assert reader.n_reads - before == 1


class Doubtful(TextReader):
    """Reads the same unsure line in every picture."""

    def __init__(self) -> None:
        self.n_reads = 0

    def read(self, pixels: object, turning: Turning = AS_IT_IS) -> list[ReadLine]:
        self.n_reads += 1
        return [ReadLine("GAT17", Box(10, 10, 60, 20), 0.7)]


def test_pictures_that_do_not_get_better_are_turned_a_few_times_only() -> None:
    reader = Doubtful()
    turned = TurnedReader(reader, tries=2)
    for _ in range(5):
        assert [line.text for line in turned.read(written("GATE 17"))] == ["GAT17"]
    assert reader.n_reads == 5 + 2 * 2  # upside down and mirrored
