"""AST through transformers: real loading code on a tiny model, with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.modules.sounds import RATE, noise, nothing, save
from vprog.errors import ModuleFailedError, ModuleInputError, NoAudioStreamError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Event, Span
from vprog_modules.sound.find_sounds_ast import FindSoundsAst

SPEC = spec_of(FindSoundsAst)
LABELS = ("Bark", "Doorbell", "Vehicle horn, car horn, honking", "Dog", "Music", "Sad music")


def save_ast(path: Path, seed: int = 0) -> Path:
    """A tiny AST; of 3 s at most."""
    import torch
    from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification

    torch.manual_seed(seed)
    config = ASTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_length=300,
        num_mel_bins=32,
        id2label=dict(enumerate(LABELS)),
        label2id={name: number for number, name in enumerate(LABELS)},
    )
    model = ASTForAudioClassification(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0)
    model.save_pretrained(path)
    ASTFeatureExtractor(max_length=300, num_mel_bins=32).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_ast(tmp_path_factory.mktemp("models") / "ast")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = np.concatenate([nothing(34.0), noise(4.0, 0.3), nothing(3.3)])
    return save(tmp_path_factory.mktemp("sounds") / "burst.wav", sound)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def finder(folder: Path) -> Iterator[FindSoundsAst]:
    module = FindSoundsAst()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def scores_of(folder: Path, samples: np.ndarray) -> np.ndarray:
    """What the vendor's own classes give: (labels,)."""
    import torch
    from transformers import ASTFeatureExtractor, ASTForAudioClassification

    features = ASTFeatureExtractor.from_pretrained(folder)
    model = ASTForAudioClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        tensors = features(samples, sampling_rate=RATE, return_tensors="pt")
        return model(**tensors).logits.sigmoid()[0].numpy()


def telling(folder: Path) -> tuple[str, float]:
    """A label that the random network gives noise rather than silence, and a score between."""
    loud = scores_of(folder, noise(2.0, 0.3).astype(np.float32))
    quiet = scores_of(folder, nothing(2.0).astype(np.float32))
    best = int(np.argmax(loud - quiet))
    assert loud[best] - quiet[best] > 0.02
    return LABELS[best], float((loud[best] + quiet[best]) / 2)


def test_a_sound_is_found_when_it_is_heard(
    finder: FindSoundsAst, opened: Opened, folder: Path
) -> None:
    label, limit = telling(folder)
    with using(opened.context):
        (event,) = finder(opened.video, label.lower(), min_score=limit)
    assert event.kind == label.lower()
    assert event.start == pytest.approx(34.0, abs=2.0)
    assert event.end == pytest.approx(38.0, abs=2.0)


def test_times_are_those_of_the_file_in_a_span_too(
    finder: FindSoundsAst, opened: Opened, folder: Path
) -> None:
    label, limit = telling(folder)
    with using(opened.context):
        (event,) = finder(opened.video, label, span=Span(33.5, 41.0), min_score=limit)
    assert event.start == pytest.approx(34.0, abs=2.0)
    assert event.end == pytest.approx(38.0, abs=2.0)


def test_every_window_has_the_vendors_own_score(
    finder: FindSoundsAst, opened: Opened, folder: Path
) -> None:
    for span in (Span(36.0, 38.0), Span(37.2, 39.2), Span(39.5, 40.0), Span(36.0, 36.01)):
        with using(opened.context):
            (event,) = finder(opened.video, "Dog", span=span, min_score=0.0)
        samples = opened.source.sound(0, span)
        padded = np.pad(samples, (0, max(0, 400 - len(samples))))
        assert event.score == pytest.approx(float(scores_of(folder, padded)[3]), abs=2e-4)
        assert (event.start, event.end) == pytest.approx(tuple(span), abs=1e-3)


def test_windows_overlap_by_half_and_the_last_ends_with_the_sound(
    finder: FindSoundsAst, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vprog_modules.sound import find_sounds_ast

    heard: list[Span] = []

    def keep(call: object, hits: list[tuple[int, Span, float]]) -> list[Event]:
        heard.extend(span for _, span, _ in hits)
        return []

    monkeypatch.setattr(find_sounds_ast, "joined", keep)
    with using(opened.context):
        finder(opened.video, "Dog", span=Span(28.0, 32.5), min_score=0.0)
    assert heard == [Span(28.0, 30.0), Span(29.0, 31.0), Span(30.0, 32.0), Span(30.5, 32.5)]


def test_another_sound_of_the_same_windows_costs_nothing(
    finder: FindSoundsAst, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = Span(33.0, 39.0)
    with using(opened.context):
        finder(opened.video, "bark", span=span)
        monkeypatch.setattr(finder, "_listen", None)
        finder(opened.video, "doorbell", span=span)


def test_batch_gives_what_single_calls_give(folder: Path, opened: Opened) -> None:
    asked = [
        {"sound": sound, "span": span, "window": window, "min_score": 0.0, "audio_track": 0}
        for sound, span, window in [
            ("bark", Span(30.0, 36.0), 2.0),
            ("music", Span(36.5, 39.0), 1.0),
            ("honking", None, 3.0),
        ]
    ]
    whole, single = FindSoundsAst(), FindSoundsAst()
    for module in (whole, single):
        module.load("cpu", named_weights(str(folder)))
    calls = [
        Call.of(SPEC, {"video": opened.video, **named}, CallContext(opened.source))
        for named in asked
    ]
    batch = whole.batch(calls)
    for events, named in zip(batch, asked, strict=True):
        with using(CallContext(opened.source)):
            alone = single(opened.video, **named)  # type: ignore[arg-type]
        assert [event[1:3] for event in events] == [event[1:3] for event in alone]
        assert [event.score for event in events] == pytest.approx(
            [event.score for event in alone], abs=2e-4
        )
    whole.unload()
    single.unload()


@pytest.mark.parametrize(
    ("sound", "label"),
    [
        ("the barking", "Bark"),
        ("door bells", "Doorbell"),
        ("car horn", "Vehicle horn, car horn, honking"),
        ("music", "Music"),
    ],
)
def test_a_phrase_means_a_label(
    finder: FindSoundsAst, opened: Opened, sound: str, label: str
) -> None:
    span = Span(36.0, 38.0)
    with using(opened.context):
        (by_phrase,) = finder(opened.video, sound, span=span, min_score=0.0)
        (by_label,) = finder(opened.video, label, span=span, min_score=0.0)
    assert by_phrase.score == by_label.score


def test_what_the_model_does_not_know_is_refused(finder: FindSoundsAst, opened: Opened) -> None:
    with using(opened.context):
        with pytest.raises(ModuleInputError, match=r'does not know "dog barking".*: Dog; Bark'):
            finder(opened.video, "dog barking")
        with pytest.raises(ModuleInputError, match="names nothing"):
            finder(opened.video, "the ")
        with pytest.raises(ModuleInputError, match=r"window of at most 3 s.* got 5"):
            finder(opened.video, "bark", window=5.0)


def test_a_file_without_sound_is_refused(finder: FindSoundsAst, tmp_path: Path) -> None:
    with (
        Opened(draw_video(tmp_path / "mute.mp4", 5)) as mute,
        using(mute.context),
        pytest.raises(NoAudioStreamError),
    ):
        finder(mute.video, "bark")


def test_other_weights_are_refused(tmp_path: Path) -> None:
    import torch
    from transformers import ASTFeatureExtractor, ViTConfig, ViTModel

    torch.manual_seed(0)
    ViTModel(
        ViTConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    ).save_pretrained(tmp_path)
    with pytest.raises(ModuleFailedError):
        FindSoundsAst().load("cpu", named_weights(str(tmp_path)))
    other = save_ast(tmp_path / "other")
    ASTFeatureExtractor(max_length=300, num_mel_bins=32, sampling_rate=8000).save_pretrained(other)
    with pytest.raises(ModuleFailedError, match="8000 samples a second"):
        FindSoundsAst().load("cpu", named_weights(str(other)))


def test_module_conforms(folder: Path) -> None:
    spec = replace(SPEC, weights=(named_weights(str(folder)),))
    assert check_module(spec, arguments={"sound": "bark"}) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    label, limit = telling(folder)
    result = vprog.run(
        clip,
        f'heard = find_sounds(video, "{label}", min_score={limit})\n'
        "answer(round(heard[0].start), evidence=heard)",
        registry=Registry([SPEC]),
        modules={"find_sounds": f"FindSoundsAst:{folder}"},
    )
    vprog.close()
    assert result.answer in (33, 34, 35)
