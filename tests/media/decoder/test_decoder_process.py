"""A decoder process that dies, hangs or runs out of memory; and that nothing else changes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.drawing import draw_video, number_of
from tests.media.conftest import Drawn, half_second_beeps
from vprog.errors import BudgetError, VideoUnreadableError
from vprog.media.decoder import decoder_channel, decoder_passes
from vprog.media.decoder.decoder_link import DecoderLink
from vprog.media.decoder.decoder_passes import ChannelServer
from vprog.media.decoder.decoder_probe import probe_decoder
from vprog.media.decoder.decoder_process import DecoderChild
from vprog.media.decoder.decoder_wire import Busy, FromChannel, ToChannel, pack, unpack
from vprog.media.file_readers import Decoders
from vprog.media.index import MediaIndex, build_index
from vprog.media.media_pool import MediaPool
from vprog.media.opening import identify
from vprog.media.run_file import MediaFile, open_media


def process_of(file: MediaFile) -> int:
    """The number of the process that decodes a file."""
    decoding = file._shared._decoding
    assert isinstance(decoding, DecoderChild)
    assert decoding._process is not None
    return decoding._process._pid


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> None:
    for _ in range(1000):
        if not is_running(pid):
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} still runs")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_decoder_that_dies_makes_its_file_unreadable_and_no_other(
    drawn: Drawn, number: signal.Signals
) -> None:
    pool = MediaPool()
    bad, good = (open_media(drawn(name), pool=pool) for name in ("plain.mp4", "b_frames.mp4"))
    os.kill(process_of(bad), number)
    for _ in range(2):
        with pytest.raises(VideoUnreadableError, match=f"died of {number.name}") as caught:
            bad.picture(0.0)
        assert caught.value.exit_code == 2
    assert number_of(good.picture(1.0)) == 10
    bad.close()
    again = open_media(drawn("plain.mp4"), pool=pool)  # the next question tries again
    assert number_of(again.picture(1.0)) == 10
    again.close()
    good.close()


def test_a_decoder_that_hangs_is_ended(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_channel, "SILENCE_S", 0.2)
    file = open_media(drawn("plain.mp4"))
    pid = process_of(file)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(VideoUnreadableError, match="no sign of life"):
        file.picture(0.0)
    wait_until_gone(pid)


def test_an_index_that_takes_too_long_ends_the_decoder(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BudgetError, match="could not be opened within 1e-06 s"):
        open_media(drawn("plain.mp4"), seconds=1e-6)


def test_a_step_does_not_wait_for_a_host_that_reads_nothing(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_passes, "BEAT_S", -1.0)
    path, identity = identify(drawn("plain.mp4"))
    ours, theirs = socket.socketpair()
    theirs.settimeout(60)  # where a message waits for room, this ends it
    host: DecoderLink[FromChannel] = DecoderLink(ours, FromChannel)
    link: DecoderLink[ToChannel] = DecoderLink(theirs, ToChannel)
    server = ChannelServer(link, Decoders(path, identity))
    for number in range(5_000):  # more than the socket has room for
        server._events.damaged(number)
        server._beat()
    assert not link.has_room
    heard: list[int] = []
    while len(heard) < 5_000:  # all of it comes once the host reads
        server._beat()
        message = host.receive(60)
        assert isinstance(message, Busy)
        assert len(message.events) <= 2_000
        heard += [start for _, start, _ in message.events]
    assert heard == list(range(5_000))
    host.close()
    link.close()


def test_a_hundred_passes_fit_into_one_decoder_process(drawn: Drawn) -> None:
    pool = MediaPool()
    files = [open_media(drawn("plain.mp4"), pool=pool) for _ in range(100)]
    passes = [file.frames(file.stream.times.tolist()) for file in files]
    assert [number_of(next(frames).pixels) for frames in passes] == [0] * 100
    assert [number_of(next(frames).pixels) for frames in passes] == [1] * 100
    for file in files:
        file.close()


@pytest.mark.slow
def test_a_decoder_without_memory_says_so(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "large.mp4", 3, size=(4096, 4096), options={"preset": "ultrafast"})
    decoder = DecoderChild(path, build_index(path).identity, memory_mb=400)
    with pytest.raises(VideoUnreadableError, match=r"memory|MB|allocate|died"):
        list(decoder.reader("pyav").read([0.0, 0.1, 0.2]))
    decoder.close()


@pytest.mark.parametrize("name", ["b_frames.mp4", "vfr_b_frames.mp4", "open_gop.mp4"])
def test_counts_and_pictures_are_those_of_decoding_here(drawn: Drawn, name: str) -> None:
    seen = []
    for pool in (MediaPool(), MediaPool(open_decoding=Decoders)):
        file = open_media(drawn(name), pool=pool)
        times = file.stream.times.tolist()
        pictures = []
        for stop in (3, 7, 5):  # passes that are left at some frame, then the frame behind it
            for number, decoded in enumerate(file.frames(times, max_side=64)):
                pictures.append(decoded.pixels)
                if number == stop:
                    break
            pictures.append(file.picture(times[min(stop + 1, len(times) - 1)], 32))
            pictures.append(np.array([file.frames_decoded]))
        pictures += [decoded.pixels for decoded in file.frames(times)]
        seen.append((pictures, file.frames_decoded, file.warnings, file._shared.frames_decoded))
        file.close()
    (in_process, *counts), (here, *counts_here) = seen
    assert counts == counts_here
    assert all((a == b).all() for a, b in zip(in_process, here, strict=True))


def test_sound_is_that_of_decoding_here(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mp4", 100, tone=half_second_beeps)
    ours, theirs = (
        open_media(path, pool=MediaPool(open_decoding=opened)) for opened in (None, Decoders)
    )
    assert (ours.sound(0.3, 9.1) == theirs.sound(0.3, 9.1)).all()
    for block, expected in zip(
        ours.sound_blocks(0, 10, seconds=1.5), theirs.sound_blocks(0, 10, seconds=1.5), strict=True
    ):
        assert block[0] == expected[0]
        assert (block[1] == expected[1]).all()
    ours.close()


def test_an_index_crosses_whole(drawn: Drawn) -> None:
    index = build_index(drawn("stream.ts"))
    again = unpack(pack(index), MediaIndex)
    assert pack(again) == pack(index)
    assert again.video is not None
    assert again.streams == index.streams


def test_no_way_out_of_the_decoder_process() -> None:
    walls = probe_decoder()
    assert walls.allowed == ()
    if walls.holds:
        assert len(walls.refused) > 30


@pytest.mark.slow
def test_a_file_that_is_forgotten_leaves_no_process(drawn: Drawn) -> None:
    file = open_media(drawn("plain.mp4"))
    pid = process_of(file)
    assert is_running(pid)
    del file
    import gc

    gc.collect()
    wait_until_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the lifeline is Linux's")
def test_a_host_that_is_killed_leaves_no_process(drawn: Drawn) -> None:
    script = (
        "import sys, time; from vprog.media.run_file import open_media;"
        "file = open_media(sys.argv[1]);"
        "print(file._shared._decoding._process._pid, flush=True); time.sleep(60)"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", script, str(drawn("plain.mp4"))], stdout=subprocess.PIPE, text=True
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    host.kill()
    host.wait()
    host.stdout.close()
    wait_until_gone(pid)
