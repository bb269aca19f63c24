"""Whisper on OpenAI's package and through transformers: tiny models that say one sentence."""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="Whisper models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")
pytest.importorskip("whisper", reason="the extra whisper is not installed")

import vprog
from tests.modules.scenes import Opened
from tests.modules.sounds import RATE, Samples, noise, nothing, save, tone
from tests.modules.speech.tiny_whisper import (
    UNSURE,
    save_openai_whisper,
    save_transformers_whisper,
)
from vprog.errors import ModuleFailedError, WeightsMissingError
from vprog.models.weights import named_weights
from vprog.registry.call_context import using
from vprog.registry.module import spec_of
from vprog.testing import check_module
from vprog.types import Span, Speech, Word
from vprog_modules.speech.listening import spoken_windows
from vprog_modules.speech.transcribe_openai_whisper import CHECKPOINT, TranscribeOpenAIWhisper
from vprog_modules.speech.transcribe_transformers import TranscribeTransformers
from vprog_modules.speech.whisper_windows import LONGEST_S, PAUSE_S, WhisperModule

pytestmark = [
    # What the packages themselves do: a file left open, NumPy called in an old way.
    pytest.mark.filterwarnings("ignore:unclosed file.*tiktoken:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning"),
]
Save = Callable[..., Path]
KINDS: list[tuple[type[Any], Save, str]] = [
    (TranscribeOpenAIWhisper, save_openai_whisper, "model.pt"),
    (TranscribeTransformers, save_transformers_whisper, "model"),
]


@pytest.fixture(scope="module")
def speech(media_dir: Path) -> Samples:
    """Two seconds of somebody who says "Go forward ten meters"."""
    with wave.open(str(media_dir / "speech" / "goforward.wav")) as recording:
        return np.frombuffer(recording.readframes(recording.getnframes()), "<i2") / 32768


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind[0].__name__)
def model(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[type[Any], Path]:
    kind, save_tiny, name = request.param
    return kind, save_tiny(tmp_path_factory.mktemp("models") / name)


def loaded(kind: type[Any], path: Path) -> WhisperModule:
    module: WhisperModule = kind()
    module.load("cpu", named_weights(str(path)))  # type: ignore[attr-defined]
    return module


def heard(module: WhisperModule, path: Path, **given: Any) -> tuple[list[Speech], list[str]]:
    with Opened(path) as opened, using(opened.context):
        return module(opened.video, **given), opened.warnings


def words_of(speech: list[Speech]) -> list[Word]:
    return [word for line in speech for word in line.words]


def test_transcribe_gives_words_with_times_scores_and_source(
    model: tuple[type[Any], Path], speech: Samples, tmp_path: Path
) -> None:
    lines, warnings = heard(loaded(*model), save(tmp_path / "a.wav", speech))
    words = words_of(lines)
    assert [word.text for word in words] == ["hello", "world"]
    assert all(0 <= word.start < word.end <= 3.5 and word.score > 0.99 for word in words)
    assert {line.source for line in lines} == {"whisper"}
    assert warnings == []


def test_shifted_sound_gives_shifted_times(
    model: tuple[type[Any], Path], speech: Samples, tmp_path: Path
) -> None:
    module = loaded(*model)
    near = np.concatenate([nothing(4.0), speech, nothing(4.0)])
    far = np.concatenate([nothing(64.0), speech, nothing(4.0)])
    here = words_of(heard(module, save(tmp_path / "near.wav", near))[0])
    there = words_of(heard(module, save(tmp_path / "far.wav", far))[0])
    assert here
    assert [word.text for word in here] == [word.text for word in there]
    shifts = [b.start - a.start for a, b in zip(here, there, strict=True)]
    shifts += [b.end - a.end for a, b in zip(here, there, strict=True)]
    assert shifts == pytest.approx([60.0] * len(shifts), abs=0.021)


def test_long_sound_is_heard_in_windows_and_in_batches(
    model: tuple[type[Any], Path],
    speech: Samples,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = np.concatenate([np.concatenate([speech, nothing(5.0)]) for _ in range(5)])
    module = loaded(*model)
    sizes: list[int] = []
    recognise = module.recognise
    monkeypatch.setattr(module, "batch_size", 2)
    monkeypatch.setattr(
        module, "recognise", lambda sounds: sizes.append(len(sounds)) or recognise(sounds)
    )
    words = words_of(heard(module, save(tmp_path / "long.wav", sound))[0])
    assert sizes == [2, 2, 1]
    assert [word.text for word in words] == ["hello", "world"] * 5
    period = len(speech) / RATE + 5.0
    assert [int((word.end + 0.5) // period) for word in words] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_batch_equals_loop(model: tuple[type[Any], Path], speech: Samples) -> None:
    module = loaded(*model)
    sounds = [np.asarray(part, np.float32) for part in (speech, speech[8000:], noise(3.0))]
    together = module.recognise(sounds)
    alone = [module.recognise([sound])[0] for sound in sounds]
    for one, other in zip(together, alone, strict=True):
        assert [word.text for word in one.words] == [word.text for word in other.words]
        assert [number for word in one.words for number in word[1:]] == pytest.approx(
            [number for word in other.words for number in word[1:]], abs=0.021
        )
        assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)


@pytest.mark.parametrize("sound", [nothing, noise, tone])
def test_where_nobody_speaks_the_model_is_not_asked(
    model: tuple[type[Any], Path],
    sound: Callable[[float], Samples],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = loaded(*model)
    monkeypatch.setattr(module, "recognise", None)
    assert heard(module, save(tmp_path / "a.wav", sound(10.0)))[0] == []


def test_span_gives_only_its_words(
    model: tuple[type[Any], Path], speech: Samples, tmp_path: Path
) -> None:
    sound = np.concatenate([speech, nothing(6.0), speech])
    path, half = save(tmp_path / "a.wav", sound), len(speech) / RATE + 3.0
    lines, _ = heard(loaded(*model), path, span=Span(half, half + 9.0))
    assert words_of(lines)
    assert all(line.start >= half for line in lines)


@pytest.mark.parametrize(("kind", "save_tiny", "name"), KINDS)
def test_other_language_is_named(
    kind: type[Any], save_tiny: Save, name: str, speech: Samples, tmp_path: Path
) -> None:
    module = loaded(kind, save_tiny(tmp_path / name, language="de", text=" guten tag"))
    lines, warnings = heard(module, save(tmp_path / "a.wav", speech))
    assert [word.text for word in words_of(lines)] == ["guten", "tag"]
    assert warnings == ["video 0: German was heard"]


@pytest.mark.parametrize(("kind", "save_tiny", "name"), KINDS)
@pytest.mark.parametrize("fault", [{"spread": UNSURE}, {"text": 17 * " no"}])
def test_what_the_model_doubts_or_repeats_is_left_out_and_said(
    kind: type[Any],
    save_tiny: Save,
    name: str,
    fault: dict[str, Any],
    speech: Samples,
    tmp_path: Path,
) -> None:
    module = loaded(kind, save_tiny(tmp_path / name, **fault))
    lines, warnings = heard(module, save(tmp_path / "a.wav", speech))
    assert lines == []
    assert any("could not be made out" in warning for warning in warnings)


def test_windows_of_who_never_pauses_are_no_longer_than_the_model_takes(
    speech: Samples, tmp_path: Path
) -> None:
    spoken = speech[int(0.45 * RATE) : int(2.0 * RATE)]
    path = save(tmp_path / "a.wav", np.tile(spoken, 40))
    with Opened(path) as opened:
        whole = Span(0, opened.video.duration)
        windows = list(
            spoken_windows(
                opened.context, opened.video, whole, 1, longest_s=LONGEST_S, pause_s=PAUSE_S
            )
        )
    assert len(windows) >= 3
    assert max(window.end - window.start for window in windows) <= LONGEST_S + 0.61
    covered = sum(window.end - window.start for window in windows)
    assert covered == pytest.approx(len(spoken) * 40 / RATE, rel=0.1)


def test_module_conforms(model: tuple[type[Any], Path]) -> None:
    kind, path = model
    spec = replace(spec_of(kind), weights=(named_weights(str(path)),))
    assert check_module(spec) == []


def test_program_hears_words_by_the_module_and_weights_that_are_named(
    model: tuple[type[Any], Path],
    speech: Samples,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    kind, path = model
    program = (
        'word = search_speech(transcribe(video), "world")[0]\nanswer(word.start, evidence=[word])'
    )
    result = vprog.run(
        save(tmp_path / "a.wav", speech),
        program,
        modules={"transcribe": f"{kind.__name__}:{path}"},
    )
    vprog.close()
    assert result.status == "answered", result.error
    assert result.evidence[0].supported


def test_damaged_weights_are_an_error_with_what_to_do(model: tuple[type[Any], Path]) -> None:
    kind, path = model
    file = path if path.is_file() else path / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    try:
        with pytest.raises(ModuleFailedError, match="cannot be loaded"):
            loaded(kind, path)
    finally:
        file.write_bytes(whole)


def test_checkpoint_is_looked_for_where_openai_keeps_it_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(WeightsMissingError, match="not on this machine") as caught:
        TranscribeOpenAIWhisper().load("cpu")
    assert "whisper.load_model('base')" in caught.value.hint
    save_openai_whisper_in(tmp_path)
    with pytest.raises(WeightsMissingError, match="is not what was declared"):
        TranscribeOpenAIWhisper().load("cpu")


def save_openai_whisper_in(cache: Path) -> None:
    (cache / "whisper").mkdir()
    save_openai_whisper(cache / "whisper" / CHECKPOINT.file)


def test_declared_digest_is_the_one_that_openai_publishes() -> None:
    import whisper

    assert CHECKPOINT.sha256 in whisper._MODELS["base"]
