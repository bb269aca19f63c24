"""ReasonVOS: meta_expressions.json, the pictures of its masks in Annotations/ beside it.

Source of the form: benchmark_check.py and evaluation/reason_vos of showlab/VideoLISA.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.loaders.mask_videos import mask_case, timed_mask, video_rows
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow
from vprog.types.mask_rle import encode_mask


def _cases(row: SuiteRow) -> Iterator[CaseForm]:
    """A case for each expression of a video."""
    frames = row.texts("frames")
    for number, fields in enumerate(row.items("expressions"), start=1):
        if not isinstance(fields, dict):
            raise row.refusal("expressions", "a list of objects", fields)
        where = f"{row.row.where}, expression {number}"
        asked = SuiteRow(CaseRow(row.row.number, where, fields), "ReasonVOS", row.path)
        source, thing = row.text("source"), asked.text("obj_id")
        folder = row.path.parent / "Annotations" / f"{source}_{row.text('key')}_{thing}"
        masks = _masks(folder, tuple(frames))
        if isinstance(masks, str):
            raise asked.refusal("obj_id", f"a thing with masks ({masks})", thing)
        is_sentence = bool(asked.row.fields.get("is_sent"))
        form = mask_case(row.text("key"), asked.text("exp_text"), is_sentence, masks)
        form.id = f"{row.text('key')}-{asked.text('exp_id')}"
        form.group = {"source": source}
        yield form


@lru_cache(maxsize=8)  # expressions about one thing stand together
def _masks(folder: Path, frames: tuple[str, ...]) -> list[dict[str, Any]] | str:
    """The masks of each picture of a thing, as far as there are any; else what is wrong."""
    import cv2
    import numpy as np

    masks = []
    for place, frame in enumerate(frames):
        path = folder / f"{frame}.png"
        if not path.exists():
            continue
        bitmap = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
        if bitmap is None:
            return f"{path} is no picture"
        rle = encode_mask(bitmap > 0)
        masks.append(timed_mask(place, rle.size, rle.counts))
    return masks or f"{folder} has no picture of its frames"


LOADER = SuiteLoader(
    "ReasonVOS, NeurIPS 2024: JSON with pictures of masks: J, F",
    _cases,
    rows=video_rows,
)
