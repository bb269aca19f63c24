"""Copies of decoded frames.

A decoder writes into the buffers of the frames that nobody holds any more, and where a packet is
lost it leaves what stands there. Who kept its frames would change what comes out of a damaged
file; so what is kept is a copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.filter import Graph
    from av.video.frame import VideoFrame


class FrameCopier:
    """Copies frames with all that conversion to RGB looks at. Used by one thread at a time."""

    def __init__(self) -> None:
        self._kind: tuple[object, ...] = ()
        self._graph: Graph | None = None

    def copy(self, frame: VideoFrame) -> VideoFrame:
        """The same picture in memory of its own."""
        kind = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if self._graph is None or kind != self._kind:
            self._graph, self._kind = _copying(frame), kind
        self._graph.vpush(frame)
        return self._graph.vpull()


def _copying(frame: VideoFrame) -> Graph:
    from fractions import Fraction

    from av.filter import Graph

    graph = Graph()
    # Times are not looked at here, but a source of frames must have a unit of them.
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 1000),
    )
    copy, sink = graph.add("copy"), graph.add("buffersink")
    source.link_to(copy)
    copy.link_to(sink)
    graph.configure()
    return graph
