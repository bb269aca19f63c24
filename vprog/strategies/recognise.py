"""`recognise`: say what each clip shows, each by itself; then reason over the sentences."""

from __future__ import annotations

from vprog.errors import AbstainedError
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.workspace import Workspace
from vprog.strategies.observe import last_cell
from vprog.strategies.read_cells import video_name
from vprog.strategies.recognise_clips import MAX_CLIPS, divide, reason_messages
from vprog.strategies.recognise_recogniser import Clips, Recogniser
from vprog.trace.event import Warned
from vprog.types import Shot, Span, wire

OTHERWISE = "Take another strategy: --strategy program."


def solve(workspace: Workspace) -> Attempt:
    """The answer that one request gives from the sentences of all clips.

    Clips are the shots of a video, or equal parts where it has none. Each is recognised by
    one call of a model that looks, which is not told its place; where none looks, by what is
    read, said, counted and measured in it. A language model then sees the sentences only.

    Raises:
        AbstainedError: nothing could be recognised, or the last cell gives no answer.

    Source: recognition-reasoning decomposition of VCRBench (2025): one sentence a clip,
    without clip numbers, then text alone.
    """
    start, clips = _divide(workspace)
    recogniser = Recogniser(workspace.run, clips)
    if not recogniser.can_recognise:
        raise AbstainedError(
            "no module here says anything of the clips of this video.",
            hint="Run `vprog modules list` for what transcribe, find_text and detect need.",
        )
    n_clips = sum(len(clip.spans) for clip in clips)
    made = workspace.run_cell(start, recogniser.cell(), note=f"recognises {n_clips} clips")
    if made.state is None:
        raise came_to_nothing(made, "the clips could not be recognised", hint=OTHERWISE)
    recognised = recogniser.recognised(made)
    if not any(each.sentence.strip() for each in recognised):
        raise AbstainedError("nothing was recognised in any clip.", hint=OTHERWISE)
    return last_cell(workspace, made, reason_messages(workspace.writer.prompt.messages, recognised))


def _divide(workspace: Workspace) -> tuple[Attempt, list[Clips]]:
    """The clips of each video, and the cell that found its shots."""
    run = workspace.run
    videos = run.media.videos
    names = {
        video.index: "shots" if len(videos) == 1 else f"shots_{video.index}"
        for video in videos
        if video.width > 0 and "find_shots" in run.runtime.modules
    }
    start = workspace.start
    shots: dict[int, list[Shot]] = {}
    if names:
        source = "".join(
            f"{name} = find_shots({video_name(run, index)})\n" for index, name in names.items()
        )
        found = workspace.run_cell(workspace.start, source, note="divides the video into clips")
        if found.state is None:
            why = found.problems[0].message
            run.recorder.write(Warned(text=f"equal parts stand in for shots: {why}"))
        else:
            start = found
            results = [wire.decode(bytes(call.result)) for call in found.calls]
            shots = dict(zip(names, results, strict=True))
    most = max(1, MAX_CLIPS // len(videos))
    clips: list[Clips] = []
    for video in videos:
        spans = [Span(each.start, each.end) for each in shots.get(video.index, [])]
        # Several videos are clips already: one without cuts is not divided further.
        parts = {"parts": 1} if len(videos) > 1 else {}
        divided = divide(video.duration, spans, most=most, **parts)
        is_shots = divided == spans
        source = names[video.index] if is_shots else repr(divided)
        clips.append(Clips(video, tuple(divided), source, is_shots))
    return start, clips
