"""What an index keeps of each file, and the programs that find it.

Each program answers with lines of the form START<tab>END<tab>TEXT, times in seconds.
"""

from __future__ import annotations

PROGRAMS = {
    "facts": """facts = probe(video)
lines = []
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
}
