"""Things through time. The figures over the whole clip: benchmarks/people_pets.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.people.test_track_hog import counted
from tests.modules.scenes import COLOURS, call, disc, painted
from vprog.errors import ModuleInputError
from vprog.types import Span
from vprog_modules.objects.track_nanodet import TrackNanodet


def test_track_counts_people_within_one_in_the_annotated_frames(media_dir: Path) -> None:
    path = media_dir / "pets" / "vtest_0-30s.avi"
    tracks = call(path, TrackNanodet, "person", span=Span(0.0, 7.0))
    counts = counted(media_dir)
    near = [
        abs(sum(track.span.start <= frame / 10 <= track.span.end for track in tracks) - count) <= 1
        for frame, count in counts.items()
    ]
    assert sum(near) >= 0.95 * len(near)


def test_track_follows_a_dog(media_dir: Path) -> None:
    (dog,) = call(media_dir / "clips" / "dog.mp4", TrackNanodet, "dog", span=Span(4.0, 9.6))
    assert dog.label == "dog"
    assert dog.span.end - dog.span.start > 5.0


def test_track_finds_the_man_in_the_car_and_his_face(media_dir: Path) -> None:
    path = media_dir / "clips" / "carphone_pristine.mp4"
    (person,) = call(path, TrackNanodet, "person")
    assert person.span.start == 0.0
    assert person.span.end > 3.0
    faces = call(path, TrackNanodet, "face")
    assert faces[0].span.start == 0.0


@pytest.mark.parametrize("name", ["clips/tree.avi", "text/counter.mp4", "shots/fades.mp4"])
def test_track_finds_nobody_where_there_is_nobody(media_dir: Path, name: str) -> None:
    assert call(media_dir / name, TrackNanodet, "person", fps=2.0) == []


def test_track_finds_nothing_in_drawn_things_and_in_one_frame(tmp_path: Path) -> None:
    moving = painted(
        tmp_path / "a.mp4", 20, lambda n, p: disc(p, 40 + 8 * n, 120, 20, COLOURS["red"])
    )
    one = painted(tmp_path / "b.mp4", 1, lambda n, p: None)
    assert call(moving, TrackNanodet, "person") == []
    assert call(one, TrackNanodet, "person") == []


def test_track_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: None)
    with pytest.raises(ModuleInputError, match='does not know "parrot"'):
        call(path, TrackNanodet, "parrot")
