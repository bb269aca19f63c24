"""Cuts, fades, dissolves, and what is none of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.drawing import Picture
from tests.modules.scenes import COLOURS, call, painted, rectangle, texture
from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.types import Shot, Span
from vprog_modules.shots.find_shots_opencv import FindShotsComparison

FPS = 25


def shots_of(path: Path, span: Span | None = None) -> list[Shot]:
    found: list[Shot] = call(path, FindShotsComparison, span=span)
    for before, after in itertools.pairwise(found):
        assert before.end == after.start
    assert found[0].opening == "start"
    assert all(0 <= hit.score <= 1 for hit in found)
    return found


def drawn(tmp_path: Path, n_frames: int, paint: object) -> list[Shot]:
    return shots_of(painted(tmp_path / "v.mp4", n_frames, paint, fps=FPS))  # type: ignore[arg-type]


def summary(shots: list[Shot]) -> list[tuple[str, float]]:
    return [(shot.opening, round(shot.start, 3)) for shot in shots]


def scene(seed: int) -> Picture:
    return texture(seed, 320, 240)


def test_find_shots_gives_hard_cuts_at_their_first_frame(tmp_path: Path) -> None:
    found = drawn(tmp_path, 75, lambda n, _: scene(1 if n < 20 else 2 if n < 55 else 3))
    assert summary(found) == [("start", 0.0), ("cut", 0.8), ("cut", 2.2)]
    assert found[-1].end == pytest.approx(3.0)


def test_find_shots_finds_cuts_between_plain_colours_and_black(tmp_path: Path) -> None:
    order = [COLOURS[name] for name in ("red", "black", "blue", "white")]
    found = drawn(tmp_path, 100, lambda n, p: p.__setitem__(slice(None), order[n // 25]))
    assert summary(found) == [("start", 0.0), ("cut", 1.0), ("cut", 2.0), ("cut", 3.0)]


def test_find_shots_takes_no_saturated_colour_for_black(tmp_path: Path) -> None:
    order = [(200, 5, 5), (5, 5, 201), (0, 90, 0), (0, 0, 70)]
    found = drawn(tmp_path, 100, lambda n, p: p.__setitem__(slice(None), order[n // 25]))
    assert summary(found) == [("start", 0.0), ("cut", 1.0), ("cut", 2.0), ("cut", 3.0)]


@pytest.mark.parametrize("hues", [((20, 30, 90), (90, 20, 30)), ((50, 70, 50), (75, 50, 50))])
def test_find_shots_finds_cuts_between_title_cards_of_other_hues(
    tmp_path: Path, hues: tuple[tuple[int, int, int], ...]
) -> None:
    def card(n: int, picture: Picture) -> None:
        picture[:] = hues[n // 25]
        rectangle(picture, (60, 100, 180 + 40 * (n // 25), 130), COLOURS["grey"])

    assert summary(drawn(tmp_path, 50, card)) == [("start", 0.0), ("cut", 1.0)]


def test_find_shots_finds_where_the_colour_behind_a_running_counter_changes(
    media_dir: Path,
) -> None:
    found = shots_of(media_dir / "text" / "counter.mp4")
    assert summary(found) == [("start", 0.0), ("cut", 1.0), ("cut", 2.0)]


def test_find_shots_finds_dissolves_from_and_between_plain_colours(tmp_path: Path) -> None:
    red, blue = np.full((2, 240, 320, 3), [[[[120, 20, 20]]], [[[20, 30, 140]]]], np.float32)

    def paint(before: Picture, after: Picture) -> object:
        def at(n: int, _: Picture) -> Picture:
            share = min(max((n - 30) / 20, 0.0), 1.0)
            return (before * (1 - share) + after * share).astype(np.uint8)

        return at

    for name, ends in {
        "flat": (red, blue),
        "from": (red, scene(2)),
        "to": (scene(2), blue),
    }.items():
        (tmp_path / name).mkdir()
        found = drawn(tmp_path / name, 90, paint(*ends))
        assert [shot.opening for shot in found] == ["start", "dissolve"], name
        assert found[1].start == pytest.approx(1.6, abs=0.12)


def test_find_shots_finds_quick_cuts(tmp_path: Path) -> None:
    found = drawn(tmp_path, 60, lambda n, _: scene(n // 10))
    assert [span.start for span in found] == pytest.approx([0.0, 0.4, 0.8, 1.2, 1.6, 2.0])


def test_find_shots_finds_cuts_between_dark_scenes(tmp_path: Path) -> None:
    found = drawn(tmp_path, 50, lambda n, _: (scene(4 if n < 25 else 5) * 0.25).astype(np.uint8))
    assert summary(found) == [("start", 0.0), ("cut", 1.0)]


def test_find_shots_puts_a_fade_at_the_middle_of_the_black(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        light = np.clip([(30 - n) / 10, (n - 40) / 10], 0, 1)
        return (scene(1) * light[0] + scene(2) * light[1]).astype(np.uint8)

    found = drawn(tmp_path, 75, paint)
    assert [hit.opening for hit in found] == ["start", "fade"]
    assert found[1].start == pytest.approx(1.4, abs=0.06)


def test_find_shots_puts_a_dissolve_at_its_middle(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        share = min(max((n - 30) / 20, 0.0), 1.0)
        return (scene(1) * (1 - share) + scene(2) * share).astype(np.uint8)

    found = drawn(tmp_path, 90, paint)
    assert [hit.opening for hit in found] == ["start", "dissolve"]
    assert found[1].start == pytest.approx(1.6, abs=0.08)


def test_find_shots_finds_a_fade_through_white(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        shares = np.clip([(30 - n) / 10, (n - 40) / 10], 0, 1)
        white = 255 * (1 - shares.sum())
        return (scene(1) * shares[0] + scene(2) * shares[1] + white).astype(np.uint8)

    assert [item.opening for item in drawn(tmp_path, 75, paint)] == ["start", "fade"]


def _flash(n: int, _: Picture) -> Picture:
    return np.full((240, 320, 3), 255, np.uint8) if n in (20, 21, 40) else scene(1)


def _flicker(n: int, _: Picture) -> Picture:
    return np.zeros((240, 320, 3), np.uint8) if n in (20, 21, 40) else scene(1)


def _whip(n: int, _: Picture) -> Picture:
    wide = texture(3, 1600, 240)
    at = 0 if n < 20 else min((n - 20) * 90, 1280)
    return wide[:, at : at + 320]


def _light(n: int, _: Picture) -> Picture:
    return (scene(1) * (1.0 if n < 25 else 0.45)).astype(np.uint8)


def _crossing(n: int, _: Picture) -> Picture:
    picture = scene(1).copy()
    rectangle(picture, (n * 10 - 150, 0, n * 10, 240), COLOURS["red"])
    return picture


def _starts_black(n: int, _: Picture) -> Picture:
    return scene(1) if 10 <= n < 50 else np.zeros((240, 320, 3), np.uint8)


@pytest.mark.parametrize(
    "paint",
    [_flash, _flicker, _whip, _light, _crossing, _starts_black],
    ids=lambda each: each.__name__,
)
def test_find_shots_sees_no_border_in(tmp_path: Path, paint: object) -> None:
    assert len(drawn(tmp_path, 60, paint)) == 1


def test_find_shots_looks_at_a_span_only(tmp_path: Path) -> None:
    path = painted(
        tmp_path / "v.mp4", 75, lambda n, _: scene(1 if n < 20 else 2 if n < 55 else 3), fps=FPS
    )
    found = shots_of(path, Span(1.0, 2.6))
    assert summary(found) == [("start", 1.0), ("cut", 2.2)]
    assert found[-1].end == 2.6


def test_find_shots_gives_one_shot_for_one_frame(tmp_path: Path) -> None:
    assert len(drawn(tmp_path, 1, lambda n, p: None)) == 1


def test_find_shots_refuses_a_span_outside(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 5, lambda n, p: None)
    with pytest.raises(ModuleInputError, match="within 0 to"):
        shots_of(path, Span(8.0, 9.0))


def test_find_shots_refuses_a_sound_file(media_dir: Path) -> None:
    with pytest.raises(NoVideoStreamError):
        shots_of(media_dir / "speech" / "jfk.flac")


def test_find_shots_of_real_fades_and_a_dissolve(media_dir: Path) -> None:
    found = shots_of(media_dir / "shots" / "testvideo.mp4")
    assert [hit.opening for hit in found] == ["start", "fade", "fade", "dissolve"]
    assert [span.start for span in found] == pytest.approx([0.0, 6.7, 12.7, 18.05], abs=0.25)


def test_find_shots_counts_black_between_flat_greys_as_fades(media_dir: Path) -> None:
    found = shots_of(media_dir / "shots" / "fades.mp4")
    assert [hit.opening for hit in found] == ["start", "fade", "fade"]
    assert [span.start for span in found] == pytest.approx([0.0, 84 / 25, 167 / 25], abs=0.1)


@pytest.mark.parametrize(
    "name",
    [
        "pets/vtest_0-30s.avi",
        "clips/dog.mp4",
        "clips/carphone_pristine.mp4",
        "clips/tree.avi",
        "clips/flipping_a_pancake.mkv",
        "broken/failing_audio.mp4",
    ],
)
def test_find_shots_finds_one_shot_in_real_clips_without_cuts(media_dir: Path, name: str) -> None:
    assert len(shots_of(media_dir / name)) == 1
