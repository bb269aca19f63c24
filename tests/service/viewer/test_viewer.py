"""`vprog view`: pages, videos and jobs of a folder of runs, behind one token on the loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

import vprog
from tests.browser import CHROMIUM, browser
from vprog.library.index_file import IndexFile
from vprog.library.indexing import fill_index, place_of_index
from vprog.registry.registry import Registry
from vprog.service.service import Service
from vprog.service.viewer import Viewed, view_server
from vprog.solver.engine import Engine

PROGRAM = (
    "frames = [frame_at(video, k / 5) for k in range(10)]\n"
    "found = [square for frame in frames for square in find_square(frame)]\n"
    "answer(len(found), evidence=found[:2])"
)


class Pages:
    """The server of a folder, and a client of it."""

    def __init__(self, url: str, viewed: Viewed, run: str) -> None:
        self.url, self.viewed, self.run = url, viewed, run

    def read(self, *parts: str | int, headers: dict[str, str] | None = None, more: str = "",
             body: object = None) -> tuple[int, bytes, dict[str, str]]:  # fmt: skip
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + self.viewed.url(*parts) + more, data, headers or {})
        try:
            with urlopen(request, timeout=60) as reply:
                return reply.status, reply.read(), dict(reply.headers)
        except HTTPError as error:
            return error.code, error.read(), dict(error.headers)

    def json(self, *parts: str | int, **given: Any) -> Any:
        status, content, _ = self.read(*parts, **given)
        assert status < 300, content
        return json.loads(content)

    def job(self, *parts: str, body: object) -> dict[str, Any]:
        """What came of a job."""
        begun = self.json(*parts, body=body)["job"]
        for _ in range(600):
            told: dict[str, Any] = self.json("job", begun)
            if told["over"]:
                return told
            time.sleep(0.05)
        raise TimeoutError(begun)


@pytest.fixture
def pages(clip: Path, home: Path, registry: Registry, tmp_path: Path) -> Iterator[Pages]:
    result = vprog.run(clip, PROGRAM, question="How often is it there?", registry=registry)
    assert result.trace_path is not None
    traces, cache = result.trace_path.parent, tmp_path / "cache"  # no index of another test
    with Service(registry=registry, trace_dir=traces, cache_dir=cache) as service:
        server, viewed = view_server(service, registry=registry)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Pages(server.url, viewed, result.trace_path.name)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def test_pages_are_answered_with_the_token_alone(pages: Pages) -> None:
    status, page, headers = pages.read("run", pages.run)
    assert (status, page[:15]) == (200, b"<!doctype html>")
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    for token in ("", "?token=wrong"):
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{pages.url}/run/{pages.run}{token}", timeout=10)
    assert pages.read("run", "no-such-run")[0] == 404


def test_a_proxy_comes_in_parts_as_players_ask_for_it(pages: Pages) -> None:
    status, whole, headers = pages.read("proxy", pages.run, 0, "vp9", 0)
    assert (status, headers["Content-Type"]) == (200, "video/webm")
    status, part, headers = pages.read(
        "proxy", pages.run, 0, "vp9", 0, headers={"Range": "bytes=100-199"}
    )
    assert (status, part) == (206, whole[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert pages.read("proxy", pages.run, 0, "vp9", 7)[0] == 400
    assert pages.read("frame", pages.run, 0, more="&time=0.5")[1][:3] == b"\xff\xd8\xff"


def test_a_video_that_changed_since_is_not_shown(pages: Pages, clip: Path) -> None:
    before = clip.read_bytes()
    try:
        clip.write_bytes(before + b"\0" * 32)
        assert pages.read("file", pages.run, 0)[0] == 400
        assert b'"clips":[]' in pages.read("run", pages.run)[1]
    finally:
        clip.write_bytes(before)


def test_search_finds_runs_by_question_file_answer_and_program(pages: Pages, clip: Path) -> None:
    for text in ("HOW OFTEN", clip.name, "find_square", "square"):
        (hit,) = pages.json("search", more=f"&q={quote(text)}")["hits"]
        assert hit["run"] == pages.run
    assert pages.json("search", more="&q=how+elephant")["hits"] == []
    assert pages.read("")[0] == 200


def test_model_and_steps_are_given_as_json(pages: Pages) -> None:
    model = pages.json("model", pages.run)
    assert model["question"] == "How often is it there?"
    assert pages.json("step", pages.run, 0) == model["steps"][0]
    assert pages.read("step", pages.run, 10_000)[0] == 400


def test_a_changed_line_runs_on_and_is_compared(pages: Pages) -> None:
    edit = {"cell": 0, "line": 3, "text": "answer(len(found) + 1, evidence=found[:2])"}
    result = pages.job("change", pages.run, body=edit)["result"]
    before = pages.json("model", pages.run)["result"]["answer"]
    assert (result["status"], result["answer"]) == ("answered", str(before + 1))
    assert (result["replayed"], result["ran"]) == (20, 0)
    status, page, _ = pages.read("compare", pages.run, result["run"])
    assert (status, page.count(b"<iframe")) == (200, 2)
    assert b"len(found) + 1" in page


def test_what_is_wrong_with_a_changed_line_is_told(pages: Pages) -> None:
    told = pages.job("change", pages.run, body={"cell": 0, "line": 99, "text": "x = 1"})
    assert "99" in told["error"]["message"]
    assert pages.read("change", pages.run, body={"line": "3"})[0] == 400


def test_a_new_question_and_a_look_below_the_cut_are_runs_of_their_own(pages: Pages) -> None:
    result = pages.job("ask", pages.run, body={"question": "How long is the video?"})["result"]
    assert result["status"] == "answered"
    assert pages.json("model", result["run"])["headline"] == result["answer"]
    body = {"video": 0, "time": 0.4, "label": "person"}
    looked = pages.job("look", pages.run, body=body)["result"]
    assert looked["least"] == 0.05
    assert all(seen["label"] == "person" for seen in looked["faint"])


@pytest.fixture
def indexed(pages: Pages, clip: Path) -> Path:
    """The folder of the clip, with its index."""
    folder = clip.parent
    index = IndexFile(place_of_index(folder, pages.viewed.service.settings.cache_dir))
    with Engine() as engine:
        fill_index(folder, index, engine, ["facts"], lambda line: None)
    index.close()
    return folder


def test_a_folder_of_the_video_is_offered_once_it_is_indexed(pages: Pages, clip: Path) -> None:
    assert pages.json("folders", more=f"&run={pages.run}") == {"folders": []}
    told = pages.job("folder", body={"folder": str(clip.parent), "question": "x"})
    assert told["error"]["hint"] == f'Make it: vprog index "{clip.parent}".'


def test_a_question_goes_to_all_files_of_an_indexed_folder(pages: Pages, indexed: Path) -> None:
    for run in (pages.run, ""):
        assert pages.json("folders", more=f"&run={run}") == {"folders": [str(indexed)]}
    body = {"folder": str(indexed), "question": "How many files have sound?"}
    result = pages.job("folder", body=body)["result"]
    assert "  clip.mp4" in result["lines"]
    assert result["answers"] == []
    assert "speech: not looked for" in " ".join(result["left_out"])


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
def test_the_question_boxes_ask_a_folder(pages: Pages, indexed: Path, tmp_path: Path) -> None:
    submit = "document.querySelector('form.live').requestSubmit()"
    with browser(tmp_path) as tab:
        tab.look(width=1400)
        tab.open(pages.url + pages.viewed.url("run", pages.run))
        tab.wait("document.querySelector('.live select').options.length === 2")
        tab.value("document.querySelector('.live select').selectedIndex = 1")
        tab.value("document.querySelector('.live [type=text]').value = 'Which is the longest?'")
        tab.value(submit)
        assert "clip.mp4" in tab.wait("document.querySelector('.folder')?.innerText")
        tab.open(pages.url + pages.viewed.url(""))
        assert tab.wait("document.querySelector('[aria-label=folder]')?.value") == str(indexed)
        tab.value("document.querySelectorAll('.live [type=text]')[1].value = 'Which is longest?'")
        tab.value(submit)
        assert "clip.mp4" in tab.wait("document.querySelector('.folder')?.innerText")
        assert tab.problems == []


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
def test_a_served_page_plays_and_a_line_is_edited_in_it(pages: Pages, tmp_path: Path) -> None:
    with browser(tmp_path) as tab:
        tab.look(width=1400)
        tab.open(pages.url + pages.viewed.url("run", pages.run))
        tab.wait("film.readyState >= 2 && !film.seeking")
        assert {url.split("/")[2] for url in tab.requests if not url.startswith("data:")} == {
            pages.url.removeprefix("http://")
        }
        tab.value("document.querySelector('.row[data-line=\"3\"] .do button:last-child').click()")
        tab.value("document.querySelector('.edit textarea').value = 'answer(7)'")
        tab.value("document.querySelector('.edit button').click()")
        assert tab.wait("document.querySelector('.edit a')?.closest('p').innerText").startswith(
            "answer: 7"
        )
        tab.value("document.activeElement.blur()")
        tab.press("/")
        assert tab.value("document.activeElement.type") == "search"
        assert tab.problems == []


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
def test_two_runs_side_by_side_go_to_the_same_time(pages: Pages, tmp_path: Path) -> None:
    edit = {"cell": 0, "line": 3, "text": "answer(1, evidence=found[:2])"}
    other = pages.job("change", pages.run, body=edit)["result"]["run"]
    with browser(tmp_path) as tab:
        tab.look(width=1400)
        tab.open(pages.url + pages.viewed.url("compare", pages.run, other))
        seeks = (
            "[...document.querySelectorAll('iframe')]"
            ".map(frame => frame.contentDocument?.querySelector('.seek'))"
        )
        tab.wait(f"{seeks}.every(seek => seek)")
        tab.value("document.querySelector('iframe').focus()")
        tab.value(
            f"(seek => {{ seek.value = 1.5; seek.dispatchEvent(new Event('input')) }})({seeks}[0])"
        )
        tab.wait(f"{seeks}.every(seek => Math.abs(seek.value - 1.5) < 0.02)")
        assert tab.problems == []
