"""A run as one HTML page: no script, no other file, every text escaped.

Lines of the program stand beside the frames they looked at, boxes drawn; above them the
answer, its evidence and a timeline. `fragment` is the same for a notebook.
"""

from __future__ import annotations

import base64
import re
from html import escape

import msgspec

from vprog.errors import TraceError
from vprog.trace.event import PictureKept
from vprog.trace.store import Recording
from vprog.types.locate import places_of
from vprog.view.boxes import boxes_in
from vprog.view.steps import Line, Step, Story, short
from vprog.view.style import STYLE
from vprog.view.timeline import clock, timelines

_MOST_CALLS = 40
_MOST_BESIDE = 4
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def page(recording: Recording) -> str:
    """The whole page."""
    title = _text(recording.started.question or "vprog run")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        "<style>html{background:#fff}@media (prefers-color-scheme:dark){html{background:#12161d}}"
        f"body{{margin:0}}</style><title>{title}</title></head>"
        f"<body>{fragment(recording)}</body></html>\n"
    )


def fragment(recording: Recording) -> str:
    """The page's content with its style, to stand inside another page."""
    story = Story(recording)
    pictures = _Pictures(story)
    body = [
        _header(story),
        _evidence(story, pictures),
        *_timeline(story),
        _program(story, pictures),
        _refused(story),
    ]
    return (
        f'<article class="vprog"><style>{STYLE}</style>{pictures.definitions()}'
        f"{''.join(body)}</article>"
    )


class _Pictures:
    """The kept frames, each in the page once and used by reference."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._prefix = re.sub(r"[^0-9A-Za-z]", "", story.recording.folder.name) or "run"
        self.kept = story.pictures

    def definitions(self) -> str:
        images = []
        for index, each in enumerate(self.kept):
            try:
                data = base64.b64encode(self._story.recording.picture(each.file)).decode()
            except TraceError:
                continue
            images.append(
                f'<image id="{self._prefix}-{index}" width="{each.width}" height="{each.height}" '
                f'href="data:image/jpeg;base64,{data}"/>'
            )
        return f'<svg width="0" height="0" style="position:absolute"><defs>{"".join(images)}</defs></svg>'

    def nearest(self, video: int, start: float | None, end: float | None) -> int | None:
        """The index of the kept frame inside a stretch of time, or None."""
        if start is None or end is None:
            return None
        for index, each in enumerate(self.kept):
            if each.video == video and start - 0.05 <= each.time <= max(end, start) + 0.05:
                return index
        return None

    def figure(self, index: int, caption: str, *, only: tuple[float, ...] | None = None) -> str:
        each = self.kept[index]
        boxes = boxes_in(self._story, each)
        if only is not None:
            boxes = [(box, label) for box, label in boxes if tuple(box) == only] or boxes
        return (
            f'<figure><svg viewBox="0 0 {each.width} {each.height}" role="img" '
            f'aria-label="frame at {clock(each.time)}"><use href="#{self._prefix}-{index}"/>'
            f"{''.join(_box(each, box, label) for box, label in boxes)}</svg>"
            f"<figcaption>{caption}</figcaption></figure>"
        )


def _box(picture: PictureKept, box: tuple[float, ...], label: str) -> str:
    x0, y0, x1, y1 = (each * picture.scale for each in box)
    size = max(9.0, picture.width / 32)
    return (
        f'<rect class="box" x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" '
        f'height="{y1 - y0:.1f}"/><text class="label" x="{x0 + 2:.1f}" '
        f'y="{max(y0 - 3, size):.1f}" font-size="{size:.0f}">{_text(label[:40])}</text>'
    )


def _header(story: Story) -> str:
    started, ended = story.recording.started, story.recording.ended
    result = msgspec.json.decode(ended.result) if ended else {}
    parts = [f'<p class="question">{_text(started.question or "(no question)")}</p>']
    answer = result.get("answer")
    if answer is not None:
        shown = ", ".join(str(each) for each in answer) if isinstance(answer, list) else str(answer)
        parts.append(f'<p class="answer">{_text(shown)}</p>')
    else:
        error = result.get("error") or {}
        what = {"abstained": "No answer", "cut off": "The run was cut off"}.get(
            ended.status if ended else "cut off", ended.status if ended else ""
        )
        why = f"{error.get('message', '')} {error.get('hint', '')}".strip()
        parts.append(f'<p class="answer none">{_text(what)}</p>')
        if why:
            parts.append(f'<p class="warn">{_text(why)}</p>')
    if started.choices:
        items = "".join(
            f'<li class="{"chosen" if index == result.get("choice") else ""}">{_text(each)}</li>'
            for index, each in enumerate(started.choices)
        )
        parts.append(f'<ol class="choices" type="A">{items}</ol>')
    cost = result.get("cost", {})
    calls = cost.get("module_calls", {})
    isolation = started.isolation
    missing = isolation.get("missing") or []
    facts = [
        ("status", ended.status if ended else "cut off"),
        ("score", "" if result.get("score") is None else f"{result['score']:.2f}"),
        ("written by", started.writer),
        ("seconds", f"{cost.get('seconds', 0):.2f}" if cost else ""),
        ("frames decoded", str(cost.get("frames_decoded", "")) if cost else ""),
        (
            "module calls",
            f"{calls['executed']} executed, {calls['cached']} cached" if calls else "",
        ),
        (
            "isolation",
            "complete" if not missing else f"missing {', '.join(map(str, missing))}",  # type: ignore[arg-type]
        ),
        ("video", ", ".join(each.path.rsplit("/", 1)[-1] for each in started.videos)),
        ("began", started.started),
    ]
    parts.append(
        '<ul class="facts">'
        + "".join(f"<li>{name} <b>{_text(value)}</b></li>" for name, value in facts if value)
        + "</ul>"
    )
    parts.extend(f'<p class="warn">{_text(each)}</p>' for each in story.warnings)
    if story.recording.damage:
        parts.append(f'<p class="warn">The trace is damaged: {_text(story.recording.damage)}</p>')
    return f"<header>{''.join(parts)}</header>"


def _evidence(story: Story, pictures: _Pictures) -> str:
    answered = story.answered
    if answered is None or not answered.evidence:
        return ""
    figures: dict[int, list[str]] = {}
    boxes: dict[int, tuple[float, ...] | None] = {}
    texts: list[str] = []
    for each in answered.evidence[:24]:
        when = "" if each.start is None else clock(each.start)
        if each.end is not None and each.end != each.start:
            when = f"{when}–{clock(each.end)}"
        mark = "" if each.supported else " (not supported by any module's output)"
        caption = _text(f"{when} {each.text or ''}{mark}".strip())
        index = pictures.nearest(each.video, each.start, each.end)
        if index is not None:
            figures.setdefault(index, []).append(caption)
            boxes[index] = each.box if len(figures[index]) == 1 else None
        else:
            texts.append(f"<li>{caption}</li>")
    listed = f"<ul>{''.join(texts)}</ul>" if texts else ""
    shown = "".join(
        pictures.figure(index, "<br>".join(dict.fromkeys(captions)), only=boxes[index])
        for index, captions in figures.items()
    )
    return f'<section><h2>Evidence</h2><div class="strip">{shown}</div>{listed}</section>'


def _timeline(story: Story) -> list[str]:
    return [
        f'<section><h2>Timeline of {_text(title)}</h2><div class="scroll">{svg}</div></section>'
        for title, svg in timelines(story)
    ]


def _program(story: Story, pictures: _Pictures) -> str:
    if not story.lines:
        return ""
    rows = "".join(_row(line, story, pictures) for line in story.lines)
    return f'<section><h2>Program</h2><div class="code">{rows}</div></section>'


def _row(line: Line, story: Story, pictures: _Pictures) -> str:
    left = [
        f'<div class="src"><span class="no">{line.number}</span>'
        f"<span>{_text(line.source) or ' '}</span></div>"
    ]
    left.extend(
        f'<div class="value"><b>{_text(each.name)}</b> = {_text(each.text)}</div>'
        for each in line.values
    )
    left.extend(
        f'<div class="{"err" if each.kind == "error" else "value"}">{_text(each.text)}</div>'
        for each in line.steps
        if each.kind in ("error", "answer", "abstain")
    )
    if line.calls:
        left.append(_calls(line))
    beside = _beside(line, pictures)
    return f'<div class="row"><div>{"".join(left)}</div><div class="side">{beside}</div></div>'


def _calls(line: Line) -> str:
    how = ", ".join(f"{count} {name}" for name, count in sorted(line.how().items()))
    plural = "call" if len(line.calls) == 1 else "calls"
    rows = "".join(
        f'<tr><td class="n">{_text(each.module)}</td><td>{_text(_arguments(each))}</td>'
        f'<td>{_text(each.text)}</td><td class="n">{each.seconds:.3f} s</td>'
        f'<td class="n">{_text(each.how)}</td></tr>'
        for each in line.calls[:_MOST_CALLS]
    )
    more = len(line.calls) - _MOST_CALLS
    tail = f"<p>{more} more calls stand in the trace.</p>" if more > 0 else ""
    return (
        f"<details><summary>{len(line.calls)} {plural} ({how}), {line.seconds:.2f} s</summary>"
        '<div class="scroll"><table><tr><th>module</th><th>arguments</th><th>result</th>'
        f"<th>time</th><th>how</th></tr>{rows}</table></div>{tail}</details>"
    )


def _arguments(step: Step) -> str:
    return ", ".join(f"{name}={short(value, 80)}" for name, value in step.arguments.items())


def _beside(line: Line, pictures: _Pictures) -> str:
    """Small frames of what the line's calls looked at or found."""
    shown: list[int] = []
    for step in line.calls:
        for source in (*step.arguments.values(), step.value):
            for place in places_of(source):
                index = pictures.nearest(place.video, place.start, place.start)
                if index is not None and index not in shown:
                    shown.append(index)
                if len(shown) >= _MOST_BESIDE:
                    break
    return "".join(
        pictures.figure(index, clock(pictures.kept[index].time)) for index in shown[:_MOST_BESIDE]
    )


def _refused(story: Story) -> str:
    if not story.refusals:
        return ""
    blocks = "".join(
        f"<pre>{_text(each.wall)}: "
        + "\n".join(_text(f"line {line}: {text}" if line else text) for line, text in each.problems)
        + "</pre>"
        for each in story.refusals
    )
    return f"<section><h2>Refused before it ran</h2>{blocks}</section>"


def _text(text: object) -> str:
    """Text for the page: escaped, control and direction characters made visible."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text)), quote=True)
