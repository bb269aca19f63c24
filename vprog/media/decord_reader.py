"""The frame reader over decord (package decord2; the original `decord` is accepted).

Frames are named by the same index as with PyAV. decord stops at the first damage and scales
nothing by itself: pictures are scaled by Pillow. It holds a lock while it decodes. Files in
which it miscounts frames (decord2 3.4) are refused: a wrong frame is worse than none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vprog.errors import PackageMissingError, VideoChangedError, VideoUnreadableError
from vprog.media.index import MediaIndex
from vprog.media.opening import identify
from vprog.media.reader import (
    DecodedFrame,
    DecodeReport,
    SilentReport,
    picture_of,
    scaled_size,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DecordReader:
    """Frames of one file by decord. Implements `FrameReader`.

    Raises:
        PackageMissingError: decord does not import here.
        VideoUnreadableError: decord cannot open the file, or miscounts its frames.
    """

    def __init__(self, index: MediaIndex) -> None:
        self._index = index
        self._stream = picture_of(index)
        self._lock = threading.Lock()
        self._frames_decoded = 0
        self._decord = _import()
        where = _miscounts(index)
        if where:
            raise self._refused(RuntimeError(f"it miscounts frames {where}"))
        self._reader: Any = self._open()
        self._end = len(self._stream.times)  # the first frame that decord refuses
        self._numbers = self._mapping()

    @property
    def frames_decoded(self) -> int:
        """How many frames decord gave; what it decodes on the way is not told."""
        return self._frames_decoded

    def read(
        self,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        report: DecodeReport | None = None,
    ) -> Iterator[DecodedFrame]:
        """See `FrameReader.read`."""
        size = scaled_size(self._stream, max_side)
        for time in times:
            number, pixels = self._show(self._stream.at(float(time)), report or SilentReport())
            yield DecodedFrame(float(self._stream.times[number]), _scaled(pixels, size))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._reader = None

    def _open(self) -> Any:
        if identify(self._index.path)[1] != self._index.identity:
            raise VideoChangedError(
                f'"{self._index.path}" has changed while it was in use.', hint="Run again."
            )
        try:
            return self._decord.VideoReader(str(self._index.path), num_threads=1)
        except Exception as error:  # decord raises its own class and plain RuntimeError
            raise self._refused(error) from error

    def _mapping(self) -> NDArray[np.int64] | None:
        """decord's number of each of our frames; None where both count alike."""
        import numpy as np

        count = len(self._reader)
        times = self._stream.times
        if count == len(times):
            return None
        starts = np.asarray(self._reader.get_frame_timestamp(range(count)))[:, 0]
        starts = starts.astype(np.float64) - float(starts[0])
        found = starts.searchsorted(times - times[0] + 1e-3, side="right") - 1
        numbers: NDArray[np.int64] = np.maximum(found, 0).astype(np.int64)
        return numbers

    def _show(self, number: int, report: DecodeReport) -> tuple[int, NDArray[np.uint8]]:
        """The frame, or the last one before it that decord gives."""
        back = 1
        with self._lock:
            if self._reader is None:
                raise VideoUnreadableError(
                    f'"{self._index.path.name}" was closed.', hint="Open it again."
                )
            at = min(number, self._end - 1)
            while at >= 0:
                theirs = at if self._numbers is None else int(self._numbers[at])
                try:
                    pixels: NDArray[np.uint8] = self._reader[theirs].asnumpy()
                except Exception as error:
                    self._end = at
                    if at == 0:
                        raise self._refused(error) from error
                    at = max(0, at - back)
                    back *= 2
                    continue
                self._frames_decoded += 1
                report.decoded(at)
                report.lost(at + 1, number + 1)
                if self._end < len(self._stream.times):
                    report.damaged(self._end)
                return at, pixels
        raise self._refused(RuntimeError("its first frame does not decode"))

    def _refused(self, error: Exception) -> VideoUnreadableError:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return VideoUnreadableError(
            f'"{self._index.path}": decord cannot read it: {lines[0][:200]}.',
            hint="Use the PyAV reader.",
        )


_lack: list[PackageMissingError] = []


def prepare() -> None:
    """Import decord now: where files can be reached only before they are read."""
    try:
        _import()
    except PackageMissingError as error:
        _lack.append(error)


def _import() -> Any:
    if _lack:
        raise _lack[0]
    try:
        import decord
    except Exception as error:  # a broken wheel may raise OSError or RuntimeError
        raise PackageMissingError(
            f"the reader decord cannot run here: {error}.",
            hint='Run: pip install "vprog[decord]"',
        ) from error
    decord.logging.set_level(decord.logging.QUIET)
    return decord


def _miscounts(index: MediaIndex) -> str:
    """Where decord gives other frames than those asked for; "" if it does not."""
    stream = picture_of(index)
    if stream.by_count or index.container in ("mpegts", "mpeg"):
        return f"in {index.container} files like this one"
    if stream.has_leading:
        return "after jumps into open groups of pictures"
    return ""


def _scaled(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    import numpy as np

    if pixels.shape[1::-1] == size:
        return pixels
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)).copy()
