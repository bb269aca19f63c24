from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.strategies.seeing import UNREAD, write_silence
from vprog.llm.language_model import approximate_tokens
from vprog.llm.scripted import ScriptedModel
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.settings import load_settings
from vprog.solver.solver import shared
from vprog.strategies.read_cells import (
    Row,
    fitting_rows,
    lines_of,
    text_sources,
    tokens_of,
    video_name,
)


def spoken(path: Path, text: str) -> Path:
    """A sound file with a subtitle beside it."""
    write_silence(path)
    path.with_suffix(".srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n", "utf-8")
    return path


def test_each_video_is_read_into_a_variable_of_its_own(tmp_path: Path) -> None:
    mute = draw_video(tmp_path / "mute.mp4", 3)
    clips = [spoken(tmp_path / "a.wav", "First."), mute, spoken(tmp_path / "b.wav", "x" * 600)]
    flags = {"trace_dir": tmp_path / "traces", "cache_dir": tmp_path / "cache"}
    settings = load_settings(flags, environment={})
    with shared.runtimes.lend(settings, UNREAD) as runtime:
        with Run(runtime, settings, clips, "What?") as run:
            wanted = text_sources(run)
            assert [source.source for source in wanted] == [
                "speech_0 = transcribe(videos[0])\n", "speech_2 = transcribe(videos[2])\n",
            ]  # fmt: skip
            workspace = Workspace(run, ScriptedModel([]))
            made = workspace.run_cell(workspace.start, "".join(item.source for item in wanted))
            rows = [line.row() for line in lines_of(made, wanted)]
            workspace.close()
            assert [row["item"] for row in rows] == ["speech_0[0]", "speech_2[0]"]
            assert rows[0] == {"item": "speech_0[0]", "start": 0.0, "end": 1.0, "text": "First."}
            assert rows[1]["text"] == "x" * 500
        with Run(runtime, settings, clips[:1], "What?") as run:
            assert [reading.name for reading in text_sources(run)] == ["speech"]
            assert video_name(run, 0) == "video"
        with Run(runtime, settings, [mute], "What?") as run:
            assert text_sources(run) == []


@pytest.mark.parametrize(("most", "stride", "count"), [(1000, 1, 10), (90, 2, 5), (1, 2048, 1)])
def test_rows_are_thinned_until_they_fit(most: int, stride: int, count: int) -> None:
    rows: list[Row] = [{"item": f"speech[{at}]", "text": "a line of text"} for at in range(10)]
    text, taken = fitting_rows("read", rows, most)
    assert taken == stride
    assert text.count("a line of text") == count
    assert tokens_of("read", rows[::stride]) == approximate_tokens(text)
