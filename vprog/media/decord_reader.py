"""The frame reader over decord (package decord2; the original `decord` is accepted)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vprog.errors import PackageMissingError
from vprog.media.index import MediaIndex
from vprog.media.numbered_reader import LibraryImport, NumberedReader
from vprog.media.reader import picture_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DecordReader(NumberedReader):
    """Frames of one file by decord. Implements `FrameReader`.

    Raises:
        PackageMissingError: decord does not import here.
        VideoUnreadableError: decord cannot open the file, or miscounts its frames.
    """

    library = "decord"

    def __init__(self, index: MediaIndex) -> None:
        self._decord = LIBRARY.get()
        super().__init__(index)

    def miscounts(self, index: MediaIndex) -> str:
        """As decord2 3.4 does."""
        stream = picture_of(index)
        if stream.by_count or index.container in ("mpegts", "mpeg"):
            return f"in {index.container} files like this one"
        if stream.has_leading:
            return "after jumps into open groups of pictures"
        return ""

    def open_video(self) -> Any:
        """See `NumberedReader.open_video`."""
        return self._decord.VideoReader(str(self._index.path), num_threads=1)

    def starts(self, video: Any) -> NDArray[np.float64]:
        """See `NumberedReader.starts`."""
        import numpy as np

        starts = np.asarray(video.get_frame_timestamp(range(len(video))))[:, 0]
        return starts.astype(np.float64)

    def picture(self, video: Any, number: int) -> NDArray[np.uint8]:
        """See `NumberedReader.picture`."""
        pixels: NDArray[np.uint8] = video[number].asnumpy()
        return pixels


def _import() -> Any:
    try:
        import decord
    except Exception as error:  # a broken wheel may raise OSError or RuntimeError
        raise PackageMissingError(
            f"the reader decord cannot run here: {error}.",
            hint='Run: pip install "vprog[decord]"',
        ) from error
    decord.logging.set_level(decord.logging.QUIET)
    return decord


LIBRARY = LibraryImport(_import)
prepare = LIBRARY.prepare
"""See `LibraryImport.prepare`."""
