"""Rows as SubRip subtitles."""

from __future__ import annotations

from functools import partial

from vprog.view.exports.export_format import ExportFormat
from vprog.view.exports.export_subtitles import subtitles_of

FORMAT = ExportFormat(
    "srt", "evidence as subtitles (SubRip)", partial(subtitles_of, kind="srt"), default="evidence"
)
