"""What each strategy was right in and cost, by kind of question: the table that `route` reads.

`vprog calibrate --routes` makes it of evaluations and keeps it in the state folder of vprog, in a
file of the preset, beside those of other models. It holds for the models that it was measured
with, and for no others.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

import msgspec

from vprog.errors import ConfigError, DiskFullError
from vprog.runs.stored_calibration import file_for
from vprog.settings import Settings

LEAST = 5
"""Cases of a kind, below which nothing is said of a strategy: it would be chance."""

NAME = "route.table"
"""In the place of a strategy's name, so that no calibration has this file."""

AGAIN = "Measure again (vprog eval --strategies ..., vprog calibrate --routes ...), or remove it."


class RouteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy on the cases of a kind; costs are means of a case."""

    strategy: str
    n_cases: int
    n_right: int
    llm_calls: float
    frames: float
    seconds: float

    @property
    def accuracy(self) -> float:
        return self.n_right / self.n_cases

    @property
    def cost(self) -> tuple[float, float, float]:
        """What is spared first stands first: requests, then frames, then seconds."""
        return self.llm_calls, self.frames, self.seconds


class RouteTable(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured under one preset with one pair of models."""

    preset: str
    llm: str
    """What wrote, as traces name it; "" where only strategies were measured that ask no writer."""
    vlm: str
    """"" where none was named: with one, programs may look, and cost and find something else."""
    made: str
    """Date, ISO 8601."""
    kinds: dict[str, list[RouteRow]]
    """By kind of question."""

    @property
    def models(self) -> str:
        """The pair of models in words."""
        return f"llm {self.llm or 'any'}, vlm {self.vlm or 'none'}"

    def pick(self, kind: str, *, max_llm_calls: int) -> RouteRow | None:
        """The cheapest strategy that is no worse than the best; None where none was measured.

        No worse is one whose accuracy lies within a standard error of the best one's. One whose
        mean requests are more than may be made is left out.
        """
        rows = [
            row
            for row in self.kinds.get(kind, ())
            if row.n_cases >= LEAST and row.llm_calls <= max_llm_calls
        ]
        if not rows:
            return None
        best = max(row.accuracy for row in rows)
        n_cases = max(row.n_cases for row in rows if row.accuracy == best)
        error = math.sqrt(best * (1 - best) / n_cases)
        return min((row for row in rows if row.accuracy >= best - error), key=lambda row: row.cost)


def load_routes(settings: Settings, *, llm: str, strategies: Collection[str]) -> RouteTable | None:
    """The table of a preset for these models; None where nothing was measured yet.

    Args:
        settings: of the question.
        llm: what writes programs now, as traces name it.
        strategies: the names that there are.

    Raises:
        ConfigError: they are damaged, all of other models, or this one names a strategy that is
            gone.
    """
    path = file_for(settings.preset, NAME)
    tables = _tables_in(path)
    if not tables:
        return None
    fitting = [
        table for table in tables if table.vlm == settings.vlm and table.llm in (llm, "")
    ]  # fmt: skip
    if not fitting:
        measured = "; ".join(f"{table.models} on {table.made}" for table in tables)
        now = f"llm {llm or 'none'}, vlm {settings.vlm or 'none'}"
        raise ConfigError(f"{path}: measured with {measured}, and now it is {now}.", hint=AGAIN)
    table = max(fitting, key=lambda table: table.llm != "")  # of this writer, rather than of any
    rows = [row for listed in table.kinds.values() for row in listed]
    gone = sorted({row.strategy for row in rows} - set(strategies))
    if gone:
        raise ConfigError(f'{path}: there is no strategy "{gone[0]}" any more.', hint=AGAIN)
    return table


def save_routes(table: RouteTable) -> Path:
    """Keep a table in place of the one of the same models; returns the file.

    Those of other models stay. A file that cannot be read as tables is replaced.

    Raises:
        DiskFullError: it cannot be written.
    """
    path = file_for(table.preset, NAME)
    part = path.with_suffix(".part")
    try:
        others = [other for other in _tables_in(path) if other.models != table.models]
    except ConfigError:
        others = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode([*others, table]), indent=1))
        part.replace(path)
    except OSError as error:
        raise DiskFullError(
            f"{path}: the table of routes cannot be written: {error.strerror}.",
            hint="Free space, remove what stands in its place, or set XDG_STATE_HOME.",
        ) from error
    return path


def _tables_in(path: Path) -> list[RouteTable]:
    """The tables of a preset, one for each pair of models; none where there is no file.

    Raises:
        ConfigError: the file is damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(
            f"{path}: the table of routes cannot be read: {error.strerror}.", hint=AGAIN
        ) from error
    try:
        tables = msgspec.json.decode(data, type=list[RouteTable])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: no table of routes: {error}.", hint=AGAIN) from error
    rows = [row for table in tables for listed in table.kinds.values() for row in listed]
    if not tables or any(not 0 <= row.n_right <= row.n_cases or row.n_cases < 1 for row in rows):
        what = "more right than asked" if tables else "it is empty"
        raise ConfigError(f"{path}: no table of routes: {what}.", hint=AGAIN)
    return tables
