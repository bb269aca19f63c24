"""Where a file ends by its own structure: what stands behind that belongs to no track.

Sources: RIFF and RF64 (EBU Tech 3306), AIFF, Wave64, EBML (RFC 8794) and Matroska (RFC 9559),
ISO 14496-12; tags at the end of bare sound: ID3v1, ID3v2.4, APEv2, Lyrics3v2.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from vprog.media.movie_tables import boxes

if TYPE_CHECKING:
    from av.packet import Packet

MOST_TAIL = 4096
"""So many bytes at the end may be an index or tags; more, if a fifth of the file, is matter."""

MOST_SEARCHED = 2**20
"""Bytes after the last packet among which another beginning is looked for."""

MOST_PARTS = 100_000
"""Boxes, chunks, elements and tags beyond this are not walked over."""

TAGGED = frozenset({"mp3", "aac", "ac3", "eac3", "flac", "tta"})
"""Bare sound, behind which tags may stand that its demuxer takes for sound."""


def tags_begin(path: Path, container: str, size: int) -> int:
    """At which byte the tags at the end begin; `size` where there are none.

    Args:
        path: where the file lies.
        container: its usual name.
        size: of the file, in bytes.

    Raises:
        OSError: it cannot be read.
    """
    if container not in TAGGED:
        return size
    end = size
    with path.open("rb") as file:
        for _ in range(MOST_PARTS):
            length = _last_tag(file, end)
            if not 0 < length <= end:
                break
            end -= length
    return end


def unread_tail(path: Path, container: str, size: int, last: int) -> int:
    """How many bytes at the end are matter that the demuxer does not reach.

    Args:
        path: where the file lies.
        container: its usual name.
        size: where its matter ends, in bytes: before its tags.
        last: where its last packet ends; 0 if unknown.

    Raises:
        OSError: it cannot be read.
    """
    if container in _WALKS:
        with path.open("rb") as file:
            head = file.read(4)
            end = _WALKS[container](file, size)
            if end is not None:
                end = min(end, size)
                if last > end:  # the demuxer goes on behind it, as in joined Matroska, but how far
                    file.seek(last)
                    begins = file.read(MOST_SEARCHED).find(head)
                    return size - last - begins if begins >= 0 else 0
                file.seek(end)
                is_another = container in ("mp4", "mov") or file.read(4) == head
                return size - end if is_another or size - end > MOST_TAIL else 0
    tail = size - last
    if not last or container in ("avi", "gif", "apng", "mp4", "mov"):  # an index stands there
        return 0
    if tail > max(MOST_TAIL, size // 5):
        return tail
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(last)
        begins = file.read(MOST_SEARCHED).find(head)
    return tail - begins if container == "flv" and begins >= 0 else 0


def missing_bytes(path: Path, container: str, size: int) -> int:
    """How many bytes a file states that it does not hold; -1 if it has no end, however many it is.

    Args:
        path: where the file lies.
        container: its usual name.
        size: of the file, in bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if container in _LAST:
            return 0 if _LAST[container](file, size) else -1
        walk = _STATED.get(container) or _WALKS.get(container)
        end = walk(file, size) if walk is not None else None
    return 0 if end is None else max(0, end - size)


def _last_tag(file: BinaryIO, end: int) -> int:
    """The length of the tag that ends here; 0 if none does."""
    file.seek(max(0, end - 128))
    last = file.read(min(128, end))
    if len(last) == 128 and last.startswith(b"TAG"):
        return 128
    if last[-32:-24] == b"APETAGEX":
        length = int.from_bytes(last[-20:-16], "little")
        if last[-9] & 0x80:  # it has a header
            return length + 32 if _begins(file, end - length - 32, b"APETAGEX") else 0
        return length if length == 32 or _is_ape_item(file, end - length, length - 32) else 0
    if last.endswith(b"LYRICS200") and last[-15:-9].isdigit():
        length = int(last[-15:-9]) + 15
        return length if _begins(file, end - length, b"LYRICSBEGIN") else 0
    if last[-10:-7] == b"3DI":
        sizes = zip(last[-4:], (21, 14, 7, 0), strict=True)
        length = sum(byte << shift for byte, shift in sizes) + 20
        return length if _begins(file, end - length, b"ID3") else 0
    return 0


def _begins(file: BinaryIO, at: int, name: bytes) -> bool:
    """Whether a tag begins where its end says: a false one would hide sound."""
    if at < 0:
        return False
    file.seek(at)
    return file.read(len(name)) == name


def _is_ape_item(file: BinaryIO, at: int, most: int) -> bool:
    """Whether an item begins here: length, flags, a name in ASCII, and a zero."""
    if at < 0 or most < 11:
        return False
    file.seek(at)
    head = file.read(min(most, 8 + 256))
    length, (name, zero, _) = int.from_bytes(head[:4], "little"), head[8:].partition(b"\0")
    return (
        bool(zero) and 2 <= len(name) <= 255 and _is_name(name) and length + 9 + len(name) <= most
    )


def _riff_end(file: BinaryIO, size: int) -> int | None:
    return _chunks_end(file, size, head=12, order="little", outer=(b"RIFF", b"RF64", b"BW64"))


_UNKNOWN_LENGTH = 0x7FFF0000
"""What writes into a pipe states lengths from here up, and does not know them."""


def _aiff_end(file: BinaryIO, size: int) -> int | None:
    return _chunks_end(file, size, head=12, order="big", outer=(b"FORM",))


def _chunks_end(
    file: BinaryIO, size: int, *, head: int, order: str, outer: tuple[bytes, ...]
) -> int | None:
    """Where the last chunk ends. Sizes of the whole are not believed: many writers leave 0."""
    at, is_padded, long_data = head, False, 0
    for _ in range(MOST_PARTS):
        file.seek(at)
        start = file.read(8)
        name, length = start[:4], int.from_bytes(start[4:], order)  # type: ignore[arg-type]
        if len(start) < 8:
            return size
        if name in outer:
            return at
        if not _is_name(name):
            if is_padded:  # some writers leave the byte out that makes a length even
                at, is_padded = at - 1, False
                continue
            return size if _is_empty(file, at, size) else at
        if name == b"ds64":
            long_data = int.from_bytes(file.read(16)[8:], "little")
        if name == b"data" and length == 0xFFFFFFFF:
            length = long_data or size
        if length >= _UNKNOWN_LENGTH and at + 8 + length > size:
            return size
        is_padded = bool(length % 2)
        at += 8 + length + length % 2
        if at >= size:
            return at - is_padded  # of what is cut short, the end that it states
    return None


_MOST_BYTES = 2**62
"""A length beyond that stands for one that was not known."""


def _wave64_end(file: BinaryIO, size: int) -> int | None:
    at = 40
    for _ in range(MOST_PARTS):
        file.seek(at)
        start = file.read(24)
        if len(start) < 24:
            return size
        if start[:4] == b"riff":
            return at
        length = int.from_bytes(start[16:24], "little")
        if length < 24:
            return size if _is_empty(file, at, size) else at
        padding = -length % 8
        at += length + padding
        if at >= size:  # of what is cut short, the end that it states
            return size if length > _MOST_BYTES else max(size, at - padding)
    return None


_EBML, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_TOP = {0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, _CLUSTER, 0x1254C367, 0x1941A469,
        0x1043A770, 0xEC, 0xBF}  # fmt: skip
"""Elements of a segment: what may follow one another in a segment of unknown length."""


def _matroska_end(file: BinaryIO, size: int) -> int | None:
    at = 0
    for _ in range(MOST_PARTS):
        file.seek(at)
        start = file.read(16)
        if not start:
            return size
        name, n_name = _vint(start, keep_marker=True)
        length, n_length = _vint(start[n_name:], keep_marker=False)
        if not n_name or not n_length or (name == _EBML and at > 0):
            return size if _is_empty(file, at, size) else at
        is_unknown = length == 2 ** (7 * n_length) - 1
        if name == _SEGMENT and is_unknown:
            length = 0  # walk over what is in it
        elif name not in _TOP and name not in (_EBML, _SEGMENT):
            return size if _is_empty(file, at, size) else at
        elif is_unknown:
            return None  # a live recording's cluster: it ends where another begins
        at += n_name + n_length + length
        if at >= size:  # of what is cut short, the end that it states
            return at
    return None


_GROUP = 0xA0
_IN_CLUSTER = {0xE7, 0xA7, 0xAB, 0xA3, _GROUP, 0xA1, 0x9B, 0xFB, 0x75A1, 0x75A2, 0xA4, 0xFA, 0xFD,
               0x5854, 0xAF, 0x8E}  # fmt: skip
"""Elements of a cluster and of the groups in it."""

_LEAST_GAP = 256
"""Bytes between two packets that may be heads of elements, and are not looked at."""
_MOST_GAPS = 1000


class MatroskaGaps:
    """Counts what lies between the packets of a file and is no element: it is passed over.

    Attributes:
        n_bytes: how many bytes that were.
        is_cut: whether the file ends amid an element.
    """

    def __init__(self, path: Path) -> None:
        self.n_bytes, self.is_cut = 0, False
        self._path, self._n_looks = path, 0
        self._at = self._end = 0

    def take(self, packet: Packet[Any]) -> None:
        """The next packet, of any track."""
        if packet.pos is None or not packet.size:
            return
        if packet.pos == self._at:  # several lie in one block
            self._end += packet.size
            return
        self._look(packet.pos)
        self._at, self._end = packet.pos, packet.pos + packet.size

    def finish(self, size: int) -> None:
        """After the last packet: up to where the first segment ends."""
        with self._path.open("rb") as file:
            end, name = 0, _EBML
            while name == _EBML and end < size:
                name, end = _element(file, end)
            self._look(min(end, size))
            if end >= _MOST_BYTES and self._at:  # of others it is known how many bytes are missing
                at = _block_end(file, self._at, size)
                self.is_cut = _elements_end(file, at, size) > size

    def _look(self, end: int) -> None:
        if not self._at or end - self._end <= _LEAST_GAP or self._n_looks >= _MOST_GAPS:
            return
        self._n_looks += 1
        with self._path.open("rb") as file:
            at = _elements_end(file, _block_end(file, self._at, end), end)
        self.n_bytes += max(0, end - at)


def _block_end(file: BinaryIO, at: int, unknown: int) -> int:
    """Where the block ends whose content begins at a byte: its name and length stand before it."""
    file.seek(max(0, at - 9))
    head = file.read(min(9, at))
    for width in range(1, len(head)):
        length, n_length = _vint(head[-width:], keep_marker=False)
        if n_length == width and head[-width - 1] in (0xA3, 0xA1):
            return at + length
    return unknown


def _elements_end(file: BinaryIO, at: int, end: int) -> int:
    """Where one element after the other leads: behind `end`, or to what is no element."""
    for _ in range(_MOST_GAPS):
        if at >= end:
            return at
        name, ends = _element(file, at, enters=(_SEGMENT, _CLUSTER, _GROUP))
        if name not in _TOP | _IN_CLUSTER | {_EBML, _SEGMENT}:
            return at
        at = ends
    return end


def _element(file: BinaryIO, at: int, enters: tuple[int, ...] = ()) -> tuple[int, int]:
    """The name of an element, 0 where there is none, and its end; of some, where they begin."""
    file.seek(at)
    start = file.read(16)
    name, n_name = _vint(start, keep_marker=True)
    length, n_length = _vint(start[n_name:], keep_marker=False)
    if not n_name or not n_length:
        return 0, at
    if length == (1 << 7 * n_length) - 1:  # unknown
        length = _MOST_BYTES
    return name, at + n_name + n_length + (0 if name in enters else length)


def _vint(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """A number of variable length at the start, and its bytes; (0, 0) if there is none."""
    if not data or not data[0]:
        return 0, 0
    width = 9 - data[0].bit_length()
    if len(data) < width:
        return 0, 0
    number = int.from_bytes(data[:width], "big")
    return (number if keep_marker else number - (1 << (7 * width))), width


def _movie_end(file: BinaryIO, size: int) -> int | None:
    """Where a second movie begins: players show the first alone."""
    n_movies, begins, end = 0, 0, size
    for box in boxes(file, 0, size):
        begins = box.at if box.kind == b"ftyp" else begins
        n_movies += box.kind == b"moov"
        if n_movies > 1:
            return begins or box.at
        if box.kind in (b"mdat", b"moov", b"moof"):  # what stands behind may be no box
            end = max(size, box.stated)
    return end


def _caf_end(file: BinaryIO, size: int) -> int | None:
    at = 8
    for _ in range(MOST_PARTS):
        file.seek(at)
        start = file.read(12)
        length = int.from_bytes(start[4:], "big", signed=True)
        if len(start) < 12 or length < 0 or not _is_name(start[:4]):  # of a recording, unknown
            return size
        at += 12 + length
        if at >= size:
            return at if start[:4] == b"data" else size
    return None


def _mp3_end(file: BinaryIO, size: int) -> int:
    """What its first frame states in place of sound, as most encoders write it."""
    at, head = 0, file.read(10)
    if head[:3] == b"ID3":
        at = 10 + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    file.seek(at)
    frame = file.read(192)
    for word in (b"Xing", b"Info"):
        place = frame.find(word)
        if place >= 0:
            flags = int.from_bytes(frame[place + 4 : place + 8], "big")
            place += 12 if flags & 1 else 8  # it counts the frames first
            return at + int.from_bytes(frame[place : place + 4], "big") if flags & 2 else size
    return size


def _avi_end(file: BinaryIO, size: int) -> int:
    """What its parts state; files over 1 GB have several."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if head[:4] != b"RIFF" or not length or length >= _UNKNOWN_LENGTH:
            return size
        at += 8 + length + length % 2
    return at if at - size > _ROUNDED else size


_ROUNDED = 64
"""Bytes by which writers of AVI miscount themselves."""


def _is_name(name: bytes) -> bool:
    """Whether bytes can name a chunk or an item."""
    return all(0x20 <= byte < 0x7F for byte in name)


def _is_empty(file: BinaryIO, at: int, size: int) -> bool:
    """Whether what follows is filling: zeros, as far as it is looked at."""
    file.seek(at)
    return not file.read(min(size - at, MOST_SEARCHED)).strip(b"\0")


_WALKS: dict[str, Callable[[BinaryIO, int], int | None]] = {
    "wav": _riff_end,
    "aiff": _aiff_end,
    "w64": _wave64_end,
    "matroska": _matroska_end,
    "webm": _matroska_end,
    "mp4": _movie_end,
    "mov": _movie_end,
}
"""By container, what finds the end; None where it cannot be told."""


def _ogg_ends(file: BinaryIO, size: int) -> bool:
    """Whether the last page is the last of its track."""
    file.seek(max(0, size - _LONGEST_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    return not page.startswith(b"OggS") or bool(int.from_bytes(page[5:6], "big") & 4)


def _gif_ends(file: BinaryIO, size: int) -> bool:
    """Whether one block after the other leads to the mark of its end."""
    at, n_blocks = 13 + _gif_table(file, 10), 0
    while at < size:
        n_blocks += 1
        if n_blocks > _MOST_BLOCKS:
            return True
        file.seek(at)
        kind = file.read(1)
        if kind == b";":
            return True
        if kind == b"!":
            at += 2
        elif kind == b",":
            at += 11 + _gif_table(file, at + 9)
        else:
            return False
        file.seek(at)
        while (length := file.read(1)) > b"\0":
            n_blocks += 1
            at += 1 + length[0]
            file.seek(at)
        at += 1
    return False


def _gif_table(file: BinaryIO, at: int) -> int:
    """The bytes of the table of colours that the flags at a byte state."""
    file.seek(at)
    flags = int.from_bytes(file.read(1), "big")
    return 6 << (flags & 7) if flags & 0x80 else 0


def _flv_ends(file: BinaryIO, size: int) -> bool:
    """Whether the length that stands last leads back to the head of a tag of that length."""
    file.seek(max(0, size - 4))
    length = int.from_bytes(file.read(4), "big")
    file.seek(max(0, size - 4 - length))
    head = file.read(4)
    return int.from_bytes(head[1:], "big") == length - 11 and head[:1] in (
        b"\x08",
        b"\x09",
        b"\x12",
    )


_MOST_BLOCKS = 1_000_000
"""Of GIF: 250 MB of pictures; what has more is not walked over to its end."""

_LONGEST_PAGE = 2**16
"""Of Ogg."""

_STATED: dict[str, Callable[[BinaryIO, int], int | None]] = {
    "avi": _avi_end, "caf": _caf_end, "mp3": _mp3_end,
}  # fmt: skip
"""Of these, what they state: what stands behind it is not looked at."""

_LAST: dict[str, Callable[[BinaryIO, int], bool]] = {
    "gif": _gif_ends, "ogg": _ogg_ends, "flv": _flv_ends,
}  # fmt: skip
"""By container, whether it has an end."""
