"""The honest programs: text files of `=== name` and `--- cell`, and CPython as their judge."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field
from pathlib import Path

from tests.program.world import CHOICES, QUESTION, SECOND, VIDEO, World, logged, signatures
from vprog.program import algebra
from vprog.program.lowering.lower import text_to_check
from vprog.program.prelude import FUNCTIONS
from vprog.program.program import Program
from vprog.types import VALUE_TYPES

FOLDER = Path(__file__).parent / "honest"
MODULES = frozenset(signatures())


@dataclass(frozen=True)
class Honest:
    """One program of the corpus."""

    name: str
    cells: tuple[str, ...]
    tag: str = ""
    """How its calls differ from CPython's, if they do.

    "more calls": a loop over a generator; inside, its items are all made before it begins.
    "other lines": a module given to `map` is called on the line of the `map`.
    """

    @property
    def text(self) -> str:
        return Program.join(self.cells).text


@dataclass
class Result:
    """What a program did: how it ended, what it printed, which calls it made on which lines."""

    end: str = "nothing"
    printed: str = ""
    calls: list[tuple[str, int]] = field(default_factory=list)


class Ended(BaseException):
    """Stands for the SystemExit that ends a program at `answer`."""


def load() -> list[Honest]:
    """Every program of the corpus, in the order of the files."""
    found: list[Honest] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for part in ("\n" + path.read_text("utf-8")).split("\n=== ")[1:]:
            name, _, body = part.partition("\n")
            cells = tuple((word.rstrip("\n") + "\n") for word in body.split("--- cell\n"))
            name, _, tag = name.partition(" ")
            found.append(Honest(f"{path.stem}/{name}", cells, tag.strip("()")))
    return found


def run_in_cpython(program: Honest) -> Result:
    """The program as CPython runs it, its own names kept apart from given ones."""
    world = World()
    result = Result(calls=world.log)

    def answer(*args: object, **kwargs: object) -> None:
        result.end = f"answer {args!r} {kwargs!r}"
        raise Ended

    def abstain(*args: object, **kwargs: object) -> None:
        result.end = f"abstain {args!r} {kwargs!r}"
        raise Ended

    names: dict[str, object] = {"__name__": "__main__"}
    names |= {value_type.__name__: value_type for value_type in VALUE_TYPES}
    names |= {name: getattr(algebra, name) for name in FUNCTIONS}
    names |= {name: logged(world, name) for name in MODULES}
    names |= {"video": VIDEO, "videos": [VIDEO, SECOND], "question": QUESTION, "choices": CHOICES}
    names |= {"answer": answer, "abstain": abstain}
    text = text_to_check(program.text, modules=MODULES).text
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(text, "<program>", "exec", dont_inherit=True), names)
        except Ended:
            pass
        except Exception as error:
            result.end = f"{type(error).__name__}: {error}"
    result.printed = printed.getvalue()
    return result
