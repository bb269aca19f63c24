"""V-STaR's two chains: V_STaR_test.json, each of its rows as five questions.

what                  the question itself, once for both chains
what-when-where       when, without a hint; where, of the true span
what-where-when       where, of the whole video; when, with the true boxes told

AM and LGM of a chain are those of its questions, mAM and mLGM their means over the two
(metrics.chain_metrics). `v_star` asks the question alone, and takes when and where from
what its answer cites.

Source: eval.py, inference_demo.py and data/README.md of V-STaR-Bench/V-STaR.
"""

from collections.abc import Iterator

import msgspec

from vprog.evaluation.case import CaseForm
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow
from vprog.evaluation.loaders.v_star_rows import whole_case

WHEN_FIRST, WHERE_FIRST = "what-when-where", "what-where-when"
_TIOU, _VIOU = 0.3, 0.1
"""From which on when and where count as hit."""


def _cases(row: SuiteRow) -> Iterator[CaseForm]:
    whole = whole_case(row)
    start, end = (float(time) for time in row.items("timestamps"))
    key = f"{row.text('vid')}-{row.row.number}"
    group = dict(whole.group) if isinstance(whole.group, dict) else {}

    def part(chain: str, asks: str, question: str, answer: object) -> CaseForm:
        return CaseForm(
            id=f"{key}-{asks}" if asks == "what" else f"{key}-{chain}-{asks}",
            video=whole.video,
            question=question,
            answer=answer,
            group={**group, "chain": chain, "asks": asks},
            together=key,
        )

    yield part("both", "what", whole.question, whole.answer)
    boxes = msgspec.json.encode([place["box"] for place in whole.box or []]).decode()
    asked = row.text("temporal_question")
    told = f"{asked} These boxes [x0, y0, x1, y1] show it, at times that are not told: {boxes}"
    for chain, question in ((WHEN_FIRST, asked), (WHERE_FIRST, told)):
        when = part(chain, "when", question, [start, end])
        when.tiou = _TIOU
        yield when
    for chain, field in ((WHEN_FIRST, "spatial_question"), (WHERE_FIRST, "spatial_question_2")):
        where = part(chain, "where", row.text(field), {"cited": _VIOU})
        where.box = whole.box
        if chain == WHEN_FIRST:
            where.start, where.end = start, end
        yield where


LOADER = SuiteLoader(
    "V-STaR, 2025: JSON, its two chains of questions: mAM, mLGM",
    _cases,
)
