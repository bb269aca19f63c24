"""The videos of a recorded run: known by what the trace says, opened at their first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from vprog.errors import VideoUnreadableError
from vprog.media.file import MediaFile
from vprog.media.source import MediaSource
from vprog.types.frame import Video


class RecordedMedia(MediaSource):
    """Media that need not be there as long as nobody asks for a frame or a sound."""

    def __init__(
        self,
        videos: Sequence[Video],
        *,
        hashes: Sequence[str],
        origins: Sequence[tuple[str, str | None]],
        open_file: Callable[[int], MediaFile],
    ) -> None:
        """Nothing is opened yet.

        Args:
            videos: as the recorded programs saw them.
            hashes: the content hash of each.
            origins: where each lay, and the subtitles beside it.
            open_file: opens the file of an index; raises VideoError.
        """
        super().__init__([])
        self.videos = list(videos)
        self._hashes = list(hashes)
        self._origins = list(origins)
        self._open_file = open_file
        self._opened: dict[int, MediaFile] = {}
        self._opening = threading.Lock()

    def origin(self, video: int) -> tuple[str, str | None]:
        """Where the file lay when the run was recorded."""
        self._check_index(video)
        return self._origins[video]

    def content_hash(self, video: int) -> str:
        """That of the recorded file: what is opened has the same."""
        self._check_index(video)
        return self._hashes[video]

    def _file(self, index: int) -> MediaFile:
        """The file, opened at its first use.

        Raises:
            VideoNotFoundError: it is not there.
            VideoUnreadableError: it is, but is not the file of the recorded run.
        """
        self._check_index(index)
        with self._opening:
            if index not in self._opened:
                file = self._open_file(index)
                if file.content_hash != self._hashes[index]:
                    file.close()
                    raise VideoUnreadableError(
                        f"{file.path}: not the file of the recorded run: its content, or that "
                        "of the subtitles beside it, has changed.",
                        hint="Name the file as it was with --video, or ask anew.",
                    )
                self._opened[index] = file
                self.files.append(file)
            return self._opened[index]
