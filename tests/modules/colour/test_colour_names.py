"""Names a person would use."""

from __future__ import annotations

import numpy as np
import pytest

from vprog.errors import ModuleInputError
from vprog_modules.colour.colour_names import NAMES, codes_of, colour_name, sureness_of

SHADES = {
    "red": [(255, 0, 0), (200, 30, 30), (139, 0, 0), (220, 20, 60), (178, 34, 34)],
    "orange": [(255, 165, 0), (255, 140, 0), (255, 120, 20)],
    "yellow": [(255, 255, 0), (255, 215, 0), (240, 230, 60), (255, 255, 150)],
    "green": [(0, 128, 0), (0, 255, 0), (34, 139, 34), (144, 238, 144), (85, 107, 47)],
    "cyan": [(0, 255, 255), (64, 224, 208), (0, 200, 200)],
    "blue": [(0, 0, 255), (30, 60, 200), (0, 0, 128), (135, 206, 250), (65, 105, 225)],
    "purple": [(128, 0, 128), (148, 0, 211), (75, 0, 130), (147, 112, 219)],
    "pink": [(255, 192, 203), (255, 105, 180), (255, 20, 147), (255, 0, 255)],
    "brown": [(139, 69, 19), (160, 82, 45), (101, 67, 33), (210, 180, 140)],
    "black": [(0, 0, 0), (20, 20, 20), (15, 10, 12)],
    "grey": [(128, 128, 128), (105, 105, 105), (192, 192, 192), (70, 72, 75)],
    "white": [(255, 255, 255), (245, 245, 245), (255, 250, 240)],
}


@pytest.mark.parametrize(
    ("name", "shade"), [(name, shade) for name, shades in SHADES.items() for shade in shades]
)
def test_codes_name_a_shade(name: str, shade: tuple[int, int, int]) -> None:
    assert NAMES[int(codes_of(np.array([[shade]], np.uint8))[0, 0])] == name


def test_sureness_is_higher_within_a_colour_than_at_its_border() -> None:
    clear, border = sureness_of(np.array([[(255, 0, 0), (255, 60, 0)]], np.uint8))[0]
    assert clear > border + 0.2


@pytest.mark.parametrize(
    ("word", "name"), [("red", "red"), (" Gray ", "grey"), ("violet", "purple"), ("teal", "cyan")]
)
def test_colour_name_knows_other_words(word: str, name: str) -> None:
    assert colour_name("here", word) == name


@pytest.mark.parametrize(
    ("word", "near"), [("yelow", "yellow"), ("dark blue", "blue"), ("gren", "green")]
)
def test_colour_name_refuses_with_the_nearest(word: str, near: str) -> None:
    with pytest.raises(ModuleInputError, match=f'Did you mean "{near}"') as caught:
        colour_name("here", word)
    assert "cyan" in caught.value.hint
