from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.llm.server import says
from tests.modules.vlm.chat_replies import sure
from tests.strategies.equipped import ask_with, registry_of
from tests.strategies.seeing import ask_seeing, write_silence
from vprog.registry.module import module
from vprog.strategies import fast
from vprog.types import Frame, Reply, Video

CHOICES = ["red", "blue"]


@module("sample_frames")
class SampleFirst:
    def __call__(self, video: Video, *, count: int = 1) -> list[Frame]:
        """Give the first frame."""
        return [Frame(video.index, 0.0)]


@module("ask_choice")
class ChooseNone:
    def __call__(self, frames: list[Frame], question: str, choices: list[str]) -> Reply:
        """Choose none of the choices."""
        return Reply("neither of these", 0.9)


def test_no_choice_is_no_answer_and_never_the_first_one(drawn_clip: Path, tmp_path: Path) -> None:
    registry = registry_of(SampleFirst, ChooseNone)
    asked = ask_with(registry, [drawn_clip], tmp_path, "fast", [], choices=CHOICES)
    assert (asked.result.status, asked.result.answer) == ("abstained", None)
    assert asked.result.error is not None
    assert "chose none: neither of these" in asked.result.error.message


@pytest.mark.parametrize("strategy", ["fast", "sparse_to_dense"])
def test_sound_files_are_left_out_and_alone_abstain(
    strategy: str, drawn_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = write_silence(tmp_path / "silence.wav")
    given: dict[str, Any] = {"choices": CHOICES}
    seen = ask_seeing(
        [sure("B", 0.9)] * 5, monkeypatch, [sound, drawn_clip], tmp_path, strategy, **given
    )
    assert seen.result.answer == "blue"
    assert {frame.video for call in seen.called("ask_choice") for frame in call["frames"]} == {1}
    alone = ask_seeing([], monkeypatch, [sound], tmp_path, strategy, **given)
    assert (alone.result.status, alone.shown) == ("abstained", [])


def test_a_look_is_counted_whatever_came_of_it(
    drawn_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [says("neither"), says("A", finish="length"), says(" ")]
    for item in asked:
        seen = ask_seeing(
            [item], monkeypatch, [drawn_clip], tmp_path / str(id(item)), "fast", choices=CHOICES
        )
        assert seen.result.answer is None
        cost = seen.result.cost
        assert (cost.llm_calls, cost.tokens_in, cost.tokens_out) == (1, 11, 7)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When does he sit down?", "when"),
        ("Nothing happens for long. When does something move?", "when"),
        ("Three are there. At what time does the next one show up?", "when"),
        ("Between which times is the background red?", "when"),
        ("When the man sits down, what does he hold?", "text"),
        ("What happens when he leaves?", "text"),
        ("Is the door open when he leaves?", "yes_no"),
    ],
)
def test_kind_of_a_question_about_time(question: str, kind: str) -> None:
    assert fast.kind_of(question, has_choices=False) == kind


@pytest.mark.parametrize(
    ("question", "heard"),
    [
        ("When does the sound stop?", True),
        ("What is the last subtitle?", True),
        ("Is it silent at the end?", True),
        ("What does the sign say?", False),
        ('When does it say "sound on"?', False),
    ],
)
def test_questions_about_what_is_heard(question: str, heard: bool) -> None:
    assert fast.is_heard(question) == heard
