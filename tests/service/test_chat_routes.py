"""The chat completions API: requests about videos from many clients over real sockets."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.service.serving import Reply, ask, serving
from vprog.library.index_file import IndexFile
from vprog.library.indexing import fill_index, place_of_index
from vprog.registry.discover import discover
from vprog.registry.module import implements
from vprog.service.chat_routes import ChatRoutes
from vprog.service.http_server import HttpServer
from vprog.service.media_roots import MediaRoots
from vprog.service.service import Service
from vprog.settings import load_settings
from vprog.solver.engine import Engine
from vprog.types import Event, Span, Video

pytestmark = pytest.mark.usefixtures("home")

LENGTH = "How long is the video?"
BLACK = "When is the picture black?"
N_CLIENTS = 50

all_here = threading.Event()
waiting = threading.Semaphore(0)


@implements("find_black", backend="a slow one")
class FindBlackSlowly:
    def __call__(
        self, video: Video, *, span: Span | None = None, min_length: float = 0.1
    ) -> list[Event]:
        """Wait until the test has all its clients; then find nothing."""
        waiting.release()
        assert all_here.wait(60)
        return []


@contextmanager
def serving_chat(root: Path, *, key: str = "", **given: Any) -> Iterator[HttpServer]:
    """The chat, over a service with a slow module."""
    registry = discover()
    registry.add(FindBlackSlowly)
    options = {name: given.pop(name) for name in ("abstain_as", "most_body") if name in given}
    with Service(registry=registry, modules={"find_black": "FindBlackSlowly"}, **given) as service:
        chat = ChatRoutes(service, MediaRoots([root]), **options)
        with serving(chat.routes(), key=key, most_body=chat.most_body) as server:
            yield server


def body_of(url: str, question: str, **more: Any) -> dict[str, Any]:
    video = {"type": "video_url", "video_url": {"url": url}}
    content = [video, {"type": "text", "text": question}]
    return {"model": "any", "messages": [{"role": "user", "content": content}], **more}


def chat(server: HttpServer, url: str, question: str, **more: Any) -> Reply:
    body = body_of(url, question, **more)
    return ask(server, "/v1/chat/completions", method="POST", body=body)


def content_of(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return reply.json["choices"][0]["message"]["content"]


def spooled() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("vprog-serve-*"))


def test_chat_answers_with_evidence_and_trace(clip: Path) -> None:
    with serving_chat(clip.parent) as server:
        reply = chat(server, f"file://{clip}", LENGTH)
        assert content_of(reply) == "2"
        told = reply.json["vprog"]
        assert (told["status"], told["answer"], told["question"]) == ("answered", 2.0, LENGTH)
        assert "/" not in told["trace"]
        assert reply.json["model"] == "any"


def test_chat_takes_a_video_inside_the_request_and_keeps_none_of_it(clip: Path) -> None:
    url = "data:video/mp4;base64," + base64.b64encode(clip.read_bytes()).decode()
    before = spooled()
    with serving_chat(clip.parent) as server:
        assert content_of(chat(server, url, LENGTH)) == "2"
    assert spooled() == before


def test_chat_replies_with_the_letter_and_abstains_by_policy(clip: Path) -> None:
    options = "\nA. 4 s\nB. 2 s\nAnswer with the option's letter from the given choices directly."
    with serving_chat(clip.parent) as server:
        assert content_of(chat(server, clip.name, LENGTH + options)) == "B"
        refused = chat(server, clip.name, "Why is she sad?" + options)
        assert content_of(refused) == ""
        assert "sad" in refused.json["choices"][0]["message"]["refusal"]
        assert refused.json["vprog"]["status"] == "abstained"
    with serving_chat(clip.parent, abstain_as="A") as server:
        assert content_of(chat(server, clip.name, "Why is she sad?" + options)) == "A"
        assert content_of(chat(server, clip.name, "Why is she sad?")) == ""


def test_chat_streams_progress_and_answer(clip: Path) -> None:
    usage = {"include_usage": True}
    with serving_chat(clip.parent) as server:
        reply = chat(server, clip.name, LENGTH, stream=True, stream_options=usage)
        lines = reply.body.decode().split("\n\n")
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        assert data[-1] == "[DONE]"
        chunks = [json.loads(text) for text in data[:-1]]
        texts = [
            chunk["choices"][0]["delta"].get("content") for chunk in chunks if chunk["choices"]
        ]
        assert "".join(filter(None, texts)) == "2"
        assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
        assert chunks[-2]["vprog"]["answer"] == 2.0
        assert chunks[-1]["usage"]["total_tokens"] == 0
        assert any(line.startswith(": ") and "probe" in line for line in lines)


@pytest.fixture
def library(tmp_path: Path, clip: Path) -> Path:
    """A folder of two clips, of which one speaks of a fox, with its index."""
    for name in ("fox", "still"):
        shutil.copy(clip, tmp_path / f"{name}.mp4")
    (tmp_path / "fox.srt").write_text("1\n00:00:00,200 --> 00:00:01,500\na red fox\n")
    index = IndexFile(place_of_index(tmp_path, load_settings({}).cache_dir))
    with Engine() as engine:
        fill_index(tmp_path, index, engine, ["facts", "speech"], lambda line: None)
    index.close()
    return tmp_path


def test_chat_answers_over_an_indexed_folder(library: Path) -> None:
    with serving_chat(library) as server:
        reply = chat(server, f"file://{library}", "How many files have speech?")
        assert content_of(reply).startswith("1 of 2 files\n  fox.mp4")
        told = reply.json["vprog"]
        assert (told["status"], told["joined"]["value"], told["answers"]) == ("answered", 1, {})
        assert str(library) not in reply.body.decode()


def test_chat_asks_the_files_that_the_index_of_a_folder_finds(library: Path) -> None:
    with serving_chat(library) as server:
        reply = chat(server, ".", 'When is "fox" said?')
        assert "fox.mp4  0:00.2-0:01.5  speech: a red fox" in content_of(reply)
        assert "\nfox.mp4: 0.2-1.5 s" in content_of(reply)
        (answer,) = reply.json["vprog"]["answers"].values()
        assert (answer["status"], answer["answer"]) == ("answered", [0.2, 1.5])
        streamed = chat(server, ".", 'When is "fox" said?', stream=True).body.decode()
        assert ": asking fox.mp4" in streamed
        assert "speech: a red fox" in streamed
        assert streamed.rstrip().endswith("data: [DONE]")


def test_chat_says_what_no_file_of_a_folder_has(library: Path) -> None:
    with serving_chat(library) as server:
        reply = chat(server, ".", "quantum chromodynamics")
        assert content_of(reply) == ""
        assert "Nothing that is said" in reply.json["choices"][0]["message"]["refusal"]
        assert reply.json["vprog"]["status"] == "abstained"


def test_chat_takes_a_folder_with_an_index_and_alone(library: Path) -> None:
    (library / "bare").mkdir()
    with serving_chat(library) as server:
        bare = chat(server, "bare", "How many files have speech?")
        assert (bare.status, str(library) in bare.body.decode()) == (400, False)
        assert 'has no index. Make it: vprog index "bare"' in bare.json["error"]["message"]
        body = body_of(".", LENGTH)
        body["messages"][0]["content"].append(body["messages"][0]["content"][0])
        twice = ask(server, "/v1/chat/completions", method="POST", body=body)
        assert "a folder is asked alone" in twice.json["error"]["message"]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"messages": []}, 400, "messages: expected a list of messages, got an empty list"),
        ({"messages": "hi"}, 400, "messages: expected a list"),
        ({"messages": [{"role": "user", "content": "How long?"}]}, 400, "0 videos"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 400, "no conversation"),
        ({"n": 2}, 400, "n: one reply"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "image_url"),
        ({"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}, 400, "got nothing"),
        ({"messages": [{"role": "user", "content": [7]}]}, 400, "content[0]: expected an object"),
    ],
)
def test_chat_says_what_is_wrong_with_a_request(
    tmp_path: Path, change: dict[str, Any], code: int, words: str
) -> None:
    body = {**body_of("a.mp4", LENGTH), **change}
    with serving_chat(tmp_path) as server:
        reply = ask(server, "/v1/chat/completions", method="POST", body=body)
    assert reply.status == code
    assert words in reply.json["error"]["message"]


@pytest.mark.parametrize("streams", [False, True])
def test_chat_refuses_files_outside_and_files_that_are_no_video(
    tmp_path: Path, streams: bool
) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "out.mp4").symlink_to("/etc/passwd")
    with serving_chat(tmp_path) as server:
        for url in ("file:///etc/passwd", "../../etc/passwd", "out.mp4", "/dev/zero", "text.mp4",
                    "http://x/y.mp4"):  # fmt: skip
            reply = chat(server, url, LENGTH, stream=streams)
            assert reply.status == 400, url
            assert b"root:" not in reply.body
            assert str(tmp_path).encode() not in reply.body
        broken = "data:video/mp4;base64," + base64.b64encode(b"no video").decode()
        reply = chat(server, broken, LENGTH, stream=streams)
        assert reply.status == 400
        assert b"vprog-serve-" not in reply.body


def test_chat_wants_its_key(clip: Path) -> None:
    with serving_chat(clip.parent, key="sesame") as server:
        assert chat(server, clip.name, LENGTH).status == 401
        assert ask(server, "/v1/models").status == 401
        assert ask(server, "/health").status == 200
        headers = {"Authorization": "Bearer sesame"}
        assert ask(server, "/v1/models", headers=headers).json["data"][0]["id"] == "vprog"


def test_chat_turns_away_a_body_of_a_gigabyte_before_it_comes(clip: Path) -> None:
    with (
        serving_chat(clip.parent, most_body=10_000_000) as server,
        socket.create_connection(server.server_address[:2], timeout=30) as connection,
    ):
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 1073741824\r\n\r\n" + b'{"messages": "' + b"x" * 100_000
        )
        assert connection.makefile("rb").readline().split()[1] == b"413"


def test_chat_answers_fifty_at_once_each_with_its_own(clip: Path, other_clip: Path) -> None:
    """Half of them wait for a slow module; nobody gets what another asked for."""
    folder = clip.parent
    (folder / "second.mp4").write_bytes(other_clip.read_bytes())
    all_here.clear()
    with serving_chat(folder) as server, ThreadPoolExecutor(N_CLIENTS) as clients:
        asked = [
            (("clip.mp4", "second.mp4")[number % 2], (LENGTH, BLACK)[number // 2 % 2])
            for number in range(N_CLIENTS)
        ]
        replies = [clients.submit(chat, server, *request) for request in asked]
        assert waiting.acquire(timeout=60)
        all_here.set()
        for reply, (name, question) in zip(replies, asked, strict=True):
            told = reply.result(60).json["vprog"]
            assert told["question"] == question
            if question == LENGTH:
                assert told["answer"] == {"clip.mp4": 2.0, "second.mp4": 1.0}[name]
            else:
                assert told["status"] == "abstained" or told["answer"] == "never", told
        traces = {reply.result().json["vprog"]["trace"] for reply in replies}
        assert len(traces) == N_CLIENTS


def test_chat_says_when_it_has_enough_to_do_and_ends_runs_of_clients_that_left(
    clip: Path,
) -> None:
    all_here.clear()
    while waiting.acquire(blocking=False):
        pass  # of other tests
    question = "When is the picture black between 0.5 s and 1.5 s?"
    request = json.dumps(body_of("clip.mp4", question)).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
    with serving_chat(clip.parent, most_runs=1) as server:
        with socket.create_connection(server.server_address[:2]) as connection:
            connection.sendall(f"{head}Content-Length: {len(request)}\r\n\r\n".encode() + request)
            assert waiting.acquire(timeout=60)
            busy = chat(server, "clip.mp4", LENGTH)
            assert (busy.status, busy.headers["Retry-After"]) == (429, "5")
        # The client has gone: its run ends, and its place comes free.
        while (reply := chat(server, "clip.mp4", LENGTH)).status == 429:
            threading.Event().wait(0.05)
        assert content_of(reply) == "2"
        all_here.set()
