"""CG-Bench: cgbench.json of its authors, with the spans of the clues."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_FIELDS = ChoiceFields(
    video="{video_uid}.mp4",
    question="question",
    choices="choices",
    answer="right_answer",
    answer_as="letter",
    id="{qid}",
    groups={"domain": "domain", "category": "sub_category"},
)


def _case(row: SuiteRow) -> CaseForm:
    form = _FIELDS(row)
    form.span = row.items("clue_intervals") if "clue_intervals" in row else None
    return form


LOADER = SuiteLoader(
    "CG-Bench, ICLR 2025: JSON, with clue spans",
    _case,
    also="lmms-eval: cgbench (without clues)",
)
