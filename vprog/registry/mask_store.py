"""The bitmaps of the masks of one run: programs hold a `Mask`, which names its bitmap by a hash.

A bitmap goes with the result that it stands in, into the cache and the trace, so that a mask means
the same in every run that meets it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from vprog.errors import ModuleFailedError, ModuleInputError, TraceError
from vprog.types.detection import Mask
from vprog.types.mask_rle import decode_mask, encode_mask, key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 2**28
"""Of all bitmaps of a run; one takes some kilobytes."""


class MaskStore:
    """Bitmaps by key, as texts. May be used from several threads."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._n_bytes = 0
        self._lock = threading.Lock()

    def keep(self, bitmap: NDArray[np.bool_]) -> tuple[str, str]:
        """Keep a bitmap (height, width); gives its key and its text.

        Raises:
            ModuleFailedError: the run holds too many.
        """
        text = encode_mask(bitmap).text()
        key = key_of(text)
        self._add(key, text)
        return key, text

    def add(self, texts: Mapping[str, str]) -> None:
        """Keep bitmaps that a cache or a trace holds.

        Raises:
            TraceError: one is not what its key says.
            ModuleFailedError: the run holds too many.
        """
        for key, text in texts.items():
            if key_of(text) != key:
                raise TraceError(
                    f"the bitmap of the mask {key[:12]} is not what was kept.",
                    hint="The file was changed.",
                )
            self._add(key, text)

    def text(self, key: str) -> str | None:
        """The text of a bitmap; None where there is none."""
        with self._lock:
            return self._texts.get(key)

    def bitmap(self, mask: Mask) -> NDArray[np.bool_]:
        """The bitmap of a mask: (height, width) of the whole frame.

        Raises:
            ModuleInputError: no module of this run gave such a mask.
        """
        text = self.text(mask.key)
        if text is None:
            raise ModuleInputError(
                f"mask: no module gave a mask of the key {mask.key[:12]!r}.",
                hint="Take masks as modules return them: segment(frame, label).",
            )
        return decode_mask(text)

    def _add(self, key: str, text: str) -> None:
        with self._lock:
            if key in self._texts:
                return
            if self._n_bytes + len(text) > MOST_BYTES:
                raise ModuleFailedError(
                    f"the masks of this question take more than {MOST_BYTES >> 20} MB.",
                    hint="Look at fewer frames, or for fewer things.",
                )
            self._texts[key] = text
            self._n_bytes += len(text)


_SIMPLE = frozenset({str, int, float, bool, type(None)})


def masks_in(value: object) -> Iterator[Mask]:
    """The masks in a value, at any depth of it."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) in _SIMPLE:
            continue
        if isinstance(item, Mask):
            yield item
        elif isinstance(item, list | tuple):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
