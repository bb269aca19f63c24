"""What lowered programs call inside the sandbox, under names no program may bind.

Ordinary Python, tested in the host and fed to the sandbox by prelude.py. Goes when the VM has
generators that may suspend: `Flow` stands for them.
"""

from __future__ import annotations

import re as _re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

END: list[str] = ["end of iteration"]
MOST_AHEAD: int = 1000


def announce(calls: list[Any], rows: list[Any], is_certain: bool) -> None:
    """Tell the host; inside the sandbox a function of the host has this name."""


def is_plain(value: object) -> bool:
    """Whether a value is of a builtin class that is read as a whole, not consumed."""
    kind = type(value)
    return (
        kind is list or kind is tuple or kind is str or kind is dict or kind is range or kind is set
    )


def over(state: list[Any], level: int, given: Iterable[Any], is_only: bool) -> Iterable[Any]:
    """The items of one `for` of a comprehension that `ends` can end.

    The VM runs through a list that grows or is emptied meanwhile: `ends` adds the next
    item of a flow, if there is but one `for`, after the item before it was tested.
    """
    if isinstance(given, Flow) and is_only:
        state[level] = []
        state[0] = given
        pull_into(state)
        return list_at(state, level)
    if is_plain(given) or isinstance(given, Flow):
        state[level] = list(items(given))
        return list_at(state, level)
    source = iter(given)

    def pull() -> Any:
        return END if state[0] else next(source, END)

    return iter(pull, END)


def ends(state: list[Any], hit: Any) -> bool:
    """Whether an item was the one looked for; then every `for` of this state ends."""
    if hit:
        state[0] = 1
        for listed in state[1:]:
            if listed:
                listed.clear()
        return True
    if isinstance(state[0], Flow):
        pull_into(state)
    return False


def pull_into(state: list[Any]) -> None:
    """Add the next item of the flow in `state[0]` to the list in `state[1]`."""
    item = state[0].pull()
    if item is not END:
        state[1].append(item)


def list_at(state: list[Any], level: int) -> list[Any]:
    """The list that a `for` of a comprehension runs through."""
    listed: list[Any] = state[level]
    return listed


def first(found: list[Any], *default: Any) -> Any:
    """What `next` gives of a generator that has given `found` and then stopped."""
    if found:
        return found[0]
    if default:
        return default[0]
    raise StopIteration


class Flow:
    """An iterator that makes its items when they are asked for.

    Inside, a host call is possible in a function that the program's own text calls, and in
    `next`; not where the VM itself calls back: in a `for`, `list`, `sorted`, `map`.
    So a flow whose items need host calls is made a list by `items` before those see it.
    """

    def __init__(self, pull: Callable[[], Any]) -> None:
        self.pull = pull

    def __iter__(self) -> Flow:
        return self

    def __next__(self) -> Any:
        value = self.pull()
        if value is END:
            raise StopIteration
        return value


def items(value: Any) -> Any:
    """A flow as a list, anything else as it is."""
    if not isinstance(value, Flow):
        return value
    listed: list[Any] = []
    while True:
        item = value.pull()
        if item is END:
            return listed
        listed.append(item)


def flow(source: Iterable[Any], step: Callable[[Any], Iterable[Any]]) -> Flow:
    """A generator: for each item, the results of `step`, made when they are asked for."""
    outer = iter(source)
    inner: list[Iterator[Any]] = [iter([])]

    def pull() -> Any:
        while True:
            value = next(inner[0], END)
            if value is not END:
                return value
            item = next(outer, END)
            if item is END:
                return END
            inner[0] = iter(step(item))

    return Flow(pull)


def one(found: list[Any]) -> Any:
    """The only item of a list, or an empty list."""
    return found[0] if found else []


def lazy_map(function: Callable[..., Any], *lists: Iterable[Any]) -> Flow:
    """`map`, one item at a time."""
    return flow(lazy_zip(*lists), lambda given: [function(*given)])


def lazy_filter(test: Callable[[Any], Any] | None, source: Iterable[Any]) -> Flow:
    """`filter`, one item at a time."""
    if test is None:
        return flow(source, lambda item: [item] if item else [])
    return flow(source, lambda item: [item] if test(item) else [])


def lazy_enumerate(source: Iterable[Any], start: int = 0) -> Flow:
    """`enumerate`, one item at a time."""
    outer = iter(source)
    count = [start - 1]

    def pull() -> Any:
        item = next(outer, END)
        if item is END:
            return END
        count[0] += 1
        return (count[0], item)

    return Flow(pull)


def lazy_zip(*lists: Iterable[Any], strict: bool = False) -> Flow:
    """`zip`, one tuple at a time."""
    sources = [iter(source) for source in lists]

    def pull() -> Any:
        given: list[Any] = []
        for at, source in enumerate(sources):
            item = next(source, END)
            if item is END:
                if strict and at > 0:
                    raise ValueError(f"zip() argument {at + 1} is shorter than argument 1")
                if strict:
                    for later, other in enumerate(sources[1:]):
                        if next(other, END) is not END:
                            raise ValueError(
                                f"zip() argument {later + 2} is longer than argument 1"
                            )
                return END
            given.append(item)
        return tuple(given) if given else END

    return Flow(pull)


def any_of(source: Any) -> bool:
    """`any` that stops at the first true item of a flow."""
    if not isinstance(source, Flow):
        return any(source)
    while True:
        item = source.pull()
        if item is END:
            return False
        if item:
            return True


def all_of(source: Any) -> bool:
    """`all` that stops at the first false item of a flow."""
    if not isinstance(source, Flow):
        return all(source)
    while True:
        item = source.pull()
        if item is END:
            return True
        if not item:
            return False


def ahead(given: Any, arguments: Callable[[Any], Any], calls: list[Any], is_certain: bool) -> Any:
    """The items of a loop, after the host was told which calls it will make of them.

    What fails here would fail in the loop as well, at its place, or never.
    """
    kind = type(given)
    if (kind is list or kind is tuple or kind is range) and len(given) > 1:
        try:
            rows = arguments(given[:MOST_AHEAD])
        except Exception:
            return given
        announce(calls, rows, is_certain)
    return given


def loop_enumerate(source: Iterable[Any], start: int = 0) -> Iterable[Any]:
    """`enumerate` for a loop that does not change its list."""
    listed = items(source)
    return enumerate(listed, start) if is_plain(listed) else lazy_enumerate(listed, start)


def loop_zip(*lists: Iterable[Any], strict: bool = False) -> Iterable[Any]:
    """`zip` for a loop that does not change its lists."""
    listed = [items(source) for source in lists]
    for source in listed:
        if not is_plain(source):
            return lazy_zip(*listed, strict=strict)
    return zip(*listed, strict=strict)


def error_text(*given: Any) -> str:
    """What `str(error)` says of an error that was made with these arguments."""
    return str(given[0] if len(given) == 1 else given) if given else ""


def round_to(number: Any, ndigits: Any = None) -> Any:
    """`round`, exact for floats as in CPython."""
    if ndigits is None:
        return round(number)
    if type(number) is float and 0 <= ndigits <= 100:
        return float(f"{number:.{ndigits}f}")
    return round(number, ndigits)


def sub(pattern: Any, repl: Any, string: str, count: int = 0, flags: int = 0) -> str:
    """`re.sub` whose replacement may be a function."""
    if type(repl) is str:
        return str(_re.sub(pattern, repl, string, count=count, flags=flags))
    found = list(_re.finditer(pattern, string, flags))
    return replaced(found, repl, string, count)


def pattern_sub(pattern: Any, repl: Any, string: str, count: int = 0) -> str:
    """`pattern.sub` whose replacement may be a function."""
    if type(repl) is str:
        return str(pattern.sub(repl, string, count=count))
    return replaced(list(pattern.finditer(string)), repl, string, count)


def replaced(found: list[Any], repl: Callable[[Any], str], string: str, count: int) -> str:
    """A text with each match replaced by what a function makes of it."""
    parts: list[str] = []
    at = 0
    for match in found[:count] if count else found:
        parts.append(string[at : match.start()])
        parts.append(repl(match))
        at = match.end()
    return "".join([*parts, string[at:]])
