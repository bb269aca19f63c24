"""Subtitles embedded in a video."""

from __future__ import annotations

from collections.abc import Iterator

from vprog.errors import ModuleInputError, SubtitlesUnreadableError
from vprog.media.index import MediaIndex
from vprog.media.opening import open_container, reason_of
from vprog.media.packets import read_packets
from vprog.media.subtitle_encoding import decode_text
from vprog.media.subtitle_markup import MAX_LENGTH, plain_text
from vprog.media.subtitles import Subtitle, SubtitleTrack, ordered_track
from vprog.media.track_words import track_words

RAW_TEXT = frozenset({"subrip", "srt", "text", "ass", "ssa", "webvtt"})
"""Codecs whose packets are text and nothing else."""

_BETWEEN = "\n\x1f\n"
"""Stands between packets that are decoded together; no encoding has a letter of these bytes."""


def embedded_subtitles(index: MediaIndex, track: int = 0) -> SubtitleTrack:
    """The subtitles of a track in a file; none if it has no such track.

    Args:
        index: of the file.
        track: counted from 1; 0 for the first track of text that holds any.

    Raises:
        ModuleInputError: it has no such track.
    """
    name = index.path.name
    tracks = [stream for stream in index.streams if stream.kind == "subtitles"]
    if track > len(tracks):
        raise ModuleInputError(
            f'"{name}": there is no subtitle track {track}, the file has {len(tracks)}.',
            hint="Tracks are counted from 1; probe(video).streams lists them.",
        )
    numbers = index.subtitle_streams
    warnings: list[str] = []
    failures: list[str] = []
    subtitles: list[Subtitle] = []
    for number in [track] if track else list(numbers):
        if number not in numbers:
            break
        stream = _StreamText(index, numbers[number])
        subtitles, lost = ordered_track([*stream.read(), *stream.read_undecoded()], name)
        failures += stream.failures
        warnings += [*stream.warnings, *lost]
        if subtitles:
            if len(tracks) > 1:
                which = track_words(tracks[number - 1])
                warnings.append(f"{name}: of {len(tracks)} subtitle tracks {which} was read")
            break
    if not subtitles and len(numbers) < len(tracks):
        warnings.append(f"{name}: its embedded subtitles are pictures, which are not read")
    if failures:
        got = f"got {len(subtitles)} of them"
        warnings.append(f"{name}: its embedded subtitles are damaged: {failures[0]}; {got}")
    return SubtitleTrack(subtitles, tuple(warnings))


class _StreamText:
    """What one subtitle stream of a file says."""

    def __init__(self, index: MediaIndex, number: int) -> None:
        self.failures: list[str] = []
        self.warnings: list[str] = []
        self._index = index
        self._number = number
        self._form = "srt"
        self._undecoded: list[tuple[bytes, float, float]] = []

    def read(self) -> Iterator[Subtitle]:
        """Its subtitles in UTF-8, which containers demand; others are put aside."""
        import av

        index = self._index
        with open_container(index.path, index.identity) as container:
            stream = container.streams[self._number]
            codec = stream.codec_context.name
            self._form = {"ass": "ass", "ssa": "ass", "webvtt": "vtt"}.get(codec, "srt")
            for packet in read_packets(container, [stream], self.failures.append, index.clock):
                if not packet.size or packet.pts is None:
                    continue
                start = float(packet.pts * packet.time_base) - index.origin
                end = start + float((packet.duration or 0) * packet.time_base)
                raw = bytes(packet)[: 5 * MAX_LENGTH]
                if codec in RAW_TEXT and not _is_utf8(raw):
                    self._undecoded.append((raw, start, end))
                    continue
                try:
                    decoded = packet.decode()
                except (av.FFmpegError, ValueError) as error:
                    self.failures.append(reason_of(error))
                    continue
                for item in decoded:
                    if hasattr(item, "ass"):
                        line = bytes(item.ass)[: 5 * MAX_LENGTH].decode("utf-8", "replace")
                        yield Subtitle(self._plain(line, is_event=True), start, end)

    def read_undecoded(self) -> Iterator[Subtitle]:
        """Those that were put aside, in the encoding that all of them together show."""
        if not self._undecoded:
            return
        together = _BETWEEN.encode().join(raw for raw, _, _ in self._undecoded)
        try:
            text, score, warning = decode_text(together, self._index.path.name)
        except SubtitlesUnreadableError as error:
            self.warnings.append(f"its embedded subtitles are left out: {error.message}")
            return
        self.warnings += [warning] if warning else []
        for line, (_, start, end) in zip(text.split(_BETWEEN), self._undecoded, strict=False):
            yield Subtitle(self._plain(line, is_event=self._form == "ass"), start, end, score)

    def _plain(self, line: str, *, is_event: bool) -> str:
        # ReadOrder, Layer, Style, Name, three margins, Effect, Text
        return plain_text(line.split(",", 8)[-1] if is_event else line, self._form)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw[:-4].decode()  # the last letter may be cut
    except UnicodeDecodeError as error:
        return error.start > len(raw) - 9
    return True
