"""The measured table that `route` reads: what it picks, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vprog.errors import ConfigError, DiskFullError
from vprog.runs.route_table import LEAST, NAME, RouteRow, RouteTable, load_routes, save_routes
from vprog.runs.stored_calibration import file_for
from vprog.settings import Settings, load_settings

KNOWN = ("program", "vote", "observe")


def row(strategy: str, n_right: int, llm_calls: float, *, n_cases: int = 20) -> RouteRow:
    return RouteRow(
        strategy=strategy, n_cases=n_cases, n_right=n_right, llm_calls=llm_calls, frames=10.0,
        seconds=1.0,
    )  # fmt: skip


def table(*rows: RouteRow, **changes: str) -> RouteTable:
    given = {"preset": "auto", "llm": "writer", "vlm": "", "made": "2026-01-31", **changes}
    return RouteTable(**given, kinds={"count": list(rows)})  # type: ignore[arg-type]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return load_settings({}, environment={})


@pytest.mark.parametrize(
    ("rows", "most", "picked"),
    [
        ([row("program", 10, 1.0), row("vote", 18, 5.0)], 100, "vote"),
        # 17 of 20 lies within a standard error (0.067) of 18 of 20, and costs a fifth.
        ([row("program", 17, 1.0), row("vote", 18, 5.0)], 100, "program"),
        ([row("program", 20, 2.0), row("observe", 20, 3.0)], 100, "program"),
        ([row("program", 10, 1.0), row("vote", 18, 5.0)], 4, "program"),  # vote costs too much
        ([row("program", 4, 1.0, n_cases=LEAST - 1)], 100, None),
        ([], 100, None),
    ],
)
def test_the_cheapest_that_is_no_worse_than_the_best_is_picked(
    rows: list[RouteRow], most: int, picked: str | None
) -> None:
    found = table(*rows).pick("count", max_llm_calls=most)
    assert (None if found is None else found.strategy) == picked
    assert table(*rows).pick("order", max_llm_calls=most) is None


def test_equal_requests_are_told_apart_by_frames() -> None:
    few_frames = RouteRow(
        strategy="program", n_cases=20, n_right=20, llm_calls=1.0, frames=9.0, seconds=5.0
    )
    assert table(row("vote", 20, 1.0), few_frames).pick("count", max_llm_calls=9) == few_frames


def test_a_table_that_is_kept_is_read_again_and_without_one_there_is_none(
    settings: Settings,
) -> None:
    assert load_routes(settings, llm="writer", strategies=KNOWN) is None
    kept = table(row("vote", 18, 5.0))
    assert save_routes(kept) == file_for("auto", NAME)
    assert load_routes(settings, llm="writer", strategies=KNOWN) == kept


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"llm": "another"}, "llm another, vlm none on 2026-01-31, and now it is llm writer"),
        ({"vlm": "openai:eye"}, "vlm openai:eye on 2026-01-31, and now it is .*, vlm none"),
    ],
)
def test_a_table_of_other_models_is_refused(
    settings: Settings, changes: dict[str, str], words: str
) -> None:
    save_routes(table(row("vote", 18, 5.0), **changes))
    with pytest.raises(ConfigError, match=words) as refused:
        load_routes(settings, llm="writer", strategies=KNOWN)
    assert "vprog calibrate --routes" in refused.value.hint


def test_a_table_measured_without_a_vlm_does_not_hold_for_one(settings: Settings) -> None:
    save_routes(table(row("vote", 18, 5.0)))
    looking = replace(settings, vlm="openai:eye")
    with pytest.raises(
        ConfigError, match=r"vlm none on 2026-01-31, and now it is .*, vlm openai:eye"
    ):
        load_routes(looking, llm="writer", strategies=KNOWN)


def test_each_vlm_has_a_table_of_its_own(settings: Settings) -> None:
    blind, seeing = table(row("vote", 18, 5.0)), table(row("observe", 19, 3.0), vlm="openai:eye")
    save_routes(table(row("program", 3, 1.0), vlm="openai:eye"))
    save_routes(blind)
    save_routes(seeing)  # in place of the first one
    looking = replace(settings, vlm="openai:eye")
    assert load_routes(settings, llm="writer", strategies=KNOWN) == blind
    assert load_routes(looking, llm="writer", strategies=KNOWN) == seeing
    with pytest.raises(ConfigError, match=r"vlm openai:eye on .*, and now it is .*openai:other"):
        load_routes(replace(settings, vlm="openai:other"), llm="writer", strategies=KNOWN)


def test_a_damaged_file_is_replaced_by_what_was_measured_again(settings: Settings) -> None:
    file_for("auto", NAME).parent.mkdir(parents=True)
    file_for("auto", NAME).write_bytes(b"{")
    save_routes(table(row("vote", 18, 5.0)))
    assert load_routes(settings, llm="writer", strategies=KNOWN) is not None


def test_a_table_of_strategies_that_ask_no_writer_holds_with_any(settings: Settings) -> None:
    kept = table(row("vote", 18, 5.0), llm="")
    save_routes(kept)
    assert load_routes(settings, llm="whoever", strategies=KNOWN) == kept


def test_a_folder_in_the_place_of_the_table_is_refused_by_name(settings: Settings) -> None:
    file_for("auto", NAME).mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_routes(settings, llm="writer", strategies=KNOWN)
    with pytest.raises(DiskFullError, match="cannot be written: Is a directory"):
        save_routes(table(row("vote", 18, 5.0)))


def test_a_table_that_names_a_strategy_that_is_gone_is_refused(settings: Settings) -> None:
    save_routes(table(row("oracle", 18, 5.0)))
    with pytest.raises(ConfigError, match='no strategy "oracle" any more'):
        load_routes(settings, llm="writer", strategies=KNOWN)


@pytest.mark.parametrize(
    "data",
    [b"", b'{"preset": "auto"', b"[]", b"\xff\xfe", b'[{"preset": "auto", "kinds": {}}]'],
    ids=["empty", "torn", "none in it", "no text", "fields missing"],
)
def test_a_torn_table_is_refused_by_name(settings: Settings, data: bytes) -> None:
    path = save_routes(table(row("vote", 18, 5.0)))
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="no table of routes") as refused:
        load_routes(settings, llm="writer", strategies=KNOWN)
    assert str(path) in str(refused.value)


def test_a_table_with_more_right_than_asked_is_refused(settings: Settings) -> None:
    save_routes(table(row("vote", 21, 5.0)))
    with pytest.raises(ConfigError, match="more right than asked"):
        load_routes(settings, llm="writer", strategies=KNOWN)


def test_tables_of_presets_lie_apart(settings: Settings) -> None:
    save_routes(table(row("vote", 18, 5.0)))
    other = replace(settings, preset="offline")
    assert load_routes(other, llm="writer", strategies=KNOWN) is None
