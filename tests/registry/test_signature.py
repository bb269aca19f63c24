"""One description of a module's call, read from annotations and docstring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from vprog.errors import RegistrationError
from vprog.registry.signature import MISSING, annotation_text, read_signature
from vprog.types import SCORE, Box, Detection, Frame, Range, Span


class _Detect:
    def __call__(
        self,
        frame: Frame,
        label: str,
        *,
        min_score: Annotated[float, SCORE] = 0.25,
        near: Box | None = None,
    ) -> list[Detection]:
        """Find things.

        Args:
            frame: the picture to look at;
                a region limits it.
            label: one noun phrase.

        Returns:
            Detections.
        """
        raise AssertionError


def test_signature_text_is_how_it_is_written() -> None:
    signature = read_signature("detect", _Detect.__call__)
    assert signature.text() == (
        "detect(frame: Frame, label: str, *, min_score: float = 0.25, near: Box | None = None)"
        " -> list[Detection]"
    )
    assert signature.summary == "Find things."


def test_signature_parameters_carry_default_bounds_and_description() -> None:
    frame, label, score, near = read_signature("detect", _Detect.__call__).parameters
    assert frame.is_required
    assert label.default is MISSING
    assert score.bounds == Range(0.0, 1.0)
    assert score.default == 0.25
    assert score.keyword_only
    assert frame.doc == "the picture to look at; a region limits it."
    assert near.default is None


def _no_doc(self: object, a: int) -> int:
    raise AssertionError


def _no_annotation(self, a):  # type: ignore[no-untyped-def]
    """Doc."""


def _no_result(self: object, a: int):  # type: ignore[no-untyped-def]
    """Doc."""


def _star(self: object, *a: int) -> int:
    """Doc."""
    raise AssertionError


def _set(self: object, a: set[int]) -> int:
    """Doc."""
    raise AssertionError


def _bytes(self: object, a: int) -> bytes:
    """Doc."""
    raise AssertionError


def _bare_list(self: object, a: list) -> int:  # type: ignore[type-arg]
    """Doc."""
    raise AssertionError


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (_no_doc, "no docstring"),
        (_no_annotation, "'a' has no annotation"),
        (_no_result, "no return annotation"),
        (_star, "takes *a"),
        (_set, "set[int] cannot cross the sandbox boundary"),
        (_bytes, "bytes cannot cross the sandbox boundary"),
        (_bare_list, "list cannot cross the sandbox boundary"),
    ],
)
def test_signature_refuses_what_is_not_described(function: Callable[..., Any], said: str) -> None:
    with pytest.raises(RegistrationError) as caught:
        read_signature("m", function)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (None, "None"),
        (list[Span], "list[Span]"),
        (dict[str, float], "dict[str, float]"),
        (tuple[float, float], "tuple[float, float]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Span | None, "Span | None"),
        (Literal["a", "b"], "Literal['a', 'b']"),
    ],
)
def test_signature_annotation_text(annotation: object, text: str) -> None:
    assert annotation_text(annotation) == text
