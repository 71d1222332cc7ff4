"""The store: one DuckDB file with the rows, issues and state of every workbook that was read.

A workbook's rows, issues and fingerprint change in one transaction: a killed run leaves it as it was or as it is now,
never in between. The file can always be made again from the workbooks, so a damaged one is set aside and begun anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.fragments import (
    BLOCK_STORAGE,
    BLOCKS,
    FORMS,
    ISSUE_COLUMNS,
    ISSUE_STORAGE,
    ISSUES,
    LIST_SEPARATOR,
    TornError,
    fragment_table,
)
from sheets_sync.gather import Gathered, gather
from sheets_sync.issues import At, Issue
from sheets_sync.memory import Connection, Memory
from sheets_sync.table_schema.model import Definitions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Opened = Literal["new", "same", "changed", "rebuilt"]

POSITION = (
    ("organisation", "VARCHAR"),
    ("workbook", "VARCHAR"),
    ("sheet", "VARCHAR"),
    ("row", "INTEGER"),
    ("part", "SMALLINT"),
    ("accepted", "BOOLEAN"),
)

# Tables of our own beside one table per schema. `rule` names the cross-table rule an issue comes from, NULL for the
# checks of the workbook itself.
OWN: dict[str, tuple[tuple[str, str], ...]] = {
    "workbooks": (
        ("organisation", "VARCHAR"),
        ("workbook", "VARCHAR"),
        ("locator", "VARCHAR"),
        ("size", "BIGINT"),
        ("mtime_ns", "BIGINT"),
        ("sha256", "VARCHAR"),
        ("definitions", "VARCHAR"),
        ("read_at", "TIMESTAMP"),
        ("readable", "BOOLEAN"),
    ),
    "tables": (
        ("organisation", "VARCHAR"),
        ("workbook", "VARCHAR"),
        ("sheet", "VARCHAR"),
        ("table", "VARCHAR"),
        ("header_row", "INTEGER"),
        ("rows_read", "INTEGER"),
        ("rows_accepted", "INTEGER"),
        ("rows_rejected", "INTEGER"),
        ("columns", "JSON"),
        ("headings", "JSON"),
        ("title", "VARCHAR"),
    ),
    "issues": (
        ("organisation", "VARCHAR"),
        ("workbook", "VARCHAR"),
        ("sheet", "VARCHAR"),
        ("table", "VARCHAR"),
        ("row", "INTEGER"),
        ("column", "VARCHAR"),
        ("field", "VARCHAR"),
        ("code", "VARCHAR"),
        ("severity", "VARCHAR"),
        ("value", "VARCHAR"),
        ("suggestion", "VARCHAR"),
        ("params", "JSON"),
        ("rule", "VARCHAR"),
    ),
    # findings there are and findings fixed (`history.py`); they outlive the reading of their workbooks
    "history": (
        ("organisation", "VARCHAR"),
        ("identity", "UBIGINT"),
        ("code", "VARCHAR"),
        ("table", "VARCHAR"),
        ("field", "VARCHAR"),
        ("workbook", "VARCHAR"),
        ("sheet", "VARCHAR"),
        ("row", "INTEGER"),
        ("value", "VARCHAR"),
        ("record", "VARCHAR"),
        ("first_seen", "DATE"),
        ("since", "INTEGER"),
        ("fixed_on", "DATE"),
        ("fixed_in", "INTEGER"),
    ),
    "history_rounds": (
        ("organisation", "VARCHAR"),
        ("round", "INTEGER"),
    ),
    # what the roster tells of the district as a whole, by the organisation it was taken of: those that a change does
    # not reach are not looked at again (`ledger.py`, `consolidate/`)
    "roster_organisations": (
        ("organisation", "VARCHAR"),
        ("as_of", "DATE"),
        ("n_pupils", "INTEGER"),
        ("n_teachers", "INTEGER"),
        ("curators", "INTEGER"),
        ("mentors", "INTEGER"),
        ("mentees", "INTEGER"),
        ("pairs", "INTEGER"),
        ("mentor_lines", "INTEGER"),
        ("workbook", "VARCHAR"),
        ("sheet", "VARCHAR"),
        ("row", "INTEGER"),
    ),
    "roster_mentors": (  # each person that stands among the mentors, a number for whoever it is in the district
        ("organisation", "VARCHAR"),
        ("person", "UBIGINT"),
    ),
    "roster_adults": (
        ("organisation", "VARCHAR"),
        ("person_key", "VARCHAR"),
        ("district_key", "VARCHAR"),
        ("name_key", "VARCHAR"),
        ("birth", "DATE"),
        ("birth_year", "INTEGER"),
        ("full_name", "VARCHAR"),
        ("needs_birth", "BOOLEAN"),
        ("workbook", "VARCHAR"),
        ("sheet", "VARCHAR"),
        ("row", "INTEGER"),
    ),
    "roster_doubts": (
        ("organisation", "VARCHAR"),
        ("likeness", "VARCHAR"),
        ("person_key", "VARCHAR"),
        ("full_name", "VARCHAR"),
        ("birth", "DATE"),
        ("birth_year", "INTEGER"),
        ("needs_birth", "BOOLEAN"),
        ("workbook", "VARCHAR"),
        ("sheet", "VARCHAR"),
        ("row", "INTEGER"),
        ("other_person_key", "VARCHAR"),
        ("other_full_name", "VARCHAR"),
        ("other_birth", "DATE"),
        ("other_birth_year", "INTEGER"),
        ("other_needs_birth", "BOOLEAN"),
        ("other_workbook", "VARCHAR"),
        ("other_sheet", "VARCHAR"),
        ("other_row", "INTEGER"),
    ),
    "roster_access": (  # how those who may be one with somebody are shown
        ("organisation", "VARCHAR"),
        ("person_key", "VARCHAR"),
        ("access", "VARCHAR"),
        ("protected", "BOOLEAN"),
    ),
    "runs": (
        ("started", "TIMESTAMP"),
        ("finished", "TIMESTAMP"),
        ("verb", "VARCHAR"),
        ("outcome", "VARCHAR"),
        ("as_of", "DATE"),
        ("workbooks_read", "INTEGER"),
        ("workbooks_unreadable", "INTEGER"),
        ("errors", "INTEGER"),
        ("warnings", "INTEGER"),
        ("note", "VARCHAR"),
    ),
}
PER_WORKBOOK = ("workbooks", "tables", "issues")
RELATIONS_DATABASE = "relations"  # in memory, beside the store, seen by all of its cursors: what the rules compute
RELATIONS_AT = f"{RELATIONS_DATABASE}.made"
NEAR_AT = f"{RELATIONS_DATABASE}.near"  # rows of the organisations looked at, where these are not all (`reach.py`)
MEMORY_MB = 130  # what the database of a file begins with; 400 schools seldom need more, two queries at a time
MEMORY_MB_WITHOUT_FILE = 1_000  # there is nothing beside what is checked
ROWS_PER_MB = 6_000  # of a larger store, whose relations would be put on disk and taken from there again
FETCHED_AT_ONCE = 2_000  # lines of issues
# Rows that are compressed and scanned at once, by one thread. DuckDB's own 122,880 are more than most of our tables
# have: those would be compressed when the transaction ends, all by one thread, and be read by one.
ROW_GROUP = 30_720


class WorkbookState(NamedTuple):
    """What is known of a workbook that was read: where it is, its fingerprint, the definitions it was read with.

    ``locator`` is how its source finds it again, relative to the district's folder where it lies in it; ``mtime_ns``
    counts nanoseconds; ``readable`` is False when nothing could be taken from it.
    """

    organisation: str
    workbook: str
    locator: str
    size: int
    mtime_ns: int
    sha256: str
    definitions: str
    read_at: datetime
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run, for `status`."""

    started: datetime
    finished: datetime
    verb: str
    outcome: str  # done | partly | failed
    as_of: date | None = None
    workbooks_read: int = 0
    workbooks_unreadable: int = 0
    errors: int = 0
    warnings: int = 0
    note: str = ""


class TableLine(NamedTuple):
    """One table found in a workbook: its counts, and ``columns`` and ``headings`` by field."""

    organisation: str
    workbook: str
    sheet: str
    table: str
    header_row: int
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    columns: dict[str, str | list[str]]
    headings: dict[str, str]


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Store:
    """The open store. ``connection`` is DuckDB's; ``opened`` says how the file was found."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        definitions: Definitions,
        opened: Opened,
        path: Path | None,
        set_aside: Path | None = None,
        *,
        megabytes: int = MEMORY_MB,
    ) -> None:
        self.memory = Memory(connection, megabytes)
        self.connection = Connection(connection, self.memory)
        self.definitions = definitions
        self.opened: Opened = opened
        self.path = path
        self.set_aside = set_aside  # where a damaged file was put
        self.locked = False
        self._variables: dict[str, object] = {}
        self._near: frozenset[str] = frozenset()  # tables of which relations and rules see but a part
        line = connection.execute("SELECT current_database()").fetchone()
        assert line is not None
        self.database = str(line[0])

    # -- opening ---------------------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        path: Path | str,
        definitions: Definitions,
        *,
        megabytes: int = 0,
        threads: int = 2,
        key: str = "",
    ) -> Store:
        """Open or create the store at ``path`` (":memory:" keeps nothing) with the tables these definitions ask for.

        ``opened`` of the result: "new"; "same"; "changed" (a table's fields changed: it was made anew and the workbooks
        that had rows in it are marked to be read again); "rebuilt" (the file was damaged and lies aside at
        ``set_aside``: everything is to be read again). Raises SourceError, transient, when another program holds it.

        With a ``key`` the file is encrypted; one that was not is made anew ("changed"). Raises ConfigError when the
        file was encrypted with another key, or with one and none is given, or when nothing here can encrypt.

        ``megabytes`` of memory is what the database begins with; it gets more when it needs more.
        """
        in_memory = str(path) == ":memory:"
        file = None if in_memory else Path(path)
        fresh = file is None or not file.exists()
        megabytes = megabytes or (MEMORY_MB_WITHOUT_FILE if in_memory else MEMORY_MB)
        set_aside: Path | None = None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                connection = _connect(file, threads, key)
            except _PlainError:
                assert file is not None
                for plain in (file, Path(f"{file}.wal")):
                    plain.unlink(missing_ok=True)
                connection = _connect(file, threads, key)
                _prepare(connection, definitions)
                return cls(connection, definitions, "changed", file, megabytes=megabytes)
            changed = _prepare(connection, definitions)
        except _DamagedError as damage:
            assert file is not None
            set_aside = _put_aside(file)
            if set_aside is None:
                raise SourceError(f"the store is damaged and cannot be moved aside ({damage})", path=file) from damage
            connection = _connect(file, threads, key)
            _prepare(connection, definitions)
            return cls(connection, definitions, "rebuilt", file, set_aside, megabytes=megabytes)
        opened: Opened = "new" if fresh else "changed" if changed else "same"
        return cls(connection, definitions, opened, file, megabytes=megabytes)

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self.memory.close()
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lock(self) -> None:
        """Shut the way to files and settings, for good, before SQL from a definition runs. Bulk loading ends here."""
        if not self.locked:
            self._make_room()
            self.connection.execute(f"ATTACH ':memory:' AS {RELATIONS_DATABASE}")
            self.forget_relations()
            self.connection.execute("SET enable_external_access = false")
            self.memory.stay_adjustable()
            self.connection.execute("SET lock_configuration = true")
            self.locked = True

    def forget_relations(self) -> None:
        """Empty the place of the relations (``RELATIONS_AT``); whole tables are seen again."""
        self._near = frozenset()
        for place in (RELATIONS_AT, NEAR_AT):
            self.connection.execute(f"DROP SCHEMA IF EXISTS {place} CASCADE")
            self.connection.execute(f"CREATE SCHEMA {place}")
        self._look_at_relations(self.connection)  # dropping what it looks at has turned its eyes away

    def look_near(self, organisations: Collection[str], tables: Collection[str]) -> None:
        """Of these tables relations and rules see the rows of these organisations alone, until the relations are
        forgotten; «main.» before a table's name leads to all of it."""
        for name in tables:
            self.connection.execute(
                f"CREATE TABLE {NEAR_AT}.{quoted(name)} AS "
                f"FROM main.{quoted(name)} WHERE organisation IN (SELECT unnest(?::VARCHAR[]))",
                [sorted(organisations)],
            )
        self._near = frozenset(tables)

    def rows_at(self, table: str) -> str:
        """Where the rows of a table are that relations and rules see, as SQL."""
        return f"{NEAR_AT if table in self._near else 'main'}.{quoted(table)}"

    def set_variables(self, values: Mapping[str, object]) -> None:
        """What SQL reads as ``getvariable('…')``, here and on cursors made from now on."""
        self._variables |= values
        _set_variables(self.connection, values)

    def cursor(self) -> Connection:
        """A further connection, for use beside the first: it sees the tables and, in a locked store, the relations."""
        cursor = self.connection.cursor()  # it does not know which of the databases we use
        if self.locked:
            self._look_at_relations(cursor)
        else:
            cursor.execute(f"USE {quoted(self.database)}")
        _set_variables(cursor, self._variables)
        return cursor

    def _look_at_relations(self, connection: DuckDBPyConnection) -> None:
        """A name is first that of a relation (or of what the people ledger puts before a table), then of a table."""
        connection.execute(f"SET search_path = '{RELATIONS_AT},{NEAR_AT},{quoted(self.database)}.main'")

    def _make_room(self) -> None:
        """More memory for a store larger than a district: relations that do not fit are put on disk, but not wholly."""
        line = self.connection.execute("SELECT coalesce(sum(rows_read), 0) FROM main.tables").fetchone()
        if line:
            self.memory.make_room(line[0] // ROWS_PER_MB)

    # -- writing ---------------------------------------------------------------------------------------------

    def replace(
        self,
        workbooks: Sequence[WorkbookState],
        fragments: Iterable[Path],
        kept: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        """Put what was read of these workbooks in place of what was known, in one transaction.

        Only their blocks and issues are taken from the fragments; a workbook without any keeps only its line. What was
        known of a workbook that is not ``readable``, or of a sheet in ``kept`` (organisation, workbook, sheet), stands.
        Raises SourceError when a fragment is torn: nothing has changed then.
        """
        if not workbooks:
            return
        import duckdb

        files: dict[str, list[Path]] = {}
        for path in fragments:
            files.setdefault(fragment_table(path), []).append(path)
        try:
            with _scratch_beside(files) as scratch:
                gathered = self._gather(files, {state[:2] for state in workbooks if state.readable}, scratch)
                self.connection.transact(lambda: self._replace(workbooks, gathered, kept))
        except (duckdb.Error, TornError, OSError) as error:
            raise SourceError(
                f"rows that were read could not be stored: {_first_line(error)}", transient=True
            ) from error

    def _gather(
        self, files: Mapping[str, Sequence[Path]], readable: Container[tuple[str, str]], scratch: Path
    ) -> dict[str, Gathered]:
        """What fragments tell of readable workbooks, and all they say of any: a file for each table."""
        columns: dict[str, Mapping[str, str]] = {BLOCKS: BLOCK_STORAGE, ISSUES: ISSUE_STORAGE}
        for name, schema in self.definitions.schemas.items():
            columns[name] = dict((*POSITION, *schema.storage()))
        return {
            name: gather(files[name], listed, readable, scratch / f"{name}.parquet")
            for name, listed in columns.items()
            if name in files
        }

    def _replace(
        self,
        workbooks: Sequence[WorkbookState],
        gathered: Mapping[str, Gathered],
        kept: Sequence[tuple[str, str, str]],
    ) -> None:
        self._name_incoming([(state.organisation, state.workbook, state.readable) for state in workbooks], kept)
        self._delete_incoming()
        _insert_values(self.connection, "workbooks", [tuple(state) for state in workbooks])
        if BLOCKS in gathered:
            self._load_blocks(gathered[BLOCKS])
        for name in self.definitions.schemas:
            if name in gathered:
                self._load_rows(name, gathered[name])
        if ISSUES in gathered:
            self._load_issues(gathered[ISSUES])

    def withdraw(self, workbooks: Iterable[tuple[str, str]]) -> None:
        """Forget workbooks that are gone, given as (organisation, workbook)."""
        gone = list(workbooks)
        if not gone:
            return

        def forget() -> None:
            self._name_incoming([(organisation, workbook, True) for organisation, workbook in gone])
            self._delete_incoming()

        self.connection.transact(forget)

    def relocate(self, locators: Mapping[tuple[str, str], str]) -> None:
        """Workbooks that stand elsewhere than when they were read, by (organisation, workbook)."""
        for (organisation, workbook), locator in locators.items():
            self.connection.execute(
                "UPDATE main.workbooks SET locator = ? WHERE organisation = ? AND workbook = ?",
                [locator, organisation, workbook],
            )

    def replace_rule_issues(self, organisations: Collection[str] | None = None) -> None:
        """Put the findings of the rules (the temporary table of ``rules.run_rules``) in place of the former ones: all,
        or those of these organisations, beside what is said of the rules themselves."""
        whose = None if organisations is None else {"", *organisations}
        keep_of(self.connection, "issues", "FROM rule_issues", whose, replaced="rule IS NOT NULL")

    def record_run(self, run: Run) -> None:
        """Add a finished run."""
        values = (
            run.started,
            run.finished,
            run.verb,
            run.outcome,
            run.as_of,
            run.workbooks_read,
            run.workbooks_unreadable,
            run.errors,
            run.warnings,
            run.note,
        )
        _insert_values(self.connection, "runs", [values])

    def _name_incoming(
        self, workbooks: Sequence[tuple[str, str, bool]], kept: Sequence[tuple[str, str, str]] = ()
    ) -> None:
        """``readable`` False: what was read of it before stands, only its issues and its line are replaced."""
        columns = "organisation VARCHAR, workbook VARCHAR, readable BOOLEAN"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming ({columns})")
        _insert_values(self.connection, "temp.incoming", workbooks)
        columns = "organisation VARCHAR, workbook VARCHAR, sheet VARCHAR"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming_kept ({columns})")
        _insert_values(self.connection, "temp.incoming_kept", kept)

    def _delete_incoming(self) -> None:
        if not self._count("main.workbooks SEMI JOIN incoming USING (organisation, workbook)"):
            return
        replaced = " AND i.readable"
        if self._count("incoming_kept"):
            kept = "SELECT (organisation, workbook, sheet) FROM incoming_kept"
            replaced += f" AND (t.organisation, t.workbook, t.sheet) NOT IN ({kept})"
        # Rows that stand keep what was said of them; what was said of the file itself is told anew.
        said = f" AND t.rule IS NULL AND (t.code LIKE 'file-%' OR (true{replaced}))"
        for name in (*self.definitions.schemas, *PER_WORKBOOK):
            only = {"issues": said, "workbooks": ""}.get(name, replaced)
            self.connection.execute(
                f"DELETE FROM main.{quoted(name)} AS t USING incoming AS i "
                f"WHERE t.organisation = i.organisation AND t.workbook = i.workbook{only}"
            )

    def _count(self, relation: str) -> int:
        line = self.connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
        return int(line[0]) if line else 0

    def _load_blocks(self, blocks: Gathered) -> None:
        self._insert("tables", BLOCK_STORAGE, blocks, "SEMI JOIN (FROM incoming WHERE readable)")

    def _load_rows(self, table: str, rows: Gathered) -> None:
        self._insert(table, dict((*POSITION, *self.definitions.schemas[table].storage())), rows)

    def _load_issues(self, issues: Gathered) -> None:
        self._insert("issues", ISSUE_STORAGE, issues, "SEMI JOIN incoming")

    def _insert(self, table: str, columns: Mapping[str, str], gathered: Gathered, only: str = "") -> None:
        """Put gathered rows into a table, ``only`` those whose workbook a relation tells."""
        if not gathered.rows:
            return
        listed = ", ".join(map(quoted, columns))
        values = ", ".join(_value(name, kind, gathered) for name, kind in columns.items())
        using = f"{only} USING (organisation, workbook)" if only else ""
        self.connection.execute(
            f"INSERT INTO main.{quoted(table)} ({listed}) "
            f"SELECT {values} FROM read_parquet({_literal(str(gathered.path))}) {using}"
        )

    # -- reading ---------------------------------------------------------------------------------------------

    def organisations(self) -> list[str]:
        """Ids of the organisations with at least one workbook, sorted."""
        return [
            str(line[0])
            for line in self.connection.execute(
                "SELECT DISTINCT organisation FROM main.workbooks ORDER BY 1"
            ).fetchall()
        ]

    def workbooks(self) -> list[WorkbookState]:
        """Every workbook, by organisation and name."""
        columns = ", ".join(name for name, _ in OWN["workbooks"])
        return [
            WorkbookState(*line)
            for line in self.connection.execute(
                f"SELECT {columns} FROM main.workbooks ORDER BY organisation, workbook"
            ).fetchall()
        ]

    def tables(self, organisation: str | None = None) -> list[TableLine]:
        """Tables found, of one organisation or of all, by workbook, sheet and heading row."""
        columns = ", ".join(quoted(name) for name, _ in OWN["tables"])
        lines = self.connection.execute(
            f"SELECT {columns} FROM main.tables WHERE ?::VARCHAR IS NULL OR organisation = ? "
            'ORDER BY organisation, workbook, sheet, header_row, "table"',
            [organisation, organisation],
        ).fetchall()
        return [TableLine(*(*line[:8], json.loads(line[8]), json.loads(line[9]))) for line in lines]

    def issues(self, organisation: str | None = None) -> list[Issue]:
        """Issues of the checks and of the rules, of one organisation or of all, by workbook, sheet, row and column."""
        columns = ", ".join(quoted(name) for name in ISSUE_COLUMNS)
        lines = self.connection.execute(
            f"SELECT {columns} FROM main.issues WHERE ?::VARCHAR IS NULL OR organisation = ? "
            'ORDER BY organisation, workbook, sheet NULLS FIRST, "row" NULLS FIRST, length("column") NULLS FIRST, '
            '"column", code, field, value, severity',
            [organisation, organisation],
        ).fetchall()
        return [issue_of(line) for line in lines]

    def issue_counts(self, organisations: Collection[str]) -> dict[str, int]:
        """How many issues of each severity these organisations have."""
        lines = self.connection.execute(
            "SELECT severity, count(*) FROM main.issues "
            "WHERE organisation IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL",
            [sorted(organisations)],
        ).fetchall()
        return {str(severity): int(count) for severity, count in lines}

    def issue_lines(self, wanted: Collection[str] | None = None) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Issues of every organisation (of those wanted) that has any, in order of their ids, from one query; the
        connection stays free.

        :func:`issue_of` makes issues of the lines, which are in the order of :meth:`issues`.
        """
        return self.memory.enough_for_each(partial(self._issue_lines_behind, wanted))

    def _issue_lines_behind(
        self, wanted: Collection[str] | None, organisation: str | None
    ) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        columns = ", ".join(quoted(name) for name in ISSUE_COLUMNS)
        own = "" if wanted is None else "organisation IN (SELECT unnest($3::VARCHAR[])) AND "
        values: list[object] = [organisation, organisation]
        values += [] if wanted is None else [sorted(wanted)]
        with self.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM main.issues WHERE {own}($1::VARCHAR IS NULL OR organisation > $2) "
                'ORDER BY organisation, workbook, sheet NULLS FIRST, "row" NULLS FIRST, length("column") NULLS FIRST, '
                '"column", code, field, value, severity',
                values,
            )
            lines: list[tuple[Any, ...]] = []
            while batch := cursor.fetchmany(FETCHED_AT_ONCE):
                for line in batch:
                    if lines and line[0] != lines[0][0]:
                        yield lines[0][0], lines
                        lines = []
                    lines.append(line)
            if lines:
                yield lines[0][0], lines

    def last_runs(self, count: int = 50) -> list[dict[str, Any]]:
        """The newest runs first, as plain values: times in ISO form."""
        columns = [name for name, _ in OWN["runs"]]
        lines = self.connection.execute(
            f"SELECT {', '.join(columns)} FROM main.runs ORDER BY started DESC LIMIT ?", [count]
        ).fetchall()
        return [
            {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in zip(columns, line, strict=True)
            }
            for line in lines
        ]


def issue_of(line: Sequence[Any]) -> Issue:
    """An issue from a line of the store in the order of ISSUE_COLUMNS."""
    code, severity, value, suggestion, params = line[7:]
    at = At._make(line[:7])
    if at.workbook is None:
        at = at._replace(workbook="")
    return Issue(code, severity, at, value, suggestion, params_of(params) if params else ())


@lru_cache(maxsize=4096)
def params_of(text: str) -> tuple[tuple[str, str], ...]:
    """Parameters of an issue as its line has them."""
    return tuple(json.loads(text).items())


def keep_of(
    connection: Connection,
    table: str,
    select: str,
    organisations: Collection[str] | None = None,
    replaced: str = "true",
) -> None:
    """Put what a query tells, in the columns of one of our tables, in place of the lines kept there of which
    ``replaced`` holds: all, or of these organisations alone."""
    columns = ", ".join(quoted(name) for name, _ in OWN[table])
    own, values = "", list[list[str]]()
    if organisations is not None:
        own, values = " AND organisation IN (SELECT unnest($1::VARCHAR[]))", [sorted(organisations)]

    def put() -> None:
        connection.execute(f"DELETE FROM main.{quoted(table)} WHERE {replaced}{own}", values)
        connection.execute(
            f"INSERT INTO main.{quoted(table)} ({columns}) SELECT {columns} FROM ({select}) WHERE true{own}", values
        )

    connection.transact(put)


# -- the file itself -------------------------------------------------------------------------------------


class _DamagedError(Exception):
    """The file is there and is no store that can be used."""


class _PlainError(Exception):
    """The file is there and is not encrypted, though it should be."""


def _connect(file: Path | None, threads: int, key: str = "") -> DuckDBPyConnection:
    import duckdb

    # A thread for each core and a bounded buffer: more memory does not make loading faster, and workers run beside us.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if file is None:
        settings["temp_directory"] = str(Path(tempfile.gettempdir()) / f"sheets-sync-{os.getpid()}.tmp")
    else:
        settings["temp_directory"] = f"{file}.tmp"
    try:
        connection = duckdb.connect(":memory:", config=settings)
        if file is not None:
            _attach(connection, file, key)
        # trying these costs a quarter of the loading and saves nothing: names repeat, and dictionaries hold them
        connection.execute("SET disabled_compression_methods = 'fsst,zstd'")
        return connection
    except duckdb.IOException as error:
        if "lock" in str(error).casefold():
            raise SourceError("the store is in use by another program", path=file, transient=True) from error
        if file is None or not file.exists() or not os.access(file, os.R_OK | os.W_OK):
            raise SourceError(f"the store cannot be opened: {_first_line(error)}", path=file) from error
        raise _DamagedError(_first_line(error)) from error
    except duckdb.Error as error:
        told = str(error)
        if "Wrong encryption key" in told:
            mend = "set it to the key the store was made with, or remove the file: `sync` makes it again"
            raise ConfigError("SHEETS_SYNC_STORE_KEY is not the key of the store", path=file, mend=mend) from error
        if "without a key" in told:
            mend = "set store.encrypted = true and SHEETS_SYNC_STORE_KEY, or remove the file: `sync` makes it again"
            raise ConfigError("the store is encrypted", path=file, mend=mend) from error
        if "is not encrypted" in told:
            raise _PlainError from error
        raise _DamagedError(_first_line(error)) from error


@contextmanager
def looking_into(file: Path, key: str = "") -> Iterator[DuckDBPyConnection]:
    """The store's file for a look at it: nothing is written, not even a lock is left. Raises duckdb.Error."""
    import duckdb

    if not key:
        with duckdb.connect(str(file), read_only=True) as connection:
            yield connection
        return
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {_literal(str(file))} AS store (READ_ONLY, ENCRYPTION_KEY '{_secret(key)}')")
        connection.execute("USE store")
        yield connection


def _secret(key: str) -> str:
    """Any text may be a key, and no message of DuckDB shows it."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _attach(connection: DuckDBPyConnection, file: Path, key: str) -> None:
    options = f"ROW_GROUP_SIZE {ROW_GROUP}"
    if key:
        _make_secure(connection)
        connection.execute("SET temp_file_encryption = true")
        options += f", ENCRYPTION_KEY '{_secret(key)}'"
    connection.execute(f"ATTACH {_literal(str(file))} AS store ({options})")
    connection.execute("USE store")


def _make_secure(connection: DuckDBPyConnection) -> None:
    """DuckDB by itself can only read encrypted files; what writes them safely comes with an extension."""
    import duckdb

    try:
        connection.execute("LOAD httpfs")
    except duckdb.Error as error:
        command = "python -c \"import duckdb; duckdb.connect().install_extension('httpfs')\""
        raise ConfigError(
            "store.encrypted needs DuckDB's extension httpfs, which is not installed",
            mend=f"install it once, for this account: {command}; or set store.encrypted = false",
        ) from error


def _put_aside(file: Path) -> Path | None:
    for number in range(1, 1000):
        aside = file.with_name(f"{file.name}.damaged-{number}")
        if not aside.exists():
            try:
                file.rename(aside)
                Path(f"{file}.wal").unlink(missing_ok=True)
            except OSError:
                return None
            return aside
    return None


def _prepare(connection: DuckDBPyConnection, definitions: Definitions) -> bool:
    """Make the tables that are missing, make anew those whose columns changed; True if one was changed."""
    import duckdb

    wanted: dict[str, list[tuple[str, str]]] = {name: list(columns) for name, columns in OWN.items()}
    for name, schema in definitions.schemas.items():
        wanted[name] = [*POSITION, *schema.storage()]
    try:
        found: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal "
            "ORDER BY table_name, column_index"
        ).fetchall():
            found.setdefault(table, []).append((column, kind))
        if {name: found.get(name) for name in wanted} == wanted and len(found) == len(wanted):
            return False
        changed = False
        connection.execute("BEGIN TRANSACTION")
        for name in found.keys() - wanted.keys():
            connection.execute(f"DROP TABLE main.{quoted(name)}")
        for name, columns in wanted.items():
            if found.get(name) == columns:
                continue
            if name in found:
                changed = True
                if name in definitions.schemas and "workbooks" in found and "tables" in found:
                    connection.execute(
                        "UPDATE main.workbooks SET definitions = '' WHERE (organisation, workbook) IN "
                        '(SELECT (organisation, workbook) FROM main.tables WHERE "table" = ?)',
                        [name],
                    )
                connection.execute(f"DROP TABLE main.{quoted(name)}")
            listed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
            connection.execute(f"CREATE TABLE main.{quoted(name)} ({listed})")
        if any(name in found and found[name] != wanted[name] for name in PER_WORKBOOK):
            for name in (*definitions.schemas, *PER_WORKBOOK):  # an older make of the store: all is read again
                connection.execute(f"DELETE FROM main.{quoted(name)}")
        connection.execute("COMMIT")
        return changed
    except duckdb.Error as error:
        _roll_back(connection)
        connection.close()
        raise _DamagedError(_first_line(error)) from error


def _set_variables(connection: DuckDBPyConnection, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])


def _roll_back(connection: DuckDBPyConnection) -> None:
    import duckdb

    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:  # no transaction is open any more: the failed statement has ended it
        pass


def _insert_values(connection: DuckDBPyConnection, table: str, records: Sequence[Sequence[object]]) -> None:
    """Insert records with one statement per 500: executemany takes a millisecond a row."""
    for start in range(0, len(records), 500):
        group = records[start : start + 500]
        marks = "(" + ", ".join("?" * len(group[0])) + ")"
        name = table if table.startswith("temp.") else f"main.{quoted(table)}"
        connection.execute(
            f"INSERT INTO {name} VALUES {', '.join([marks] * len(group))}",
            [value for record in group for value in record],
        )


@contextmanager
def _scratch_beside(files: Mapping[str, Sequence[Path]]) -> Iterator[Path]:
    """A folder for what is gathered, where the fragments are."""
    beside = next((paths[0].parent for paths in files.values()), None)
    with tempfile.TemporaryDirectory(prefix="gathered-", dir=beside, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _value(name: str, kind: str, gathered: Gathered) -> str:
    """A column of gathered rows as the store keeps it."""
    if name not in gathered.told:
        return "NULL"
    value = quoted(name)
    if name in gathered.with_nulls:
        value = f"nullif({value}, {FORMS[kind].null_sql})"
    if kind.endswith("[]"):
        return f"string_split({value}, chr({ord(LIST_SEPARATOR)}))"
    return f"{value}::{kind}"


def _first_line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error).strip().split("\n")[0])
