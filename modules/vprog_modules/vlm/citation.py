"""The end of a reply: which pictures it rests on, and how sure the model says it is.

Every question asks for it in the same words, since whether a server gives token probabilities
is not known before it has answered: where it gives none, what the model says of itself is the
score.

Source: asking a model in words for its confidence: Tian et al., "Just Ask for Calibration"
(EMNLP 2023); answers that cite pictures by number: Open-o3 Video (2025).
"""

from __future__ import annotations

import re
from typing import NamedTuple

ORDER = (
    "Then add in brackets the numbers of the pictures that show it, and how sure you are from 0 "
    'to 100, in this form: "[pictures 2, 5; sure 80]".'
)

_TAIL = re.compile(
    r"""\s*\[\s*
    (?:(?:pictures?|images?|frames?)\s*:?\s*(?P<pictures>[\d\s,;and&–-]*?))?
    [\s;,.]*(?:sure\s*:?\s*(?P<sure>\d+(?:\.\d+)?)\s*%?)?
    \s*\]\s*\.?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_MOST_TAIL = 600
"""Characters at the end of a reply that are looked at."""


class CitedReply(NamedTuple):
    """A reply without its end.

    Attributes:
        text: what it says.
        pictures: the indices of those named, from 0, in order; () where none is.
        sure: as the model says, in [0, 1]; None where it does not.
    """

    text: str
    pictures: tuple[int, ...] = ()
    sure: float | None = None


def split_reply(text: str, n_pictures: int) -> CitedReply:
    """Take the end off a reply; numbers of pictures that were not shown are passed over.

    Args:
        text: as the model wrote it.
        n_pictures: how many it was shown.
    """
    begin = max(0, len(text) - _MOST_TAIL)
    found = _TAIL.search(text[begin:])
    if found is None or not (found["pictures"] or found["sure"]):
        return CitedReply(text)
    pictures: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*[–-]\s*(\d+))?", found["pictures"] or ""):
        start, stop = int(first[:9]), int((last or first)[:9])
        pictures.update(range(max(1, start), min(stop, n_pictures) + 1))
    sure = None if found["sure"] is None else min(1.0, float(found["sure"]) / 100.0)
    return CitedReply(
        text[: begin + found.start()], tuple(sorted(number - 1 for number in pictures)), sure
    )
