"""`vprog doctor`: check what works here and what does not."""

from __future__ import annotations

import importlib
import importlib.util
import platform
import shutil
import sys

import click

from vprog.boundary import convert
from vprog.cli.command_errors import reports_errors
from vprog.cli.output import say, say_json
from vprog.errors import ModuleInputError, VideoError, VprogError, words_of
from vprog.execute.loaded_modules import LoadedModules
from vprog.execute.runtime import with_vlm
from vprog.llm.llama_runtimes import installed_runtime
from vprog.media.decoder.decoder_probe import probe_decoder
from vprog.media.run_videos import MediaSource
from vprog.models.device import choose_device, precision_on
from vprog.registry.call_context import using
from vprog.registry.discover import discover
from vprog.registry.module import Call, ModuleSpec
from vprog.registry.registry import bound_to, declared_weights
from vprog.sandbox.isolation import isolation
from vprog.settings import Settings, load_settings
from vprog.testing.sample_context import sample_context
from vprog.testing.samples import ORDINARY, drawn_clips, made_calls
from vprog.version import __version__


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@reports_errors
def command(as_json: bool) -> int:
    """Test sandbox, jail, modules and folders by using them. Exit 1 if one is broken."""
    settings = load_settings()
    rows = [
        _python(),
        _device(settings),
        _isolation(),
        _decoder(),
        *_torchvision(),
        *_llama(),
        *_modules(settings),
        *_weights(settings),
        *_folders(settings),
    ]
    broken = any(state == "broken" for _, state, _ in rows)
    if as_json:
        say_json([{"what": what, "state": state, "note": note} for what, state, note in rows])
        return int(broken)
    whole = [row for row in rows if row[1] != "missing"]
    width = max(len(what) for what, _, _ in whole)
    for what, state, text in whole:
        say(f"{what:{width}}  {state:8}  {text}")
    absent: dict[str, list[str]] = {}
    for what, state, text in rows:
        if state == "missing":
            absent.setdefault(text, []).append(what)
    if absent:
        say("missing:")
    for text, names in absent.items():
        say(f"  {text}")
        say(f"    {', '.join(names)}")
    return int(broken)


def _python() -> tuple[str, str, str]:
    return (
        "python",
        "ok",
        f"{platform.python_version()} on {sys.platform} {platform.machine()}, vprog {__version__}",
    )


def _device(settings: Settings) -> tuple[str, str, str]:
    device = choose_device(settings.device)
    precision = precision_on(device)
    told = "the precision of their files" if precision == "auto" else precision
    return ("device", "ok", f"{device}; models of transformers compute in {told}")


def _isolation() -> tuple[str, str, str]:
    found = isolation()
    return ("sandbox", "ok" if found.jail else "partial" if found.vm else "broken", found.text())


def _decoder() -> tuple[str, str, str]:
    found = probe_decoder()
    if found.holds:
        return ("decoder", "ok", f"a process of its own; {len(found.refused)} ways out refused")
    return ("decoder", "partial", "; ".join(found.missing) or "a process of its own, no jail")


def _torchvision() -> list[tuple[str, str, str]]:
    """It is not needed; one that imports and cannot compute breaks others that find it."""
    if importlib.util.find_spec("torchvision") is None:
        return []
    try:
        torchvision = importlib.import_module("torchvision")  # what it says of itself tells most
        torch = importlib.import_module("torch")
        torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except Exception as error:  # RuntimeError beside a torch that it does not fit
        words = " ".join(str(error).split())[:200]
        return [("torchvision", "broken", f"{words}. Run: pip uninstall torchvision")]
    return [("torchvision", "ok", f"{torchvision.__version__}, nms computes")]


def _llama() -> list[tuple[str, str, str]]:
    """What `--llm llama:FILE` works by, where it is installed; a built one may not import."""
    try:
        package = installed_runtime("llama:FILE")
    except VprogError:
        return []
    try:
        version = importlib.import_module(package).__version__
    except Exception as error:  # a broken build raises anything
        return [("llama.cpp", "broken", f"{words_of(error)}. Run: pip install xllamacpp")]
    return [("llama.cpp", "ok", f"{package} {version}")]


def _modules(settings: Settings) -> list[tuple[str, str, str]]:
    """Each module is loaded and called once: a package that is present may still be broken."""
    rows: list[tuple[str, str, str]] = []
    registry = with_vlm(discover(), settings)
    chosen = registry.choose()
    loaded_modules = LoadedModules("cpu")
    with drawn_clips() as clips:
        for task in registry:
            for spec in registry.implementations(task):
                able = registry.state(spec)
                if not able.ok:
                    rows.append((spec.name, "missing", f"{able.reason}. {able.command}"))
                    continue
                try:
                    told = _called(bound_to(spec, chosen), loaded_modules, clips[ORDINARY])
                except Exception as error:  # the code of others
                    rows.append((spec.name, "broken", words_of(error)))
                else:
                    rows.append((spec.name, "ok", f"{spec.backend}{told}"))
    loaded_modules.close()
    return rows


def _called(spec: ModuleSpec, loaded_modules: LoadedModules, media: MediaSource) -> str:
    """One call on a small clip; what is to be said of it. A refusal of the input is no fault.

    Nothing is shown to a model behind a server.
    """
    instance = loaded_modules.instance(spec)
    if any(part.vlm_kind not in ("", "hf") for part in (spec, *spec.asked)):
        return ", loaded"
    try:
        raw = made_calls(spec.signature, media, {})[0]
        arguments = convert.bind(spec.signature, (), raw, media.videos)
        call = Call.of(spec, arguments, sample_context(spec, media, loaded_modules))
        with using(call.context):
            value = instance(**arguments)
        convert.from_module(value, spec.signature.returns, where=spec.name)
    except (ModuleInputError, VideoError) as error:
        return f", refuses the sample: {error.message}"
    asked = ", ".join(other.name for other in spec.asked)
    return f", called with {asked}" if asked else ", called"


def _weights(settings: Settings) -> list[tuple[str, str, str]]:
    """Every file of weights that can be named: where it is from, its licence, its digest."""
    rows: list[tuple[str, str, str]] = []
    for weights in declared_weights(with_vlm(discover(), settings)):
        told = f"{weights.revision}, {weights.licence}"
        try:
            path = weights.verified()
        except VprogError as error:
            rows.append((weights.id, "missing", f"{told}. {error.hint}"))
        else:
            digest = f"sha256 {weights.sha256}" if weights.sha256 else "no digest declared"
            rows.append((weights.id, "ok", f"{told}, {digest}, {path}"))
    return rows


def _folders(settings: Settings) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    for what, folder in (("traces", settings.trace_dir), ("cache", settings.cache_dir)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.write_bytes(b"")
            probe.unlink()
            free = shutil.disk_usage(folder).free / 1e9
            state = "ok" if free > 0.2 else "partial"
            rows.append((what, state, f"{folder}, {free:.1f} GB free"))
        except OSError as error:
            rows.append((what, "broken", f"{folder}: {error.strerror}"))
    return rows
