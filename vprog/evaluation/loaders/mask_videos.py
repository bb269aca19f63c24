"""Benchmarks of masks have a folder of pictures for a video, and a file of what is to be segmented.

A video is the pictures of its folder, in the order of their names, at RATE a second, in a file
beside the folder:

    ffmpeg -framerate 5 -pattern_type glob -i 'JPEGImages/VIDEO/*.jpg' -c copy JPEGImages/VIDEO.mkv

which keeps each picture as it is. The masks of picture N are then at N / RATE seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow

RATE = 5.0
"""Pictures a second: the files do not say how fast they were taken."""
RIGHT_FROM = 0.5
"""The J&F from which on a case counts as right; what is reported are J and F themselves."""


class _Videos(msgspec.Struct):
    videos: dict[str, dict[str, Any]]


def video_rows(path: Path) -> list[CaseRow]:
    """A row for each video of {"videos": {NAME: {...}}}, its name as the field "key"."""
    try:
        read = msgspec.json.decode(path.read_bytes(), type=_Videos)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"{path}: no file of videos with expressions: {error}.",
            hint="Give the file as the benchmark's authors do.",
        ) from error
    return [
        CaseRow(number, f"{path} row {number} ({name})", {"key": name, **fields})
        for number, (name, fields) in enumerate(read.videos.items(), start=1)
    ]


def video_of_pictures(name: str) -> str:
    """The file of a video whose pictures lie in a folder of this name."""
    return f"JPEGImages/{name}.mkv"


def mask_case(
    video: str, expression: str, is_question: bool, masks: Sequence[dict[str, Any]]
) -> CaseForm:
    """The case of one thing to be segmented: whatever is answered, its masks are held against ours.

    Args:
        video: the name of its folder of pictures.
        expression: what is to be found, as a question or a phrase.
        is_question: which of the two.
        masks: of each picture, as `timed_mask` makes them.
    """
    phrase = expression.rstrip(".")
    return CaseForm(
        video=video_of_pictures(video),
        question=phrase if is_question else f"Which pixels show this: {phrase}?",
        answer={"cited": RIGHT_FROM},
        mask=list(masks),
    )


def timed_mask(place: int, size: Sequence[int], counts: str) -> dict[str, Any]:
    """The mask of the picture at a place, from 0, in run lengths as pycocotools writes them."""
    return {"time": place / RATE, "size": list(size), "counts": counts}
