"""Options of multiple-choice cases: their labels, and which may change places.

Some are lettered in their own text ("A. red"): the label belongs to the place, and what is behind
it to the option. Some speak of others: by letter ("Both A and B"), then no option may move; or of
all of them ("None of the above", "All of these"), then they stay, and "above" must be last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LABEL = re.compile(r"\(?([A-Za-z]|\d{1,2})[).:]\s+(?=\S)")
_ALL_OTHERS = re.compile(
    r"(?:none|all|any|both|neither|either|some|two|more than one) of (?:the |these |those )?"
    r"(?:\w+ )?(?:above|these|those|them|options|choices|answers|others)\b.*"
    r"|(?:none|all|both|neither)(?: the)? (?:above|options|choices|answers)\b.*"
    r"|none|all|both|neither|any|the (?:above|others)"
)
"""Options that speak of all the others, as a whole text."""
_SAYS_ABOVE = re.compile(r"\b(?:above|previous|preceding|foregoing)\b")
_BY_NAME = re.compile(
    r"\b(?:option|choice|answer)s? \(?[A-Za-z0-9]\)?(?![\w'])"
    r"|^\W*(?:(?i:both|either|neither|only|not)\s+)?\(?[A-J1-9]\)?"
    r"(?:\s*(?:,|&|/|\band\b|\bor\b|\bnor\b)+\s*\(?[A-J1-9]\)?)+\W*$"
    r"|\b(?:both|either|neither)\s+\(?[A-J]\)?\s+(?:and|or|nor)\s+\(?[A-J]\)?(?!\w)",
    re.IGNORECASE,
)
"""Options that name others by letter or number: "Both A and B", "A, C", "Options 1 or 2"."""


def option_labels(choices: Sequence[str]) -> tuple[list[str], list[str]]:
    """The label of each place, as it is written before the text, and the texts without it.

    Labels are those of consecutive places from the first, A, a or 1; else there are none.

    Example:
        >>> option_labels(["A. red", "B. blue", "none"])
        (['A. ', 'B. ', ''], ['red', 'blue', 'none'])
    """
    marks = [_LABEL.match(choice) for choice in choices]
    n_labelled = next((place for place, mark in enumerate(marks) if mark is None), len(marks))
    firsts = [mark[1] for mark in marks[:n_labelled] if mark is not None]
    forms = ([chr(ord(first) + place) for place in range(n_labelled)] for first in "Aa")
    numbers = [str(place + 1) for place in range(n_labelled)]
    if n_labelled < 2 or (firsts != numbers and firsts not in list(forms)):
        return [""] * len(choices), list(choices)
    ends = [mark.end() if mark is not None else 0 for mark in marks]
    ends[n_labelled:] = [0] * (len(choices) - n_labelled)
    return (
        [choice[:end] for choice, end in zip(choices, ends, strict=True)],
        [choice[end:] for choice, end in zip(choices, ends, strict=True)],
    )


def movable_places(labels: Sequence[str], texts: Sequence[str]) -> list[int] | str:
    """The places whose texts may change places, or why none may.

    Args:
        labels, texts: as `option_labels` parts them.
    """
    naming = [_BY_NAME.search(text) is not None for text in texts]
    # Where all have that form, they are lists of letters or numbers, and none of options.
    if any(naming) and not all(naming) and not _are_numbers(texts):
        return "an option names others by their letter or number"
    places = [place for place, text in enumerate(texts) if not says_none(text)]
    behind = range(len(places), len(texts))
    above = [place for place, text in enumerate(texts) if _is_above(text)]
    if any(place not in behind or places != list(range(len(places))) for place in above):
        return "an option speaks of those above it, and is not last"
    if any(label != "" for label in labels) and "" in labels:
        places = [place for place in places if labels[place]]
    return places


def says_none(text: str) -> bool:
    """Whether an option speaks of all the others: "None of the above", "All of these", "Both"."""
    plain = " ".join(re.findall(r"\w+", text.casefold()))
    return _ALL_OTHERS.fullmatch(plain) is not None or _is_above(text)


def _is_above(text: str) -> bool:
    plain = " ".join(re.findall(r"\w+", text.casefold()))
    return _ALL_OTHERS.fullmatch(plain) is not None and _SAYS_ABOVE.search(plain) is not None


def _are_numbers(texts: Sequence[str]) -> bool:
    """Options that are lists of numbers: "1, 2" is no name of another there."""
    return all(re.fullmatch(r"[\d\s.,;:/-]+", text) for text in texts)
