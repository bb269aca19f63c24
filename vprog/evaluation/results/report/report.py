"""The report of an evaluation: one HTML page and one Markdown table.

Made of what the archive holds alone, without a clock, so that a replay gives the same. The page
has no script and asks for no other file; every text is escaped.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.evaluation.results.scored_case import GRAMMAR, ScoredCase
from vprog.evaluation.results.summary import EvalSummary, GroupFigures
from vprog.view.words import answer_text, clean, clipped

if TYPE_CHECKING:
    import jinja2

    from vprog.evaluation.results.archive import EvalManifest
    from vprog.evaluation.results.strategy_table import StrategyRow


MOST_ROWS = 1000
"""Cases that the page lists, those that are not right first; results.jsonl has all."""

_MOST_PADDED = 60
"""Characters to which cells are filled up: longer ones stand out, and widen no other."""

WIDTH, HEIGHT = 420.0, 240.0
LEFT, TOP, RIGHT, BOTTOM = 48.0, 14.0, 22.0, 40.0
"""Pixels of a plot, and of its margins. Here is told where its lines run; templates draw them."""


class ReportRows:
    """The cases that a page lists, picked as they come: those that are not right first."""

    def __init__(self) -> None:
        self._listed: dict[bool, list[tuple[ScoredCase, str]]] = {False: [], True: []}
        self._n = 0

    def add(self, case: ScoredCase, question: str) -> None:
        """One case more."""
        self._n += 1
        listed = self._listed[case.is_right]
        if len(listed) < MOST_ROWS:
            listed.append((case, question))

    @property
    def rows(self) -> list[tuple[ScoredCase, str]]:
        """Each with its question; in their order, among those that are right or not."""
        return [*self._listed[False], *self._listed[True]][:MOST_ROWS]

    @property
    def n_left_out(self) -> int:
        """How many there are besides."""
        return max(0, self._n - MOST_ROWS)


def write_report(
    folder: Path,
    manifest: EvalManifest,
    summary: EvalSummary,
    listed: ReportRows,
    tables: Sequence[ReportTable] = (),
) -> None:
    """Write report.html and report.md of one run into a folder, `tables` at their end."""
    said = {
        "manifest": manifest,
        "summary": summary,
        "rows": listed.rows,
        "n_left_out": listed.n_left_out,
        "plot": risk_plot(summary.curve),
        "tables": tables,
    }
    _write(folder / "report.html", _environment().get_template("report.html").render(said))
    _write(folder / "report.md", _markdown(manifest, summary) + tables_markdown(tables))


def write_strategy_report(
    folder: Path, suite: str, rows: Sequence[StrategyRow], tables: Sequence[ReportTable]
) -> None:
    """Write report.html and report.md of strategies beside each other, `tables` at their end."""
    plot = cost_plot([(row.name, row.seconds, row.accuracy, row.is_front) for row in rows])
    said = {"suite": suite, "rows": rows, "plot": plot, "tables": tables}
    _write(folder / "report.html", _environment().get_template("strategies.html").render(said))
    _write(folder / "report.md", strategy_markdown(rows) + tables_markdown(tables))


def strategy_markdown(rows: Sequence[StrategyRow]) -> str:
    """Accuracy against cost as a table; * marks those that none beats in both."""
    table = [
        ["strategy", "accuracy", "coverage", "where answered", "seconds", "LLM calls", "tokens",
         "frames", "module calls"],
        *(
            [f"{row.name}{' *' if row.is_front else ''}", percent(row.accuracy, row.error),
             percent(row.coverage), percent(row.accuracy_answered), f"{row.seconds:.2f}",
             f"{row.llm_calls:.1f}", f"{row.tokens:.0f}",
             f"{row.frames:.1f}", f"{row.calls:.1f}"]
            for row in rows
        ),
    ]  # fmt: skip
    return markdown_table(table)


def tables_markdown(tables: Sequence[ReportTable]) -> str:
    """Tables that were added, each with its title."""
    return "".join(
        f"\n## {clean(table.title)}\n\n{markdown_table([table.head, *table.rows])}"
        + (f"\n{clean(table.note)}\n" if table.note else "")
        for table in tables
    )


def summary_markdown(summary: EvalSummary) -> str:
    """The verdicts and shares of all cases and of each group as a table."""
    rows = [_group_row("", summary.overall)]
    for kind, groups in summary.groups.items():
        rows += [_group_row(f"{kind}: " if len(summary.groups) > 1 else "", row) for row in groups]
    head = ["", "cases", "right", "wrong", "abstained", "failed", "accuracy", "coverage",
            "where answered", "majority", "text only"]  # fmt: skip
    return markdown_table([head, *rows])


def _markdown(manifest: EvalManifest, summary: EvalSummary) -> str:
    lines = [f"# {clean(manifest.suite or 'Evaluation')}", "", summary_markdown(summary)]
    cost = summary.cost
    figures = {
        "AURC (area under risk and coverage)": _number(summary.aurc),
        "ECE (expected calibration error)": _number(summary.ece),
        **{name: f"{value:.4f}" for name, value in summary.metrics.items()},
        "seconds a case, cold": _number(cost.seconds_cold),
        "seconds a case, warm": _number(cost.seconds_warm),
        "LLM calls a case": f"{cost.llm_calls:.2f}",
        "tokens a case, in and out": f"{cost.tokens_in:.0f}, {cost.tokens_out:.0f}",
        "module calls a case, executed": f"{cost.calls:.1f}, {cost.executed:.1f}",
        "frames decoded a case": f"{cost.frames_decoded:.1f}",
        "judge": summary.judge,
    }
    if summary.judge != GRAMMAR:
        figures["accuracy by grammar alone"] = f"{summary.strict_accuracy:.1%}"
    lines += [
        "",
        markdown_table([["figure", "value"], *([name, text] for name, text in figures.items())]),
    ]
    if summary.failures:
        counts = ([code, str(count)] for code, count in summary.failures.items())
        lines += ["", markdown_table([["no answer because of", "cases"], *counts])]
    return "\n".join(lines).rstrip() + "\n"


def _group_row(prefix: str, row: GroupFigures) -> list[str]:
    counts = (row.n, row.right, row.wrong, row.abstained, row.failed)
    shares = (percent(row.accuracy, row.error), percent(row.coverage))
    rest = map(percent, (row.accuracy_answered, row.majority, row.text_only))
    return [f"{prefix}{row.name}", *map(str, counts), *shares, *rest]


def percent(share: float | None, error: float | None = None) -> str:
    """A share in percent, with its standard error where it is known."""
    if share is None:
        return "-"
    return f"{share:.1%}" if error is None else f"{share:.1%} ± {100 * error:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that can be read as it is."""
    cells = [[clean(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    widths = [
        max(min(len(row[column]), _MOST_PADDED) for row in cells) for column in range(len(cells[0]))
    ]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in cells
    ]
    rule = "|" + "|".join(
        ("-" * (width + 2)) if column == 0 else ("-" * (width + 1) + ":")
        for column, width in enumerate(widths)
    )
    return "\n".join([lines[0], f"{rule}|", *lines[1:]]) + "\n"


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("vprog.evaluation.results.report"),
                jinja2.PackageLoader("vprog.view.html"),
            ]
        ),
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(clipped=clipped, percent=percent, number=_number, answer=_answer)
    environment.globals.update(
        width=WIDTH, height=HEIGHT, left=LEFT, bottom=BOTTOM,
        top=TOP, right=RIGHT,
    )  # fmt: skip
    return environment


def _answer(value: Any) -> str:
    """An answer, given or known, in a line."""
    if value is None:
        return "none"
    if isinstance(value, dict):
        ((kind, items),) = value.items()
        if kind == "plan":
            return f"a plan from {items['start']} to {items['goal']}"
        if kind == "cited":
            return f"evidence that overlaps what is known by {items:g}"
        return f"{kind.replace('_', ' ')}: " + "; ".join(_answer(item) for item in items)
    return answer_text(value)


class AxisTick(NamedTuple):
    """A mark of an axis: its place in pixels, and its words."""

    place: float
    text: str


class PlacedPoint(NamedTuple):
    """A point of a plot, in pixels."""

    x: float
    y: float
    name: str
    is_front: bool


class Plot(NamedTuple):
    """A drawing of `WIDTH` by `HEIGHT` pixels."""

    x_ticks: list[AxisTick]
    y_ticks: list[AxisTick]
    line: str
    """The points of a polyline."""
    points: list[PlacedPoint]


def risk_plot(curve: Sequence[tuple[float, float, float]]) -> Plot:
    """Risk over coverage, both in [0, 1]; from rows of score, coverage, risk."""
    line = " ".join(f"{_x(coverage)},{_y(risk)}" for _, coverage, risk in curve)
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Plot(
        [AxisTick(_x(share), f"{share:.0%}") for share in shares],
        [AxisTick(_y(share), f"{share:.0%}") for share in shares],
        line,
        [],
    )


def cost_plot(rows: Sequence[tuple[str, float, float, bool]]) -> Plot:
    """Accuracy over cost: rows of name, cost, accuracy, and whether none is better in both."""
    step = _round_step(max((cost for _, cost, _, _ in rows), default=0.0) / 3.5)
    most = 4 * step
    placed = [
        PlacedPoint(_x(cost / most), _y(accuracy), name, is_front)
        for name, cost, accuracy, is_front in rows
    ]
    front = sorted(point for point in placed if point.is_front)
    return Plot(
        [AxisTick(_x(n / 4), f"{n * step:g}") for n in range(5)],
        [AxisTick(_y(share), f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
        " ".join(f"{point.x},{point.y}" for point in front),
        placed,
    )


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, ... by a power of ten, for marks that are read easily."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least))


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    """From the top for 1.0 to the bottom for 0.0."""
    return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)
