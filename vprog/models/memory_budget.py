"""What holds memory in this process: loaded on demand, once, within one budget.

Modules, the writer's model and the VLM all load through the same `ModelMemory`, so that two
users of one model share it, and what was used longest ago goes first when there is no room.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from vprog.errors import words_of

_NOTHING = object()


class Loadable(msgspec.Struct, frozen=True):
    """Something that holds memory while it is loaded.

    Attributes:
        key: two loadables of one key are the same.
        name: for messages.
        load: gives what is held.
        unload: lets go of it.
        memory_mb: what it will hold, as far as that is known before.
        measure: what it holds, in MB, once it is loaded.
    """

    key: Hashable
    name: str
    load: Callable[[], Any]
    unload: Callable[[Any], None]
    memory_mb: int = 0
    measure: Callable[[Any], int] | None = None


@dataclass(eq=False)
class _Slot:
    loadable: Loadable
    give_back: Callable[[_Slot], None]
    loading: threading.Lock = field(default_factory=threading.Lock)
    value: Any = _NOTHING
    memory_mb: int = 0
    n_users: int = 0
    owners: list[object] = field(default_factory=list)

    def __enter__(self) -> Any:
        return self.value

    def __exit__(self, *raised: object) -> None:
        self.give_back(self)


class ModelMemory:
    """Holds what is loaded until its last owner lets go, or others need the room.

    Args:
        limit_mb: what may be held together; 0 for no limit. What is in use stays, even
            beyond it.
    """

    def __init__(self, limit_mb: int = 0) -> None:
        self.limit_mb = limit_mb
        self.notes: list[str] = []
        """What was unloaded to make room, and what did not unload, in words for a warning."""
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._disowned: list[_Slot] = []
        """In use, and not to be given to anyone else."""
        self._lock = threading.RLock()

    def hold(self, loadable: Loadable, owner: object) -> AbstractContextManager[Any]:
        """What is loaded, to be entered: it stays so while the block runs.

        Args:
            loadable: loaded now if it is not.
            owner: who may need it again, until `release`.
        """
        with self._lock:
            slot = self._slots.get(loadable.key)
            if slot is None:
                slot = self._slots[loadable.key] = _Slot(loadable, self._give_back)
            slot.n_users += 1
            if owner not in slot.owners:
                slot.owners.append(owner)
        try:
            with slot.loading:  # loading takes seconds: what has another key does not wait for it
                self._load(slot)
        except BaseException:
            self._give_back(slot)
            raise
        return slot

    def _give_back(self, slot: _Slot) -> None:
        with self._lock:
            slot.n_users -= 1
            if not slot.n_users and (slot.value is _NOTHING or not slot.owners):
                self._drop(slot)

    def held_by(self, owner: object) -> list[Any]:
        """What is loaded for an owner."""
        with self._lock:
            return [
                slot.value
                for slot in self._slots.values()
                if slot.value is not _NOTHING and any(known is owner for known in slot.owners)
            ]

    def disown(self, key: Hashable) -> None:
        """Have the next one who asks load it anew; what is in use now goes when it is free."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                return
            slot.owners = []
            if slot.n_users:
                del self._slots[key]
                self._disowned.append(slot)
            else:
                self._drop(slot)

    def release(self, owner: object) -> None:
        """The owner needs nothing any more; what nobody else needs is unloaded."""
        with self._lock:
            for slot in reversed(list(self._slots.values())):
                if not any(known is owner for known in slot.owners):
                    continue
                slot.owners = [known for known in slot.owners if known is not owner]
                if not slot.owners and not slot.n_users:
                    self._drop(slot)

    def _load(self, slot: _Slot) -> None:
        loadable = slot.loadable
        with self._lock:
            if self._slots.get(loadable.key) is slot:
                self._slots.move_to_end(loadable.key)
            if slot.value is not _NOTHING:
                return
            self._make_room(loadable)
            slot.memory_mb = loadable.memory_mb  # room for what others load at the same time
        try:
            value = loadable.load()
        except BaseException:
            slot.memory_mb = 0
            raise
        with self._lock:
            slot.value = value
            if loadable.measure is not None:
                slot.memory_mb = loadable.measure(value)

    def _make_room(self, wanted: Loadable) -> None:
        if not self.limit_mb:
            return
        held = (*self._slots.values(), *self._disowned)
        total = sum(slot.memory_mb for slot in held) + wanted.memory_mb
        for slot in list(self._slots.values()):
            if total <= self.limit_mb:
                return
            if slot.n_users or not slot.memory_mb:
                continue
            total -= slot.memory_mb
            self.notes.append(
                f"{slot.loadable.name} ({slot.memory_mb} MB) was unloaded to make room for "
                f"{wanted.name} ({wanted.memory_mb} MB)"
            )
            self._drop(slot)

    def _drop(self, slot: _Slot) -> None:
        if self._slots.get(slot.loadable.key) is slot:
            del self._slots[slot.loadable.key]
        self._disowned = [known for known in self._disowned if known is not slot]
        value, slot.value = slot.value, _NOTHING
        if value is _NOTHING:
            return
        try:
            slot.loadable.unload(value)
        except BaseException as error:  # the code of others; nothing of a run hangs on it
            if isinstance(error, KeyboardInterrupt):
                raise
            self.notes.append(f"{slot.loadable.name} did not unload: {words_of(error)}")


MODEL_MEMORY = ModelMemory()
"""The memory of this process; the setting `memory_mb` is its limit."""
