"""The frame reader over torchcodec, which decodes by the FFmpeg libraries of the system.

A release of torchcodec works beside the torch that it was built for alone: 0.13 beside torch 2.13
without CUDA. One that does not fit is told with the package's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vprog.errors import PackageMissingError
from vprog.media.index import MediaIndex
from vprog.media.numbered_reader import LibraryImport, NumberedReader
from vprog.media.reader import picture_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TorchcodecReader(NumberedReader):
    """Frames of one file by torchcodec. Implements `FrameReader`.

    Raises:
        PackageMissingError: torchcodec, torch or FFmpeg's libraries do not load here.
        VideoUnreadableError: torchcodec cannot open the file, or miscounts its frames.
    """

    library = "torchcodec"

    def __init__(self, index: MediaIndex) -> None:
        self._decoders = LIBRARY.get()
        super().__init__(index)

    def miscounts(self, index: MediaIndex) -> str:
        """As torchcodec 0.13 does: it lists frames that it then does not give."""
        if picture_of(index).by_count or index.container in ("mpegts", "mpeg"):
            return f"in {index.container} files like this one"
        return ""

    def open_video(self) -> Any:
        """See `NumberedReader.open_video`."""
        return self._decoders.VideoDecoder(
            str(self._index.path), dimension_order="NHWC", num_ffmpeg_threads=1, seek_mode="exact"
        )

    def starts(self, video: Any) -> NDArray[np.float64]:
        """See `NumberedReader.starts`."""
        import numpy as np

        # Times come with pictures alone; asked for only where its count of frames is another.
        return np.array([video.get_frame_at(at).pts_seconds for at in range(len(video))])

    def picture(self, video: Any, number: int) -> NDArray[np.uint8]:
        """See `NumberedReader.picture`."""
        pixels: NDArray[np.uint8] = video[number].numpy()
        return pixels


def _import() -> Any:
    try:
        import torchcodec.decoders
    except Exception as error:  # one that does not fit its torch raises OSError or RuntimeError
        raise PackageMissingError(
            f"the reader torchcodec cannot run here: {' '.join(str(error).split())[:200]}.",
            hint='Run: pip install "vprog[torchcodec]"; it needs the FFmpeg libraries of the '
            "system, and the release that its page names for your torch.",
        ) from error
    return torchcodec.decoders


LIBRARY = LibraryImport(_import)
prepare = LIBRARY.prepare
"""See `LibraryImport.prepare`."""
