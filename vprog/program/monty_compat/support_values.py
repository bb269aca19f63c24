"""Values inside the sandbox: their class, a changed copy, and probes of a program's variables.

Ordinary Python, tested in the host and fed to the sandbox by prelude.py, which makes
CLASSES and FIELDS there itself. Goes when a NamedTuple of the host keeps its class and
`_replace` inside; the probes then move to lowering/.
"""

from __future__ import annotations

from typing import Any

from vprog.types import VALUE_TYPES

_VALUES: list[Any] = list(VALUE_TYPES)
CLASSES: list[tuple[str, Any]] = [(value.__name__, value) for value in _VALUES]
FIELDS: dict[str, tuple[str, ...]] = {value.__name__: value._fields for value in _VALUES}
N_KEPT: int = 3
MAX_TEXT: int = 300
N_SLOTS: int = 32
SLOT_PARTS: str = "nabc"
MAX_NUMBERS: int = 1000
PROBES: dict[str, list[Any]] = {}
SLOTS: dict[int, str] = {}
N_LASTING: dict[int, int] = {}
RANGES: dict[str, tuple[Any, Any]] = {}


def type_name(value: Any) -> str:
    """`type(value).__name__`, also of values that came from a module."""
    name = type(value).__name__
    if name != "namedtuple":
        return "generator" if name == "vp__Flow" else name
    for known, fields in FIELDS.items():
        if len(fields) == len(value) and all(hasattr(value, field) for field in fields):
            return known
    return name


def replace(value: Any, changed: dict[str, Any]) -> Any:
    """`value._replace(...)`, also of values that came from a module."""
    name = type_name(value)
    fields = FIELDS[name]
    for field in changed:
        if field not in fields:
            raise ValueError(f"Got unexpected field names: ['{field}']")
    for known, cls in CLASSES:
        if known == name:
            parts = [
                changed[field] if field in changed else value[index]
                for index, field in enumerate(fields)
            ]
            return cls(*parts)
    raise ValueError(f"{name} has no _replace")


def probe(key: str, value: object) -> None:
    """Keep a variable's value: the first and last few of each key, in words."""
    entry = PROBES.get(key)
    if entry is None:
        PROBES[key] = [1, [summary(value)], [], value if type_name(value) == "list" else None]
        return
    entry[0] += 1
    entry[3] = None
    kept = entry[1] if entry[0] <= N_KEPT else entry[2]
    if len(kept) >= N_KEPT:
        kept.pop(0)
    kept.append(summary(value))


def seen(slot: int, key: str, value: object) -> int:
    """Keep a variable's value on a line that may run often; how often it did, once it may go on.

    The line counts and keeps its last values by itself from then on, in the slot: that costs a
    thirtieth. Not so where the values are of a kind that may change after they were kept: then,
    and before, -1, the count of a line that does not count by itself.
    """
    entry = PROBES.get(key)
    if entry is not None and entry[0] >= N_KEPT and keep_part(entry, value):
        return -1
    probe(key, value)
    SLOTS[slot] = key
    if is_lasting(value, 3):
        N_LASTING[slot] = N_LASTING.get(slot, 0) + 1
    is_first = PROBES[key][0] == N_KEPT == N_LASTING.get(slot)
    return N_KEPT if is_first else -1


def keep_part(entry: list[Any], value: Any) -> bool:
    """Keep what is shown of a list or dict, for `read_probes` to put in words, if it can.

    What has a hash can never be another: so the part is copied, in a fifth of the time that the
    words take.
    """
    part: Any = {}
    if isinstance(value, list):
        part = value[: N_KEPT + 1]
        shown = tuple(part)
    elif isinstance(value, dict):
        for key in value:
            if len(part) > N_KEPT:
                break
            part[key] = value[key]
        shown = tuple(part.values())
    else:
        return False
    try:
        hash(shown)
    except TypeError:
        return False
    entry[0] += 1
    entry[3] = None
    kept = entry[2]
    if len(kept) >= N_KEPT:
        kept.pop(0)
    kept.append((type(value).__name__, len(value), part))
    return True


def in_words(kept: tuple[str, int, Any]) -> tuple[str, int, str]:
    """A summary, also of what `keep_part` kept."""
    name, length, part = kept
    return (name, length, part if isinstance(part, str) else clipped(short(part, name, 3)))


def clipped(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


def ranged(key: str, steps: Any, last: Any) -> Any:
    """Note a loop over a range: `last` gives its variable, which loops of this kind alone set."""
    name = key.split(":")[2]
    for known in list(RANGES):
        if known.split(":")[2] == name:  # it is about to be set anew
            end_range(known)
    if steps:
        PROBES[key] = [0, [], [], None]
        RANGES[key] = (steps, last)
    return steps


def end_range(key: str) -> None:
    """Keep how often a loop over a range set its variable, and the first and last values."""
    steps, last = RANGES.pop(key)
    try:
        value = last()
    except NameError:
        value = None
    if value not in steps:  # the program was ended on its way into the loop
        PROBES.pop(key)
        return
    n_set = 1
    if value != steps[0]:
        n_set += (value - steps[0]) // (steps[1] - steps[0])
    entry = PROBES[key]
    entry[0] = n_set
    entry[1] = [summary(steps[at]) for at in range(min(n_set, N_KEPT))]
    entry[2] = [summary(steps[at]) for at in range(max(N_KEPT, n_set - N_KEPT), n_set)]


def is_lasting(value: Any, depth: int) -> bool:
    """Whether a value can never be another one than it is now."""
    name = type_name(value)
    if name in ("int", "float", "str", "bool", "NoneType"):
        return True
    if not isinstance(value, tuple) or depth == 0:
        return False
    return all(is_lasting(part, depth - 1) for part in value)


def slots() -> list[tuple[int, list[Any]]]:
    """Of each slot, how often its line ran and its last values, once it counts; then it is empty.

    prelude.py makes it: the slots are variables, which no index reaches.
    """
    return []


def read_probes() -> list[tuple[str, int, list[Any], list[Any], list[float]]]:
    """Every probe since they were last read: (key, count, first ones, last ones, numbers)."""
    for key in list(RANGES):
        end_range(key)
    for slot, (count, values) in enumerate(slots()):
        if count > N_KEPT:
            entry = PROBES[SLOTS[slot]]
            entry[0] = count
            entry[2] = [late_summary(value) for value in values[-(count - N_KEPT) :]]
    probes = [
        (key, entry[0], entry[1], [in_words(kept) for kept in entry[2]], numbers(entry[3]))
        for key, entry in PROBES.items()
    ]
    PROBES.clear()
    SLOTS.clear()
    N_LASTING.clear()
    return probes


def numbers(value: Any) -> list[float]:
    """A list of numbers, whole, as it is now; [] for anything else and for a longer one."""
    if value is None or not 1 < len(value) <= MAX_NUMBERS:
        return []
    kept: list[float] = []
    for part in value:
        if type_name(part) not in ("int", "float", "bool") or not -1e15 < part < 1e15:
            return []
        kept.append(float(part))
    return kept


def late_summary(value: Any) -> tuple[str, int, str]:
    """A value of a slot; of one that may have changed since, only what class it is of."""
    if is_lasting(value, 3):
        return summary(value)
    name = type_name(value)
    return (name, -1, f"<{name}>")


def summary(value: Any) -> tuple[str, int, str]:
    """A value as (class, length or -1, text of at most MAX_TEXT characters)."""
    name = type_name(value)
    length = len(value) if name in ("str", "list", "tuple", "dict", "set", "range") else -1
    if name in ("Counter", "defaultdict", "frozenset"):
        length = len(value)
    return (name, length, clipped(short(value, name, 3)))


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
