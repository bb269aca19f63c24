"""Subtitles embedded in a video."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.drawing import draw_subtitled
from tests.media.conftest import Drawn
from vprog.media.embedded_subtitles import embedded_subtitles
from vprog.media.index import build_index
from vprog.media.subtitles import Subtitle


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "subrip"), ("a.mkv", "ass"), ("a.mp4", "mov_text")]
)
@pytest.mark.parametrize("offset", [0, 5000])
def test_subtitles_embedded_are_read_with_their_times(
    name: str, codec: str, offset: int, tmp_path: Path
) -> None:
    subtitles = [("Hello, world", 500, 1500), ("zwei\nZeilen ä", 1600, 2000)]
    path = draw_subtitled(tmp_path / name, codec, subtitles, offset=offset)

    index = build_index(path)

    assert index.n_subtitle_streams == 1
    expected = [Subtitle("Hello, world", 0.5, 1.5), Subtitle("zwei\nZeilen ä", 1.6, 2.0)]
    found, warnings = embedded_subtitles(index)
    assert warnings == ()
    assert [line.text for line in found] == [reply.text for reply in expected]
    for subtitle, truth in zip(found, expected, strict=True):
        assert subtitle[1:] == pytest.approx(truth[1:], abs=0.002)


def test_subtitles_embedded_are_none_where_there_are_none(drawn: Drawn, tmp_path: Path) -> None:
    shutil.copy(drawn("plain.mp4"), tmp_path / "a.mp4")
    assert embedded_subtitles(build_index(tmp_path / "a.mp4")) == ([], ())


@pytest.mark.parametrize("codec", ["subrip", "ass"])
def test_subtitles_embedded_in_another_encoding_are_detected(codec: str, tmp_path: Path) -> None:
    lines = ["Где ты был вчера вечером?", "Я ждал тебя на вокзале", "Никто не знает"]
    texts = [(line, 500 * n, 500 * n + 400) for n, line in enumerate(lines)]
    path = draw_subtitled(tmp_path / "a.mkv", codec, texts, encoding="cp1251")
    found, warnings = embedded_subtitles(build_index(path))
    assert [line.text for line in found] == lines
    assert found[0].score < 1
    assert "read as Windows-1251" in warnings[0]
