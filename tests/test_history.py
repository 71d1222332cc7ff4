"""History: a finding stays the same wherever its row goes, is fixed when it is mended, and nothing else makes it so."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from sheets_sync import history
from sheets_sync.fragments import Fragments, fragment_files
from sheets_sync.history import Past
from sheets_sync.issues import At, Issue
from sheets_sync.store import Store, WorkbookState
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.loading import load_definitions
from sheets_sync.table_schema.model import Definitions, Field, TableSchema

FIRST, SECOND, THIRD = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)
NOON = datetime(2024, 6, 20, 12)
PEOPLE = TableSchema(
    "people",
    "Люди",
    (Field("full_name", "ФИО", "name"), Field("birth", "Год рождения", "birth")),
    primary_key=("full_name",),
)
DEFINITIONS = Definitions({"people": PEOPLE})
NAMES = ["Белов Артём", "Громова Анна", "Лугов Иван", "Орлова Мария", "Ветров Пётр", "Зимина Ольга"]


class School:
    """One school whose single sheet is read again and again."""

    def __init__(self, folder: Path, store: Path | str) -> None:
        self.folder = folder
        self.readings = 0
        self.store = Store.open(store, DEFINITIONS)

    def read(
        self,
        names: Sequence[str],
        bad: Collection[str] = (),
        *,
        on: date = FIRST,
        touched: bool = True,
        readable: bool = True,
        workbook: str = "Люди.xlsx",
        more: Sequence[Issue] = (),
    ) -> Past:
        """Rows from 2 on; those of ``bad`` have a birth that cannot be read. What has become of the findings."""
        self.readings += 1
        folder = self.folder / f"reading-{self.readings}"
        rows = list(range(2, 2 + len(names)))
        table = Table("people", "Лист 1", (1, 1), {"full_name": (1,)}, {}, rows, {})
        typed = TypedTable(table, rows, [0] * len(rows), [True] * len(rows), {"full_name": list(names)})
        issues = [
            issue("cell-type", row, "31.02.2010", workbook)
            for row, name in zip(rows, names, strict=True)
            if name in bad
        ]
        with Fragments(folder, "w1") as fragments:
            if readable:
                fragments.write_rows("school-1", workbook, typed, PEOPLE)
                fragments.write_issues([*issues, *more])
            else:
                fragments.write_issues([Issue("file-unreadable", "error", At("school-1", workbook))])
        self.store.replace(
            [WorkbookState("school-1", workbook, "", 1, 1, "", "v", NOON, readable)], fragment_files(folder)
        )
        return self.note(on, touched)

    def note(self, on: date, touched: bool = True) -> Past:
        history.note(self.store, on, touched={"school-1"} if touched else ())
        return history.pasts(self.store).get("school-1", Past([], 0))

    def first_days(self) -> list[tuple[str, date]]:
        return self.store.connection.execute(
            "SELECT record, first_seen FROM history WHERE fixed_on IS NULL ORDER BY ALL"
        ).fetchall()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = School(tmp_path, ":memory:")
    yield made
    made.store.close()


def issue(code: str, row: int | None, value: str | None, workbook: str = "Люди.xlsx", severity: str = "error") -> Issue:
    at = At("school-1", workbook, "Лист 1", "people", row, "B" if row else None, "birth" if row else None)
    return Issue(code, severity, at, value)  # type: ignore[arg-type]


def fixed(past: Past) -> list[str]:
    """Records of what was fixed since the last time."""
    return sorted(one.record for one in past.fixed if one.just_now)


def test_nothing_is_fixed_or_new_at_first(school: School) -> None:
    """The first reading has nothing to be compared with."""
    assert school.read(NAMES, NAMES[:3]) == Past([], 0)


def test_sorted_rows_are_the_same_findings(school: School) -> None:
    """Every row stands elsewhere: nothing is fixed, nothing is new, the first day stays."""
    school.read(NAMES, NAMES[:3])
    assert school.read(sorted(NAMES, reverse=True), NAMES[:3], on=SECOND) == Past([], 0)
    assert {first for _, first in school.first_days()} == {FIRST}


def test_rows_inserted_and_deleted_leave_the_others_alone(school: School) -> None:
    """A row above, with a trouble of its own, is new; a row that is deleted is fixed; the rest stays."""
    school.read(NAMES, NAMES[:3])
    past = school.read(["Новикова Вера", *NAMES], ["Новикова Вера", *NAMES[:3]], on=SECOND)
    assert (fixed(past), past.new) == ([], 1)
    past = school.read(["Новикова Вера", *NAMES[1:]], ["Новикова Вера", *NAMES[:3]], on=THIRD)
    assert (fixed(past), past.new) == (["Белов Артём"], 0)
    assert school.first_days() == [("Громова Анна", FIRST), ("Лугов Иван", FIRST), ("Новикова Вера", SECOND)]


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_of_moves_and_mending(school: School, seed: int) -> None:
    """Rows shuffled, some deleted, some added, some mended: exactly those gone are fixed, exactly those added new."""
    chance = random.Random(seed)
    bad = chance.sample(NAMES, 4)
    school.read(NAMES, bad)
    mended = chance.sample(bad, 2)
    names = [*NAMES, "Новикова Вера"]
    chance.shuffle(names)
    past = school.read(names, [*(name for name in bad if name not in mended), "Новикова Вера"], on=SECOND)
    assert (fixed(past), past.new) == (sorted(mended), 1)


def test_what_was_fixed_is_told_with_its_place_and_day(school: School) -> None:
    """Record, value and day; the fixed ones of before stay in the list but are not «since the last time»."""
    school.read(NAMES, NAMES[:3])
    (one,) = school.read(NAMES, NAMES[1:3], on=SECOND).fixed
    assert (one.code, one.sheet, one.field, one.record, one.value) == (
        "cell-type", "Лист 1", "birth", "Белов Артём", "31.02.2010",
    )  # fmt: skip
    assert (one.first_seen, one.fixed_on, one.just_now) == (FIRST, SECOND, True)
    later = school.read(NAMES, NAMES[2:3], on=THIRD)
    assert [(one.record, one.just_now) for one in later.fixed] == [("Громова Анна", True), ("Белов Артём", False)]


def test_repeating_a_run_changes_nothing(school: School) -> None:
    """The same workbook read again, its rows sorted, or the day moved on: what was said stays said."""
    school.read(NAMES, NAMES[:3])
    told = school.read(NAMES, NAMES[1:3], on=SECOND)
    assert school.read(NAMES, NAMES[1:3], on=SECOND, touched=False) == told
    assert school.note(THIRD, touched=False) == told
    assert school.read(sorted(NAMES), NAMES[1:3], on=THIRD) == told


def test_what_another_day_or_definition_takes_away_is_not_fixed(school: School) -> None:
    """Only a change of the school's own workbooks fixes; back and forth between two days tells the same again."""
    told = school.read(NAMES, NAMES[:3])
    assert school.read(NAMES, NAMES[:2], on=SECOND, touched=False) == told
    assert school.read(NAMES, NAMES[:3], on=FIRST, touched=False) == told


def test_an_unreadable_workbook_fixes_nothing(school: School) -> None:
    """Its findings wait: read again, they are neither fixed nor new; the trouble with the file itself is."""
    school.read(NAMES, NAMES[:3])
    past = school.read([], readable=False, on=SECOND)
    assert (fixed(past), past.new) == ([], 1)
    past = school.read(NAMES, NAMES[1:3], on=THIRD)
    assert sorted((one.code, one.record) for one in past.fixed) == [
        ("cell-type", "Белов Артём"),
        ("file-unreadable", ""),
    ]
    assert past.new == 0


def test_a_workbook_that_is_gone_fixes_nothing(school: School) -> None:
    """Nobody has mended what went away with its file; under another name it is the same as before."""
    school.read(NAMES, NAMES[:3])
    school.store.withdraw([("school-1", "Люди.xlsx")])
    renamed = school.read(NAMES, NAMES[:3], on=SECOND, workbook="Список.xlsx")
    assert renamed == Past([], 0)
    assert {first for _, first in school.first_days()} == {FIRST}
    school.store.withdraw([("school-1", "Список.xlsx")])
    assert school.note(THIRD) == Past([], 0)


def test_a_finding_that_comes_back_is_no_longer_fixed(school: School) -> None:
    """It is new again, with its first day of old."""
    school.read(NAMES, NAMES[:1])
    assert fixed(school.read(NAMES, on=SECOND)) == ["Белов Артём"]
    past = school.read(NAMES, NAMES[:1], on=THIRD)
    assert (past.fixed, past.new) == ([], 1)
    assert school.first_days() == [("Белов Артём", FIRST)]


def test_findings_alike_are_counted(school: School) -> None:
    """Three rows of one name: mending one is one fixed, however the rows move; told twice, it is still one."""
    twins = ["Белов Артём"] * 3
    school.read(twins, twins)
    more = [issue("cell-type", row, "31.02.2010") for row in (2, 3)]
    past = school.read(twins, more=more, on=SECOND)
    assert fixed(past) == ["Белов Артём"]
    assert school.read(twins, more=more, on=SECOND, touched=False) == past


def test_a_renamed_record_keeps_its_other_findings(school: School) -> None:
    """Mending the name of a row does not make its unread date a fixed one and a new one."""
    school.read(NAMES, NAMES[:1])
    assert school.read(["Белов Артемий", *NAMES[1:]], ["Белов Артемий"], on=SECOND) == Past([], 0)


def test_findings_of_a_sheet_go_by_sheet_and_value(school: School) -> None:
    """A heading not understood is known by its words, not by its column."""
    school.read(NAMES, more=[issue("heading-unknown", None, "Хобби", severity="warning")])
    past = school.read(NAMES, more=[issue("heading-unknown", None, "Кружок", severity="warning")], on=SECOND)
    assert ([one.value for one in past.fixed], past.new) == (["Хобби"], 1)


def test_hints_are_no_findings_here(school: School) -> None:
    """What need not be mended is not counted as fixed."""
    school.read(NAMES, more=[issue("row-total", 9, "Итого", severity="info")])
    assert school.read(NAMES, on=SECOND) == Past([], 0)


def test_the_history_outlives_the_store(tmp_path: Path) -> None:
    """A store made anew takes up first days and what was fixed from the files beside it."""
    school = School(tmp_path, tmp_path / "store.duckdb")
    school.read(NAMES, NAMES[:3])
    told = school.read(NAMES, NAMES[1:3], on=SECOND)
    school.store.close()
    (tmp_path / "store.duckdb").unlink()
    school = School(tmp_path, tmp_path / "store.duckdb")
    school.readings = 10
    assert school.read(NAMES, NAMES[1:3], on=THIRD, touched=False) == told
    assert school.first_days() == [("Громова Анна", FIRST), ("Лугов Иван", FIRST)]
    school.store.close()


def test_a_torn_file_is_passed_over(tmp_path: Path) -> None:
    """A history that cannot be read is begun anew."""
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "school-1.json").write_text('{"version": 1, "orga', encoding="utf-8")
    school = School(tmp_path, tmp_path / "store.duckdb")
    assert school.read(NAMES, NAMES[:3]) == Past([], 0)
    school.store.close()


def test_only_the_newest_fixes_are_kept(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list does not grow for ever."""
    monkeypatch.setattr(history, "FIXED_KEPT", 2)
    school.read(NAMES, NAMES)
    for count, day in enumerate((SECOND, THIRD), 1):
        past = school.read(NAMES, NAMES[2 * count :], on=day)
    assert sorted(one.record for one in past.fixed) == sorted(NAMES[2:4])


def test_every_shipped_table_names_its_records() -> None:
    """Persons, pairs and events are told apart by their own words, in every table."""
    told = {name: [item.name for item in history.record_fields(schema)] for name, schema in _shipped().items()}
    assert told["mentees"] == ["full_name", "birth"]
    assert told["pairs"] == ["mentor", "mentee"]
    assert told["meetings"] == ["date", "pair_id", "mentor", "mentee"]
    assert told["roadmap"] == ["task"]
    assert [name for name, names in told.items() if not names] == []


def test_every_shipped_table_can_be_asked() -> None:
    """The query that names the records runs for every table."""
    definitions = load_definitions()
    with Store.open(":memory:", definitions) as store:
        for name in definitions.schemas:
            store.connection.execute(
                'INSERT INTO issues (organisation, workbook, sheet, "table", "row", code, severity) '
                "VALUES ('s', 'w', 'l', ?, 2, 'cell-type', 'error')",
                [name],
            )
        history.note(store, FIRST, touched=())
        assert store.connection.execute("SELECT count(*) FROM history").fetchall() == [(len(definitions.schemas),)]


def _shipped() -> dict[str, TableSchema]:
    return dict(load_definitions().schemas)
