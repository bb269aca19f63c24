"""An evaluation's answers, verdicts, figures, report and archive: what lies in its folder."""

from vprog.evaluation.results.answer_record import answer_line, read_answers
from vprog.evaluation.results.arm_table import arm_tables
from vprog.evaluation.results.asked_case import asked_case
from vprog.evaluation.results.drift_table import drift_table
from vprog.evaluation.results.eval_folder import (
    TRACES,
    Evaluated,
    add_tables,
    finish,
    read_results,
    replay,
)
from vprog.evaluation.results.report.added_tables import kept_tables
from vprog.evaluation.results.report.report import (
    strategy_markdown,
    summary_markdown,
    tables_markdown,
    write_strategy_report,
)
from vprog.evaluation.results.scored_case import ScoredCase
from vprog.evaluation.results.strategy_table import strategy_rows
from vprog.evaluation.results.summary import EvalSummary, summarise

__all__ = [
    "TRACES",
    "EvalSummary",
    "Evaluated",
    "ScoredCase",
    "add_tables",
    "answer_line",
    "arm_tables",
    "asked_case",
    "drift_table",
    "finish",
    "kept_tables",
    "read_answers",
    "read_results",
    "replay",
    "strategy_markdown",
    "strategy_rows",
    "summarise",
    "summary_markdown",
    "tables_markdown",
    "write_strategy_report",
]
