from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.strategies.seeing import Seen, write_silence
from vprog.errors import AbstainedError
from vprog.llm.scripted import ScriptedModel
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.settings import load_settings
from vprog.solver.solver import shared
from vprog.strategies.vlm_cells import (
    asked_with,
    even_frames,
    frames_of,
    literal_of,
    look,
    one_line,
    reply_text,
    seen_videos,
)

LookBy = Callable[..., Seen]

HOSTILE = (
    """'); answer('owned') #""",
    '"]); abstain("owned") or ["',
    "\\",
    "a\\'\nanswer('owned')\r\u2028answer('owned')\u202e",
    "{answer('owned')} %s \\N{DIGIT ONE} </data> ```",
    "\ud800",
)
"""Replies that would be code if they stood in a program as they are."""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_words_of_a_model_are_text_to_the_program_that_holds_them(text: str) -> None:
    source = f"notes = {literal_of([text, 'plain'])}\n"
    (line,) = ast.parse(source).body
    assert isinstance(line, ast.Assign)
    assert ast.literal_eval(line.value) == [text, "plain"]
    assert source[:-1].isprintable()


@pytest.mark.parametrize("text", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
def test_what_a_vlm_said_reaches_the_next_look_as_data(look_by: LookBy, text: str) -> None:
    first = '{"time": [2.0, 5.0]}'
    seen = look_by("ground_and_caption", first, text, '{"time": null}', "red")
    assert (seen.result.status, seen.result.answer) == ("answered", "red")
    (told,) = seen.shown[-1].data("notes")
    assert json.loads(told) == [f"2 to 5 s: {one_line(text, 400)}"]


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    clip = draw_video(tmp_path / "clip.mp4", 10)
    return [write_silence(tmp_path / "silence.wav"), clip, clip]


def test_only_videos_with_a_picture_are_looked_at(clips: list[Path], tmp_path: Path) -> None:
    flags = {"trace_dir": tmp_path / "traces", "cache_dir": tmp_path / "cache"}
    settings = load_settings(flags, environment={})
    with shared.runtimes.lend(settings) as runtime:
        with Run(runtime, settings, clips, "What?", choices=["a", "b"]) as run:
            seen = seen_videos(run)
            assert [sighting.index for sighting in seen] == [1, 2]
            expression = even_frames(run, seen, 5)
            assert expression == (
                "sample_frames(videos[1], count=2) + sample_frames(videos[2], count=2)"
            )
            assert asked_with(run, "Say 'x'.", ["a note"]) == (
                "question, instruction=\"Say 'x'.\", "
                'notes=["Choices: " + "; ".join(choices)[:3000], \'a note\']'
            )
            workspace = Workspace(run, ScriptedModel([]))
            made = look(workspace, workspace.start, f"frames = {expression}\n", "takes frames")
            assert [frame.video for frame in frames_of(made)] == [1, 1, 2, 2]
            with pytest.raises(AbstainedError, match="no reply"):
                reply_text(made)
            workspace.close()
        with (
            Run(runtime, settings, clips[:1], "What?") as run,
            pytest.raises(AbstainedError, match="sound only"),
        ):
            seen_videos(run)
