"""`params`: one program, run again with other values for its modules; the surest is kept."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, zip_longest

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
from vprog.registry.signature import MISSING, Parameter, Signature
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import best, gather
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy
from vprog.types import RATE, SCORE

MOST = 6
"""Variants that are run beside the program as written."""

STEP = 0.15
"""By which a score is varied."""

FACTOR = 2.0
"""By which a rate is varied."""

_UNKNOWN = object()
"""What a program computes: not ours to change."""

_Edit = tuple[int, int, str]
"""The bytes from the first up to the second become the text."""


@strategy("params", "one program, other numbers for its modules")
def solve(workspace: Workspace) -> Attempt:
    """The variant whose answer is worth most; the program as written among equals.

    Values come from the grids that modules declare, else from their bounds.
    Variants share the cache, so that calls which do not change are not made again.

    The highest of several scores is higher than any one; the trace says so. The score that
    the result carries is that of the kept answer, times the share of the variants' weight
    which agrees with it. Confidence is read off a map of such scores, taken after the
    maximum: `vprog calibrate --strategy params` asks its questions by this strategy, and its
    map holds for no other.

    Source: FS-VisPR (2025): parameter search; its grids are not published.
    """
    written = write_whole(workspace)
    if not written.is_answered:
        return written
    signatures = {name: module.signature for name, module in workspace.run.runtime.modules.items()}
    variants = list(islice(variants_of(written.cells[-1].text, signatures), MOST))
    ways: list[Callable[[], Attempt]] = [lambda: written]
    ways += [
        partial(workspace.run_whole, variant.source, note=variant.change) for variant in variants
    ]
    attempts = gather(ways, enough=lambda _: False)
    answered = [attempt for attempt in attempts if attempt.is_answered]
    found = best(answered, score=lambda attempt: attempt.reward.value)
    # How many of the variants agree with it; most may have given another answer.
    workspace.vote(answered)
    if len(answered) > 1:
        workspace.run.warnings.add(
            f"the answer is the surest of {len(answered)}, by variants of one program"
        )
    return found


@dataclass(frozen=True)
class Variant:
    """A program with one argument changed, and what was changed, e.g. "detect: fps=2.0"."""

    source: str
    change: str


def variants_of(source: str, signatures: Mapping[str, Signature]) -> Iterator[Variant]:
    """Every variant of a program: of each argument one, then of each another, and so on.

    Arguments come in the order in which their modules stand in the program, so that the
    first few variants are of several arguments.

    Raises:
        ProgramRejectedError: the program cannot be parsed.
    """
    calls = _calls(source, signatures)
    by_argument = [
        _varied(source, task, of, signatures[task].parameters, at)
        for task, of in calls.items()
        for at in range(len(signatures[task].parameters))
    ]
    for row in zip_longest(*by_argument):
        yield from (variant for variant in row if variant is not None)


def _calls(source: str, tasks: Collection[str]) -> dict[str, list[ast.Call]]:
    """The calls of modules, by task, in the order in which they stand."""
    found: dict[str, list[ast.Call]] = {}
    nodes = [node for node in ast.walk(Program(source).tree) if isinstance(node, ast.Call)]
    for node in sorted(nodes, key=lambda call: (call.lineno, call.col_offset)):
        if isinstance(node.func, ast.Name) and node.func.id in tasks:
            found.setdefault(node.func.id, []).append(node)
    return found


def _varied(
    source: str,
    task: str,
    calls: Sequence[ast.Call],
    parameters: Sequence[Parameter],
    at: int,
) -> Iterator[Variant]:
    parameter = parameters[at]
    if any(_is_unpacked(call) for call in calls):
        return
    places = [_place(call, parameter, at) for call in calls]
    now = [parameter.default if place is None else _value(place) for place in places]
    if _UNKNOWN in now or MISSING in now:
        return
    stated = [value for value, place in zip(now, places, strict=True) if place is not None]
    base = stated[0] if stated else parameter.default
    text = source.encode()
    for value in parameter.grid or _derived(base, parameter):
        if all(value == current for current in now):
            continue
        edits = [
            _edit(text, call, place, parameter.name, value)
            for call, place in zip(calls, places, strict=True)
        ]
        edited = _edited(text, edits)
        if _gives(edited, task, len(calls), parameter, at, value):
            yield Variant(edited, f"{task}: {parameter.name}={value!r}")


def _gives(source: str, task: str, n: int, parameter: Parameter, at: int, value: object) -> bool:
    """Whether each of n calls gives the value: Python 3.11 misplaces what stands in f-strings."""
    try:
        calls = _calls(source, (task,)).get(task, [])
    except ProgramRejectedError:
        return False
    places = [_place(call, parameter, at) for call in calls]
    return len(calls) == n and all(place is not None and _value(place) == value for place in places)


def _derived(base: object, parameter: Parameter) -> list[float]:
    """Other values for a parameter without a grid; none where its bounds do not say how."""
    if not parameter.keyword_only or isinstance(base, bool) or not isinstance(base, int | float):
        return []
    if parameter.bounds == RATE:
        wanted = [base * FACTOR, base / FACTOR]
        low, high = RATE
    elif parameter.bounds == SCORE:
        wanted = [base - STEP, base + STEP]
        low, high = SCORE
    else:
        return []
    kept = [round(min(high, max(low, value)), 4) for value in wanted]
    return [fromkey for fromkey in dict.fromkeys(kept) if fromkey != base]


def _is_unpacked(call: ast.Call) -> bool:
    """Whether `*` or `**` hides which arguments it gives."""
    return any(isinstance(arg, ast.Starred) for arg in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )


def _place(call: ast.Call, parameter: Parameter, at: int) -> ast.expr | None:
    """Where a call gives a parameter; None if it leaves it out."""
    for keyword in call.keywords:
        if keyword.arg == parameter.name:
            return keyword.value
    return call.args[at] if not parameter.keyword_only and at < len(call.args) else None


def _value(node: ast.expr) -> object:
    """What a program writes in plain figures or text."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return _UNKNOWN
    return value if value is None or isinstance(value, int | float | str) else _UNKNOWN


def _edit(text: bytes, call: ast.Call, place: ast.expr | None, name: str, value: object) -> _Edit:
    if place is not None:
        return *_ends(text, place), repr(value)
    _, end = _ends(text, call)
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    after = text[max(_ends(text, argument)[1] for argument in given) : end] if given else b","
    comma = "" if b"," in re.sub(rb"#[^\n]*", b"", after) else ", "
    return end - 1, end - 1, f"{comma}{name}={value!r}"


def _ends(text: bytes, node: ast.expr) -> tuple[int, int]:
    """Where a node begins and ends in the text, in bytes."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    starts = _line_starts(text)
    first = starts[node.lineno - 1] + node.col_offset
    return first, starts[node.end_lineno - 1] + node.end_col_offset


@functools.lru_cache(maxsize=4)
def _line_starts(text: bytes) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _edited(text: bytes, edits: Sequence[_Edit]) -> str:
    """The text with its edits made, from the last to the first."""
    for first, last, new in sorted(edits, reverse=True):
        text = text[:first] + new.encode() + text[last:]
    return text.decode()
