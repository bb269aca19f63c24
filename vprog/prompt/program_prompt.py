"""What a language model is told, so that it writes a program which answers a question.

Everything about modules comes from their signatures, everything about the language from
the tables that the gate enforces; both are described here. The system message depends on the
modules and the budget alone, so that a server reads it once for all questions; what is left out
of it stands before the question, for the modules that are near to that. All text that others wrote
is set in data marks.
"""

from __future__ import annotations

import enum
import inspect
import typing
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from vprog.llm.data_marks import DATA_RULE, mark_data
from vprog.llm.language_model import Message, approximate_tokens
from vprog.program import prelude
from vprog.program.allowed_imports import importable_text
from vprog.program.allowed_syntax import BUILTINS
from vprog.program.prelude import PreludeFunction
from vprog.prompt.relevance import WordIndex, rank_by_words
from vprog.prompt.solved_examples import LOOKS, Example, Rank, nearest_examples
from vprog.registry.docstring import sections_of
from vprog.registry.origin import needs_pictures
from vprog.registry.signature import Signature, annotation_text
from vprog.settings import Settings
from vprog.types import VALUE_TYPES, VALUES, Box, Frame, Metadata, Span, Stream, Video


class Detail(enum.IntEnum):
    """How much of every module stands in the system message."""

    NAME = 0
    SIGNATURE = 1
    """Up to here values and functions on them are described by their signatures alone, too."""
    LINE = 2
    BRIEF = 3
    FULL = 4


_SHOWN: dict[Detail, tuple[str, ...]] = {
    Detail.LINE: (),
    Detail.BRIEF: ("Returns",),
    Detail.FULL: ("Args", "Returns", "Example"),
}


SYSTEM_SHARE = 0.8
"""Of the budget, for what is the same for every question."""

MAX_TITLE = 100
MAX_TRACKS = 12

ORDER = "Write the program."
"""The last line of a prompt; what asks for something else puts its own there."""

REFUSED_WORDS = ("class", "with", "yield", "async", "await", "match", "del")
"""Keywords of Python that the gate refuses; its table has a message for each."""

RULES = """\
You write short Python programs that answer questions about video. A program calls modules \
that look and listen; it runs in a sandbox, and each of its values is shown to the person \
who asked.

# The program
- Reply with one program in one ```python block, and nothing else.
- It is a script. It starts with the variables `video` (the first one, a Video), `videos`, \
`question` and `choices` (a list of str, empty if there are none).
- It ends by calling answer(value, evidence=[...]) or abstain(reason). The value of "when" is \
seconds, or (start, end); of "how many" an int; of a yes-no question "yes" or "no"; with \
choices it is one of them, written choices[i].
- evidence lists the values that show the answer: {evidence}. Name the few that it rests on, \
as modules gave them: the answer's score is the lowest among them, and 0 if a value was made up.
- A look ({looks}) is one request to a model: show it all frames of a span in one list of up \
to 128, not one by one, unless each frame needs an answer of its own. Cite the reply: it stands \
for the frames that it rests on.
- Compute the answer from what modules return. Never guess it, and do not rely on knowledge \
of your own about the video: where the modules cannot tell, call abstain(reason).
- Modules return empty lists when nothing is found: test before you index or call max or min. \
Raise fps or narrow the span where small or quick things matter.
- Plain loops over calls are fine; there is nothing to run in parallel yourself.
- Times are seconds from the first frame (from the start of the sound where that begins well \
before it); boxes are pixels of the whole picture.

# The language
- Plain Python: functions, loops, comprehensions, try, lambda, f-strings. Not available: \
{refused}; decorators; star imports; reading or writing files.
- Builtins: {builtins}.
- Imports, if needed: {imports}.
- Only the names on this page exist. Values have only the fields shown; they cannot be changed.
- A variable may not have the name of a value class.

# Data
{data_rule}"""

_EVIDENCE = ", ".join(row.cls.__name__ for row in VALUES if row.is_evidence)

ALGEBRA_TYPES = (
    "Timed and AnyTimed: anything with a time: spans, shots, events, levels, speech, words, "
    "matches, text, frames, detections, tracks. AnyValue: any value."
)


@dataclass(frozen=True)
class FirstLook:
    """The reply of a vision model to some frames before programs are asked for."""

    n_frames: int
    said: str
    score: float
    seconds: tuple[float, ...] = ()
    """Of the frames that it says it rests on."""

    def text(self) -> str:
        """For the prompt."""
        row = {"said": self.said, "score": round(self.score, 2), "seconds": list(self.seconds)}
        return (
            f"A vision model looked at {self.n_frames} frames and was not sure enough. Its answer "
            "may be wrong: have the program look closer.\n" + mark_data("first look", row)
        )


@dataclass(frozen=True)
class Prompt:
    """The messages, about how many tokens they have, and what did not fit."""

    messages: tuple[Message, ...]
    tokens: int
    left_out: tuple[str, ...] = ()


def build_prompt(
    question: str,
    *,
    signatures: Sequence[Signature],
    videos: Sequence[Video],
    facts: Sequence[Metadata] = (),
    part: Span | None = None,
    choices: Sequence[str] = (),
    max_tokens: int = Settings.prompt_tokens,
    examples: Sequence[Example] | None = None,
    rank: Rank = rank_by_words,
    first_look: FirstLook | None = None,
) -> Prompt:
    """The prompt for one question.

    Args:
        question: what is asked; other people's text.
        signatures: of the modules that programs may call; those that need pictures are left out
            where no video has any.
        videos: what the program will see as `videos`.
        facts: what `probe` says of each, where it is known.
        part: the seconds of each that may be looked at; None for all.
        choices: the options, if there are any.
        max_tokens: the budget. All modules are described in as much detail as fits their share of
            it; then come the nearest examples, one at least, and all detail of the modules that
            are nearest to the question.
        examples: instead of those nearest to the question.
        rank: says which examples are near.
        first_look: what was said of the video before.
    """
    if videos and not any(video.n_frames for video in videos):
        signatures = [signature for signature in signatures if not needs_pictures(signature)]
    ranked = _ranked(signatures, " ".join([question, *choices]))
    shown = (
        nearest_examples(question, choices, {signature.name for signature in signatures}, rank=rank)
        if examples is None
        else tuple(examples)
    )
    asked = _asked(question, choices, videos, facts, part, first_look)
    text = _Text(ranked)
    level, system = text.within(round(SYSTEM_SHARE * max_tokens))
    room = max_tokens - approximate_tokens(system) - approximate_tokens(asked)
    n_examples = next(
        (
            n
            for n in range(len(shown) if level > Detail.NAME else 1, 1, -1)
            if approximate_tokens(_examples_text(shown[-n:])) <= room
        ),
        min(1, len(shown)),
    )
    examples_text = _examples_text(shown[len(shown) - n_examples :])
    nearer = text.nearer(ranked, level, room - approximate_tokens(examples_text))
    more = "\n\n".join([_NEARER, *nearer.values(), ""]) if nearer else ""
    messages = (Message("system", system), Message("user", examples_text + more + asked))
    return Prompt(
        messages,
        sum(approximate_tokens(message.text) for message in messages),
        _left_out(ranked, level, set(nearer), len(shown) - n_examples, len(shown)),
    )


_NEARER = "# More about modules that may be of use here"


def _left_out(
    ranked: Sequence[Signature], level: Detail, nearer: Set[str], n_missing: int, n_examples: int
) -> tuple[str, ...]:
    """What did not fit, in words."""
    others = [signature.name for signature in ranked if signature.name not in nearer]
    if level is Detail.FULL or not others:
        gone = []
    elif level is Detail.NAME:
        gone = [f"module {name}" for name in others]
    else:
        gone = [f"detail of {len(others)} of {len(ranked)} modules"]
    return (*gone, *([f"{n_missing} of {n_examples} examples"] if n_missing else []))


class _Text:
    """Writes the system message; each module is described once per detail."""

    def __init__(self, ranked: Sequence[Signature]) -> None:
        # Shown in order of name: the same text for every question, for a server's prefix cache.
        self._signatures = sorted(ranked, key=lambda signature: signature.name)
        self._described: dict[tuple[str, Detail], str] = {}

    def within(self, most: int) -> tuple[Detail, str]:
        """The system message in as much detail as has at most so many tokens; else the shortest."""
        for level in (Detail.FULL, Detail.BRIEF, Detail.LINE, Detail.SIGNATURE):
            system = self._system(level)
            if approximate_tokens(system) <= most:
                return level, system
        return Detail.NAME, self._system(Detail.NAME)

    def nearer(self, ranked: Sequence[Signature], level: Detail, room: int) -> dict[str, str]:
        """More about the nearest modules than the system message says, as far as there is room.

        Where that only names them, the nearest is described in any case.
        """
        told: dict[str, str] = {}
        if level is Detail.FULL:
            return told
        room -= approximate_tokens(_NEARER)
        # Of modules that the rest only names, many in a line say more than one in full.
        detail = Detail.LINE if level is Detail.NAME else Detail.FULL
        values = set(_describe_values([], Detail.LINE))
        if level is Detail.NAME:  # without what gives frames, nothing that takes them can be called
            ranked = sorted(ranked, key=lambda one: one.returns not in (Frame, list[Frame]))
        for signature in ranked:
            used = [] if level > Detail.NAME else _describe_values([signature], Detail.LINE)
            classes = [text for text in used if text not in values]
            text = "\n".join([*classes, self._module(signature, detail)])
            if approximate_tokens(text) > room and (told or level > Detail.NAME):
                continue
            told[signature.name] = text
            values.update(classes)
            room -= approximate_tokens(text) + 1
        return told

    def _system(self, level: Detail) -> str:
        if level is Detail.NAME:
            shown: list[Signature] = []
            names = ", ".join(signature.name for signature in self._signatures)
            modules = [f"Some of these are described with the question: {names}."]
        else:
            shown = self._signatures
            modules = [self._module(signature, level) for signature in shown]
        return "\n\n".join(
            [
                RULES.format(
                    refused=", ".join(REFUSED_WORDS),
                    builtins=", ".join(sorted(BUILTINS)),
                    imports=importable_text(),
                    data_rule=DATA_RULE,
                    evidence=_EVIDENCE,
                    looks=", ".join(sorted(LOOKS)),
                ),
                "# Values\n" + "\n".join(_describe_values(shown, level)),
                f"# Functions on values\n{ALGEBRA_TYPES}\n"
                + "\n".join(
                    _describe_function(function, level) for function in prelude.signatures()
                ),
                "# Modules\n" + "\n".join(modules),
            ]
        )

    def _module(self, signature: Signature, detail: Detail) -> str:
        key = (signature.name, detail)
        if key not in self._described:
            self._described[key] = _describe_module(signature, detail)
        return self._described[key]


def _ranked(signatures: Sequence[Signature], asked: str) -> list[Signature]:
    """Nearest to the question first."""
    index = WordIndex(
        [f"{signature.name.replace('_', ' ')} {signature.doc}" for signature in signatures]
    )
    return [signatures[at] for at in index.ranked(asked)]


def _examples_text(examples: Sequence[Example]) -> str:
    if not examples:
        return ""
    parts = ["# Examples, of other videos"]
    for example in examples:
        choices = f"Choices: {list(example.choices)}\n" if example.choices else ""
        parts.append(
            f"Question: {example.question}\n{choices}```python\n{example.program.strip()}\n```"
        )
    return "\n\n".join(parts) + "\n\n"


def _asked(
    question: str,
    choices: Sequence[str],
    videos: Sequence[Video],
    facts: Sequence[Metadata],
    part: Span | None,
    first_look: FirstLook | None,
) -> str:
    described: list[dict[str, object]] = []
    for at, video in enumerate(videos):
        row: dict[str, object] = dict(video._asdict())
        if at < len(facts):
            if facts[at].title:
                row["title"] = facts[at].title[:MAX_TITLE]
            row["tracks"] = [_track(stream) for stream in facts[at].streams[:MAX_TRACKS]]
        described.append(row)
    parts = ["# Your task", mark_data("videos", described), mark_data("question", question)]
    if part is not None:
        parts.append(
            f"Only {part.start:g} to {part.end:g} s of each video may be looked at; calls with a "
            "time outside fail, and `span=None` means this part."
        )
    if choices:
        parts.append(mark_data("choices", list(choices)))
    if first_look is not None:
        parts.append(first_look.text())
    parts.append(ORDER)
    return "\n\n".join(parts)


def _track(stream: Stream) -> str:
    """A track of a file in a few words."""
    named = f" {stream.language}" if stream.language else ""
    return f"{stream.kind} {stream.number}{named}"


def _describe_module(signature: Signature, detail: Detail) -> str:
    """A signature with as much of its docstring as `detail` says, indented as in Python."""
    if detail is Detail.SIGNATURE:
        return signature.text()
    parts = sections_of(signature.doc)
    opening = parts.pop("")
    lines = [signature.summary if detail is Detail.LINE else opening]
    lines += [f"{name}:\n{parts[name]}" for name in _SHOWN[detail] if name in parts]
    body = "\n".join(line.rstrip() for part in lines for line in part.split("\n") if line.strip())
    return signature.text() + "\n" + "\n".join(f"    {line}" for line in body.split("\n"))


def _describe_function(function: PreludeFunction, detail: Detail) -> str:
    """A function of the value algebra in one line."""
    if detail <= Detail.SIGNATURE:
        return str(function.signature)
    return f"{function.signature}: {function.summary}"


def _describe_values(signatures: Iterable[Signature], detail: Detail) -> list[str]:
    """The value classes that the modules take or give, and what these are made of."""
    wanted: set[type] = {Video, Frame, Box, Span}
    for signature in signatures:
        for annotation in [signature.returns, *(one.annotation for one in signature.parameters)]:
            wanted |= _classes_in(annotation)
    return [
        _describe_class(value_type, detail) for value_type in VALUE_TYPES if value_type in wanted
    ]


def _describe_class(cls: type, detail: Detail) -> str:
    hints = typing.get_type_hints(cls)
    defaults: dict[str, object] = cls._field_defaults  # type: ignore[attr-defined]
    fields = ", ".join(
        f"{name}: {annotation_text(hint)}" + (f" = {defaults[name]!r}" if name in defaults else "")
        for name, hint in hints.items()
    )
    if detail <= Detail.SIGNATURE:
        return f"{cls.__name__}({fields})"
    doc = " ".join((inspect.getdoc(cls) or "").split())
    return f"{cls.__name__}({fields}): {doc}"


def _classes_in(annotation: object) -> set[type]:
    """The value classes that an annotation names, and those in their fields."""
    if isinstance(annotation, type) and annotation in VALUE_TYPES:
        inner = [_classes_in(hint) for hint in typing.get_type_hints(annotation).values()]
        return {annotation}.union(*inner)
    return set().union(*(_classes_in(arg) for arg in typing.get_args(annotation)))
