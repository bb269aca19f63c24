"""Settings: where each value comes from, in the order flag, variable, file, default.

A setting `max_seconds` is the flag `--max-seconds`, the variable VPROG_MAX_SECONDS and the
key `max_seconds` of `vprog.toml` (the nearest one above the working folder, then the
user's in XDG_CONFIG_HOME/vprog). `[presets.NAME]` tables of those files add presets.
"""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from vprog.errors import ConfigError

FILE_NAME = "vprog.toml"
MODES = ("auto", "fast", "slow")
BUILT_IN_PRESETS: dict[str, str] = {
    "auto": "for each task the best implementation whose packages and weights are here",
    "offline": "only modules that vprog brings itself and that need no weights",
    "core": "only modules that need no package beyond vprog's own",
}


@dataclass(frozen=True)
class Settings:
    """Every setting of vprog. Built by `load_settings`."""

    preset: str = "auto"
    """Which implementation serves which task."""
    llm: str = "rules"
    """What writes programs: rules, openai:MODEL, llama:FILE.gguf, hf:MODEL, scripted:FILE or
    replay:TRACE."""
    vlm: str = ""
    """What sees frames: openai:MODEL or hf:MODEL; nothing named, nothing is shown to any."""
    mode: str = "auto"
    """fast (the model that looks answers), slow (programs), or auto (fast, then slow)."""
    threshold: float = 0.7
    """Score from which on auto is content with the fast answer; `vprog calibrate` fits it."""
    floor: float = 0.2
    """Score below which no fast answer is given; the question is abstained from."""
    strategy: str = "program"
    """How a language model's programs are made: program, tree, vote, observe, ..."""
    device: str = "auto"
    """Where models run: auto, cpu, cuda or cuda:N."""
    reader: str = "pyav"
    """What reads video: pyav or decord."""
    max_seconds: float = 600.0
    """Wall-clock seconds for one question."""
    max_llm_calls: int = 20
    """Requests to language models for one question."""
    llm_timeout: float = 120.0
    """Seconds for one request to a language model, its retries included."""
    max_calls: int = 5000
    """Module calls for one question."""
    max_tokens: int = 0
    """Tokens that language models read and write for one question; 0 for no limit."""
    repairs: int = 3
    """How often a refused or failed program goes back to the language model."""
    samples: int = 5
    """Programs that the strategy vote asks for."""
    rounds: int = 3
    """Looks of an observer, plans of an adjuster, rewritings of a critic."""
    turns: int = 8
    """Cells of a chain of single calls."""
    nodes: int = 20
    """Cells that a tree search tries."""
    answers: int = 4
    """Answers after which a tree search stops and votes."""
    width: int = 1
    """Cells that a tree search writes and runs at once."""
    accept: float = 0.7
    """Confidence or reward from which on a strategy goes no further."""
    text_tokens: int = 8000
    """Tokens of what was said and written that a prompt may hold."""
    seed: int = 0
    """Of every choice by chance."""
    embedder: str = ""
    """What ranks examples by meaning (else shared words do): openai:MODEL or openai:MODEL@URL."""
    require_jail: bool = False
    """Refuse to run where the operating-system jail does not hold."""
    trace_dir: Path = field(
        default_factory=lambda: _xdg("XDG_STATE_HOME", ".local/state") / "traces"
    )
    """Folder of the traces."""
    trace_max_mb: int = 2000
    """The oldest traces beyond this are removed."""
    cache_dir: Path = field(default_factory=lambda: _xdg("XDG_CACHE_HOME", ".cache"))
    """Folder of the cache of module results."""
    cache_max_mb: int = 2000
    """The results used longest ago beyond this are removed."""
    modules: dict[str, str] = field(default_factory=dict)
    """Implementation by task, over the preset: [modules] detect = "DetectHog"."""
    presets: dict[str, dict[str, str]] = field(default_factory=dict)
    """Presets of the user: [presets.NAME] with task = "Implementation"."""
    sources: dict[str, str] = field(default_factory=dict)
    """Where each value comes from."""

    def wanted_modules(self) -> dict[str, str]:
        """Implementation by task that the preset and `modules` ask for."""
        return {**self.presets.get(self.preset, {}), **self.modules}


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Collect the settings.

    Args:
        flags: values given on the command line or in a call; None means not given.
        environment: variables; default: the process's own.
        folder: where to look for vprog.toml, and in the folders above it.

    Raises:
        ConfigError: an unknown key, a value of the wrong type, a file that is no TOML.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    presets: dict[str, dict[str, str]] = {}
    for path in reversed(_files(environment, folder or Path.cwd())):
        table = _read(path)
        for name, preset in _table(table.pop("presets", {}), path, "presets").items():
            presets[name] = _modules(preset, path, f"presets.{name}")
        if "modules" in table:
            values["modules"] = _modules(table.pop("modules"), path, "modules")
            sources["modules"] = str(path)
        for key, value in table.items():
            values[key] = _typed(key, value, str(path))
            sources[key] = str(path)
    for key in SCALAR_KEYS:
        variable = f"VPROG_{key.upper()}"
        if environment.get(variable):
            values[key] = parse_setting(key, environment[variable], variable)
            sources[key] = variable
    for key, value in (flags or {}).items():
        if value is not None:
            values[key] = _typed(key, value, f"the option {key}")
            sources[key] = "option"
    settings = Settings(**values, presets=presets, sources=sources)
    _check(settings)
    known = {*BUILT_IN_PRESETS, *presets}
    if settings.preset not in known:
        raise ConfigError(
            f'unknown preset "{settings.preset}" ({sources.get("preset", "default")}).'
            + _did_you_mean(settings.preset, known),
            hint=f"There are: {', '.join(sorted(known))}.",
        )
    return settings


SCALAR_KEYS: tuple[str, ...] = tuple(
    each.name for each in fields(Settings) if each.name not in ("modules", "presets", "sources")
)
"""The settings that a flag or a variable can give."""

BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("threshold", "floor", "accept"), (0.0, 1.0)),
    **dict.fromkeys(("max_seconds", "llm_timeout", "max_llm_calls", "max_calls"), (0, math.inf)),
    **dict.fromkeys(("max_tokens", "seed", "trace_max_mb", "cache_max_mb"), (0, math.inf)),
    **dict.fromkeys(("samples", "rounds"), (1, 100)),
    **dict.fromkeys(("turns", "nodes", "answers", "text_tokens"), (1, math.inf)),
    "repairs": (0, 100),
    "width": (1, 64),
}
"""Lowest and highest value of numbers."""


def parse_setting(key: str, text: str, where: str) -> Any:
    """The value of a setting from its text.

    Raises:
        ConfigError: there is no such setting, or the text is of the wrong type; it says where.
    """
    kind = _kind(key, where)
    if kind is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
    try:
        if kind in (int, float):
            return kind(text)
    except ValueError:
        pass  # said below, with what is wanted
    if kind in (str, Path):
        return _typed(key, text, where)
    raise ConfigError(
        f"{where}: {key} must be {_word(kind)}, got {text!r}.", hint="Correct the value."
    )


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (name, value, source), for `vprog config --explain`."""
    rows = [
        (key, str(getattr(settings, key)), settings.sources.get(key, "default"))
        for key in SCALAR_KEYS
    ]
    for task, implementation in sorted(settings.wanted_modules().items()):
        rows.append((f"modules.{task}", implementation, settings.sources.get("modules", "preset")))
    return rows


def _files(environment: Mapping[str, str], folder: Path) -> list[Path]:
    """The files that count, nearest first."""
    home = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    found = [
        parent / FILE_NAME
        for parent in [folder.resolve(), *folder.resolve().parents]
        if (parent / FILE_NAME).is_file()
    ][:1]
    own = Path(home) / "vprog" / FILE_NAME
    return [*found, *([own] if own.is_file() and own not in found else [])]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}.", hint="Correct the file.") from error


def _table(value: object, path: Path, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: [{name}] must be a table, got {type(value).__name__}.")
    return value


def _modules(value: object, path: Path, name: str) -> dict[str, str]:
    table = _table(value, path, name)
    for task, implementation in table.items():
        if not isinstance(implementation, str):
            raise ConfigError(
                f"{path}: [{name}] {task} must be the name of an implementation in quotes.",
                hint="Run `vprog modules list` for the names.",
            )
    return table


def _kind(key: str, where: str) -> type:
    if key not in SCALAR_KEYS:
        raise ConfigError(
            f'{where}: unknown setting "{key}".{_did_you_mean(key, SCALAR_KEYS)}',
            hint="Run `vprog config --explain` for the list.",
        )
    default = getattr(Settings(), key)
    return Path if isinstance(default, Path) else type(default)


def _typed(key: str, value: Any, where: str) -> Any:
    kind = _kind(key, where)
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise ConfigError(
            f"{where}: {key} must be {_word(kind)}, got {value!r}.", hint="Correct the value."
        )
    return value


def _word(kind: type) -> str:
    words = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
    return words.get(kind, "text")


def _check(settings: Settings) -> None:
    """Settings whose type says too little."""
    if settings.mode not in MODES:
        where = settings.sources.get("mode", "default")
        raise ConfigError(
            f'unknown mode "{settings.mode}" ({where}).' + _did_you_mean(settings.mode, MODES),
            hint=f"There are: {', '.join(MODES)}.",
        )
    for key, (low, high) in BOUNDS.items():
        value = getattr(settings, key)
        if not low <= value <= high:  # nor is it no number
            where = settings.sources.get(key, "default")
            wanted = f"lie in [{low:g}, {high:g}]" if high < math.inf else f"be {low:g} or more"
            raise ConfigError(
                f"{where}: {key} must {wanted}, got {value}.", hint="Correct the value."
            )


def _did_you_mean(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _xdg(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default) / "vprog"
