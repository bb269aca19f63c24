"""The line that lives while a run does."""

from __future__ import annotations

import msgspec
import pytest

from vprog.cli.progress import RunProgress
from vprog.trace.event import CellStarted, LlmCalled, ModuleCalled, ProgramWritten, Warned

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
        "program written", "asked m-1", "running", "line 7: detect, 1 calls",
        "line 7: detect, 1 calls",
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
