"""The page of a run in a real browser: it plays at the evidence, with the boxes of that time.

Every kind of run is opened as one file, in light and dark, wide and narrow; nothing is asked of
any server. axe-core is used where it lies in VPROG_AXE (the path of its axe.min.js).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.browser import CHROMIUM, Tab, browser
from tests.modules.segmentation.test_segment_detections import MODULES as SEGMENTING
from tests.view.attempts.written_attempts import small_search
from tests.view.html.test_page import hostile_events
from tests.view.runs import write
from vprog.media.browser_proxy import kinds_here
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog.view.explored_trace import Trace

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")

LOOK = (
    "frames = [frame_at(video, k / 5) for k in range(10)]\n"
    "found = [square for frame in frames for square in find_square(frame)]\n"
)
PROGRAMS = {
    "count": LOOK + "counts = [len(find_square(frame)) for frame in frames]\n"
    "answer(max(counts), evidence=[found[3], Span(0.55, 1.05)])",
    "when": LOOK + "answer(found[4].frame.time, evidence=[found[4]])",
    "order": LOOK + "answer('left', evidence=[found[2], found[7]])",
    "text": LOOK + "answer('a red square', evidence=[found[1]])",
    "abstention": LOOK + "abstain('no square is blue')",
    "error": LOOK + "x = 1 / (len(found) - len(found))\nanswer(x)",
}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def open_run(tab: Tab, trace: Trace, folder: Path, *, width: int = 1400, dark: bool = False,
             video: Any = "vp9") -> None:  # fmt: skip
    file = folder / "page.html"
    trace.to_html(file, video=video)
    tab.look(width=width, dark=dark)
    tab.open(file.as_uri())
    if video is not None and trace.model.player.moments:
        tab.wait("film.readyState >= 2 && !film.seeking")


def axe_faults(tab: Tab) -> list[str]:
    """Serious faults that axe-core finds; [] too where it is not there."""
    file = os.environ.get("VPROG_AXE")
    if not file:
        return []
    tab.value(Path(file).read_text(encoding="utf-8") + "; 1")
    faults: list[str] = tab.value(
        "axe.run().then(told => told.violations.filter(v => v.impact === 'serious' || v.impact ==="
        " 'critical').map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | ')))"
    )
    return faults


def drawn_boxes(tab: Tab) -> list[list[float]]:
    """The boxes over the picture, (x0, y0, x1, y1) in pixels of the video."""
    boxes: list[list[float]] = tab.value(
        "[...over.querySelectorAll('rect')].map(r => ['x', 'y', 'width', 'height']"
        ".map(name => Number(r.getAttribute(name)))).map(([x, y, w, h]) => [x, y, x + w, y + h])"
    )
    return boxes


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("kind", PROGRAMS)
def test_page_of_each_kind_of_run_plays_and_asks_nothing_of_the_net(
    kind: str, tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    result = vprog.run(clip, PROGRAMS[kind], question="What is there?", registry=registry)
    assert_plays(tab, result.trace, tmp_path)


@pytest.mark.usefixtures("home")
def test_page_of_a_tree_search_plays_at_what_the_chosen_leaf_cites(
    tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    replies = tmp_path / "replies.txt"
    cells = ("frame = frame_at(video, 0.3)\nseen = find_square(frame)", "answer(1, evidence=seen)",
             "seen = []", "answer(0)")  # fmt: skip
    replies.write_text("\n---\n".join(f"```python\n{cell}\n```" for cell in cells))
    result = vprog.solve(clip, "Is a square there?", registry=registry, strategy="tree",
                         llm=f"scripted:{replies}", answers=2, accept=1.0)  # fmt: skip
    trace = result.trace
    assert (result.answer, len(trace.tree())) == (1, 4)  # two looks, two leaves
    assert trace.model.player.moments[0].start == pytest.approx(0.3, abs=0.05)
    assert_plays(tab, trace, tmp_path)
    assert tab.value("document.querySelectorAll('.attempts .node').length") == 4


def assert_plays(tab: Tab, trace: Trace, tmp_path: Path) -> None:
    """At the first of its moments, with the boxes of then, in each look; no request leaves."""
    first = trace.model.player.moments[0]
    expected = [
        [*thing.boxes[0]] for thing in trace.model.player.things if first.start in thing.times
    ]
    for width, dark in ((1400, False), (1400, True), (500, False), (500, True)):
        open_run(tab, trace, tmp_path, width=width, dark=dark)
        assert tab.value("film.currentTime + clip.start") == pytest.approx(first.start, abs=0.01)
        assert tab.value("document.documentElement.scrollWidth <= innerWidth")
        assert tab.problems == []
        assert {url.split(":")[0] for url in tab.requests} <= {"file", "data", "blob"}
        assert axe_faults(tab) == []
        assert drawn_boxes(tab) == expected
        assert trace.model.headline in tab.value("document.body.innerText")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("kind", kinds_here())
def test_page_draws_the_boxes_of_the_time_that_is_shown(
    kind: str, tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    result = vprog.run(clip, PROGRAMS["count"], registry=registry)
    open_run(tab, result.trace, tmp_path, video=kind)
    if not tab.value("plays(data.clips[0].type)"):
        pytest.skip(f"this Chromium does not play {kind}")
    for thing in result.trace.model.player.things:
        tab.value(f"seek({thing.times[0]})")
        tab.wait("!film.seeking")
        assert drawn_boxes(tab) == [[*thing.boxes[0]]]
    tab.value("seek(0.31)")  # at 0.2 and 0.4 something was seen in one frame each: nothing here
    tab.wait("!film.seeking")
    assert drawn_boxes(tab) == []


@pytest.mark.usefixtures("home")
def test_page_covers_no_number_with_another_where_boxes_begin_at_one_corner(
    tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    open_run(tab, vprog.run(clip, PROGRAMS["count"], registry=registry).trace, tmp_path)
    tab.value(
        "drawBoxes([[9, 12, 30, 40], [10, 12, 31, 38], [9, 13, 30, 39]].map((box, index) =>"
        " ({index, thing: player.things[index], box, seen: true})))"
    )
    places = tab.value(
        "[...over.querySelectorAll('text')].map(t => t.getBoundingClientRect())"
        ".map(r => [r.left, r.top, r.right])"
    )
    assert len({(round(left), round(top)) for left, top, _ in places}) == 3
    for number, (left, top, right) in enumerate(places):
        for other in places[:number]:
            assert left >= other[2] - 1 or right <= other[0] + 1 or abs(top - other[1]) >= 8


@pytest.mark.usefixtures("home")
def test_page_plays_by_keys_and_goes_from_evidence_to_evidence(
    tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    result = vprog.run(clip, PROGRAMS["order"], registry=registry)
    open_run(tab, result.trace, tmp_path)
    tab.press("[")
    starts = sorted({moment.start for moment in result.trace.model.player.moments})
    assert tab.value("state.time") == pytest.approx(starts[0])
    tab.press("]")
    assert tab.value("state.time") == pytest.approx(starts[1])
    tab.press(" ")
    tab.wait("!film.paused && film.currentTime > 0")
    tab.press(" ")
    assert tab.value("film.paused")
    tab.press("z")
    assert tab.value("root.classList.contains('large')")
    tab.press("Escape")
    assert not tab.value("root.classList.contains('large')")


@pytest.mark.usefixtures("home")
def test_page_goes_to_the_peak_of_a_count_by_a_click(
    tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    program = (
        "times = [0.0, 0.5, 1.0, 1.5]\nframes = [frame_at(video, time) for time in times]\n"
        "found = [find_square(frame) for frame in frames]\ncounts = [1, 2, 5, 0]\nanswer('many')"
    )
    trace = vprog.run(clip, program, registry=registry).trace
    (curve,) = trace.model.player.curves
    assert (curve.name, curve.values) == ("counts", [1.0, 2.0, 5.0, 0.0])
    open_run(tab, trace, tmp_path)
    tab.value("seek(0)")
    assert tab.value("document.querySelector('.peak').title") == "counts 5 at 0:01"
    tab.value("document.querySelector('.peak').click()")
    assert tab.value("state.time") == pytest.approx(1.0)


@pytest.mark.usefixtures("home")
def test_page_without_video_shows_the_pictures_that_the_run_kept(
    tab: Tab, clip: Path, registry: Registry, tmp_path: Path
) -> None:
    trace = vprog.run(clip, PROGRAMS["when"], registry=registry).trace
    open_run(tab, trace, tmp_path, video=None)
    assert tab.value("[film.hidden, still.hidden, nothing.hidden]") == [True, False, True]
    assert tab.value("state.time") in [time for _, time in trace.frames]
    assert axe_faults(tab) == []


def test_page_of_a_tree_search_and_of_hostile_texts_runs_no_other_script(
    tab: Tab, tmp_path: Path
) -> None:
    hostile = write(tmp_path / "hostile", *hostile_events(), pictures=(0.5,))  # type: ignore[arg-type]
    for recording in (small_search(tmp_path / "run"), hostile):
        for width in (1400, 500):
            open_run(tab, Trace(recording), tmp_path, width=width, video=None)
            assert tab.value("document.querySelector('.player') !== null")
            assert tab.value("document.querySelectorAll('script').length") == 2
            assert tab.value("document.documentElement.scrollWidth <= innerWidth")
            assert tab.problems == []
            assert axe_faults(tab) == []


@pytest.mark.usefixtures("home")
def test_page_lays_a_mask_over_the_picture_in_which_it_was_outlined(
    tab: Tab, clip: Path, tmp_path: Path
) -> None:
    program = 'masks = segment(frame_at(video, 0.5), "square")\nanswer(1, evidence=masks)'
    trace = vprog.run(clip, program, registry=Registry(map(spec_of, SEGMENTING))).trace
    (thing,) = (thing for thing in trace.model.player.things if thing.kind == "Mask")
    assert thing.is_cited
    open_run(tab, trace, tmp_path)
    laid = "over.querySelector('image')?.getAttribute('href')"
    assert tab.value(laid) == f"data:image/png;base64,{thing.mask}"
    red = tab.value(
        "new Promise(done => { const picture = new Image(); picture.onload = () => { const canvas ="
        " new OffscreenCanvas(160, 120).getContext('2d'); canvas.drawImage(picture, 0, 0, 160, 120)"
        "; const at = canvas.getImageData(0, 0, 160, 120).data; done([...Array(160 * 120).keys()]"
        f".filter(k => at[4 * k + 3] > 60).length); }}; picture.src = {laid}; }})"
    )
    assert red == pytest.approx(trace.masks[0].mask.area, rel=0.05)
    tab.value("seek(1.0)")
    tab.wait("!film.seeking")
    assert tab.value(laid) is None
