"""`browse`: an index of what is said, written and shown; then one tool a turn."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from vprog.errors import AbstainedError, LlmReplyError, ProgramRejectedError
from vprog.llm.language_model import Message
from vprog.program.problem import Problem, rejection
from vprog.program.program import Program
from vprog.prompt.cell_prompt import LAST, AttemptedCell, cell_messages
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.combinators import until
from vprog.runs.model_requests import write_cell
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import last_cell
from vprog.strategies.read_cells import text_sources
from vprog.strategies.single_call import check_single_call
from vprog.strategies.strategy import strategy
from vprog.strategies.video_text import captioned_videos, clip_length, n_clips, shared_length

CLIP = 10.0
"""Seconds of a clip; doubled until there are at most MOST_CLIPS, and the calls left do."""

MOST_CLIPS = 300
MATCHES = 16
INSPECTED = 50
"""Frames of one inspection."""

BROWSE, SEARCH, INSPECT = "global_browse", "clip_search", "frame_inspect"

_BROWSE = f"""\
overview = sample_frames(video, count={INSPECTED})
def {BROWSE}(query: str) -> Reply:
    return ask(overview, query)
"""

_SEARCH = """\
def {search}(query: str) -> list[Match]:
    found = {found}
    best = sorted(found, key=lambda match: -match.score)[:{most}]
    return sorted(best, key=lambda match: match.start)
"""

_INSPECT = f"""\
def {INSPECT}(query: str, spans) -> Reply:
    ranges = union(spans)
    total = sum([duration(span) for span in ranges])
    seen = []
    for span in ranges:
        part = duration(span) / total if total > 0 else 1 / len(ranges)
        seen.extend(sample_frames(video, span=span, count=max(1, int({INSPECTED} * part))))
    step = (len(seen) + {INSPECTED - 1}) // {INSPECTED}
    return ask(seen[::max(1, step)], query)
"""

_DESCRIBED = {
    BROWSE: f"{BROWSE}(query) -> Reply: what a VLM says of {INSPECTED} frames of all of the video.",
    SEARCH: f"{SEARCH}(query) -> list[Match]: where words are said, written or in a caption; the "
    f"{MATCHES} best matches by time. A match in a caption says where to look; it is no evidence.",
    INSPECT: f"{INSPECT}(query, spans) -> Reply: what a VLM says of at most "
    f"{INSPECTED} frames within spans, e.g. [Span(10.0, 20.0)]; matches are spans too.",
}

TURN = (
    "Write the next cell: exactly one call of one of these functions, its result given to a "
    "variable; call no module yourself. Search for the words that you expect to be said, "
    "written or in a caption; look where the matches are. Or, if the values show the answer, "
    "call answer(value, evidence=[...])."
)

CONFIRM = f"Before you answer, confirm what the answer rests on by {INSPECT}."


@dataclass(frozen=True)
class _Turn:
    at: Attempt
    failed: tuple[AttemptedCell, ...] = ()
    is_confirmed: bool = False


@strategy("browse", "an index; search it, look into it, one tool a turn")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the turn that ends; the last turn must.

    The first cell builds the index and the tools, as functions of the program. A turn that
    calls anything else, or answers before frames were inspected, is refused and told why.
    Where there is no VLM, the words are all there is: they are searched, and nothing is
    inspected.

    Raises:
        AbstainedError: there is nothing to search and nothing to look at, or the last turn
            gives no answer.

    Source: Deep Video Discovery (2025): a database of clips of 10 s, three tools, one call a
    turn, frames inspected before the end, the last turn forced. Its global browse asks a
    language model about captions; here the VLM is asked about frames of all
    of the video.
    """
    index = build_index(workspace)
    built = workspace.run_cell(workspace.start, index.source, note="builds the index")
    if built.state is None:
        raise came_to_nothing(
            built,
            "the index could not be built",
            hint="Take another strategy: --strategy observe.",
        )
    last = until(
        lambda turn, _: _take_turn(workspace, index, turn),
        _Turn(built, is_confirmed=INSPECT not in index.tools),
        stop=lambda turn: turn.at.is_ended,
        rounds=workspace.settings.turns - 1,
    )
    if last.at.is_ended:
        return last.at
    return last_cell(workspace, last.at, _messages(workspace, index, last, LAST))


def _take_turn(workspace: Workspace, index: ClipIndex, turn: _Turn) -> _Turn:
    order = TURN if turn.is_confirmed else f"{TURN} {CONFIRM}"
    program = Program("")
    try:
        program = write_cell(workspace, _messages(workspace, index, turn, order), "take a turn")
        check_turn(program, index.tools, workspace.run.runtime.modules)
        if "answer" in program.called and not turn.is_confirmed:
            raise rejection([Problem(1, CONFIRM)])
    except (LlmReplyError, ProgramRejectedError) as error:
        made = workspace.refuse(turn.at, error, source=program)
    else:
        made = workspace.run_cell(turn.at, program)
    if made.is_ended or made.state is not None:
        looked = turn.is_confirmed or INSPECT in program.called
        return _Turn(made, is_confirmed=looked)
    return _Turn(turn.at, (*turn.failed, made.tried()), turn.is_confirmed)


def _messages(
    workspace: Workspace, index: ClipIndex, turn: _Turn, order: str
) -> tuple[Message, ...]:
    return cell_messages(
        workspace.writer.prompt.messages,
        turn.at.shown,
        attempted=turn.failed,
        order=f"{index.described}\n\n{order}",
    )


@dataclass(frozen=True)
class ClipIndex:
    """The cell that builds it, the functions that a turn may call, and what they do."""

    source: str
    tools: tuple[str, ...]

    @property
    def described(self) -> str:
        """The functions in words."""
        listed = "\n".join(f"- {_DESCRIBED[tool]}" for tool in self.tools)
        return f"# Functions of this program\n{listed}"


def build_index(workspace: Workspace) -> ClipIndex:
    """The index of the first video, with the tools that there are modules for.

    Raises:
        AbstainedError: there is nothing to search and nothing to look at.

    Source: Deep Video Discovery (2025): clips of 10 s, the 16 best by time, 50 frames.
    """
    run = workspace.run
    modules = run.runtime.modules
    video = run.media.videos[0]
    if len(run.media.videos) > 1:
        _tell(workspace, f"of {len(run.media.videos)} videos the first one is indexed")
    names = {reading.task: reading for reading in text_sources(run) if reading.video == 0}
    source = ""
    searches = []
    speech = []
    if "transcribe" in names and "search_speech" in modules:
        source += names["transcribe"].source
        speech.append(names["transcribe"].name)
    clips = _clips(workspace)
    if clips and "search_speech" in modules:
        source += clips
        speech.append("clips")
    # Searched apart: captions are put together by this program, and a search whose list holds
    # one such value gives nothing that counts as reported.
    searches += [f"search_speech({name}, query, count={MATCHES})" for name in speech]
    if "find_text" in names and "search_text" in modules:
        source += names["find_text"].source
        searches.append(f"search_text({names['find_text'].name}, query, count={MATCHES})")
    tools: list[str] = []
    looks = bool(video.n_frames) and {"ask", "sample_frames"} <= set(modules)
    if looks:
        source += _BROWSE
        tools.append(BROWSE)
    if searches:
        source += _SEARCH.format(search=SEARCH, found=" + ".join(searches), most=MATCHES)
        tools.append(SEARCH)
    if looks:
        source += _INSPECT
        tools.append(INSPECT)
    if not tools:
        raise AbstainedError(
            "there is nothing to search in this video, and no VLM.",
            hint="Name one: --vlm openai:MODEL or --vlm hf:MODEL; run `vprog modules list` for "
            "what transcribe and find_text need.",
        )
    return ClipIndex(source, tuple(tools))


def _clips(workspace: Workspace) -> str:
    """The lines that caption clips, as speech that can be searched; "" where nothing captions."""
    videos = [
        captioned_video
        for captioned_video in captioned_videos(workspace)
        if captioned_video.index == 0
    ]
    length = clip_length(workspace, videos, MOST_CLIPS, (CLIP,)) if videos else None
    if length is None:
        return ""
    duration = videos[0].duration
    count = n_clips(duration, length)
    half = round(shared_length(duration, length) / 2, 3)
    _tell(workspace, f"{count} clips of {2 * half:g} s are captioned")
    return (
        f"shown = sample_frames(video, count={count})\n"
        "captions = [caption(frame) for frame in shown]\n"
        f"clips, half = [], {half}\n"
        "for frame, said in zip(shown, captions):\n"
        "    start, end = max(0.0, frame.time - half), min(video.duration, frame.time + half)\n"
        '    clips.append(Speech(said.text, start, end, said.score, "caption", []))\n'
    )


def _tell(workspace: Workspace, text: str) -> None:
    workspace.run.warnings.add(text)


def check_turn(program: Program, tools: Collection[str], modules: Collection[str]) -> None:
    """Refuse a cell that calls a module itself, or more than one tool, or one repeatedly.

    Args:
        program: the cell.
        tools: the functions that a turn may call.
        modules: what only they may call.

    Raises:
        ProgramRejectedError: it does; or the cell cannot be parsed.
    """
    tree = program.tree
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in tools:
            message = f"{node.name} is there already: give this function another name."
            raise rejection([Problem(node.lineno, message)])
        if not isinstance(node, ast.Name):
            continue
        if node.id in modules and id(node) in called:
            message = f"{node.id} is not called here: call {' or '.join(tools)}, or answer."
            raise rejection([Problem(node.lineno, message)])
        if node.id in tools and id(node) not in called:
            message = f"{node.id} can be called, and nothing else: no other name for it."
            raise rejection([Problem(node.lineno, message)])
    check_single_call(program, tools)
