"""What a no, a zero or a count is worth: how well the modules called find such things."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vprog.execute.denial import UNMEASURED, CalledModule, denial_share, measured_share
from vprog.program.program import Program
from vprog.registry.module import ModuleSpec, implements, spec_of
from vprog.types import Shot, Span, Track, Video
from vprog_modules.frames.probe_container import ProbeContainer
from vprog_modules.people.detect_hog import DetectHog
from vprog_modules.people.track_hog import TrackHog
from vprog_modules.shots.find_shots_opencv import FindShotsComparison

SHOTS, TRACK, PROBE = spec_of(FindShotsComparison), spec_of(TrackHog), spec_of(ProbeContainer)
FADES = Program("found = [s for s in find_shots(video) if s.opening == 'fade']")
COUNT = Program("answer(len(find_shots(video)))")


@implements("find_shots", backend="a test")
class FindShotsNobodyMeasured:
    def __call__(self, video: Video, *, span: Span | None = None) -> list[Shot]:
        return []


def denial(
    value: object, *called: CalledModule, program: Program = COUNT, cited: Sequence[type] = ()
) -> float | None:
    return denial_share(value, cited=cited, called=called, cells=[program])


def call(spec: ModuleSpec, *words: str, found: bool = True) -> CalledModule:
    return CalledModule(spec, frozenset(words), found)


@pytest.mark.parametrize("value", [False, "no", "No, it is not", "none", 0, 0.0])
def test_no_is_worth_what_the_detector_finds(value: object):
    assert denial(value, call(SHOTS)) == measured_share(SHOTS, "absence", ())


def test_the_kind_that_the_program_names_counts():
    named = denial("no", call(SHOTS), program=FADES)
    assert named == measured_share(SHOTS, "absence", ["fade"])
    assert named != measured_share(SHOTS, "absence", ())


def test_the_kind_that_a_list_names_counts():
    program = Program(
        "kept = ['fade']\nfound = [s for s in find_shots(video) if s.opening in kept]"
    )
    assert denial("no", call(SHOTS), program=program) == measured_share(SHOTS, "absence", ["fade"])


def test_other_texts_of_a_program_name_no_kind():
    said = Program(
        "said = 'fade'\nfound = find_shots(video)\nif said == 'cut':\n    answer('dissolve')"
    )
    assert denial("no", call(SHOTS), program=said) == measured_share(SHOTS, "absence", ())


def test_yes_with_evidence_denies_nothing_and_yes_without_does():
    assert denial("yes", call(SHOTS), cited=[Shot]) is None
    assert denial("yes", call(SHOTS)) is not None  # e.g. "Is it one shot?"


def test_a_count_is_worth_how_often_counts_are_right():
    assert denial(3, call(SHOTS), cited=[Shot]) == measured_share(SHOTS, "count", ())


def test_a_number_that_is_no_count_denies_nothing():
    program = Program("answer(int(read_text(frame_at(video, 1.0))[0].text))")
    assert denial(3, call(SHOTS), program=program, cited=[Shot]) is None


def test_a_count_in_sql_is_one():
    program = Program("answer(int(query_memory(sql, shots)[0].numbers['n']))")
    asked = call(PROBE, "SELECT count(*) AS n FROM Shot")
    share = measured_share(SHOTS, "count", ())
    assert denial(3, asked, call(SHOTS), program=program, cited=[Shot]) == share
    assert denial(3, call(SHOTS), program=program, cited=[Shot]) is None


def test_what_only_checked_a_count_has_no_part_in_it():
    detect = call(spec_of(DetectHog), "person")
    counted = call(TRACK, "person")
    share = measured_share(TRACK, "count", ["person"])
    assert denial(2, detect, counted, cited=[Track]) == share


def test_what_was_called_and_found_nothing_lowers_a_count_of_something_else():
    faces = call(TRACK, "face")
    both = denial(2, call(TRACK, "person", found=False), faces, cited=[Track])
    assert both is not None
    assert both == min(
        measured_share(TRACK, "absence", ["person"]) or 1.0,
        measured_share(TRACK, "count", ["face"]) or 1.0,
    )


def test_facts_of_the_file_deny_nothing():
    assert denial("no", call(PROBE)) is None
    assert denial(0, call(PROBE)) is None


def test_a_detector_that_nobody_measured_is_worth_little():
    assert denial("no", call(spec_of(FindShotsNobodyMeasured))) == UNMEASURED


def test_no_sample_makes_certain():
    for word in ("cut", "dissolve", "fade"):
        share = measured_share(SHOTS, "absence", [word])
        assert share is not None
        assert 0.0 < share < 1.0


def test_a_kind_that_was_not_measured_is_worth_less_than_those_that_were():
    detect = CalledModule(spec_of(DetectHog), frozenset({"kite"}), False)
    kites = Program('measured_as = "thing"\nfound = detect(frame_at(video, 1.0), "kite")')
    assert denial("no", detect, program=kites) == UNMEASURED
    people = CalledModule(spec_of(DetectHog), frozenset({"person"}), False)
    assert denial("no", people, program=kites) == measured_share(
        spec_of(DetectHog), "absence", ["person"]
    )
