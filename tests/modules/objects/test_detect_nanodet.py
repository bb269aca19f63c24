"""Things in one picture, by the network that comes with vprog."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.modules.scenes import COLOURS, Opened, disc, painted, texture
from vprog.errors import ModuleInputError, WeightsMissingError
from vprog.models.weights import Weights
from vprog.types import Box, Frame
from vprog_modules.objects import nanodet
from vprog_modules.objects.detect_nanodet import DetectNanodet


def test_detect_finds_the_three_people_of_the_first_frame(media_dir: Path) -> None:
    truth = [(499, 158, 530, 233), (258, 219, 291, 308), (633, 242, 675, 323)]
    with Opened(media_dir / "pets" / "vtest_0-30s.avi") as opened:
        people = opened(DetectNanodet, Frame(0, 0.0), "people", min_score=0.5)
    assert len(people) == 3
    assert {person.label for person in people} == {"people"}
    assert [person.score for person in people] == sorted(
        (person.score for person in people), reverse=True
    )
    for x0, y0, x1, y1 in truth:
        assert any(
            person.box.x0 < (x0 + x1) / 2 < person.box.x1
            and person.box.y0 < (y0 + y1) / 2 < person.box.y1
            for person in people
        )


def test_detect_limits_the_search_to_a_region(media_dir: Path) -> None:
    region = Box(420.0, 100.0, 600.0, 300.0)
    with Opened(media_dir / "pets" / "vtest_0-30s.avi") as opened:
        (person,) = opened(DetectNanodet, Frame(0, 0.0, region), "person", min_score=0.5)
    assert person.box == pytest.approx((499, 158, 530, 233), abs=14)


def test_detect_tells_a_dog_from_a_woman(media_dir: Path) -> None:
    with Opened(media_dir / "clips" / "dog.mp4") as opened:
        dogs = opened(DetectNanodet, Frame(0, 6.0), "dog", min_score=0.5)
        women = opened(DetectNanodet, Frame(0, 6.0), "person", min_score=0.5)
        horses = opened(DetectNanodet, Frame(0, 6.0), "horse", min_score=0.5)
    assert (len(dogs), len(women), len(horses)) == (1, 1, 0)
    assert dogs[0].box.y0 > women[0].box.y0


@pytest.mark.parametrize(
    ("name", "time"),
    [("clips/tree.avi", 5.0), ("text/smpte-2997.mp4", 5.0), ("shots/fades.mp4", 1.0)],
)
def test_detect_finds_nobody_where_there_is_nobody(media_dir: Path, name: str, time: float) -> None:
    with Opened(media_dir / name) as opened:
        assert opened(DetectNanodet, Frame(0, time), "person", min_score=0.5) == []
        assert opened(DetectNanodet, Frame(0, time), "face", min_score=0.5) == []


def test_detect_finds_nobody_in_drawn_things_and_tiny_pictures(tmp_path: Path) -> None:
    drawn = painted(tmp_path / "a.mp4", 1, lambda n, p: disc(p, 100, 100, 40, COLOURS["red"]))
    tiny = painted(tmp_path / "b.mp4", 1, lambda n, _: texture(1, 16, 16), size=(16, 16))
    for path in (drawn, tiny):
        with Opened(path) as opened:
            assert opened(DetectNanodet, Frame(0, 0.0), "person") == []


def test_detect_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: None)
    with Opened(path) as opened, pytest.raises(ModuleInputError, match="does not know"):
        opened(DetectNanodet, Frame(0, 0.0), "fire engine")


def test_weights_that_are_not_those_declared_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = tmp_path / "nanodet.onnx"
    shutil.copy(nanodet.WEIGHTS.location(), spoilt)
    with spoilt.open("ab") as data:
        data.write(b"\0")
    declared = Weights(str(spoilt), "1", "Apache-2.0", sha256=nanodet.WEIGHTS.sha256)
    monkeypatch.setattr(nanodet, "WEIGHTS", declared)
    with pytest.raises(WeightsMissingError, match="is not what was declared"):
        nanodet.NanoDet()
