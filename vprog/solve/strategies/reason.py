"""`reason`: read all that is said and written in the video, then answer with citations."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import AbstainedError
from vprog.llm.client import approximate_tokens
from vprog.plan.cells import CELL_RULES, asked_instead
from vprog.plan.data_marks import mark_data
from vprog.solve.attempt import Attempt
from vprog.solve.combinators import first_fit
from vprog.solve.search import Search
from vprog.solve.strategies.observe import last_cell
from vprog.trace.event import Warned
from vprog.types import Speech, TextSpan

READ = {"transcribe": "speech", "find_text": "written"}
"""The modules that give text, and the variables that hold it."""

STRIDES = (1, 2, 4, 8, 16, 32, 64)
"""Every n-th line is kept, the finest that fits."""

ORDER = (
    "These variables hold all that was read; the lines above are some of their items, each "
    "with its variable and index. Write the last cell: call answer(value, evidence=[...]) and "
    "cite the items that say it, e.g. evidence=[speech[3]]; or abstain(reason) if none does."
)


def solve(search: Search) -> Attempt:
    """The answer of one cell that cites what was said or written.

    Raises:
        AbstainedError: nothing can be read here, or the cell gives no answer.

    Source: SiLVR (2025): text at the granularity that fits the budget, then one question to
    a language model. Captions take the place of a vision-language model's here.
    """
    read = search.run(search.start, _reading(search), note="reads all text")
    if read.state is None:
        raise AbstainedError(
            f"the text of the video could not be read: {read.problems[0].message}",
            hint="Take another strategy: --strategy program.",
        )
    lines = [each for value in read.results for each in _lines(value)]
    if not lines:
        raise AbstainedError(
            "nothing is said or written in the video.", hint="Take --strategy program."
        )
    levels = [(stride, mark_data("read", list(lines[::stride]))) for stride in STRIDES]
    most = search.options.text_tokens
    fitting = first_fit(levels, fits=lambda level: approximate_tokens(level[1]) <= most)
    stride, text = fitting or levels[-1]
    if stride > 1:
        search.asked.recorder.write(
            Warned(text=f"one of {stride} lines of text was read, of {len(lines)}, for length")
        )
    messages = asked_instead(search.prompt.messages, CELL_RULES, ["# Read", text, ORDER])
    return last_cell(search, read, messages)


def _reading(search: Search) -> str:
    """The cell that reads.

    Raises:
        AbstainedError: no module here gives text of this video.
    """
    video = search.asked.media.videos[0]
    usable = {
        "transcribe": video.has_audio or video.has_subtitles,
        "find_text": video.width > 0,
    }
    tasks = [each for each in READ if usable[each] and each in search.asked.engine.modules]
    if not tasks:
        raise AbstainedError(
            "no module here reads text from this video.",
            hint="Run `vprog modules list` for what transcribe and find_text need.",
        )
    return "".join(f"{READ[each]} = {each}(video)\n" for each in tasks)


def _lines(value: object) -> Sequence[dict[str, object]]:
    """A module's result as rows, each with the name and index it has in the program."""
    items = value if isinstance(value, list) else []
    return [
        {
            "item": f"{'speech' if isinstance(each, Speech) else 'written'}[{at}]",
            "start": round(each.start, 2),
            "end": round(each.end, 2),
            "text": each.text[:500],
        }
        for at, each in enumerate(items)
        if isinstance(each, Speech | TextSpan)
    ]
