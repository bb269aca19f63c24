"""What readers over libraries that give frames by number have in common: decord, torchcodec.

Frames are named by the same index as with PyAV. Such a library stops at the first damage and
scales nothing by itself: pictures are scaled by Pillow. A lock is held while it decodes. Files in
which it miscounts frames are refused: a wrong frame is worse than none.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

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


class LibraryImport:
    """A library imported early, where files can be reached only before they are read.

    Args:
        load: imports it, or raises PackageMissingError, which `get` then raises again.
    """

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._lack: PackageMissingError | None = None

    def prepare(self) -> None:
        """Import it now; what is missing is told by `get`."""
        try:
            self.get()
        except PackageMissingError as error:
            self._lack = error

    def get(self) -> Any:
        """The library.

        Raises:
            PackageMissingError: it cannot be imported here.
        """
        if self._lack is not None:
            raise self._lack
        return self._load()


class NumberedReader(ABC):
    """Frames of one file by their number. Implements `FrameReader`.

    Raises:
        VideoUnreadableError: the library cannot open the file, or miscounts its frames.
    """

    library: ClassVar[str]
    """For messages."""

    def __init__(self, index: MediaIndex) -> None:
        self._index = index
        self._stream = picture_of(index)
        self._lock = threading.Lock()
        self._frames_decoded = 0
        if where := self.miscounts(index):
            raise self._refused(RuntimeError(f"it miscounts frames {where}"))
        self._video: Any = self._opened()
        self._end = len(self._stream.times)  # the first frame that the library refuses
        self._numbers = self._mapping()

    @abstractmethod
    def miscounts(self, index: MediaIndex) -> str:
        """Where the library gives other frames than those asked for; "" if it does not."""

    @abstractmethod
    def open_video(self) -> Any:
        """The file as the library opens it; any error of its."""

    @abstractmethod
    def starts(self, video: Any) -> NDArray[np.float64]:
        """When each frame that the library counts is put on display: seconds, (N,)."""

    @abstractmethod
    def picture(self, video: Any, number: int) -> NDArray[np.uint8]:
        """A frame by the library's number, RGB, (H, W, 3); any error of its."""

    @property
    def frames_decoded(self) -> int:
        """How many frames the library gave; what it decodes on the way is not told."""
        return self._frames_decoded

    def read(
        self,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        report: DecodeReport | None = None,
        run: int = 0,
        in_company: bool = False,
    ) -> Iterator[DecodedFrame]:
        """See `FrameReader.read`; nothing is shared."""
        size = scaled_size(self._stream, max_side)
        for time in times:
            number, pixels = self._show(self._stream.at(float(time)), report or SilentReport())
            yield DecodedFrame(float(self._stream.times[number]), _scaled(pixels, size))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._video = None

    def _opened(self) -> Any:
        if identify(self._index.path)[1] != self._index.identity:
            raise VideoChangedError(
                f'"{self._index.path}" has changed while it was in use.', hint="Run again."
            )
        try:
            return self.open_video()
        except Exception as error:  # classes of the library's own and plain RuntimeError
            raise self._refused(error) from error

    def _mapping(self) -> NDArray[np.int64] | None:
        """The library's number of each of our frames; None where both count alike."""
        import numpy as np

        times = self._stream.times
        if len(self._video) == len(times):
            return None
        starts = self.starts(self._video)
        starts = starts - float(starts[0])
        found = starts.searchsorted(times - times[0] + 1e-3, side="right") - 1
        numbers: NDArray[np.int64] = np.maximum(found, 0).astype(np.int64)
        return numbers

    def _show(self, number: int, report: DecodeReport) -> tuple[int, NDArray[np.uint8]]:
        """The frame, or the last one before it that the library gives."""
        back = 1
        with self._lock:
            if self._video is None:
                raise VideoUnreadableError(
                    f'"{self._index.path.name}" was closed.', hint="Open it again."
                )
            at = min(number, self._end - 1)
            while at >= 0:
                theirs = at if self._numbers is None else int(self._numbers[at])
                try:
                    pixels = self.picture(self._video, theirs)
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
            f'"{self._index.path}": {self.library} cannot read it: {lines[0][:200]}.',
            hint="Use the PyAV reader.",
        )


def _scaled(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    import numpy as np

    if pixels.shape[1::-1] == size:
        return pixels
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)).copy()
