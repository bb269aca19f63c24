"""Paths to open containers, safely: only regular files, and nothing but the one that was named.

ffmpeg gets a file descriptor, never a name: a path such as "concat:a|b" or "http://x" has no
meaning to it, and a hostile file that refers to others (playlists, sound beside the picture)
cannot make it open them. Formats that only refer to other files are not allowed at all.
"""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.errors import VideoChangedError, VideoNotFoundError, VideoUnreadableError
from vprog.media.movie_tables import may_leave_edits
from vprog.media.png_text import check_png_file

if TYPE_CHECKING:
    from av.container import InputContainer

SUBTITLE_ENDINGS = (".srt", ".vtt", ".ass", ".ssa")

MAX_PIXELS = 2**26
"""The largest picture that is decoded: 8192 x 8192."""

FORMATS = (
    "3gp,aac,ac3,aiff,amr,ape,apng,asf,au,av1,avi,bmp_pipe,caf,dts,dv,eac3,flac,flv,gif,h261,"
    "h263,h264,hevc,ivf,jpeg_pipe,jpegxl_pipe,m4v,matroska,mjpeg,mov,mp3,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,nut,obu,ogg,png_pipe,rm,tiff_pipe,truehd,tta,vc1,w64,wav,webm,webp_pipe,wtv,"
    "wv,yuv4mpegpipe"
)
"""The demuxers that may run: none of them opens a second file."""


@dataclass(frozen=True)
class FileIdentity:
    """What tells whether a file is still the one that was indexed."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    """Programs can set the time of writing back, but not this one."""

    @functools.cached_property
    def told(self) -> tuple[int, ...]:
        """The fields: each call of a module compares them."""
        return dataclasses.astuple(self)


def identify(path: str | os.PathLike[str]) -> tuple[Path, FileIdentity]:
    """The absolute path of a regular, non-empty file, and its identity.

    Raises:
        VideoNotFoundError: nothing lies at the path.
        VideoUnreadableError: what lies there is no regular file, is empty, or is out of reach.
    """
    shown = _shown(path)
    try:
        found = os.stat(path)
    except FileNotFoundError as error:
        address = "://" in shown
        raise VideoNotFoundError(
            f'no file at "{shown}".',
            hint="vprog reads files on this machine: download it first."
            if address
            else "Check the path.",
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise VideoUnreadableError(
            f'"{shown}" cannot be read: {reason}.', hint="Check the path and its permissions."
        ) from error
    _check(found, shown)
    return Path(os.path.abspath(path)), _identity(found)


def check_identity(path: Path, identity: FileIdentity) -> None:
    """Be sure that the file at a path is still the one that `identify` saw.

    Raises:
        VideoChangedError: it has changed or gone.
    """
    try:
        is_same = _told(os.stat(path)) == identity.told
    except OSError:  # gone, or out of reach
        is_same = False
    if not is_same:
        raise VideoChangedError(
            f'"{_shown(path)}" has changed while it was in use.',
            hint="Run again when it is complete.",
        )


def open_descriptor(path: Path, identity: FileIdentity) -> int:
    """Open the file that `identify` saw, for reading, at its start.

    Raises:
        VideoUnreadableError: it cannot be read.
        VideoChangedError: it has changed since.
    """
    shown = _shown(path)
    flags = os.O_RDONLY
    if path not in _served:  # a FIFO put in its place must not block
        for name in ("O_NONBLOCK", "O_BINARY"):
            flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(_served.get(path, path), flags | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise VideoUnreadableError(
            f'"{shown}" cannot be read: {error.strerror}.',
            hint="Check the path and its permissions.",
        ) from error
    try:
        found = os.fstat(descriptor)
        _check(found, shown)
        if _identity(found) != identity:
            raise VideoChangedError(
                f'"{shown}" has changed while it was in use.', hint="Run again."
            )
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


_served: dict[Path, str] = {}


def serve_descriptor(path: Path, descriptor: int) -> None:
    """Have this process open a file by a descriptor of it: a decoder process can reach no path."""
    # Opened anew each time: copies of a descriptor would share one position in the file.
    name = f"/proc/self/fd/{descriptor}"
    if os.path.exists(name):
        _served[path] = name


def open_container(path: Path, identity: FileIdentity) -> InputContainer:
    """Open the file that `identify` saw.

    Raises:
        VideoUnreadableError: it is no video or sound, or made to fill the memory.
        VideoChangedError: it has changed since.
    """
    import av

    shown = _shown(path)
    descriptor = open_descriptor(path, identity)
    try:
        check_png_file(descriptor, shown)
        options = {"format_whitelist": FORMATS, "max_pixels": str(MAX_PIXELS)}
        # The C runtime of a Windows wheel need not share descriptors with Python's.
        if os.name == "nt":
            name, more = f"file:{path}", {"protocol_whitelist": "file"}
        else:
            name, more = "fd:", {"protocol_whitelist": "fd", "fd": str(descriptor)}
        # The descriptor is duplicated. Tags of old writers are in any encoding.
        open_with = functools.partial(av.open, name, metadata_errors="replace")
        with _tables_apart():
            if _may_leave_edits(path, identity):
                container = open_with(options={**options, **more, **_LEFT})
                if _has_aac_alone(container):
                    return container
                container.close()
            return open_with(options={**options, **more})
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise VideoUnreadableError(
            f'"{shown}" is not a video or sound file that can be read: {reason_of(error)}.',
            hint="Name the video; these subtitles go with it by --subs."
            if path.suffix.lower() in SUBTITLE_ENDINGS
            else "If players show it, convert it, e.g. to mp4.",
        ) from error
    finally:
        os.close(descriptor)


_LEFT = {"advanced_editlist": "0"}


def leaves_edits(container: InputContainer) -> bool:
    """Whether a container does not mark the packets of sound that lie before second 0."""
    return container.options.items() >= _LEFT.items()


@functools.lru_cache(maxsize=64)
def _may_leave_edits(path: Path, identity: FileIdentity) -> bool:
    with os.fdopen(open_descriptor(path, identity), "rb") as file:
        return may_leave_edits(file, identity.size)


def _has_aac_alone(container: InputContainer) -> bool:
    """Whether all sound is of the kind whose beginning is left out without its edits."""
    contexts = [stream.codec_context for stream in container.streams.audio]
    return all(context is not None and context.codec.name == "aac" for context in contexts)


_allocator: Any = None


def keep_tables_apart() -> None:
    """Have the tables of a container go back to the system when it is closed.

    For a process that serves one file: the C library, where it is glibc, else keeps what was freed
    up to 32 MB in one piece, which is the table of ten hours and what was put aside to make it. Of
    one arena for all threads no large picture is given back and mapped anew for the next.
    """
    global _allocator
    library = ctypes.CDLL(None)
    _allocator = library if hasattr(library, "mallopt") else None
    if _allocator is not None:
        _allocator.mallopt(_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Give what was freed back to the system, in a process whose tables are kept apart."""
    if _allocator is not None:
        _allocator.malloc_trim(0)


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)


@contextmanager
def _tables_apart() -> Iterator[None]:
    """Take large pieces of memory from the system, one by one, for as long as the block runs."""
    if _allocator is None:
        yield
        return
    _allocator.mallopt(_MMAP_THRESHOLD, 2**20)
    try:
        yield
    finally:  # what glibc comes to by itself: pictures are not mapped anew one by one
        _allocator.mallopt(_MMAP_THRESHOLD, 32 * 2**20)
        _allocator.mallopt(_TRIM_THRESHOLD, 64 * 2**20)


def reason_of(error: BaseException) -> str:
    """What ffmpeg says, without numbers and file names."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).strip().rstrip(".").lower()


def _check(found: os.stat_result, shown: str) -> None:
    mode = found.st_mode
    if not stat.S_ISREG(mode):
        kinds = (
            (stat.S_ISDIR, "a folder"),
            (stat.S_ISFIFO, "a pipe"),
            (stat.S_ISSOCK, "a socket"),
            (stat.S_ISBLK, "a device"),
            (stat.S_ISCHR, "a device"),
        )
        kind = next((name for test, name in kinds if test(mode)), "no regular file")
        raise VideoUnreadableError(f'"{shown}" is {kind}.', hint="Name a video or sound file.")
    if found.st_size == 0:
        raise VideoUnreadableError(
            f'"{shown}" is empty (0 bytes).', hint="Copy or download it again."
        )


def _identity(found: os.stat_result) -> FileIdentity:
    return FileIdentity(*_told(found))


def _told(found: os.stat_result) -> tuple[int, ...]:
    """The fields of an identity."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _shown(path: str | os.PathLike[str]) -> str:
    """A path for messages: no control characters, no broken surrogates."""
    text = os.fspath(path)
    if text.isprintable():  # each call of a module asks
        return text
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
