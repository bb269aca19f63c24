"""The packets of some streams, past damage as far as the demuxer can go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from vprog.media.joined_clock import Clock
from vprog.media.opening import reason_of
from vprog.media.sign_of_life import beat

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

MAX_FAILURES = 100
"""So many errors of the demuxer end a pass."""


def read_packets(
    container: InputContainer,
    streams: list[Stream],
    failed: Callable[[str], None],
    clock: Clock | None = None,
    matter_end: int | None = None,
) -> Iterator[Packet[Any]]:
    """The packets from where the container stands, then an empty one per stream.

    Args:
        container: an open file.
        streams: those of its streams that are wanted.
        failed: is told the reason of each error of the demuxer.
        clock: of a file whose time stamps start anew; the packets come on it.
        matter_end: the byte at which the file's tags begin; they are no packets.
    """
    packets = _past_damage(container, streams, failed)
    if matter_end is not None:
        packets = (packet for packet in packets if packet.pos is None or packet.pos < matter_end)
    return packets if clock is None else clock.follow(packets)


def _past_damage(
    container: InputContainer, streams: list[Stream], failed: Callable[[str], None]
) -> Iterator[Packet[Any]]:
    import av

    failures = 0
    while streams:
        try:
            for packet in container.demux(*streams):
                beat()
                yield packet
        except IndexError:
            return  # at its end PyAV trips over streams that damage made up; ours are through
        except av.FFmpegError as error:
            failures += 1
            failed(reason_of(error))
            if failures < MAX_FAILURES:
                continue
        return
