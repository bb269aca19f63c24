"""The sentences about a run that everybody is told: on a page, a terminal, at the start of a run.

Each stands here once: who writes, what sees frames and where; what a score is worth; what the
run cost; what a piece of evidence is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from vprog.sandbox.isolation import Isolation
from vprog.trace.event import Answered, RecordedEvidence, RunStarted
from vprog.trace.recorded_result import RecordedCost
from vprog.types.answer import Evidence
from vprog.types.clock import clock_span
from vprog.types.coverage import StreamCoverage, VideoCoverage
from vprog.view.model import ShownEvidence
from vprog.view.words import clipped, counted

OWN_PROGRAM = "A program of one's own"
"""Stands for the question where there is none."""

HEADLINES = {
    "abstained": "No answer",
    "cut off": "The run was cut off",
    "rejected": "The program was refused",
    "failed": "The program failed",
    "limit": "A limit ended the run",
    "llm_error": "The language model gave no program",
    "missing": "Something is not installed",
    "interrupted": "The run was interrupted",
    "internal": "A fault in vprog",
}
"""What stands in the place of an answer, by status."""

SCORE_PARTS = {
    "tokens": "token probabilities of the reply",
    "evidence": "the weakest evidence",
    "support": "evidence that modules reported",
    "denial": "how well such things are found",
    "named": "nothing named that is counted",
    "votes": "share of the votes",
    "reliability": "reliability of the results",
    "meaning": "how often questions read by likeness are understood",
    "read": "share of the video that could be read",
}

CALL_KINDS = ("executed", "cached", "joined", "replayed", "refused")
"""How calls are answered, in the order in which they are told."""

UNSUPPORTED = "no module's output supports this"

_MOST_EVIDENCE_TEXT = 200
_MOST_UNSEEN = 3
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SEPARATORS = re.compile(r"[\\/]")


def setup_text(started: RunStarted) -> str:
    """Who writes, what sees frames, on what device, behind which isolation."""
    vlm = f"VLM: {model_text(started.answerer)}" if started.answerer else "no vision model"
    return (
        f"writer: {model_text(started.writer)}; {vlm}; {started.device}; "
        f"{isolation_text(started.isolation)}"
    )


def isolation_text(isolation: Mapping[str, Any]) -> str:
    """Which layers of isolation hold and which are missing, as the trace names them."""
    layers = {name: bool(isolation.get(name)) for name in ("gate", "vm", "process", "jail")}
    return Isolation(**layers, missing=tuple(map(str, isolation.get("missing") or ()))).text()


def model_text(model: str) -> str:
    """A writer or a VLM by name; of a file by its full path, its name: pages are passed on."""
    scheme, colon, rest = model.partition(":")
    is_full = colon and (rest.startswith(("/", "~", "\\\\")) or _DRIVE.match(rest))
    return f"{scheme}:{re.split(_SEPARATORS, rest)[-1]}" if is_full else model


def score_text(
    value: float | None,
    parts: Mapping[str, float],
    confidence: float | None,
    calibration: str = "",
) -> str:
    """A score, what it is made of and what it is worth; "" if there is neither."""
    fitted = f"{calibration}; " if calibration else ""
    if value is None and confidence is None:
        return ""
    if value is None:
        return f"confidence {confidence:.2f} ({fitted}no module gave a score)"
    product = " x ".join(
        f"{SCORE_PARTS.get(name, name)} {part:.2f}" for name, part in parts.items()
    )
    if confidence is None:
        return f"score {value:.2f} ({product}; not calibrated)" if product else f"score {value:.2f}"
    return f"confidence {confidence:.2f} ({fitted}score {value:.2f}: {product})"


def score_meaning(value: float | None, confidence: float | None, calibration: str = "") -> str:
    """What a score and a confidence may be taken for; "" if there is neither."""
    if value is None and confidence is None:
        return ""
    if confidence is None:
        return (
            "Not calibrated: the score puts answers in an order, it is no chance of being right. "
            "It says nothing of what no module found."
        )
    return (
        f"Calibrated ({calibration or 'fitted'}): of such answers, about {confidence:.0%} were "
        "right. It says nothing of what no module found here."
    )


def command_texts(started: RunStarted, run: str) -> list[str]:
    """Command lines that repeat a run; files by name, without their folders."""
    again = f"vprog trace replay {shlex.quote(run)}"
    settings = started.settings
    if not started.question or started.replay_of or started.writer == "program":
        return [again]
    words = [re.split(_SEPARATORS, opened.path)[-1] for opened in started.videos]
    words += [started.question]
    for choice in started.choices:
        words += ["--choice", choice]
    for name, usual in (("llm", "rules"), ("vlm", ""), ("strategy", "look_first"), ("seed", 0)):
        if (value := settings.get(name, usual)) != usual:
            words += [f"--{name}" if name != "seed" else "-s",
                      model_text(str(value)) if name != "seed" else f"seed={value}"]  # fmt: skip
    return [f"vprog solve {shlex.join(words)}", again]


def cost_text(cost: RecordedCost) -> str:
    """What a run cost."""
    calls = dict(cost.module_calls)
    n_calls = calls.pop("issued", 0)
    return (
        f"{cost.seconds:.2f} s, {counted(cost.frames_decoded, 'frame')} decoded, "
        f"{calls_text(calls, total=n_calls)}, {counted(cost.llm_calls, 'request')} to models"
    )


def calls_text(calls: Mapping[str, int], noun: str = "call", total: int | None = None) -> str:
    """How many calls, and how they were answered: 3 calls (2 executed, 1 cached).

    Args:
        calls: by how they were answered; what is none is not told.
        noun: what they are called.
        total: their number, if not the sum.
    """
    answered = {how: count for how, count in calls.items() if count}
    total = sum(answered.values()) if total is None else total
    if not total:
        return f"no {noun}s"
    order = {how: index for index, how in enumerate(CALL_KINDS)}
    hows = sorted(answered, key=lambda how: (order.get(how, len(order)), how))
    told = ", ".join(f"{answered[how]} {how}" for how in hows)
    return f"{counted(total, noun)} ({told})" if told else counted(total, noun)


def coverage_text(coverage: Sequence[VideoCoverage] | None) -> str:
    """How much of the videos was looked at, and where not; "" where that is not known."""
    videos = [_looked_at(video) for video in coverage or ()]
    if len(videos) > 1:
        videos = [f"video {number}: {text}" for number, text in enumerate(videos, start=1)]
    return f"looked at {'; '.join(videos)}" if videos else ""


def stream_text(name: str, stream: StreamCoverage) -> str:
    """How much of a stream was read, in words: 40 % of the pictures (not 0:12-1:30)."""
    if not stream.unseen:
        return f"all of the {name}"
    if not stream.seen:
        return f"no {name}"
    percent = max(1, int(stream.seen * 100))  # rounded down: what is not whole is never 100 %
    longest = sorted(stream.unseen, key=lambda span: span[0] - span[1])[:_MOST_UNSEEN]
    spans = ", ".join(clock_span(start, end) for start, end in sorted(longest))
    left = len(stream.unseen) - len(longest)
    return f"{percent} % of the {name} (not {spans}{f' and {left} more' if left else ''})"


def _looked_at(video: VideoCoverage) -> str:
    streams = {"pictures": video.pictures, "sound": video.sound, "subtitles": video.subtitles}
    texts = [stream_text(name, stream) for name, stream in streams.items() if stream is not None]
    return ", ".join(texts) or "nothing"


def evidence_text(item: RecordedEvidence | Evidence, *, n_videos: int) -> str:
    """When, what, and whether anything supports it; the video where there are several."""
    when = clock_span(item.start, item.end)
    if n_videos > 1:
        when = f"video {item.video + 1}, {when}".rstrip(", ")
    mark = "" if item.supported else f" ({UNSUPPORTED})"
    return f"{when} {clipped(item.text or '', _MOST_EVIDENCE_TEXT)}".strip() + mark


def shown_evidence(answered: Answered | None, *, n_videos: int) -> list[ShownEvidence]:
    """The evidence that an answer names."""
    return [
        ShownEvidence(
            video=item.video,
            start=item.start,
            end=item.end,
            box=item.box,
            text=item.text,
            supported=item.supported,
            caption=evidence_text(item, n_videos=n_videos),
        )
        for item in (answered.evidence if answered is not None else ())
    ]
