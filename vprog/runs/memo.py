"""Work that is done once for each key, whoever asks for it, also at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """What was made by key. `n_reused` counts how often nothing had to be made."""

    def __init__(self) -> None:
        self._made: dict[K, Future[V]] = {}
        self._lock = threading.Lock()
        self.n_reused = 0

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What there is for a key; made where there is nothing.

        A thread that asks while another one makes it waits. What could not be made is tried
        again by the next one who asks.

        Raises:
            BaseException: what `make` raised, for who called it and for who waited.
        """
        with self._lock:
            future = self._made.get(key)
            is_mine = future is None
            if future is None:
                future = self._made[key] = Future()
            else:
                self.n_reused += 1
        if not is_mine:
            return future.result()
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                del self._made[key]
            future.set_exception(error)
            raise
        future.set_result(made)
        return made
