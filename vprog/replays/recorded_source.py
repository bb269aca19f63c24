"""Where a replay gets its media and results from: what the trace says, and files if need be.

A trace may state anything of its videos, and hold anything as their pictures. So a file is opened
at its first use and compared with what is stated, and what was not compared enters no cache that
other runs share.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from itertools import zip_longest
from pathlib import Path

from vprog.errors import TraceError, UsageError, VideoUnreadableError
from vprog.execute.pictures import picture_key
from vprog.execute.recorded_calls import RecordedCalls
from vprog.execute.result_cache import ResultCache
from vprog.media.media_pool import MediaPool
from vprog.media.run_file import MediaFile, open_media
from vprog.media.run_videos import MediaSource
from vprog.media.window import window_of
from vprog.replays.recorded_run import RecordedRun
from vprog.runs.run import Source
from vprog.trace.event import PictureKept, VideoOpened
from vprog.trace.store import Recording
from vprog.types.frame import Video
from vprog.types.time import Span


def recorded_source(
    run: RecordedRun,
    *,
    is_closed: bool,
    videos: Sequence[str | Path] = (),
    asked_anew: Collection[str] = (),
    pool: MediaPool | None = None,
) -> Source:
    """Media that open at their first use, and the recorded calls.

    Args:
        run: the recorded run.
        is_closed: whether nothing beyond the recording may answer.
        videos: where the videos lie now; by default where they lay.
        asked_anew: tasks whose calls are not answered from the recording.
        pool: what shares the videos with other runs; by default nobody does.

    Raises:
        UsageError: another number of videos.
    """
    opened = run.recording.started.videos
    if videos and len(videos) != len(opened):
        raise UsageError(
            f"{run.name}: it has {len(opened)} videos, got {len(videos)}.",
            hint="Give --video once for each of them, in their order, or not at all.",
        )
    origins = [_origin(video, moved_to) for video, moved_to in zip_longest(opened, videos)]

    def open_file(index: int) -> MediaFile:
        path, subtitles = origins[index]
        return open_media(Path(path), subtitles=subtitles, reader=run.settings.reader, pool=pool)

    media = RecordedMedia(
        [video.video for video in opened],
        hashes=[video.content_hash for video in opened],
        origins=origins,
        open_file=open_file,
        window=window_of(run.settings.start, run.settings.end, [video.video for video in opened]),
    )
    recorded = RecordedCalls(run.recording.events, is_closed=is_closed, asked_anew=asked_anew)
    return Source(media, recorded, run.name, _pictures(run.recording))


def _origin(opened: VideoOpened, moved_to: str | Path | None) -> tuple[str, str | None]:
    """Where a video and its subtitles lie now."""
    if moved_to is None:
        return opened.path, opened.subtitles
    subtitles = opened.subtitles
    if subtitles is not None and not Path(subtitles).is_file():
        subtitles = None  # moved as well: those beside the video are found there
    return str(moved_to), subtitles


def _pictures(recording: Recording) -> ResultCache:
    """A cache in memory with the pictures of a trace, under what the trace says that they are.

    They never enter the cache that runs share. One that is gone or damaged is left out: it is
    decoded, or done without.
    """
    pictures = ResultCache(None)
    hashes = [video.content_hash for video in recording.started.videos]
    for event in recording.events:
        if not isinstance(event, PictureKept) or not 0 <= event.video < len(hashes):
            continue
        try:
            jpeg = recording.picture(event.file)
        except TraceError:
            continue
        pictures.keep(picture_key(hashes[event.video], event.time), jpeg, task="(pictures)")
    return pictures


class RecordedMedia(MediaSource):
    """Media that need not be there as long as nobody asks for a frame or a sound."""

    def __init__(
        self,
        videos: Sequence[Video],
        *,
        hashes: Sequence[str],
        origins: Sequence[tuple[str, str | None]],
        open_file: Callable[[int], MediaFile],
        window: Span | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            videos: as the recorded programs saw them.
            hashes: the content hash of each.
            origins: where each lay, and the subtitles beside it.
            open_file: opens the file of an index; raises VideoError.
            window: the part of each that the recorded run was about.
        """
        super().__init__([], window)
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

    def check_unchanged(self, video: int) -> None:
        """As of the file, where it was opened."""
        self._check_index(video)
        if video in self._opened:
            super().check_unchanged(video)

    def is_whole(self, video: int) -> bool:
        """See `MediaSource.is_whole`; for a file that was not opened its pictures stand."""
        file = self._opened.get(video)
        return file is None or file.is_whole

    def is_known(self, video: int) -> bool:
        """Whether the file was opened, and is what the trace says: a trace may say anything.

        Its hash is compared when it is opened.
        """
        self._check_index(video)
        file = self._opened.get(video)
        return file is not None and file.video(video) == self.videos[video]

    def file_hash(self, video: int) -> str:
        """That of the recorded file, as the trace states it; what is opened has the same."""
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
