"""The edit decision list, read as CMX 3600 is: by its columns."""

from __future__ import annotations

import re

from tests.view.exports.conftest import MakeJob, events
from vprog.view.exports.export_edl import edl_text

EVENT = re.compile(
    r"^(\d{3})  (\S{1,8}) +(\S+) +(C) +(\d\d:\d\d:\d\d:\d\d) (\d\d:\d\d:\d\d:\d\d) "
    r"(\d\d:\d\d:\d\d:\d\d) (\d\d:\d\d:\d\d:\d\d)$"
)


def test_edl_cuts_the_cited_parts_one_after_another(make_job: MakeJob) -> None:
    lines = edl_text(make_job("evidence")).splitlines()
    assert lines[:3] == ["TITLE: Where is the <dog>?", "FCM: NON-DROP FRAME",
                         "* FRAME RATE: 29.970"]  # fmt: skip
    read = [match.groups() for line in lines if (match := EVENT.match(line))]
    assert read == [
        ("001", "AX", "B", "C", "00:00:00:29", "00:00:01:29", "00:00:00:00", "00:00:01:00"),
        ("002", "AX", "B", "C", "00:00:03:29", "00:00:04:00", "00:00:01:00", "00:00:01:01"),
    ]
    others = [line for line in lines if not EVENT.match(line)]
    assert all(line.startswith(("* ", "TITLE", "FCM")) or not line for line in others)
    assert any(line.startswith('* FROM CLIP NAME: =a "clip"') for line in others)


def test_edl_of_no_answer_has_no_event(make_job: MakeJob) -> None:
    text = edl_text(make_job("evidence", run=events(is_answered=False)))
    assert text.startswith("TITLE: ")
    assert not any(EVENT.match(line) for line in text.splitlines())
