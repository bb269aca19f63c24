"""What an answer is worth that says something is not there, or how many there are.

Such an answer rests on what modules did not find, of which no piece of evidence speaks. So it is
worth as much as they find on labelled clips: the least share among the modules that the program
called to find things.

The figures stand in `measured.json` of the package that brings a module, by `task/Class`: under
"absence" how many of the labelled things it found, under "count" on how many clips it found as
many as there are; each by kind of thing. `benchmarks/detector_recall.py` writes those of the
modules that vprog brings.
"""

from __future__ import annotations

import ast
import functools
import re
import typing
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib import resources
from typing import Literal

import msgspec

from vprog.execute.told import Told, told_by
from vprog.program.program import Program
from vprog.registry.module import ModuleSpec
from vprog.types import VALUE_TYPES

FILE = "measured.json"
Claim = Literal["absence", "count"]
Hits = tuple[int, int]
"""How often it was right, and of how many."""
UNMEASURED = 0.5
"""The share of a module for which nobody measured it."""
OTHER = "thing"
"""The word by which a program says that a kind which was not measured is like none that was: how
well people and faces are found tells nothing of kites."""

_NO = re.compile(r"(?:no|not|none|nobody|never|nothing|zero|false|0)\b", re.IGNORECASE)
_YES = re.compile(r"(?:yes|true)\b", re.IGNORECASE)
_COUNTING = frozenset({"len", "sum", "count"})
_NAMING_FIELDS = frozenset({"kind", "label", "name", "opening"})
"""Fields of values that say of which kind they are."""
_NAMING_VARIABLE = "measured_as"
"""What a program calls the kind that it asks for, where no call and no field says it."""
_COUNTING_SQL = re.compile(r"\bselect\b.*\bcount\s*\(", re.IGNORECASE | re.DOTALL)


class CalledModule(msgspec.Struct, frozen=True):
    """A call that a program made.

    Attributes:
        spec: the module.
        words: the texts among its arguments, e.g. a label.
        found: whether it gave anything.
    """

    spec: ModuleSpec
    words: frozenset[str]
    found: bool
    told: tuple[Told, ...] = ()
    """What its scored values say."""

    @classmethod
    def of(cls, spec: ModuleSpec, arguments: Iterable[object], result: object) -> CalledModule:
        """A call as the program made it."""
        words = frozenset([text for text in arguments if type(text) is str])
        found = not isinstance(result, list | tuple) or len(result) > 0
        return cls(spec, words, found, told_by(result))


def denial_share(
    value: object,
    *,
    cited: Collection[type],
    called: Sequence[CalledModule],
    cells: Sequence[Program],
) -> float | None:
    """The share of such answers that are right; None for one that denies nothing.

    Args:
        value: the answer.
        cited: the classes of its evidence. A yes without any is one to "is nothing there?";
            what a count counts is of such a class.
        called: the calls that led to it.
        cells: the program.
    """
    is_count = type(value) is int and value > 0 and _counts(cells, called)
    if not is_count and not _denies(value, bool(cited)):
        return None
    words = _named_kinds(cells)
    different = {(call.spec.name, call.words, call.found): call for call in called}
    names = {kind.__name__ for kind in cited}
    shares = [
        _share(call, "count" if is_count and call.found else "absence", words)
        for call in different.values()
        if not (is_count and call.found and names) or _item_name(call.spec) in names
    ]
    return min((share for share in shares if share is not None), default=None)


def _share(call: CalledModule, claim: Claim, words: frozenset[str]) -> float | None:
    """None for a module that finds nothing: that names frames, or what the file says."""
    share = measured_share(call.spec, claim, call.words, words)
    return UNMEASURED if share is None and finds_things(call.spec) else share


def _denies(value: object, has_evidence: bool) -> bool:
    if isinstance(value, bool):
        return not value or not has_evidence
    if isinstance(value, int | float):
        return value == 0
    if isinstance(value, str):
        text = value.strip()
        return _NO.match(text) is not None or (not has_evidence and _YES.match(text) is not None)
    return False


def finds_things(spec: ModuleSpec) -> bool:
    """Whether the module looks itself, and gives things that it is more or less sure of."""
    item = _item(spec)
    return spec.origin.looks and item in VALUE_TYPES and "score" in item._fields


def _item(spec: ModuleSpec) -> typing.Any:
    """The class of the things in the list that a module gives; None if it gives none."""
    returns = spec.signature.returns
    return typing.get_args(returns)[0] if typing.get_origin(returns) is list else None


def _item_name(spec: ModuleSpec) -> str:
    return getattr(_item(spec), "__name__", "")


def _counts(cells: Sequence[Program], called: Sequence[CalledModule]) -> bool:
    """Whether a program counts, itself or in SQL."""
    return any(
        isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") in _COUNTING or getattr(node.func, "attr", "") == "count")
        for cell in cells
        for node in ast.walk(cell.tree)
    ) or any(_COUNTING_SQL.search(word) for call in called for word in call.words)


def _named_kinds(cells: Sequence[Program]) -> frozenset[str]:
    """The kinds that a program asks for without telling a module: what it keeps of all found.

    Other texts in it, such as its answer or what a model replied, name none.
    """
    nodes = [node for cell in cells for node in ast.walk(cell.tree)]
    sides = [side for node in nodes if isinstance(node, ast.Compare) for side in _of_kind(node)]
    names = {_NAMING_VARIABLE, *(side.id for side in sides if isinstance(side, ast.Name))}
    sides += [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
    ]
    return frozenset(text for side in sides for text in _texts_in(side))


def _of_kind(node: ast.Compare) -> list[ast.expr]:
    """What a field that says of which kind a value is, is compared with."""
    sides = [node.left, *node.comparators]
    return sides if any(getattr(side, "attr", "") in _NAMING_FIELDS for side in sides) else []


def _texts_in(node: ast.expr) -> Iterator[str]:
    """The text that an expression is, or those of a list, tuple or set."""
    for part in node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


class Measurement(msgspec.Struct, frozen=True):
    """The figures of one module, by kind of thing."""

    absence: dict[str, Hits] = {}
    count: dict[str, Hits] = {}


def measured_share(
    spec: ModuleSpec, claim: Claim, asked: Collection[str], around: Collection[str] = ()
) -> float | None:
    """The share of right claims of a kind, under 1 however well it went; None if not measured.

    Args:
        spec: the module.
        claim: that something is not there, or how many there are.
        asked: words of the call; the kinds among them are meant.
        around: kinds that the program names, read where the call names none; without any, the
            figures of all kinds together hold, unless `OTHER` is among these words.
    """
    measurement = _measurements(spec.cls.__module__.partition(".")[0]).get(spec.name)
    kinds: dict[str, Hits] = {} if measurement is None else getattr(measurement, claim)
    if not kinds:
        return None
    named = kinds.keys() & set(asked) or kinds.keys() & set(around)
    if not named and OTHER in around:
        return None
    meant = named or kinds.keys()
    hits = sum(kinds[kind][0] for kind in meant)
    total = sum(kinds[kind][1] for kind in meant)
    return (hits + 0.5) / (total + 1)  # half a hit and half a miss: no sample makes certain


@functools.cache
def _measurements(package: str) -> dict[str, Measurement]:
    if not package or package == "__main__":
        return {}
    try:
        file = resources.files(package) / FILE
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Measurement])
    except (FileNotFoundError, ModuleNotFoundError, TypeError):  # a module outside a package
        return {}
