"""Which spans of time rest on what modules reported: by what they said, never by two times alone.

A span is supported if it is
    reported    the start and end of one value, or exactly what one call looked at
    joined      reported spans of one task that touch, one after another
    a gap       what lies between two neighbours that it gave to one question, or beside them
    shared      the time that two reported spans have in common
    within      from one detection to another of one track, one word to another of one speech
    looked at   within the frames that a model saw in one look, which lie close together
    named       in the question
    a run       the samples of one measurement that lie above, or below, all around them; or
                frames in a row of which one task with the same words said the same

Times are compared to 1 ms.
"""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_STEP = 5.0
"""Seconds between two frames of a run: what lies between samples further apart is unknown."""


class _Sample(NamedTuple):
    """What a task said of one frame."""

    said: Hashable
    score: float | None


@dataclass
class _Series:
    """Times of one value or call in order; `values` where a run must stand out from the rest."""

    times: list[float]
    values: list[float] | None = None

    def holds(self, start: float, end: float) -> bool:
        first = bisect.bisect_left(self.times, start)
        last = bisect.bisect_left(self.times, end)
        if last == len(self.times) or self.times[last] != end or self.times[first] != start:
            return False
        if self.values is None:
            return True
        # A run ends with its last sample, or where the next begins.
        return self._stands_out(first, last + 1) or self._stands_out(first, last)

    def _stands_out(self, first: int, stop: int) -> bool:
        assert self.values is not None
        inside = self.values[first:stop]
        around = [*self.values[max(0, first - 1) : first], *self.values[stop : stop + 1]]
        if not inside or not around:
            return bool(inside)
        return min(inside) > max(around) or max(inside) < min(around)


class _Question:
    """The spans that one task gave, to one question or to all, and what was looked at for them."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float]] = []
        """In order of their starts."""
        self._last_ends: list[float] = []
        """The latest end among the spans up to each; made when it is asked for."""
        self._looks: set[tuple[float, float]] = set()
        self._opens: set[float] = set()
        self._closes: set[float] = set()
        self._known: set[tuple[float, float]] = set()

    def look(self, start: float, end: float) -> None:
        self._looks.add((start, end))
        self._opens.add(start)
        self._closes.add(end)

    def report(self, start: float, end: float) -> None:
        if (start, end) not in self._known:
            self._known.add((start, end))
            self._spans.append((start, end))
            self._last_ends.clear()
            self._opens.add(end)
            self._closes.add(start)

    def is_joined(self, start: float, end: float) -> bool:
        """Whether reported spans that touch lead from one time to the other."""
        self._order()
        covered = start
        for begin, stop in self._spans[bisect.bisect_left(self._spans, (start, start)) :]:
            if begin > covered or covered == end:
                break
            covered = max(covered, stop) if stop <= end else covered
        return covered == end > start

    def is_gap(self, start: float, end: float) -> bool:
        """Whether a call looked between two neighbours and reported nothing there."""
        if not any(begin <= start and end <= stop for begin, stop in self._looks):
            return False
        self._order()
        before = bisect.bisect_left(self._spans, (end, end))
        reaches = self._last_ends[before - 1] if before else start
        return start in self._opens and end in self._closes and reaches <= start < end

    def _order(self) -> None:
        if len(self._last_ends) != len(self._spans):
            self._spans.sort()
            ends = (end for _, end in self._spans)
            self._last_ends = list(itertools.accumulate(ends, max))


class SpanSupport:
    """What modules reported of the times of one video."""

    def __init__(self) -> None:
        self.times: set[float] = set()
        """Every time that stands in a reported value."""
        self._exact: set[tuple[float, float]] = set()
        self._last_end: dict[float, float] = {}
        self._first_start: dict[float, float] = {}
        self._questions: defaultdict[Hashable, _Question] = defaultdict(_Question)
        self._at: defaultdict[float, dict[Hashable, _Question | _Series]] = defaultdict(dict)
        self._frames: defaultdict[Hashable, dict[float, _Sample]] = defaultdict(dict)
        self._frames_at: defaultdict[float, set[Hashable]] = defaultdict(set)
        self._watched: list[list[float]] = []
        self._scores_at: dict[float, float] = {}
        """By time: the best score of what begins or ends there."""

    def name(self, start: float, end: float) -> None:
        """The question names a time, or a span."""
        self.times |= {seconds(start), seconds(end)}
        self._exact.add((seconds(start), seconds(end)))

    def watch(self, times: Sequence[float]) -> None:
        """A model saw these frames in one look, and said something of them."""
        self._watched.append(sorted(seconds(time) for time in times))

    def look(self, question: Hashable, start: float, end: float) -> None:
        """A call looked at a span, whatever it found there."""
        start, end = seconds(start), seconds(end)
        self._exact.add((start, end))
        self._questions[question].look(start, end)
        self._at[start][question] = self._questions[question]

    def report(
        self,
        question: tuple[Hashable, ...],
        start: float,
        end: float,
        score: float | None = None,
    ) -> None:
        """A value said, this sure, that something lasts from one time to another.

        The first item of a question is the task.
        """
        start, end = seconds(start), seconds(end)
        for time in (start, end) if score is not None else ():
            self._scores_at[time] = max(score or 0.0, self._scores_at.get(time, 0.0))
        self.times |= {start, end}
        self._exact.add((start, end))
        self._last_end[start] = max(end, self._last_end.get(start, end))
        self._first_start[end] = min(start, self._first_start.get(end, start))
        for key in (question, question[:1]):
            asked = self._questions[key]
            asked.report(start, end)
            self._at[start][key] = self._at[end][key] = asked

    def measure(self, times: Sequence[float], values: Sequence[float] | None = None) -> None:
        """A value or a call has several times; with the values measured there."""
        order = sorted(range(len(times)), key=lambda at: times[at])
        at_times = [seconds(times[at]) for at in order]
        series = _Series(at_times, None if values is None else [values[at] for at in order])
        self.times |= set(at_times)
        for time in dict.fromkeys(at_times):
            self._at[time][id(series)] = series

    def sample(
        self, question: Hashable, time: float, said: Hashable, score: float | None = None
    ) -> None:
        """A task said something of one frame, this sure; falsy where it found nothing."""
        time = seconds(time)
        self._frames[question][time] = _Sample(said, score)
        self._frames_at[time].add(question)

    def supports(self, start: float, end: float) -> bool:
        """Whether a span rests on what was reported."""
        start, end = seconds(start), seconds(end)
        if (start, end) in self._exact or start == end:
            return (start, end) in self._exact or start in self.times
        if self._last_end.get(start, start) >= end and self._first_start.get(end, end) <= start:
            return True
        for known in self._at.get(start, {}).values():
            if isinstance(known, _Series):
                if known.holds(start, end):
                    return True
            elif known.is_joined(start, end) or known.is_gap(start, end):
                return True
        if any(_lies_within(start, end, times) for times in self._watched):
            return True
        return any(True for _ in self._runs(start, end))

    def edge_score(self, start: float, end: float) -> float | None:
        """How sure the less sure is of what ends where a span begins, or begins where it ends."""
        scores = (self._scores_at.get(seconds(time)) for time in (start, end))
        return min((score for score in scores if score is not None), default=None)

    def run_score(self, start: float, end: float) -> float | None:
        """How sure a run of frames is of which one task said the same: as its least sure frame.

        Of several tasks the surest run counts; None where none gave a score.
        """
        scores = [
            min(sample.score for sample in run if sample.score is not None)
            for run in self._runs(seconds(start), seconds(end))
            if any(sample.score is not None for sample in run)
        ]
        return max(scores, default=None)

    def _runs(self, start: float, end: float) -> Iterator[list[_Sample]]:
        """The frames in a row of which one task said the same, from one time to before another."""
        both = self._frames_at.get(start, set()) & self._frames_at.get(end, set())
        for question in both:
            frames = self._frames[question]
            times = sorted(time for time in frames if start <= time <= end)
            run = [frames[time] for time in times[:-1]]  # the last may be where it is over
            said = {sample.said for sample in run}
            is_dense = all(later - time <= MOST_STEP for time, later in itertools.pairwise(times))
            if len(said) == 1 and all(said) and is_dense:
                yield run


def _lies_within(start: float, end: float, times: Sequence[float]) -> bool:
    """Whether a span lies between frames, each no further than a step from the next."""
    if not times[0] <= start <= end <= times[-1]:
        return False
    first = max(0, bisect.bisect_right(times, start) - 1)
    last = bisect.bisect_left(times, end)
    seen = times[first : last + 1]
    return all(later - time <= MOST_STEP for time, later in itertools.pairwise(seen))


def seconds(time: float) -> float:
    """A time as it is compared."""
    return round(float(time), 3)
