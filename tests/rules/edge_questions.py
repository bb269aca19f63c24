"""The phrasings of the rules at other times: an instant, both ends of the video, no width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.rules.phrasings import ASKED
from vprog.rules.times import take_times

_LONG = 10_000.0
"""Seconds: phrasings name times of videos of any length."""

ALL_PHRASINGS = [
    line.strip() for lines in ASKED.values() for line in lines.splitlines() if line.strip()
]


def edge_questions(phrasing: str, duration: float) -> Iterator[str]:
    """A phrasing with other times in place of its own; with one added, where it names none."""
    middle = f"at {duration / 2:g} seconds"
    quarters = f"between {duration / 4:g} and {duration / 2:g} seconds"
    moments = ["at the start", "at the end", middle]
    spans = ["in the last second", "in the first second", quarters, "between 0 and 0 seconds"]
    _, times = take_times(phrasing.lower(), _LONG)
    if not times:
        yield phrasing
        for added in moments + spans:
            yield f"{phrasing.rstrip('?. ')} {added}?"
        return
    for at, within in zip([*moments, middle], spans, strict=True):
        question = phrasing
        for time in times:
            put = at if time.kind == "at" else within
            question = re.sub(re.escape(time.words), put, question, flags=re.IGNORECASE)
        yield question
