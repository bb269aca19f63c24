"""Which text stands in the picture, and when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.drawing import Picture
from tests.modules.scenes import painted, texture
from vprog.errors import NoVideoStreamError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.types import Span, TextSpan
from vprog_modules.text.find_text_rapid import FindTextRapid

WHITE = (255, 255, 255)


@pytest.fixture(scope="module")
def finder() -> Iterator[FindTextRapid]:
    module = FindTextRapid()
    module.load("cpu")
    yield module
    module.unload()


def find(
    finder: FindTextRapid, path: Path, *, span: Span | None = None, fps: float = 2.0
) -> tuple[list[TextSpan], int]:
    """What is found, and how many pictures were read for it."""
    source = MediaSource([open_media(path)])
    before = finder.n_reads
    with using(CallContext(source)):
        found = finder(source.videos[0], span=span, fps=fps)
    source.close()
    return found, finder.n_reads - before


def write(picture: Picture, text: str, x: int, y: int, scale: float = 1.0) -> None:
    thickness = max(1, round(2 * scale))
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, WHITE, thickness)


def test_find_text_follows_a_counter(finder: FindTextRapid, media_dir: Path) -> None:
    path = media_dir / "text" / "counter.mp4"
    found, n_reads = find(finder, path, span=Span(1.0, 1.45), fps=10.0)
    assert n_reads == 11  # three times as many for the first three, which are unsure
    counts = [line for line in found if line.text.startswith("Frame")]
    assert [line.text for line in counts] == [f"Frame = {n}" for n in range(11, 16)]
    starts = [1.0, 1.1, 1.2, 1.3, 1.4]
    assert [line.start for line in counts] == pytest.approx(starts)
    assert [line.end for line in counts] == pytest.approx([*starts[1:], 1.45])


def test_find_text_moves_edges_to_the_frame(finder: FindTextRapid, tmp_path: Path) -> None:
    def paint(n: int, picture: Picture) -> None:
        if 13 <= n < 37:
            write(picture, "Platform 9", 40, 120)

    path = painted(tmp_path / "v.mp4", 50, paint, background=(20, 20, 60))
    (line,), n_reads = find(finder, path)
    assert line.text == "Platform 9"
    assert (line.start, line.end) == pytest.approx((1.3, 3.7))
    assert n_reads == 5  # nothing; the text; nothing: what is empty is turned once each
    assert line.box.y0 < 120 < line.box.y1 + 5


def test_find_text_reads_a_still_picture_once(finder: FindTextRapid, tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 50, lambda n, p: write(p, "Open", 40, 120))
    (line,), n_reads = find(finder, path)
    assert (line.text, line.start, line.end, n_reads) == ("Open", 0.0, 5.0, 1)


def test_find_text_sees_one_small_digit_change(finder: FindTextRapid, tmp_path: Path) -> None:
    def paint(n: int, picture: Picture) -> None:
        write(picture, f"LAP {4 if n < 20 else 5}", 1190, 700, 0.6)

    path = painted(tmp_path / "v.mp4", 30, paint, size=(1280, 720), background=(20, 60, 20))
    found, n_reads = find(finder, path)
    assert [line.text for line in found] == ["LAP 4", "LAP 5"]
    assert found[0].end == found[1].start == pytest.approx(2.0)
    assert n_reads == 4


def test_find_text_is_one_line_while_the_scene_behind_moves(
    finder: FindTextRapid, tmp_path: Path
) -> None:
    wide = np.asarray(texture(2, 800, 240) // 3, dtype=np.uint8)
    wide[::6] //= 2
    wide[:, ::6] //= 2

    def paint(n: int, _: Picture) -> Picture:
        picture = wide[:, 6 * n : 6 * n + 320].copy()
        write(picture, "ALWAYS HERE", 40, 200)
        return picture

    found, n_reads = find(finder, painted(tmp_path / "v.mp4", 30, paint))
    assert [(line.text, line.start, line.end) for line in found] == [("ALWAYS HERE", 0.0, 3.0)]
    assert n_reads > 3


def test_find_text_without_text_is_empty(finder: FindTextRapid, media_dir: Path) -> None:
    assert find(finder, media_dir / "shots" / "fades.mp4") == ([], 2)


def test_find_text_of_one_frame(finder: FindTextRapid, tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: write(p, "Open", 40, 120))
    (line,), _ = find(finder, path)
    assert (line.text, line.start) == ("Open", 0.0)
    assert line.end > 0.0


def test_find_text_of_sound_only_is_an_error(finder: FindTextRapid, media_dir: Path) -> None:
    with pytest.raises(NoVideoStreamError):
        find(finder, media_dir / "speech" / "jfk.flac")
