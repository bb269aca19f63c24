"""Bodies whose videos go to disk as they come."""

from __future__ import annotations

import base64
import io
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from vprog.service.error_replies import HttpError
from vprog.service.spooled_body import MOST_FILES, MOST_REST, SpooledBody, spool_json

VIDEO = bytes(range(256)) * 40


def _url(video: bytes = VIDEO) -> str:
    return "data:video/mp4;base64," + base64.b64encode(video).decode()


def _spool(body: bytes, folder: Path, *, step: int = 1 << 20) -> SpooledBody:
    stream = io.BytesIO(body)
    return spool_json(lambda most: stream.read(min(most, step)), len(body), folder)


@pytest.mark.parametrize("step", [1, 7, 100, 1 << 20])
@pytest.mark.parametrize("video", [VIDEO, VIDEO[:-1], VIDEO[:-2], b"", b"x"])
def test_spooled_body_writes_videos_to_files(tmp_path: Path, step: int, video: bytes) -> None:
    body = json.dumps(
        {"a": 'it said "data:', "v": [_url(video[:2000]), {"url": _url(b"2")}], "z": 1}
    )
    spooled = _spool(body.encode(), tmp_path, step=step)
    assert spooled.value["a"] == 'it said "data:'
    assert spooled.value["z"] == 1
    first, second = spooled.value["v"][0], spooled.value["v"][1]["url"]
    assert spooled.files[first].read_bytes() == video[:2000]
    assert spooled.files[second].read_bytes() == b"2"


def test_spooled_body_reads_escaped_slashes(tmp_path: Path) -> None:
    video = b"\xff\xef\xbe" * 300  # its base64 has slashes
    body = json.dumps({"v": _url(video)}).replace("/", "\\/").replace("video\\/mp4", "video/mp4")
    for step in (1, 3, 5000):
        folder = tmp_path / str(step)
        folder.mkdir()
        spooled = _spool(body.encode(), folder, step=step)
        assert spooled.files[spooled.value["v"]].read_bytes() == video


def test_spooled_body_leaves_what_stands_within_a_text(tmp_path: Path) -> None:
    text = f'what does "{_url(b"abc")}" mean?'
    spooled = _spool(json.dumps({"text": text}).encode(), tmp_path)
    assert (spooled.value, spooled.files) == ({"text": text}, {})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b'{"v": "data:video/mp4;base64,AAAA', 400),
        (b'{"v": "data:video/mp4;base64,A*AA"}', 400),
        (b'{"v": "data:video/mp4;base64,AAA"}', 400),
        (b'{"t": "' + b"x" * MOST_REST + b'"}', 413),
        (b"[" * 100_000, 400),
    ],
)
def test_spooled_body_refuses_what_is_broken(tmp_path: Path, body: bytes, status: int) -> None:
    with pytest.raises(HttpError) as caught:
        _spool(body, tmp_path)
    assert caught.value.status == status


def test_spooled_body_says_that_it_ended_early(tmp_path: Path) -> None:
    with pytest.raises(HttpError, match="ended 5 bytes early"):
        spool_json(io.BytesIO(b"{}").read, 7, tmp_path)


def test_spooled_body_of_many_megabytes_takes_little_memory(tmp_path: Path) -> None:
    n_bytes = 48_000_000
    head, tail = b'{"v": "data:video/mp4;base64,', b'"}'
    length = len(head) + n_bytes + len(tail)

    def pieces() -> Callable[[int], bytes]:
        state = {"head": head, "left": n_bytes, "tail": tail}

        def read(most: int) -> bytes:
            if state["head"]:
                piece, state["head"] = state["head"], b""
                return piece  # type: ignore[return-value]
            if state["left"]:
                n = min(most, state["left"])  # type: ignore[call-overload]
                state["left"] -= n  # type: ignore[operator]
                return b"A" * n
            return tail

        return read

    tracemalloc.start()
    try:
        spooled = spool_json(pieces(), length, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert os.path.getsize(spooled.files[spooled.value["v"]]) == n_bytes // 4 * 3
    assert peak < 5_000_000


def test_spooled_body_of_countless_videos_is_refused_before_they_fill_a_folder(
    tmp_path: Path,
) -> None:
    body = json.dumps([_url(b"a")] * (MOST_FILES + 1)).encode()
    with pytest.raises(HttpError, match="more than 64 videos") as refused:
        _spool(body, tmp_path)
    assert refused.value.status == 413
    assert len(list(tmp_path.iterdir())) == MOST_FILES
