"""The view of a run in a notebook: it plays in a frame, and stays readable without one."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from pathlib import Path

import pytest

import vprog
from tests.browser import CHROMIUM, browser
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
        tab.wait("window.frames.length === 1")
        frame = tab.call("Page.getFrameTree")["frameTree"]["childFrames"][0]["frame"]["id"]
        world = tab.call("Page.createIsolatedWorld", frameId=frame)["executionContextId"]
        inside = "(() => { const film = document.querySelector('video'); return"
        for _ in range(200):
            told = tab.call("Runtime.evaluate", contextId=world, returnByValue=True, expression=(
                f"{inside} film && film.readyState >= 2 && !film.seeking ?"
                " {time: film.currentTime,"
                " boxes: document.querySelectorAll('.over rect').length} : null; })()"
            ))["result"].get("value")  # fmt: skip
            if told:
                break
        assert told["boxes"] == 1
        assert told["time"] == pytest.approx(0.6, abs=0.11)
        assert tab.problems == []
        assert [url for url in tab.requests if url.startswith(("http", "ws"))] == []
