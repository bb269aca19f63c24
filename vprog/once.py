"""What is made once for all threads: tables, models, probes."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """`functools.cache` whose first callers wait for one of them.

    That one has all callers that come before the first result make it, each for itself: fifty
    questions at the start of a server made the same table fifty times, at the same time. What
    fails is made again by the next caller.

    Example:
        >>> @once
        ... def words() -> frozenset[str]:
        ...     return frozenset(Path("words.txt").read_text().split())
    """
    making = threading.RLock()  # what is made may be made of itself with other arguments
    kept: dict[object, T] = {}

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(kwargs.items()))
        if key not in kept:
            with making:
                if key not in kept:
                    kept[key] = make(*args, **kwargs)
        return kept[key]

    return made
