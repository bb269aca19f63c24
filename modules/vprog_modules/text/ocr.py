"""Reads the text of one picture with RapidOCR and the models in its package; no download."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vprog.errors import WeightsMissingError
from vprog.types import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PICTURE_SIDE = 1920
"""Pictures are read at this size at most: smaller letters are found in a region of the frame."""

DETECTION_SIDE = 736
"""The size at which text is looked for; letters are then read in the whole picture.

Of 50 short texts of 10 to 30 pixels drawn into large and small pictures 50 are found at 736
with BOX_SCORE 0.3, 45 with the package's own 0.5, and 32 at 960 and 0.5: larger is not better.
"""

BOX_SCORE = 0.3
"""What looks at least this much like text is read; the score of its text then decides."""

_ALSO_ELSEWHERE = (frozenset("ABCEHKMOPTXY"), frozenset("ABEHIKMNOPTXYZ"))
"""Capitals that Cyrillic has too, and Greek."""
AMBIGUOUS_SCORE = 0.85
"""The most that a long word of such letters alone is worth: РЕСТОРАН is read as PECTOPAH, as
sure as Latin."""

WORD_GAP = 0.6
"""Pieces of one row nearer to each other than this, times their height, are one line."""


class ReadLine(NamedTuple):
    """One line as read: its box in pixels of the picture given, score in [0, 1]."""

    text: str
    box: Box
    score: float


class TextPiece(NamedTuple):
    """A place that looks like text: its box in pixels of the picture given, and its own pixels.

    They are (H, W, 3) RGB; text that runs up or down, or aslant, is turned to run to the right.
    """

    box: Box
    pixels: NDArray[np.uint8]


class Turning(NamedTuple):
    """What is done to a picture before it is read: turned to the left, then mirrored."""

    quarters: int = 0
    mirrored: bool = False


AS_IT_IS = Turning()


class TextReader:
    """Holds the models. May be used from several threads, one picture at a time."""

    def __init__(self) -> None:
        # Quiet before the import: it logs to the console on its own account.
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        import rapidocr

        models = Path(str(rapidocr.__file__)).parent / "models"
        self._lock = threading.Lock()
        self._engine: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.text_score": 0.0,
                "Global.use_cls": False,
                "Global.model_root_dir": str(models),
                # Two threads wait for each other: 1.4 times the processor time, and no less wall.
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECTION_SIDE,
                "Det.box_thresh": BOX_SCORE,
                # Named, because what is not named is downloaded where it is missing.
                "Det.model_path": _model(models, "det"),
                "Rec.model_path": _model(models, "rec"),
            }
        )
        self.n_reads = 0

    def read(self, pixels: NDArray[np.uint8], turning: Turning = AS_IT_IS) -> list[ReadLine]:
        """The lines of text in a picture, in reading order.

        Args:
            pixels: RGB, (H, W, 3).
            turning: of the picture before it is read; boxes are those in the picture as it is
                given. Of lines that run up or down, those that are found are turned by a
                quarter in any case; large ones are not.
        """
        import numpy as np

        turned = np.rot90(pixels, turning.quarters)
        if turning.mirrored:
            turned = turned[:, ::-1]
        with self._lock:
            self.n_reads += 1
            found = self._engine(np.ascontiguousarray(turned[:, :, ::-1]), use_rec=True)
        if found.boxes is None or found.txts is None:
            return []
        height, width = turned.shape[:2]
        lines: list[ReadLine] = []
        for text, score, corners in zip(found.txts, found.scores, found.boxes, strict=True):
            box = _box_around(corners, width, height)
            if any(letter.isalnum() for letter in text):  # shapes are read as "■"
                lines.append(ReadLine(text.strip(), box, score_of(text, float(score))))
        return [
            line._replace(box=_turned_back(line.box, turning, width, height))
            for line in in_reading_order(lines)
        ]

    def find(self, pixels: NDArray[np.uint8]) -> list[TextPiece]:
        """The pieces of text in a picture, in no order, not read: words, or lines of some.

        Args:
            pixels: RGB, (H, W, 3).
        """
        import numpy as np
        from rapidocr.utils.process_img import get_rotate_crop_image

        with self._lock:
            found = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]), use_rec=False)
        height, width = pixels.shape[:2]
        return [
            TextPiece(
                _box_around(corners, width, height),
                np.ascontiguousarray(
                    get_rotate_crop_image(pixels, np.asarray(corners, np.float32))
                ),
            )
            for corners in (() if found.boxes is None else found.boxes)
        ]


def score_of(text: str, score: float) -> float:
    """How sure it is that a text was written, in [0, 1], by what the reader says of it."""
    return min(AMBIGUOUS_SCORE if _may_be_no_latin(text) else 1.0, max(0.0, score))


def _box_around(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """The box of four corners (4, 2), cut to a picture of that size."""
    import numpy as np

    across, down = np.asarray(corners, dtype=float).T
    return Box(
        float(np.clip(across.min(), 0, width)),
        float(np.clip(down.min(), 0, height)),
        float(np.clip(across.max(), 0, width)),
        float(np.clip(down.max(), 0, height)),
    )


def _may_be_no_latin(text: str) -> bool:
    return any(
        len(word) >= 5 and letters.issuperset(word)
        for word in text.split()
        for letters in _ALSO_ELSEWHERE
    )


def _turned_back(box: Box, turning: Turning, width: int, height: int) -> Box:
    """Where a box of a turned picture, of that size, lies in the picture as it was."""
    x0, y0, x1, y1 = box
    if turning.mirrored:
        x0, x1 = width - x1, width - x0
    for _ in range(turning.quarters):  # to the right
        x0, y0, x1, y1 = height - y1, x0, height - y0, x1
        width, height = height, width
    return Box(x0, y0, x1, y1)


def in_reading_order(lines: list[ReadLine]) -> list[ReadLine]:
    """Rows from top to bottom; in a row from left to right, neighbouring pieces as one line."""
    rows: list[list[ReadLine]] = []
    for line in sorted(lines, key=lambda each: each.box.y0 + each.box.y1):
        middle = (line.box.y0 + line.box.y1) / 2
        if rows and rows[-1][0].box.y0 < middle < rows[-1][0].box.y1:
            rows[-1].append(line)
        else:
            rows.append([line])
    result: list[ReadLine] = []
    for row in rows:
        start = len(result)
        for line in sorted(row, key=lambda each: each.box.x0):
            if len(result) > start and _follows(result[-1].box, line.box):
                result[-1] = _joined(result[-1], line)
            else:
                result.append(line)
    return result


def _follows(a: Box, b: Box) -> bool:
    """Whether b goes on where a ends, in letters of about the same size."""
    low, high = sorted((a.y1 - a.y0, b.y1 - b.y0))
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    return shared > 0.6 * low and high < 1.6 * low and -low < b.x0 - a.x1 < WORD_GAP * low


def _joined(a: ReadLine, b: ReadLine) -> ReadLine:
    n_a, n_b = len(a.text), len(b.text)
    box = Box(a.box.x0, min(a.box.y0, b.box.y0), b.box.x1, max(a.box.y1, b.box.y1))
    return ReadLine(f"{a.text} {b.text}", box, (a.score * n_a + b.score * n_b) / (n_a + n_b))


def _model(folder: Path, task: str) -> str:
    found = sorted(folder.glob(f"*_{task}_*.onnx"))
    if not found:
        raise WeightsMissingError(
            f"RapidOCR: its package holds no model for {task} in {folder.name}/.",
            hint='Run: pip install --force-reinstall "rapidocr>=3.10"',
        )
    return str(found[-1])
