"""A label as people write it, as models take it."""

from __future__ import annotations

from vprog.errors import ModuleInputError

_ARTICLES = ("a", "an", "the", "any", "some")


def plain_phrase(label: str) -> str:
    """A noun phrase in small letters, without article and full stop.

    Raises:
        ModuleInputError: nothing is left of it.
    """
    words = label.lower().replace(".", " ").split()
    while words and words[0] in _ARTICLES:
        words = words[1:]
    if not words:
        raise ModuleInputError(
            f'detect(frame, label): "{label}" names nothing.', hint='Name a thing: "red car".'
        )
    return " ".join(words)
