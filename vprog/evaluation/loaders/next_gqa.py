"""NExT-GQA: val.csv or test.csv, with gsub_val.json or gsub_test.json beside it."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{video_id}.mp4",
    question="question",
    choices=("a0", "a1", "a2", "a3", "a4"),
    answer="answer",
    answer_as="text",
    id="{video_id}-{qid}",
    groups={"type": "type"},
)


def _case(row: SuiteRow) -> CaseForm:
    form = _FIELDS(row)
    spans = _spans(row.path.with_name(f"gsub_{row.path.stem}.json"))
    try:
        form.span = spans[row.text("video_id")]["location"][row.text("qid")]
    except (KeyError, TypeError) as error:
        raise row.refusal("qid", "that of a question with spans", row.text("qid")) from error
    return form


@cache
def _spans(path: Path) -> dict[str, Any]:
    """The spans of each question of each video: {video: {"location": {qid: [[start, end]]}}}."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"{path}: NExT-GQA: the spans cannot be read: {error}.",
            hint="Put the file beside the CSV, as the benchmark's authors do.",
        ) from error


LOADER = SuiteLoader(
    "NExT-GQA, CVPR 2024: CSV with the JSON of the spans beside it",
    _case,
)
