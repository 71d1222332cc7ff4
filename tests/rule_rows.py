"""Stores for tests of relations and rules, drawn as Markdown tables of typed values.

A table begins with a line «table», «table @ organisation», «table @ organisation / workbook / sheet»; its first row names
fields, each further row is a sheet row from 2 on. Dates are ISO, lists are joined by «;», yes and no are «true» and «false»,
a deadline is an ISO date, two joined by «..», or words read in the school year 2023-2024; a rejected row ends with «!». A
column named «row» gives the sheet row, one named «part» the part of a glued cell.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from sheets_sync.fragments import Fragments, fragment_files
from sheets_sync.issues import Issue
from sheets_sync.rules import Relation, Rule, RuleSet, Thresholds, load_rules, make_relations, rule_issues, run_rules
from sheets_sync.store import Store, WorkbookState
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.loading import load_definitions
from sheets_sync.table_schema.model import Definitions, Field
from sheets_sync.table_schema.types.deadline import deadline_of

SHIPPED = Path(__file__).parent.parent / "schemas"
AS_OF = date(2024, 6, 20)
_definitions: list[Definitions] = []
_rules: list[RuleSet] = []


def definitions() -> Definitions:
    """The shipped definitions, read once."""
    if not _definitions:
        _definitions.append(load_definitions([SHIPPED]))
    return _definitions[0]


def shipped_rules() -> RuleSet:
    """The shipped relations and rules, read once."""
    if not _rules:
        _rules.append(load_rules([SHIPPED]))
    return _rules[0]


def value_of(field: Field, text: str) -> object:
    """The typed value a cell of the drawing stands for."""
    if not text:
        return None
    kind = field.type
    if field.many or kind == "people":
        return [part.strip() for part in text.split(";")]
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "datetime":
        return datetime.fromisoformat(text)
    if kind == "birth":
        return date.fromisoformat(text) if "-" in text else int(text)
    if kind == "integer":
        return int(text)
    if kind in ("number", "percent", "experience", "score"):
        return float(text)
    if kind == "boolean":
        return text == "true"
    if kind == "consent":
        return date.fromisoformat(text) if "-" in text else text == "true"
    if kind == "deadline":
        if not text[:4].isdigit():
            return deadline_of(text, 2023)
        first, _, last = text.partition("..")
        return {"kind": "range" if last else "date", "start": date.fromisoformat(first) if last else None,
                "end": date.fromisoformat(last or first), "months": [], "days": [], "recurring": False, "text": text}  # fmt: skip
    return text


def tables_of(drawing: str) -> list[tuple[str, str, TypedTable]]:
    """(organisation, workbook, typed table) of every table drawn."""
    found = []
    name, place = "", ["school", "Книга.xlsx", ""]
    for is_row, group in itertools.groupby(
        map(str.strip, drawing.strip().splitlines()), lambda line: line.startswith("|")
    ):
        lines = [line for line in group if line]
        if not is_row:
            for line in lines:
                name, _, rest = (part.strip() for part in line.partition("@"))
                told = [part.strip() for part in rest.split("/")] if rest else []
                place = [*told, *["school", "Книга.xlsx", name][len(told) :]]
            continue
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in lines
            if not re.fullmatch(r"[|\s:-]+", line)
        ]
        rejected = [line.endswith("!") for line in lines if not re.fullmatch(r"[|\s:-]+", line)][1:]
        heads, body = rows[0], [row[: len(rows[0])] for row in rows[1:]]
        schema = definitions().schemas[name]
        columns = {head: [row[index] for row in body] for index, head in enumerate(heads)}
        numbers = [int(text) for text in columns.pop("row", [])] or list(range(2, len(body) + 2))
        parts = [int(text) for text in columns.pop("part", [])] or [0] * len(body)
        values = {head: [value_of(schema.field(head), cell) for cell in cells] for head, cells in columns.items()}
        letters = {head: (index + 1,) for index, head in enumerate(values)}
        headings = {head: schema.field(head).title for head in values}
        table = Table(name, place[2], (1,), letters, headings, numbers, {})
        found.append((place[0], place[1], TypedTable(table, numbers, parts, [not no for no in rejected], values)))
    return found


def store_of(drawing: str, issues: list[Issue] | None = None) -> Store:
    """A store in memory that holds the tables drawn."""
    store = Store.open(":memory:", definitions())
    with tempfile.TemporaryDirectory() as folder:
        workbooks = {}
        with Fragments(Path(folder), "w0") as fragments:
            for organisation, workbook, typed in tables_of(drawing):
                fragments.write_rows(organisation, workbook, typed, definitions().schemas[typed.table.name])
                workbooks[organisation, workbook] = WorkbookState(
                    organisation, workbook, workbook, 1, 1, "", "v1", datetime(2024, 6, 20)
                )
            fragments.write_issues(issues or [])
        store.replace(list(workbooks.values()), fragment_files(Path(folder)))
    return store


def relations_of(drawing: str, as_of: date = AS_OF) -> Store:
    """A store with its relations made."""
    store = store_of(drawing)
    make_relations(store, shipped_rules(), as_of)
    return store


# What stands beside a relation once it is made, and what the findings of any rule are placed by.
BESIDE = {"turned_names": "known", "suggested_names": "names", "ledger_people": "district_people"}
FOR_ALL = "blocks bad_cells"


def relations_behind(queries: Iterable[str]) -> tuple[Relation, ...]:
    """The shipped relations these queries name, and those they are made of: fewer than all, and quicker made.

    One too few and the query fails.
    """
    shipped = {relation.name: relation for relation in shipped_rules().relations}
    needed: set[str] = set()
    texts = [FOR_ALL, *queries]
    while texts:
        words = set(re.findall(r"\w+", texts.pop()))
        words |= {made_with for name, made_with in BESIDE.items() if name in words}
        new = words & shipped.keys() - needed
        needed |= new
        texts += [shipped[name].sql for name in new]
    return tuple(relation for name, relation in shipped.items() if name in needed)


def rules_saying(*codes: str) -> tuple[Rule, ...]:
    """The shipped rules that may find something of these codes."""
    rules = shipped_rules().rules
    return tuple(rule for rule in rules if rule.code in codes or any(f"'{code}'" in rule.sql for code in codes))


def found_in(
    drawing: str,
    *codes: str,
    as_of: date = AS_OF,
    thresholds: Thresholds | None = None,
    issues: list[Issue] | None = None,
) -> list[tuple[str, int | None, str | None]]:
    """(code, row, field) of what the shipped rules find, of these codes or of all."""
    return [
        (i.code, i.at.row, i.at.field)
        for i in issues_in(drawing, *codes, as_of=as_of, thresholds=thresholds, issues=issues)
    ]


def issues_in(
    drawing: str,
    *codes: str,
    as_of: date = AS_OF,
    thresholds: Thresholds | None = None,
    issues: list[Issue] | None = None,
) -> list[Issue]:
    """The issues the shipped rules find, of these codes or of all; every rule must have run."""
    ruleset = shipped_rules()
    if codes:
        wanted = rules_saying(*codes)
        ruleset = RuleSet(relations_behind(rule.sql for rule in wanted), wanted)
    with store_of(drawing, issues) as store:
        outcome = run_rules(store, ruleset, as_of, thresholds)
        assert not outcome.failed, outcome.failed
        return [issue for issue in rule_issues(store) if not codes or issue.code in codes]
