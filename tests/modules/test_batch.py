"""Every module of a VLM conforms; every batch form gives what single calls give, and is called.

The modules are found by file, so that a new one is tried too, or this says what it lacks here.
Where weights must be fetched, tiny ones of random numbers stand in; a VLM behind a server, or of
one's own, is one that says what it is shown, in the form that was asked for.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

import vprog
from tests.drawing import Picture, draw_frame, draw_video
from tests.llm.server import Answer, ChatServer, says
from tests.modules.tiny_models import CALLS, arguments_of, save_tiny
from tests.modules.vlm.chat_replies import sure
from tests.vocabulary import shipped_modules
from vprog import types
from vprog.execute.loaded_modules import LoadedModules
from vprog.llm.vlm_spec import find_vlm, own_vlm
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.models.weights import named_weights
from vprog.registry.availability import availability
from vprog.registry.call_context import CallContext, using
from vprog.registry.module import Call, ModuleSpec
from vprog.registry.registry import Registry
from vprog.testing import check_module

BATCHED = [spec for spec in shipped_modules() if spec.has_batch]
ASKING = [spec for spec in shipped_modules() if spec.vlm_kind]

FRAMES = (
    "[Frame(0, 0.0), Frame(0, 0.5, Box(10.0, 5.0, 120.0, 110.0)), Frame(0, 1.0), Frame(0, 1.4)]"
)


def seen(request: VlmRequest) -> int:
    """A number for what the pictures of a request show."""
    return zlib.crc32(b"".join(picture.tobytes() for picture in request.pictures))


def in_form(task: str, number: int, times: Sequence[str]) -> str:
    """A reply in the form that a task asks for, which tells of a number."""
    forms: dict[str, Callable[[], str]] = {
        "ask_count": lambda: str(number % 100),
        "ask_list": lambda: json.dumps(["a square", f"light {number % 1000}"]),
        "ask_number": lambda: str(number % 1000),
        "ask_time": lambda: times[number % len(times)],
        "ask_where": lambda: json.dumps(
            {"size": [160, 120], "boxes": [[1, 1, 10 + number % 140, 90]]}
        ),
        "first_time": lambda: f"{1 + number % len(times)}",
        "ground_event": lambda: json.dumps(
            {"spans": [[0.0, 0.1 + float(times[number % len(times)])]]}
        ),
    }
    return forms[task]() if task in forms else f"light {number % 1000}"


class Looking:
    """A VLM of one's own that says what it sees in the form of a task."""

    name = "looking-1"

    def __init__(self, task: str) -> None:
        self.task = task

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        return [
            VlmReply("", 0.6, seen(request) % len(request.options))
            if request.options
            else VlmReply(in_form(self.task, seen(request), times_in(request.labels)), 0.6)
            for request in requests
        ]

    def cancel(self) -> None:
        """Nothing runs on."""

    def close(self) -> None:
        """Nothing is held."""


def times_in(labels: Sequence[str]) -> list[str]:
    return re.findall(r"([\d.]+) s", " ".join(labels))


def served(task: str) -> Callable[[dict[str, object]], Answer]:
    """How a server answers: by the pictures that a request brings."""

    def answer(body: dict[str, Any]) -> Answer:
        parts = body["messages"][1]["content"]
        texts = [part["text"] for part in parts if part["type"] == "text"]
        urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        number = zlib.crc32("".join(urls).encode())
        letters = {"ask_choice": "ABC", "classify_action": "AB"}.get(task)
        if letters:
            return sure(letters[number % len(letters)], 0.8)
        if task in ("ask_yes_no", "judge_sufficient") or (task == "first_time" and len(urls) == 1):
            return sure(("yes", "no")[number % 2], 0.7)
        return says(in_form(task, number, times_in(texts[:-1])))

    return answer


def paint(number: int, width: int, height: int) -> Picture:
    """A square that moves, and a word that changes."""
    picture = draw_frame(number, width, height)
    picture[height // 8 : height // 2] = 255
    canvas = Image.fromarray(picture)
    word = ("EXIT", "STOP", "MIND", "GAP")[number // 5]
    ImageDraw.Draw(canvas).text((12, 22), word, fill="black", font_size=32)
    return np.asarray(canvas)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(
        tmp_path_factory.mktemp("clips") / "clip.mp4",
        20,
        paint=paint,
        tone=lambda time: 0.3 * time * np.sin(2000.0 * time),
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What was saved so far, by module."""
    return {"": tmp_path_factory.mktemp("models")}


@pytest.fixture
def bound(
    request: pytest.FixtureRequest, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleSpec]:
    """The module that the test is for, with a model that it can be loaded with."""
    spec: ModuleSpec = request.param
    absent = availability(replace(spec, weights=(), vlm=own_vlm(Looking(spec.task))))
    if not absent.ok:
        pytest.skip(absent.reason)
    with ExitStack() as held:
        if spec.vlm_kind == "own":
            yield replace(spec, vlm=own_vlm(Looking(spec.task)))
        elif spec.vlm_kind == "openai":
            server = held.enter_context(ChatServer(served(spec.task)))
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            yield replace(spec, vlm=find_vlm("openai:tiny"))
        elif spec.vlm_kind == "hf":
            _reply_in_form(spec.task, monkeypatch)
            yield replace(spec, vlm=find_vlm(f"hf:{_tiny_vlm(models)}"))
        else:
            if "torchvision" in spec.needs:
                _skip_without_torchvision()
            if spec.implementation == "SegmentAtSam":
                from tests.modules.segmentation.test_segment_at_sam import tiny_kind

                held.enter_context(tiny_kind())
            name = spec.implementation
            if spec.weights and name not in models:
                models[name] = save_tiny(spec, models[""] / name)
            yield replace(spec, weights=(named_weights(str(models[name])),))


def _tiny_vlm(models: dict[str, Path]) -> Path:
    from tests.modules.vlm.tiny_vlm import SMOL, save_tiny_vlm

    if SMOL not in models:
        models[SMOL] = save_tiny_vlm(models[""] / SMOL, SMOL)
    return models[SMOL]


def _reply_in_form(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights write letters at random: what they wrote is told in the form of the task."""
    from vprog_modules.vlm.vlm_transformers import TransformersVlm

    answer = TransformersVlm.answer

    def in_the_form(self: Any, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        short = [replace(request, max_tokens=4) for request in requests]
        return [
            reply
            if request.options
            else replace(
                reply,
                text=in_form(task, zlib.crc32(reply.text.encode()), times_in(request.labels)),
            )
            for request, reply in zip(requests, answer(self, short), strict=True)
        ]

    monkeypatch.setattr(TransformersVlm, "answer", in_the_form)


def _skip_without_torchvision() -> None:
    from tests.torchvision_here import needs_torchvision

    mark = needs_torchvision().mark
    if mark.args[0]:
        pytest.skip(mark.kwargs["reason"])


def near(one: Any, other: Any) -> bool:
    """Whether two results are equal but for a thousandth of each number."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-3, abs_tol=1e-3)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(near, one, other))
    return bool(one == other)


def test_every_task_with_a_batch_form_has_a_call_here() -> None:
    assert {spec.task for spec in BATCHED} <= set(CALLS)


@pytest.mark.slow
@pytest.mark.parametrize("bound", ASKING, ids=lambda spec: spec.implementation, indirect=["bound"])
def test_module_of_a_vlm_conforms(bound: ModuleSpec) -> None:
    lists = {"actions": ["it moves", "it rests"], "choices": ["red", "grey", "blue"]}
    names = {parameter.name for parameter in bound.signature.parameters}
    given = {name: value for name, value in lists.items() if name in names}
    assert [str(finding) for finding in check_module(bound, arguments=given)] == []


@pytest.mark.slow
@pytest.mark.parametrize("bound", BATCHED, ids=lambda spec: spec.implementation, indirect=["bound"])
def test_batch_gives_what_single_calls_give(bound: ModuleSpec, clip: Path) -> None:
    source = MediaSource([open_media(clip)])
    instance: Any = LoadedModules("cpu").instance(bound)
    given = [arguments_of(bound, source.videos, frame) for frame in eval(FRAMES, vars(types))]
    try:
        single = []
        for arguments in given:
            call = Call.of(bound, arguments, CallContext(source))
            with using(call.context):
                single.append(instance(**call.arguments))
        together = instance.batch(
            [Call.of(bound, arguments, CallContext(source)) for arguments in given]
        )
        assert near(single, together), (single, together)
        assert any(one != single[0] for one in single), "the calls are to differ"
    finally:
        if hasattr(instance, "unload"):
            instance.unload()
        source.close()


@pytest.mark.slow
@pytest.mark.parametrize("bound", BATCHED, ids=lambda spec: spec.implementation, indirect=["bound"])
def test_a_loop_of_a_program_comes_to_the_module_as_a_batch(
    bound: ModuleSpec, clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    batch = bound.cls.batch

    def counted(self: Any, calls: Sequence[Call]) -> list[object]:
        sizes.append(len(calls))
        return list(batch(self, calls))

    monkeypatch.setattr(bound.cls, "batch", counted)
    program = (
        f"found = [{bound.task}({CALLS[bound.task]}) for frame in {FRAMES}]\nanswer(len(found))"
    )
    vlm = (bound.vlm.backend or bound.vlm.spec) if bound.vlm else None
    result = vprog.run(clip, program, registry=Registry([bound]), vlm=vlm)
    vprog.close()
    assert result.answer == 4, result.error
    assert max(sizes, default=1) > 1
