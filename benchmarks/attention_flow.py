"""What an answer of a vision model owes to each way through it, as Map the Flow (2025) measures.

    python -m benchmarks.attention_flow MODEL_FOLDER VIDEO QUESTION --choice TEXT --choice TEXT
        [--frames 4] [--side 224] [--window 4] [--device cpu]

Loads a model of transformers from its folder, shows it frames of a video with a multiple-choice
question, and takes the letter that it finds likeliest. Then attention is blocked along one way
in one window of layers at a time: a line each, with the probability that is left of that letter
and the change (vprog/models/hf/attention_knockout.py says what the ways are).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from vprog.models.hf.attention_knockout import measure_paths
from vprog.models.hf.conversation import Turn, encode
from vprog.models.hf.generate import next_token_probabilities
from vprog.models.hf.loading import load_model


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("video", type=Path)
    parser.add_argument("question")
    parser.add_argument("--choice", action="append", required=True)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--side", type=int, default=224, help="longer side in pixels")
    parser.add_argument("--window", type=int, default=4, help="layers that are blocked together")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    model = load_model(str(options.model), options.device)
    letters = [chr(ord("A") + place) for place in range(len(options.choice))]
    listed = "\n".join(
        f"{letter}. {text}" for letter, text in zip(letters, options.choice, strict=True)
    )
    asked = f"{options.question}\n{listed}\nReply with one letter."
    pictures = even_pictures(options.video, options.frames, options.side)
    inputs = encode(model, [[Turn("user", (*pictures, asked))]])
    spellings = model.option_ids(letters)
    row = next_token_probabilities(model, inputs)[0]
    masses = [float(row[ids].sum()) for ids in spellings]
    best = max(range(len(masses)), key=masses.__getitem__)
    print(f"answer {letters[best]}, probability {masses[best]:.4f}")
    print("| way | layers | probability | change |")
    print("|---|---|---:|---:|")
    for loss in measure_paths(model, inputs, spellings[best], window=options.window):
        first, last = loss.layers
        print(f"| {loss.path} | {first}-{last} | {loss.probability:.4f} | {loss.change:+.1%} |")
    return 0


def even_pictures(video: Path, count: int, side: int) -> list[Any]:
    """Pictures spread evenly over a video, the longer side no more than `side` pixels."""
    import av

    with av.open(str(video)) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    step = len(frames) / count
    pictures = [frames[int((place + 0.5) * step)] for place in range(count)]
    for picture in pictures:
        picture.thumbnail((side, side))
    return pictures


if __name__ == "__main__":
    sys.exit(main())
