"""The store: fragments in, whole workbooks replaced or not at all, a damaged file set aside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import date, datetime
from pathlib import Path

import pytest

from sheets_sync import state
from sheets_sync import store as store_room
from sheets_sync.errors import SourceError
from sheets_sync.fragments import GROUP_BYTES, ROWS_AT_ONCE, Fragments, fragment_files, fragment_path
from sheets_sync.issues import At, Issue
from sheets_sync.store import Run, Store, WorkbookState
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.model import Definitions, Field, TableSchema

NOON = datetime(2024, 6, 20, 12)
PEOPLE = TableSchema(
    "people",
    "Люди",
    (
        Field("full_name", "ФИО", "name"),
        Field("birth", "Год рождения", "birth"),
        Field("consent", "Согласие", "consent"),
        Field("hours", "Часы", "number"),
        Field("tags", "Категории", "enum", many=True),
        Field("due", "Срок", "deadline"),
        Field("order", "Приказ"),
    ),
)
DEFINITIONS = Definitions({"people": PEOPLE})


def people(names: list[str], **columns: list[object]) -> TypedTable:
    rows = list(range(4, 4 + len(names)))
    table = Table("people", "Лист 1", (2, 3), {"full_name": (2, 3)}, {"full_name": "Ф.И.О."}, rows, {})
    return TypedTable(table, rows, [0] * len(rows), [True] * len(rows), {"full_name": list(names), **columns})


def read_workbook(name: str, organisation: str = "school-1") -> WorkbookState:
    return WorkbookState(organisation, name, f"/inbox/{name}", 10, 20, "abc", "v1", NOON)


def load(store: Store, folder: Path, books: dict[str, TypedTable], issues: list[Issue] | None = None) -> None:
    with Fragments(folder, "w1") as fragments:
        for name, typed in books.items():
            fragments.write_rows("school-1", name, typed, PEOPLE)
        fragments.write_issues(issues or [])
    store.replace([read_workbook(name) for name in books], fragment_files(folder))


def names_in(store: Store) -> list[tuple[str, str]]:
    return store.connection.execute("SELECT workbook, full_name FROM people ORDER BY ALL").fetchall()


def test_every_storage_form_comes_back(tmp_path: Path) -> None:
    """A typed value is found in the store as its schema says, awkward text included."""
    awkward = 'Орлова "О"\tМ.\nв две строки\r\0'
    typed = people(
        ["Белов Артём Ильич", awkward, ""],
        birth=[date(2010, 5, 6), 2011, None],
        consent=[date(2023, 9, 1), False, True],
        hours=[1.5, 2.0, None],
        tags=[["gifted", "hardship"], [], None],
        due=[{"kind": "range", "start": date(2023, 9, 1), "end": date(2023, 9, 30), "text": "сентябрь"}, None, None],
        order=["№ 5", "", None],
    )
    with Store.open(":memory:", DEFINITIONS) as store:
        load(store, tmp_path, {"а.xlsx": typed})
        rows = store.connection.execute(
            "SELECT row, full_name, full_name_key, birth, birth_year, consent, consent_date, hours, tags, due_kind, due_end, "
            '"order" FROM people ORDER BY row'
        ).fetchall()
    assert rows[0] == (
        4, "Белов Артём Ильич", "белов артем ильич", date(2010, 5, 6), 2010, True, date(2023, 9, 1), 1.5,
        ["gifted", "hardship"], "range", date(2023, 9, 30), "№ 5",
    )  # fmt: skip
    assert rows[1][:2] == (5, awkward.replace("\0", ""))
    assert rows[1][3:8] == (None, 2011, False, None, 2.0)
    assert rows[2] == (6, None, None, None, None, True, None, None, None, None, None, None)


def test_high_surrogate_does_not_cost_the_file(tmp_path: Path) -> None:
    """A character without UTF-8 form becomes «?», the rows beside it stay."""
    with Store.open(":memory:", DEFINITIONS) as store:
        load(store, tmp_path, {"а.xlsx": people(["Белов \ud83d", "Орлова Мария"])})
        assert [name for _, name in names_in(store)] == ["Белов ?", "Орлова Мария"]


def test_replacing_takes_only_the_named_workbooks(tmp_path: Path) -> None:
    """Rows, tables, issues and the line of a workbook change together; other workbooks stay as they are."""
    at = At("school-1", "а.xlsx", "Лист 1", "people", 4, "B", "full_name")
    issue = Issue("cell-type", "error", at, "х\tу", None, (("heading", "Ф.И.О."),))
    with Store.open(":memory:", DEFINITIONS) as store:
        load(store, tmp_path / "1", {"а.xlsx": people(["Белов А."]), "б.xlsx": people(["Серов С."])}, [issue])
        assert store.issues("school-1") == [issue]
        assert store.tables("school-1")[0].columns == {"full_name": ["B", "C"]}
        load(store, tmp_path / "2", {"а.xlsx": people(["Орлов О.", "Панов П."])})
        assert names_in(store) == [("а.xlsx", "Орлов О."), ("а.xlsx", "Панов П."), ("б.xlsx", "Серов С.")]
        assert store.issues() == []
        assert [(line.workbook, line.rows_read, line.header_row) for line in store.tables()] == [
            ("а.xlsx", 2, 3),
            ("б.xlsx", 1, 3),
        ]
        store.withdraw([("school-1", "б.xlsx")])
        assert [book.workbook for book in store.workbooks()] == ["а.xlsx"]
        assert store.organisations() == ["school-1"]


def test_many_long_rows_are_whole(tmp_path: Path) -> None:
    """More than is told at once, by number and by length: no row loses a part of it."""
    long = "приказ\n«№ 7»\t" * 25
    count = 2 * ROWS_AT_ONCE + 7
    assert count * len(long.encode()) > 2 * GROUP_BYTES
    orders: list[object] = [f"{number} {long}" for number in range(count)]
    with Store.open(tmp_path / "store.duckdb", DEFINITIONS) as store:
        load(store, tmp_path, {"a.xlsx": people(["Орлова М. П."] * count, order=orders)})
        kept = store.connection.execute('SELECT "order" FROM people ORDER BY "row"').fetchall()
    assert [order for (order,) in kept] == orders


def test_blocks_of_other_workbooks_are_left_alone(tmp_path: Path) -> None:
    """A fragment may hold more than is asked for: a workbook that was not finished is not taken in."""
    with Store.open(":memory:", DEFINITIONS) as store:
        with Fragments(tmp_path, "w1") as fragments:
            fragments.write_rows("school-1", "а.xlsx", people(["Белов А."]), PEOPLE)
            fragments.write_rows("school-1", "б.xlsx", people(["Серов С."]), PEOPLE)
        store.replace([read_workbook("а.xlsx")], fragment_files(tmp_path))
        assert names_in(store) == [("а.xlsx", "Белов А.")]


def test_a_torn_fragment_changes_nothing(tmp_path: Path) -> None:
    """A worker killed while writing leaves half of a record: the old rows stay, the operator is told."""
    with Store.open(":memory:", DEFINITIONS) as store:
        load(store, tmp_path / "1", {"а.xlsx": people(["Белов А."])})
        with Fragments(tmp_path / "2", "w1") as fragments:
            fragments.write_rows("school-1", "а.xlsx", people(["Орлов О."]), PEOPLE)
        torn = fragment_path(tmp_path / "2", "w1", "people")
        torn.write_bytes(torn.read_bytes()[:-4])
        with pytest.raises(SourceError) as caught:
            store.replace([read_workbook("а.xlsx")], fragment_files(tmp_path / "2"))
        assert caught.value.transient
        assert names_in(store) == [("а.xlsx", "Белов А.")]
        assert sorted((tmp_path / "2").iterdir()) == fragment_files(tmp_path / "2")
        load(store, tmp_path / "3", {"а.xlsx": people(["Орлов О."])})
        assert names_in(store) == [("а.xlsx", "Орлов О.")]


def test_a_kill_in_mid_transaction_leaves_the_old_state(tmp_path: Path) -> None:
    """A process killed between deleting and loading leaves the workbook as it was."""
    path = tmp_path / "store.duckdb"
    with Store.open(path, DEFINITIONS) as store:
        load(store, tmp_path / "1", {"а.xlsx": people(["Белов А."])})
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        from sheets_sync.fragments import fragment_files
        from sheets_sync.store import Store
        from tests.test_store import DEFINITIONS, read_workbook
        store = Store.open(Path(sys.argv[2]), DEFINITIONS)
        store._load_blocks = lambda blocks: os.kill(os.getpid(), signal.SIGKILL)
        store.replace([read_workbook("а.xlsx")], fragment_files(Path(sys.argv[3])))
        """
    )
    root = Path(__file__).parent.parent
    arguments = [str(root), str(path), str(tmp_path / "1")]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with Store.open(path, DEFINITIONS) as store:
        assert store.opened == "same"
        assert names_in(store) == [("а.xlsx", "Белов А.")]


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """The operator keeps the damaged file; a new store begins empty, so that everything is read again."""
    path = tmp_path / "store.duckdb"
    path.write_bytes(os.urandom(8192))
    with Store.open(path, DEFINITIONS) as store:
        assert store.opened == "rebuilt"
        assert store.set_aside == tmp_path / "store.duckdb.damaged-1"
        assert store.workbooks() == []
    with Store.open(path, DEFINITIONS) as store:
        assert store.opened == "same"


def test_a_field_added_reads_its_workbooks_again(tmp_path: Path) -> None:
    """A table whose fields changed is made anew, and the workbooks that had rows in it lose their fingerprint."""
    path = tmp_path / "store.duckdb"
    with Store.open(path, DEFINITIONS) as store:
        assert store.opened == "new"
        load(store, tmp_path / "1", {"а.xlsx": people(["Белов А."])})
    longer = TableSchema("people", "Люди", (*PEOPLE.fields, Field("note", "Примечание")))
    with Store.open(path, Definitions({"people": longer})) as store:
        assert store.opened == "changed"
        assert names_in(store) == []
        assert [book.definitions for book in store.workbooks()] == [""]
    with Store.open(path, Definitions({})) as store:
        tables = store.connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        assert ("people",) not in tables


def test_a_store_of_larger_row_groups_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One made by the version before, with DuckDB's own row groups, is opened as it is; rows come and go in it."""
    path = tmp_path / "store.duckdb"
    names = [f"Белов А. {number}" for number in range(70_000)]
    monkeypatch.setattr(store_room, "ROW_GROUP", 122_880)
    with Store.open(path, DEFINITIONS) as store:
        load(store, tmp_path / "1", {"а.xlsx": people(names), "б.xlsx": people(["Серов С."])})
    monkeypatch.undo()
    with Store.open(path, DEFINITIONS) as store:
        assert store.opened == "same"
        load(store, tmp_path / "2", {"б.xlsx": people(["Орлов О.", "Панов П."]), "в.xlsx": people(names[:40_000])})
    with Store.open(path, DEFINITIONS) as store:
        counted = "SELECT workbook, count(*), count(DISTINCT full_name) FROM people GROUP BY ALL ORDER BY ALL"
        found = store.connection.execute(counted).fetchall()
    assert found == [("а.xlsx", 70_000, 70_000), ("б.xlsx", 2, 2), ("в.xlsx", 40_000, 40_000)]


def test_a_store_in_use_is_no_damage(tmp_path: Path) -> None:
    """A second process is told to try again later; nothing is set aside."""
    path = tmp_path / "store.duckdb"
    script = "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n" + textwrap.dedent(
        """
        from sheets_sync.errors import SourceError
        from sheets_sync.store import Store
        from sheets_sync.table_schema.model import Definitions
        try:
            Store.open(Path(sys.argv[2]), Definitions({}))
        except SourceError as error:
            print("transient" if error.transient else error)
        """
    )
    with Store.open(path, DEFINITIONS):
        root = Path(__file__).parent.parent
        done = subprocess.run(
            [sys.executable, "-c", script, str(root), str(path)], capture_output=True, text=True, check=False
        )
    assert done.stdout.strip() == "transient", done.stderr
    assert list(tmp_path.glob("*.damaged*")) == []


def test_runs_are_kept_newest_first() -> None:
    """Finished runs come back as plain values."""
    with Store.open(":memory:", DEFINITIONS) as store:
        store.record_run(Run(NOON, NOON, "sync", "done", date(2024, 6, 20), 3))
        store.record_run(Run(NOON.replace(hour=13), NOON, "report", "failed", note="нет места"))
        runs = store.last_runs()
    assert [(run["verb"], run["outcome"], run["started"]) for run in runs] == [
        ("report", "failed", "2024-06-20T13:00:00"),
        ("sync", "done", "2024-06-20T12:00:00"),
    ]


def test_state_tells_what_changed(tmp_path: Path) -> None:
    """The record beside the store survives a round trip, notices a change, and names what is gone."""
    record = state.State(definitions="v1", as_of="2024-06-20")
    record.record("school-1", "а.xlsx", state.Fingerprint(10, 20, "abc", "v1"))
    record.record("school-2", "б.xlsx", state.Fingerprint(11, 21, "def", "v1"))
    record.in_progress = {"verb": "sync", "done": 1, "of": 2}
    path = tmp_path / "deep" / "state.json"
    state.save(record, path)
    known = state.load(path)
    assert known == record
    assert known.unchanged("school-1", "а.xlsx", 10, 20, "v1")
    assert not known.unchanged("school-1", "а.xlsx", 10, 99, "v1")
    assert not known.unchanged("school-1", "а.xlsx", 10, 20, "v2")
    assert not known.unchanged("school-1", "новый.xlsx", 10, 20, "v1")
    assert known.gone([("school-1", "а.xlsx")]) == [("school-2", "б.xlsx")]
    known.finish_run({"verb": "sync", "outcome": "done"})
    assert known.in_progress is None
    assert known.last_run("sync", "done") == {"verb": "sync", "outcome": "done"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', '{"version": 1, "workbooks": {"a": {"b": 1}}}'])
def test_a_torn_record_is_made_again(tmp_path: Path, text: str) -> None:
    """Whatever lies there instead of a record is no record; the store tells the same."""
    path = tmp_path / "state.json"
    path.write_text(text)
    assert state.load(path) is None
    rebuilt = state.rebuilt([read_workbook("а.xlsx")], [{"verb": "sync"}])
    assert rebuilt.fingerprint("school-1", "а.xlsx") == state.Fingerprint(10, 20, "abc", "v1", True)
    assert rebuilt.definitions == "v1"
    assert rebuilt.last_run() == {"verb": "sync"}
