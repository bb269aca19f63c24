"""CLAP through transformers: real loading code on a tiny model, with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")
pytest.importorskip("scipy", reason="the extra hf is not installed")

from scipy.signal import resample_poly

import vprog
from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.modules.sound.tiny_clap import save_tiny_clap
from tests.modules.sounds import noise, nothing, save, tone
from vprog.errors import ModuleFailedError, ModuleInputError, NoAudioStreamError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Match, Span
from vprog_modules.retrieval.clip_search import best_apart
from vprog_modules.sound.search_sounds_clap import SearchSoundsClap

SPEC = spec_of(SearchSoundsClap)


@pytest.fixture(scope="module", params=[False, True], ids=["unfused", "fused"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_clap(tmp_path_factory.mktemp("models") / "clap", is_fused=request.param)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Silence to 34 s, noise to 38 s, a tone to 42 s."""
    sound = np.concatenate([nothing(34.0), noise(4.0, 0.3), tone(4.0)])
    return save(tmp_path_factory.mktemp("sounds") / "burst.wav", sound)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def searcher(folder: Path) -> Iterator[SearchSoundsClap]:
    module = SearchSoundsClap()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def search(searcher: SearchSoundsClap, opened: Opened, query: str, **named: object) -> list[Match]:
    with using(CallContext(opened.source)):
        return searcher(opened.video, query, **named)  # type: ignore[arg-type]


def cosine_of(folder: Path, samples: np.ndarray, query: str) -> float:
    """What the vendor's own processor and forward pass say of one sound and one text."""
    import torch
    from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel, ClapProcessor

    processor = ClapProcessor(
        feature_extractor=ClapFeatureExtractor.from_pretrained(folder),
        tokenizer=AutoTokenizer.from_pretrained(folder),
    )
    model = ClapModel.from_pretrained(folder).eval()
    fuller = resample_poly(samples, 3, 1)
    inputs = processor(text=[query], audio=fuller, sampling_rate=48_000, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    inputs["is_longer"] = torch.zeros_like(inputs["is_longer"])
    with torch.inference_mode():
        cosine = model(**inputs).logits_per_audio[0, 0] / model.logit_scale_a.exp()
    return float(cosine)


def test_each_part_has_the_vendors_own_cosine(
    searcher: SearchSoundsClap, opened: Opened, folder: Path
) -> None:
    cosines = []
    for span in (Span(34.0, 38.0), Span(38.0, 42.0), Span(39.0, 39.5)):
        for query in ("a dog barks", "rain falls"):
            (match,) = search(searcher, opened, query, seconds=4.0, span=span)
            cosines.append(cosine_of(folder, opened.source.sound(0, span), query))
            assert match.score == pytest.approx(max(0.0, cosines[-1]), abs=2e-4)
            assert (match.start, match.end) == pytest.approx(tuple(span), abs=1e-3)
    # The tiny network tells them apart, and not all are below what counts as nothing.
    assert max(cosines) - max(0.0, min(cosines)) > 0.02


def test_matches_are_in_the_sound_best_first_and_apart(
    searcher: SearchSoundsClap, opened: Opened
) -> None:
    found = search(searcher, opened, "somebody claps", seconds=2.0, count=10)
    assert 3 <= len(found) <= 5
    assert [match.score for match in found] == sorted((m.score for m in found), reverse=True)
    inside = sorted((match.start, match.end) for match in found)
    assert inside[0][0] >= 32.0  # what overlaps the sound; the rest is silent
    assert all(end <= start for (_, end), (start, _) in pairwise(inside))
    assert {(match.text, match.source) for match in found} == {("somebody claps", "sounds")}
    assert search(searcher, opened, "somebody claps", seconds=2.0, count=1) == found[:1]


def test_silence_is_like_nothing(searcher: SearchSoundsClap, opened: Opened) -> None:
    assert search(searcher, opened, "rain falls", span=Span(2.0, 20.0)) == []


def test_clips_that_overlap_a_better_one_are_left_out() -> None:
    clips = [(0.0, 2.0), (1.0, 3.0), (2.0, 4.0), (5.0, 6.0)]
    scores = np.array([0.3, 0.5, 0.4, 0.1], np.float32)
    assert best_apart(clips, scores, 9) == [1, 3]
    assert best_apart(clips, scores, 1) == [1]


def test_other_words_for_the_same_sound_cost_nothing(
    searcher: SearchSoundsClap, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    search(searcher, opened, "a dog barks", span=Span(33.0, 40.0))
    monkeypatch.setattr(searcher, "_listen", None)
    assert search(searcher, opened, "rain falls", span=Span(33.0, 40.0))


def test_batch_gives_what_single_calls_give(folder: Path, opened: Opened) -> None:
    asked = [
        {"query": query, "seconds": seconds, "count": 3, "span": span, "audio_track": 0}
        for query, seconds, span in [
            ("a dog barks", 2.0, Span(33.0, 38.0)),
            ("rain falls", 5.0, None),
            ("somebody claps", 1.0, Span(37.5, 41.0)),
        ]
    ]
    whole, single = SearchSoundsClap(), SearchSoundsClap()
    for module in (whole, single):
        module.load("cpu", named_weights(str(folder)))
    batch = whole.batch(
        [
            Call.of(SPEC, {"video": opened.video, **named}, CallContext(opened.source))
            for named in asked
        ]
    )
    for matches, named in zip(batch, asked, strict=True):
        alone = search(single, opened, **named)  # type: ignore[arg-type]
        assert [match[:3] for match in matches] == [match[:3] for match in alone]
        scores = [match.score for match in alone]
        assert [match.score for match in matches] == pytest.approx(scores, abs=2e-4)
    whole.unload()
    single.unload()


def test_what_cannot_be_searched_is_refused(
    searcher: SearchSoundsClap, opened: Opened, tmp_path: Path
) -> None:
    with pytest.raises(ModuleInputError, match=r"parts of at most 5 s.* got 8"):
        search(searcher, opened, "rain", seconds=8.0)
    with pytest.raises(ModuleInputError, match="audio_track"):
        search(searcher, opened, "rain", audio_track=7)
    with (
        Opened(draw_video(tmp_path / "mute.mp4", 5)) as mute,
        pytest.raises(NoAudioStreamError),
    ):
        search(searcher, mute, "rain")


def test_weights_for_another_rate_are_refused(tmp_path: Path) -> None:
    from transformers import ClapFeatureExtractor

    other = save_tiny_clap(tmp_path / "other")
    ClapFeatureExtractor(feature_size=16, sampling_rate=44_100).save_pretrained(other)
    with pytest.raises(ModuleFailedError, match="44100 samples a second"):
        SearchSoundsClap().load("cpu", named_weights(str(other)))


def test_module_conforms(folder: Path) -> None:
    spec = replace(SPEC, weights=(named_weights(str(folder)),))
    assert check_module(spec, arguments={"query": "a dog barks"}) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    result = vprog.run(
        clip,
        'found = search_sounds(video, "rain falls", seconds=2.0)\n'
        "answer(len(found), evidence=found)",
        registry=Registry([SPEC]),
        modules={"search_sounds": f"SearchSoundsClap:{folder}"},
    )
    vprog.close()
    assert result.status == "answered", result.error
    assert int(result.answer) >= 3
    assert all(item.supported for item in result.evidence)
