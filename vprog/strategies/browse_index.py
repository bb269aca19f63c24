"""The index of a video that can be searched and looked into, as a cell of a program.

The cell reads and captions the video and defines the tools as functions, so that the whole
chain is one program that runs by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from vprog.errors import AbstainedError
from vprog.runs.workspace import Workspace
from vprog.strategies.clip_lengths import n_clips, shared_length
from vprog.strategies.read_cells import readings
from vprog.strategies.video_text import captioned_videos, clip_length
from vprog.trace.event import Warned

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
    total = sum([duration(each) for each in ranges])
    seen = []
    for each in ranges:
        part = duration(each) / total if total > 0 else 1 / len(ranges)
        seen.extend(sample_frames(video, span=each, count=max(1, int({INSPECTED} * part))))
    step = (len(seen) + {INSPECTED - 1}) // {INSPECTED}
    return ask(seen[::max(1, step)], query)
"""
_DESCRIBED = {
    BROWSE: f"{BROWSE}(query) -> Reply: what a model that looks says of {INSPECTED} frames of "
    "all of the video.",
    SEARCH: f"{SEARCH}(query) -> list[Match]: where words are said, written or in a caption; the "
    f"{MATCHES} best matches by time.",
    INSPECT: f"{INSPECT}(query, spans) -> Reply: what a model that looks says of at most "
    f"{INSPECTED} frames within spans, e.g. [Span(10.0, 20.0)]; matches are spans too.",
}


@dataclass(frozen=True)
class Index:
    """The cell that builds it, the functions that a turn may call, and what they do."""

    source: str
    tools: tuple[str, ...]

    @property
    def described(self) -> str:
        """The functions in words."""
        listed = "\n".join(f"- {_DESCRIBED[tool]}" for tool in self.tools)
        return f"# Functions of this program\n{listed}"


def build_index(workspace: Workspace) -> Index:
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
    names = {reading.task: reading for reading in readings(run) if reading.video == 0}
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
    if speech:
        searches.append(f"search_speech({' + '.join(speech)}, query, count={MATCHES})")
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
            "there is nothing to search in this video, and no model that looks at it.",
            hint="Name one: --vlm openai:MODEL or --vlm hf:MODEL; run `vprog modules list` for "
            "what transcribe and find_text need.",
        )
    return Index(source, tuple(tools))


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
        "for frame, text in zip(shown, captions):\n"
        "    start, end = max(0.0, frame.time - half), min(video.duration, frame.time + half)\n"
        '    clips.append(Speech(text, start, end, 1.0, "caption", []))\n'
    )


def _tell(workspace: Workspace, text: str) -> None:
    workspace.run.recorder.write(Warned(text=text))
