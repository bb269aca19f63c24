"""Modules that look are available only while a model of their kind is named."""

from __future__ import annotations

from dataclasses import replace

from vprog.registry.availability import availability
from vprog.registry.module import VlmSpec, module
from vprog.registry.registry import Registry, bind_vlm
from vprog.types import Frame


@module("glance", vlm="openai")
class GlanceOpenAI:
    def __call__(self, frame: Frame) -> str:
        """Look."""
        return ""


@module("glance", vlm="hf", rank=5)
class GlanceHere:
    def __call__(self, frame: Frame) -> str:
        """Look."""
        return ""


@module("blink")
class Blink:
    def __call__(self, frame: Frame) -> str:
        """Do not look."""
        return ""


VLM = VlmSpec("openai", "tiny", "127.0.0.1/v1")


def make_registry() -> Registry:
    registry = Registry()
    for module_class in (GlanceOpenAI, GlanceHere, Blink):
        registry.add(module_class)
    return registry


def test_modules_that_look_are_not_available_without_a_model() -> None:
    registry = bind_vlm(make_registry(), None)
    assert list(registry.choose()) == ["blink"]
    able = availability(registry.implementations("glance")[0])
    assert not able.ok
    assert "--vlm hf:MODEL" in able.command


def test_module_of_the_kind_that_is_named_serves() -> None:
    chosen = bind_vlm(make_registry(), VLM).choose()
    assert chosen["glance"].implementation == "GlanceOpenAI"
    assert chosen["glance"].vlm == VLM
    assert chosen["blink"].vlm is None


def test_model_and_revision_enter_the_identity_and_leave_it_again() -> None:
    bound = bind_vlm(make_registry(), VLM)
    other = bind_vlm(bound, replace(VLM, revision="other"))
    first, second = (item.choose()["glance"].identity() for item in (bound, other))
    assert first[3] == "tiny@127.0.0.1/v1"
    assert first != second
    none = bind_vlm(bound, None).implementations("glance")
    assert [element.identity()[3] for element in none] == ["", ""]
