"""`vprog models`: list, find and fetch the weights of modules."""

from __future__ import annotations

import difflib
import errno
import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click

from vprog.cli.output import note, reports_errors, say, say_json
from vprog.config import load_settings
from vprog.errors import PackageMissingError, Status, UsageError, VprogError, WeightsMissingError
from vprog.execute.runtime import with_vlm
from vprog.models.weights import Weights, digest_of, named_weights
from vprog.registry.discover import discover
from vprog.registry.registry import declared_weights

_SMALL = ("*.json", "*.jinja", "*.txt", "*.model", "*.tiktoken")
"""Files at the root of a repository that models are read with, beside their weights."""

_SHA256 = re.compile("[0-9a-f]{64}")
_TOOLS = ("training_args*", "optimizer*", "scheduler*", "rng_state*")


@click.group("models")
def command() -> None:
    """List, find and fetch the weights of modules."""


@command.command("list")
@click.option("--check", is_flag=True, help="Compare digests too: every file is read whole.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@reports_errors
def show_list(check: bool, as_json: bool) -> int:
    """List the weights that modules declare. Where they lie, or what fetches them."""
    rows = [_row(weights, users, check) for weights, users in _declared().items()]
    if as_json:
        say_json(rows)
        return 0
    for row in rows:
        gate = ", gated" if row["is_gated"] else ""
        size = f", {row['size_mb']} MB" if row["size_mb"] else ""
        say(f"{row['state']:8} {row['id']}@{row['revision']} ({row['licence']}{gate}{size})")
        say(f"         {', '.join(row['modules'])}")
        say(f"         {row['path'] or row['reason']} {row['command']}".rstrip())
    return 0


@command.command("where")
@click.argument("model")
@reports_errors
def where(model: str) -> int:
    """Print where weights lie. MODEL is an id, as `vprog models list` shows it, or a folder."""
    say(_found(model).verified())
    return 0


@command.command("pull")
@click.argument("model")
@click.option("--force", is_flag=True, help="Fetch again what is here already.")
@click.option(
    "--licence", default="", help="Accept this licence, where it is not the one declared."
)
@reports_errors
def pull(model: str, force: bool, licence: str) -> int:
    """Fetch weights from the Hugging Face hub. MODEL is an id such as org/name, or with @revision.

    They go into the cache of the hub's own tools (HF_HOME, HF_HUB_CACHE), by its own client
    (HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE count). Their licence is compared before, their
    digest after.
    """
    weights = _found(model)
    if weights.package or weights.cache or Path(os.path.expanduser(weights.id)).is_absolute():
        say(weights.verified())  # or the command that brings them
        return 0
    hub = _hub()
    try:
        with _told_apart(hub, weights):
            about = hub.HfApi().model_info(weights.id, revision=weights.revision or None)
    except WeightsMissingError:
        _say_if_here(weights, force)
        raise
    _check_licence(weights, about, licence)
    if weights.file:
        names = [weights.file]
    else:
        names = wanted_files([file.rfilename for file in about.siblings or ()])
    if not names:
        raise WeightsMissingError(
            f"{weights.id}: the hub lists no weights of it.", hint="Check the id and its revision."
        )
    note(f"fetching {len(names)} files of {weights.id}@{about.sha} from {hub.constants.ENDPOINT}")
    with _told_apart(hub, weights), _ends_at_once():
        folder = hub.snapshot_download(
            weights.id,
            revision=weights.revision or None,
            allow_patterns=names,
            force_download=force,
        )
    try:
        for name in names:
            _check_digest(weights, Path(folder, name))
        say(weights.verified())
    except WeightsMissingError as error:
        raise WeightsMissingError(
            error.message, hint=f"Run: vprog models pull {weights.id} --force"
        ) from error
    return 0


def wanted_files(names: Sequence[str]) -> list[str]:
    """Which files of a repository a model is read from: one form of the weights, no folders.

    Safetensors stand before pickles; open_clip's own file stays beside the others.
    """
    top = [
        name
        for name in names
        if "/" not in name and not any(fnmatch(name, tool) for tool in _TOOLS)
    ]
    small = [name for name in top if any(fnmatch(name, pattern) for pattern in _SMALL)]
    safe = [name for name in top if name.endswith(".safetensors")]
    return small + (safe or [name for name in top if name.endswith((".bin", ".pt", ".pth"))])


def _declared() -> dict[Weights, list[str]]:
    return declared_weights(with_vlm(discover(), load_settings()))


def _found(model: str) -> Weights:
    """Weights by their id: declared ones, or any of the hub, or a path.

    Raises:
        UsageError: it is no id of either.
    """
    name, _, revision = model.partition("@")
    declared = {weights.id: weights for weights in _declared()}
    if name in declared:
        return replace(declared[name], revision=revision) if revision else declared[name]
    if os.path.exists(os.path.expanduser(model)) or name.count("/") == 1:
        return named_weights(model)
    near = difflib.get_close_matches(name, declared, n=1)
    raise UsageError(
        f'"{model[:100]}" is no weights of a module, and no id of the hub (org/name).'
        + (f' Did you mean "{near[0]}"?' if near else ""),
        hint="Run `vprog models list` for the list.",
    )


def _row(weights: Weights, users: list[str], check: bool) -> dict[str, Any]:
    state, path, reason, command = "here", "", "", ""
    try:
        path = str(weights.location())
        if check:
            weights.verified()
    except VprogError as error:
        state = "wrong" if path else "missing"
        reason, command = error.message, error.hint
    return {
        "id": weights.id,
        "revision": weights.revision,
        "file": weights.file,
        "licence": weights.licence,
        "is_gated": weights.is_gated,
        "size_mb": weights.size_mb,
        "sha256": weights.sha256,
        "modules": users,
        "state": state,
        "path": path,
        "reason": reason,
        "command": command,
    }


def _hub() -> Any:
    """The hub's own client; nothing is reported to it beyond what fetching tells."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
    except Exception as error:  # a broken installation may raise anything at all
        raise PackageMissingError(
            f"the client of the Hugging Face hub does not import: {error}.",
            hint="Run: pip install huggingface_hub",
        ) from error
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise WeightsMissingError(
            "HF_HUB_OFFLINE is set: nothing is fetched.",
            hint="Unset HF_HUB_OFFLINE (and TRANSFORMERS_OFFLINE), and run it again.",
        )
    return huggingface_hub


def _check_licence(weights: Weights, about: Any, accepted: str) -> None:
    """Refuse weights whose page names another licence than the one declared or accepted."""
    card = about.card_data or {}
    named = str(card.get("license") or "")
    declared = weights.licence if weights in _declared() else ""
    if not named:
        note(f"{weights.id}: its page names no licence; declared: {declared or 'none'}")
    elif not declared:
        note(f"{weights.id}: its licence is {named}")
    elif named.lower() not in (declared.lower(), accepted.lower()):
        raise WeightsMissingError(
            f"{weights.id}: its page names the licence {named}, not {declared}.",
            hint=f"Read it; if you accept it, run: vprog models pull {weights.id} "
            f"--licence {named}",
        )


def _check_digest(weights: Weights, file: Path) -> None:
    """The hub's client names what it keeps by the digest that the hub says, and compares none."""
    said = file.resolve().name
    if _SHA256.fullmatch(said) and (digest := digest_of(file.resolve())) != said:
        raise WeightsMissingError(
            f"{weights.id}: {file.name} is damaged: its sha256 is {digest}, the hub says {said}."
        )


def _say_if_here(weights: Weights, force: bool) -> None:
    """Where the hub does not answer, what is here already is worth saying."""
    if not force:
        try:
            note(f"it is here already: {weights.verified()}")
        except WeightsMissingError:
            return


@contextmanager
def _ends_at_once() -> Iterator[None]:
    """Ctrl-C ends the process: the client would wait for its threads to fetch whole files."""

    def leave(*_: object) -> None:
        note("interrupted: run it again to go on")
        os._exit(Status.INTERRUPTED.exit_code)

    kept = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)


@contextmanager
def _told_apart(hub: Any, weights: Weights) -> Iterator[None]:
    """What the hub's client raises, as one of our errors with what to do."""
    errors, page = hub.errors, f"{hub.constants.ENDPOINT}/{weights.id}"
    try:
        yield
    except errors.GatedRepoError as error:
        raise WeightsMissingError(
            f"{weights.id}: gated: its licence must be accepted by you first.",
            hint=f"Accept it at {page}, then run: hf auth login && vprog models pull {weights.id}",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise WeightsMissingError(
            f'{weights.id}: the hub has no revision "{weights.revision}" of it.',
            hint=f"See {page}/commits/main.",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise WeightsMissingError(
            f"{weights.id}: the hub has no such model, or it is private.",
            hint="Check the id; for a private one run: hf auth login",
        ) from error
    except errors.EntryNotFoundError as error:
        if isinstance(error, errors.LocalEntryNotFoundError):  # what it could not ask for
            raise _nothing_from(hub, weights, error) from error
        raise WeightsMissingError(
            f"{weights.id}: the hub has no file {weights.file or 'of its listing'} of it.",
            hint=f"See {page}/tree/{weights.revision or 'main'}.",
        ) from error
    except Exception as error:  # of several libraries: no connection, a proxy, a full disk
        raise _nothing_from(hub, weights, error) from error


def _nothing_from(hub: Any, weights: Weights, error: Exception) -> WeightsMissingError:
    """What kept the files away, with what to do about it."""
    reason: BaseException = error
    while reason.__cause__ is not None and not _status_of(reason):
        reason = reason.__cause__
    status = _status_of(reason)
    if isinstance(error, hub.errors.HFValidationError):
        what, hint = "is no id of the hub", "Write it as org/name."
    elif status in (401, 403):
        what = f"{hub.constants.ENDPOINT} refused ({status})"
        hint = "Run: hf auth login (or set HF_TOKEN), and accept its licence on its page."
    elif status == 429 or status >= 500:
        what, hint = f"{hub.constants.ENDPOINT} is busy or broken ({status})", "Try it later."
    elif isinstance(error, OSError) and error.filename is not None:
        what, hint = "the cache cannot be written", "Name another folder in HF_HOME."
    elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
        what, hint = "the cache cannot be written", "Make room, or name another folder in HF_HOME."
    else:
        what = f"{hub.constants.ENDPOINT} gave nothing"
        hint = "Check the connection (HF_ENDPOINT, HTTPS_PROXY), and run it again."
    said = " ".join(str(reason).split())[:200]
    return WeightsMissingError(f"{weights.id}: {what}: {said}.", hint=hint)


def _status_of(error: BaseException) -> int:
    """Of the answer that an error is about; 0 where there was none."""
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)
