"""Score recognition against a folder of samples with a known answer.

``python benchmarks/score_tables.py FOLDER [-v]``: FOLDER holds ``expected.json`` and the workbooks it names. Prints for
tables, heading rows, columns, records and rows that are no records how many are as expected, and every difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sheets_sync.issues import Issue
from sheets_sync.recognise import recognise
from sheets_sync.table import Grid, Table
from sheets_sync.table_schema.model import Definitions


def read_grids(path: Path) -> list[Grid]:
    """The sheets of a workbook as the product's own source reads them."""
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.sources.excel import read_workbook

    told = path.stat()
    return list(read_workbook(WorkbookRef("", str(path), str(path.resolve()), told.st_size, told.st_mtime_ns)).grids)


def shipped_definitions() -> Definitions:
    """The definitions the product ships."""
    from sheets_sync.table_schema.loading import load_definitions

    return load_definitions()


def rows_read(table: Table, definitions: Definitions) -> int:
    """Records after several people in one cell have become several."""
    from sheets_sync.checks.row import explode

    exploded, _ = explode(table, definitions.schemas[table.name])
    return len(exploded.row_numbers)


class Score:
    """Expected, found and right, by subject; and the differences in words."""

    def __init__(self) -> None:
        self.expected: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.extra: Counter[str] = Counter()
        self.differences: list[str] = []

    def compare(self, subject: str, where: str, wanted: Any, got: Any) -> None:
        self.expected[subject] += 1
        if wanted == got:
            self.right[subject] += 1
        else:
            self.differences.append(f"{where}: {subject}: expected {wanted}, got {got}")

    def set_of(self, subject: str, where: str, wanted: set[Any], got: set[Any]) -> None:
        self.expected[subject] += len(wanted)
        self.right[subject] += len(wanted & got)
        self.extra[subject] += len(got - wanted)
        if wanted - got:
            self.differences.append(f"{where}: {subject}: missing {sorted(map(str, wanted - got))}")
        if got - wanted:
            self.differences.append(f"{where}: {subject}: unexpected {sorted(map(str, got - wanted))}")


def columns_of(columns: dict[str, Any]) -> set[tuple[str, str]]:
    return {(name, letters if isinstance(letters, str) else "".join(letters)) for name, letters in columns.items()}


def score_table(score: Score, where: str, wanted: dict[str, Any], got: Table, definitions: Definitions) -> None:
    score.compare("header rows", where, wanted["header_rows"], list(got.header_rows))
    score.set_of("columns", where, columns_of(wanted["columns"]), columns_of(got.letters()))
    score.compare("rows read", where, wanted["rows_read"], rows_read(got, definitions))
    ends = (wanted["first_data_row"], wanted["last_data_row"])
    if got.name != "evaluations" or len(got.row_numbers) > 1:
        told = {row for row, kind in got.non_data if kind in ("section", "column-numbers", "continuation")}
        rows = [row for row in (*got.row_numbers, *told) if row >= ends[0]] or [0]
        score.compare(
            "rows span",
            where,
            ends,
            (min(rows), max([*got.row_numbers, *[r for r, k in got.non_data if k == "continuation"]])),
        )
    score.set_of(
        "rows without data",
        where,
        {(one["row"], one["what"]) for one in wanted.get("non_data_rows") or []},
        set(got.non_data),
    )


def score_folder(folder: Path, verbose: bool, definitions: Definitions) -> Score:
    answer = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    score = Score()
    issues: list[Issue] = []
    for workbook in answer["workbooks"]:
        path = folder / workbook["path"]
        sheets = {sheet["sheet"]: sheet["tables"] for sheet in workbook["sheets"]}
        for grid in read_grids(path):
            found = recognise(grid, definitions, path.parent.name, path.name)
            issues.extend(found.issues)
            where = f"{path.parent.name}/{path.name}/{grid.sheet}"
            wanted = sheets.get(grid.sheet, [])
            score.set_of(
                "tables",
                where,
                {(one["table"], one["header_row"]) for one in wanted},
                {(t.name, t.header_row) for t in found.tables},
            )
            for one in wanted:
                got = next((t for t in found.tables if t.name == one["table"]), None)
                if got is not None:
                    score_table(score, f"{where}/{one['table']}", one, got, definitions)
            if verbose:
                for table in found.tables:
                    print(f"  {where}: {table.why} {table.constants or ''}")
                for issue in found.issues:
                    place = issue.at.cell or issue.at.row
                    print(f"  {where}: {issue.code} {issue.severity} {place} {issue.value!r} → {issue.suggestion!r}")
    score_issues(score, answer, issues)
    return score


def score_issues(score: Score, answer: dict[str, Any], issues: list[Issue]) -> None:
    """Issues of headings, rows and sheets, which recognition alone finds."""
    mine = (
        "heading-",
        "row-blank-inside",
        "row-total",
        "row-placeholder",
        "row-split",
        "sheet-unrecognised",
        "sheet-near-miss",
    )
    wanted = {
        (Path(t["workbook"]).name, t["sheet"], t["code"], t["row"], t["cell"])
        for t in answer["troubles"]
        if t["code"].startswith(mine)
    }
    got = {(i.at.workbook, i.at.sheet, i.code, i.at.row, i.at.cell) for i in issues}
    score.set_of("issues", "district", wanted, got)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    score = score_folder(arguments.folder, arguments.verbose, shipped_definitions())
    for difference in score.differences:
        print(difference)
    print()
    for subject, expected in score.expected.items():
        extra = score.extra[subject]
        print(f"{subject:18} {score.right[subject]:4} of {expected:4}" + (f", {extra} unexpected" if extra else ""))
    return 0 if not score.differences else 1


if __name__ == "__main__":
    sys.exit(main())
