"""Bitmaps go with results: through joined calls, the cache and traces, and nobody else's pass."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import vprog
from tests.drawing import draw_video
from tests.modules.segmentation.test_segment_detections import MODULES
from vprog.errors import TraceError
from vprog.execute.result_cache import CachedCall, ResultCache
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog_modules.segmentation.mask_algebra import MaskOverlapBitmaps

PROGRAM = """
masks = segment(frame_at(video, 0.5), "square")
answer(mask_overlap(masks[0], masks[0]), evidence=masks)
"""


def registry() -> Registry:
    return Registry(map(spec_of, (*MODULES, MaskOverlapBitmaps)))


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    return draw_video(tmp_path / "clip.mp4", 20)


def test_runs_that_join_a_call_have_its_bitmaps(home: Path, clip: Path) -> None:
    modules, results = registry(), []
    threads = [
        threading.Thread(target=lambda: results.append(vprog.run(clip, PROGRAM, registry=modules)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vprog.close()
    assert [result.answer for result in results] == [1.0] * 6
    counts = [result.cost.module_calls for result in results]
    assert sum(count["joined"] + count["cached"] for count in counts) > 0


def test_a_cached_mask_without_its_bitmap_is_computed_again(
    home: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = vprog.run(clip, PROGRAM, registry=registry())
    vprog.close()
    get = ResultCache.get

    def without_masks(self: ResultCache, key: str, *, is_near: bool = False) -> bytes | None:
        entry = get(self, key, is_near=is_near)
        if entry is None or b'"Mask"' not in entry:
            return entry
        call = CachedCall.decode(entry)
        return CachedCall(call.result, call.seen, call.notes).encode()

    monkeypatch.setattr(ResultCache, "get", without_masks)
    second = vprog.run(clip, PROGRAM, registry=registry())
    vprog.close()
    assert (second.answer, second.evidence) == (first.answer, first.evidence)
    assert any("a cached result was computed again" in text for text in second.warnings)


def test_a_trace_whose_bitmap_was_changed_is_refused_and_can_still_be_viewed(
    home: Path, clip: Path
) -> None:
    result = vprog.run(clip, PROGRAM, registry=registry())
    vprog.close()
    assert result.trace_path is not None
    path = result.trace_path / "trace.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        for key in line.get("masks") or {}:
            line["masks"][key] = '{"size":[2,2],"counts":"04"}'
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    with pytest.raises(TraceError, match="is not what was kept"):
        vprog.replay(result.trace_path, registry=registry())
    trace = vprog.Trace.load(result.trace_path)
    assert trace._repr_html_()
    assert trace.masks[0].bitmap.shape == (2, 2)
