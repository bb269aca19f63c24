from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from vprog.media.rotation import Turning, turn, turning_of

UNIT = 1 << 16
PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3, 1).repeat(3, axis=2)  # rows 0 1 2 / 3 4 5


class _Kind:
    name = "DISPLAYMATRIX"


class _Matrix:
    type = _Kind

    def __init__(self, a: int, b: int, c: int, d: int) -> None:
        self._data = struct.pack("=9i", a * UNIT, b * UNIT, 0, c * UNIT, d * UNIT, 0, 0, 0, 1 << 30)

    def __bytes__(self) -> bytes:
        return self._data


class _Frame:
    def __init__(self, *side_data: Any) -> None:
        self.side_data = side_data


@pytest.mark.parametrize(
    ("matrix", "rotation", "mirrored", "shown"),
    [
        ((1, 0, 0, 1), 0, False, [[0, 1, 2], [3, 4, 5]]),
        ((0, 1, -1, 0), 90, False, [[3, 0], [4, 1], [5, 2]]),
        ((-1, 0, 0, -1), 180, False, [[5, 4, 3], [2, 1, 0]]),
        ((0, -1, 1, 0), 270, False, [[2, 5], [1, 4], [0, 3]]),
        ((-1, 0, 0, 1), 0, True, [[2, 1, 0], [5, 4, 3]]),
        ((1, 0, 0, -1), 180, True, [[3, 4, 5], [0, 1, 2]]),
        ((0, 1, 1, 0), 90, True, [[0, 3], [1, 4], [2, 5]]),
        ((0, -1, -1, 0), 270, True, [[5, 2], [4, 1], [3, 0]]),
    ],
)
def test_turning_follows_the_display_matrix(
    matrix: tuple[int, int, int, int], rotation: int, mirrored: bool, shown: list[list[int]]
) -> None:
    found = turning_of(_Frame(_Matrix(*matrix)))  # type: ignore[arg-type]
    assert found == Turning(rotation, mirrored)
    assert turn(PICTURE, found.rotation, found.mirrored)[:, :, 0].tolist() == shown


def test_turning_is_none_without_a_matrix() -> None:
    assert turning_of(_Frame()) == Turning(0, False)  # type: ignore[arg-type]
