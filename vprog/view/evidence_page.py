"""The evidence of an answer on the page: the frames that show it, its boxes drawn.

Evidence that follows a thing through time is shown where it begins, at its last kept frame
where there are few pieces, and first of all at the moment that most pieces have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from vprog.trace.event import EvidenceItem
from vprog.types.geometry import Box
from vprog.view.boxes import Path, paths_of
from vprog.view.figures import Figures
from vprog.view.steps import Story
from vprog.view.timeline import clock
from vprog.view.words import clean, clipped

_MOST_EVIDENCE = 24
_FEW = 3
_MOST_TEXT = 200


@dataclass
class _Sight:
    """One figure to be: its lines, and the boxes of the evidence in it; None for all there."""

    captions: list[str] = field(default_factory=list)
    boxes: list[Box | None] = field(default_factory=list)


def evidence_section(story: Story, pictures: Figures) -> str:
    """The section; "" where the answer names no evidence."""
    answered = story.answered
    if answered is None or not answered.evidence:
        return ""
    shown = answered.evidence[:_MOST_EVIDENCE]
    several = len(story.recording.started.videos) > 1
    paths = paths_of(story.steps)
    followed = [_path(each, paths) for each in shown]
    sights: dict[int, _Sight] = {}
    texts: list[str] = []
    for each, path in zip(shown, followed, strict=True):
        caption = _caption(each, several)
        index = pictures.nearest(each.video, each.start, each.end)
        if index is None:
            texts.append(f"<li>{caption}</li>")
            continue
        sight = sights.setdefault(index, _Sight())
        sight.captions.append(caption)
        sight.boxes.append(each.box)
        last = _last(each, path, pictures) if len(shown) <= _FEW else None
        if last is not None and last != index:
            sight = sights.setdefault(last, _Sight())
            sight.captions.append(_text(f"{clock(pictures.kept[last].time)} {each.text or ''}"))
            sight.boxes.append(_box_at(path, pictures.kept[last].time))
    more = len(answered.evidence) - len(shown)
    if more > 0:
        texts.append(f"<li>{more} more pieces stand in the trace.</li>")
    listed = f"<ul>{''.join(texts)}</ul>" if texts else ""
    figures = "".join(
        pictures.evidence(index, sight.captions, [] if None in sight.boxes else _boxes(sight))
        for index, sight in _common_first(sights, shown, followed, pictures).items()
    )
    strip = f'<div class="strip">{figures}</div>' if figures else ""
    return f"<section><h2>Evidence</h2>{strip}{listed}</section>"


def _common_first(
    sights: dict[int, _Sight],
    shown: list[EvidenceItem],
    followed: list[Path],
    pictures: Figures,
) -> dict[int, _Sight]:
    """The figures, before them the frame in which most pieces that are followed stand."""
    n_followed = sum(1 for each in followed if each)
    best, most = -1, 1
    for index in pictures.shown:
        kept = pictures.kept[index]
        count = sum(
            1
            for each, path in zip(shown, followed, strict=True)
            if each.video == kept.video and _box_at(path, kept.time) is not None
        )
        if count > most:
            best, most = index, count
    if best < 0 or len(sights.get(best, _Sight()).boxes) >= most:
        return sights
    kept = pictures.kept[best]
    own = sights.get(best, _Sight())
    lead = _Sight([f"{clock(kept.time)} {most} of {n_followed} at once", *own.captions])
    lead.boxes = [
        box
        for each, path in zip(shown, followed, strict=True)
        if each.video == kept.video and (box := _box_at(path, kept.time)) is not None
    ]
    return {best: lead, **{index: each for index, each in sights.items() if index != best}}


def _path(item: EvidenceItem, paths: dict[tuple[int, float, float, Box], Path]) -> Path:
    """Where a thing was, by time, if the evidence is a track that a module gave; else {}."""
    if item.start is None or item.end is None or item.box is None:
        return {}
    return paths.get((item.video, item.start, item.end, item.box), {})


def _last(item: EvidenceItem, path: Path, pictures: Figures) -> int | None:
    """The last kept frame in which a thing that is followed was found."""
    fitting = [
        index
        for index in pictures.shown
        if pictures.kept[index].video == item.video
        and _box_at(path, pictures.kept[index].time) is not None
    ]
    return fitting[-1] if fitting else None


def _box_at(path: Path, time: float) -> Box | None:
    return path.get(round(time, 3))


def _boxes(sight: _Sight) -> list[Box]:
    return [box for box in sight.boxes if box is not None]


def _caption(item: EvidenceItem, several: bool) -> str:
    when = "" if item.start is None else clock(item.start)
    if item.end is not None and item.end != item.start:
        when = f"{when}–{clock(item.end)}"
    if several:
        when = f"video {item.video + 1}, {when}"
    mark = "" if item.supported else " (not supported by any module's output)"
    return _text(clipped(f"{when} {item.text or ''}".strip(), _MOST_TEXT) + mark)


def _text(text: str) -> str:
    return escape(clean(text), quote=True)
