"""Faces in pictures: found alike by one thread and by several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vprog_modules.people.faces import find_faces


def test_faces_are_the_same_where_several_threads_look_at_once(media_dir: Path) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    _, frame = cv2.VideoCapture(str(media_dir / "clips" / "carphone_pristine.mp4")).read()
    sizes = [(width, int(width * 0.8)) for width in (120, 176, 240, 352)] * 3
    pictures = [cv2.cvtColor(cv2.resize(frame, size), cv2.COLOR_BGR2RGB) for size in sizes]
    alone = [find_faces(picture) for picture in pictures]
    assert any(alone)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find_faces, pictures)) == alone
