"""Media that are known without their files, and are opened when somebody looks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.drawing import draw_video, number_of
from vprog.errors import ModuleInputError, VideoNotFoundError, VideoUnreadableError
from vprog.media.run_file import MediaFile, open_media
from vprog.replays.recorded_source import RecordedMedia
from vprog.types import Frame, Video


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("recorded") / "film.mp4", 20)


@pytest.fixture
def film(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(drawn, tmp_path / "film.mp4"))


def known(path: Path) -> tuple[Video, str]:
    file = open_media(path)
    try:
        return file.video(0), file.content_hash
    finally:
        file.close()


@pytest.fixture
def opened() -> list[int]:
    return []


@pytest.fixture
def media(film: Path, opened: list[int]) -> RecordedMedia:
    video, content_hash = known(film)

    def open_file(index: int) -> MediaFile:
        opened.append(index)
        return open_media(film)

    return RecordedMedia(
        [video], hashes=[content_hash], origins=[(str(film), None)], open_file=open_file
    )


def test_what_the_trace_says_needs_no_file(
    media: RecordedMedia, film: Path, opened: list[int]
) -> None:
    film.unlink()
    assert media.video(0).n_frames == 20
    assert media.origin(0) == (str(film), None)
    assert len(media.content_hash(0)) == 64
    assert (media.frames_decoded, media.warnings, opened) == (0, [], [])
    media.close()


def test_file_is_opened_once_when_it_is_looked_at(media: RecordedMedia, opened: list[int]) -> None:
    assert number_of(media.pixels(Frame(0, 0.7))) == 7
    assert [number_of(each) for _, each in media.frames(0, [0.2, 1.9])] == [2, 19]
    assert media.facts(0).container == "mp4"
    assert opened == [0]
    assert media.frames_decoded > 0
    media.close()


def test_file_that_is_gone_is_an_error_each_time(media: RecordedMedia, film: Path) -> None:
    film.unlink()
    for _ in range(2):
        with pytest.raises(VideoNotFoundError):
            media.pixels(Frame(0, 0.5))
    media.close()


def test_file_with_another_content_is_refused_and_closed(media: RecordedMedia, film: Path) -> None:
    draw_video(film, 20, size=(96, 64))
    with pytest.raises(VideoUnreadableError, match="not the file of the recorded run") as caught:
        media.pixels(Frame(0, 0.5))
    assert "--video" in caught.value.hint
    assert media.files == []
    media.close()


@pytest.mark.parametrize("index", [-1, 1])
def test_video_that_is_not_there_is_an_error(media: RecordedMedia, index: int) -> None:
    for ask in (media.origin, media.content_hash, media.facts):
        with pytest.raises(ModuleInputError, match="there are 1 videos"):
            ask(index)
    media.close()
