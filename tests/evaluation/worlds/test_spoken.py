"""The spoken world: its digits are in the sound, and nowhere else; without a voice it says so."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import vprog
from vprog.errors import MissingError
from vprog.evaluation.case import read_cases
from vprog.evaluation.worlds import Difficulty, make_worlds, seeded_episode, spoken, worlds

WORLD = worlds()["spoken"]


def beep(word: str) -> np.ndarray:
    """A tone in place of a voice: a tenth of a second for each letter, which no word exceeds."""
    times = np.arange(1600 * len(word)) / 16_000
    return (0.5 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


def test_digits_add_up_and_are_heard_when_they_are_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import av

    monkeypatch.setattr(spoken, "said", beep)
    monkeypatch.setattr(spoken, "_PROGRAM", "sh")
    make_worlds(["spoken"], tmp_path, seed=0, count=2, difficulty=Difficulty(5))
    cases = read_cases(tmp_path / "cases.jsonl")
    episode = seeded_episode(WORLD, 0, Difficulty(5)).episode
    digits = [operation.digit for operation in episode.operations]
    value = episode.states[0].value
    assert episode.states[-1].value == (value + sum(digits)) % 10
    recalled = next(case for case in cases if "digit number" in case.question)
    seed = int(re.findall(r"spoken-(\d+)", recalled.id)[0])
    heard = seeded_episode(WORLD, seed, Difficulty(5)).episode.operations
    number = int(re.findall(r"digit number (\d)", recalled.question)[0])
    assert recalled.answer == heard[number - 1].digit
    with av.open(str(cases[0].videos[0])) as video:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in video.decode(audio=0)])
    for place, operation in enumerate(episode.operations):
        start, end = episode.span(place)
        length = min(end - start, len(spoken.WORDS[operation.digit]) / 10)
        assert loudness(sound, start + 0.1, start + length - 0.1) > 0.2
        assert loudness(sound, start + length + 0.15, start + 1.1) < 0.02
        assert loudness(sound, start - 0.25, start - 0.1) < 0.02


def loudness(sound: np.ndarray, start: float, end: float) -> float:
    return float(np.abs(sound[round(start * 16_000) : round(end * 16_000)]).mean())


def test_without_a_voice_the_world_is_left_out_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "_PROGRAM", "no-such-voice")
    assert "no-such-voice is not installed" in WORLD.lack()
    with pytest.raises(MissingError, match="apt install no-such-voice"):
        make_worlds(["spoken"], tmp_path / "x", seed=0, count=1, difficulty=Difficulty(5))
    assert not (tmp_path / "x").exists()
    with pytest.raises(MissingError, match="does not speak"):
        spoken.said("one more")


def test_worlds_list_says_what_a_world_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    listed = vprog("worlds", "list")
    assert "Not here: espeak-ng is not installed" in listed.out


@pytest.mark.skipif(WORLD.lack() != "", reason="espeak-ng is not installed")
def test_the_voice_is_the_same_each_time_and_short_enough() -> None:
    words = {word: spoken.said(word) for word in spoken.WORDS}
    assert all(0.2 < len(samples) / 16_000 < 0.8 for samples in words.values())
    spoken.said.cache_clear()
    assert np.array_equal(spoken.said("seven"), words["seven"])
