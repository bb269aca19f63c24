"""RVTBench: a row for each query, the pictures of its masks in Annotations/ beside the file.

Its four tasks, three categories and four levels, and that its masks and boxes are those of DAVIS
2017 and SA-V, are from the paper (arXiv 2505.11838) and the README of yiqings/rvt. The names of
the fields below are not: the authors' own JSON could not be read. They are ours, so a file of
theirs is refused with the field that it lacks until its fields are renamed.

    {"video": "bear", "task": "segmentation", "category": "spatial", "level": 2,
     "query": "the animal nearest to the rocks", "objects": [1]}
    {"video": "bear", "task": "vqa", "category": "temporal", "level": 1,
     "query": "What does the bear do last?", "answer": "it turns"}

Annotations/VIDEO/00000.png is the picture of frame 0, whose values are the numbers of objects.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.mask_videos import (
    RATE,
    RIGHT_FROM,
    mask_case,
    timed_mask,
    video_of_pictures,
)
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow
from vprog.types.mask_rle import encode_mask

if TYPE_CHECKING:
    from vprog.types.mask_rle import Bitmap

_TASKS = ("segmentation", "grounding", "vqa", "summary")


def _case(row: SuiteRow) -> CaseForm:
    """Pixels or boxes of the objects of a query, or the text that is to be said."""
    task, video, query = row.text("task"), row.text("video"), row.text("query")
    if task not in _TASKS:
        raise row.refusal("task", f"one of {', '.join(_TASKS)}", task)
    if task == "segmentation":
        masks = []
        for place, bitmap in _bitmaps(row, video):
            rle = encode_mask(bitmap)
            masks.append(timed_mask(place, rle.size, rle.counts))
        form = mask_case(video, query, query.endswith("?"), masks)
    elif task == "grounding":
        form = CaseForm(
            video=video_of_pictures(video),
            question=query if query.endswith("?") else f"Where is this: {query.rstrip('.')}?",
            answer={"cited": RIGHT_FROM},
            box=[
                {"time": place / RATE, "box": _box(bitmap)}
                for place, bitmap in _bitmaps(row, video)
                if bitmap.any()
            ],
        )
    else:
        form = CaseForm(video=video_of_pictures(video), question=query, answer=row.text("answer"))
    form.group = {"task": task, "category": row.text("category"), "level": row.text("level")}
    return form


def _bitmaps(row: SuiteRow, video: str) -> list[tuple[int, Bitmap]]:
    """Which pixels the objects of a query cover, with the place of each picture."""
    import numpy as np

    objects = row.items("objects")
    if not objects or not all(type(number) is int and 0 < number < 256 for number in objects):
        raise row.refusal("objects", "a list of numbers from 1 to 255", objects)
    pictures = _numbered(row.path.parent / "Annotations" / video)
    bitmaps = [(place, np.isin(picture, objects)) for place, picture in pictures]
    if not any(bitmap.any() for _, bitmap in bitmaps):
        raise row.refusal("objects", f"objects in Annotations/{video}", objects)
    return bitmaps


@lru_cache(maxsize=4)  # the queries about a video stand together
def _numbered(folder: Path) -> tuple[tuple[int, Any], ...]:
    """The pictures of a folder, whose pixels are numbers of objects, each with its place."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    numbered = []
    for path in sorted(folder.glob("*.png")):
        try:
            with Image.open(path) as picture:
                if picture.mode not in ("P", "L") or not path.stem.isdecimal():
                    raise UsageError(
                        f"{path}: RVTBench: must be the picture of a frame, NUMBER.png, with the "
                        f"numbers of objects for pixels, got a picture of mode {picture.mode}.",
                        hint="Give the annotations as DAVIS 2017 has them: PNG with a palette.",
                    )
                numbered.append((int(path.stem), np.asarray(picture)))
        except (OSError, UnidentifiedImageError) as error:
            raise UsageError(
                f"{path}: RVTBench: the masks cannot be read: {error}.", hint="Copy it again."
            ) from error
    if not numbered:
        raise UsageError(
            f"{folder}: RVTBench: there are no masks, NUMBER.png.",
            hint="Put the folder Annotations beside the file of queries.",
        )
    return tuple(numbered)


def _box(bitmap: Bitmap) -> list[float]:
    """The corners (x0, y0, x1, y1) around all pixels that are set, in pixels."""
    import numpy as np

    rows, columns = (np.flatnonzero(bitmap.any(axis=axis)) for axis in (1, 0))
    return [float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)]


LOADER = SuiteLoader(
    "RVTBench, 2025: JSON with names of fields of our own, pictures of masks beside it: J, F, IoU",
    _case,
)
