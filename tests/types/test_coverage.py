"""What was seen and what was not: half a second to either side of a picture, each second once."""

from __future__ import annotations

import pytest

from vprog.types import Video
from vprog.types.coverage import MOST_UNSEEN, Seen, SeenDraft, coverage_of, merged

VIDEO = Video(0, 10.0, 160, 120, 10.0, 100, True, False)


def seen_at(*times: float, interval: float = 0.1) -> Seen:
    draft = SeenDraft()
    for time in times:
        draft.picture(time, (time, time + interval))
    return draft.seen(0)


@pytest.mark.parametrize(
    ("times", "share", "unseen"),
    [
        ([], 0.0, [(0.0, 10.0)]),
        ([5.0], 0.1, [(0.0, 4.5), (5.5, 10.0)]),
        ([0.0, 1.0, 2.0], 0.25, [(2.5, 10.0)]),
        ([float(second) for second in range(11)], 1.0, []),  # one frame a second
        ([second / 2 for second in range(20)], 1.0, []),
        ([1.0, 3.0], 0.2, [(0.0, 0.5), (1.5, 2.5), (3.5, 10.0)]),  # every other second
    ],
)
def test_pictures_count_for_half_a_second_to_either_side(
    times: list[float], share: float, unseen: list[tuple[float, float]]
) -> None:
    (covered,) = coverage_of([VIDEO], [seen_at(*times)])
    assert covered.pictures is not None
    assert (covered.pictures.seen, covered.pictures.unseen) == (share, unseen)


def test_a_picture_counts_as_long_as_it_is_on_display() -> None:
    slides = seen_at(0.0, 6.0, interval=6.0)  # a frame every six seconds, each of them seen
    (covered,) = coverage_of([VIDEO], [slides])
    assert covered.pictures is not None
    assert covered.pictures.unseen == []


def test_sound_counts_where_it_was_read_and_calls_are_added_up() -> None:
    parts = [Seen(video=0, sound=[(2.0, 4.0)]), Seen(video=0, sound=[(3.0, 5.0), (9.0, 10.0)])]
    (covered,) = coverage_of([VIDEO], parts)
    assert covered.sound is not None
    assert covered.sound.seen == 0.4
    assert covered.sound.unseen == [(0.0, 2.0), (5.0, 9.0)]


def test_what_a_file_does_not_have_is_none_and_subtitles_are_read_whole() -> None:
    with_subtitles = VIDEO._replace(index=1, n_frames=0, has_audio=False, has_subtitles=True)
    first, second = coverage_of([VIDEO, with_subtitles], [Seen(video=1, subtitles=True)])
    assert first.subtitles is None
    assert (second.pictures, second.sound) == (None, None)
    assert second.subtitles is not None
    assert (second.subtitles.seen, second.subtitles.unseen) == (1.0, [])


def test_gaps_are_bounded_the_longest_are_listed_and_the_share_is_of_all() -> None:
    long = VIDEO._replace(duration=20_000.0)
    (covered,) = coverage_of([long], [seen_at(*(10.0 * n for n in range(2000)))])
    assert covered.pictures is not None
    assert covered.pictures.seen == pytest.approx(0.1, abs=0.001)
    assert len(covered.pictures.unseen) == MOST_UNSEEN


def test_merged_spans_are_in_order_and_count_each_time_once() -> None:
    assert merged([(5.0, 6.0), (0.0, 2.0), (1.0, 3.0), (3.02, 4.0)]) == [(0.0, 4.0), (5.0, 6.0)]
