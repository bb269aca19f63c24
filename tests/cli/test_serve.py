"""`vprog serve` as a command, with the official client."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli import command
from tests.service.serving import ask, serving
from vprog.cli.output import note_if_read
from vprog.cli.serve import allow_open_files
from vprog.service.http_exchange import Exchange
from vprog.service.http_server import Route

pytestmark = pytest.mark.usefixtures("home")


def messages_of(url: str) -> list[dict[str, Any]]:
    """The message of a user who asks how long a video is."""
    video = {"type": "video_url", "video_url": {"url": url}}
    text = {"type": "text", "text": "How long is the video?"}
    return [{"role": "user", "content": [video, text]}]


def test_serve_as_a_command_answers_the_official_client_and_ends_on_a_signal(clip: Path) -> None:
    openai = pytest.importorskip("openai")
    process = command.start("serve", "--port", 0, "--media-root", clip.parent, "--key", "sesame")
    try:
        assert process.stderr is not None
        url = process.stderr.readline().split()[2].rstrip(";")
        with urllib.request.urlopen(f"{url.removesuffix('/v1')}/health") as health:
            assert json.load(health) == {"status": "ok"}
        with openai.OpenAI(base_url=url, api_key="sesame", max_retries=0) as client:
            messages = messages_of(f"file://{clip}")
            reply = client.chat.completions.create(model="vprog", messages=messages)
            assert reply.choices[0].message.content == "2"
            assert reply.model_extra["vprog"]["answer"] == 2.0
            parts = client.chat.completions.create(model="vprog", messages=messages, stream=True)
            assert "".join(part.choices[0].delta.content or "" for part in parts) == "2"
            with pytest.raises(openai.BadRequestError, match="not below a media root"):
                client.chat.completions.create(
                    model="vprog", messages=messages_of("file:///etc/passwd")
                )
        with (
            openai.OpenAI(base_url=url, api_key="wrong", max_retries=0) as stranger,
            pytest.raises(openai.AuthenticationError, match="missing or wrong"),
        ):
            stranger.models.list()
        process.send_signal(signal.SIGTERM)
        ran = command.finish(process)
        assert (ran.code, ran.out) == (0, "")
        assert "ending" in ran.err
        assert "Traceback" not in ran.err
    finally:
        process.kill()


def _fail(exchange: Exchange) -> None:
    raise ZeroDivisionError("a fault")


@pytest.mark.skipif(sys.platform == "win32", reason="no select on pipes there")
def test_serve_answers_also_where_nobody_reads_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, bytes(4096)):
            pass
    os.set_blocking(writing, True)
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        with serving([Route("GET", "/fail", _fail)], log=note_if_read) as server:
            assert ask(server, "/fail").status == 500
            assert not reader.read1().strip(b"\0")
            while select.select([reader], [], [], 0)[0]:
                assert not reader.read1().strip(b"\0")
            assert ask(server, "/fail").status == 500
        assert reader.read1().endswith(b"ZeroDivisionError: a fault\n\n")
        monkeypatch.undo()


def test_serve_is_not_open_to_others_without_a_key() -> None:
    ran = command.vprog("serve", "--host", "0.0.0.0", "--port", 0)
    assert ran.code == 2
    assert "--key KEY" in ran.err


def test_serve_may_hold_as_many_files_open_as_its_runs_need() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, hard))
        allow_open_files(most)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == most
        allow_open_files(1)  # never fewer than there are
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == most
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
