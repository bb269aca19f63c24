"""A VLM of the caller's own: an object with a name and three methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.drawing import draw_video, number_of
from tests.modules.scenes import Opened
from vprog.errors import ConfigError, ModuleFailedError
from vprog.llm.vlm_spec import own_vlm
from vprog.models.vision_language_model import VlmReply, VlmRequest
from vprog.registry.availability import availability
from vprog.registry.call_context import using
from vprog.registry.registry import Registry, bind_vlm
from vprog.types import Frame, Reply
from vprog_modules.vlm.vlm_own import AskChoiceOwn, AskOwn, AskYesNoOwn, CaptionOwn

FRAMES = [Frame(0, 0.0), Frame(0, 1.5)]


class Parrot:
    """Replies what it is told to, and keeps what it was asked."""

    name = "parrot-1"

    def __init__(self, *replies: VlmReply) -> None:
        self.replies = list(replies)
        self.requests: list[VlmRequest] = []
        self.calls: list[str] = []

    def answer(self, requests: Sequence[VlmRequest]) -> list[VlmReply]:
        self.requests += requests
        return [self.replies.pop(0) for _ in requests]

    def cancel(self) -> None:
        self.calls.append("cancel")

    def close(self) -> None:
        self.calls.append("close")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with Opened(draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)) as opened:
        yield opened


def ask(opened: Opened, parrot: Parrot, module: type, *arguments: object) -> object:
    instance = module()
    instance.load("cpu", own_vlm(parrot))
    with using(opened.context):
        reply = instance(*arguments)
    instance.cancel()
    instance.unload()
    return reply


def test_own_vlm_gets_pictures_labels_and_question(opened: Opened) -> None:
    parrot = Parrot(VlmReply("a  red\nsquare", 0.5, tokens_in=7, warnings=("tired",)))
    before = opened.context.meter.tokens_in
    reply = ask(opened, parrot, AskOwn, FRAMES, "What is it?")
    assert reply == ("a red square", 0.5, None, [])
    (request,) = parrot.requests
    assert [number_of(picture) for picture in request.pictures] == [0, 15]
    assert request.labels == ("picture 1, 0.00 s", "picture 2, 1.50 s")
    assert "What is it?" in request.prompt
    assert opened.context.meter.tokens_in - before == 7
    assert "tired" in opened.warnings
    assert parrot.calls == ["cancel"]  # its owner closes it


@pytest.mark.parametrize("option", [None, 1])
def test_own_vlm_may_leave_the_option_to_be_read_from_its_text(
    option: int | None, opened: Opened
) -> None:
    parrot = Parrot(VlmReply("B.", 0.7, option))
    reply = ask(opened, parrot, AskChoiceOwn, FRAMES, "Which?", ["red", "blue"])
    assert reply == ("blue", 0.7, 1, [])


@pytest.mark.parametrize("reply", [VlmReply("perhaps", 0.7), VlmReply("yes", 0.7, 2)])
def test_own_vlm_that_names_no_option_is_an_error(reply: VlmReply, opened: Opened) -> None:
    with pytest.raises(ModuleFailedError, match="none of yes, no"):
        ask(opened, Parrot(reply), AskYesNoOwn, FRAMES, "Is it?")


def test_own_vlm_captions(opened: Opened) -> None:
    said = ask(opened, Parrot(VlmReply(" A square.", 0.7)), CaptionOwn, FRAMES[0])
    assert said == Reply("A square.", 0.7, None, [FRAMES[0]])


def test_own_vlm_is_bound_and_its_name_enters_the_cache_key() -> None:
    registry = Registry()
    registry.add(AskOwn)
    (unbound,) = registry.implementations("ask")
    assert "no VLM of your own" in availability(unbound).reason
    (bound,) = bind_vlm(registry, own_vlm(Parrot())).implementations("ask")
    assert availability(bound).ok
    assert bound.identity()[3] == "parrot-1@"


def test_what_is_no_vlm_is_told_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match=r"object lacks name \(text\), answer, cancel, close"):
        own_vlm(object())
