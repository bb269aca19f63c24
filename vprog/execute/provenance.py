"""What modules reported in a run, and whether an answer's evidence rests on it.

A piece of evidence is supported if it is

    a value   equal to one that a module reported, or to a part of one
    a frame   that a module looked at, or that is on display at a reported time; with a region,
              that of something found in this very frame
    a span    as span_support.py says, or one that the question names
    a detection  whose box a module found in this frame: as a place, with the module's score; the
              label and score that the program wrote on it stand for nothing

What counts as reported is decided by origin (registry/origin.py): values that a module passes
on are reported only if what it was given is supported. So what a program makes up stays made
up, through whatever modules it is handed.

Calls are queued as they come and indexed at the first query: what nobody cites costs little.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

import msgspec

from vprog.execute.span_support import SpanSupport, seconds
from vprog.execute.told import Told, places_of, quote_score, quotes, replies_saying
from vprog.registry.origin import Origin
from vprog.types import (
    Box,
    Detection,
    Evidence,
    Frame,
    Level,
    Mask,
    Reply,
    Span,
    Speech,
    Track,
    Video,
)
from vprog.types.locate import Location, location_of

_MOST_VALUES = 200_000
_SIMPLE = frozenset({str, int, float, bool, type(None)})


class ReportedCall(msgspec.Struct, frozen=True):
    """One call that gave a result; its values must not change from here on.

    Attributes:
        video: the index of the one that it is about.
    """

    task: str
    origin: Origin
    arguments: Mapping[str, object]
    result: object
    video: int = 0


class Provenance:
    """The values that modules gave in one run, each with its video."""

    def __init__(self) -> None:
        self._values: dict[object, int] = {}
        self._boxes: set[object] = set()
        """Frames, without their region, each with a box of something found in it."""
        self._spans: defaultdict[int, SpanSupport] = defaultdict(SpanSupport)
        self._scores: dict[object, float] = {}
        """Of frames, spans and places: the best score of what a module reported there."""
        self._queue: deque[ReportedCall] = deque()
        self._lock = threading.Lock()

    def record(self, call: ReportedCall) -> None:
        """Remember a call: what it looked at, and what it reported."""
        self._queue.append(call)

    def index(self) -> None:
        """Make what is queued ready for queries, which do so themselves, and let go of it."""
        with self._lock:  # programs of one run may query at the same time
            while self._queue:
                self._index_call(self._queue.popleft())

    def name_span(self, video: int, start: float, end: float) -> None:
        """The question itself names a time: what an answer says of it need not be found first."""
        self._spans[video].name(start, end)

    def score_of(
        self,
        value: object,
        items: Iterable[object],
        *,
        told: Iterable[Told] = (),
        is_denial: bool = False,
    ) -> float | None:
        """The lowest score of what an answer comes from; None if nothing of it has one.

        It comes from the evidence that has a score, and from what a module told that says the same
        (a reply, the text of a line, a label, a colour, a time), whether or not the program names
        it. Where neither is there, evidence such as a frame counts as the best that modules
        reported there.

        Of several replies named that say the same, the surest counts. Things found beside such a
        reply confirm it, and do not lower it however unsure they are, unless it is a look at them.

        Args:
            value: the answer.
            items: its evidence.
            told: what modules told on the way to it; a look before, or another attempt, says
                nothing of how sure this one is.
            is_denial: whether it says that something is not there: what was found at the places
                that it names is then something else.
        """
        self.index()
        cited = list(items)
        places = places_of(cited)
        said = [one.score for one in told if one.says(value, places)]
        saying = replies_saying(cited, value)
        if saying:
            found = [item for item in cited if isinstance(item, Detection | Track | Mask)]
            said = [self._score_of_look(reply, found) for reply in saying]
            cited = [item for item in cited if item not in saying and item not in found]
        scores = [self._own_score(item, value) for item in cited]
        scores.append(max(said, default=None))
        if not is_denial and all(score is None for score in scores):
            scores = [self._score_there(item) for item in cited]
        return min((score for score in scores if score is not None), default=None)

    def video_of(self, arguments: Sequence[object], named: set[int] | None = None) -> int:
        """The video that a call is about: named in its arguments, or that of values in them.

        `named` are the former, where they are known.
        """
        if named is None:
            named = videos_in(list(arguments))
        if named:
            return min(named)
        for argument in arguments:
            first = argument[0] if isinstance(argument, list) and argument else argument
            if hasattr(first, "_fields"):
                self.index()
                video = self._values.get(freeze(first))
                if video is not None:
                    return video
        return 0

    def supports(self, item: object) -> bool:
        """Whether a piece of evidence rests on what was reported."""
        self.index()
        return self._supports(item)

    def evidence(self, items: Iterable[object]) -> list[Evidence]:
        """The evidence that an answer names, as results show it.

        A track beside frames in its life is evidence for these moments, not for all of its life:
        of how many there are at 0:05, or where most are there.
        """
        self.index()
        evidence: list[Evidence] = []
        cited = list(items)
        for item in cited:
            if isinstance(item, Reply) and item.frames:
                evidence += self._seen_in(item)
                continue
            location = location_of(item, self._home_of(item))
            if location is None:
                continue
            if isinstance(item, Track):
                location = _at_moments(item, location, cited)
            video, start, end, box, text, _ = location
            is_place = self._is_place(item)
            if is_place:
                text = None  # something was found there, but not that it is this
            supported = is_place or self._supports(item)
            evidence.append(Evidence(video, start, end, box, text, supported))
        return evidence

    def _score_of_look(self, reply: Reply, found: Sequence[object]) -> float:
        """The score of a reply, or the lower one of a thing whose box it looked at."""
        looked_at = {
            _place(frame, frame.region) for frame in reply.frames if frame.region is not None
        }
        boxes = [
            item.score
            for item in found
            if isinstance(item, Detection) and _place(item.frame, item.box) in looked_at
        ]
        return min([reply.score, *boxes])

    def _seen_in(self, reply: Reply) -> list[Evidence]:
        """A reply as evidence: the frames that it rests on, each with its text."""
        supported = self._supports(reply)
        return [
            Evidence(frame.video, frame.time, frame.time, frame.region, reply.text, supported)
            for frame in reply.frames
        ]

    def _own_score(self, item: object, value: object) -> float | None:
        """The score in a value; of speech that an answer quotes, that of the least sure word.

        Of a detection that a program made it is that of its place.
        """
        if isinstance(item, Speech) and quotes(value, item.text):
            return quote_score(item)
        if self._is_place(item):
            assert isinstance(item, Detection)
            return self._scores.get(_place(item.frame, item.box))
        location = location_of(item)
        return None if location is None else location.score

    def _score_there(self, item: object) -> float | None:
        """The best score that a module reported at a frame, a part of one, or a span."""
        if isinstance(item, Frame) and item.region is not None:
            return self._scores.get(_place(item, item.region))
        score = self._scores.get(freeze(item))
        if score is None and isinstance(item, Span):
            known = self._spans[self._home_of(item)]
            score = known.run_score(item.start, item.end)
            score = known.edge_score(item.start, item.end) if score is None else score
        return score

    def _is_place(self, item: object) -> bool:
        """Whether a detection is a program's own, in a box that a module found."""
        if not isinstance(item, Detection) or freeze(item) in self._values:
            return False
        return _place(item.frame, item.box) in self._boxes

    def _supports(self, item: object) -> bool:
        if freeze(item) in self._values:
            return True
        if isinstance(item, Span):
            return self._video_of_span(item) is not None
        if isinstance(item, Frame) and item.region is not None:
            return _place(item, item.region) in self._boxes
        return isinstance(item, Frame) and self._is_reported_time(item.time, item.video)

    def _is_reported_time(self, time: float, video: int) -> bool:
        return video in self._spans and seconds(time) in self._spans[video].times

    def _home_of(self, item: object) -> int:
        """The video of a value that does not name one itself."""
        video = self._values.get(freeze(item))
        if video is None and isinstance(item, Span):
            video = self._video_of_span(item)
        return video if video is not None else 0

    def _video_of_span(self, span: Span) -> int | None:
        """The first video in which a span is supported."""
        return next(
            (
                video
                for video, known in sorted(self._spans.items())
                if known.supports(span.start, span.end)
            ),
            None,
        )

    # A call

    def _index_call(self, call: ReportedCall) -> None:
        question = _question_of(call)
        if call.origin.looks:
            self._index_looks(call, question)
        given = [
            item
            for name in call.origin.passes_on
            for item in _items_of(call.arguments.get(name))
            if hasattr(item, "_fields") or type(item) in (int, float)
        ]
        if not (given or call.origin.looks):
            return
        if all(self._is_backed(item, call.video) for item in given):
            self._index_result(call, question)

    def _made_up(self, call: ReportedCall) -> set[object]:
        """The values among a call's arguments that no module reported."""
        return {
            key
            for argument in call.arguments.values()
            for part in _parts_of(argument)
            if (key := freeze(part)) not in self._values
        }

    def _is_backed(self, item: object, video: int) -> bool:
        if isinstance(item, int | float):
            return self._is_reported_time(item, video)
        return self._supports(item)

    def _index_looks(self, call: ReportedCall, question: tuple[Hashable, ...]) -> None:
        """The frames and the span that a module was given to look at."""
        frames = list(_frames_in(call.arguments.values()))
        for frame in frames:
            self._values.setdefault(freeze(frame), frame.video)
        spans = [value for value in call.arguments.values() if isinstance(value, Span)]
        known = self._spans[call.video]
        for span in spans:
            known.look(question, span.start, span.end)
        for item in _items_of(dict(call.arguments)):
            if isinstance(item, Video) and not spans:
                self._spans[item.index].look(question, 0.0, item.duration)
        if len(frames) > 2 and len({frame.video for frame in frames}) == 1:
            known = self._spans[frames[0].video]
            times = sorted(frame.time for frame in frames)  # they may be shown backwards
            known.look(question, times[0], times[-1])
            if isinstance(call.result, Reply):
                known.watch(times)
        elif len(frames) == 1:
            self._spans[frames[0].video].sample(
                question, frames[0].time, _said(call.result), _best_score(call.result)
            )

    def _index_result(self, call: ReportedCall, question: tuple[Hashable, ...]) -> None:
        known = self._spans[call.video]
        waiting = [call.result]
        made_up: set[object] | None = None
        while waiting and len(self._values) < _MOST_VALUES:
            item = waiting.pop()
            if type(item) in _SIMPLE:
                continue
            if isinstance(item, list | tuple):
                if made_up is None:  # before anything of the result counts as reported
                    made_up = self._made_up(call)
                if not hasattr(item, "_fields"):
                    self._index_levels(item, known)
                elif (key := freeze(item)) in made_up:
                    continue  # the program's own, given back
                else:
                    self._values.setdefault(key, call.video)
                    self._index_value(item, known, question)
                waiting.extend(item)
            elif isinstance(item, dict):
                waiting.extend(item.values())

    def _index_value(
        self, item: object, known: SpanSupport, question: tuple[Hashable, ...]
    ) -> None:
        """What one reported value says of times and places."""
        start, end = getattr(item, "start", None), getattr(item, "end", None)
        score = getattr(item, "score", None)
        if isinstance(start, float) and isinstance(end, float):
            known.report(question, start, end, score if isinstance(score, float) else None)
            self._rate(freeze(Span(start, end)), score)
        if isinstance(item, Reply):
            for shown in item.frames:
                self._rate(_whole(shown), score)
        if isinstance(item, Track):
            known.measure([detection.frame.time for detection in item.detections])
        elif isinstance(item, Speech):
            known.measure([time for word in item.words for time in (word.start, word.end)])
        elif isinstance(item, Frame | Level):
            known.times.add(seconds(item.time))
        frame, box = getattr(item, "frame", None), getattr(item, "box", None)
        if isinstance(frame, Frame) and isinstance(box, Box):
            place = _place(frame, box)
            self._boxes.add(place)
            self._rate(place, score)
        if isinstance(frame, Frame):
            self._rate(_whole(frame), score)

    def _rate(self, key: object, score: object) -> None:
        if isinstance(score, float):
            self._scores[key] = max(score, self._scores.get(key, score))

    @staticmethod
    def _index_levels(items: Sequence[object], known: SpanSupport) -> None:
        levels = [item for item in items if isinstance(item, Level)]
        if levels:
            known.measure([level.time for level in levels], [level.value for level in levels])


def _question_of(call: ReportedCall) -> tuple[Hashable, ...]:
    """A task with the numbers and words that it was given: what it was asked to find."""
    words = [
        (name, value)
        for name, value in call.arguments.items()
        if isinstance(value, str | int | float)
    ]
    return (call.task, *words)


def _said(result: object) -> object:
    """What a result says of a frame, to be compared with what is said of the next."""
    if isinstance(result, Reply):
        return result.text
    return result if isinstance(result, str) else isinstance(result, list) and bool(result)


def _best_score(result: object) -> float | None:
    """The best score in what a task gave for one frame; None where it gives none."""
    items = result if isinstance(result, list) else [result]
    scores = [getattr(item, "score", None) for item in items]
    return max((score for score in scores if isinstance(score, float)), default=None)


def _at_moments(track: Track, location: Location, cited: Sequence[object]) -> Location:
    """Where a track is at the frames that are cited beside it; all of it where there are none."""
    times = [
        item.time
        for item in cited
        if isinstance(item, Frame)
        and item.video == location.video
        and track.span.start <= item.time <= track.span.end
    ]
    if not times or not track.detections:
        return location
    first = min(times)
    nearest = min(track.detections, key=lambda found: abs(found.frame.time - first))
    return location._replace(start=first, end=max(times), box=nearest.box)


def _items_of(argument: object) -> list[object]:
    """The values of an argument; those of a list, a plain tuple or a dict one by one."""
    items: list[object] = []
    waiting = [argument]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple) and not hasattr(item, "_fields"):
            waiting.extend(item)
        else:
            items.append(item)
    return items


def _parts_of(argument: object) -> Iterator[object]:
    """The values of an argument and all that is in them."""
    waiting = _items_of(argument)
    while waiting:
        item = waiting.pop()
        if hasattr(item, "_fields") and not isinstance(item, Video):
            yield item
            assert isinstance(item, tuple)
            waiting.extend(part for field in item for part in _items_of(field))


def _frames_in(arguments: Iterable[object]) -> Iterator[Frame]:
    for argument in arguments:
        for item in argument if isinstance(argument, list) else [argument]:
            if isinstance(item, Frame):
                yield item


def videos_in(value: object) -> set[int]:
    """The indices of the videos that a value names."""
    videos: set[int] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) in _SIMPLE:
            continue
        if isinstance(item, Frame):
            videos.add(item.video)
        elif isinstance(item, Video):
            videos.add(item.index)
        elif isinstance(item, list | tuple):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
    return videos


def _place(frame: Frame, box: Box) -> object:
    """A box in a frame, as a key."""
    return ("place", _whole(frame), freeze(box))


def _whole(frame: Frame) -> object:
    """A frame without its region, as a key."""
    return freeze(frame if frame.region is None else frame._replace(region=None))


def freeze(value: object) -> object:
    """A value as something that can be hashed; equal values give equal keys of one type."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, Box):
        return ("Box", *[round(element, 3) for element in value])
    if isinstance(value, list | tuple):
        name = type(value).__name__ if hasattr(value, "_fields") else "list"
        return (name, *[item if type(item) in _SIMPLE else freeze(item) for item in value])
    if isinstance(value, dict):
        return ("dict", *((key, freeze(item)) for key, item in value.items()))
    return value
