"""A run as one HTML page: everything inside, every text escaped, readable without its script.

Lines of the program stand over the frames that they used, boxes drawn; above them the answer,
its evidence and a timeline. The script beside the templates (player.js) puts a player in, which
shows the video at the evidence; the policy of the page lets that script run and no other.
`fragment` is the same for a notebook, without the script. What is said stands in the model, how
it looks in templates/; every text that a template puts in is escaped and cleaned by the
environment. Where boxes, labels and the marks of a timeline stand is reckoned here; the tree of
attempts has a file of its own, and so has what the script is given (page_data.py).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from vprog.types.geometry import Box
from vprog.view.attempts.attempt_tree import shown_children
from vprog.view.difference import Difference
from vprog.view.html.attempt_layout import attempt_layout
from vprog.view.html.page_data import PLAYER, Clip, page_data, page_policy, script_json, script_of
from vprog.view.model import CoverageLane, LabelledBox, Lane, Mark, RunModel, ShownPicture, Timeline
from vprog.view.skeleton import path_of
from vprog.view.words import clean, clipped


def page(
    model: RunModel,
    picture: Callable[[str], bytes],
    *,
    clips: Sequence[Clip] = (),
    api: str = "",
) -> str:
    """The whole page.

    Args:
        model: what is shown.
        picture: gives the bytes of a picture (JPEG) by the name of its file.
        clips: what of the videos the page can play.
        api: where the server that the page comes from answers; "" for a page that stands alone.
    """
    script = script_of(*PLAYER, "served_page") if api else script_of(*PLAYER)
    return _render(
        "page.html",
        model,
        picture,
        payload=Markup(page_data(model, clips, api)),  # its < and & stand as \u003c and \u0026
        script=Markup(script),  # a file of this package
        policy=page_policy(script, is_served=bool(api)),
        is_served=bool(api),
    )


def runs_page(*, api: str) -> str:
    """The page of all runs of a folder, which the server that it comes from finds."""
    script = script_of("base", "served_page")
    return _listed("Runs", [], [], {"run": "", "api": api}, script, [script])


def frame_page(
    models: Sequence[RunModel],
    urls: Sequence[str],
    found: Sequence[Difference],
    *,
    api: str,
) -> str:
    """Two runs side by side, and in what they differ.

    Args:
        models: of the two.
        urls: of their pages.
        found: their differences.
        api: as of `page`.
    """
    sides = [
        {"url": url, "side": side, "run": model.run}
        for url, side, model in zip(urls, ("left", "right"), models, strict=True)
    ]
    title = " or ".join(model.headline for model in models)
    script = script_of("base", "pair", "served_page")
    return _listed(title, sides, found, {"run": "", "pair": True, "api": api}, script, [script])


def pair_page(models: Sequence[RunModel], pages: Sequence[str]) -> str:
    """Two pages of runs side by side that play in step, in one that needs no server.

    Args:
        models: of the two.
        pages: of each, whole.
    """
    sides = [
        {"url": "", "page": text, "side": side, "run": model.run}
        for text, side, model in zip(pages, ("left", "right"), models, strict=True)
    ]
    script = script_of("base", "pair")
    # The policy of a page holds for the pages inside it too, in `srcdoc`.
    scripts = [script, script_of(*PLAYER)]
    return _listed("", sides, None, {"run": "", "pair": True, "api": ""}, script, scripts)


def _listed(
    title: str,
    frames: Sequence[dict[str, str]],
    found: Sequence[Difference] | None,
    data: dict[str, object],
    script: str,
    scripts: Sequence[str],
) -> str:
    return (
        _environment()
        .get_template("runs.html")
        .render(
            title=title,
            frames=frames,
            differences=found,
            payload=Markup(script_json(data)),
            script=Markup(script),
            policy=page_policy(*scripts, is_served=bool(data["api"])),
        )
    )


def difference_table(found: Sequence[Difference]) -> str:
    """In what two runs differ, as a table to stand inside another page."""
    return _environment().get_template("differences.html").render(differences=found)


def fragment(model: RunModel, picture: Callable[[str], bytes]) -> str:
    """The page's content with its style, to stand inside another page."""
    return _render("run.html", model, picture, payload="")


def _render(
    template: str, model: RunModel, picture: Callable[[str], bytes], **given: str | bool
) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            run=model,
            prefix=re.sub(r"[^0-9A-Za-z]", "", model.run) or "run",
            data=[base64.b64encode(picture(shown.file)).decode() for shown in model.pictures],
            **given,
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vprog.view.html"),
        autoescape=True,
        finalize=_finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clipped"] = clipped
    environment.globals.update(
        attempt_layout=attempt_layout,
        figure_layout=figure_layout,
        shown_children=shown_children,
        timeline_layout=timeline_layout,
    )
    return environment


def _finalize(value: object) -> object:
    """Text with control and direction characters made visible; escaping comes after it."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_MOST_LABELS = 6
_MOST_LETTERS = 40


class DrawnLabel(NamedTuple):
    """A label in pixels of the kept picture: the left end of its base line."""

    x: float
    y: float
    size: int
    text: str


class DrawnBox(NamedTuple):
    """A box in pixels of the kept picture."""

    x: float
    y: float
    width: float
    height: float
    title: str
    label: DrawnLabel | None
    """None where it would hide another box or label, or there are too many."""
    mask: str
    """A PNG over the whole picture, in base64; "" where nothing is outlined."""
    bones: str
    joints: str
    """The body, as data of SVG paths."""


def figure_layout(
    picture: ShownPicture, boxes: Sequence[LabelledBox], *, labels: bool
) -> list[DrawnBox]:
    """The boxes of a figure, in their order.

    Args:
        picture: what they are drawn on.
        boxes: in pixels of the video's frame.
        labels: whether they are named where there is room; they have titles anyway.
    """
    is_named = labels and len(boxes) <= _MOST_LABELS
    scaled = [Box(*(side * picture.scale for side in labelled.box)) for labelled in boxes]
    taken = list(scaled)
    drawn: list[DrawnBox] = []
    for labelled, box in zip(boxes, scaled, strict=True):
        label = None
        if is_named and labelled.label:
            spot = _label_spot(picture, box, labelled.label)
            if not any(_overlap(spot, other) for other in taken if other != box):
                taken.append(spot)
                label = DrawnLabel(
                    round(spot.x0, 1),
                    round(spot.y1 - 2, 1),
                    round(spot.y1 - spot.y0),
                    labelled.label[:_MOST_LETTERS],
                )
        drawn.append(
            DrawnBox(
                round(box.x0, 1),
                round(box.y0, 1),
                round(max(box.x1 - box.x0, 1), 1),
                round(max(box.y1 - box.y0, 1), 1),
                labelled.label,
                label,
                labelled.mask,
                path_of((bone for bone in labelled.bones if not bone.is_point), picture.scale),
                path_of((bone for bone in labelled.bones if bone.is_point), picture.scale),
            )
        )
    return drawn


def _label_spot(picture: ShownPicture, box: Box, label: str) -> Box:
    """Where a label stands: above its box, and inside the picture."""
    size = max(9.0, picture.width / 32)
    width = 0.66 * size * len(label[:_MOST_LETTERS])
    left = max(2.0, min(box.x0 + 2, picture.width - width))
    bottom = max(box.y0 - 1, size + 4)
    return Box(left, bottom - size, left + width, bottom)


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


_WIDTH = 1000.0
_LEFT = 150.0
_RIGHT = 24.0
_LANE = 24.0
_TOP = 24.0
_LETTERS = 22


class DrawnTick(NamedTuple):
    """A time on the axis."""

    x: float
    text: str


class DrawnMark(NamedTuple):
    """A time or span in a lane."""

    x: float
    y: float
    width: float
    height: float
    title: str


class DrawnLane(NamedTuple):
    """One row."""

    y: float
    """Of the base line of its label."""
    label: str
    is_evidence: bool
    marks: list[DrawnMark]
    points: str
    """Of the curve; "" for none."""
    title: str
    """Of the curve."""


class DrawnCoverage(NamedTuple):
    """A bar over the whole time: what was read of a stream, and the gaps in it."""

    y: float
    """Of the base line of its label."""
    label: str
    bar: DrawnMark
    unseen: list[DrawnMark]


class TimelineLayout(NamedTuple):
    """A timeline ready to draw."""

    width: float
    height: float
    ticks: list[DrawnTick]
    coverage: list[DrawnCoverage]
    lanes: list[DrawnLane]


def timeline_layout(timeline: Timeline) -> TimelineLayout:
    """What was looked at, below it the evidence, then a lane for each line of the program."""
    duration = timeline.duration
    rows: list[tuple[Lane, bool]] = [(lane, False) for lane in timeline.lanes]
    if timeline.evidence:
        rows.insert(0, (Lane(label="evidence", marks=timeline.evidence, curve=[]), True))
    top = _TOP + _LANE * len(timeline.coverage)
    return TimelineLayout(
        _WIDTH,
        top + _LANE * len(rows) + 6,
        [DrawnTick(_x(tick.time, duration), tick.text) for tick in timeline.ticks],
        [
            _covered(lane, duration, _TOP + _LANE * row)
            for row, lane in enumerate(timeline.coverage)
        ],
        [
            _lane(lane, duration, top + _LANE * row, is_evidence=is_evidence)
            for row, (lane, is_evidence) in enumerate(rows)
        ],
    )


def _covered(lane: CoverageLane, duration: float, top: float) -> DrawnCoverage:
    whole = Mark(start=0.0, end=duration, text=f"looked at {lane.text}")
    percent = int(lane.seen * 100) if lane.unseen else 100
    return DrawnCoverage(
        top + 15,
        f"{lane.name} {percent} %",
        _mark(whole, duration, top),
        [_mark(mark, duration, top) for mark in lane.unseen],
    )


def _lane(lane: Lane, duration: float, top: float, *, is_evidence: bool) -> DrawnLane:
    return DrawnLane(
        top + 15,
        lane.label[:_LETTERS],
        is_evidence,
        [_mark(mark, duration, top) for mark in lane.marks],
        _points(lane, duration, top),
        f"{lane.lowest:.3g} to {lane.highest:.3g}" if lane.curve else "",
    )


def _mark(mark: Mark, duration: float, top: float) -> DrawnMark:
    x = _x(mark.start, duration)
    width = round(max(3.0, _x(mark.end, duration) - x), 1)
    return DrawnMark(x, top + 3, width, _LANE - 8, mark.text)


def _points(lane: Lane, duration: float, top: float) -> str:
    """Measurements as a line between the lowest (bottom) and the highest (top)."""
    reach = (lane.highest - lane.lowest) or 1.0
    return " ".join(
        f"{_x(time, duration):.1f},"
        f"{top + _LANE - 4 - (value - lane.lowest) / reach * (_LANE - 8):.1f}"
        for time, value in lane.curve
    )


def _x(time: float, duration: float) -> float:
    share = min(max(time / duration, 0.0), 1.0)
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)
