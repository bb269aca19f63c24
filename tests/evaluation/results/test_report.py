"""Where the lines of a report's plots run."""

from __future__ import annotations

from vprog.evaluation.results.report.report import BOTTOM, HEIGHT, LEFT, TOP, cost_plot, risk_plot


def test_risk_runs_from_the_bottom_at_none_to_the_top_at_all() -> None:
    plot = risk_plot([(0.9, 0.0, 0.0), (0.1, 0.0, 1.0)])
    assert plot.line == f"{LEFT},{HEIGHT - BOTTOM} {LEFT},{TOP}"
    assert [tick.text for tick in plot.x_ticks] == ["0%", "25%", "50%", "75%", "100%"]


def test_cost_has_round_marks_and_a_line_through_the_front() -> None:
    plot = cost_plot([("a", 0.6, 0.5, False), ("b", 0.3, 0.5, True), ("c", 0.6, 1.0, True)])
    assert [tick.text for tick in plot.x_ticks] == ["0", "0.2", "0.4", "0.6", "0.8"]
    assert len(plot.line.split()) == 2
    assert [point.is_front for point in plot.points] == [False, True, True]
    assert cost_plot([("a", 0.0, 0.5, True)]).x_ticks[-1].text == "4"
