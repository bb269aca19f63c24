"""Long lists that lie in a file: of each item only its place stays in memory."""

from __future__ import annotations

import pickle
import tempfile
import threading
import weakref
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar, overload

from vprog.errors import UsageError

_Item = TypeVar("_Item")
_IN_MEMORY = 1_000_000
"""Bytes: a list that takes less is in no file."""


class KeptList(Sequence[_Item], Generic[_Item]):
    """Items in a file without a name, each read when it is wanted; threads may share it."""

    def __init__(self, items: Iterable[_Item]) -> None:
        """Write them, one by one.

        Args:
            items: of classes that can be pickled; nobody else can write to the file.

        Raises:
            UsageError: the disk is full.
        """
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - see finalize
        weakref.finalize(self, self._file.close)
        self._using = threading.Lock()
        self._ends = array("Q", [0])
        for item in items:
            self.append(item)

    def append(self, item: _Item) -> None:
        """Write one more.

        Raises:
            UsageError: the disk is full.
        """
        data = pickle.dumps(item)
        try:
            with self._using:
                self._file.seek(self._ends[-1])
                self._file.write(data)
        except OSError as error:
            raise UsageError(
                f"{tempfile.gettempdir()}: the list of cases cannot be kept there: "
                f"{error.strerror}.",
                hint="Make room, or name another folder by TMPDIR.",
            ) from error
        self._ends.append(self._ends[-1] + len(data))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Item]: ...
    def __getitem__(self, place: int | slice) -> _Item | Sequence[_Item]:
        places = range(len(self))[place]
        if isinstance(places, range):
            return Chosen(self, places)
        start, end = self._ends[places], self._ends[places + 1]
        with self._using:
            self._file.seek(start)
            data = self._file.read(end - start)
        item: _Item = pickle.loads(data)
        return item


class Chosen(Sequence[_Item], Generic[_Item]):
    """Some items of a list, in an order of their own."""

    def __init__(self, items: Sequence[_Item], places: Sequence[int]) -> None:
        self._items = items
        self.places = places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Item]: ...
    def __getitem__(self, place: int | slice) -> _Item | Sequence[_Item]:
        if isinstance(place, slice):
            return Chosen(self._items, self.places[place])
        return self._items[self.places[place]]


def chosen(items: Sequence[_Item], is_wanted: Callable[[_Item], bool]) -> Sequence[_Item]:
    """Those that are wanted."""
    return Chosen(items, array("L", (place for place, item in enumerate(items) if is_wanted(item))))
