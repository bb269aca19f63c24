"""The sounds that a model was trained on, and which of them a phrase means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import snowballstemmer

from vprog.errors import ModuleInputError

_MOST_NAMED = 5
_STEMMER = snowballstemmer.stemmer("english")
_ARTICLES = frozenset({"a", "an", "the"})


class SoundLabels:
    """The labels of one model.

    Args:
        names: each label with its number, as the model's config has them. Those of AudioSet name
            one sound in several ways, with commas: "Vehicle horn, car horn, honking".
    """

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self.names: list[str] = []
        self._ids: dict[str, int] = {}
        self._stems: dict[str, frozenset[str]] = {}
        parts: list[tuple[int, list[str]]] = []
        for number, name in names:
            self.names.append(name)
            self._stems[name] = frozenset(_stems(name))
            # A label as a whole goes before a part of another: "Music" before "Music, sad".
            self._ids.setdefault(_key(_stems(name)), number)
            parts += [(number, _stems(part)) for part in name.split(",")]
        for number, stems in parts:
            if stems:
                self._ids.setdefault(_key(stems), number)

    def number(self, sound: str) -> int:
        """The number of the label that a phrase means, whatever the endings of its words.

        Raises:
            ModuleInputError: the model knows no such sound; it says which are near.
        """
        stems = _stems(sound)
        if not stems:
            raise ModuleInputError(
                f'find_sounds(video, sound): "{sound}" names nothing.',
                hint='Name a sound: "applause".',
            )
        number = self._ids.get(_key(stems))
        if number is not None:
            return number
        near = self._near(sound, frozenset(stems))
        known = "; ".join(near or self.names[:_MOST_NAMED])
        raise ModuleInputError(
            f'find_sounds(video, sound): the model does not know "{sound}". Of its '
            f"{len(self.names)} sounds {'the nearest are' if near else 'some are'}: {known}.",
            hint="Ask for one of these.",
        )

    def _near(self, sound: str, stems: frozenset[str]) -> list[str]:
        """Labels that share words with a phrase, most of all first; else those spelled alike."""
        sharing = [name for name in self.names if self._stems[name] & stems]
        sharing.sort(
            key=lambda name: len(self._stems[name] & stems) / len(self._stems[name] | stems)
        )
        alike = difflib.get_close_matches(sound.capitalize(), self.names, n=_MOST_NAMED, cutoff=0.6)
        return list(dict.fromkeys([*reversed(sharing), *alike]))[:_MOST_NAMED]


def _stems(text: str) -> list[str]:
    words = [word for word in re.findall(r"[^\W_]+", text.lower()) if word not in _ARTICLES]
    return list(_STEMMER.stemWords(words))


def _key(stems: list[str]) -> str:
    """Equal for "door bell" and "doorbell", and for "door bells"."""
    return str(_STEMMER.stemWord("".join(stems)))
