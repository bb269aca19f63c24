"""LongVideoBench: lvb_val.json or the rows of the hub, with subtitles."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow, bare_options


def _case(row: SuiteRow) -> CaseForm:
    """A case; its subtitles count from the start of the film that the clip was cut from."""
    choices = (
        row.texts("candidates")
        if "candidates" in row
        else bare_options(
            row.text(f"option{index}")
            for index in range(5)
            if f"option{index}" in row and row.text(f"option{index}") != "N/A"
        )
    )
    return CaseForm(
        id=row.text("id"),
        video=f"videos/{row.text('video_path')}",
        question=row.text("question"),
        choices=choices,
        answer=choices[row.index("correct_choice", len(choices))],
        subs=f"subtitles/{row.text('subtitle_path')}" if "subtitle_path" in row else None,
        subs_offset=-row.number("starting_timestamp_for_subtitles"),
        group={
            "duration": row.text("duration_group"),
            "category": row.text("question_category"),
        },
    )


LOADER = SuiteLoader(
    "LongVideoBench, NeurIPS 2024: JSON or parquet, with subtitles",
    _case,
    also="lmms-eval: longvideobench_val_v",
)
