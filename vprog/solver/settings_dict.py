"""The settings as keyword arguments, so that a type checker finds a misspelt one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict

from vprog.llm.language_model import LanguageModel
from vprog.models.vision_language_model import VlmBackend


class SettingsDict(TypedDict, total=False):
    """What `vprog.solve` and its kin take as `**settings`; see vprog.settings.Settings.

    Example:
        >>> settings: vprog.SettingsDict = {"llm": "openai:gpt-4.1", "max_seconds": 60.0}
        >>> vprog.solve("kitchen.mp4", "How many people are there?", **settings).answer
        2
    """

    preset: str
    llm: str | LanguageModel
    """A SPEC, or a language model of one's own, which stays open."""
    vlm: str | VlmBackend
    """A SPEC, or a VLM of one's own, which stays open."""
    mode: Literal["auto", "fast", "slow"]
    threshold: float
    floor: float
    strategy: str
    device: str
    memory_mb: int
    reader: str
    start: float
    end: float
    shown: Literal["all", "none", "still", "shuffled", "reversed", "beginning", "ends"]
    max_seconds: float
    max_llm_calls: int
    llm_timeout: float
    max_calls: int
    max_tokens: int
    repairs: int
    samples: int
    rounds: int
    turns: int
    nodes: int
    answers: int
    width: int
    accept: float
    text_tokens: int
    prompt_tokens: int
    seed: int
    embedder: str
    require_jail: bool
    sandbox_seconds: float
    sandbox_cpu_seconds: int
    sandbox_memory_mb: int
    sandbox_depth: int
    sandbox_output_kb: int
    decoder_memory_mb: int
    live_programs: int
    read_ahead: bool
    reuse_still: bool
    trace_dir: str | Path
    trace_max_mb: int
    cache_dir: str | Path
    cache_max_mb: int
    modules: dict[str, str]
    weights: dict[str, str]
