"""The labels that a closed detector was trained on, and which of them a noun phrase means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from vprog.errors import ModuleInputError
from vprog_modules.objects.coco_labels import IRREGULAR, known_word
from vprog_modules.objects.label_phrase import plain_phrase

_MOST_NAMED = 3


class KnownLabels:
    """The labels of one model.

    Args:
        names: each label with its number, as the model's config has them. Spellings of COCO
            differ between models ("sofa", "tvmonitor", "pottedplant"): they are one label.
    """

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self._ids: dict[str, int] = {}
        self.names: list[str] = []
        for number, name in names:
            self.names.append(name)
            self._ids.setdefault(_squashed(name), number)
        for number, name in list(zip(self._ids.values(), self.names, strict=False)):
            word = known_word(name)
            if word is not None:
                self._ids.setdefault(_squashed(word), number)

    def number(self, where: str, label: str) -> int:
        """The number of the label that a noun phrase means, singular or plural.

        Args:
            where: the call, as the message names it.
            label: an English noun phrase.

        Raises:
            ModuleInputError: the model knows no such thing; it says which are near.
        """
        plain = plain_phrase(label)
        words = (
            plain,
            IRREGULAR.get(plain, ""),
            plain.removesuffix("s"),
            plain.removesuffix("es"),
            known_word(plain) or "",
        )
        for word in words:
            if _squashed(word) in self._ids:
                return self._ids[_squashed(word)]
        near = difflib.get_close_matches(plain, self.names, n=_MOST_NAMED, cutoff=0.6)
        known = ", ".join(near or self.names[:_MOST_NAMED])
        raise ModuleInputError(
            f'{where}: the detector does not know "{label}". Of its {len(self.names)} labels '
            f"{'the nearest are' if near else 'some are'}: {known}.",
            hint="Ask for one of these; other things need a detector that takes any phrase: run "
            "`vprog modules list`.",
        )


def _squashed(name: str) -> str:
    return "".join(name.lower().replace("_", " ").replace("-", " ").split())
