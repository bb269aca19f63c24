"""From the SPEC that people write (`--llm openai:gpt-4.1`) to a language model.

The word before the colon names a backend. vprog's own stand in this folder, each in a file whose
docstring begins with how its SPEC is written and that holds `open_model`. An installed package
offers its own in the entry-point group `vprog.llms`:

    [project.entry-points."vprog.llms"]
    mine = "my_package:MyModel"

What the entry names is called with what stands after the colon, `MyModel("large")` for
`--llm mine:large`, and gives a `LanguageModel`. If it has a parameter `device`, that gets the
setting of this name.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from vprog.errors import ConfigError, VprogError, words_of
from vprog.llm.language_model import LanguageModel
from vprog.registry.packages import owner_of

RULES = "rules"
"""The SPEC of the built-in rule writer, which is no language model."""

GROUP = "vprog.llms"

_FIRST_LINE = re.compile(r'"""`((\w+):[^`]+)`: ')


@functools.cache
def own_backends() -> dict[str, tuple[str, str]]:
    """Each backend of this folder: how its SPEC is written, and its file; none is imported."""
    backends: dict[str, tuple[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        with path.open(encoding="utf-8") as file:
            match = _FIRST_LINE.match(file.readline())
        if match is not None:
            backends[match[2]] = match[1], f"vprog.llm.{path.stem}"
    return backends


def llm_forms() -> list[str]:
    """How every SPEC that can be opened here is written, `rules` first, then vprog's own."""
    own = own_backends()
    others = [point.name for point in entry_points(group=GROUP) if point.name not in own]
    return [RULES, *(form for form, _ in own.values()), *(f"{name}:..." for name in others)]


def open_llm(
    spec: str, *, device: str = "auto", trace_dir: Path | None = None
) -> LanguageModel | None:
    """The language model that a SPEC names; None for `rules`, which needs none.

    Nothing is sent to a server yet.

    Args:
        spec: what `--llm` was given.
        device: where a model in this process runs: auto, cpu, cuda or cuda:N.
        trace_dir: where runs lie that are replayed; by default the folder of the settings.

    Raises:
        ConfigError: the SPEC names no backend, or no model; or a backend cannot be used.
        PackageMissingError, WeightsMissingError: what the backend needs is not here.
        TraceNotFoundError: there is no such run to replay.
        LlmRefusedError: a key is needed and none is set.
    """
    spec = spec.strip()
    if spec == RULES:
        return None
    scheme, _, model = spec.partition(":")
    point = _find(scheme)
    if point is None:
        raise _unknown(spec)
    if not model:
        form, _ = own_backends().get(scheme, (f"{scheme}:...", ""))
        raise ConfigError(
            f'language model "{spec}": nothing after "{scheme}:".', hint=f"Write {form}."
        )
    try:
        opener: Callable[..., LanguageModel] = point.load()
        known = {"device": device, "trace_dir": trace_dir}
        taken = inspect.signature(opener).parameters
        opened = opener(model, **{name: known[name] for name in known if name in taken})
    except VprogError:
        raise
    except Exception as error:  # the code of others
        raise ConfigError(
            f'language model "{spec}": the backend "{point.name}" of {owner_of(point)} cannot be '
            f"used: {words_of(error)}.",
            hint="Install that package again, or take another backend.",
        ) from error
    return opened


def _find(scheme: str) -> EntryPoint | None:
    """What opens the models of a backend; vprog's own come first."""
    if scheme in own_backends():
        return EntryPoint(scheme, f"{own_backends()[scheme][1]}:open_model", GROUP)
    return next(iter(entry_points(group=GROUP, name=scheme)), None)


def _unknown(spec: str) -> ConfigError:
    scheme, colon, model = spec.partition(":")
    known = [RULES, *own_backends(), *(point.name for point in entry_points(group=GROUP))]
    near = difflib.get_close_matches(scheme.lower(), known, n=1, cutoff=0.6)
    guess = ""
    if near:
        meant = near[0] if near[0] == RULES else f"{near[0]}{colon}{model}"
        guess = f' Did you mean "{meant}"?'
    elif not colon and spec:
        guess = f' Did you mean "openai:{spec}"?'
    return ConfigError(
        f'unknown language model "{spec}".{guess}', hint=f"There are: {', '.join(llm_forms())}."
    )
