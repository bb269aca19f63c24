"""`read_text` by TrOCR, through transformers: handwriting too; lines are found by RapidOCR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from vprog.errors import ModuleFailedError
from vprog.models.hf.vision import VisionModel, vision_model
from vprog.models.memory_budget import MODEL_MEMORY
from vprog.models.weights import Weights
from vprog.registry.call_context import CallContext, Pixels, current
from vprog.registry.module import Call, implements
from vprog.types import MAX_ITEMS, SCORE, Frame, Grid, TextLine
from vprog_modules.frames.picture import placed_picture
from vprog_modules.text.ocr import (
    PICTURE_SIDE,
    ReadLine,
    TextPiece,
    TextReader,
    in_reading_order,
    score_of,
)

WEIGHTS = Weights("microsoft/trocr-base-handwritten", "main", licence="MIT", size_mb=1333)
AT_ONCE = 16
"""Pieces that go through the network together: 384 x 384 pixels each."""

MOST_TOKENS = 64
"""Of one piece: some 200 letters, more than a line of a page has."""


class Asked(NamedTuple):
    """One call: what is read, and the least score of what is given."""

    media: CallContext
    frame: Frame
    min_score: float


@implements(
    "read_text",
    summary="Read the text in a frame, handwriting too; English.",
    batch=8,
    needs=("torch", "transformers", "rapidocr", "onnxruntime", "cv2"),
    extra="hf",
    install='pip install "vprog[hf,offline]"',
    weights=(WEIGHTS,),
    takes_weights=True,
    memory_mb=1400,
    rank=5,
    backend="TrOCR through transformers, lines by RapidOCR",
    pixels=Pixels("frame", max_side=PICTURE_SIDE),
)
class ReadTextTrocr:
    """Below RapidOCR by rank: slower, and of printed text in a scene it reads less."""

    def load(self, device: str, weights: Weights) -> None:
        """Load the network, and RapidOCR's detector of text."""
        self._loadable = vision_model(
            weights.folder(), device, "VisionEncoderDecoderModel", reads_text=True
        )
        with MODEL_MEMORY.hold(self._loadable, self) as model:
            decoder = model.network.config.decoder.model_type
            if decoder != "trocr":
                raise ModuleFailedError(
                    f'{weights.id} writes by "{decoder}", which is no TrOCR.',
                    hint="Name weights such as microsoft/trocr-base-printed.",
                )
        self._finder = TextReader()

    def unload(self) -> None:
        """Let go; the last to do so frees the memory."""
        MODEL_MEMORY.release(self)

    def __call__(
        self,
        frame: Frame,
        *,
        min_score: Annotated[float, SCORE, Grid((0.3, 0.5, 0.7))] = 0.5,
    ) -> list[TextLine]:
        """
        Writes words that look likely wherever a line seems to be: a score under 0.7 is a guess.

        Returns:
            Lines in reading order (rows from the top, from the left); text as written; box
            in pixels of the whole frame; score in [0, 1]: the geometric mean of the
            probabilities of the pieces of words that were written. Empty if there is no text.

        Source: M. Li et al., "TrOCR: transformer-based optical character recognition with
        pre-trained models", AAAI 2023; code of transformers and RapidOCR (Apache-2.0), weights
        microsoft/trocr-base-* (MIT), PP-OCR's detector in the package of RapidOCR (Apache-2.0).
        """
        return self._read([Asked(current(), frame, min_score)])[0]

    def batch(self, calls: Sequence[Call]) -> list[list[TextLine]]:
        """The lines of each call; the pieces of all go through the network together."""
        return self._read(
            [
                Asked(call.context, call.arguments["frame"], call.arguments["min_score"])  # type: ignore[arg-type]
                for call in calls
            ]
        )

    def _read(self, calls: Sequence[Asked]) -> list[list[TextLine]]:
        pictures = [
            placed_picture(call.media, call.frame, call.media.pictures[0]) for call in calls
        ]
        pieces = [self._finder.find(picture.pixels) for picture in pictures]
        written = iter(self._written([piece for some in pieces for piece in some]))
        results = []
        for call, picture, some in zip(calls, pictures, pieces, strict=True):
            lines = []
            for piece in some:
                text, score, is_whole = next(written)
                if not is_whole:
                    call.media.warn(f'a line of text goes on after "{text[:40]}"')
                if any(letter.isalnum() for letter in text):
                    lines.append(ReadLine(text, piece.box, score_of(text, score)))
            results.append(
                [
                    TextLine(line.text, picture.box(*line.box), round(line.score, 4), call.frame)
                    for line in in_reading_order(lines)
                    if round(line.score, 4) >= call.min_score
                ][:MAX_ITEMS]
            )
        return results

    def _written(self, pieces: Sequence[TextPiece]) -> list[tuple[str, float, bool]]:
        """For each piece its text, the score of it, and whether it came to an end."""
        results: list[tuple[str, float, bool]] = []
        with MODEL_MEMORY.hold(self._loadable, self) as model, model.lock:
            for first in range(0, len(pieces), AT_ONCE):
                results += _generated(model, pieces[first : first + AT_ONCE])
        return results


def _generated(model: VisionModel, pieces: Sequence[TextPiece]) -> list[tuple[str, float, bool]]:
    import torch

    tensors = model.processor([piece.pixels for piece in pieces], return_tensors="pt")
    tokenizer, network = model.tokenizer, model.network
    with torch.inference_mode():
        # One hypothesis: what several of them are worth together is no probability.
        output = network.generate(
            **model.inputs(tensors),
            num_beams=1,
            do_sample=False,
            max_new_tokens=MOST_TOKENS,
            output_scores=True,
            return_dict_in_generate=True,
        )
        tokens = output.sequences[:, 1:]  # (N, T), without what it starts from
        logits = torch.stack(output.scores, dim=1).float()  # (N, T, words)
        logs = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]  # (N, T)
    ends = network.generation_config.eos_token_id
    is_end = torch.isin(tokens, torch.tensor(ends, device=tokens.device))
    # Up to the first end, which counts: that nothing follows is a part of what was read.
    counts = (is_end.cumsum(1) - is_end.long()) == 0
    # What fills up after it may have a probability of nothing.
    scores = (logs.where(counts, 0.0).sum(1) / counts.sum(1)).exp()
    texts = tokenizer.batch_decode(tokens, skip_special_tokens=True)
    return [
        (" ".join(text.split()), float(score), bool(whole))
        for text, score, whole in zip(texts, scores, is_end.any(1), strict=True)
    ]
