"""The same, well tuned: python-calamine reads, every table of all schools is one frame, checked in one pandera pass.

python pandas_calamine_pandera.py INBOX OUT
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
import rules
import xlsxwriter
from pandas_openpyxl_pandera import column as plain_column
from pandas_openpyxl_pandera import typed
from pandera.errors import SchemaErrors
from python_calamine import CalamineWorkbook

NAMES = {"mentor": (rules.MENTORS,), "mentee": (rules.MENTEES,), "person": (rules.MENTORS, rules.MENTEES)}
NAME_COLUMN = {rules.MENTORS: "ФИО наставника", rules.MENTEES: "ФИО наставляемого"}


def column(kind: object) -> pa.Column:
    """A column's rule; a name is looked up for all schools at once beforehand, its column says whether it was found."""
    if isinstance(kind, str) and kind in NAMES:
        return pa.Column(bool, pa.Check.eq(True))
    return plain_column(kind, {})


def read_all() -> dict[str, pd.DataFrame]:
    """Sheet → rows of all schools, with their school and their row in its sheet."""
    paths, _ = rules.workbooks()
    rows: dict[str, list[list[object]]] = {sheet: [] for sheet in rules.COLUMNS}
    headings: dict[str, list[str]] = {}
    for path in paths:
        workbook = CalamineWorkbook.from_path(path)
        for sheet, collected in rows.items():
            content = workbook.get_sheet_by_name(sheet).to_python()
            headings[sheet] = content[1]
            for number, row in enumerate(content[2:], rules.FIRST_ROW):
                row += (path.parent.name, number)
                collected.append(row)
    return {
        sheet: pd.DataFrame(collected, columns=[*headings[sheet], "organisation", "row"], dtype=object).replace(
            "", None
        )
        for sheet, collected in rows.items()
    }


def check(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """All bad cells, and the typed tables with a column `accepted`."""
    people = {
        role: pd.MultiIndex.from_frame(
            pd.concat(
                [tables[sheet][["organisation", NAME_COLUMN[sheet]]].set_axis(["o", "n"], axis=1) for sheet in sheets]
            )
        )
        for role, sheets in NAMES.items()
    }
    found, checked = [], {}
    for sheet, columns in rules.COLUMNS.items():
        raw = tables[sheet]
        frame = typed(raw, columns)
        tested = frame.copy(deep=False)
        for name, kind in columns.items():
            if isinstance(kind, str) and kind in NAMES:
                tested[name] = pd.MultiIndex.from_frame(raw[["organisation", name]]).isin(people[kind])
        try:
            pa.DataFrameSchema({name: column(kind) for name, kind in columns.items()}).validate(tested, lazy=True)
            bad = pd.DataFrame({"index": [], "column": []})
        except SchemaErrors as errors:
            bad = errors.failure_cases[["index", "column"]].drop_duplicates()
        heavy = bad["column"].isin(rules.HEAVY[sheet])
        for name in rules.HEAVY_IF_BLANK.get(sheet, []):
            heavy |= (bad["column"] == name) & bad["index"].isin(raw.index[raw[name].isna()])
        frame["accepted"] = ~frame.index.isin(bad.loc[heavy, "index"])
        checked[sheet] = frame
        at = bad["index"].astype(int).to_numpy()
        told = raw.loc[at, ["organisation", "row"]].reset_index(drop=True)
        told["sheet"], told["column"] = sheet, bad["column"].to_numpy()
        told["value"] = raw.to_numpy()[at, raw.columns.get_indexer(bad["column"])]
        found.append(told)
    return pd.concat(found, ignore_index=True), checked


def indicators(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The figures of all schools."""
    as_of = pd.Timestamp(rules.AS_OF)
    mentors, mentees, pairs, meetings = (
        tables[sheet][tables[sheet]["accepted"]]
        for sheet in (rules.MENTORS, rules.MENTEES, rules.PAIRS, rules.MEETINGS)
    )
    counted = pairs[(pairs["Дата начала"] <= as_of) & (pairs["Дата приказа"] <= as_of)]
    entered = pd.MultiIndex.from_frame(counted[["organisation", "ФИО наставляемого"]])
    base = tables[rules.MENTEES]
    persons = base[pd.MultiIndex.from_frame(base[["organisation", "ФИО наставляемого"]]).isin(entered)]
    born = persons["Дата рождения"]
    had_birthday = (born.dt.month * 100 + born.dt.day) <= as_of.month * 100 + as_of.day
    age = as_of.year - born.dt.year - (~had_birthday).astype(int)
    pupils = ~persons["Категория участника"].isin(["педагог", "молодой специалист"])
    lone = ~pd.MultiIndex.from_frame(mentees[["organisation", "ФИО наставляемого"]]).isin(entered)
    found = {
        "mentors": mentors.groupby("organisation").size(),
        "mentees": mentees.groupby("organisation").size(),
        "pairs_counted": counted.groupby("organisation").size(),
        "unmatched": mentees[lone].groupby("organisation").size(),
        "meetings": meetings[meetings["Дата"] <= as_of].groupby("organisation").size(),
        "mentees_entered": counted.groupby("organisation")["ФИО наставляемого"].nunique(),
        "mentors_entered": counted.groupby("organisation")["ФИО наставника"].nunique(),
        "I1": persons[pupils & age.between(10, 18)].groupby("organisation").size(),
    }
    return pd.DataFrame(found).fillna(0).astype(int).reset_index()


def main() -> None:
    _, out = rules.workbooks()
    raw = read_all()
    errors, tables = check(raw)
    for school, own in errors.groupby("organisation"):
        (out / str(school)).mkdir(exist_ok=True)
        write(out / str(school) / "errors.xlsx", {"errors": own[rules.ERRORS]})
    rosters = {sheet: raw[sheet][tables[sheet]["accepted"]] for sheet in (rules.MENTORS, rules.MENTEES, rules.PAIRS)}
    write(out / "roster.xlsx", {"Показатели": indicators(tables), **rosters})


def write(path: object, sheets: dict[str, pd.DataFrame]) -> None:
    """A workbook of frames: xlsxwriter row by row is quicker than DataFrame.to_excel."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        for name, frame in sheets.items():
            page = book.add_worksheet(name)
            page.write_row(0, 0, frame.columns)
            values = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
            for at, row in enumerate(values, 1):
                page.write_row(at, 0, row)


if __name__ == "__main__":
    main()
