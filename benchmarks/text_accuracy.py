"""What `find_text` reads where there is text, and where there is none.

    python benchmarks/text_accuracy.py [folder with more clips ...]

Clips without a letter, named below, are read as they are: every line is invented. Then short
texts (scores, clocks, signs, single figures) are drawn into the same clips, upright and upside
down, and read back. The limits of text_standing.py were set by these clips: the figures are not
those of unseen ones.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vprog.errors import VprogError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.types import Span, TextSpan
from vprog_modules.text.find_text_rapid import FindTextRapid

OWN = Path(__file__).resolve().parents[1] / "tests" / "media_files"
TEXTLESS = (
    "tree.avi", "vp8_vorbis_1s.webm", "fades.mp4", "no_duration.webm", "carphone_pristine.mp4",
    "incar.mp4", "dog.mp4", "flipping_a_pancake.mkv", "realshort.mp4", "cockatoo.mp4",
    "carphone_distorted.mp4", "chaplin.mp4", "coffee.mp4", "cups.mp4", "juggle.mp4",
    "bedroom.mp4", "bigbuckbunny.mp4", "nasa_13013.mp4", "Megamind.avi", "bbb.webm",
)  # fmt: skip
"""By own viewing. Cartoons, people, animals, a car, leaves, test pictures without letters."""

TEXTS = (
    "2:1", "EXIT", "7", "12:04:33", "LIVE", "5", "HOME 2", "GO", "88", "B7", "9:41", "3", "OK",
    "Q3 12:00", "Stop", "4-3", "ON AIR", "Enter Password", "GATE 17", "0",
)  # fmt: skip
SECONDS = 2.4
FPS = 4.0
SIDE = 640


def main() -> None:
    """Print a row per clip, and what was read, missed and invented in all."""
    folders = [OWN, *map(Path, sys.argv[1:])]
    finder = FindTextRapid()
    finder.load("cpu")
    counts = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(TEXTLESS):
            path = next((found for root in folders for found in root.rglob(name)), None)
            if path is None:
                continue
            invented = [line.text for line in find(finder, path)]
            counts["clips"] += 1
            counts["clips with invented text"] += bool(invented)
            rng = random.Random(number)
            notes = [f"invented: {invented}"] if invented else []
            for turn, text in enumerate((TEXTS[number % len(TEXTS)], rng.choice(TEXTS), "GATE 17")):
                drawn = draw(path, Path(folder) / "drawn.mp4", text, rng, is_turned=turn == 2)
                if not drawn:
                    continue
                kind = "upside down" if turn == 2 else "texts"
                lines = [line.text for line in find(finder, Path(folder) / "drawn.mp4")]
                others = [line for line in lines if plain(line) != plain(text)]
                counts[kind] += 1
                counts[f"{kind} read"] += len(others) < len(lines)
                counts["lines beside them"] += len(others)
                if others or not lines:
                    notes.append(f"{text}{' (turned)' if turn == 2 else ''}: {lines}")
            print(f"{name:26} {'; '.join(notes) or 'as it should be'}", flush=True)
    print()
    print(", ".join(f"{count} {what}" for what, count in counts.items()))


def find(finder: FindTextRapid, path: Path) -> list[TextSpan]:
    """The lines of the first seconds of a file."""
    source = MediaSource([open_media(path)])
    with using(CallContext(source)):
        video = source.videos[0]
        lines = finder(video, span=Span(0.0, min(SECONDS, video.duration)), fps=FPS)
    source.close()
    return lines


def draw(path: Path, to: Path, text: str, rng: random.Random, *, is_turned: bool) -> bool:
    """Write the first seconds of a clip with a text in it; False if it has no pictures."""
    source = MediaSource([open_media(path)])
    try:
        span = Span(0.0, min(SECONDS, source.videos[0].duration))
        times = [float(time) for time in source.frame_times(0, span)][::2]
        pictures = [pixels for _, pixels in source.frames(0, times, max_side=SIDE)]
    except VprogError:
        return False
    finally:
        source.close()
    size = max(14, round(pictures[0].shape[0] * rng.choice((0.07, 0.1, 0.15))))
    place = rng.random() * 0.6, rng.random() * 0.8
    has_box = rng.random() < 0.5
    with av.open(str(to), "w") as out:
        stream = out.add_stream("libx264", rate=12)
        height, width = (side // 2 * 2 for side in pictures[0].shape[:2])
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for pixels in pictures:
            picture = written(pixels[:height, :width], text, size, place, has_box)
            turned = np.rot90(picture, 2 if is_turned else 0)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return True


def written(
    pixels: NDArray[np.uint8], text: str, size: int, place: tuple[float, float], has_box: bool
) -> NDArray[np.uint8]:
    """A picture with a text in it, on a dark box or with an outline."""
    image = Image.fromarray(pixels)
    canvas = ImageDraw.Draw(image)
    corner = 8 + place[0] * image.width, 8 + place[1] * image.height
    font = ImageFont.load_default(size)
    left, top, right, bottom = canvas.textbbox(corner, text, font=font)
    if has_box:
        canvas.rectangle((left - 6, top - 4, right + 6, bottom + 4), fill=(20, 20, 30))
    outline = 0 if has_box else max(1, size // 12)
    canvas.text(corner, text, (255, 255, 255), font, stroke_width=outline, stroke_fill=(0, 0, 0))
    return np.asarray(image)


def plain(text: str) -> str:
    """As texts are compared: without spaces and capitals."""
    return "".join(text.split()).casefold()


if __name__ == "__main__":
    main()
