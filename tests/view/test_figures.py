"""Evidence on the page: where a thing begins, where it was last seen, where most are at once."""

from __future__ import annotations

from pathlib import Path

from tests.view.html.test_page import check_harmless, page
from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import RecordedEvidence
from vprog.trace.store import Recording
from vprog.types import Box, Detection, Frame, Span, Track
from vprog.view.explored_trace import Trace


def follow(number: int, *times: float) -> Track:
    """A thing that stands 20 pixels further right at each of its times."""
    found = [
        Detection("person", Box(10.0 + 20 * place, 10.0 * number, 20.0 + 20 * place, 60.0), 0.9,
                  Frame(0, time))
        for place, time in enumerate(times)
    ]  # fmt: skip
    return Track(number, "person", Span(times[0], times[-1]), found, 0.9)


def piece(track: Track) -> RecordedEvidence:
    return RecordedEvidence(video=0, start=track.span.start, end=track.span.end,
                        box=track.detections[0].box, text="person", supported=True)  # fmt: skip


def shown(recording: Recording) -> list[tuple[str, list[float]]]:
    """Of each figure its caption, and the left edges of the boxes in it, in kept pixels."""
    check_harmless(page(recording))
    model = Trace(recording).model
    return [
        (
            "; ".join(figure.captions),
            [labelled.box.x0 * model.pictures[figure.picture].scale for labelled in figure.boxes],
        )
        for figure in model.evidence_figures
    ]


def test_a_followed_thing_is_shown_where_it_begins_and_where_it_was_last_seen(
    tmp_path: Path,
) -> None:
    track = follow(1, 1.0, 2.0, 3.0)
    recording = write(
        tmp_path / "r", started(), program("answer(1)"), called(1, [track]),
        answered(1, [piece(track)]), ended(), pictures=(1.0, 2.0, 3.0, 4.0),
    )  # fmt: skip
    assert shown(recording) == [("0:01-0:03 person", [5.0]), ("0:03 person", [25.0])]


def test_things_that_are_there_at_once_are_shown_at_once_first(tmp_path: Path) -> None:
    tracks = [follow(1, 1.0, 2.0, 3.0), follow(2, 2.0, 3.0), follow(3, 3.0, 4.0),
              follow(4, 0.0, 1.0)]  # fmt: skip
    recording = write(
        tmp_path / "r", started(), program("answer(4)"), called(1, tracks),
        answered(4, [piece(track) for track in tracks]), ended(), pictures=(0.0, 1.0, 2.0, 3.0),
    )  # fmt: skip
    assert shown(recording) == [
        ("0:03 3 of 4 at once; 0:03-0:04 person", [25.0, 15.0, 5.0]),
        ("0:01-0:03 person", [5.0]),
        ("0:02-0:03 person", [5.0]),
        ("0:00-0:01 person", [5.0]),
    ]


def test_a_stretch_that_no_module_followed_is_shown_where_it_begins(tmp_path: Path) -> None:
    box = Box(10.0, 10.0, 20.0, 20.0)
    item = RecordedEvidence(video=0, start=1.0, end=3.0, box=box, text="x", supported=False)
    recording = write(
        tmp_path / "r", started(), program("answer(1)"), called(1, [follow(1, 1.0, 3.0)]),
        answered(1, [item]), ended(), pictures=(1.0, 3.0),
    )  # fmt: skip
    assert shown(recording) == [("0:01-0:03 x (no module's output supports this)", [5.0])]


def test_evidence_without_a_kept_frame_is_listed(tmp_path: Path) -> None:
    items = [RecordedEvidence(video=0, start=float(time), end=float(time), box=None, text="x",
                          supported=True) for time in range(30)]  # fmt: skip
    recording = write(tmp_path / "r", started(), program("a"), answered(1, items), ended())
    model = Trace(recording).model
    assert (len(model.evidence), len(model.evidence_listed), model.evidence_left) == (30, 24, 6)
    assert "6 more pieces stand in the trace." in page(recording)
