"""Small files that showed how questions fail in the field, each with its right value.

They lie beside the checkout (`../shared/cases/field`), or nowhere: then nothing is tested here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import vprog
from vprog.exit_status import Status

FOLDER = Path(__file__).parents[3] / "shared" / "cases" / "field"
FILE = FOLDER / "cases.jsonl"
CASES = [json.loads(line) for line in FILE.read_text().splitlines()] if FILE.is_file() else []
MAY_REFUSE = ("people-1",)
"""Where the case says that no answer is right too."""


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_field_case_is_answered_right(
    case: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "field"
    result = vprog.solve(
        FOLDER / case["file"],
        case["question"],
        choices=case["choices"],
        trace_dir=folder / "traces",
        cache_dir=folder / "cache",
    )
    if result.status is Status.ABSTAINED:
        assert case["answer_type"] == "abstain" or case["id"] in MAY_REFUSE, result.error
        return
    assert result.status is Status.ANSWERED, result.error
    answer, truth, tolerance = result.answer, case["answer"], case["tolerance"]
    match case["answer_type"]:
        case "int" | "float" | "timestamp":
            assert isinstance(answer, int | float)
            assert abs(answer - truth) <= (tolerance or 0)
        case "interval":
            assert answer == pytest.approx(truth, abs=tolerance)
        case "choice":
            assert answer == truth
        case _ if tolerance == "contains":
            assert folded(truth) in folded(str(answer))
        case _:
            assert folded(str(answer)) == folded(truth)


def folded(text: str) -> str:
    """Letters and digits alone."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
