"""The line that lives while a run does."""

from __future__ import annotations

import msgspec
import pytest

from vprog.cli.progress import RunProgress
from vprog.trace.event import (
    CellStarted,
    LlmCalled,
    ModuleCalled,
    ProgramWritten,
    Progressed,
    Warned,
)
from vprog.view.progress_text import Rate

EVENTS = [
    ProgramWritten(cell=0, source="x", writer="rules"),
    LlmCalled(
        model="m-1", purpose="p", messages=[], reply="", tokens_in=0, tokens_out=0, seconds=0
    ),
    CellStarted(cell=0),
    ModuleCalled(
        id=1, cell=0, line=7, task="detect", implementation="D", arguments=msgspec.Raw(b"{}"),
        result=msgspec.Raw(b"1"), error=None, how="executed", seconds=0.1,
    ),
    Warned(text="w"),
]  # fmt: skip


def test_progress_tells_the_line_and_the_calls(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(show=True) as progress:
        said = []
        for event in EVENTS:
            progress(event)
            assert progress._progress is not None
            said.append(progress._progress.tasks[0].description)
    assert said == [
        "program written", "asked m-1", "running", "line 7: detect, 1 call",
        "line 7: detect, 1 call",
    ]  # fmt: skip
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("show", "term"), [(False, "xterm"), (True, "dumb")])
def test_progress_is_silent_where_nobody_watches(
    show: bool, term: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    with RunProgress(show=show) as progress:
        for event in EVENTS:
            progress(event)
    assert capsys.readouterr() == ("", "")


def far(done: float, total: float = 300.0, unit: str = "frames") -> Progressed:
    return Progressed(task="track", implementation="T", done=done, total=total, unit=unit)


def test_rate_tells_how_far_how_fast_and_how_long() -> None:
    rate = Rate()
    assert rate.text(far(0), 10.0) == " 0 of 300 frames"
    assert rate.text(far(60), 10.5) == " 60 of 300 frames"  # too early for a rate
    assert rate.text(far(120), 12.0) == " 120 of 300 frames, 60/s, 3 s left"
    assert rate.text(far(120), 14.0) == " 120 of 300 frames, 30/s, 6 s left"
    assert rate.text(far(3, 60.0, "s of sound"), 15.0) == " 3 of 60 s of sound"  # another call
    assert rate.text(far(0, 60.0, "s of sound"), 20.0) == " 0 of 60 s of sound"  # and another


def test_progress_notes_stand_above_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(show=True) as progress:
        progress(far(3))
        assert progress._progress is not None
        assert progress._progress.tasks[0].description == "track 3 of 300 frames"
        progress.note("a [bold]note[/bold] \x1b[31m")
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "note" in line] == ["a [bold]note[/bold] \ufffd[31m"]
