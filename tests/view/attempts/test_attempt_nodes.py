"""What a cell does, in a few words."""

from __future__ import annotations

import pytest

from vprog.view.attempts.attempt_nodes import cell_words

TASKS = {"detect", "sample_frames"}
LONG = (
    "frames = sample_frames(video, fps=2.0)\n"
    "for frame in frames:\n"
    "    found = detect(frame, 'a dog that runs over a green meadow')\n"
    "answer(len(found), evidence=found)"
)


@pytest.mark.parametrize(
    ("source", "note", "words"),
    [
        ("answer(1)", "", "answer(1)"),
        ("a = 1\n\nb = 2", "", "a = 1; b = 2"),
        ("# Look  twice.\na = 1", "", "Look twice."),
        ("a = 1\n# why", "", "a = 1"),
        (LONG, "", "sample_frames, detect, answer, in 4 lines"),
        ("answer(1)", "repair 2", "[repair 2] answer(1)"),
        ("", "", "(no cell)"),
        ("if (\n" + "x" * 200, "", "if (; " + "x" * 83 + "…"),
        ("#\n" + "y = 1", "", "y = 1"),
        ("a = re.findall('\\d', b)", "", "a = re.findall('\\d', b)"),
        ("a = " + "(" * 500 + ")" * 500 + "\nb = 1", "", "a = " + "(" * 85 + "…"),
    ],
)
def test_cell_words(source: str, note: str, words: str) -> None:
    assert cell_words(source, note, TASKS) == words
