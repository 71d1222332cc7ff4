"""frictionless checks every sheet against its Table Schema, petl puts the tables together and counts.

python frictionless_petl.py INBOX OUT
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import petl
import rules
from frictionless import Check, Checklist, Dialect, Resource, Row, Schema, errors
from frictionless.formats import ExcelControl


def field(name: str, kind: object) -> dict[str, Any]:
    """A column's rule as a field of a Table Schema."""
    if kind == "date":
        return {"name": name, "type": "date", "format": "%d.%m.%Y", "constraints": {"required": True}}
    if isinstance(kind, tuple):
        limits = {"required": True, "minimum": kind[1], "maximum": kind[2]}
        return {"name": name, "type": "integer", "constraints": limits}
    if isinstance(kind, list):
        return {"name": name, "type": "string", "constraints": {"required": True, "enum": kind}}
    return {"name": name, "type": "any", "constraints": {"required": kind is not None}}


class KnownNames(Check):
    """Names that stand in one of the bases: a foreign key has one target, a respondent may be in either."""

    Errors = [errors.CellError]

    def __init__(self, columns: dict[str, frozenset[str]]) -> None:
        super().__init__()
        self.columns = columns

    def validate_row(self, row: Row) -> Iterator[Any]:
        for name, known in self.columns.items():
            if row[name] not in known:
                yield errors.CellError.from_row(row, note="the name is in no base", field_name=name)


def table(path: Path, sheet: str) -> Any:
    """A sheet as a petl table, its title left out, with the rows' numbers."""
    return petl.fromxlsx(str(path), sheet=sheet, min_row=2, read_only=True).addrownumbers(
        start=rules.FIRST_ROW, field="row"
    )


def check(path: Path) -> tuple[list[tuple[str, int, str, object]], dict[str, Any], Any]:
    """The bad cells of one school, its tables without the rows that do not count, and all its mentees."""
    # list(table) would read it twice: once for its length
    tables = {sheet: petl.wrap(list(iter(table(path, sheet)))) for sheet in rules.COLUMNS}
    mentors = frozenset(tables[rules.MENTORS].values("ФИО наставника"))
    mentees = frozenset(tables[rules.MENTEES].values("ФИО наставляемого"))
    everybody = tables[rules.MENTEES]
    known = {"mentor": mentors, "mentee": mentees, "person": mentors | mentees}
    found: list[tuple[str, int, str, object]] = []
    for sheet, columns in rules.COLUMNS.items():
        headings = [name for name in tables[sheet].header() if name != "row"]
        schema = Schema.from_descriptor({"fields": [field(name, columns.get(name)) for name in headings]})
        names = {name: known[kind] for name, kind in columns.items() if isinstance(kind, str) and kind in known}
        resource = Resource(
            path=path.name,
            basepath=str(path.parent),
            schema=schema,
            dialect=Dialect(header_rows=[2], controls=[ExcelControl(sheet=sheet)]),
        )
        report = resource.validate(Checklist(checks=[KnownNames(names)] if names else []), limit_errors=100_000)
        bad: dict[tuple[int, str], object] = {}
        for error in report.tasks[0].errors:
            bad[error.row_number, error.field_name] = error.cell
        heavy = {row for row, name in bad if name in rules.HEAVY[sheet]}
        errored = rules.HEAVY_IF_BLANK.get(sheet, [])
        heavy |= {row for (row, name), cell in bad.items() if name in errored and str(cell).startswith("#")}
        found += [(sheet, row, name, cell) for (row, name), cell in bad.items()]
        tables[sheet] = tables[sheet].selectnotin("row", heavy)
    return found, tables, everybody


def indicators(tables: dict[str, Any], everybody: Any) -> list[int]:
    """The figures of one school."""
    as_of = datetime.combine(rules.AS_OF, datetime.min.time())
    mentees = tables[rules.MENTEES]
    counted = tables[rules.PAIRS].select(lambda row: row["Дата начала"] <= as_of and row["Дата приказа"] <= as_of)
    entered = set(counted.values("ФИО наставляемого"))
    pupils = 0
    for name, kind, born in everybody.values("ФИО наставляемого", "Категория участника", "Дата рождения"):
        if name in entered and kind not in ("педагог", "молодой специалист") and isinstance(born, datetime):
            age = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
            pupils += 10 <= age <= 18
    return [
        tables[rules.MENTORS].nrows(),
        mentees.nrows(),
        counted.nrows(),
        mentees.selectnotin("ФИО наставляемого", entered).nrows(),
        tables[rules.MEETINGS].selectle("Дата", as_of).nrows(),
        len(entered),
        len(set(counted.values("ФИО наставника"))),
        pupils,
    ]


def main() -> None:
    paths, out = rules.workbooks()
    figures: list[list[object]] = [["organisation", *rules.INDICATORS]]
    rosters: dict[str, list[Any]] = {sheet: [] for sheet in (rules.MENTORS, rules.MENTEES, rules.PAIRS)}
    for path in paths:
        school = path.parent.name
        errors_found, tables, everybody = check(path)
        (out / school).mkdir(exist_ok=True)
        petl.toxlsx([rules.ERRORS, *errors_found], str(out / school / "errors.xlsx"))
        figures.append([school, *indicators(tables, everybody)])
        for sheet, collected in rosters.items():
            collected.append(tables[sheet].addfield("organisation", school).addfield("workbook", path.name))
    petl.toxlsx(figures, str(out / "roster.xlsx"), sheet="Показатели")
    for sheet, collected in rosters.items():
        petl.toxlsx(petl.cat(*collected), str(out / f"{sheet}.xlsx"))


if __name__ == "__main__":
    main()
