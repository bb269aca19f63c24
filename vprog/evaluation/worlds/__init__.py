"""Drawn worlds: videos with exact truth from a seed, and questions whose answers are computed."""

from vprog.evaluation.worlds.drawn_world import DrawnWorld, Episode
from vprog.evaluation.worlds.world_baselines import WorldBaselines, baselines
from vprog.evaluation.worlds.world_video import Difficulty, Disturbance, draw_picture, write_video
from vprog.evaluation.worlds.worlds_folder import (
    SeededEpisode,
    Sweep,
    WorldsSummary,
    is_held_out,
    make_worlds,
    seeded_episode,
    worlds,
)

__all__ = [
    "Difficulty",
    "Disturbance",
    "DrawnWorld",
    "Episode",
    "SeededEpisode",
    "Sweep",
    "WorldBaselines",
    "WorldsSummary",
    "baselines",
    "draw_picture",
    "is_held_out",
    "make_worlds",
    "seeded_episode",
    "worlds",
    "write_video",
]
