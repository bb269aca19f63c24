"""`transcribe` from subtitles: beside the video or in it."""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Span, Speech, Video
from vprog_modules.speech.subtitle_speech import subtitle_speech


@implements(
    "transcribe",
    summary="Give what is said, with times, from the subtitles of the video.",
    rank=0,
    backend="subtitles",
    version="3",
)
class TranscribeSubtitles:
    """Reads the subtitles; recognises nothing."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        audio_track: int = 0,
        subtitle_track: int = 0,
    ) -> list[Speech]:
        """
        Returns:
            Speech in order of time, one per subtitle: text, start, end; score 1, since it
            is what the file says; source "subtitles"; `words` is empty, since subtitles do
            not tell when each word is said. Empty if no subtitle stands during the span.

        Raises:
            ModuleInputError: the video has no subtitles; the message says what to install.
        """
        speech = subtitle_speech(current(), video, span, audio_track, subtitle_track)
        if speech is None:
            why = "has no subtitles" if not audio_track else "is to be listened to"
            raise ModuleInputError(
                f"transcribe(video): video {video.index} {why}, and no speech "
                "recogniser is installed.",
                hint="Put a subtitle file of the same name beside it, or run: pip install "
                '"vprog[offline,speech]"',
            )
        return speech
