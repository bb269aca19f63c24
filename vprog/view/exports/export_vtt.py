"""Rows as WebVTT subtitles."""

from __future__ import annotations

from functools import partial

from vprog.view.exports.export_format import ExportFormat
from vprog.view.exports.export_subtitles import subtitles_of

FORMAT = ExportFormat(
    "vtt", "evidence as subtitles (WebVTT)", partial(subtitles_of, kind="vtt"), default="evidence"
)
