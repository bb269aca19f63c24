"""What a frame reader reports, gathered in the decoder process and told again in the host.

The host hears of a frame's events before it gets the frame, one after the other, as it would
from a reader of its own: counts, budgets and warnings are the same.
"""

from __future__ import annotations

from collections.abc import Callable

from vprog.media.decoder.decoder_link import LinkClosedError
from vprog.media.reader import DecodeReport

DECODED, SHOWN, LOST, DAMAGED, TAKEN = range(5)
Event = tuple[int, int, int]
"""A kind, then a frame and where the run of frames stops."""


class EventList:
    """Gathers events. Implements `DecodeReport`."""

    def __init__(self) -> None:
        self._events: list[Event] = []

    def take(self, most: int | None = None) -> list[Event]:
        """The events since the last time, or the first of them."""
        most = len(self._events) if most is None else most
        events, self._events = self._events[:most], self._events[most:]
        return events

    def decoded(self, number: int) -> None:
        """See `DecodeReport.decoded`."""
        self._add(DECODED, number)

    def taken(self, number: int) -> None:
        """See `DecodeReport.taken`."""
        self._add(TAKEN, number)

    def shown(self, number: int) -> None:
        """See `DecodeReport.shown`."""
        self._add(SHOWN, number)

    def lost(self, start: int, stop: int) -> None:
        """See `DecodeReport.lost`."""
        if stop > start:
            self._events.append((LOST, start, stop))

    def damaged(self, number: int) -> None:
        """See `DecodeReport.damaged`."""
        self._events.append((DAMAGED, number, number + 1))

    def _add(self, kind: int, number: int) -> None:
        """Frames in a row are one event."""
        if self._events:
            before, start, stop = self._events[-1]
            if before == kind and stop == number:
                self._events[-1] = (kind, start, number + 1)
                return
        self._events.append((kind, number, number + 1))


def tell(
    events: list[Event], report: DecodeReport, n_frames: int, count: Callable[[], None]
) -> None:
    """Report events that came from a decoder process.

    Args:
        events: in their order.
        report: is told.
        n_frames: how many frames the file has.
        count: called for each decoded frame before the report is.

    Raises:
        LinkClosedError: they name frames that there are not.
    """
    for kind, start, stop in events:
        if not 0 <= start < stop <= n_frames:
            raise LinkClosedError(f"the decoder names frames {start} to {stop} of {n_frames}.")
        if kind == DECODED:
            for number in range(start, stop):
                count()
                report.decoded(number)
        elif kind == TAKEN:
            for number in range(start, stop):
                report.taken(number)
        elif kind == SHOWN:
            for number in range(start, stop):
                report.shown(number)
        elif kind == LOST:
            report.lost(start, stop)
        else:
            report.damaged(start)
