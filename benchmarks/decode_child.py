"""What decoding in a process of its own costs, against decoding in this one.

    python -m benchmarks.decode_child FILE [--rounds 7]

Pairs, in turns: a scan of every frame at 320 pixels, frames in a random order, and all of the
sound. Medians in seconds, and the median of the ratios of the pairs.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable

from vprog.media.file_readers import Decoders
from vprog.media.media_pool import MediaPool
from vprog.media.run_file import MediaFile, open_media

SIDE = 320
MOST_FRAMES = 300
N_RANDOM = 15


def scan(file: MediaFile) -> None:
    """Every frame, in order, at the size that modules ask for."""
    for _ in file.frames(file.stream.times[:MOST_FRAMES], max_side=SIDE):
        pass


def jump(file: MediaFile) -> None:
    """Single frames all over the file."""
    chosen = random.Random(7)
    for _ in range(N_RANDOM):
        file.picture(chosen.choice(file.stream.times), SIDE)


def listen(file: MediaFile) -> None:
    """All of the sound, in blocks."""
    for _ in file.sound_blocks(0.0, file.index.duration):
        pass


def measure(path: str, work: Callable[[MediaFile], None], pool: MediaPool) -> float:
    """Seconds that a piece of work takes on a file that was just opened."""
    file = open_media(path, pool=pool)
    began = time.perf_counter()
    work(file)
    seconds = time.perf_counter() - began
    file.close()
    return seconds


def main(path: str, rounds: int) -> None:
    """Print one line for each piece of work."""
    apart, here = MediaPool(), MediaPool(open_decoding=Decoders)
    file = open_media(path, pool=apart)
    works = {"scan": scan, "random frames": jump}
    works |= {"sound": listen} if file.index.audio else {}
    file.close()  # else its pictures would be kept from round to round
    for name, work in works.items():
        pairs = []
        for number in range(rounds):
            pools = (apart, here) if number % 2 else (here, apart)
            seconds = {pool: measure(path, work, pool) for pool in pools}
            pairs.append((seconds[apart], seconds[here]))
        own, same = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{name}: own process {own:.3f} s, this one {same:.3f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 7)
