"""What the contract suite does not see: how much is decoded, and what happens at damage."""

from __future__ import annotations

import gc
import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.drawing import number_of
from tests.media.conftest import Drawn
from vprog.errors import VideoUnreadableError
from vprog.media.index import MediaIndex, build_index
from vprog.media.pyav_reader import MAX_IDLE_CURSORS, PyavReader
from vprog.media.reader import Tally


def one(reader: PyavReader, time: float) -> int:
    return number_of(next(iter(reader.read([time]))).pixels)


def tally_of(index: MediaIndex) -> Tally:
    assert index.video is not None
    return Tally(index.path.name, index.video)


def test_pyav_reader_decodes_each_frame_once_in_one_pass(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("b_frames.mp4")))
    assert len(list(reader.read(np.arange(0, 6, 0.05).tolist()))) == 120
    assert reader.frames_decoded == 60


def test_pyav_reader_goes_on_from_call_to_call(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("long_gop.mp4")))
    for number in range(240):
        assert one(reader, number / 10) == number
    assert reader.frames_decoded == 240


def test_pyav_reader_decodes_nothing_for_the_frame_it_stands_at(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("long_gop.mp4")))
    for _ in range(5):
        assert one(reader, 10.0) == 100
    assert reader.frames_decoded == 101


def test_pyav_reader_jumps_where_that_pays(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("b_frames.mp4")))  # keyframes at 0 and 30
    assert one(reader, 0.0) == 0
    assert one(reader, 3.1) == 31
    assert reader.frames_decoded <= 4
    reader = PyavReader(build_index(drawn("plain.mp4")))  # keyframes at 0, 12 and 24
    assert [one(reader, number / 10) for number in (9, 13)] == [9, 13]
    assert reader.frames_decoded == 14  # the keyframe is too near to jump to


def test_pyav_reader_keeps_two_places(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("long_gop.mp4")))
    for number in range(50):
        assert one(reader, number / 10) == number
        assert one(reader, (number + 150) / 10) == number + 150
    assert reader.frames_decoded == 50 + 200
    assert len(reader._idle) == MAX_IDLE_CURSORS


def test_pyav_reader_does_not_take_a_place_from_who_stands_behind_it(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("long_gop.mp4")))
    assert [one(reader, 12.0), one(reader, 0.0), one(reader, 12.1)] == [120, 0, 121]
    assert reader.frames_decoded == 121 + 1 + 1


def test_pyav_reader_takes_back_the_cursor_of_a_pass_that_was_left(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("plain.mp4")))
    for _ in range(5):
        frames = reader.read([0.0, 1.0, 2.0])
        next(frames)
        del frames
        gc.collect()
    assert len(reader._idle) == 1


def test_pyav_reader_serves_threads(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("b_frames.mp4")))

    def pass_over(first: int) -> list[int]:
        times = [number / 10 for number in range(first, 60, 3)]
        return [number_of(frame.pixels) for frame in reader.read(times, max_side=80)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(pass_over, [0, 1, 2, 3, 0, 1, 2, 3]))
    assert results == [list(range(first, 60, 3)) for first in (0, 1, 2, 3)] * 2
    assert len(reader._idle) <= MAX_IDLE_CURSORS


def test_pyav_reader_stands_in_for_lost_frames(media_dir: Path) -> None:
    index = build_index(media_dir / "broken" / "corrupted_packets.mp4")
    assert index.video is not None
    reader = PyavReader(index)
    frames = list(reader.read(index.video.times.tolist()))
    lost = [
        number
        for number, (frame, time) in enumerate(zip(frames, index.video.times, strict=True))
        if frame.time != time
    ]
    assert len(lost) == 1
    assert frames[lost[0]].time == index.video.times[lost[0] - 1]
    again = PyavReader(index)  # the same when it is asked for alone
    alone = next(iter(again.read([float(index.video.times[lost[0]])])))
    assert alone.time == frames[lost[0]].time
    assert (alone.pixels == frames[lost[0]].pixels).all()


def test_pyav_reader_counts_what_it_read_of_a_damaged_file(media_dir: Path) -> None:
    index = build_index(media_dir / "broken" / "corrupted_packets.mp4")
    reader, tally = PyavReader(index), tally_of(index)
    list(reader.read([0.5], report=tally))
    assert tally.warnings == ()
    list(reader.read([3.5], report=tally))
    assert len(tally.warnings) == 1
    assert " frames read; pictures from 0:03 on may be damaged" in tally.warnings[0]


def test_pyav_reader_tells_each_run_of_the_damage_though_another_had_it_decoded(
    media_dir: Path,
) -> None:
    index = build_index(media_dir / "broken" / "corrupted_packets.mp4")
    reader, alone, first, second = PyavReader(index), *(tally_of(index) for _ in range(3))
    times = index.video.times.tolist() if index.video is not None else []
    list(PyavReader(index).read(times, report=alone))
    list(reader.read(times, report=first))
    list(reader.read(times, report=second))
    assert alone.warnings == first.warnings == second.warnings != ()
    stood, passed = reader.frames_decoded, tally_of(index)
    list(reader.read(times[-1:], report=passed))  # the cursor stands at this frame
    assert reader.frames_decoded == stood
    assert passed.frames_decoded == 0


def test_pyav_reader_goes_back_past_a_keyframe_that_is_lost(drawn: Drawn, tmp_path: Path) -> None:
    source = drawn("b_frames.mp4")
    data = bytearray(source.read_bytes())
    place = _keyframe_place(source)
    data[place : place + 396] = bytes(396)  # the second keyframe is gone
    path = tmp_path / "lost_key.mp4"
    path.write_bytes(bytes(data))
    reader, tally = PyavReader(build_index(path)), tally_of(build_index(path))
    assert one(reader, 2.9) == 29
    passed = next(iter(reader.read([3.05], report=tally)))
    assert passed.time < 3.0  # what stood there before, as in a player
    assert "decoded" in tally.warnings[0]
    jumped = next(iter(PyavReader(build_index(path)).read([3.05])))
    assert jumped.time == passed.time
    assert number_of(jumped.pixels) == number_of(passed.pixels)


def test_pyav_reader_refuses_a_file_that_was_swapped(drawn: Drawn, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(drawn("plain.mp4").read_bytes())
    reader = PyavReader(build_index(path))
    path.write_bytes(drawn("b_frames.mp4").read_bytes())
    with pytest.raises(VideoUnreadableError, match="has changed"):
        one(reader, 0.0)


def test_pyav_reader_matches_the_numbers_in_the_counter_clip(media_dir: Path) -> None:
    index = build_index(media_dir / "text" / "counter.mp4")
    reader = PyavReader(index)
    whole = [frame.pixels.copy() for frame in reader.read([number / 10 for number in range(30)])]
    differ = [int((a != b).sum()) for a, b in itertools.pairwise(whole)]
    assert min(differ) > 0  # every frame shows another number
    for number in (29, 3, 17):
        alone = next(iter(PyavReader(index).read([number / 10 + 0.05]))).pixels
        assert (alone == whole[number]).all()


@pytest.mark.parametrize(
    "name",
    [
        "formats/av1_video.mkv",
        "formats/h265_video.mp4",
        "formats/newtonscradle.gif",
        "formats/no_duration.webm",
        "formats/realshort.mp4",
        "formats/video_90.mov",
        "formats/vp8_vorbis_1s.webm",
        "clips/tree.avi",
        "clips/flipping_a_pancake.mkv",
        "clips/carphone_pristine.mp4",
        "pets/vtest_0-30s.avi",
        "broken/truncated_vtest.avi",
    ],
)
def test_pyav_reader_gives_real_frames_the_same_in_any_order(name: str, media_dir: Path) -> None:
    index = build_index(media_dir / name)
    assert index.video is not None
    times = index.video.times
    order = np.random.default_rng(3).permutation(len(times))[:6]
    one_pass = {
        round(item.time, 6): item.pixels.copy()
        for item in PyavReader(index).read(np.sort(times[order]).tolist(), max_side=200)
    }
    reader = PyavReader(index)
    for number in order:
        frame = next(iter(reader.read([float(times[number])], max_side=200)))
        assert frame.time == times[number]
        assert (frame.pixels == one_pass[round(frame.time, 6)]).all()


def test_pyav_reader_starts_over_where_a_jump_leads_past_what_decodes(
    media_dir: Path, tmp_path: Path
) -> None:
    data = (media_dir / "formats" / "av1_video.mkv").read_bytes()
    path = tmp_path / "a.mkv"  # its start stands once more, up to amid the first frame
    path.write_bytes(data[:12_301] + data[46:2_097] + data[12_301:])
    index = build_index(path)
    first = next(iter(PyavReader(index).read([0.0]))).pixels.copy()
    reader = PyavReader(index)
    next(iter(reader.read([1.0])))
    assert (next(iter(reader.read([0.0]))).pixels == first).all()


def _keyframe_place(path: Path) -> int:
    import av

    with av.open(str(path)) as container:
        places = [
            packet.pos for packet in container.demux(video=0) if packet.size and packet.is_keyframe
        ]
    assert places[1] is not None
    return int(places[1])
