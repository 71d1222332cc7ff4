"""pandas + openpyxl + pandera, school by school: the script most would write first.

python pandas_openpyxl_pandera.py INBOX OUT
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import rules
from pandera.errors import SchemaErrors


def column(kind: object, known: dict[str, list[str]]) -> pa.Column:
    """A column's rule in pandera's words."""
    if kind == "date":
        return pa.Column("datetime64[us]", nullable=False)
    if kind == "text":
        return pa.Column(object, nullable=False)
    if isinstance(kind, tuple):
        return pa.Column(float, pa.Check.in_range(kind[1], kind[2]), nullable=False)
    if isinstance(kind, list):
        return pa.Column(object, pa.Check.isin(kind), nullable=False)
    return pa.Column(object, pa.Check.isin(known[str(kind)]), nullable=False)


def typed(frame: pd.DataFrame, columns: dict[str, object]) -> pd.DataFrame:
    """Dates and numbers as such; what is none is blank."""
    frame = frame.copy()
    for name, kind in columns.items():
        if kind == "date":
            frame[name] = pd.to_datetime(frame[name], errors="coerce", format="%d.%m.%Y").astype("datetime64[us]")
        elif isinstance(kind, tuple):
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
    return frame


def check(sheets: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The bad cells of one school, and its typed tables with a column `accepted`."""
    mentors = sheets[rules.MENTORS]["ФИО наставника"].dropna().tolist()
    mentees = sheets[rules.MENTEES]["ФИО наставляемого"].dropna().tolist()
    known = {"mentor": mentors, "mentee": mentees, "person": mentors + mentees}
    found, tables = [], {}
    for sheet, columns in rules.COLUMNS.items():
        raw = sheets[sheet]
        frame = typed(raw, columns)
        schema = pa.DataFrameSchema({name: column(kind, known) for name, kind in columns.items()})
        try:
            schema.validate(frame, lazy=True)
            bad = pd.DataFrame({"index": [], "column": []})
        except SchemaErrors as errors:
            bad = errors.failure_cases[["index", "column"]].drop_duplicates()
        heavy = bad["column"].isin(rules.HEAVY[sheet])
        for name in rules.HEAVY_IF_BLANK.get(sheet, []):
            heavy |= (bad["column"] == name) & bad["index"].isin(raw.index[raw[name].isna()])
        frame["accepted"] = ~frame.index.isin(bad.loc[heavy, "index"])
        tables[sheet] = frame
        found.append(
            pd.DataFrame(
                {
                    "sheet": sheet,
                    "row": bad["index"].astype(int) + rules.FIRST_ROW,
                    "column": bad["column"],
                    "value": [raw.at[at, name] for at, name in zip(bad["index"], bad["column"], strict=True)],
                }
            )
        )
    return pd.concat(found, ignore_index=True), tables


def indicators(tables: dict[str, pd.DataFrame]) -> dict[str, int]:
    """The figures of one school."""
    mentees, pairs = tables[rules.MENTEES], tables[rules.PAIRS]
    accepted = {sheet: table[table["accepted"]] for sheet, table in tables.items()}
    as_of = pd.Timestamp(rules.AS_OF)
    counted = pairs[pairs["accepted"] & (pairs["Дата начала"] <= as_of) & (pairs["Дата приказа"] <= as_of)]
    entered = counted["ФИО наставляемого"].drop_duplicates()
    persons = mentees[mentees["ФИО наставляемого"].isin(entered)]
    born = persons["Дата рождения"]
    had_birthday = (born.dt.month * 100 + born.dt.day) <= as_of.month * 100 + as_of.day
    age = as_of.year - born.dt.year - (~had_birthday).astype(int)
    pupils = ~persons["Категория участника"].isin(["педагог", "молодой специалист"])
    return {
        "mentors": len(accepted[rules.MENTORS]),
        "mentees": len(accepted[rules.MENTEES]),
        "pairs_counted": len(counted),
        "unmatched": int((~accepted[rules.MENTEES]["ФИО наставляемого"].isin(entered)).sum()),
        "meetings": int((accepted[rules.MEETINGS]["Дата"] <= as_of).sum()),
        "mentees_entered": len(entered),
        "mentors_entered": counted["ФИО наставника"].nunique(),
        "I1": int((pupils & age.between(10, 18)).sum()),
    }


def main() -> None:
    paths, out = rules.workbooks()
    figures, rosters = [], {sheet: [] for sheet in (rules.MENTORS, rules.MENTEES, rules.PAIRS)}
    for path in paths:
        school = path.parent.name
        sheets = pd.read_excel(path, sheet_name=None, header=1, engine="openpyxl", dtype=object)
        errors, tables = check(sheets)
        write_errors(errors, out / school)
        figures.append({"organisation": school, **indicators(tables)})
        for sheet, collected in rosters.items():
            table = sheets[sheet][tables[sheet]["accepted"]]
            collected.append(table.assign(organisation=school, workbook=path.name, row=table.index + rules.FIRST_ROW))
    with pd.ExcelWriter(out / "roster.xlsx", engine="openpyxl") as writer:
        pd.DataFrame(figures).to_excel(writer, sheet_name="Показатели", index=False)
        for sheet, collected in rosters.items():
            pd.concat(collected).to_excel(writer, sheet_name=sheet, index=False)


def write_errors(errors: pd.DataFrame, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    errors.to_excel(folder / "errors.xlsx", index=False, engine="openpyxl")


if __name__ == "__main__":
    main()
