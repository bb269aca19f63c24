"""Memory stays flat with length; benchmarks/memory_flat.py measures ten hours."""

from __future__ import annotations

from pathlib import Path

from benchmarks.memory_flat import make_clip, peak_mb


def test_memory_of_half_an_hour_is_that_of_five_minutes(tmp_path: Path) -> None:
    peaks = []
    for minutes in (5, 30):  # of a minute not all memory shared with the decoder is used
        clip = make_clip(tmp_path, minutes, fps=10, sound=True, ending="mkv")
        peak, n_frames, n_read, *_ = peak_mb(clip)
        assert abs(int(n_frames) - 600 * minutes) <= minutes
        assert abs(int(n_read) - 60 * minutes) <= 2
        peaks.append(float(peak))
    assert peaks[1] - peaks[0] < 8.0, peaks
