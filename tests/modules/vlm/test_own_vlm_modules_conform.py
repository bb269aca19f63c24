"""Every module that asks a VLM of one's own conforms: above all, its batch equals single calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from vprog.llm.vlm_spec import own_vlm
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.registry.module import spec_of
from vprog.testing import check_module
from vprog_modules.vlm.vlm_own import (
    AskChoiceOwn,
    AskCountOwn,
    AskListOwn,
    AskNumberOwn,
    AskOwn,
    AskTimeOwn,
    AskWhereOwn,
    AskYesNoOwn,
    CaptionClipOwn,
    CaptionOwn,
    ClassifyActionOwn,
    DescribeRegionOwn,
    FirstTimeOwn,
    JudgeSufficientOwn,
)


def light_of(request: VlmRequest) -> int:
    """Differs from picture to picture: the square of the sample moves over a noisy ground."""
    return int(sum(int(picture[:, ::3, 0].sum()) for picture in request.pictures))


def in_words(request: VlmRequest) -> str:
    return f"light {light_of(request)} in {len(request.pictures)} pictures"


def in_digits(request: VlmRequest) -> str:
    return str(light_of(request))


def as_time(request: VlmRequest) -> str:
    return re.findall(r"([\d.]+) s", request.labels[-1])[0]


def as_list(request: VlmRequest) -> str:
    return json.dumps(["a square", f"light {light_of(request)}"])


def as_boxes(request: VlmRequest) -> str:
    height, width = request.pictures[0].shape[:2]
    right = 10 + light_of(request) % (width - 10)
    return json.dumps({"size": [width, height], "boxes": [[1, 1, right, height - 1]]})


class Looking:
    """Says what it sees in one form, and chooses among options by it."""

    name = "looking-1"

    def __init__(self, form: Callable[[VlmRequest], str]) -> None:
        self.form = form

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        return [
            VlmReply("", 0.6, light_of(request) % len(request.options))
            if request.options
            else VlmReply(self.form(request), 0.6)
            for request in requests
        ]

    def cancel(self) -> None:
        """Nothing runs on."""

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    ("module", "form", "given"),
    [
        (AskOwn, in_words, {}),
        (AskChoiceOwn, in_words, {"choices": ["red", "grey", "blue"]}),
        (AskYesNoOwn, in_words, {}),
        (CaptionOwn, in_words, {}),
        (CaptionClipOwn, in_words, {}),
        (DescribeRegionOwn, in_words, {}),
        (ClassifyActionOwn, in_words, {"actions": ["it moves", "it rests"]}),
        (JudgeSufficientOwn, in_words, {}),
        (AskNumberOwn, in_digits, {}),
        (AskCountOwn, in_digits, {}),
        (AskTimeOwn, as_time, {}),
        (AskListOwn, as_list, {}),
        (AskWhereOwn, as_boxes, {}),
        (FirstTimeOwn, in_words, {}),
    ],
    ids=lambda value: getattr(value, "__name__", "given"),
)
def test_module_conforms(
    module: type, form: Callable[[VlmRequest], str], given: dict[str, object]
) -> None:
    spec = replace(spec_of(module), vlm=own_vlm(Looking(form)))
    assert check_module(spec, arguments=given) == []
