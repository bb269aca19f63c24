"""What is drawn over a video and its time: things, curves, moments, lanes."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.view.model import ShownEvidence
from vprog.view.player.curves import curves_of
from vprog.view.player.moments import player_of
from vprog.view.player.things import things_of
from vprog.view.player.timelines import timelines_of
from vprog.view.player_model import Player
from vprog.view.steps import Story

__all__ = ["build_player", "timelines_of"]


def build_player(story: Story, evidence: Sequence[ShownEvidence], answer: object) -> Player:
    """What a player shows of a run: see vprog.view.player_model.

    Args:
        story: of the run.
        evidence: of its answer.
        answer: None where there is none.
    """
    videos = [opened.video for opened in story.recording.started.videos]
    found = things_of(story.steps, evidence, [(video.width, video.height) for video in videos])
    curves = curves_of(story, found.things, answer)
    return player_of(found, curves, evidence, answered=answer is not None)
