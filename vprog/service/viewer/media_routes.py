"""The videos of a run as pages play them: the file itself where browsers read it, proxies else."""

from __future__ import annotations

import io
from collections.abc import Iterator

from vprog.errors import UsageError, VideoError
from vprog.media.browser_proxy import KINDS, LONGEST_S, PROXIES_FOLDER, kinds_here, proxy_file
from vprog.media.run_file import MediaFile
from vprog.service.http_exchange import Exchange
from vprog.service.http_server import Route
from vprog.service.viewer.viewer_state import Viewed
from vprog.view.explored_trace import Trace
from vprog.view.html.page_data import Clip

_PICTURES = {"h264": "avc1.640028", "vp8": "vp8", "vp9": "vp9", "av1": "av01.0.08M.08"}
_SOUNDS = {"aac": "mp4a.40.2", "mp3": "mp3", "opus": "opus", "vorbis": "vorbis"}
_FILES = {"mp4": ("video/mp4", {"h264", "av1", "vp9"}, {"aac", "mp3", "opus"}),
          "webm": ("video/webm", {"vp8", "vp9", "av1"}, {"opus", "vorbis"})}  # fmt: skip
_SOUND_FILES = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg"}
_SAME_CLOCK_S = 0.02


def media_routes(viewed: Viewed) -> list[Route]:
    """What plays a video, and the picture at a time."""

    def whole(exchange: Exchange, name: str, video: str) -> None:
        with viewed.file(viewed.trace(name), int(video)) as file:
            exchange.send_file(file.path, direct_type(file).partition(";")[0] or "video/mp4")

    def proxy(exchange: Exchange, name: str, video: str, kind: str, part: str) -> None:
        folder = viewed.service.settings.cache_dir / PROXIES_FOLDER
        with viewed.file(viewed.trace(name), int(video)) as file:
            spans = list(_spans(file.index.duration))
            if int(part) >= len(spans) or kind not in kinds_here():
                raise UsageError(
                    f"no proxy {kind} {part}.", hint=f"There are {len(spans)} parts of each kind."
                )
            path = proxy_file(file, *spans[int(part)], kind, folder)
        exchange.send_file(path, KINDS[kind].type.partition(";")[0])

    def frame(exchange: Exchange, name: str, video: str) -> None:
        from PIL import Image

        try:
            time = float(exchange.query.get("time", "0"))
        except ValueError as error:
            raise UsageError(f"time: not a number: {error}.", hint="Seconds, e.g. 4.2.") from error
        with viewed.file(viewed.trace(name), int(video)) as file:
            pixels = file.picture(min(max(0.0, time), file.index.duration))
        written = io.BytesIO()
        Image.fromarray(pixels).save(written, "JPEG", quality=92)
        exchange.send_bytes(written.getvalue(), "image/jpeg")

    run = r"(?P<name>[\w-]+)/(?P<video>\d{1,4})"
    return [
        Route("GET", f"/file/{run}", whole),
        Route("GET", rf"/proxy/{run}/(?P<kind>\w+)/(?P<part>\d{{1,6}})", proxy),
        Route("GET", f"/frame/{run}", frame),
    ]


def clips_of(viewed: Viewed, trace: Trace) -> list[Clip]:
    """What a page can play of a run's videos; the browser takes the first kind that it plays."""
    clips: list[Clip] = []
    for index in range(len(trace.recording.started.videos)):
        try:
            with viewed.file(trace, index) as file:
                clips += _clips_of_file(viewed, trace, index, file)
        except VideoError:  # it is gone: the page shows the pictures that the run kept
            continue
    return clips


def _clips_of_file(viewed: Viewed, trace: Trace, index: int, file: MediaFile) -> Iterator[Clip]:
    name, duration = trace.folder.name, file.index.duration
    direct = direct_type(file)
    if direct:
        yield Clip(video=index, start=0.0, end=duration, type=direct,
                   source=viewed.url("file", name, index))  # fmt: skip
    for kind in kinds_here():
        for part, (start, end) in enumerate(_spans(duration)):
            yield Clip(video=index, start=start, end=end, type=KINDS[kind].type,
                       source=viewed.url("proxy", name, index, kind, part))  # fmt: skip


def _spans(duration: float) -> Iterator[tuple[float, float]]:
    count = max(1, -(-round(duration * 1000) // round(LONGEST_S * 1000)))
    yield from (
        (part * LONGEST_S, min(duration, (part + 1) * LONGEST_S))
        for part in range(count)
        if duration > 0
    )


def direct_type(file: MediaFile) -> str:
    """How a browser is asked whether it plays the file itself; "" where it had better not.

    It must be of a form that browsers read, and its clock theirs: a picture that is turned, or
    that begins after the sound, is left to a proxy, so that boxes lie where they belong.
    """
    index, suffix = file.index, file.path.suffix.lower().lstrip(".")
    if index.video is None:
        return _SOUND_FILES.get(suffix, "")
    picture, sound = index.video, index.audio
    kind = "mp4" if suffix in ("mp4", "m4v") else suffix
    if kind not in _FILES or index.clock is not None:
        return ""
    media, pictures, sounds = _FILES[kind]
    is_plain = (
        picture.codec in pictures
        and (sound is None or sound.codec in sounds)
        and picture.format.pixel_format == "yuv420p"
        and not picture.rotation
        and not picture.mirrored
        and not picture.by_count
        and picture.start == 0.0
        and abs(index.origin) < _SAME_CLOCK_S
        and len(index.sounds) < 2
    )
    if not is_plain:
        return ""
    codecs = [_PICTURES[picture.codec], *([_SOUNDS[sound.codec]] if sound else [])]
    return f'{media}; codecs="{",".join(codecs)}"'
