"""Peak memory of one pass over a video against its length.

    python -m benchmarks.memory_flat [--minutes 1 10 60 600] [--fps 10] [--sound] [--ending mkv]

Draws a minute of video, copies its packets to the lengths asked for, and reads each file in a
child process: index, one frame a second, and all of the sound. Prints the most that each child
took, and the most of one of the processes below it, which decode. Without /proc it is ru_maxrss,
which counts in what the parent had when it started the child.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tests.drawing import draw_video, repeat_video

CHILD = """
import os, resource, sys, time
from pathlib import Path
import numpy as np
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource

began = time.process_time()
source = MediaSource([open_media(sys.argv[1])])
video = source.videos[0]
indexed = time.process_time() - began
n_frames = sum(1 for _ in source.frames(0, np.arange(0.0, video.duration, 1.0)))
if video.has_audio:
    n_samples = sum(len(block) for _, block in source.sound_blocks(0))
parents, peaks = {}, {}
for folder in Path("/proc").glob("[0-9]*"):
    try:
        told = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    except OSError:  # it has just ended
        continue
    parents[int(folder.name)] = int(told["PPid"])
    peaks[int(folder.name)] = int(told.get("VmHWM", "0 kB").split()[0]) / 1024
below = {os.getpid()}
while more := {pid for pid, parent in parents.items() if parent in below} - below:
    below |= more
below_mb = round(max((peaks[pid] for pid in below - {os.getpid()}), default=0.0), 1)
all_s = round(time.process_time() - began, 1)
usage = resource.getrusage(resource.RUSAGE_SELF)
peak = peaks.get(os.getpid()) or usage.ru_maxrss / 1024
print(peak, video.n_frames, n_frames, round(indexed, 1), all_s, below_mb)
"""


def hum(times: Any) -> Any:
    """A steady tone."""
    return 0.2 * np.sin(2 * np.pi * 220 * times)


def make_clip(folder: Path, minutes: int, *, fps: int, sound: bool, ending: str) -> Path:
    """A video of so many minutes whose packets repeat every minute."""
    minute = folder / f"minute.{ending}"
    if not minute.exists():
        draw_video(
            minute,
            60 * fps,
            fps=fps,
            time_base=Fraction(1, 1000),
            size=(160, 120),
            gop=5 * fps,
            tone=hum if sound else None,
        )
    return minute if minutes == 1 else repeat_video(minute, folder / f"{minutes}.{ending}", minutes)


def peak_mb(path: Path) -> list[str]:
    """What a child that reads the file once prints: peaks in MB, frames, read, seconds."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 10, 60, 600])
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--sound", action="store_true")
    parser.add_argument("--ending", default="mkv", choices=["mkv", "mp4", "ts"])
    asked = parser.parse_args()
    print("minutes  peak MB  above the first  frames  read  index s  all s (CPU)  decoder MB")
    first = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for minutes in asked.minutes:
            path = make_clip(
                Path(folder), minutes, fps=asked.fps, sound=asked.sound, ending=asked.ending
            )
            peak, n_frames, n_read, index_s, all_s, decoder = peak_mb(path)
            first = first or float(peak)
            above = float(peak) - first
            print(
                f"{minutes:7} {float(peak):8.1f} {above:16.1f} {n_frames:>7} {n_read:>5} "
                f"{index_s:>8} {all_s:>11} {decoder:>11}"
            )
            if minutes > 1:
                path.unlink()


if __name__ == "__main__":
    main()
