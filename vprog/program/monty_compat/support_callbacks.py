"""Builtins that call a function back, for functions that call the host.

Ordinary Python, tested in the host and fed to the sandbox by prelude.py. Where the VM
itself would call back, a host call cannot wait; these call in their own text. Goes with
suspends.py, when the VM can suspend in a callback of its builtins.
"""

from __future__ import annotations

import itertools as _itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from vprog.program.monty_compat.support import END, Flow


def now_map(function: Callable[..., Any], *lists: Iterable[Any]) -> list[Any]:
    """`map` as a list; the function may call the host."""
    return [function(*given) for given in zip(*lists, strict=False)]


def now_filter(test: Callable[[Any], Any], source: Iterable[Any]) -> list[Any]:
    """`filter` as a list; the test may call the host."""
    return [item for item in source if test(item)]


def now_sorted(source: Iterable[Any], *, key: Any = None, reverse: bool = False) -> list[Any]:
    """`sorted`; the key may call the host."""
    listed = list(source)
    if key is None:
        return sorted(listed, reverse=reverse)
    sign = -1 if reverse else 1
    ranked = [(key(item), at * sign) for at, item in enumerate(listed)]
    ranked.sort(reverse=reverse)
    return [listed[at * sign] for _, at in ranked]


def now_sort(listed: list[Any], *, key: Any = None, reverse: bool = False) -> None:
    """`list.sort`; the key may call the host."""
    listed[:] = now_sorted(listed, key=key, reverse=reverse)


def now_max(*given: Any, key: Callable[[Any], Any], **default: Any) -> Any:
    """`max`; the key may call the host."""
    return furthest(given, key, default, "max", lambda new, best: new > best)


def now_min(*given: Any, key: Callable[[Any], Any], **default: Any) -> Any:
    """`min`; the key may call the host."""
    return furthest(given, key, default, "min", lambda new, best: new < best)


def furthest(
    given: tuple[Any, ...],
    key: Any,
    default: dict[str, Any],
    name: str,
    is_better: Callable[[Any, Any], bool],
) -> Any:
    """The first item whose key no other key beats."""
    listed = list(given[0]) if len(given) == 1 else list(given)
    if not listed:
        if "default" in default:
            return default["default"]
        raise ValueError(f"{name}() iterable argument is empty")
    if key is None:
        return max(listed) if name == "max" else min(listed)
    best, best_key = listed[0], key(listed[0])
    for item in listed[1:]:
        item_key = key(item)
        if is_better(item_key, best_key):
            best, best_key = item, item_key
    return best


def now_islice(source: Iterable[Any], *bounds: Any) -> Iterator[Any]:
    """`itertools.islice` that asks a flow for no more items than it gives."""
    if not isinstance(source, Flow):
        return _itertools.islice(source, *bounds)
    start, stop, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    start, step = start or 0, step or 1
    taken: list[Any] = []
    at = 0
    while stop is None or at < stop:
        item = source.pull()
        if item is END:
            break
        if at >= start and (at - start) % step == 0:
            taken.append(item)
        at += 1
    return iter(taken)


def now_takewhile(test: Callable[[Any], Any], source: Iterable[Any]) -> Iterator[Any]:
    """`itertools.takewhile`; the test may call the host."""
    taken: list[Any] = []
    for item in source:
        if not test(item):
            break
        taken.append(item)
    return iter(taken)


def now_dropwhile(test: Callable[[Any], Any], source: Iterable[Any]) -> Iterator[Any]:
    """`itertools.dropwhile`; the test may call the host."""
    kept: list[Any] = []
    is_dropping = True
    for item in source:
        is_dropping = is_dropping and bool(test(item))
        if not is_dropping:
            kept.append(item)
    return iter(kept)


def now_filterfalse(test: Callable[[Any], Any], source: Iterable[Any]) -> Iterator[Any]:
    """`itertools.filterfalse`; the test may call the host."""
    return iter([item for item in source if not test(item)])


def now_starmap(function: Callable[..., Any], source: Iterable[Any]) -> Iterator[Any]:
    """`itertools.starmap`; the function may call the host."""
    return iter([function(*given) for given in source])


def now_groupby(source: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[Any]:
    """`itertools.groupby`; the key may call the host."""
    groups: list[tuple[Any, list[Any]]] = []
    for item in source:
        mark = key(item)
        if groups and groups[-1][0] == mark:
            groups[-1][1].append(item)
        else:
            groups.append((mark, [item]))
    return iter([(mark, iter(group)) for mark, group in groups])
