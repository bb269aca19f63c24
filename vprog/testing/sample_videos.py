"""The videos that modules are checked on, drawn and sounded here: small, and odd on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vprog.media.file import open_media
from vprog.media.source import MediaSource

WIDTH, HEIGHT, FPS, SECONDS, RATE = 160, 120, 10, 2, 16_000
ORDINARY = "an ordinary video"

SUBTITLES = """\
1
00:00:00,200 --> 00:00:00,900
A person walks by.

2
00:00:01,000 --> 00:00:01,800
The word is red.
"""


@contextmanager
def drawn_clips() -> Iterator[dict[str, MediaSource]]:
    """Each clip by what it is; files and all are gone after the `with` block.

    The ordinary one has a red square that moves over a grey picture, a tone in its second
    half, and subtitles.
    """
    with TemporaryDirectory(prefix="vprog-clips-") as name:
        folder = Path(name)
        ordinary = folder / "ordinary.mp4"
        _write(ordinary, n_frames=FPS * SECONDS, has_sound=True)
        ordinary.with_suffix(".srt").write_text(SUBTITLES, encoding="utf-8")
        _write(folder / "silent.mp4", n_frames=FPS * SECONDS, has_sound=False)
        _write(folder / "frame.mp4", n_frames=1, has_sound=False)
        _write(folder / "sound.wav", n_frames=0, has_sound=True)
        files = {
            ORDINARY: ordinary,
            "a video without sound": folder / "silent.mp4",
            "a video of one frame": folder / "frame.mp4",
            "a file with sound only": folder / "sound.wav",
        }
        sources: dict[str, MediaSource] = {}
        try:
            for what, path in files.items():
                sources[what] = MediaSource([open_media(path)])
            yield sources
        finally:
            for source in sources.values():
                source.close()


def _write(path: Path, *, n_frames: int, has_sound: bool) -> None:
    import av

    with av.open(str(path), "w") as container:
        picture = _add_picture(container) if n_frames else None
        sound: Any = None
        if has_sound:
            codec = "pcm_s16le" if path.suffix == ".wav" else "aac"
            sound = container.add_stream(codec, rate=RATE)
            sound.layout = "mono"
        if picture is not None:
            for at in range(n_frames):
                frame = av.VideoFrame.from_ndarray(_picture(at), format="rgb24")
                frame.pts = at
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
        if sound is not None:
            for frame in _tone(sound.format.name):
                container.mux(sound.encode(frame))
            container.mux(sound.encode(None))


def _add_picture(container: Any) -> Any:
    from fractions import Fraction

    stream = container.add_stream("mpeg4", rate=FPS)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.bit_rate = 1_000_000
    stream.codec_context.time_base = Fraction(1, FPS)
    return stream


def _picture(at: int) -> Any:
    import numpy as np

    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    left = 5 * at
    pixels[40:80, left : left + 40] = (220, 20, 20)
    return pixels


def _tone(sample_format: str) -> Iterator[Any]:
    """Silence for a second, then a tone, in frames of 1,024 samples."""
    import av
    import numpy as np

    time = np.arange(RATE * SECONDS) / RATE
    samples = np.where(time < 1.0, 0.0, 0.3 * np.sin(2 * np.pi * 440.0 * time))
    for start in range(0, len(samples), 1024):
        part = samples[start : start + 1024]
        is_whole = sample_format == "s16"
        data: Any = (part * 32767).astype(np.int16) if is_whole else part.astype(np.float32)
        frame = av.AudioFrame.from_ndarray(data[None, :], format=sample_format, layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        yield frame
