"""What `v_star` and `v_star_chains` have in common: a row of V_STaR_test.json as one case."""

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteRow


def whole_case(row: SuiteRow) -> CaseForm:
    """A case; the authors have a model judge the open answers (`--judge-model`)."""
    span = row.items("timestamps")
    boxes = [
        {
            "time": box.get("timestamp"),
            "box": [box.get(side) for side in ("xmin", "ymin", "xmax", "ymax")],
        }
        for box in row.items("bboxes")
        if isinstance(box, dict)
    ]
    seconds = row.number("frame_count") / row.number("fps")
    return CaseForm(
        video=f"{row.text('vid')}.mp4",
        question=row.text("question"),
        answer=row.text("answer"),
        span=span,
        box=boxes,
        group={
            "domain": row.text("domain"),
            "length": "short" if seconds < 60 else "medium" if seconds < 180 else "long",
        },
    )
