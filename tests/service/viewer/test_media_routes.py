"""Which files browsers get as they are, and which as proxies."""

from __future__ import annotations

import shutil
from pathlib import Path

from vprog.media.run_file import open_media
from vprog.service.viewer.media_routes import direct_type


def test_only_what_keeps_vprogs_clock_is_played_as_it_is(tmp_path: Path, clip: Path) -> None:
    renamed = tmp_path / "copy.avi"
    shutil.copy(clip, renamed)
    types = []
    for path in (clip, renamed):
        file = open_media(path)
        types.append(direct_type(file))
        file.close()
    assert types == ['video/mp4; codecs="avc1.640028,mp4a.40.2"', ""]
