"""A track that a question names, and the program on it."""

from __future__ import annotations

from vprog.registry.discover import discover
from vprog.rules import RuleProgram, write
from vprog.rules.named_track import NamedTrack, take_track
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)


def test_a_place_is_taken_out_and_a_subject_stays() -> None:
    second = NamedTrack("audio", 2, "")
    assert take_track("what is said in the second audio track") == ("what is said  ", second)
    text, track = take_track("is the second audio track silent")
    assert (" ".join(text.split()), track) == ("is the audio track silent", second)


def test_two_times_of_a_question_do_not_take_the_place_of_its_track() -> None:
    question = "When is it louder in the second audio track, at 3 s or at 9 s?"
    written = write(question, [], [VIDEO], set(discover().tasks))
    assert isinstance(written, RuleProgram)
    made = [line for line in written.program.splitlines() if line.startswith("named_track =")]
    assert len(made) == 1
    assert "measure_loudness(video, audio_track=named_track.number, span=" in written.program
