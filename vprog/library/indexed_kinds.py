"""What an index keeps of each file, and the programs that find it.

Each program answers with lines of the form START<tab>END<tab>TEXT, times in seconds; that of the
labels with STEP<tab>FRAMES<tab> for the frames that it looked at, then TIME<tab>SCORE<tab>LABEL.
That of the facts begins with three lines of figures, which `facts_of` reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from vprog.library.index_file import FileFacts
from vprog.rules.rule_data import shared_program

SECONDS_A_FRAME = 2
"""Labels are looked for in one frame of so many seconds: what a clip is about stays longer."""
MAX_FRAMES = 60
"""And in no more than these of a file: with 80 labels that is just under `max_calls`."""
LEAST_SCORE = 0.5
"""From which 9 of 10 boxes of the detector that comes with vprog are right on clips judged by eye;
in others a leaf is a bird with 0.73, a deer a cow with 0.55."""
N_FACT_LINES = 3
"""With which the answer of the program of the facts begins."""
PROGRAMS = {
    "facts": """facts = probe(video)
lines = [f"{video.duration}\\t{video.fps}\\t{video.width} {video.height}"]
lines.append(f"{int(video.has_audio)}\\t{int(video.has_subtitles)}\\t{facts.size_bytes}")
lines.append(f"0\\t0\\t{facts.video_codec} {facts.audio_codec}")
lines.append(f"0.0\\t{facts.duration}\\t{facts.title} {facts.video_codec} {facts.audio_codec}")
for chapter in facts.chapters:
    lines.append(f"{chapter.start}\\t{chapter.end}\\t{chapter.title}")
answer(lines)
""",
    "shots": """lines = []
if video.width > 0:
    for shot in find_shots(video):
        lines.append(f"{shot.start}\\t{shot.end}\\t")
answer(lines)
""",
    "speech": """lines = []
if video.has_audio or video.has_subtitles:
    for part in transcribe(video):
        lines.append(f"{part.start}\\t{part.end}\\t{part.text}")
answer(lines)
""",
    "text": """lines = []
if video.width > 0:
    for line in find_text(video):
        lines.append(f"{line.start}\\t{line.end}\\t{line.text}")
answer(lines)
""",
    "labels": shared_program("all_labels")
    + f"""lines = []
if video.width > 0:
    n_frames = max(1, min({MAX_FRAMES}, int(video.duration / {SECONDS_A_FRAME})))
    lines.append(f"{{video.duration / n_frames}}\\t{{n_frames}}\\t")
    for frame in sample_frames(video, count=n_frames):
        for label in labels:
            seen = detect(frame, label, min_score={LEAST_SCORE})
            if seen:
                lines.append(f"{{frame.time}}\\t{{seen[0].score}}\\t{{label}}")
answer(lines)
""",
}


def facts_of(lines: Sequence[tuple[float, float, str]]) -> FileFacts:
    """The figures with which the answer of the program of the facts begins."""
    (duration, fps, size), (has_sound, has_subtitles, n_bytes), (_, _, codecs) = lines[
        :N_FACT_LINES
    ]
    width, height = size.split(" ")
    video_codec, _, audio_codec = codecs.partition(" ")
    return FileFacts(
        duration, int(width), int(height), fps, bool(has_sound), bool(has_subtitles),
        int(n_bytes), video_codec, audio_codec,
    )  # fmt: skip
