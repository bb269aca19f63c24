"""What a cell does, in a few words."""

from __future__ import annotations

import pytest

from vprog.trace.event import EvidenceItem
from vprog.view.attempts.attempt_words import calls_words, cell_words, evidence_words

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


def test_calls_words_say_how_calls_were_answered() -> None:
    assert calls_words({}) == "no calls"
    assert calls_words({"cached": 1, "executed": 2}) == "3 calls (2 executed, 1 cached)"
    assert calls_words({"joined": 1}, "module call") == "1 module call (1 joined)"


@pytest.mark.parametrize(
    ("item", "n_videos", "words"),
    [
        (EvidenceItem(video=0, start=2.0, end=3.5, box=None, text="dog", supported=True), 1,
         "0:02-0:03.5 dog"),
        (EvidenceItem(video=1, start=2.0, end=2.0, box=None, text=None, supported=False), 2,
         "video 2, 0:02 (no module's output supports this)"),
        (EvidenceItem(video=1, start=None, end=None, box=None, text=None, supported=True), 2,
         "video 2"),
    ],
)  # fmt: skip
def test_evidence_words(item: EvidenceItem, n_videos: int, words: str) -> None:
    assert evidence_words(item, n_videos=n_videos) == words
