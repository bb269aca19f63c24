"""How a coded picture is turned and mirrored for display, and doing it.

PyAV gives pictures as they are coded. A frame's side data would hold the display matrix, but
reading it frees memory twice (PyAV 18.1, side data with a name, such as a PNG's colour profile):
the process dies. So a stream's matrix is read from a header that ffmpeg writes of the stream, a
picture's from its EXIF, and any other turning from what PyAV computes of it.
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Turning:
    """Degrees clockwise, then whether left and right are swapped."""

    rotation: int = 0
    mirrored: bool = False


EXIF = {
    1: Turning(),
    2: Turning(0, True),
    3: Turning(180),
    4: Turning(180, True),
    5: Turning(90, True),
    6: Turning(90),
    7: Turning(270, True),
    8: Turning(270),
}
"""What the values of EXIF's Orientation mean."""

_ORIENTATION = 0x0112
_HOLDS_EXIF = (b"Exif", b"eXIf", b"EXIF", b"II*\0", b"MM\0*")  # JPEG, PNG, WebP, TIFF


def turning_of(frame: VideoFrame, packet: Packet[VideoStream], stream: VideoStream) -> Turning:
    """The turning that a stream's first frame asks for, to the nearest quarter.

    Args:
        frame: decoded from the packet.
        packet: a picture as a file of its own holds it, where the stream is one picture.
        stream: where both come from.
    """
    turning = Turning()
    if "mov" in stream.container.format.name:
        turning = _turning_of_matrix(_stated_matrix(stream))
    elif stream.container.format.name.endswith("_pipe"):
        turning = _exif_turning(bytes(packet))
    if turning == Turning():
        # Counter-clockwise, and cut off to a whole number: -89.999 comes as -89.
        turning = Turning(round(-frame.rotation / 90) % 4 * 90)
    return turning


def turn(pixels: NDArray[np.uint8], rotation: int, mirrored: bool) -> NDArray[np.uint8]:
    """A coded picture (H, W, 3) as it is displayed."""
    import numpy as np

    if rotation:
        pixels = np.rot90(pixels, k=-rotation // 90)
    if mirrored:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _turning_of_matrix(matrix: tuple[int, int, int, int]) -> Turning:
    """The turning of (a, b, c, d): the coded (x, y) is shown at (a x + c y, b x + d y), y down."""
    a, b, c, d = matrix
    mirrored = a * d - b * c < 0
    if mirrored:  # shown = mirror(turn(coded)): undo the mirror to read the turn
        a, c = -a, -c
    degrees = math.degrees(math.atan2(b, a))
    return Turning(round(degrees / 90) % 4 * 90, mirrored)


def _stated_matrix(stream: VideoStream) -> tuple[int, int, int, int]:
    """The display matrix of an MP4 or MOV stream, by way of an MP4 header written for it."""
    import av

    header = io.BytesIO()
    try:
        # An empty "moov" first: it has the track's header, with the matrix, and no sample.
        with av.open(header, "w", "mov", options={"movflags": "empty_moov+frag_keyframe"}) as out:
            out.add_stream_from_template(stream)
            out.start_encoding()
    except (av.FFmpegError, ValueError):  # a codec that MOV has no name for has no matrix here
        return 1, 0, 0, 1
    data = header.getvalue()
    start = data.find(b"tkhd") + 44  # behind the word: version 0, times, layer, volume (40 bytes)
    a, b, _, c, d = struct.unpack_from(">5i", data, start)
    return a, b, c, d


def _exif_turning(picture: bytes) -> Turning:
    """What the EXIF of a picture file asks for; nothing where it has none that can be read."""
    if not any(mark in picture for mark in _HOLDS_EXIF):
        return Turning()  # Pillow would decode a whole PNG to look behind its pixels
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture)) as image:
            return EXIF.get(image.getexif().get(_ORIENTATION, 1), Turning())
    except ImportError:  # behind the jail nothing can be imported: a fault of ours, not of the file
        raise
    except Exception:  # of a damaged header Pillow raises what its parsers raise
        return Turning()
