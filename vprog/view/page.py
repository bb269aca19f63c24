"""A run as one HTML page: no script, no other file, every text escaped.

Lines of the program stand beside the frames they looked at, boxes drawn; above them the
answer, its evidence and a timeline. `fragment` is the same for a notebook.
"""

from __future__ import annotations

from html import escape

import msgspec

from vprog.trace.store import Recording
from vprog.view.attempts.attempt_page import search_section
from vprog.view.attempts.attempt_tree import SearchTree
from vprog.view.evidence_page import evidence_section
from vprog.view.figures import Figures
from vprog.view.steps import Line, Step, Story
from vprog.view.style import STYLE
from vprog.view.timeline import timelines
from vprog.view.words import clean, clipped, short, writer_words

_MOST_CALLS = 40
_MOST_VALUE = 320
_MOST_PRINTED = 4000
_HEADINGS = {
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
    search = SearchTree(recording)
    pictures = Figures(story)
    body = [
        _header(story),
        evidence_section(story, pictures),
        *_timeline(story),
        search_section(search, n_videos=len(recording.started.videos)),
        _program(story, pictures),
        _output(story),
        "" if search.is_search else _refused(story),
    ]
    return (
        f'<article class="vprog"><style>{STYLE}</style>{pictures.definitions()}'
        f"{''.join(body)}</article>"
    )


def _header(story: Story) -> str:
    started, ended = story.recording.started, story.recording.ended
    result = msgspec.json.decode(ended.result) if ended else {}
    question = started.question or "A program of one's own"
    parts = [f'<p class="question">{_text(question)}</p>']
    answer = result.get("answer")
    if answer is not None:
        shown = ", ".join(str(each) for each in answer) if isinstance(answer, list) else str(answer)
        parts.append(f'<p class="answer">{_text(shown)}</p>')
    else:
        error = result.get("error") or {}
        what = _HEADINGS.get(ended.status if ended else "cut off", "No answer")
        parts.append(f'<p class="answer none">{_text(what)}</p>')
        if error.get("message"):
            parts.append(f'<p class="warn">{_text(error["message"])}</p>')
        if error.get("hint"):
            parts.append(f'<p class="hint">{_text(error["hint"])}</p>')
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
        ("written by", writer_words(started.writer)),
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
        ("video", ", ".join(video.path.rsplit("/", 1)[-1] for video in started.videos)),
        ("began", started.started),
    ]
    parts.append(
        '<ul class="facts">'
        + "".join(f"<li>{name} <b>{_text(value)}</b></li>" for name, value in facts if value)
        + "</ul>"
    )
    parts.extend(f'<p class="warn">{_text(warning)}</p>' for warning in story.warnings)
    if story.recording.damage:
        parts.append(f'<p class="warn">The trace is damaged: {_text(story.recording.damage)}</p>')
    return f"<header>{''.join(parts)}</header>"


def _timeline(story: Story) -> list[str]:
    return [
        f'<section><h2>Timeline of {_text(title)}</h2><div class="scroll">{svg}</div></section>'
        for title, svg in timelines(story)
    ]


def _program(story: Story, pictures: Figures) -> str:
    if not story.lines:
        return ""
    rows = []
    shown: set[int] = set()
    nodes = {cell.cell: cell.node for cell in story.cells}
    for line in story.lines:
        if line.cell not in shown and len(nodes) > 1:
            node = f", node {nodes[line.cell]}" if nodes[line.cell] else ""
            rows.append(f'<h3 class="cell">cell {line.cell}{node}</h3>')
        shown.add(line.cell)
        rows.append(_row(line, story, pictures))
    return f'<section><h2>Program</h2><div class="code">{"".join(rows)}</div></section>'


def _row(line: Line, story: Story, pictures: Figures) -> str:
    left = [
        f'<div class="src"><span class="no">{line.number}</span>'
        f"<span>{_text(line.source) or ' '}</span></div>"
    ]
    left.extend(
        f'<div class="value"><b>{_text(value.name)}</b> = '
        f"{_text(clipped(value.text, _MOST_VALUE))}</div>"
        for value in line.values
    )
    left.extend(
        f'<div class="{"err" if step.kind == "error" else "value"}">{_text(step.text)}</div>'
        for step in line.steps
        if step.kind in ("error", "answer", "abstain")
    )
    if line.calls:
        left.append(_calls(line))
    beside = pictures.beside(line) if line.calls else ""
    side = f'<div class="side">{beside}</div>' if beside else ""
    return f'<div class="row"><div>{"".join(left)}</div>{side}</div>'


def _calls(line: Line) -> str:
    how = ", ".join(f"{count} {name}" for name, count in sorted(line.how().items()))
    plural = "call" if len(line.calls) == 1 else "calls"
    rows = "".join(
        f'<tr><td class="n">{_text(call.module)}</td><td>{_text(_arguments(call))}</td>'
        f'<td>{_text(call.text)}</td><td class="n">{call.seconds:.3f} s</td>'
        f'<td class="n">{_text(call.how)}</td></tr>'
        for call in line.calls[:_MOST_CALLS]
    )
    more = len(line.calls) - _MOST_CALLS
    tail = f"<p>{more} more calls stand in the trace.</p>" if more > 0 else ""
    return (
        f"<details><summary>{len(line.calls)} {plural} ({_text(how)}), "
        f"{line.seconds:.2f} s</summary>"
        '<div class="scroll"><table><tr><th>module</th><th>arguments</th><th>result</th>'
        f"<th>time</th><th>how</th></tr>{rows}</table></div>{tail}</details>"
    )


def _arguments(step: Step) -> str:
    return ", ".join(f"{name}={short(value, 80)}" for name, value in step.arguments.items())


def _output(story: Story) -> str:
    """What was printed, and what happened on no line of the program."""
    shown = [step for step in story.steps if step.line is None]
    if not shown:
        return ""
    blocks = "".join(
        f'<pre class="{"err" if each.kind == "error" else "out"}">'
        f"{_text(clipped(each.text, _MOST_PRINTED))}</pre>"
        for each in shown[:_MOST_CALLS]
    )
    return f"<section><h2>Output</h2>{blocks}</section>"


def _refused(story: Story) -> str:
    if not story.refusals:
        return ""
    blocks = "".join(
        f"<pre>{_text(refusal.wall)}: "
        + "\n".join(
            _text(f"line {line}: {text}" if line else text) for line, text in refusal.problems
        )
        + "</pre>"
        for refusal in story.refusals
    )
    return f"<section><h2>Refused before it ran</h2>{blocks}</section>"


def _text(text: object) -> str:
    """Text for the page: escaped, control and direction characters made visible."""
    return escape(clean(text), quote=True)
