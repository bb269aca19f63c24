"""Text upside down and on its side."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vprog.types import Box
from vprog_modules.text.ocr import ReadLine, TextReader
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


def test_upright_text_is_read_once(reader: TextReader) -> None:
    turned, before = TurnedReader(reader), reader.n_reads
    turned.read(written("Platform 9"))
    assert reader.n_reads - before == 1


class Doubtful(TextReader):
    """Reads the same unsure line in every picture."""

    def __init__(self) -> None:
        self.n_reads = 0

    def read(self, pixels: object, *, upside_down: bool = False) -> list[ReadLine]:
        self.n_reads += 1
        return [ReadLine("GAT17", Box(10, 10, 60, 20), 0.7)]


def test_pictures_that_do_not_get_better_are_turned_a_few_times_only() -> None:
    reader = Doubtful()
    turned = TurnedReader(reader, tries=2)
    for _ in range(5):
        assert [line.text for line in turned.read(written("GATE 17"))] == ["GAT17"]
    assert reader.n_reads == 5 + 2
