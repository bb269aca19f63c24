"""Two questions in one: an answer with both, times as people read them."""

from __future__ import annotations

import pytest

from vprog.rules.draft import Draft, Kind, both
from vprog.types import Span
from vprog.types.clock import clock_span


def draft(kind: Kind, value: str) -> Draft:
    return Draft(reading="R.", body=f"value = {value}\n", kind=kind, evidence="[]")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("number", "3", "3"),
        ("seconds", "2.34567", "2.35 s"),
        ("yes or no", "False", "no"),
        ("text", "'EXIT'", "EXIT"),
        ("span", "Span(3.32, 6.68)", "0:03.32-0:06.68"),
        ("span", "Span(61.5, 3725.0)", "1:01.5-1:02:05"),
        ("span", "Span(59.999, 60.2)", "1:00-1:00.2"),
    ],
)
def test_both_values_stand_in_the_answer(kind: Kind, value: str, shown: str) -> None:
    names: dict[str, object] = {"Span": Span}
    exec(both(draft("number", "7"), draft(kind, value)).body, names)
    assert names["value"] == f"7; {shown}"


@pytest.mark.parametrize("start", [0.0, 0.004, 7.5, 59.994, 599.95, 3599.999, 36000.25])
def test_times_in_programs_are_those_of_all_texts(start: float) -> None:
    names: dict[str, object] = {"Span": Span}
    exec(both(draft("number", "7"), draft("span", f"Span({start}, {start + 9})")).body, names)
    assert names["value"] == f"7; {clock_span(start, start + 9)}"
