"""Beyond the contract of test_reader.py: what happens where torchcodec is not installed."""

from __future__ import annotations

import sys

import pytest

from tests.media.conftest import Drawn
from vprog.errors import PackageMissingError, UsageError
from vprog.media.file_readers import Decoders
from vprog.media.media_pool import MediaPool
from vprog.media.run_file import open_media


def test_torchcodec_reader_names_the_command_that_adds_it(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torchcodec", None)  # as if it were not there
    with pytest.raises(PackageMissingError, match=r"torchcodec cannot run here") as raised:
        open_media(drawn("plain.mp4"), reader="torchcodec", pool=MediaPool(open_decoding=Decoders))
    assert 'pip install "vprog[torchcodec]"' in raised.value.hint
    assert "FFmpeg" in raised.value.hint


def test_readers_that_there_are_not_are_refused_with_those_that_there_are(drawn: Drawn) -> None:
    with pytest.raises(UsageError, match='unknown reader "opencv"') as raised:
        open_media(drawn("plain.mp4"), reader="opencv")
    assert raised.value.hint == "There are: pyav, decord, torchcodec."
