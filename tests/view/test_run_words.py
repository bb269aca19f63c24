"""The sentences about a run that everybody is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.view.runs import started
from vprog.trace.event import RecordedEvidence
from vprog.trace.recorded_result import RecordedCost
from vprog.types.coverage import StreamCoverage, VideoCoverage
from vprog.view.run_words import (
    SCORE_PARTS,
    calls_text,
    cost_text,
    coverage_text,
    evidence_text,
    model_text,
    score_text,
    setup_text,
)

WHOLE = {"gate": True, "vm": True, "process": True, "jail": True, "missing": []}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "writer: rules; no vision model; cpu; isolation: gate, vm, process, limits, os-jail"),
        (
            {"writer": "openai:pen", "answerer": "hf:/models/eye", "device": "cuda"},
            "writer: openai:pen; VLM: hf:eye; cuda; isolation: gate, vm, process, limits, os-jail",
        ),
        (
            {"isolation": {"gate": True, "missing": ["os-jail (darwin)"]}},
            "writer: rules; no vision model; cpu; isolation: gate; MISSING os-jail (darwin)",
        ),
    ],
)
def test_setup_is_one_plain_sentence(given: dict[str, Any], text: str) -> None:
    assert setup_text(started(**{"isolation": WHOLE, **given})) == text


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("rules", "rules"),
        ("openai:gpt", "openai:gpt"),
        ("hf:org/model", "hf:org/model"),
        ("llama:/home/me/m.gguf", "llama:m.gguf"),
        ("llama:~/m.gguf", "llama:m.gguf"),
        ("llama:C:\\me\\m.gguf", "llama:m.gguf"),
    ],
)
def test_model_is_named_without_folders(model: str, text: str) -> None:
    assert model_text(model) == text


def test_cost_names_what_was_spent() -> None:
    calls = {"issued": 3, "executed": 2, "cached": 0, "joined": 1}
    cost = RecordedCost(seconds=1.0, frames_decoded=1, llm_calls=2, module_calls=calls)
    assert cost_text(cost) == (
        "1.00 s, 1 frame decoded, 3 calls (2 executed, 1 joined), 2 requests to models"
    )


def test_words_say_what_a_score_is_made_of_and_that_it_is_not_calibrated() -> None:
    assert score_text(0.8, {"tokens": 0.8}, None) == (
        "score 0.80 (token probabilities of the reply 0.80; not calibrated)"
    )
    assert score_text(0.8, {"tokens": 0.8}, 0.65).startswith("confidence 0.65 (score 0.80")
    assert score_text(None, {}, None) == ""
    assert score_text(None, {}, 0.98, "as shipped") == (
        "confidence 0.98 (as shipped; no module gave a score)"
    )
    assert set(SCORE_PARTS) == {
        "tokens",
        "evidence",
        "support",
        "votes",
        "reliability",
        "read",
        "denial",
        "named",
        "meaning",
    }


def test_calls_text_say_how_calls_were_answered() -> None:
    assert calls_text({}) == "no calls"
    assert calls_text({"cached": 1, "executed": 2}) == "3 calls (2 executed, 1 cached)"
    assert calls_text({"joined": 1}, "module call") == "1 module call (1 joined)"


@pytest.mark.parametrize(
    ("item", "n_videos", "words"),
    [
        (RecordedEvidence(video=0, start=2.0, end=3.5, box=None, text="dog", supported=True), 1,
         "0:02-0:03.5 dog"),
        (RecordedEvidence(video=1, start=2.0, end=2.0, box=None, text=None, supported=False), 2,
         "video 2, 0:02 (no module's output supports this)"),
        (RecordedEvidence(video=1, start=None, end=None, box=None, text=None, supported=True), 2,
         "video 2"),
    ],
)  # fmt: skip
def test_evidence_text(item: RecordedEvidence, n_videos: int, words: str) -> None:
    assert evidence_text(item, n_videos=n_videos) == words


def covered(**streams: StreamCoverage) -> VideoCoverage:
    return VideoCoverage(video=0, **streams)


def test_coverage_says_how_much_was_looked_at_and_where_not() -> None:
    part = StreamCoverage(seen=0.4, unseen=[(0.0, 12.0), (30.0, 90.0)])
    whole = StreamCoverage(seen=1.0, unseen=[])
    none = StreamCoverage(seen=0.0, unseen=[(0.0, 100.0)])
    assert coverage_text([covered(pictures=part, sound=whole, subtitles=none)]) == (
        "looked at 40 % of the pictures (not 0:00-0:12, 0:30-1:30), all of the sound, no subtitles"
    )
    assert coverage_text([covered(pictures=whole), covered(sound=none)]) == (
        "looked at video 1: all of the pictures; video 2: no sound"
    )
    assert coverage_text(None) == ""


def test_coverage_that_is_not_whole_is_never_all_of_it_and_lists_the_longest_gaps() -> None:
    almost = StreamCoverage(seen=0.9999, unseen=[(n, n + 0.1 * n) for n in (1.0, 2.0, 3.0, 4.0)])
    text = coverage_text([covered(pictures=almost)])
    assert text == (
        "looked at 99 % of the pictures (not 0:02-0:02.2, 0:03-0:03.3, 0:04-0:04.4 and 1 more)"
    )
    assert "1 % of" in coverage_text(
        [covered(pictures=StreamCoverage(seen=0.001, unseen=[(1.0, 2.0)]))]
    )
