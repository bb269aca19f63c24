"""TrOCR through transformers: real loading code on a tiny model, with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import Picture
from tests.modules.scenes import Opened, painted
from tests.modules.text.tiny_trocr import WORDS, save_tiny_trocr
from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Frame, TextLine
from vprog_modules.text.ocr import TextReader
from vprog_modules.text.read_text_trocr import ReadTextTrocr

SPEC = spec_of(ReadTextTrocr)
SIZE = (640, 360)
LINES = (("PLATFORM 42", 90), ("mind the gap", 180), ("9:15", 290))


def paint(_: int, picture: Picture) -> None:
    for text, y in LINES:
        cv2.putText(picture, text, (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (255, 255, 255), 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_trocr(tmp_path_factory.mktemp("models") / "trocr")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "signs.mp4"
    return painted(path, 5, paint, size=SIZE, background=(20, 20, 60))


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[ReadTextTrocr]:
    module = ReadTextTrocr()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def call_of(opened: Opened, frame: Frame, min_score: float = 0.0) -> Call:
    arguments = {"frame": frame, "min_score": min_score}
    return Call.of(SPEC, arguments, CallContext(opened.source, warn=opened.warnings.append))


def read(reader: ReadTextTrocr, opened: Opened, frame: Frame, min_score: float) -> list[TextLine]:
    call = call_of(opened, frame, min_score)
    with using(call.context):
        return reader(frame, min_score=min_score)


def written_by_vendor(folder: Path, pixels: np.ndarray) -> tuple[str, float]:
    """What the vendor's own processor and classes write of one piece, and how likely it is."""
    import torch
    from transformers import TrOCRProcessor, VisionEncoderDecoderModel
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    tokenizer = TrOCRProcessor.from_pretrained(folder, backend="pil").tokenizer
    processor = TrOCRProcessor(ViTImageProcessorPil.from_pretrained(folder), tokenizer)
    model = VisionEncoderDecoderModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        output = model.generate(
            processor(images=pixels, return_tensors="pt").pixel_values,
            max_new_tokens=64,
            output_scores=True,
            return_dict_in_generate=True,
        )
    scores = model.compute_transition_scores(output.sequences, output.scores, normalize_logits=True)
    (text,) = processor.batch_decode(output.sequences, skip_special_tokens=True)
    return text, float(scores.mean().exp())


def test_lines_stand_where_they_are_in_the_whole_frame(
    reader: ReadTextTrocr, opened: Opened
) -> None:
    lines = read(reader, opened, Frame(0, 0.0), 0.0)
    middles = [(line.box.y0 + line.box.y1) / 2 for line in lines]
    assert middles == pytest.approx([y - 20 for _, y in LINES], abs=15)
    region = Box(0.0, 120.0, 640.0, 230.0)
    (line,) = read(reader, opened, Frame(0, 0.0, region), 0.0)
    assert line.box == pytest.approx(lines[1].box, abs=8)
    assert line.frame.region == region


def test_each_piece_has_the_vendors_own_text_and_score(
    reader: ReadTextTrocr, opened: Opened, folder: Path
) -> None:
    pieces = TextReader().find(opened.source.pixels(Frame(0, 0.0)))
    assert len(pieces) >= len(LINES)
    written = reader._written(pieces)
    expected = [written_by_vendor(folder, piece.pixels) for piece in pieces]
    assert [text for text, _, _ in written] == [text for text, _ in expected]
    assert [score for _, score, _ in written] == pytest.approx(
        [score for _, score in expected], rel=1e-4
    )
    assert len({text for text, _ in expected}) > 1  # the tiny network looks at what it is shown
    assert {word for text, _ in expected for word in text.split()} <= set(WORDS)


def test_lines_under_the_least_score_are_left_out(reader: ReadTextTrocr, opened: Opened) -> None:
    lines = read(reader, opened, Frame(0, 0.0), 0.0)
    middle = sorted(line.score for line in lines)[1]
    kept = read(reader, opened, Frame(0, 0.0), middle)
    assert kept == [line for line in lines if line.score >= middle]


def test_what_was_cut_is_told(tmp_path: Path, opened: Opened) -> None:
    module = ReadTextTrocr()
    module.load("cpu", named_weights(str(save_tiny_trocr(tmp_path / "endless", never_ends=True))))
    opened.warnings.clear()
    (line, *_) = read(module, opened, Frame(0, 0.0), 0.0)
    assert len(line.text.split()) >= 64
    assert opened.warnings[0].startswith('a line of text goes on after "')
    module.unload()


def test_batch_gives_what_single_calls_give(reader: ReadTextTrocr, opened: Opened) -> None:
    frames = [
        Frame(0, 0.0),
        Frame(0, 0.2, Box(0.0, 0.0, 640.0, 120.0)),
        Frame(0, 0.2, Box(0.0, 310.0, 640.0, 360.0)),
    ]
    batch = reader.batch([call_of(opened, frame) for frame in frames])
    assert batch == [read(reader, opened, frame, 0.0) for frame in frames]
    assert [len(lines) > 0 for lines in batch] == [True, True, False]


def test_a_region_outside_the_picture_is_refused(reader: ReadTextTrocr, opened: Opened) -> None:
    with pytest.raises(ModuleInputError):
        read(reader, opened, Frame(0, 0.0, Box(700.0, 0.0, 800.0, 50.0)), 0.5)


def test_a_model_that_is_no_trocr_is_refused(tmp_path: Path) -> None:
    other = save_tiny_trocr(tmp_path / "bart", decoder="bart")
    with pytest.raises(ModuleFailedError, match='writes by "bart", which is no TrOCR'):
        ReadTextTrocr().load("cpu", named_weights(str(other)))


def test_module_conforms(folder: Path) -> None:
    spec = replace(SPEC, weights=(named_weights(str(folder)),))
    assert check_module(spec, arguments={"min_score": 0.0}) == []


def test_a_program_calls_it(home: Path, clip: Path, folder: Path) -> None:
    result = vprog.run(
        clip,
        "lines = read_text(frame_at(video, 0.2), min_score=0.0)\n"
        "answer(len(lines), evidence=lines)",
        registry=Registry([SPEC, *_others("frame_at")]),
        modules={"read_text": f"ReadTextTrocr:{folder}"},
    )
    vprog.close()
    assert result.answer == len(LINES)


def _others(task: str) -> list[object]:
    from vprog.registry.discover import discover

    return list(discover().implementations(task))
