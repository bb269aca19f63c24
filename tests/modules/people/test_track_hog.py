"""People and faces through time. The figures over the whole clip: benchmarks/people_pets.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.scenes import COLOURS, call, disc, painted
from vprog.errors import ModuleInputError
from vprog.types import Span
from vprog_modules.people.track_hog import TrackHog


def counted(media_dir: Path) -> dict[int, int]:
    """People in each annotated frame of the clip, by frame from 0."""
    counts: dict[int, int] = {}
    for line in (media_dir / "pets" / "PETS09-S2L1_gt_frames1-69.txt").read_text().splitlines():
        frame = int(line.split(",")[0]) - 1
        counts[frame] = counts.get(frame, 0) + 1
    return counts


def test_track_counts_people_within_one_in_the_annotated_frames(media_dir: Path) -> None:
    tracks = call(media_dir / "pets" / "vtest_0-30s.avi", TrackHog, "person", span=Span(0.0, 7.0))
    counts = counted(media_dir)
    assert len(counts) == 69
    near = [
        abs(sum(track.span.start <= f / 10 <= track.span.end for track in tracks) - n) <= 1
        for f, n in counts.items()
    ]
    assert sum(near) >= 0.8 * len(near)


def test_track_finds_the_man_in_the_car_and_his_face(media_dir: Path) -> None:
    path = media_dir / "clips" / "carphone_pristine.mp4"
    (person,) = call(path, TrackHog, "person")
    assert person.span.start == 0.0
    assert person.span.end > 3.0
    faces = call(path, TrackHog, "face")
    assert faces
    assert faces[0].span.start == 0.0


@pytest.mark.parametrize("name", ["clips/tree.avi", "text/counter.mp4", "shots/fades.mp4"])
def test_track_finds_nobody_where_there_is_nobody(media_dir: Path, name: str) -> None:
    assert call(media_dir / name, TrackHog, "person", fps=2.0) == []


def test_track_finds_nobody_in_drawn_things_and_in_one_frame(tmp_path: Path) -> None:
    moving = painted(
        tmp_path / "a.mp4", 20, lambda n, p: disc(p, 40 + 8 * n, 120, 20, COLOURS["red"])
    )
    one = painted(tmp_path / "b.mp4", 1, lambda n, p: None)
    assert call(moving, TrackHog, "person") == []
    assert call(one, TrackHog, "person") == []
    assert call(one, TrackHog, "face") == []


def test_track_says_which_labels_it_knows(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: None)
    with pytest.raises(ModuleInputError, match='"person" or "face", got "cat"'):
        call(path, TrackHog, "cat")


def test_track_gives_the_same_twice(media_dir: Path) -> None:
    path = media_dir / "pets" / "vtest_0-30s.avi"
    first, second = (call(path, TrackHog, "person", span=Span(1.0, 3.0), fps=2.0) for _ in range(2))
    assert first
    assert first == second
