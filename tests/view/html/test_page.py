"""The HTML page: whole, escaped, self-contained, bounded."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import vprog
from tests.steps import steps_of
from tests.view.runs import answered, called, ended, program, raw, started, write
from vprog.registry.registry import Registry
from vprog.trace.event import (
    CellFailed,
    Printed,
    ProgramRefused,
    RecordedEvidence,
    StepValue,
    VideoOpened,
    Warned,
)
from vprog.trace.store import Recording
from vprog.types import Box, Detection, Frame, Level, Span, TextLine, Video
from vprog.view.explored_trace import Trace
from vprog.view.html.page_data import PLAYER, script_of

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=y>'\"&\x1b[31m\u202eevil\x00]]>--></style></title>"
)
VOID = {"meta", "br", "img", "line", "link", "hr", "input"}


class Walk(HTMLParser):
    """Checks that tags are balanced, and gathers tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def walk(text: str) -> Walk:
    made = Walk()
    made.feed(text)
    made.close()
    assert made.open == []
    return made


SCRIPTS = re.compile(
    r'<script type="application/json" id="vprog-data">(.*?)</script>\n<script>(.*?)</script>\n',
    re.S,
)


def without_scripts(text: str) -> str:
    """The page that is left where no script runs; its two scripts are what they must be."""
    (scripts,) = SCRIPTS.findall(text)
    assert scripts[1] == script_of(*PLAYER)
    digest = base64.b64encode(hashlib.sha256(scripts[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html.unescape(text)
    assert not set("<>&") & set(scripts[0])
    assert json.loads(scripts[0])["api"] == ""
    return SCRIPTS.sub("", text)


def check_harmless(text: str) -> Walk:
    """Nothing foreign that runs, nothing that loads, nothing of the hostile text but text."""
    text = without_scripts(text) if text.startswith("<!doctype") else text
    seen = walk(text)
    names = {tag for tag, _ in seen.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "a", "base"}
    for _, attributes in seen.tags:
        assert not any(attribute.startswith("on") for attribute in attributes)
        for key in ("href", "src"):
            assert (attributes.get(key) or "#").startswith(("#", "data:image/jpeg;base64,"))
    bare = re.sub(r'href="data:[^"]*"', "", text)
    assert "http:" not in bare
    assert "https:" not in bare
    assert "url(" not in bare
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    return seen


def page(recording: Recording) -> str:
    return Trace(recording).to_html()


def hostile_events() -> list[object]:
    video = VideoOpened(
        path=f"/v/{HOSTILE}",
        content_hash="0",
        video=Video(0, 10.0, 160, 120, 10.0, 100, True, False),
    )
    frame = Frame(0, 0.5)
    box = Box(1.0, 2.0, 30.0, 40.0)
    return [
        started(question=HOSTILE, choices=[HOSTILE, "b"], videos=[video], writer=HOSTILE,
                preset=HOSTILE, isolation={"missing": [HOSTILE]}),
        program(f"x = '{HOSTILE[:20]}'\nanswer(x)", note=HOSTILE),
        ProgramRefused(cell=0, check=HOSTILE, problems=[(1, HOSTILE), (None, HOSTILE)]),
        called(1, [TextLine(HOSTILE, box, 0.5, frame), Detection(HOSTILE, box, 0.5, frame)]),
        called(1, None, error=HOSTILE, task=HOSTILE, how=HOSTILE, implementation=HOSTILE),
        StepValue(cell=0, line=1, name=HOSTILE, type="str", length=3, text=HOSTILE),
        Printed(cell=0, text=HOSTILE),
        Warned(text=HOSTILE),
        CellFailed(cell=0, line=None, code=HOSTILE, message=HOSTILE, hint=HOSTILE),
        answered(HOSTILE, [
            RecordedEvidence(video=0, start=0.5, end=0.5, box=box, text=HOSTILE, supported=False),
            RecordedEvidence(video=0, start=7.0, end=8.0, box=None, text=HOSTILE, supported=True),
        ]),
        ended(answer=HOSTILE, choice=0, error={"message": HOSTILE, "hint": HOSTILE}),
    ]  # fmt: skip


def test_page_shows_hostile_text_as_text(tmp_path: Path) -> None:
    recording = write(tmp_path / "run", *hostile_events(), pictures=(0.5,))  # type: ignore[arg-type]
    seen = check_harmless(page(recording))
    shown = "".join(seen.text)
    assert "<script>alert(1)</script>" in shown
    assert shown.count("evil") >= 12
    assert "\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}evil" in shown


def test_page_of_a_failed_run_with_hostile_words(tmp_path: Path) -> None:
    events = [*hostile_events()[:-2], ended("failed", answer=None,
              error={"message": HOSTILE, "hint": HOSTILE})]  # fmt: skip
    seen = check_harmless(page(write(tmp_path / "run", *events)))  # type: ignore[arg-type]
    assert "The program failed" in "".join(seen.text)


@pytest.fixture
def run(clip: Path, home: Path, registry: Registry) -> vprog.Result:
    return vprog.run(
        clip,
        "frames = [frame_at(video, k / 5) for k in range(10)]\nfound = []\nfor frame in frames:\n"
        "    found.extend(find_square(frame))\nlevels = weigh_frames(video)\n"
        "print('seen', len(found))\n"
        "answer(len(found), evidence=[found[2], Span(0.55, 1.05)])",
        question="How often?",
        registry=registry,
    )


def test_page_of_a_run_has_answer_program_frames_boxes_and_timeline(run: vprog.Result) -> None:
    text = run.trace.to_html()
    seen = check_harmless(text)
    shown = "".join(seen.text)
    for words in (
        "How often?", "found.extend(find_square(frame))", "square 0.88", "seen 10",
        "0:00.4 square", "no module's output supports this", "10 calls (",
    ):  # fmt: skip
        assert words in shown
    ids = [attributes["id"] for tag, attributes in seen.tags if tag == "image"]
    used = {(attributes["href"] or "")[1:] for tag, attributes in seen.tags if tag == "use"}
    assert len(ids) == len(set(ids)) > 0
    assert used <= set(ids)
    assert (
        sum(tag == "rect" and attributes.get("class") == "box" for tag, attributes in seen.tags) > 2
    )
    assert "polyline" in {tag for tag, _ in seen.tags}
    assert text.startswith("<!doctype html>")
    assert "Content-Security-Policy" in text


def test_page_embeds_each_picture_once(run: vprog.Result) -> None:
    data = re.findall(r"base64,([^\"]+)", without_scripts(run.trace.to_html()))
    assert len(data) == len(set(data)) > 2


def test_fragment_stands_inside_another_page(run: vprog.Result) -> None:
    text = run._repr_html_()
    assert text.startswith('<article class="vprog">')
    check_harmless(text)
    selectors = re.findall(
        r"(?:^|})\s*([^{}@]+){",
        re.sub(r"@media[^{]+{", "", text.split("<style>")[1].split("</style>")[0]),
    )
    assert all(".vprog" in selector for selector in selectors)


@pytest.mark.slow
def test_page_of_2000_calls_is_bounded_and_quick(tmp_path: Path) -> None:
    frame = Frame(0, 0.5)
    found = [Detection("thing", Box(1.0, 2.0, 30.0, 40.0), 0.5, frame) for _ in range(30)]
    events = [
        started(), program("\n".join(f"x{k} = detect(f)" for k in range(20))),
        *(called(1 + k % 20, found) for k in range(2000)),
        answered(1), ended(),
    ]  # fmt: skip
    recording = write(tmp_path / "run", *events, pictures=tuple(k / 5 for k in range(24)))
    pages: list[str] = []
    assert steps_of(lambda: pages.append(page(recording))) < 40_000_000
    (text,) = pages
    assert len(text) < 1_800_000
    assert "60 more calls stand in the trace." in text
    walk(text)


def test_page_of_long_values_is_bounded(tmp_path: Path) -> None:
    events = [
        started(question="q" * 4000), program("x = 1\n" * 300),
        StepValue(cell=0, line=1, name="x", type="str", length=9, text="y" * 100_000),
        Printed(cell=0, text="z" * 60_000), called(1, ["w" * 5000] * 2000),
        called(2, [Level(k / 200, k / 3) for k in range(2000)]),
        answered("v" * 4000), ended(answer="v" * 4000),
    ]  # fmt: skip
    assert len(page(write(tmp_path / "run", *events))) < 300_000


def test_page_of_a_run_that_was_cut_off_says_so(tmp_path: Path) -> None:
    recording = write(tmp_path / "run", started(), program("answer(1)"), called(1, []))
    assert "The run was cut off" in page(recording)


def test_page_of_a_video_that_lasts_for_ever_has_few_ticks(tmp_path: Path) -> None:
    opened = VideoOpened(path="/v/a.mp4", content_hash="0",
                         video=Video(0, 1e300, 160, 120, 10.0, 100, True, False))  # fmt: skip
    seen = called(1, [Span(1.0, 2.0)], task="find_speech")
    recording = write(tmp_path / "run", started(videos=[opened]), program("answer(1)"), seen,
                      answered(1), ended())  # fmt: skip
    assert len(page(recording)) < 300_000


def test_page_says_which_video_where_there_are_several(tmp_path: Path) -> None:
    opened = [
        VideoOpened(path=f"/v/{k}.mp4", content_hash="0",
                    video=Video(k, 10.0, 160, 120, 10.0, 100, True, False))
        for k in range(2)
    ]  # fmt: skip
    evidence = [RecordedEvidence(video=1, start=1.0, end=2.0, box=None, text="x", supported=True)]
    recording = write(
        tmp_path / "run", started(videos=opened), program("answer(1)"),
        called(1, [Span(1.0, 2.0)], video=1, arguments=raw({})), answered(1, evidence), ended(),
    )  # fmt: skip
    text = Trace(recording)._repr_html_()
    assert "video 2, 0:01-0:02 x" in text
    assert "Timeline of 1.mp4" in text
    assert "Timeline of 0.mp4" not in text
