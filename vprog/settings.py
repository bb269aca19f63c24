"""Settings: where each value comes from, in the order flag, variable, file, default.

A setting `max_seconds` is the flag `--max-seconds`, the variable VPROG_MAX_SECONDS and the
key `max_seconds` of `vprog.toml` (the nearest one above the working folder, then the
user's in XDG_CONFIG_HOME/vprog). `[presets.NAME]` tables of those files add presets.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from vprog.errors import ConfigError

FILE_NAME = "vprog.toml"
AUTO, OFFLINE, CORE, CPU, GPU, API = "auto", "offline", "core", "cpu", "gpu", "api"
MOST_CPU_MODEL_MB = 700
"""The largest model of the preset `cpu`: SAM 2, OWLv2 and CLIP fit, SigLIP 2 does not."""

BUILT_IN_PRESETS: dict[str, str] = {
    AUTO: "for each task the best implementation whose packages and weights are here",
    OFFLINE: "only vprog's own modules whose weights, if they have any, come in packages",
    CORE: "only modules that need no package beyond vprog's own",
    CPU: f"vprog's own modules with models of up to {MOST_CPU_MODEL_MB} MB each",
    GPU: "vprog's own modules with models of any size; needs a CUDA device",
    API: "as offline, and a vision-language model only behind a server (--vlm openai:MODEL)",
}

Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0)]
Amount = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Hundred = Annotated[int, Meta(ge=1, le=100)]


@dataclass(frozen=True)
class Settings:
    """Every setting of vprog. Built by `load_settings`."""

    preset: str = AUTO
    """Which implementation serves which task."""
    llm: str = "rules"
    """What writes programs: rules, or a language model; `vprog solve --help` lists which."""
    vlm: str = ""
    """Vision-language model: openai:MODEL or hf:MODEL; frames are shown to none but this one."""
    mode: Literal["auto", "fast", "slow"] = "auto"
    """fast (the VLM answers), slow (programs answer), or auto (fast, then slow if unsure)."""
    threshold: Share = 0.7
    """Score from which on auto accepts the fast answer; `vprog calibrate` fits it."""
    floor: Share = 0.2
    """Score below which auto and fast abstain instead of giving the fast answer."""
    strategy: str = "look_first"
    """How a language model's programs are made: program, tree, vote, observe, ..."""
    device: str = "auto"
    """Where models run: auto, cpu, cuda or cuda:N."""
    memory_mb: Amount = 0
    """Megabytes that loaded models may hold together in this process; 0 for no limit."""
    reader: str = "pyav"
    """What reads video: pyav, decord or torchcodec."""
    start: Seconds = 0.0
    """Where the part of each video begins that is looked at, in seconds; --from."""
    end: Seconds = 0.0
    """Where it ends; 0 for the end of the video; --to."""
    shown: Literal["all", "none", "still", "shuffled", "reversed", "beginning", "ends"] = "all"
    """What questions see of each video, for diagnostics: all of it; neither picture nor sound; the
    picture in the middle alone; its pictures shuffled, or backwards; its first third; all but its
    middle third."""
    max_seconds: Seconds = 600.0
    """Wall-clock seconds for one question."""
    max_llm_calls: Amount = 200
    """Requests to models for one question: to those that write and those that look."""
    llm_timeout: Seconds = 120.0
    """Seconds for one request to a language model, its retries included."""
    max_calls: Amount = 5000
    """Module calls for one question."""
    max_tokens: Amount = 0
    """Tokens that language models read and write for one question; 0 for no limit."""
    repairs: Annotated[int, Meta(ge=0, le=100)] = 3
    """How often a rejected or failed program goes back to the language model."""
    samples: Hundred = 5
    """Programs that the strategy `vote` asks for."""
    rounds: Hundred = 3
    """Observations of `observe`, plans of `adjust`, revisions of `refine`."""
    turns: Positive = 8
    """Cells of `react`, one module call each."""
    nodes: Positive = 20
    """Cells that `tree` runs."""
    answers: Positive = 4
    """Answers after which `tree` stops and votes."""
    width: Annotated[int, Meta(ge=1, le=64)] = 1
    """Cells that `tree` writes and runs at once."""
    accept: Share = 0.7
    """Confidence or reward from which on a strategy stops."""
    text_tokens: Positive = 8000
    """Tokens of transcript and on-screen text that a prompt may hold."""
    prompt_tokens: Positive = 13_000
    """Tokens of a prompt for a program, at most half of the model's context where that is known."""
    seed: Amount = 0
    """Seed of every random choice."""
    embedder: str = ""
    """What ranks solved examples by meaning (else by shared words): openai:MODEL[@URL]."""
    sandbox_seconds: Annotated[float, Meta(ge=0.1, le=3600)] = 20.0
    """Wall-clock seconds that a program may compute between two module calls; a whole cell may
    twice as long."""
    sandbox_cpu_seconds: Positive = 60
    """Processor seconds of one sandbox worker, over all that it runs; the jail enforces it."""
    sandbox_memory_mb: Annotated[int, Meta(ge=16, le=65_536)] = 128
    """Memory for the values of one program."""
    sandbox_depth: Annotated[int, Meta(ge=20, le=1000)] = 200
    """Calls of a program's functions inside each other."""
    sandbox_output_kb: Annotated[int, Meta(ge=1, le=65_536)] = 64
    """What one cell may print."""
    decoder_memory_mb: Annotated[int, Meta(ge=512, le=65_536)] = 4096
    """Address space of the process that decodes a file: 8K video needs some 2,000. Linux only."""
    live_programs: Annotated[int, Meta(ge=0, le=256)] = 0
    """Programs that may run at once in this process; 0 for as many as its memory holds."""
    read_ahead: bool = True
    """Make the calls that a loop has announced, or that a fork of the program comes to while it
    waits, before the program makes them, in batches."""
    reuse_still: bool = False
    """Give a call on one frame the result of the frame before it where the picture has not changed;
    what comes or goes and is less wide than a thirtieth of it may be missed. Traces tell which."""
    require_jail: bool = False
    """Refuse to run where the operating-system jail does not hold."""
    trace_dir: Path = field(
        default_factory=lambda: _xdg("XDG_STATE_HOME", ".local/state") / "traces"
    )
    """Folder of the traces."""
    trace_max_mb: Amount = 2000
    """The oldest traces beyond this are removed."""
    cache_dir: Path = field(default_factory=lambda: _xdg("XDG_CACHE_HOME", ".cache"))
    """Folder of the cache of module results."""
    cache_max_mb: Amount = 2000
    """The results used longest ago beyond this are removed."""
    modules: dict[str, str] = field(default_factory=dict)
    """Implementation by task, over the preset: [modules] detect = "DetectHog", or with weights of
    your own "DetectOwlv2:org/name"; on the command line --module detect=DetectHog."""
    weights: dict[str, str] = field(default_factory=dict)
    """Weights by implementation, in place of its own: [weights] SearchFramesTransformers = "id"."""
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
        for name in TABLES & table.keys():
            values[name] = _modules(table.pop(name), path, name)
            sources[name] = str(path)
        for key, value in table.items():
            values[key] = _typed(key, value, str(path))
            sources[key] = str(path)
    for key in SCALAR_KEYS:
        variable = f"VPROG_{key.upper()}"
        if environment.get(variable):
            values[key] = parse_setting(key, environment[variable], variable)
            sources[key] = variable
    for key, value in (flags or {}).items():
        if key in TABLES and value:
            values[key] = {**values.get(key, {}), **_modules(value, "option", key)}
            sources[key] = "option"
        elif value is not None and key not in TABLES:
            values[key] = _typed(key, value, f"the option {key}")
            sources[key] = "option"
    settings = Settings(**values, presets=presets, sources=sources)
    known = {*BUILT_IN_PRESETS, *presets}
    if settings.preset not in known:
        raise ConfigError(
            f'unknown preset "{settings.preset}" ({sources.get("preset", "default")}).'
            + _did_you_mean(settings.preset, known),
            hint=f"There are: {', '.join(sorted(known))}.",
        )
    return settings


TABLES = frozenset({"modules", "weights"})
"""Settings that no variable can give: texts by the name of a task or an implementation."""

SCALAR_KEYS: tuple[str, ...] = tuple(
    setting.name
    for setting in fields(Settings)
    if setting.name not in (*TABLES, "presets", "sources")
)
"""The settings that a flag or a variable can give."""

_SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""What people write besides the words that msgspec reads."""


def parse_setting(key: str, text: str, where: str) -> Any:
    """The value of a setting from its text.

    Raises:
        ConfigError: there is no such setting, or the text is of the wrong type; it says where.
    """
    return _typed(key, text, where, is_text=True)


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (name, value, source), for `vprog config --explain`."""
    rows = [
        (key, str(getattr(settings, key)), settings.sources.get(key, "default"))
        for key in SCALAR_KEYS
    ]
    for task, implementation in sorted(settings.wanted_modules().items()):
        rows.append((f"modules.{task}", implementation, settings.sources.get("modules", "preset")))
    rows += [
        (f"weights.{name}", model, settings.sources["weights"])
        for name, model in sorted(settings.weights.items())
    ]
    return rows


def _files(environment: Mapping[str, str], folder: Path) -> list[Path]:
    """The files that count, nearest first."""
    home = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    resolved = folder.resolve()
    paths = (parent / FILE_NAME for parent in (resolved, *resolved.parents))
    nearest = next((path for path in paths if path.is_file()), None)
    user = Path(home) / "vprog" / FILE_NAME
    files = [nearest, user if user.is_file() and user != nearest else None]
    return [path for path in files if path is not None]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}.", hint="Correct the file.") from error


def _table(value: object, path: Path | str, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: [{name}] must be a table, got {type(value).__name__}.")
    return value


def _modules(value: object, path: Path | str, name: str) -> dict[str, str]:
    table = _table(value, path, name)
    try:
        return msgspec.convert(table, dict[str, str])
    except msgspec.ValidationError as error:
        tasks = [task for task in table if not isinstance(table[task], str)]
        what = "a model" if name == "weights" else "an implementation"
        raise ConfigError(
            f"{path}: [{name}] {tasks[0]} must be the name of {what} in quotes.",
            hint="Run `vprog modules list` for the names.",
        ) from error


@cache
def _hints() -> dict[str, Any]:
    hints = get_type_hints(Settings, include_extras=True)
    return {key: hints[key] for key in SCALAR_KEYS}


def _typed(key: str, value: Any, where: str, *, is_text: bool = False) -> Any:
    """The value in the type of its setting.

    Args:
        where: what gave it, for the error.
        is_text: whether numbers and switches come as text.

    Raises:
        ConfigError: no such setting, or a value that it cannot have.
    """
    if key not in _hints():
        raise ConfigError(
            f'{where}: unknown setting "{key}".{_did_you_mean(key, SCALAR_KEYS)}',
            hint="Run `vprog config --explain` for the list.",
        )
    kind = _hints()[key]
    if kind is bool and is_text:
        value = _SWITCHES.get(value.lower(), value)
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    try:
        return msgspec.convert(value, kind, strict=not is_text)
    except msgspec.ValidationError as error:
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        raise ConfigError(
            f"{where}: {key} must be {_wanted(kind)}, got {value!r}."
            + _did_you_mean(str(value), choices),
            hint="Correct the value.",
        ) from error


def _wanted(kind: Any) -> str:
    """What a setting of the type must be, in words."""
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind)[:-1]) + f" or {get_args(kind)[-1]}"
    words = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
    if get_origin(kind) is not Annotated:
        return words.get(kind, "text")
    number, bounds = get_args(kind)
    if bounds.le is None:
        return f"{words[number]}, {bounds.ge} or more"
    return f"{words[number]} from {bounds.ge} to {bounds.le}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _xdg(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default) / "vprog"
