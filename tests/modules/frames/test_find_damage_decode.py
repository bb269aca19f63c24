"""Files that are cut off or overwritten, and files that are whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.drawing import draw_video
from tests.modules.scenes import Opened
from vprog.types import Event, Span
from vprog_modules.frames.find_damage_decode import FindDamageDecode


def damage_in(path: Path, span: Span | None = None) -> list[Event]:
    with Opened(path) as opened:
        found: list[Event] = opened(FindDamageDecode, opened.video, span=span)
        return found


def tone(times: np.ndarray) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 440 * times)


def drawn(path: Path, **options: object) -> Path:
    """Eight seconds of picture and sound; an mp4 with its table in front."""
    container = {"movflags": "faststart"} if path.suffix == ".mp4" else None
    return draw_video(path, 80, tone=tone, container_options=container, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_whole_file_has_no_damage(name: str, tmp_path: Path) -> None:
    assert damage_in(drawn(tmp_path / name)) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_file_that_ends_too_early_is_cut_short_where_it_ends(name: str, tmp_path: Path) -> None:
    whole = drawn(tmp_path / name)
    part = tmp_path / f"part{whole.suffix}"
    data = whole.read_bytes()
    part.write_bytes(data[: len(data) // 2])
    with Opened(part) as opened:
        events = opened(FindDamageDecode, opened.video)
        (cut,) = [event for event in events if event.kind == "cut short"]
        assert cut.start == cut.end == pytest.approx(opened.video.duration, abs=0.05)


def test_pictures_and_sound_that_do_not_decode_have_their_place(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = np.random.default_rng(3).bytes(3000)
    path.write_bytes(bytes(data))
    events = damage_in(path)
    kinds = {event.kind for event in events}
    assert "lost sound" in kinds
    assert kinds & {"lost pictures", "damaged pictures"}
    assert all(2.0 < event.start <= event.end < 6.0 for event in events)
    assert damage_in(path, Span(0.0, 1.0)) == []
    assert damage_in(path, Span(2.0, 6.0)) != []


@pytest.mark.parametrize("after", [b"TAG" + bytes(125), b"\r\n--boundary--", b"\xff" * 512])
def test_what_stands_behind_the_last_box_is_no_damage(after: bytes, tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes() + after)
    assert damage_in(path) == []


def test_a_recording_in_which_nothing_changes_for_long_is_whole(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "slides.mkv", 3, stamps=[0, 9000, 12000])
    assert damage_in(path) == []
