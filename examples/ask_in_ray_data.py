"""Asks about the videos of a Ray Data table: a class for `map_batches`, one engine an actor.

    python examples/ask_in_ray_data.py VIDEO... "QUESTION"

Needs Ray Data: pip install "ray[data]". Where the table is large, sort it by video first: questions
about one file that are in one batch share its index, its decoder and its results.
"""

from __future__ import annotations

import sys
from typing import Any

import vprog


class AskVideos:
    """Answers batches of rows with the columns `video` and `question`."""

    def __init__(self, **settings: Any) -> None:
        self.engine = vprog.Engine(**settings)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """The batch with the columns of `Result.to_row` beside it, in the order of its rows."""
        asked = zip(batch["video"], batch["question"], strict=True)
        cases = [
            {"id": number, "video": str(video), "question": str(question)}
            for number, (video, question) in enumerate(asked)
        ]
        results = dict(vprog.solve_many(cases, engine=self.engine))
        rows = [results[str(number)].to_row() for number in range(len(cases))]
        columns: dict[str, list[Any]] = {"video": [str(video) for video in batch["video"]]}
        columns.update((name, [row[name] for row in rows]) for name in rows[0])
        return columns


def main() -> None:
    import ray

    *videos, question = sys.argv[1:]
    table = ray.data.from_items([{"video": video, "question": question} for video in videos])
    answered = table.map_batches(
        AskVideos, batch_size=32, compute=ray.data.ActorPoolStrategy(size=1)
    )
    for row in answered.take_all():
        print(row["video"], row["status"], row["answer"])


if __name__ == "__main__":
    main()
