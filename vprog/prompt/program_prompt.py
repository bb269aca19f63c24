"""What a language model is told, so that it writes a program which answers a question.

Everything about modules comes from their signatures, everything about the language from
the tables that the gate enforces; both are described here. What does not fit the token budget
is left out in a fixed order, and named. All text that others wrote is set in data marks.
"""

from __future__ import annotations

import enum
import inspect
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vprog.llm.client import Message, approximate_tokens
from vprog.llm.data_marks import DATA_RULE, mark_data
from vprog.program import prelude
from vprog.program.allowed import BUILTINS
from vprog.program.imports import importable_text
from vprog.program.prelude import PreludeFunction
from vprog.prompt.relevance import WordIndex, rank_by_words
from vprog.prompt.solved_examples import LOOKS, Example, Rank, nearest_examples
from vprog.registry.docstring import sections_of
from vprog.registry.signature import Signature, annotation_text
from vprog.types import VALUE_TYPES, VALUES, Box, Frame, Metadata, Span, Stream, Video


class Detail(enum.IntEnum):
    """How much of a module's docstring is shown."""

    LINE = 1
    BRIEF = 2
    FULL = 3


_SHOWN = {
    Detail.LINE: (),
    Detail.BRIEF: ("Returns",),
    Detail.FULL: ("Args", "Returns", "Example"),
}


TOKENS = 8_000
"""The budget of a prompt unless told otherwise: half of a context of 16k."""

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
    max_tokens: int = TOKENS,
    examples: Sequence[Example] | None = None,
    rank: Rank = rank_by_words,
    first_look: FirstLook | None = None,
) -> Prompt:
    """The prompt for one question.

    Args:
        question: what is asked; other people's text.
        signatures: of the modules that programs may call.
        videos: what the program will see as `videos`.
        facts: what `probe` says of each, where it is known.
        part: the seconds of each that may be looked at; None for all.
        choices: the options, if there are any.
        max_tokens: the budget. Detail of docstrings is left out first, from the
            modules that are farthest from the question; then examples but one; then
            modules, farthest first.
        examples: instead of those nearest to the question.
        rank: says which examples are near.
        first_look: what was said of the video before.
    """
    ranked = _ranked(signatures, " ".join([question, *choices]))
    shown = (
        nearest_examples(question, choices, {signature.name for signature in signatures}, rank=rank)
        if examples is None
        else tuple(examples)
    )
    asked = _asked(question, choices, videos, facts, part, first_look)
    text = _Text(ranked)
    for plan in _plans([signature.name for signature in ranked], len(shown)):
        messages = (
            Message("system", text.system(plan)),
            Message("user", _examples_text(shown[len(shown) - plan.n_examples :]) + asked),
        )
        tokens = sum(approximate_tokens(message.text) for message in messages)
        if tokens <= max_tokens:
            break
    return Prompt(
        messages, tokens, plan.left_out([signature.name for signature in ranked], len(shown))
    )


@dataclass(frozen=True)
class _Plan:
    """How much of what is shown; a module without an entry is left out."""

    details: dict[str, Detail]
    n_examples: int

    def left_out(self, names: Sequence[str], n_examples: int) -> tuple[str, ...]:
        gone = [f"module {name}" for name in names if name not in self.details]
        short = [
            f"detail of {name}"
            for name in names
            if self.details.get(name, Detail.FULL) < Detail.FULL
        ]
        missing = n_examples - self.n_examples
        return (*gone, *short, *([f"{missing} of {n_examples} examples"] if missing else []))


def _plans(names: Sequence[str], n_examples: int) -> Iterator[_Plan]:
    """From everything to as little as makes sense; `names` nearest to the question first."""
    details = dict.fromkeys(names, Detail.FULL)
    yield _Plan(dict(details), n_examples)
    for level in (Detail.BRIEF, Detail.LINE):
        for name in reversed(names):
            details[name] = level
            yield _Plan(dict(details), n_examples)
    while n_examples > 1:
        n_examples -= 1
        yield _Plan(dict(details), n_examples)
    for name in reversed(names[1:]):
        del details[name]
        yield _Plan(dict(details), n_examples)


class _Text:
    """Writes the system message; each module is described once per detail."""

    def __init__(self, ranked: Sequence[Signature]) -> None:
        # Shown in order of name: the same text for every question, for a server's prefix cache.
        self._signatures = sorted(ranked, key=lambda signature: signature.name)
        self._described: dict[tuple[str, Detail], str] = {}

    def system(self, plan: _Plan) -> str:
        shown = [signature for signature in self._signatures if signature.name in plan.details]
        modules = [self._module(signature, plan.details[signature.name]) for signature in shown]
        gone = [
            signature.name for signature in self._signatures if signature.name not in plan.details
        ]
        if gone:
            modules.append(f"There are more modules, not described here: {', '.join(gone)}.")
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
                "# Values\n" + "\n".join(_describe_values(shown)),
                f"# Functions on values\n{ALGEBRA_TYPES}\n"
                + "\n".join(_describe_function(signature) for signature in prelude.signatures()),
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
    parts = sections_of(signature.doc)
    opening = parts.pop("")
    lines = [signature.summary if detail is Detail.LINE else opening]
    lines += [f"{name}:\n{parts[name]}" for name in _SHOWN[detail] if name in parts]
    body = "\n".join(line.rstrip() for part in lines for line in part.split("\n") if line.strip())
    return signature.text() + "\n" + "\n".join(f"    {line}" for line in body.split("\n"))


def _describe_function(function: PreludeFunction) -> str:
    """A function of the value algebra in one line."""
    return f"{function.signature}: {function.summary}"


def _describe_values(signatures: Iterable[Signature]) -> list[str]:
    """The value classes that the modules take or give, and what these are made of."""
    wanted: set[type] = {Video, Frame, Box, Span}
    for signature in signatures:
        for annotation in [signature.returns, *(one.annotation for one in signature.parameters)]:
            wanted |= _classes_in(annotation)
    return [_describe_class(value_type) for value_type in VALUE_TYPES if value_type in wanted]


def _describe_class(cls: type) -> str:
    hints = typing.get_type_hints(cls)
    defaults: dict[str, object] = cls._field_defaults  # type: ignore[attr-defined]
    fields = ", ".join(
        f"{name}: {annotation_text(hint)}" + (f" = {defaults[name]!r}" if name in defaults else "")
        for name, hint in hints.items()
    )
    doc = " ".join((inspect.getdoc(cls) or "").split())
    return f"{cls.__name__}({fields}): {doc}"


def _classes_in(annotation: object) -> set[type]:
    """The value classes that an annotation names, and those in their fields."""
    if isinstance(annotation, type) and annotation in VALUE_TYPES:
        inner = [_classes_in(hint) for hint in typing.get_type_hints(annotation).values()]
        return {annotation}.union(*inner)
    return set().union(*(_classes_in(arg) for arg in typing.get_args(annotation)))
