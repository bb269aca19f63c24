"""Which of the detector's labels a question names, and where an index has them.

Labels are compared as wholes: "dog" finds no hot dog.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vprog.library.index_file import IndexFile, LabelFrames, LabelSighting
from vprog.library.indexed_kinds import LEAST_SCORE
from vprog.program.allowed_syntax import words
from vprog.rules.tokens import thing_named, tokens_of
from vprog.view.words import counted

_PLAIN = words("or both them it moment moments")
_TALKING = words(
    "discuss discusses mention mentions mentioned say says said speak speaks speaking talk talks"
    " talking talked tell tells"
)
_HYPHENATED = re.compile(r"\w+(?:-\w+)+")


@dataclass(frozen=True)
class AskedLabels:
    """The things of a question.

    Attributes:
        labels: those that the detector knows, each once.
        untold: the other words, of which labels tell nothing ("red", "whale", "running").
        is_denied: whether it asks where a thing is not.
    """

    labels: tuple[str, ...]
    untold: tuple[str, ...]
    is_denied: bool


@dataclass(frozen=True)
class LabelPlaces:
    """Where a label was seen.

    Attributes:
        label: one of the 80.
        seen: by file, in order of time; the file with the best score first.
        unseen: the files with a picture in whose frames it was not found, which does not show
            that it is not there.
        summary: both in words, with how closely was looked.
    """

    label: str
    seen: dict[str, list[LabelSighting]]
    unseen: tuple[str, ...]
    summary: str


def asked_labels(question: str) -> AskedLabels:
    """Read a question's nouns as the rules read them: "doggies" are dogs."""
    text = _HYPHENATED.sub(
        lambda match: match[0] if thing_named(match[0]) else match[0].replace("-", " "),
        question.lower(),
    )
    tokens = [token for token in tokens_of(text) if token.role in ("content", "function", "light")]
    labels: list[str] = []
    untold: list[str] = []
    denials: set[str] = set()
    for at, token in enumerate(tokens):
        label = "person" if "nobody" in token.meanings else token.slots.get("thing")
        denials |= token.meanings & {"not", "nobody"}
        follows = tokens[at + 1 : at + 2]
        if label == "orange" and any(next_token.slots for next_token in follows):
            label = None  # "an orange car": a colour
        if label == "person" and any(_is_of_talking(next_token.text) for next_token in follows):
            continue  # "someone talks about ...": who is heard need not be seen
        if label is not None and label != "face":  # another detector's, which is not asked
            labels.append(label)
        elif (
            token.role == "content"
            and token.text not in _PLAIN
            and not _is_of_talking(token.text)
            and "not" not in token.meanings
        ):
            untold.append(token.text)
    return AskedLabels(tuple(dict.fromkeys(labels)), tuple(dict.fromkeys(untold)), bool(denials))


def _is_of_talking(text: str) -> bool:
    """ "Talks", "talks about"."""
    return text.split(" ")[0] in _TALKING


def places_of_label(label: str, index: IndexFile) -> LabelPlaces:
    """Where an index has a label, over all files in which it was looked for."""
    seen = index.sightings(label)
    looked_at = {name: frames for name, frames in index.label_frames().items() if frames.n_frames}
    unseen = tuple(name for name in looked_at if name not in seen)
    if not looked_at:
        return LabelPlaces(label, {}, (), f"{label}: not known; labels were looked for in no file")
    where = f"found in {len(seen)} of {counted(len(looked_at), 'file')}" if seen else (
        f"found in no file of {len(looked_at)}"
    )  # fmt: skip
    summary = f"{label}: {where}, {how_closely(looked_at)}"
    if unseen:
        summary += "; short or small sights may be missed, so that it may be in others too"
    if seen:
        summary += "; what looks alike may be taken for it"
    return LabelPlaces(label, seen, unseen, summary)


def how_closely(looked_at: dict[str, LabelFrames]) -> str:
    """E.g. "in one frame every 2-2.4 s, with a score of 0.5 or more"."""
    steps = sorted({round(frames.step, 1) for frames in looked_at.values()})
    every = f"{steps[0]:g}" if len(steps) == 1 else f"{steps[0]:g}-{steps[-1]:g}"
    return f"in one frame every {every} s, with a score of {LEAST_SCORE:g} or more"
