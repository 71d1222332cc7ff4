"""What was found, against what was planted: by us (store and report.json) and by a peer (the files it wrote)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

INDICATORS = (
    "mentors",
    "mentees",
    "pairs_counted",
    "unmatched",
    "meetings",
    "mentees_entered",
    "mentors_entered",
    "I1",
)
Cell = tuple[str, int, str]  # sheet, row, column's letter
Found = dict[str, set[Cell]]  # by school
# where a name refers to a base: table, field, the column of the benchmark's sheets
NAMES = (("pairs", "mentor", "B"), ("pairs", "mentee", "C"), ("meetings", "mentor", "C"), ("meetings", "mentee", "D"))
Figures = dict[str, dict[str, int]]


# True of the generated district and looked for by no peer: in hundreds of schools drawn at random some children share
# name and day of birth, and a name or a number planted as wrong is now and then another one there is.
BY_CHANCE = ("key-two-organisations", "meeting-pair-disagrees", "meeting-stage-repeated")


def letter(column: int) -> str:
    return chr(ord("A") + column - 1)  # no table has more than 26


def planted(district: Path, schools: Iterable[str]) -> Found:
    """The cells made bad (benchmarks/generate.py)."""
    told = json.loads((district / "planted.json").read_text())["planted"]
    return {school: {(sheet, row, letter(column)) for sheet, row, column, _ in told[school]} for school in schools}


def peer(out: Path, headings: dict[str, list[str]]) -> tuple[Found, Figures]:
    """What a peer left: `errors.xlsx` of every school, and the figures in `roster.xlsx`."""
    from python_calamine import CalamineWorkbook

    columns = {sheet: {name: letter(at) for at, name in enumerate(names, 1)} for sheet, names in headings.items()}
    found: Found = {}
    for path in sorted(out.glob("*/errors.xlsx")):
        lines = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
        found[path.parent.name] = {(str(s), int(r), columns[str(s)][str(name)]) for s, r, name, *_ in lines}  # type: ignore[arg-type]
    first, *lines = CalamineWorkbook.from_path(out / "roster.xlsx").get_sheet_by_name("Показатели").to_python()
    told = [dict(zip(map(str, first), line, strict=True)) for line in lines]
    return found, {
        str(one["organisation"]): {name: int(one[name]) for name in INDICATORS}  # type: ignore[call-overload]
        for one in told
    }


def ours(store: Path, report: dict[str, Any], asked: Found) -> tuple[Found, Figures]:
    """What a sync left in the store, and the figures of `report --format json`.

    A name in no base is told once where it has one cause – in pairs, or of the first of several meetings – so its other
    cells count as found when an issue of that school gives the very same name as unknown.
    """
    import duckdb

    found: Found = {school: set() for school in asked}
    with duckdb.connect(str(store), read_only=True) as connection:
        lines = connection.execute(
            'SELECT organisation, sheet, "row", "column", code, value FROM issues'
            ' WHERE "row" IS NOT NULL AND "column" IS NOT NULL'
        ).fetchall()
        unknown: set[tuple[str, str]] = set()
        for school, sheet, row, column, code, value in lines:
            if school in found and code not in BY_CHANCE:
                found[school].add((sheet, row, column))
                if code in ("ref-unknown", "pair-same-person"):
                    unknown.add((school, value))
        for table, field, column in NAMES:
            told = connection.execute(f'SELECT organisation, sheet, "row", "{field}" FROM "{table}"').fetchall()
            for school, sheet, row, name in told:
                if (school, name) in unknown and school in found:
                    found[school].add((sheet, row, column))
    figures: Figures = {}
    for one in report["organisations"]:
        counts, indicators = one["counts"], {each["id"]: each for each in one["indicators"]}
        figures[one["id"]] = {
            name: counts[name] for name in ("mentors", "mentees", "pairs_counted", "unmatched", "meetings")
        }
        figures[one["id"]] |= {
            "mentees_entered": indicators["I5"]["denominator"],
            "mentors_entered": indicators["I6"]["denominator"],
            "I1": indicators["I1"]["numerator"],
        }
    return found, figures


def differences(found: Found, asked: Found, figures: Figures, expected: Figures) -> list[str]:
    """What is not as planted or not as the others counted it, a line each."""
    lines = []
    for school, cells in asked.items():
        missed, more = cells - found.get(school, set()), found.get(school, set()) - cells
        if missed or more:
            lines.append(
                f"{school}: {len(missed)} missed {sorted(missed)[:3]}, {len(more)} not planted {sorted(more)[:3]}"
            )
        if figures.get(school) != expected[school]:
            lines.append(f"{school}: {figures.get(school)} instead of {expected[school]}")
    return lines
