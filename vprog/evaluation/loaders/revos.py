"""ReVOS: meta_expressions_valid_.json, with mask_dict.json beside it.

Source of the form: tools/eval_revos.py of cilinyan/VISA.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.loaders.mask_videos import mask_case, timed_mask, video_rows
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow
from vprog.types.mask_rle import MaskRle, encode_mask

_KINDS = {0: "referring", 1: "reasoning", 2: "nothing there"}


def _cases(row: SuiteRow) -> Iterator[CaseForm]:
    """A case for each expression of a video; of what is not there, abstaining is right."""
    n_frames = len(row.texts("frames"))
    for key, fields in row.mapping("expressions").items():
        if not isinstance(fields, dict):
            raise row.refusal("expressions", "an object of objects", fields)
        where = f"{row.row.where}, expression {key}"
        asked = SuiteRow(CaseRow(row.row.number, where, fields), "ReVOS", row.path)
        kind = _KINDS[asked.index("type_id", len(_KINDS))]
        things = [str(thing) for thing in asked.items("anno_id")] if kind != _KINDS[2] else []
        masks = [mask for thing in things for mask in _masks(asked, thing, n_frames)]
        form = mask_case(row.text("key"), asked.text("exp"), False, masks)
        if kind == _KINDS[2]:
            form.answer, form.mask = None, None
        form.id = f"{row.text('key')}-{key}"
        form.group = {"type": kind}
        yield form


def _masks(asked: SuiteRow, thing: str, n_frames: int) -> list[dict[str, Any]]:
    """The masks of a thing, an empty one where a picture does not show it."""
    import numpy as np

    known = _known_masks(asked.path.with_name("mask_dict.json")).get(thing)
    if known is None or len(known) != n_frames or not any(known):
        wanted = f"ids with {n_frames} masks in mask_dict.json"
        raise asked.refusal("anno_id", wanted, thing)
    empty = encode_mask(np.zeros(next(mask.size for mask in known if mask is not None), bool))
    there = (empty if mask is None else mask for mask in known)
    return [timed_mask(place, mask.size, mask.counts) for place, mask in enumerate(there)]


@lru_cache(maxsize=1)
def _known_masks(path: Path) -> dict[str, list[MaskRle | None]]:
    """The masks of each thing, one a picture."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, list[MaskRle | None]])
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"{path}: ReVOS: the masks cannot be read: {error}.",
            hint="Put the file beside the expressions, as the benchmark's authors do.",
        ) from error


LOADER = SuiteLoader(
    "ReVOS, ECCV 2024: JSON with the JSON of the masks beside it: J, F",
    _cases,
    rows=video_rows,
)
