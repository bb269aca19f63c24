"""Options that several commands share, and how their values become settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from vprog.cli.shell_words import modules_offered
from vprog.errors import ConfigError, UsageError
from vprog.rules.times import read_length
from vprog.settings import BUILT_IN_PRESETS, parse_setting

Loudness = Literal["quiet", "normal", "verbose"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

ASSIGNED = "assigned"
"""Under which name `--set` reaches a command."""

preset_option = click.option(
    "--preset", help=f"Modules to use: {', '.join(BUILT_IN_PRESETS)} or a preset of yours."
)
module_option = click.option(
    "--module",
    "modules",
    metavar="TASK=NAME[:MODEL]",
    multiple=True,
    shell_complete=modules_offered,
    help="Module for a task, with weights of its kind: an id, a folder or a file; repeat it.",
)


def run_options(command: _Command) -> _Command:
    """What `solve` and `run` have in common."""
    for option in reversed(
        [
            click.option(
                "--choice", "choices", multiple=True, help="A possible answer; repeat it."
            ),
            click.option(
                "--subs", type=click.Path(path_type=Path), help="A subtitle file (srt, vtt, ass)."
            ),
            preset_option,
            module_option,
            click.option(
                "--vlm",
                help="Vision-language model (VLM): openai:MODEL or hf:MODEL; default: none.",
            ),
            click.option("--device", help="Where models run: auto, cpu, cuda."),
            click.option("--reader", help="Video decoder: pyav, decord or torchcodec."),
            click.option("--max-seconds", type=float, help="Time limit, in seconds."),
            click.option("--max-calls", type=int, help="Limit on module calls."),
            click.option(
                "--require-jail",
                is_flag=True,
                default=None,
                help="Stop if the operating-system jail is not available.",
            ),
            click.option(
                "-o",
                "--out",
                "trace_dir",
                type=click.Path(path_type=Path, file_okay=False),
                help="Folder for traces.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
            click.option(
                "--otlp", metavar="URL", help="Send the spans of the run there when it is over."
            ),
        ]
    ):
        command = option(command)
    return window_options(loudness_options(set_option(command)))


def service_options(command: _Command) -> _Command:
    """What the commands that stay and answer question after question have in common."""
    for option in reversed(
        [
            preset_option,
            module_option,
            click.option("--llm", help="What writes programs; default: rules."),
            click.option("--vlm", help="Vision-language model (VLM): openai:MODEL or hf:MODEL."),
            click.option("--strategy", help="How questions are answered."),
            click.option("--device", help="Where models run: auto, cpu, cuda."),
            click.option(
                "--max-seconds", type=float, help="Time limit for each question, in seconds."
            ),
            set_option,
        ]
    ):
        command = option(command)
    return command


class _Time(click.ParamType):  # type: ignore[type-arg]
    """A time in a video, in any of the forms that questions take."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value).strip()
        plain = re.fullmatch(r"\d+(\.\d+)?", text)
        seconds = float(text) if plain else read_length(text)
        if seconds is None:
            self.fail(f"{text!r} is no time; write 90, 1:30, 0:01:30.5, 90s or 1m30s.", param, ctx)
        return seconds


def window_options(command: _Command) -> _Command:
    """`--from` and `--to`, the settings `start` and `end`."""
    for option in (
        click.option("--to", "end", type=_Time(), metavar="TIME", help="Look at nothing after."),
        click.option(
            "--from", "start", type=_Time(), metavar="TIME",
            help="Look at nothing before TIME: 90, 1:30 or 90s. Times stay those of the file.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def loudness_options(command: _Command) -> _Command:
    """`-q` and `-v`, which reach a command as `quiet` and `verbose`."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Tell every call on stderr."),
        click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors."),
    ):
        command = option(command)
    return command


def loudness(quiet: bool, verbose: bool) -> Loudness:
    """How much is told.

    Raises:
        UsageError: both are asked for.
    """
    if quiet and verbose:
        raise UsageError("-q and -v contradict each other.", hint="Give one of them.")
    return "quiet" if quiet else "verbose" if verbose else "normal"


def set_option(command: _Command) -> _Command:
    """`--set KEY=VALUE`, which gives any setting: there are more of them than flags."""
    return click.option(
        "--set",
        ASSIGNED,
        metavar="KEY=VALUE",
        multiple=True,
        help="Any setting, e.g. samples=7; repeat it. `vprog config` lists them.",
    )(command)


def settings_of(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as settings, those of `--set` among them.

    Raises:
        ConfigError: `--set` names no setting, its value is of the wrong type, or an option
            or another `--set` gives the setting as well.
    """
    found = {
        name: value
        for name, value in given.items()
        if value is not None and name not in (ASSIGNED, "modules")
    }
    if given.get("modules"):
        found["modules"] = named_modules(given["modules"])
    for text in given.get(ASSIGNED) or ():
        key, sign, value = text.partition("=")
        if not sign:
            raise ConfigError(
                f"--set {text}: a setting and its value must be joined by =.",
                hint="Write --set samples=7.",
            )
        key = key.strip().replace("-", "_")
        if key in found:
            raise ConfigError(
                f"--set {key}: {key} is given twice on the command line.", hint="Give it once."
            )
        found[key] = parse_setting(key, value.strip(), f"--set {key}")
    return found


def named_modules(texts: Sequence[str]) -> dict[str, str]:
    """The implementation by task that `--module TASK=NAME[:MODEL]` gives.

    Raises:
        ConfigError: one has another form, or a task is given twice.
    """
    named: dict[str, str] = {}
    for text in texts:
        task, sign, name = text.partition("=")
        task, name = task.strip(), name.strip()
        if not (sign and task and name.partition(":")[0].strip()):
            raise ConfigError(
                f"--module {text}: a task and its module must be joined by =.",
                hint="Write --module detect=DetectOwlv2:google/owlv2-base-patch16-ensemble.",
            )
        if task in named:
            raise ConfigError(f"--module {text}: {task} is given twice.", hint="Give it once.")
        named[task] = name
    return named


def module_swaps(written: Sequence[str], option: str) -> dict[str, str]:
    """Implementations by task, of an option that is repeated.

    Raises:
        UsageError: one has another form.
    """
    swaps = {}
    for swap in written:
        task, sign, implementation = swap.partition("=")
        if not (sign and task and implementation):
            raise UsageError(
                f"{option} {swap!r}: expected TASK=NAME.",
                hint=f"E.g. {option} detect=DetectHog; `vprog modules list` has the names.",
            )
        swaps[task] = implementation
    return swaps
