"""`probe`: what the container says of a file. From the index, nothing is decoded."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Metadata, Video


@implements("probe", backend="container", version="3")
class ProbeContainer:
    """Reads the demuxed index."""

    def __call__(self, video: Video) -> Metadata:
        return current().facts(video.index)
