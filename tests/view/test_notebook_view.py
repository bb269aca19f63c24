"""The view of a run in a notebook: it plays in a frame, and stays readable without one."""

from __future__ import annotations

import html
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.browser import CHROMIUM, Tab, browser
from tests.view.html.test_page import hostile_events
from tests.view.runs import write
from vprog.registry.registry import Registry
from vprog.view.explored_trace import Trace

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
LOOK = (
    "frames = [frame_at(video, k / 5) for k in range(10)]\n"
    "found = [square for frame in frames for square in find_square(frame)]\n"
    "answer({answer}, evidence=[found[{number}]])"
)
_KEPT = ("p", "h2", "h3", "h4", "ul", "li", "img", "pre", "table", "tr", "td", "th", "hr", "div")


class Sanitiser(HTMLParser):
    """What a renderer such as GitHub's leaves: known elements, and of pictures source and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._dropped: list[str] = []
        self.kept = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "iframe", "svg"):
            self._dropped.append(tag)
        elif not self._dropped and tag in _KEPT:
            given = "".join(
                f' {name}="{html.escape(value or "")}"' for name, value in attrs
                if name in ("src", "alt")
            )  # fmt: skip
            self.kept += f"<{tag}{given}>"

    def handle_endtag(self, tag: str) -> None:
        if self._dropped and tag == self._dropped[-1]:
            self._dropped.pop()
        elif not self._dropped and tag in _KEPT:
            self.kept += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.kept += html.escape(data)


@pytest.fixture
def two(registry: Registry, clip: Path, home: Path) -> list[Trace]:
    return [
        vprog.run(clip, LOOK.format(answer=answer, number=number), registry=registry).trace
        for answer, number in (("'left'", 3), ("'right'", 5))
    ]


def test_view_without_frames_tells_answer_evidence_and_pictures(two: list[Trace]) -> None:
    kept = Sanitiser(two[0].view(video=None)._repr_html_()).kept
    assert "<h3>left</h3>" in kept
    assert two[0].model.evidence[0].caption in html.unescape(kept)
    assert 'src="data:image/jpeg;base64,' in kept
    assert "find_square(frame)" in kept
    assert "srcdoc" not in kept


def test_view_of_two_runs_names_what_differs(two: list[Trace]) -> None:
    view = two[0].view(video=None, beside=two[1])
    kept = html.unescape(Sanitiser(view._repr_html_()).kept)
    assert "answer('left', evidence=[found[3]])" in kept
    assert "<td>result</td><td>answer</td>" in kept.replace("\n", "")
    assert repr(view) == "<view of the run that gave 'left' beside 'right'; a notebook draws it>"


def test_view_writes_no_text_of_a_trace_as_elements(tmp_path: Path) -> None:
    recording = write(tmp_path, *hostile_events(), pictures=(0.5,))  # type: ignore[arg-type]
    text = Trace(recording).view(video=None)._repr_html_()
    assert "<script" not in text.replace("&lt;script", "")
    assert "<img src=x" not in text


class FramedTab:
    """What stands in the frames of a page, by a world of its own in each."""

    def __init__(self, tab: Tab, n_frames: int) -> None:
        self._tab = tab
        for _ in range(400):
            frames = list(self._below(tab.call("Page.getFrameTree")["frameTree"]))
            if len(frames) == n_frames:
                break
        assert len(frames) == n_frames
        self._worlds = [
            tab.call("Page.createIsolatedWorld", frameId=frame)["executionContextId"]
            for frame in frames
        ]

    def value(self, number: int, expression: str) -> Any:
        """What an expression gives in a frame; they are numbered from outside and the left."""
        told = self._tab.call(
            "Runtime.evaluate",
            contextId=self._worlds[number],
            returnByValue=True,
            userGesture=True,
            expression=expression,
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait(self, number: int, expression: str) -> Any:
        """Look until an expression holds."""
        for _ in range(2000):
            if value := self.value(number, expression):
                return value
        raise AssertionError(f"never so: {expression}")

    def _below(self, tree: dict[str, Any]) -> Iterator[str]:
        for child in tree.get("childFrames", ()):
            yield child["frame"]["id"]
            yield from self._below(child)


@needs_chromium
def test_view_plays_in_its_frame_and_hides_the_plain_text(two: list[Trace], tmp_path: Path) -> None:
    file = tmp_path / "cell.html"
    view = two[0].view(video="vp9")
    file.write_text(f"<!doctype html><body>{view._repr_html_()}", encoding="utf-8")
    with browser(tmp_path / "profile") as tab:
        tab.look(width=1200)
        tab.open(file.as_uri())
        assert tab.value("getComputedStyle(document.querySelector('.vprog-plain')).display") == (
            "none"
        )
        told = FramedTab(tab, 1).wait(0, (
            "(film => film && film.readyState >= 2 && !film.seeking ? {time: film.currentTime,"
            " boxes: document.querySelectorAll('.over rect').length} : null)"
            "(document.querySelector('video'))"
        ))  # fmt: skip
        assert told["boxes"] == 1
        assert told["time"] == pytest.approx(0.6, abs=0.11)
        assert tab.problems == []
        assert [url for url in tab.requests if url.startswith(("http", "ws"))] == []


@needs_chromium
@pytest.mark.parametrize("width", [1200, 500])
def test_two_runs_in_a_cell_play_in_step(width: int, two: list[Trace], tmp_path: Path) -> None:
    file = tmp_path / "cell.html"
    view = two[0].view(beside=two[1], video="vp9")
    file.write_text(f"<!doctype html><body>{view._repr_html_()}", encoding="utf-8")
    film = "document.querySelector('video')"
    with browser(tmp_path / "profile") as tab:
        tab.look(width=width)
        tab.open(file.as_uri())
        outer, left, right = range(3)
        cell = FramedTab(tab, 3)
        for side in (left, right):
            cell.wait(side, f"{film}?.readyState >= 2 && !{film}.seeking")
        cell.value(outer, "document.querySelector('iframe').focus()")
        slider = "document.querySelector('.seek')"
        cell.value(left, f"{slider}.value = 0.3; {slider}.dispatchEvent(new Event('input'))")
        cell.wait(right, f"Math.abs({slider}.value - 0.3) < 0.02")
        cell.value(left, f"{film}.playbackRate = 0.25; {film}.play(); 1")
        cell.wait(right, f"!{film}.paused && {film}.playbackRate === 0.25")
        cell.wait(right, f"Number({slider}.value) > 0.4")
        cell.value(left, f"{film}.pause()")
        cell.wait(right, f"{film}.paused")
        apart = [cell.value(side, f"Number({slider}.value)") for side in (left, right)]
        assert apart[0] == pytest.approx(apart[1], abs=0.05)
        assert cell.value(outer, "document.documentElement.scrollWidth <= innerWidth")
        assert tab.problems == []
        assert [url for url in tab.requests if url.startswith(("http", "ws"))] == []
