"""What lowered programs call inside the sandbox, under names no program may bind.

Ordinary Python, tested in the host and fed to the sandbox by prelude.py, which makes
CLASSES and FIELDS there itself.
"""

from __future__ import annotations

import re as _re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from vprog.types import VALUE_TYPES

_VALUES: list[Any] = list(VALUE_TYPES)
CLASSES: list[tuple[str, Any]] = [(each.__name__, each) for each in _VALUES]
FIELDS: dict[str, tuple[str, ...]] = {each.__name__: each._fields for each in _VALUES}

END: list[str] = ["end of iteration"]
N_KEPT: int = 3
MAX_TEXT: int = 300
PROBES: dict[str, list[Any]] = {}


def is_plain(value: object) -> bool:
    """Whether a value is of a builtin class that is read as a whole, not consumed."""
    kind = type(value)
    return (
        kind is list or kind is tuple or kind is str or kind is dict or kind is range or kind is set
    )


def over(state: list[Any], level: int, given: Iterable[Any], is_only: bool) -> Iterable[Any]:
    """The items of one `for` of a comprehension that `ends` can end.

    The machine runs through a list that grows or is emptied meanwhile: `ends` adds the next
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
        for each in state[1:]:
            if each:
                each.clear()
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
    `next`; not where the machine itself calls back: in a `for`, `list`, `sorted`, `map`.
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
    sources = [iter(each) for each in lists]

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


def loop_enumerate(source: Iterable[Any], start: int = 0) -> Iterable[Any]:
    """`enumerate` for a loop that does not change its list."""
    listed = items(source)
    return enumerate(listed, start) if is_plain(listed) else lazy_enumerate(listed, start)


def loop_zip(*lists: Iterable[Any], strict: bool = False) -> Iterable[Any]:
    """`zip` for a loop that does not change its lists."""
    listed = [items(each) for each in lists]
    for each in listed:
        if not is_plain(each):
            return lazy_zip(*listed, strict=strict)
    return zip(*listed, strict=strict)


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


def type_name(value: Any) -> str:
    """`type(value).__name__`, also of values that came from a module."""
    name = type(value).__name__
    if name != "namedtuple":
        return "generator" if name == "__vp_Flow" else name
    for known, fields in FIELDS.items():
        if len(fields) == len(value) and all(hasattr(value, each) for each in fields):
            return known
    return name


def replace(value: Any, changed: dict[str, Any]) -> Any:
    """`value._replace(...)`, also of values that came from a module."""
    name = type_name(value)
    fields = FIELDS[name]
    for each in changed:
        if each not in fields:
            raise ValueError(f"Got unexpected field names: ['{each}']")
    for known, cls in CLASSES:
        if known == name:
            given = [
                changed[each] if each in changed else value[at] for at, each in enumerate(fields)
            ]
            return cls(*given)
    raise ValueError(f"{name} has no _replace")


def probe(key: str, value: object) -> None:
    """Note a variable's value: the first and last few of each key, in words."""
    entry = PROBES.get(key)
    if entry is None:
        PROBES[key] = [1, [summary(value)], []]
        return
    entry[0] += 1
    kept = entry[1] if entry[0] <= N_KEPT else entry[2]
    if len(kept) >= N_KEPT:
        kept.pop(0)
    kept.append(summary(value))


def read_probes() -> list[tuple[str, int, list[Any], list[Any]]]:
    """Every note since the last reading: (key, count, first ones, last ones)."""
    notes = [(key, entry[0], entry[1], entry[2]) for key, entry in PROBES.items()]
    PROBES.clear()
    return notes


def summary(value: Any) -> tuple[str, int, str]:
    """A value as (class, length or -1, text of at most MAX_TEXT characters)."""
    name = type_name(value)
    length = len(value) if name in ("str", "list", "tuple", "dict", "set", "range") else -1
    if name in ("Counter", "defaultdict", "frozenset"):
        length = len(value)
    text = short(value, name, 3)
    return (name, length, text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…")


def short(value: Any, name: str, depth: int) -> str:
    """A bounded text of a value, like its repr."""
    if name == "str":
        return repr(value) if len(value) <= 80 else repr(value[:80]) + "…"
    if name == "float" or name == "bool" or name == "NoneType":
        return repr(value)
    if name == "int":
        return repr(value) if -(10**18) < value < 10**18 else "a large int"
    if name in FIELDS and isinstance(value, tuple):
        if depth == 0:
            return name + "(…)"
        parts = [
            f"{field}={short(part, type_name(part), depth - 1)}"
            for field, part in zip(FIELDS[name], value, strict=True)
        ]
        return f"{name}({', '.join(parts)})"
    if name in ("list", "tuple", "set", "frozenset"):
        marks = {"list": "[]", "tuple": "()"}.get(name, "{}")
        more = ", …" if len(value) > N_KEPT else ""
        if depth == 0:
            return marks[0] + ("…" if value else "") + marks[1]
        some: list[str] = []
        for part in value:
            if len(some) == N_KEPT:
                break
            some.append(short(part, type_name(part), depth - 1))
        one_only = "," if name == "tuple" and len(some) == 1 else ""
        return marks[0] + ", ".join(some) + one_only + more + marks[1]
    if name in ("dict", "Counter", "defaultdict"):
        if depth == 0:
            return "{…}" if value else "{}"
        pairs: list[str] = []
        for key in value:
            if len(pairs) == N_KEPT:
                break
            part = value[key]
            pairs.append(
                f"{short(key, type_name(key), depth - 1)}: "
                f"{short(part, type_name(part), depth - 1)}"
            )
        return "{" + ", ".join(pairs) + (", …" if len(value) > N_KEPT else "") + "}"
    if name == "range":
        return repr(value)
    return f"<{name}>"
