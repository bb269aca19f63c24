"""What a network gave for the last pictures: other things of them are asked for next."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    from vprog_modules.frames.picture import Pixels

_Output = TypeVar("_Output")
_Item = TypeVar("_Item")


def picture_key(pixels: Pixels) -> bytes:
    """Equal for equal pictures."""
    digest = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
    return digest + str(pixels.shape).encode()


class KeptOutputs(Generic[_Output]):
    """Outputs by picture, those used longest ago let go. May be used from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, _Output] = OrderedDict()
        self._lock = threading.Lock()

    def through(
        self,
        keys: Sequence[bytes],
        items: Sequence[_Item],
        compute: Callable[[list[_Item]], Sequence[_Output]],
    ) -> list[_Output]:
        """The output of each item; those that are not kept are computed together, equal ones once.

        Args:
            keys: of the items.
            items: what the network takes.
            compute: gives the output of each; not called where all are kept.
        """
        outputs = {key: self.get(key) for key in keys}
        news = {key: item for key, item in zip(keys, items, strict=True) if outputs[key] is None}
        if news:
            for key, output in zip(news, compute(list(news.values())), strict=True):
                outputs[key] = self.keep(key, output)
        return [cast("_Output", outputs[key]) for key in keys]

    def get(self, key: bytes) -> _Output | None:
        """What is kept of a picture."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: bytes, output: _Output) -> _Output:
        """Keep what the network gave for a picture; gives it back."""
        with self._lock:
            self._kept[key] = output
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return output

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            self._kept.clear()
