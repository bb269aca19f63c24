"""Which colour a person would call a pixel. Owns the twelve names and their boundaries.

The boundaries are set in hue, saturation and value and were checked against the named
colours of CSS. They are read from a table over (red, green, blue) in steps of four, so
naming a picture is one look-up.
"""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]

NAMES = (
    "red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "brown",
    "black", "grey", "white",
)  # fmt: skip

SAME = {
    "gray": "grey", "silver": "grey", "violet": "purple", "lilac": "purple",
    "lavender": "purple", "indigo": "purple", "magenta": "pink", "fuchsia": "pink",
    "rose": "pink", "turquoise": "cyan", "teal": "cyan", "aqua": "cyan", "navy": "blue",
    "azure": "blue", "crimson": "red", "scarlet": "red", "maroon": "red", "gold": "yellow",
    "lime": "green", "olive": "green", "tan": "brown", "beige": "brown",
}  # fmt: skip
"""Other words, and the name under which their pixels are found."""

_STEPS = 64


def colour_name(task: str, colour: str) -> str:
    """One of NAMES for what a person wrote.

    Raises:
        ModuleInputError: it is none of the names known here.
    """
    word = colour.strip().lower()
    word = SAME.get(word, word)
    if word in NAMES:
        return word
    parts = [SAME.get(piece, piece) for piece in word.replace("-", " ").split()]
    near = [part for part in parts if part in NAMES] or difflib.get_close_matches(
        word, [*NAMES, *SAME], n=1
    )
    raise ModuleInputError(
        f'{task}: expected a plain colour, got "{colour}".'
        + (f' Did you mean "{near[-1]}"?' if near else ""),
        hint=f"The colours are {', '.join(NAMES)}.",
    )


def codes_of(pixels: Codes) -> Codes:
    """For each pixel of an RGB picture (H, W, 3) the index of its name in NAMES, (H, W)."""
    import numpy as np

    table, _ = _tables()
    at = (pixels >> 2).astype(np.int32)
    return np.asarray(table[(at[..., 0] * _STEPS + at[..., 1]) * _STEPS + at[..., 2]], np.uint8)


def sureness_of(pixels: Codes) -> NDArray[np.float32]:
    """For each pixel how far its name is from changing, in [0, 1], (H, W).

    The share of eight slightly different shades that bear the same name.
    """
    import numpy as np

    _, sure = _tables()
    at = (pixels >> 2).astype(np.int32)
    return np.asarray(sure[(at[..., 0] * _STEPS + at[..., 1]) * _STEPS + at[..., 2]], np.float32)


@lru_cache(maxsize=1)
def _tables() -> tuple[Codes, NDArray[np.float32]]:
    import numpy as np

    axis = (np.arange(_STEPS, dtype=np.float32) * 4 + 1.5) / 252.0
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    hue, saturation, value = _hsv(np.clip(cube, 0.0, 1.0))
    table = _named(hue, saturation, value)
    agreeing = np.zeros(len(table), dtype=np.float32)
    for turn, more, lighter in (
        (-6, 0, 0), (6, 0, 0), (0, -0.06, 0), (0, 0.06, 0), (0, 0, -0.06), (0, 0, 0.06),
        (-6, -0.06, 0), (6, 0.06, 0),
    ):  # fmt: skip
        near = _named(
            (hue + turn) % 360.0,
            np.clip(saturation + more, 0.0, 1.0),
            np.clip(value + lighter, 0.0, 1.0),
        )
        agreeing += near == table
    return table, np.asarray(agreeing / 8, np.float32)


def _hsv(
    rgb: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Hue in degrees, saturation and value in [0, 1] of (N, 3) colours in [0, 1]."""
    import numpy as np

    red, green, blue = rgb[:, 0], rgb[:, 1], rgb[:, 2]
    value = rgb.max(axis=1)
    chroma = value - rgb.min(axis=1)
    safe = np.where(chroma > 0, chroma, 1.0)
    hue = np.select(
        [value == red, value == green],
        [((green - blue) / safe) % 6.0, (blue - red) / safe + 2.0],
        (red - green) / safe + 4.0,
    )
    saturation = chroma / np.where(value > 0, value, 1.0)
    return np.asarray(hue * 60.0, np.float32), saturation, value


def _named(
    hue: NDArray[np.float32], saturation: NDArray[np.float32], value: NDArray[np.float32]
) -> Codes:
    import numpy as np

    chroma = saturation * value
    warm = (hue >= 14) & (hue < 48)
    reddish = (hue < 14) | (hue >= 330)
    rules = [
        ("black", (value < 0.13) | ((value < 0.26) & (chroma < 0.09))),
        ("white", (value > 0.86) & (saturation < 0.13)),
        ("grey", (saturation < 0.13) | (chroma < 0.08)),
        ("white", warm & (value > 0.92) & (saturation < 0.2)),
        ("brown", warm & ((value < 0.66) | (saturation < 0.42))),
        ("brown", (hue >= 48) & (hue < 56) & (value < 0.45)),
        ("brown", (hue < 14) & (value < 0.55) & (saturation < 0.55)),
        ("brown", (hue >= 8) & (hue < 14) & (value < 0.6)),
        ("pink", reddish & (value > 0.7) & (saturation < 0.52)),
        ("red", (hue < 14) | (hue >= 345)),
        ("orange", hue < 45),
        ("yellow", hue < 66),
        ("green", hue < 164),
        ("cyan", hue < 196),
        ("blue", hue < 255),
        ("purple", (hue < 295) | ((hue < 330) & (value < 0.65))),
        ("pink", hue < 345),
    ]
    return np.select(
        [where for _, where in rules],
        [np.uint8(NAMES.index(name)) for name, _ in rules],
        np.uint8(NAMES.index("red")),
    ).astype(np.uint8)
