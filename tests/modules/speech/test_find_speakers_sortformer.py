"""Streaming Sortformer through transformers: real loading code on a tiny model, random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", "5.24", reason="Nemotron 3 Diarization is not in it")

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.modules.sounds import noise, nothing, save, tone
from tests.modules.speech.tiny_sortformer import N_SPEAKERS, save_tiny_sortformer
from vprog.errors import ModuleInputError, NoAudioStreamError, PackageMissingError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Event, Span
from vprog_modules.speech.find_speakers_sortformer import FindSpeakersSortformer, turns

SPEC = spec_of(FindSpeakersSortformer)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_sortformer(tmp_path_factory.mktemp("models") / "sortformer")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise, silence, a tone: 6 s."""
    sound = np.concatenate([noise(2.0, 0.3), nothing(2.0), tone(2.0)])
    return save(tmp_path_factory.mktemp("sounds") / "voices.wav", sound)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def finder(folder: Path) -> Iterator[FindSpeakersSortformer]:
    module = FindSpeakersSortformer()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def of_vendor(folder: Path, samples: np.ndarray) -> list[tuple[int, float, float]]:
    """What the vendor's own processor says: (speaker, start, end), in order of time."""
    import torch
    from transformers import AutoModelForAudioFrameClassification, AutoProcessor

    processor = AutoProcessor.from_pretrained(folder)
    model = AutoModelForAudioFrameClassification.from_pretrained(folder).eval()
    inputs = processor(samples, sampling_rate=16_000)
    with torch.inference_mode():
        logits = model(**inputs).logits
    (parts,) = processor.extract_speaker_dict(logits, inputs["attention_mask"])
    return [(part["Speaker"], part["Start"], part["End"]) for part in parts]


@pytest.mark.parametrize("span", [None, Span(1.0, 5.5)], ids=["whole", "part"])
def test_turns_are_the_vendors_own(
    finder: FindSpeakersSortformer, opened: Opened, folder: Path, span: Span | None
) -> None:
    with using(opened.context):
        events = finder(opened.video, span=span, max_pause=0.0)
    start = span.start if span else 0.0
    expected = of_vendor(folder, opened.source.sound(0, span))
    assert len(expected) > 3
    numbers: dict[int, str] = {}
    for speaker, _, _ in expected:  # in order of time
        numbers.setdefault(speaker, f"speaker {len(numbers) + 1}")
    assert len(numbers) > 1
    named = [(start + begin, numbers[speaker], start + end) for speaker, begin, end in expected]
    heard = [(event.start, event.kind, event.end) for event in events]
    assert [kind for _, kind, _ in heard] == [kind for _, kind, _ in sorted(named)]
    for event, vendor in zip(heard, sorted(named), strict=True):
        assert (event[0], event[2]) == pytest.approx((vendor[0], vendor[2]), abs=0.011)
    assert all(0.5 < event.score <= 1.0 for event in events)


def test_turns_are_numbered_by_who_speaks_first_and_short_pauses_stay_inside() -> None:
    chances = np.zeros((100, 3), np.float32)  # 10 s
    chances[50:60, 0] = 0.9
    chances[10:20, 2] = 0.8
    chances[23:30, 2] = 0.6  # after 0.3 s
    chances[55:70, 2] = 0.7  # both at once
    part = Span(100.0, 106.5)
    assert turns(chances, 0.1, 0.3, part) == [
        Event("speaker 1", 101.0, 103.0, pytest.approx((10 * 0.8 + 7 * 0.6) / 17, abs=1e-4)),
        Event("speaker 2", 105.0, 106.0, pytest.approx(0.9, abs=1e-4)),
        Event("speaker 1", 105.5, 106.5, pytest.approx(0.7, abs=1e-4)),
    ]
    assert len(turns(chances, 0.1, 0.2, part)) == 4
    assert turns(np.zeros((0, 3), np.float32), 0.1, 0.3, part) == []


def test_more_speakers_than_the_network_knows_are_told(
    finder: FindSpeakersSortformer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "_chances", lambda _: np.full((600, N_SPEAKERS), 0.9, np.float32))
    opened.warnings.clear()
    with using(opened.context):
        assert len(finder(opened.video)) == N_SPEAKERS
    assert opened.warnings == ["4 speakers were told apart, which is the most: there may be more"]


def test_what_cannot_be_listened_to_is_refused(
    finder: FindSpeakersSortformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    with (
        Opened(draw_video(tmp_path / "mute.mp4", 5)) as mute,
        using(mute.context),
        pytest.raises(NoAudioStreamError),
    ):
        finder(mute.video)
    from vprog_modules.speech import find_speakers_sortformer

    monkeypatch.setattr(find_speakers_sortformer, "LONGEST_S", 5.0)
    with using(opened.context), pytest.raises(ModuleInputError, match="at most 5 s at once, got 6"):
        finder(opened.video)


def test_an_older_transformers_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vprog_modules.speech import find_speakers_sortformer

    monkeypatch.setattr(find_speakers_sortformer, "NETWORK", "NotYetThere")
    with pytest.raises(PackageMissingError, match="has no Nemotron 3 Diarization") as raised:
        FindSpeakersSortformer().load("cpu", named_weights(str(folder)))
    assert "transformers>=5.24" in raised.value.hint


def test_module_conforms(folder: Path) -> None:
    spec = replace(SPEC, weights=(named_weights(str(folder)),))
    assert check_module(spec) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    result = vprog.run(
        clip,
        "found = find_speakers(video)\nanswer(len({turn.kind for turn in found}), evidence=found)",
        registry=Registry([SPEC]),
        modules={"find_speakers": f"FindSpeakersSortformer:{folder}"},
    )
    vprog.close()
    assert result.status == "answered", result.error
    assert 1 <= int(result.answer) <= N_SPEAKERS
    assert all(item.supported for item in result.evidence)


def test_the_context_counts_the_sound_that_was_heard(
    finder: FindSpeakersSortformer, opened: Opened
) -> None:
    context = CallContext(opened.source)
    with using(context):
        finder(opened.video, span=Span(1.0, 3.0))
    assert context.seen[0].sound == [Span(1.0, 3.0)]
