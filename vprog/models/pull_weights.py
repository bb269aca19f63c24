"""Fetching weights from the Hugging Face hub, by its own client, into its own cache.

Their licence is compared before, their digest after; what the hub or the disk refuses is told
apart, each with what to do.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from vprog.errors import PackageMissingError, WeightsMissingError
from vprog.models.weights import Weights, digest_of

_SMALL = ("*.json", "*.jinja", "*.txt", "*.model", "*.tiktoken")
"""Files at the root of a repository that models are read with, beside their weights."""

_SHA256 = re.compile("[0-9a-f]{64}")
_TOOLS = ("training_args*", "optimizer*", "scheduler*", "rng_state*")


def pull_weights(
    weights: Weights,
    *,
    tell: Callable[[str], None],
    declared_licence: str = "",
    accepted_licence: str = "",
    is_forced: bool = False,
) -> Path:
    """Fetch weights by the hub's own client, into its cache; where they lie.

    HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE count. Half a download goes on
    where it ended.

    Args:
        weights: what is fetched: a file of a repository, or all that a model is read from.
        tell: takes one line on the way.
        declared_licence: of them, by the module that uses them; "" where no module does.
        accepted_licence: another that the user takes too.
        is_forced: whether what is here already is fetched again.

    Raises:
        PackageMissingError: there is no client.
        WeightsMissingError: gated, missing, offline, another licence, another digest, no room.
    """
    hub = _hub()
    try:
        with _told_apart(hub, weights):
            about = hub.HfApi().model_info(weights.id, revision=weights.revision or None)
    except WeightsMissingError:
        if not is_forced:
            _tell_if_here(weights, tell)
        raise
    _check_licence(weights, about, declared_licence, accepted_licence, tell)
    if weights.file:
        names = [weights.file]
    else:
        names = wanted_files([file.rfilename for file in about.siblings or ()])
    if not names:
        raise WeightsMissingError(
            f"{weights.id}: the hub lists no weights of it.", hint="Check the id and its revision."
        )
    tell(f"fetching {len(names)} files of {weights.id}@{about.sha} from {hub.constants.ENDPOINT}")
    with _told_apart(hub, weights):
        folder = hub.snapshot_download(
            weights.id,
            revision=weights.revision or None,
            allow_patterns=names,
            force_download=is_forced,
        )
    try:
        for name in names:
            _check_digest(weights, Path(folder, name))
        return weights.verified()
    except WeightsMissingError as error:
        raise WeightsMissingError(
            error.message, hint=f"Run: vprog models pull {weights.id} --force"
        ) from error


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


def _check_licence(
    weights: Weights, about: Any, declared: str, accepted: str, tell: Callable[[str], None]
) -> None:
    """Refuse weights whose page names another licence than the one declared or accepted."""
    card = about.card_data or {}
    named = str(card.get("license") or "")
    if not named:
        tell(f"{weights.id}: its page names no licence; declared: {declared or 'none'}")
    elif not declared:
        tell(f"{weights.id}: its licence is {named}")
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


def _tell_if_here(weights: Weights, tell: Callable[[str], None]) -> None:
    """Where the hub does not answer, what is here already is worth saying."""
    with suppress(WeightsMissingError):
        tell(f"it is here already: {weights.verified()}")


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
