"""VCR-Bench: the JSON file of its authors, multiple choice and open."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow, options_by_letter


def _case(row: SuiteRow) -> CaseForm:
    is_choice = row.row.fields.get("multiple-choice")
    if not isinstance(is_choice, bool):
        raise row.refusal("multiple-choice", "true or false", is_choice)
    choices = options_by_letter(row, "choices") if is_choice else []
    answer = choices[row.letter("answer", len(choices))] if is_choice else row.text("answer")
    return CaseForm(
        id=row.text("id"),
        video=row.text("video_path"),
        question=row.text("question"),
        choices=choices,
        answer=answer,
        group={"dimension": row.text("dimension")},
    )


LOADER = SuiteLoader(
    "VCR-Bench, 2025: JSON, multiple choice and open",
    _case,
)
