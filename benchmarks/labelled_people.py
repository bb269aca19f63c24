"""Moments of real clips whose people were counted: by annotation (PETS) or by eye."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.people_pets import read_truth
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.real_media import find_media
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.program.algebra import tracks_at
from vprog.types import Frame, Span

BY_EYE = (
    ("clips/dog.mp4", "person", (1.0, 5.0, 8.0), 1),
    ("clips/carphone_pristine.mp4", "person", (0.5, 1.5, 3.5), 1),
    ("clips/carphone_pristine.mp4", "face", (0.5, 1.5, 3.5), 1),
    ("clips/flipping_a_pancake.mkv", "person", (2.0, 5.0), 2),
    ("people/yard.mp4", "person", (1.0,), 7),
)  # fmt: skip
PETS = ("pets/vtest_0-30s.avi", "pets/PETS09-S2L1_gt_frames1-69.txt")
SURE = 0.3
"""The score under which the rules take no track for a person."""


class Moment(NamedTuple):
    """How many a module found at a time, and how many there are."""

    module: type
    label: str
    n_found: int
    n_true: int
    least_score: float


def people_moments(folder: Path, track: type, detect: type) -> Iterator[Moment]:
    """Every moment, by both modules; clips that are not here are left out."""
    for path, label, times, counts in _labelled(folder):
        with Opened(path) as opened:
            end = min(opened.video.duration, max(times) + 1.0)
            tracks = opened(track, opened.video, label, span=Span(0.0, end))
            for time, n_true in zip(times, counts, strict=True):
                there = [one for one in tracks_at(tracks, time) if one.score >= SURE]
                least = min((one.score for one in there), default=0.0)
                yield Moment(track, label, len(there), n_true, least)
                found = opened(detect, Frame(0, time), label)
                least = min((one.score for one in found), default=0.0)
                yield Moment(detect, label, len(found), n_true, least)


def _labelled(folder: Path) -> Iterator[tuple[Path, str, list[float], list[int]]]:
    for name, label, times, n_true in BY_EYE:
        path = find_media(name)
        if path is not None:
            yield path, label, list(times), [n_true] * len(times)
    carphone = find_media("clips/carphone_pristine.mp4")
    if carphone is not None:
        pair = _pair(carphone, folder / "pair.mp4")
        yield pair, "face", [0.5, 1.0, 1.5], [2, 2, 2]
        yield pair, "person", [0.5, 1.0, 1.5], [2, 2, 2]
    film, truth = (find_media(name) for name in PETS)
    if film is not None and truth is not None:
        people = read_truth(truth)
        frames = list(range(3, 69, 5))
        yield film, "person", [frame / 10 for frame in frames], [len(people[at]) for at in frames]


def _pair(path: Path, out: Path) -> Path:
    """The man in the car twice: beside himself, mirrored."""
    source = MediaSource([open_media(path)])
    pictures = []
    for number in range(20):
        pixels = source.pixels(Frame(0, number / 10))
        pictures.append(np.concatenate([pixels, pixels[:, ::-1]], axis=1))
    source.close()
    height, width = pictures[0].shape[:2]
    return draw_video(out, 20, size=(width, height), paint=lambda at, _w, _h: pictures[at])
