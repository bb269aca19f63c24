"""What the earlier cells of a path leave behind for the next one: names and what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vprog.program.program import Program


@dataclass(frozen=True)
class Earlier:
    """The names that are bound when a cell begins.

    Attributes:
        names: all of them.
        functions: those bound by `def`, by an import, or to a lambda.
        imports: which of them stand for an importable module, e.g. {"m": "math"}.
        from_names: those imported from one, e.g. {"groups": "itertools.groupby"}.
    """

    names: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    imports: Mapping[str, str] = field(default_factory=dict)
    from_names: Mapping[str, str] = field(default_factory=dict)


def earlier_cells(cells: Sequence[str | Program]) -> Earlier:
    """What a path's cells bind, in their order; they have passed the gate."""
    earlier = Earlier()
    for cell in cells:
        earlier = _after(earlier, Program.of(cell))
    return earlier


def _after(earlier: Earlier, cell: Program) -> Earlier:
    """What is bound after one more cell: a name that it binds means no more what it did."""
    return Earlier(
        earlier.names | cell.names,
        (earlier.functions - cell.names) | cell.functions,
        _without(earlier.imports, cell.names) | cell.imports,
        _without(earlier.from_names, cell.names) | cell.from_names,
    )


def _without(sources: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: source for name, source in sources.items() if name not in names}
