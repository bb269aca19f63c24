"""`memory`: what the video holds in tables of space and time; then SQL, a query a turn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vprog.boundary.clean_text import is_plain
from vprog.errors import AbstainedError, LimitError, LlmReplyError, ProgramRejectedError
from vprog.llm.data_marks import mark_data
from vprog.llm.language_model import Message, excerpt
from vprog.program.program import Program
from vprog.prompt.cell_prompt import LAST, AttemptedCell, asked_instead, cell_messages
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.combinators import until
from vprog.runs.model_requests import write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies.browse import check_turn
from vprog.strategies.observe import last_cell
from vprog.strategies.read_cells import MAX_TEXT, text_sources, video_name
from vprog.strategies.strategy import strategy
from vprog.types import MAX_ITEMS, PHRASE, Frame, Video
from vprog.types.value_tables import Tables, tables_of

STRIDE = 30
"""Every so many frames one is described, in the table of time."""

MOST_LOOKS = 100
"""Frames that are described; of a long video the stride grows."""

MOST_THINGS = 6
"""Kinds of things that are followed."""

TOP = 2
"""Rows that are shown of each table, and that a query should ask for where the best will do."""

SPARE_CALLS = 20
"""Module calls, and requests to models, that descriptions leave for what comes after them."""

RECALL = "recall"

PLAN_RULES = """\
# Memory
Here you do not write a program. What the question needs is first gathered in tables: words that \
are said or written, descriptions of frames, and the tracks of things that you name. Name only \
kinds of things that the question is about, each as one English noun phrase; none if it is \
about none. Reply with one JSON object and nothing else:
{"things": ["noun phrase", ...]}"""

PLAN = f"Which things does the question need to be followed? At most {MOST_THINGS}."

DESCRIBE = (
    "Say in one short sentence who or what is to be seen, where, and what is done. Do not answer "
    "the question: that is what it is for."
)

TURN = f"""\
The variable memory holds all that was gathered; {RECALL}(sql) asks it, as query_memory(sql, \
memory) does. Write the next cell: exactly one call of {RECALL}, its result given to a variable; \
call no module. Go by the kind of question:
- when, before, after, while: start and end, in seconds. Before t: end <= t. After t: start >= t. \
At the same time: a.start <= b.end AND b.start <= a.end.
- how many: count tracks for things, and rows of Detection only for boxes; select count(*) AS n \
and group_concat(item) AS items.
- why, how: read text of Timeline around the moment that the question names.
- what, who, where: the label or text, and x0, y0, x1, y1 for places.
Select item, so that the answer can cite it, and LIMIT {TOP} where the best rows will do. If a \
query gives nothing, ask with fewer conditions: labels and words may be others. Or, if the rows \
show the answer, call answer(value, evidence=rows[0].evidence) with the rows that show it; or \
abstain(reason) if the memory does not hold it."""


@dataclass(frozen=True)
class GatheredMemory:
    """What was gathered.

    Attributes:
        at: the attempt whose variable `memory` holds it.
        tables: the same as SQL asks it.
        values: the same, in the order of `memory`.
        names: how a program names each of them, with its own type.
    """

    at: Attempt
    tables: Tables
    values: tuple[object, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Turn:
    at: Attempt
    failed: tuple[AttemptedCell, ...] = ()


@strategy("memory", "tables of space and time, asked in SQL")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the turn that ends; the last turn must.

    The model says which things to follow; cells of the host's gather them, what is said
    and written and, where there is a VLM, descriptions of frames. A part that cannot be
    gathered is left out, with a warning. In each turn the model sees the tables and writes one
    query, or the answer, which cites the values that its rows are of.

    Raises:
        AbstainedError: nothing was found to remember, or the last turn gives no answer.

    Source: DoraemonGPT (2024): memory by time, of every 30th frame, and by space, of
    instances with their trajectories; SQL written for when, how many, why and how; top_k 2. Its
    search over several answers is the strategy tree. Its example of "before" compares the
    wrong way round.
    """
    memory = gather(workspace, plan_things(workspace))
    last = until(
        lambda turn, _: _take_turn(workspace, memory.tables, turn),
        _Turn(memory.at),
        stop=lambda turn: turn.at.is_ended,
        rounds=workspace.settings.turns - 1,
    )
    if last.at.is_ended:
        return last.at
    return last_cell(workspace, last.at, _messages(workspace, memory.tables, last, LAST))


def plan_things(workspace: Workspace) -> list[str]:
    """The things that the model wants followed; none, with a warning, if it names none rightly."""
    if "track" not in workspace.run.runtime.modules:
        return []
    messages = asked_instead(workspace.writer.prompt.messages, PLAN_RULES, [PLAN])
    reply = workspace.writer.ask(messages, "plan a memory")
    try:
        return read_things(reply.text)
    except LlmReplyError as error:
        workspace.run.warnings.add(f"no things are followed: {error.message}")
        return []


def read_things(reply: str) -> list[str]:
    """The noun phrases of a plan, each once.

    Raises:
        LlmReplyError: it is not of the form asked for, or names too many.
    """
    things = last_object(reply).get("things")
    if (
        not isinstance(things, list)
        or len(things) > MOST_THINGS
        or not all(isinstance(thing, str) and _is_phrase(thing) for thing in things)
    ):
        raise LlmReplyError(
            f'the plan of a memory is not of the form asked for: "{excerpt(reply, 80)}".',
            hint=f'It must be {{"things": [...]}}, at most {MOST_THINGS} noun phrases.',
        )
    return list(dict.fromkeys(thing.strip() for thing in things))


def _is_phrase(text: str) -> bool:
    return PHRASE.low <= len(text.strip()) and len(text) <= PHRASE.high and is_plain(text)


def gather(workspace: Workspace, things: Sequence[str]) -> GatheredMemory:
    """The cells that fill `memory` and define `recall`, and what they come to.

    Args:
        workspace: of the question.
        things: noun phrases to be followed.

    Raises:
        AbstainedError: nothing was found that could be remembered.
    """
    at = workspace.start
    names: list[str] = []
    values: list[object] = []
    places: list[str] = []
    for name, source in _parts(workspace, things):
        made = workspace.run_cell(at, source, note=f"remembers {name}")
        if made.state is None:
            why = came_to_nothing(made, f"{name} is left out of the memory", hint="")
            if isinstance(why, LimitError):
                raise why
            workspace.run.warnings.add(why.message)
            continue
        at = made
        names.append(name)
        n_before = len(values)
        for result in made.results:
            listed = result if isinstance(result, list) else [result]
            values += [value for value in listed if not isinstance(value, Frame)]
        places += [f"{name}[{place}]" for place in range(len(values) - n_before)]
    if not values:
        raise AbstainedError(
            "nothing was found that could be remembered.",
            hint="Take another strategy: --strategy program.",
        )
    if len(values) > MAX_ITEMS:
        workspace.run.warnings.add(f"of {len(values)} values {MAX_ITEMS} are remembered")
    joined = ", ".join(f"*{name}" for name in names)
    source = (
        f"memory = [{joined}][:{MAX_ITEMS}]\n"
        f"def {RECALL}(sql: str) -> list[MemoryRow]:\n"
        "    return query_memory(sql, memory)\n"
    )
    made = workspace.run_cell(at, source, note="makes the memory")
    if made.state is None:
        raise came_to_nothing(
            made,
            "the memory could not be made",
            hint="Take another strategy: --strategy observe.",
        )
    kept = values[:MAX_ITEMS]
    return GatheredMemory(made, tables_of(kept), tuple(kept), tuple(places[:MAX_ITEMS]))


def _parts(workspace: Workspace, things: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The variables of a memory, what it needs most first, each with the cell that fills it."""
    run = workspace.run
    seen = [video for video in run.media.videos if video.width and video.n_frames]
    for number, thing in enumerate(things):
        for video in seen:
            name = f"things_{number}" if len(seen) == 1 else f"things_{number}_{video.index}"
            yield name, f"{name} = track({video_name(run, video.index)}, {thing!r})\n"
    for video in seen if {"ask", "sample_frames"} <= set(run.runtime.modules) else []:
        count = _n_looks(workspace, video, len(seen))
        if count < 1:
            run.warnings.add("no frame is described: the requests and calls left have no room")
            break
        mark = "" if len(seen) == 1 else f"_{video.index}"
        yield (
            f"described{mark}",
            f"frames{mark} = sample_frames({video_name(run, video.index)}, count={count})\n"
            f"described{mark} = [ask([frame], question, instruction={DESCRIBE!r}) "
            f"for frame in frames{mark}]\n",
        )
    for reading in text_sources(run):
        yield reading.name, reading.source
    for video in seen if "find_shots" in run.runtime.modules else []:
        name = "shots" if len(seen) == 1 else f"shots_{video.index}"
        yield name, f"{name} = find_shots({video_name(run, video.index)})\n"


def _n_looks(workspace: Workspace, video: Video, n_videos: int) -> int:
    """How many frames of a video are described, within what is left of the budget."""
    budget = workspace.run.budget
    left = min(MOST_LOOKS, budget.calls_left - SPARE_CALLS, budget.llm_calls_left - SPARE_CALLS)
    return min(math.ceil(video.n_frames / STRIDE), left // n_videos)


def _take_turn(workspace: Workspace, tables: Tables, turn: _Turn) -> _Turn:
    program = Program("")
    try:
        program = write_cell(workspace, _messages(workspace, tables, turn, TURN), "ask the memory")
        check_turn(program, (RECALL,), workspace.run.runtime.modules)
    except (LlmReplyError, ProgramRejectedError) as error:
        made = workspace.refuse(turn.at, error, source=program)
    else:
        made = workspace.run_cell(turn.at, program)
    if made.is_ended or made.state is not None:
        return _Turn(made)
    return _Turn(turn.at, (*turn.failed, made.tried()))


def _messages(workspace: Workspace, tables: Tables, turn: _Turn, order: str) -> tuple[Message, ...]:
    return cell_messages(
        workspace.writer.prompt.messages,
        turn.at.shown,
        attempted=turn.failed,
        order=f"{described(tables)}\n\n{order}",
    )


def described(tables: Tables) -> str:
    """The tables that have rows: columns, how many rows, and the first of them as marked data."""
    rows: list[dict[str, object]] = []
    for name, table in tables.by_name.items():
        columns = [column for column, _ in table.columns]
        first = [
            {
                column: cell[:MAX_TEXT] if isinstance(cell, str) else cell
                for column, cell in zip(columns, row, strict=True)
            }
            for row in table.rows[:TOP]
        ]
        if first:
            rows.append(
                {"table": name, "n_rows": len(table.rows), "columns": columns, "first": first}
            )
    return f"# Memory\n{mark_data('memory', rows)}"
