"""Untidy districts drawn at random are understood as well as docs/accuracy.md says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
MARGIN = 8.0  # points: a small run is luckier or unluckier than the published one


@pytest.fixture(scope="module")
def accuracy() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import accuracy
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    return accuracy


def published(held_out: bool) -> dict[str, float]:
    """Row title → share in per cent, of one of the two tables."""
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    part = text.split("## Wordings held out")[1 if held_out else 0].split("###")[0]
    return {
        title: float(share) for title, share in re.findall(r"^\| ([^|]+?) \|.*\| ([\d.]+) % \|$", part, re.MULTILINE)
    }


@pytest.mark.system
@pytest.mark.long
@pytest.mark.parametrize("held_out", [False, True], ids=["drawn", "held out"])
def test_small_run_reaches_what_is_published(accuracy: ModuleType, held_out: bool) -> None:
    """Two districts: tables, columns, recall and precision not below the document by more than the margin."""
    score = accuracy.measure_untidy(range(7, 9), organisations=3, held_out=held_out)
    measured = {
        "tables found": 100 * score.tables_found / score.tables,
        "columns given": 100 * score.columns_right / score.columns,
        "planted": 100 * score.recall,
        "errors and warnings": 100 * score.precision,
    }
    told = published(held_out)
    assert len(told) == 5
    for title, share in measured.items():
        (said,) = [value for name, value in told.items() if name.startswith(title)]
        assert share >= said - MARGIN * (2 if held_out else 1), (title, said, score.notes[:40])


def test_same_seed_same_district(accuracy: ModuleType, tmp_path: Path) -> None:
    """The answer key can be made again."""
    first = accuracy.untidy.write_district(tmp_path / "a", 3, organisations=1)
    second = accuracy.untidy.write_district(tmp_path / "b", 3, organisations=1)
    assert first.tables == second.tables
    assert [trouble[:7] for trouble in first.troubles] == [trouble[:7] for trouble in second.troubles]


@pytest.mark.system  # a minute in all
@pytest.mark.parametrize("name", ["volga", "villages", "siberia", "young", "north", "steppe", "city", "hills", "port"])
def test_districts_written_by_others_are_understood_as_before(accuracy: ModuleType, name: str) -> None:
    """What they taught is kept: every table, nearly every column, hardly a finding that is not true."""
    tables, columns, recall, precision = accuracy.scored(accuracy.DISTRICTS / name)
    found, of = map(int, tables.split("/"))
    assert found == of
    right, all_columns = map(int, columns.split("/"))
    assert right / all_columns > 0.98
    assert float(recall) > 0.85
    assert float(precision) > 0.93


def test_document_tells_no_machine_paths() -> None:
    """The figures are for readers elsewhere."""
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|work|tmp|root|Users)/", text)
