"""VideoReasonBench: the JSON file of one demonstration (cup.json, grid.json ...)."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow


def _case(row: SuiteRow) -> CaseForm:
    """A case; the authors have a model judge the open answers (`--judge-model`)."""
    return CaseForm(
        id=f"{row.path.stem}-{row.text('key')}",
        video=row.text("video"),
        question=row.text("question"),
        answer=row.text("answer"),
        group={
            "demonstration": row.path.stem,
            "skill": row.text("dim"),
            "operations": row.text("num_operation"),
        },
    )


LOADER = SuiteLoader(
    "VideoReasonBench, 2025: JSON of a demonstration, open answers",
    _case,
)
