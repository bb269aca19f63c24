"""CLEVRER: validation.json of its authors, all four types of question."""

from collections.abc import Iterator

from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow


def _cases(row: SuiteRow) -> Iterator[CaseForm]:
    """The cases of a scene: an open question is one, each option of another is a yes or no.

    Accuracy per question, as the authors report it, is that of the sets that count together.
    """
    scene = int(row.number("scene_index"))
    for fields in row.items("questions"):
        if not isinstance(fields, dict):
            raise row.refusal("questions", "a list of objects", fields)
        question = SuiteRow(
            CaseRow(row.row.number, f"{row.row.where}, a question", fields), "CLEVRER", row.path
        )
        key = f"{scene}-{question.text('question_id')}"
        kind = question.text("question_type")
        form = CaseForm(
            id=key,
            video=f"video_{scene:05d}.mp4",
            question=question.text("question"),
            answer="",
            group={"type": kind},
        )
        if kind == "descriptive":
            answer = question.text("answer")
            form.answer = int(answer) if answer.isdigit() else answer
            form.together = key
            yield form
            continue
        for choice in question.items("choices"):
            option = SuiteRow(
                CaseRow(row.row.number, f"{question.row.where}, an option", choice),
                "CLEVRER",
                row.path,
            )
            truth = option.text("answer")
            if truth not in ("correct", "wrong"):
                raise option.refusal("answer", "correct or wrong", truth)
            yield CaseForm(
                id=f"{key}-{option.text('choice_id')}",
                video=form.video,
                question=f"{form.question} Is this right: {option.text('choice')}",
                answer="yes" if truth == "correct" else "no",
                group=form.group,
                together=key,
            )


LOADER = SuiteLoader(
    "CLEVRER, ICLR 2020: JSON, all types of question",
    _cases,
)
