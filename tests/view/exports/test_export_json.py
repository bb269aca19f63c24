"""JSON: what `trace show --json` gives, and rows."""

from __future__ import annotations

import json

from tests.view.exports.conftest import HOSTILE, MakeJob
from vprog.view.exports.export_json import json_text


def test_json_is_the_run_as_it_is_shown_with_its_rows(make_job: MakeJob) -> None:
    job = make_job("evidence")
    read = json.loads(json_text(job))
    assert read["question"] == "Where is the <dog>?"
    assert {name: value for name, value in read.items() if name != "rows"} == job.model.to_dict()
    assert [row["label"] for row in read["rows"]] == ["dog", " ".join(HOSTILE.split())]
