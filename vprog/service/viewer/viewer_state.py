"""What the routes of the page share: the service, the token, and the videos that are open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from vprog.errors import UsageError
from vprog.media.media_pool import MediaPool
from vprog.media.run_file import MediaFile
from vprog.registry.registry import Registry
from vprog.service.service import Service
from vprog.view.explored_trace import Trace
from vprog.view.recorded_video import open_recorded

_MOST_TRACES = 16
"""So many are kept read: a page asks for parts of one again and again."""


class Viewed:
    """The runs of one folder, to be shown. May be used from several threads at once."""

    def __init__(self, service: Service, token: str, registry: Registry | None = None) -> None:
        self.service = service
        self.token = token
        self.registry = registry
        self.pool = MediaPool()
        self._traces: OrderedDict[tuple[str, int], Trace] = OrderedDict()
        self._lock = threading.Lock()

    def trace(self, name: str) -> Trace:
        """A trace by name, read again where it has grown.

        Raises:
            TraceNotFoundError, TraceError: there is none, or it cannot be read.
        """
        trace = self.service.trace(name)
        key = trace.folder.name, len(trace.recording.events)
        with self._lock:
            known = self._traces.setdefault(key, trace)
            self._traces.move_to_end(key)
            while len(self._traces) > _MOST_TRACES:
                self._traces.popitem(last=False)
            return known

    @contextmanager
    def file(self, trace: Trace, video: int) -> Iterator[MediaFile]:
        """A video of a run, for the length of a `with` block.

        Raises:
            UsageError: the run has no such video.
            VideoError: it is gone, or is not what the run saw.
        """
        videos = trace.recording.started.videos
        if not 0 <= video < len(videos):
            raise UsageError(
                f"video {video}: the run has {len(videos)}.", hint="They are counted from 0."
            )
        file = open_recorded(videos[video], pool=self.pool)
        try:
            yield file
        finally:
            file.close()

    def url(self, *parts: str | int, **query: str) -> str:
        """The address of something on this server, with the token."""
        path = "/".join(quote(str(part), safe="") for part in parts)
        return f"/{path}?{urlencode({**query, 'token': self.token})}"
