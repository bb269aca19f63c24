"""Real videos, sound and text with known truth, and where they lie.

Those that may be passed on are in `media_files/` beside this file; the rest is looked for in
`../shared/media` beside the checkout.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE / "media_files", HERE.parents[1] / "shared" / "media")
"""Where a file is looked for, in this order."""


def find_media(name: str | Path) -> Path | None:
    """The path of a file named by its place among the media, e.g. "speech/jfk.flac"."""
    paths = (folder / name for folder in FOLDERS)
    return next((path for path in paths if path.is_file()), None)


class MediaFolder:
    """What tests join names to: `media_dir / "speech" / "jfk.flac"` is the path of that file.

    A file that is nowhere skips the test that names it.
    """

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __truediv__(self, part: str) -> Path | MediaFolder:
        name = f"{self._name}/{part}".strip("/")
        if not Path(name).suffix:
            return MediaFolder(name)
        path = find_media(name)
        if path is None:
            import pytest

            pytest.skip(f"{name} may not be passed on, and lies not beside the checkout")
        return path
