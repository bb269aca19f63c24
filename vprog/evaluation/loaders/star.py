"""STAR: STAR_val.json of its authors; each question is about a part of its video."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow


def _case(row: SuiteRow) -> CaseForm:
    """A case; the kind of question begins its id: Interaction_T1_13."""
    choices = [
        str(choice["choice"]).strip()
        for choice in row.items("choices")
        if isinstance(choice, dict) and "choice" in choice
    ]
    if len(choices) < 2:
        raise row.refusal("choices", "a list of objects with a choice", row.items("choices"))
    answer = row.text("answer")
    if answer not in choices:
        raise row.refusal("answer", f"one of the options {choices}", answer)
    return CaseForm(
        id=row.text("question_id"),
        video=f"{row.text('video_id')}.mp4",
        question=row.text("question"),
        choices=choices,
        answer=answer,
        start=row.number("start"),
        end=row.number("end"),
        group={"type": row.text("question_id").partition("_")[0]},
    )


LOADER = SuiteLoader(
    "STAR, NeurIPS 2021: JSON, with clip bounds",
    _case,
)
