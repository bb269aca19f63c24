"""Times in questions."""

from __future__ import annotations

import pytest

from vprog.rules.times import read_length, take_times
from vprog.types import Span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 s", 5.0),
        ("5s", 5.0),
        ("12 seconds", 12.0),
        ("twelve seconds", 12.0),
        ("twenty-one seconds", 21.0),
        ("five and a half seconds", 5.5),
        ("half a minute", 30.0),
        ("1 min 5 s", 65.0),
        ("1m5s", 65.0),
        ("2 minutes and 3 seconds", 123.0),
        ("1 hour 2 minutes", 3720.0),
        ("250 ms", 0.25),
        ("0:12", 12.0),
        ("1:02:03", 3723.0),
        ("0:12.5", 12.5),
        ("second 7", 7.0),
        ("the 5 second mark", 5.0),
        ("as", None),
        ("5", None),
        ("a man", None),
        ("five people", None),
        ("", None),
    ],
)
def test_read_length(text: str, seconds: float | None):
    assert read_length(text) == seconds


@pytest.mark.parametrize(
    ("text", "kind", "start", "end"),
    [
        ("what is shown at 5 s", "at", 5.0, 5.0),
        ("what is shown at about 5 seconds", "at", 5.0, 5.0),
        ("what is shown 5 seconds in", "at", 5.0, 5.0),
        ("what is shown 5 seconds into the video", "at", 5.0, 5.0),
        ("what is shown @0:12", "at", 12.0, 12.0),
        ("at the 7 second mark what is shown", "at", 7.0, 7.0),
        ("what is shown at the start", "at", 0.0, 0.0),
        ("what is shown at the very beginning of the video", "at", 0.0, 0.0),
        ("what is shown at the end", "at", 30.0, 30.0),
        ("what is shown halfway through", "at", 15.0, 15.0),
        ("what is shown in the middle of the video", "at", 15.0, 15.0),
        ("who speaks between 5 and 9 seconds", "within", 5.0, 9.0),
        ("who speaks between 0:05 and 0:09", "within", 5.0, 9.0),
        ("who speaks between 5 s and 9 s", "within", 5.0, 9.0),
        ("who speaks from 0:05 to 0:09", "within", 5.0, 9.0),
        ("who speaks from 5 to 9 s", "within", 5.0, 9.0),
        ("who speaks from the start to 9 s", "within", 0.0, 9.0),
        ("who speaks 5-9 s", "within", 5.0, 9.0),
        ("who speaks in the first 5 seconds", "within", 0.0, 5.0),
        ("who speaks in the first second", "within", 0.0, 1.0),
        ("who speaks during the last three seconds", "within", 27.0, 30.0),
        ("who speaks in the second half", "within", 15.0, 30.0),
        ("who speaks in the first half of the video", "within", 0.0, 15.0),
        ("who speaks after 10 s", "within", 10.0, 30.0),
        ("who speaks before 0:10", "within", 0.0, 10.0),
        ("who speaks until 10 seconds", "within", 0.0, 10.0),
    ],
)
def test_time_is_taken_out(text: str, kind: str, start: float, end: float):
    rest, times = take_times(text, 30.0)
    assert [(time.kind, time.start, time.end) for time in times] == [(kind, start, end)]
    assert not {"s", "seconds", "5", "9"} & set(rest.split())


@pytest.mark.parametrize(
    "text",
    [
        "how many people",
        "is it longer than 5 seconds",
        "the second shot",
        "at 5 people",
        "in the middle of the picture",
        "the first person",
        "as soon as possible",
        "between two people",
        "between 9 and 5 seconds",
    ],
)
def test_what_is_no_time_stays(text: str):
    rest, times = take_times(text, 30.0)
    assert times == []
    assert rest.split() == text.split()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("after 0:30", 30.0, 60.0),
        ("after 0:12", 20.0, 60.0),
        ("until 0:30", 20.0, 30.0),
        ("in the first 5 seconds", 20.0, 25.0),
        ("in the second half", 40.0, 60.0),
        ("halfway", 40.0, 40.0),
        ("at 0:30", 30.0, 30.0),
    ],
)
def test_times_of_a_part_are_on_the_clock_of_the_file(text: str, start: float, end: float):
    _, (time,) = take_times(text, 90.0, Span(20.0, 60.0))
    assert (time.start, time.end) == (start, end)


def test_two_times_keep_their_places():
    rest, times = take_times("is it louder at 2 s than at the end", 30.0)
    assert rest.split() == ["is", "it", "louder", "time0mark", "than", "time1mark"]
    assert [time.start for time in times] == [2.0, 30.0]
