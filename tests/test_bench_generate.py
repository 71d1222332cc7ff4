"""The workbooks we measure with are those the targets speak of."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from python_calamine import CalamineWorkbook


@pytest.fixture(scope="module")
def generate(project: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_generate", project / "benchmarks" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_generate"] = module
    spec.loader.exec_module(module)
    return module


def test_a_school_has_the_size_promised(generate: ModuleType, tmp_path: Path) -> None:
    """Five tables of 120, 40, 110, 1,500 and 200 rows, about 19,000 cells, 2 % of them bad and known by place and kind."""
    planted = generate.write_school(7, str(tmp_path))
    workbook = CalamineWorkbook.from_path(str(tmp_path / "school-0007" / generate.WORKBOOK))
    sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
    assert [len(rows) - 2 for rows in sheets.values()] == [120, 40, 110, 1500, 200]
    cells = sum(len(row) for rows in sheets.values() for row in rows[2:])
    assert 18_500 < cells < 20_500
    assert 0.015 < len(planted) / cells < 0.025
    assert {kind for *_, kind in planted} == set(generate.KINDS)
    for sheet, row, column, kind in planted:
        if kind == "impossible-date":
            assert sheets[sheet][row - 1][column - 1] == "31.11.2023"


def test_schools_differ_and_repeat(generate: ModuleType, tmp_path: Path) -> None:
    """Two schools share no person; a school comes out the same again, and otherwise once it was worked on."""
    first, second = ({row[1] for row in generate.tables(number)[0][3]} for number in (1, 2))
    assert not first & second
    assert generate.write_school(3, str(tmp_path)) == generate.write_school(3, str(tmp_path))
    assert generate.write_school(3, str(tmp_path)) != generate.write_school(3, str(tmp_path), changed=True)
