"""Beyond the contract of test_reader.py: what happens where decord is not installed."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.media.conftest import Drawn
from vprog.errors import PackageMissingError, VideoUnreadableError
from vprog.media.file_readers import Decoders
from vprog.media.media_pool import MediaPool
from vprog.media.run_file import open_media


def test_decord_reader_names_the_command_that_adds_it(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "decord", None)  # as if it were not there
    with pytest.raises(PackageMissingError, match=r'pip install "vprog\[decord\]"'):
        open_media(drawn("plain.mp4"), reader="decord", pool=MediaPool(open_decoding=Decoders))


@pytest.mark.skipif(importlib.util.find_spec("decord") is not None, reason="decord is installed")
def test_decord_reader_that_is_missing_is_told_at_once(drawn: Drawn) -> None:
    with pytest.raises(PackageMissingError, match=r'pip install "vprog\[decord\]"'):
        open_media(drawn("plain.mp4"), reader="decord")


@pytest.mark.skipif(importlib.util.find_spec("decord") is None, reason="decord is not installed")
def test_decord_reader_says_what_it_cannot_open(drawn: Drawn) -> None:
    with pytest.raises(VideoUnreadableError, match="Use the PyAV reader"):
        open_media(drawn("bare.h264"), reader="decord")
