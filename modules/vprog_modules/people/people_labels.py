"""Which labels the offline detectors know, and the words people use for them."""

from __future__ import annotations

import difflib

from vprog.errors import ModuleInputError

SAME = {
    "person": "person", "persons": "person", "people": "person", "human": "person",
    "humans": "person", "pedestrian": "person", "pedestrians": "person",
    "face": "face", "faces": "face", "human face": "face",
}  # fmt: skip
"""Words, and the kind of thing that is then looked for. Man, woman and child are not told
apart, so these words are refused."""


def known_label(where: str, label: str) -> str:
    """ "person" or "face".

    Raises:
        ModuleInputError: the label is another one.
    """
    word = " ".join(label.lower().split())
    for article in ("a ", "an ", "the "):
        word = word.removeprefix(article)
    if word in SAME:
        return SAME[word]
    near = difflib.get_close_matches(word, SAME, n=1, cutoff=0.75)
    raise ModuleInputError(
        f'{where}: expected "person" or "face", got "{label}".'
        + (f' Did you mean "{near[0]}"?' if near else ""),
        hint="Other things need a learned detector: run `vprog modules list detect`.",
    )
