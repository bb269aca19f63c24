"""What people are told about the walls, on this system and on others."""

from __future__ import annotations

import sys

import pytest

from vprog.errors import JailMissingError
from vprog.jail.jail import JailReport, probe_jail
from vprog.media.decoder.decoder_probe import DecoderWalls, probe_decoder
from vprog.sandbox.isolation import Isolation, isolation, isolation_of, require_jail

ALL = Isolation(gate=True, vm=True, process=True, jail=True)
WALLED = DecoderWalls(holds=True)


def test_isolation_of_this_machine_is_what_the_attempts_showed() -> None:
    found = isolation()

    assert (found.gate, found.vm, found.process) == (True, True, True)
    assert found.jail == (probe_jail().holds and probe_decoder().holds)
    assert found.missing == (*probe_jail().missing, *probe_decoder().missing)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (ALL, "isolation: gate, vm, process, limits, os-jail"),
        (
            isolation_of(
                JailReport(holds=False, missing=("os-jail (landlock: not in this kernel)",)), WALLED
            ),
            "isolation: gate, vm, process, limits; MISSING os-jail (landlock: not in this kernel)",
        ),
        (
            isolation_of(JailReport(holds=True, missing=("landlock-scope (ABI 5)",)), WALLED),
            "isolation: gate, vm, process, limits, os-jail; MISSING landlock-scope (ABI 5)",
        ),
        (
            isolation_of(
                JailReport(holds=True),
                DecoderWalls(holds=False, missing=("decoder-jail (not refused: fork)",)),
            ),
            "isolation: gate, vm, process, limits; MISSING decoder-jail (not refused: fork)",
        ),
        (
            Isolation(gate=True, vm=False, process=False, jail=False, missing=("vm (none)",)),
            "isolation: gate; MISSING vm (none)",
        ),
    ],
)
def test_isolation_text(found: Isolation, text: str) -> None:
    assert found.text() == text


@pytest.mark.parametrize(
    ("platform", "missing"),
    [("darwin", "os-jail (darwin)"), ("win32", "os-jail (win32), decoder-process (win32)")],
)
def test_isolation_elsewhere_names_the_missing_jail(platform: str, missing: str) -> None:
    found = isolation(platform=platform)

    assert not found.jail
    assert found.text() == f"isolation: gate, vm, process, limits; MISSING {missing}"


@pytest.mark.skipif(sys.platform == "win32", reason="no launcher there")
def test_limits_are_kept_where_only_they_can_be() -> None:
    report = probe_jail("darwin")

    assert report.layers == ("limits",)
    assert report.start == "folder"


def test_require_jail_refuses_with_the_reason() -> None:
    require_jail(ALL)
    with pytest.raises(JailMissingError, match=r"missing: os-jail \(darwin\)") as caught:
        require_jail(isolation(platform="darwin"))
    assert caught.value.exit_code == 4
