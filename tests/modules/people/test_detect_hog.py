"""People and faces in one picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.scenes import COLOURS, Opened, disc, painted, texture
from vprog.errors import ModuleInputError
from vprog.types import Box, Frame
from vprog_modules.people.detect_hog import DetectHog


def test_detect_finds_the_three_people_of_the_first_frame(media_dir: Path) -> None:
    truth = [(499, 158, 530, 233), (258, 219, 291, 308), (633, 242, 675, 323)]
    with Opened(media_dir / "pets" / "vtest_0-30s.avi") as opened:
        found = opened(DetectHog, Frame(0, 0.0), "person")
        again = opened(DetectHog, Frame(0, 0.0), "people")
    assert len(found) == 3
    for box in truth:
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        assert any(
            each.box.x0 < middle[0] < each.box.x1 and each.box.y0 < middle[1] < each.box.y1
            for each in found
        )
    assert [hit.score for hit in found] == sorted((e.score for e in found), reverse=True)
    assert [detection.box for detection in again] == [item.box for item in found]
    assert {element.label for element in again} == {"people"}


def test_detect_limits_the_search_to_a_region(media_dir: Path) -> None:
    region = Box(420.0, 100.0, 600.0, 300.0)
    with Opened(media_dir / "pets" / "vtest_0-30s.avi") as opened:
        (only,) = opened(DetectHog, Frame(0, 0.0, region), "person")
    assert only.box == pytest.approx((499, 158, 530, 233), abs=14)


def test_detect_finds_a_face_and_the_person_it_belongs_to(media_dir: Path) -> None:
    with Opened(media_dir / "clips" / "carphone_pristine.mp4") as opened:
        (face,) = opened(DetectHog, Frame(0, 0.0), "face")
        (person,) = opened(DetectHog, Frame(0, 0.0), "person", min_score=0.5)
    assert face.box == pytest.approx((58, 33, 118, 94), abs=8)
    assert person.box.x0 < face.box.x0
    assert person.box.y1 > face.box.y1


@pytest.mark.parametrize(
    ("name", "time"),
    [("clips/tree.avi", 5.0), ("text/smpte-2997.mp4", 5.0), ("shots/fades.mp4", 1.0)],
)
def test_detect_finds_nobody_where_there_is_nobody(media_dir: Path, name: str, time: float) -> None:
    with Opened(media_dir / name) as opened:
        assert opened(DetectHog, Frame(0, time), "person", min_score=0.5) == []
        assert opened(DetectHog, Frame(0, time), "face", min_score=0.5) == []


def test_detect_finds_nobody_in_drawn_things_and_tiny_pictures(tmp_path: Path) -> None:
    drawn = painted(tmp_path / "a.mp4", 1, lambda n, p: disc(p, 100, 100, 40, COLOURS["red"]))
    tiny = painted(tmp_path / "b.mp4", 1, lambda n, _: texture(1, 16, 16), size=(16, 16))
    for path in (drawn, tiny):
        with Opened(path) as opened:
            for label in ("person", "face"):
                assert opened(DetectHog, Frame(0, 0.0), label) == []


@pytest.mark.parametrize(("label", "words"), [("dog", '"person" or "face"'), ("persn", "mean")])
def test_detect_says_which_labels_it_knows(tmp_path: Path, label: str, words: str) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: None)
    with Opened(path) as opened, pytest.raises(ModuleInputError, match=words):
        opened(DetectHog, Frame(0, 0.0), label)
