"""Which containers of a file are open at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.drawing import number_of
from tests.media.conftest import Drawn
from vprog.media import file_readers
from vprog.media.file_readers import Decoders
from vprog.media.opening import identify

HAS_DESCRIPTORS = Path("/proc/self/fd").exists()


def n_open(path: Path) -> int:
    """How many descriptors of this process lead to a file."""
    targets = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            targets.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:  # the listing's own
            continue
    return targets.count(str(path))


def looked_and_listened(path: Path) -> tuple[list[int], list[float], list[int]]:
    """Frames, then sound, then frames of both ends in turn; and what was open after each."""
    decoders = Decoders(*identify(path))
    frames, loudest, opened = [], [], []
    for times in ([0.05, 0.15], [3.05], [1.05], [0.05]):
        frames += [number_of(frame.pixels) for frame in decoders.reader("").read(times)]
        opened.append(n_open(path))
        loudest.append(float(abs(decoders.sound().read(times[0], times[0] + 0.2)).max()))
        opened.append(n_open(path))
    decoders.close()
    return frames, loudest, [*opened, n_open(path)]


@pytest.mark.skipif(not HAS_DESCRIPTORS, reason="/proc tells what is open")
def test_of_a_file_with_a_large_table_one_container_is_open_at_a_time(
    drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "beeps.mp4"  # which no other test has open
    path.write_bytes(drawn("beeps.mp4").read_bytes())
    frames, loudest, opened = looked_and_listened(path)
    assert frames == [0, 1, 30, 10, 0]
    assert max(opened) == 3  # two for pictures at both ends, one for sound
    assert opened[-1] == 0

    monkeypatch.setattr(file_readers, "LARGE_TABLE", 0)

    frames_again, loudest_again, opened = looked_and_listened(path)
    assert frames_again == frames
    # A decoder of sound that jumped is not in the same step as one that was just opened.
    assert loudest_again == pytest.approx(loudest, abs=1e-5)
    assert opened == [1] * 8 + [0]


def test_table_of_every_packet_is_that_of_mp4_alone(drawn: Drawn) -> None:
    index = Decoders(*identify(drawn("beeps.mp4"))).index()
    n_packets = 40 + 4 * 48_000 // 1024  # pictures, and sound of 1,024 samples each
    assert index.table_bytes == pytest.approx(36 * n_packets, rel=0.02)
    assert Decoders(*identify(drawn("vfr.mkv"))).index().table_bytes == 0
