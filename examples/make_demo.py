"""Draws examples/demo.mp4: the clip of the README's first command, with nothing but known truth.

    python examples/make_demo.py [demo.mp4]

Needs Pillow and PyAV (vprog's own) and the program espeak-ng for the spoken words.

    0.0 -  4.0 s   a red ball crosses from left to right; a counter shows whole seconds
    4.0 -  8.0 s   a card that says STATION 42; a voice says "go forward ten meters" at 5 s
    8.0 - 11.0 s   a blue square stands still on the right, a green triangle falls
   11.0 - 12.0 s   black
"""

from __future__ import annotations

import subprocess
import sys
import wave
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 25, 12
SOUND_RATE = 16000
SPOKEN, SPOKEN_AT = "go forward ten meters", 5.0


def draw(time: float) -> Image.Image:
    """The picture at a time in seconds."""
    if time < 4:
        picture = Image.new("RGB", (WIDTH, HEIGHT), (236, 232, 220))
        pen = ImageDraw.Draw(picture)
        x = 40 + time / 4 * (WIDTH - 80)
        pen.ellipse((x - 36, 164, x + 36, 236), fill=(208, 32, 32))
        pen.text((24, 20), f"COUNT {int(time)}", fill=(20, 20, 20), font=_font(40))
    elif time < 8:
        picture = Image.new("RGB", (WIDTH, HEIGHT), (24, 44, 84))
        pen = ImageDraw.Draw(picture)
        pen.text((130, 140), "STATION 42", fill=(250, 250, 250), font=_font(64))
    elif time < 11:
        picture = Image.new("RGB", (WIDTH, HEIGHT), (245, 245, 245))
        pen = ImageDraw.Draw(picture)
        pen.rectangle((470, 150, 570, 250), fill=(30, 70, 200))
        y = 30 + (time - 8) / 3 * 240
        pen.polygon([(160, y), (120, y + 70), (200, y + 70)], fill=(20, 150, 60))
    else:
        picture = Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 0))
    return picture


def speak(text: str) -> np.ndarray:
    """Words as mono sound at SOUND_RATE, int16, (N,)."""
    spoken = subprocess.run(
        ["espeak-ng", "-v", "en-us", "-s", "120", "--stdout", text],
        capture_output=True,
        check=True,
    ).stdout
    with wave.open(BytesIO(spoken)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    at = np.arange(0, len(sound), rate / SOUND_RATE)
    return np.interp(at, np.arange(len(sound)), sound.astype(np.float64)).astype(np.int16)


def write(path: Path) -> None:
    """Draw, speak and encode the clip."""
    sound = np.zeros(SOUND_RATE * SECONDS, dtype=np.int16)
    words = speak(SPOKEN)
    begin = int(SPOKEN_AT * SOUND_RATE)
    sound[begin : begin + len(words)] = words
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"crf": "26", "preset": "medium"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        for number in range(FPS * SECONDS):
            frame = av.VideoFrame.from_image(draw(number / FPS))
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        block = av.AudioFrame.from_ndarray(sound[None, :], format="s16", layout="mono")
        block.sample_rate, block.pts, block.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        out.mux(audio.encode(block))
        out.mux(audio.encode())


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "demo.mp4")
    write(target)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")
