"""The peers we are measured against are asked to find exactly what is planted."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench(project: Path) -> dict[str, ModuleType]:
    """The scripts of benchmarks/, as they import one another."""
    import importlib

    folders = [str(project / "benchmarks"), str(project / "benchmarks" / "peers")]
    sys.path[:0] = folders
    try:
        return {name: importlib.import_module(name) for name in ("compared", "generate", "rules", "run")}
    finally:
        for folder in folders:
            sys.path.remove(folder)


def test_peers_check_every_column_that_may_be_bad(bench: dict[str, ModuleType]) -> None:
    """No more, or they would be slowed down for nothing; no fewer, or they would have it easy."""
    eligible = {
        sheet: {name for name, troubles in columns if troubles} for sheet, _, columns, _ in bench["generate"].tables(1)
    }
    assert {sheet: set(columns) for sheet, columns in bench["rules"].COLUMNS.items()} == eligible


def test_what_is_right_is_right_by_the_peers_rules(bench: dict[str, ModuleType]) -> None:
    """Every word and number of a workbook without bad cells is one the peers allow."""
    rules = bench["rules"].COLUMNS
    for sheet, _, columns, rows in bench["generate"].tables(5):
        for at, (name, _) in enumerate(columns):
            kind = rules[sheet].get(name)
            values = {row[at] for row in rows}
            if isinstance(kind, list):
                assert values <= set(kind), name
            elif isinstance(kind, tuple):
                assert all(kind[1] <= value <= kind[2] for value in values), name


def test_a_cell_missed_and_a_figure_counted_otherwise_are_told(bench: dict[str, ModuleType]) -> None:
    """Nobody's speed counts who did less."""
    asked = {"s": {("Пары", 3, "B"), ("Пары", 4, "B")}}
    said = bench["compared"].differences({"s": {("Пары", 3, "B")}}, asked, {"s": {"pairs": 1}}, {"s": {"pairs": 2}})
    assert len(said) == 2
    assert "1 missed" in said[0]


def test_results_name_every_ratio_that_has_a_target(bench: dict[str, ModuleType], project: Path) -> None:
    """The keys others read (docs/performance.md tells what they mean)."""
    told = (project / "docs" / "performance.md").read_text("utf-8")
    for name in (*bench["run"].TARGETS, *bench["run"].TARGETS_PEERS):
        assert f"`{name}`" in told
