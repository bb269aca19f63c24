"""VRBench: VRBench_eval.jsonl of its authors, a line a video."""

from collections.abc import Iterator

from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow, options_by_letter


def _cases(row: SuiteRow) -> Iterator[CaseForm]:
    for key, fields in row.mapping("mcq").items():
        if not isinstance(fields, dict):
            raise row.refusal(f"mcq.{key}", "an object", fields)
        where = f"{row.row.where}, mcq.{key}"
        question = SuiteRow(CaseRow(row.row.number, where, fields), "VRBench", row.path)
        choices = options_by_letter(question, "options")
        yield CaseForm(
            id=f"{row.text('video_id')}-{key}",
            video=row.text("video_path"),
            question=question.text("question"),
            choices=choices,
            answer=choices[question.letter("answer", len(choices))],
            group={"type": question.text("reasoning_type")},
        )


LOADER = SuiteLoader(
    "VRBench, ICCV 2025: JSON lines, multiple choice",
    _cases,
    also="lmms-eval: vrbench_mcq",
)
