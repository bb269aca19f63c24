"""SubRip and WebVTT, as pysubs2 reads them."""

from __future__ import annotations

import pysubs2
import pytest

from tests.view.exports.conftest import MakeJob, events
from vprog.view.exports.export_format import export_formats
from vprog.view.exports.export_subtitles import subtitles_of


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles_have_the_times_and_texts_of_the_evidence(make_job: MakeJob, kind: str) -> None:
    text = subtitles_of(make_job("evidence"), kind)
    read = pysubs2.SSAFile.from_string(text, format_=kind)
    assert [(line.start, line.end) for line in read] == [(1000, 2000), (4000, 5000)]
    assert read[0].plaintext == "dog #1"
    assert text.count("-->") == 2  # that of the label is no time
    assert "(not supported)" in read[1].plaintext
    assert "an8" in read[1].plaintext  # as text, no markup
    assert "<b>" not in text


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles_of_no_answer_are_empty_but_valid(make_job: MakeJob, kind: str) -> None:
    job = make_job("evidence", run=events(is_answered=False))
    text = subtitles_of(job, kind)
    assert len(pysubs2.SSAFile.from_string(text, format_=kind)) == 0
    assert job.noted  # type: ignore[attr-defined]


def test_subtitles_are_the_formats_srt_and_vtt(make_job: MakeJob) -> None:
    for name, head in (("srt", "1\n"), ("vtt", "WEBVTT\n")):
        made = export_formats()[name].text
        assert made is not None
        assert made(make_job("evidence")).startswith(head)
