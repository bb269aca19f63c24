"""Which frames of a run are kept: evidence first, then a few of each line, never too many."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.asking import Ask
from tests.drawing import number_of
from vprog.errors import DiskFullError
from vprog.execute.pictures import MAX_SIDE, MOST_PICTURES, PictureChoice
from vprog.execute.result_cache import ResultCache
from vprog.media.run_videos import MediaSource
from vprog.runs.run import Run
from vprog.trace.event import PictureKept
from vprog.trace.recorder import PICTURES, Recorder, at_node
from vprog.trace.store import read_trace
from vprog.types import Evidence, Frame, Span


def kept(choice: PictureChoice, ask: Ask, *evidence: Evidence) -> list[PictureKept]:
    run = ask()
    choice.keep(evidence, *parts_of(run))
    events = read_trace(run.recorder.folder).events
    return [event for event in events if isinstance(event, PictureKept)]


def at(start: float, end: float | None = None) -> Evidence:
    return Evidence(0, start, start if end is None else end, None, None, True)


def parts_of(run: Run) -> tuple[MediaSource, Recorder, ResultCache, Callable[[str], None]]:
    """What `PictureChoice.keep` takes of a run."""
    return run.media, run.recorder, run.runtime.cache, run.warnings.note


def test_pictures_show_the_frame_on_display_at_their_time(ask: Ask) -> None:
    choice = PictureChoice()
    run = ask()
    choice.keep([at(0.5)], *parts_of(run))
    recording = read_trace(run.recorder.folder)
    (event,) = [event for event in recording.events if isinstance(event, PictureKept)]
    assert (event.time, event.width, event.height, event.scale) == (0.5, 160, 120, 1.0)
    import numpy as np

    picture = Image.open(io.BytesIO(recording.picture(event.file)))
    assert number_of(np.asarray(picture)) == 5


def test_pictures_of_evidence_with_length_show_its_start_and_middle(ask: Ask) -> None:
    assert [frame.time for frame in kept(PictureChoice(), ask, at(0.2, 1.0))] == [0.2, 0.6]


def test_pictures_of_a_line_are_spread_over_what_it_looked_at(ask: Ask) -> None:
    choice = PictureChoice()
    for number in range(18):
        choice.looked_at(0, 1, [Frame(0, number / 10)])
    assert [frame.time for frame in kept(choice, ask)] == [0.0, 0.6, 1.2]


def test_pictures_are_never_more_than_a_page_can_hold(ask: Ask) -> None:
    choice = PictureChoice()
    for line in range(100):
        choice.looked_at(0, line, [Frame(0, line / 50)])
    many = [at(number / 60) for number in range(100)]
    assert len(kept(choice, ask, *many)) == MOST_PICTURES


def test_pictures_of_the_same_frame_are_kept_once(ask: Ask) -> None:
    choice = PictureChoice()
    choice.looked_at(0, 1, [Frame(0, 0.5), Frame(0, 0.5), [Frame(0, 0.5)]])
    assert len(kept(choice, ask, at(0.5))) == 1


def test_pictures_of_values_without_a_video_are_of_the_calls_video(
    ask: Ask, clip: Path, other_clip: Path
) -> None:
    choice = PictureChoice()
    choice.looked_at(0, 1, [Span(0.2, 0.4)], video=1)
    run = ask(videos=[clip, other_clip])
    choice.keep([], *parts_of(run))
    events = read_trace(run.recorder.folder).events
    (event,) = [event for event in events if isinstance(event, PictureKept)]
    assert (event.video, event.width) == (1, 96)


def test_pictures_are_decoded_once_for_all_runs(ask: Ask) -> None:
    first = ask()
    PictureChoice().keep(
        [at(1.3)], first.media, first.recorder, first.runtime.cache, first.warnings.note
    )
    again = ask()
    PictureChoice().keep(
        [at(1.3)], again.media, again.recorder, again.runtime.cache, again.warnings.note
    )
    assert again.media.frames_decoded == 0
    assert len(list((again.recorder.folder / PICTURES).iterdir())) == 1


def test_pictures_that_do_not_fit_on_the_disk_are_a_warning(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask()

    def full(*args: object, **kwargs: object) -> None:
        raise DiskFullError("no space is left on the disk.")

    monkeypatch.setattr(run.recorder, "keep_picture", full)
    PictureChoice().keep(
        [at(0.1), at(0.2)], run.media, run.recorder, run.runtime.cache, run.warnings.note
    )
    assert run.warnings.texts == [
        "not all pictures of the trace were kept: no space is left on the disk."
    ]


def test_pictures_of_a_sound_only_file_are_none(ask: Ask, media_dir: Path) -> None:
    run = ask(videos=[media_dir / "speech" / "jfk.flac"])
    PictureChoice().keep([at(1.0)], *parts_of(run))
    assert not list((run.recorder.folder / PICTURES).iterdir())
    assert MAX_SIDE < 1000


def test_pictures_of_a_search_are_those_of_its_chosen_path(ask: Ask) -> None:
    choice = PictureChoice()
    for node, time in ((1, 0.1), (2, 0.3), (3, 0.5)):
        with at_node(node):
            choice.looked_at(0, 1, [Frame(0, time)])
    choice.looked_at(0, 2, [Frame(0, 0.9)])
    choice.follow([1, 3])
    assert [frame.time for frame in kept(choice, ask)] == [0.1, 0.5, 0.9]


def test_pictures_of_the_same_line_of_two_nodes_are_not_mixed(ask: Ask) -> None:
    choice = PictureChoice()
    for node, first in ((1, 0.0), (2, 0.9)):
        with at_node(node):
            choice.looked_at(0, 1, [Frame(0, first + number / 10) for number in range(9)])
    choice.follow([1])
    assert [frame.time for frame in kept(choice, ask)] == [0.0, 0.3, 0.6]
