"""Video-MMMU: the rows of the hub, multiple choice and open."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import ChoiceFields, SuiteLoader, SuiteRow

_CHOICE = ChoiceFields(
    video="{id}.mp4",
    question="question",
    choices="options",
    answer="answer",
    answer_as="letter",
    id="{id}",
    groups={"type": "question_type"},
)


def _case(row: SuiteRow) -> CaseForm:
    if row.text("question_type") == "multiple-choice":
        return _CHOICE(row)
    return CaseForm(
        id=row.text("id"),
        video=f"{row.text('id')}.mp4",
        question=row.text("question"),
        answer=row.text("answer"),
        group={"type": row.text("question_type")},
    )


LOADER = SuiteLoader(
    "Video-MMMU, 2025: parquet of the hub",
    _case,
    also="lmms-eval: video_mmmu",
)
