from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.looking import REGISTRY
from tests.strategies.seeing import COSTS, Seen
from vprog.errors import ModuleFailedError
from vprog.strategies.interleave import FRAMES, MAX_LINE, MAX_TEXT, speech_stride
from vprog.strategies.read_cells import CitableLine

LookBy = Callable[..., Seen]


def test_what_is_said_stands_between_the_pictures_by_time(look_by: LookBy, talking: Path) -> None:
    seen = look_by("interleave", "a train", clips=[talking], question="What is asked for?")
    assert seen.cost == COSTS["interleave"]
    assert (seen.result.answer, seen.result.path, seen.result.score) == ("a train", "fast", 0.8)
    (shown,) = seen.shown
    assert re.search(r"\[picture 3\] Where is the train\? \[picture 4\]", shown.text)
    assert shown.text.index("What is asked for?") < shown.text.index("Where is the train?")
    assert "</data> say" not in shown.text  # marked as data
    assert all(item.supported for item in seen.result.evidence)


def test_where_nothing_is_said_the_pictures_are_all_there_is(look_by: LookBy) -> None:
    seen = look_by("interleave", "red")
    assert seen.result.answer == "red"
    assert "nothing is said" in seen.notes()
    assert "between the pictures" not in seen.shown[0].text


def test_speech_that_cannot_be_read_is_not_called_silence(
    look_by: LookBy, talking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModuleFailedError("the reader of speech broke.")

    for spec in REGISTRY.implementations("transcribe"):
        monkeypatch.setattr(spec.cls, "__call__", fail)
    seen = look_by("interleave", "red", clips=[talking])
    assert seen.result.answer == "red"
    assert "could not be read (" in seen.notes()
    assert "nothing is said" not in seen.notes()


def test_a_spent_budget_is_a_limit(look_by: LookBy, talking: Path) -> None:
    seen = look_by("interleave", clips=[talking], settings={"max_calls": 2})
    assert (seen.result.status, seen.shown) == ("limit", [])


@pytest.mark.parametrize(("count", "stride"), [(1, 1), (20, 1), (60, 4), (2000, 128)])
def test_lines_are_thinned_until_they_fit(count: int, stride: int) -> None:
    lines = [CitableLine(f"speech[{at}]", 0, at, at + 1, "x" * 300) for at in range(count)]
    assert speech_stride(lines) == stride
    assert len(lines[::stride]) * (MAX_LINE + 1) + FRAMES * 13 <= MAX_TEXT
