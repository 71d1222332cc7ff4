"""What became of the findings: when each was first seen, which were fixed since the last time.

A finding is recognised by what it is about (code, table, field, and the record's own key: a person's name, a pair's, a
meeting's date), not by the row it stands in: sorting, inserting and deleting rows leaves it the same. Findings that are
alike in all of this are told apart by their place, as far as it tells them apart, and are counted otherwise.

A finding is *fixed* when it is gone after the organisation's own workbooks changed; one that is gone because the day or
the definitions changed, or with its whole workbook, is only forgotten. So nothing here depends on the clock, nor on how
often a run is repeated: an organisation's ``round`` counts the changes of its workbooks that changed its findings.

The store's tables ``history`` and ``history_rounds`` hold it all. ``history/<organisation>.json`` beside the store lets
a store made anew take up what it can: every finding's identity and first day, and what was fixed.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.issues import Issue
from sheets_sync.store import Store, quoted
from sheets_sync.table_schema.model import Field, TableSchema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = "history"
FORMAT = 1
FIXED_KEPT = 200  # fixed findings remembered of one organisation, the newest
_KEY_TYPES = frozenset({"text", "name", "organisation", "order_number", "date", "datetime", "inn", "integer"})


class Fixed(NamedTuple):
    """A finding that is gone. ``record`` names the row as people do («Орлова М. П. – Белов А. И.», "" if unknown);
    ``just_now`` tells those fixed since the last time. Days are as-of dates."""

    code: str
    table: str
    field: str
    workbook: str
    sheet: str
    record: str
    value: str
    first_seen: date
    fixed_on: date
    just_now: bool


class Past(NamedTuple):
    """What has happened to one organisation's findings: the fixed ones, newest first, and how many are new."""

    fixed: list[Fixed]
    new: int


def record_fields(schema: TableSchema) -> tuple[Field, ...]:
    """The fields that name a record of a table.

    The schema's primary key; else the persons and the pair's number, with the day where the record is an event; else
    what a record must have; else what the table is recognised by.
    """
    if schema.primary_key:
        return tuple(schema.field(name) for name in schema.primary_key)
    telling = {name for names in schema.identify for name in names}
    own = [item for item in schema.fields if item.type in _KEY_TYPES and not item.many]
    people = [item for item in own if item.type == "name" and (item.name in telling or item.required == "value")]
    number = [item for item in own if item.name == "pair_id" and item.name in telling]
    if people or number:
        when = [item for item in own if item.type == "datetime" or (item.type == "date" and item.name == "date")]
        return tuple(item for item in schema.fields if item in (*people, *number, *when))
    needed = [item for item in own if item.required == "value"]
    return tuple(needed or [item for item in own if item.name in telling][:3])


def note(
    store: Store,
    as_of: date,
    *,
    touched: Collection[str],
    looked_at: Collection[str] | None = None,
    noticed: Sequence[Issue] = (),
) -> None:
    """Compare the store's findings with those known before, and remember them: errors and warnings, no hints.

    ``touched`` are the organisations whose workbooks changed, the only ones that can have fixed something.
    ``looked_at``: those whose findings may be others than before, the touched ones among them; None: anybody's.
    ``noticed`` are findings that are not in the store.
    """
    connection = store.connection
    folder = store.path.parent / FOLDER if store.path is not None else None
    restored = folder is not None and _restore(connection, folder)
    _make_scope(connection, looked_at)
    _make_present(store, noticed)
    changed = _Comparison(store, as_of, frozenset(touched), restored).keep()
    connection.execute("DROP VIEW temp.present")
    for name in ("found_now", "identified", "history_same"):  # as large as the issues: room for what comes next
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    if folder is not None:
        _save(connection, folder, changed)


def pasts(store: Store) -> dict[str, Past]:
    """Every organisation's past; those without one are missing."""
    connection = store.connection
    new = connection.execute(
        "SELECT h.organisation, count(*) FROM main.history AS h "
        "JOIN main.history_rounds AS r ON r.organisation = h.organisation AND r.round = h.since "
        "WHERE h.fixed_on IS NULL AND r.round > 1 GROUP BY ALL"
    ).fetchall()
    found = {organisation: Past([], count) for organisation, count in new}
    for organisation, *line in connection.execute(
        'SELECT h.organisation, h.code, h."table", h.field, h.workbook, h.sheet, h.record, h.value, h.first_seen, '
        "h.fixed_on, h.fixed_in = r.round FROM main.history AS h "
        "JOIN main.history_rounds AS r ON r.organisation = h.organisation WHERE h.fixed_on IS NOT NULL "
        'ORDER BY h.organisation, h.fixed_in DESC, h.fixed_on DESC, h.workbook, h.sheet, h."row", h.code, h.field, '
        "h.record, h.value"
    ).fetchall():
        fixed = Fixed(*(text or "" for text in line[:7]), *line[7:])  # type: ignore[arg-type]
        found.setdefault(organisation, Past([], 0)).fixed.append(fixed)
    return found


def records(store: Store, organisation: str) -> dict[tuple[str, str, str, int], str]:
    """The names of the records an organisation's findings are about, by (workbook, sheet, table, row)."""
    lines = store.connection.execute(
        'SELECT DISTINCT workbook, sheet, "table", "row", record FROM main.history '
        'WHERE organisation = ? AND fixed_on IS NULL AND record IS NOT NULL AND "row" IS NOT NULL',
        [organisation],
    ).fetchall()
    return {(workbook, sheet or "", table or "", row): record for workbook, sheet, table, row, record in lines}


# -- what there is now ---------------------------------------------------------------------------------------------


def _make_scope(connection: DuckDBPyConnection, looked_at: Collection[str] | None) -> None:
    """``history_scope``: the organisations looked at."""
    if looked_at is None:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE history_scope AS SELECT organisation FROM main.workbooks "
            "UNION SELECT organisation FROM main.issues UNION SELECT organisation FROM main.history"
        )
    else:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE history_scope AS SELECT DISTINCT unnest(?::VARCHAR[]) AS organisation",
            [sorted(looked_at)],
        )


def _make_present(store: Store, noticed: Sequence[Issue]) -> None:
    """``present``, a view: every error and warning of the scope (``found_now``) with its record and its identity.

    The identity of a finding without a record (of a sheet, a heading, a row that is none) has the sheet and the value
    in it; that of a whole file the file's name, wherever the file lies.
    """
    connection = store.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE found_now AS SELECT row_number() OVER () AS line, organisation, workbook, sheet, "
        '"table", "row", field, code, value FROM main.issues SEMI JOIN history_scope USING (organisation) '
        "WHERE severity <> 'info'"
    )
    for number, issue in enumerate(noticed, 1):
        if issue.severity != "info":
            at = issue.at
            # a file's name may hold bytes that are no text
            workbook = at.workbook.encode("utf-8", "replace").decode()
            connection.execute(
                "INSERT INTO found_now SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? IN (FROM history_scope)",
                [
                    -number, at.organisation, workbook, at.sheet, at.table, at.row, at.field, issue.code,
                    issue.value, at.organisation,
                ],
            )  # fmt: skip
    connection.execute("CREATE OR REPLACE TEMP TABLE found_records (line BIGINT, key VARCHAR, record VARCHAR)")
    tables = {name for (name,) in connection.execute('SELECT DISTINCT "table" FROM found_now').fetchall()}
    for name, schema in store.definitions.schemas.items():
        if name in tables and record_fields(schema):
            connection.execute(_records_of(schema), [name])
    # two tables of one kind side by side: the row names two records, and either will do
    twice = connection.execute("SELECT count(*) > count(DISTINCT line) FROM found_records").fetchone()
    if twice and twice[0]:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE found_records AS "
            "SELECT line, min(key) AS key, arg_min(record, key) AS record FROM found_records GROUP BY line"
        )
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE identified AS
        SELECT n.line, r.record,
            md5_number_lower(concat_ws(chr(31), n.code, coalesce(n."table", ''), coalesce(n.field, ''),
                CASE WHEN r.key IS NOT NULL THEN r.key
                    WHEN n.sheet IS NOT NULL THEN concat_ws(chr(30), n.sheet, n.value)
                    ELSE concat_ws(chr(30), parse_filename(n.workbook), n.value) END)) AS identity
        FROM found_now AS n
        LEFT JOIN found_records AS r ON r.line = n.line
    """)
    connection.execute("DROP TABLE temp.found_records")  # its texts take more room than all the rest
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW present AS SELECT * FROM temp.found_now JOIN temp.identified USING (line)"
    )


def _naming(schema: TableSchema) -> tuple[str, str]:
    """SQL of what a row ``t`` is known by ("" where it has no name) and of what people call it (NULL there)."""
    keys, people, rest = [], [], []
    stored = {column for column, _ in schema.storage()}
    for item in record_fields(schema):
        name = item.name if item.name in stored else f"{item.name}_"
        column = f"t.{quoted(name)}"
        if f"{name}_key" in stored:
            keys.append(f"t.{quoted(f'{name}_key')}")
        elif item.type == "birth":
            keys.append(f"coalesce({column}::VARCHAR, t.{quoted(f'{name}_year')}::VARCHAR)")
        else:
            keys.append(f"lower(trim({column}::VARCHAR))")
        if item.type == "name":
            people.append(column)
        elif item.type in ("date", "datetime"):
            rest.append(f"strftime({column}, '%d.%m.%Y')")
        elif item.name == "pair_id":
            rest.append(f"'№ ' || {column}")
        elif item.type not in ("birth", "enum"):
            rest.append(f"{column}::VARCHAR")
    said = ", ".join([f"nullif(concat_ws(' – ', {', '.join(people)}), '')", *rest] if people else rest)
    return f"concat_ws(chr(30), {', '.join(keys)})", f"nullif(concat_ws(', ', {said or 'NULL'}), '')"


def _records_of(schema: TableSchema) -> str:
    """The query that finds the records of a table's findings: where one cell held several persons, the first."""
    key, record = _naming(schema)
    # materialized, so that the condition is tried after the join and the key spelled once, for the rows with findings:
    # otherwise that of every meeting of the district would be
    return f"""
        INSERT INTO found_records
        WITH named AS MATERIALIZED (
            SELECT i.line, {key} AS key, {record} AS record
            FROM main.{quoted(schema.name)} AS t
            JOIN (FROM found_now WHERE "table" = $1) AS i ON i.organisation = t.organisation
                AND i.workbook = t.workbook AND i.sheet = t.sheet AND i."row" = t."row"
            WHERE t.part = 0
        )
        FROM named WHERE key <> ''
    """


# -- before and now ------------------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    """A finding, of now or of before."""

    organisation: str
    identity: int
    code: str
    table: str | None
    field: str | None
    workbook: str
    sheet: str | None
    row: int | None
    value: str | None
    record: str | None
    first_seen: date | None = None
    since: int = 0  # the round it was first seen in; 0 where no change of the organisation's own brought it


_KINDS = ("VARCHAR", "UBIGINT", *["VARCHAR"] * 5, "INTEGER", "VARCHAR", "VARCHAR", "DATE", "INTEGER")
_COLUMNS = 'organisation, identity, code, "table", field, workbook, sheet, "row", value, record'


class _Comparison:
    """The findings of now (``present``) beside those known before, organisation by organisation."""

    def __init__(self, store: Store, as_of: date, touched: frozenset[str], restored: bool) -> None:
        self.store, self.connection, self.as_of, self.touched = store, store.connection, as_of, touched
        self.restored = restored  # what is known are identities only: places and names are to be filled in
        self.rounds: dict[str, int] = dict(
            self.connection.execute("SELECT organisation, round FROM main.history_rounds").fetchall()
        )

    def keep(self) -> list[str]:
        """Bring the history up to the day; returns the organisations whose history changed."""
        connection = self.connection
        # Equal numbers of equal identities are the same findings. Only the others are looked at one by one, and
        # those alike, which their places tell apart.
        connection.execute("""
            CREATE OR REPLACE TEMP TABLE differing AS
            SELECT coalesce(n.organisation, b.organisation) AS organisation,
                coalesce(n.identity, b.identity) AS identity
            FROM (SELECT organisation, identity, count(*) AS times FROM present GROUP BY ALL) AS n
            FULL JOIN (SELECT organisation, identity, count(*) AS times FROM main.history
                SEMI JOIN history_scope USING (organisation) WHERE fixed_on IS NULL GROUP BY ALL) AS b
                ON b.organisation = n.organisation AND b.identity = n.identity
            WHERE (n.times IS DISTINCT FROM b.times OR n.times > 1)
                AND coalesce(n.organisation, b.organisation) IN (SELECT organisation FROM main.history_rounds)
        """)
        now = self._fetch(f"SELECT {_COLUMNS} FROM present SEMI JOIN differing USING (organisation, identity)")
        before = self._fetch(
            f"SELECT {_COLUMNS}, first_seen, since FROM main.history "
            "SEMI JOIN differing USING (organisation, identity) WHERE fixed_on IS NULL"
        )
        came_back = self._fixed_before(now)
        open_rows: list[_Seen] = []
        fixed: list[_Seen] = []
        again: list[_Seen] = []
        changed: set[str] = set()
        advanced: dict[str, int] = {}
        excused = self._excused()
        for organisation in sorted(now.keys() | before.keys()):
            same, gone, new = _match(before.get(organisation, []), now.get(organisation, []), self._is_there)
            open_rows += same
            kept = [one for one in gone if (organisation, one.workbook, None) in excused.unread
                    or (organisation, one.workbook, one.sheet) in excused.unread]  # fmt: skip
            open_rows += kept
            gone = [one for one in gone if one not in kept]
            round_now = self.rounds[organisation]
            own = organisation in self.touched
            mended = [one for one in gone if excused.can_be_fixed(one)] if own else []
            if own and (mended or new):
                round_now += 1
                advanced[organisation] = round_now
            fixed += mended
            for one in new:
                first = came_back.get((organisation, one.identity))
                again += [one] if first else []
                open_rows.append(one._replace(first_seen=first or self.as_of, since=round_now if own else 0))
            if gone or new:
                changed.add(organisation)
        first_time = [
            line[0]
            for line in connection.execute(
                "SELECT organisation FROM history_scope WHERE organisation <> '' "
                "AND organisation NOT IN (SELECT organisation FROM main.history_rounds) ORDER BY 1"
            ).fetchall()
        ]
        # elsewhere nothing has moved, and the history stands as it is
        known = set(self.rounds) if self.restored else set()
        rewritten = [name for name in sorted(changed | self.touched | known | set(first_time)) if name]
        if rewritten:
            rounds = {**dict.fromkeys(first_time, 1), **advanced}
            self._write(rewritten, rounds, [one for one in open_rows if one.organisation in rewritten], fixed, again)
        return sorted(changed | set(first_time))

    def _is_there(self, one: _Seen) -> bool:
        """Whether a finding's record is still in its table, whatever is found about it."""
        schema = self.store.definitions.schemas.get(one.table or "")
        if schema is None or one.record is None:
            return False
        found = self.connection.execute(
            f"SELECT 1 FROM main.{quoted(schema.name)} AS t "
            f"WHERE t.organisation = ? AND {_naming(schema)[1]} = ? LIMIT 1",
            [one.organisation, one.record],
        ).fetchone()
        return found is not None

    def _fetch(self, sql: str) -> dict[str, list[_Seen]]:
        found: dict[str, list[_Seen]] = defaultdict(list)
        for line in self.connection.execute(
            f'{sql} ORDER BY organisation, workbook, sheet NULLS FIRST, "row" NULLS FIRST, identity, value'
        ).fetchall():
            found[line[0]].append(_Seen(*line))
        return found

    def _fixed_before(self, now: Mapping[str, Sequence[_Seen]]) -> dict[tuple[str, int], date]:
        """First days of findings once fixed, for those that come back."""
        if not now:
            return {}
        return {
            (organisation, identity): first_seen
            for organisation, identity, first_seen in self.connection.execute(
                "SELECT organisation, identity, min(first_seen) FROM main.history "
                "SEMI JOIN differing USING (organisation, identity) WHERE fixed_on IS NOT NULL GROUP BY ALL"
            ).fetchall()
        }

    def _excused(self) -> _Excused:
        unread = self.connection.execute(
            "SELECT DISTINCT organisation, workbook, sheet FROM main.issues "
            "WHERE code LIKE 'file-%' AND severity = 'error'"
        ).fetchall()
        there = self.connection.execute("SELECT organisation, workbook FROM main.workbooks").fetchall()
        return _Excused({tuple(line) for line in unread}, {tuple(line) for line in there})

    def _write(
        self,
        organisations: Sequence[str],
        rounds: Mapping[str, int],
        open_rows: Sequence[_Seen],
        fixed: Sequence[_Seen],
        again: Sequence[_Seen],
    ) -> None:
        """Put what is known now in place of what was, for these organisations; ``rounds`` of those that go on."""
        connection = self.connection
        connection.execute(
            """
            CREATE OR REPLACE TEMP TABLE history_same AS
            SELECT n.line, coalesce(b.first_seen, $1) AS first_seen, coalesce(b.since, 1) AS since
            FROM (FROM present WHERE organisation IN (SELECT unnest($2::VARCHAR[]))) AS n
            ANTI JOIN differing AS d ON d.organisation = n.organisation AND d.identity = n.identity
            LEFT JOIN (FROM main.history WHERE fixed_on IS NULL) AS b
                ON b.organisation = n.organisation AND b.identity = n.identity
            """,
            [self.as_of, list(organisations)],
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE history_now AS SELECT {_COLUMNS}, first_seen, since, fixed_on "
            "FROM main.history LIMIT 0"
        )
        _insert(connection, "history_now", open_rows, None)
        _insert(connection, "history_now", fixed, self.as_of)
        connection.execute("CREATE OR REPLACE TEMP TABLE history_again AS FROM history_now LIMIT 0")
        _insert(connection, "history_again", again, None)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE rounds_now AS SELECT unnest($1::VARCHAR[]) AS organisation, "
            "unnest($2::INTEGER[]) AS round",
            [list(rounds), list(rounds.values())],
        )
        chosen = "organisation IN (SELECT unnest($1::VARCHAR[]))"

        def put() -> None:
            connection.execute(f"DELETE FROM main.history_rounds WHERE {chosen}", [list(rounds)])
            connection.execute("INSERT INTO main.history_rounds FROM rounds_now")
            connection.execute(f"DELETE FROM main.history WHERE fixed_on IS NULL AND {chosen}", [list(organisations)])
            if again:  # what is there again is not fixed
                connection.execute(
                    "DELETE FROM main.history WHERE (organisation, identity) IN "
                    "(SELECT (organisation, identity) FROM history_again)"
                )
            connection.execute(
                f"INSERT INTO main.history ({_COLUMNS}, first_seen, since) "
                f"SELECT {_COLUMNS}, first_seen, since FROM present JOIN history_same USING (line)"
            )
            connection.execute(
                f"INSERT INTO main.history ({_COLUMNS}, first_seen, since, fixed_on, fixed_in) "
                "SELECT n.*, CASE WHEN n.fixed_on IS NOT NULL THEN r.round END "
                "FROM history_now AS n LEFT JOIN rounds_now AS r USING (organisation)"
            )
            if fixed:
                connection.execute(
                    "DELETE FROM main.history WHERE rowid IN (SELECT rowid FROM main.history "
                    "WHERE fixed_on IS NOT NULL QUALIFY row_number() OVER (PARTITION BY organisation "
                    'ORDER BY fixed_in DESC, workbook, sheet, "row", identity) > $1)',
                    [FIXED_KEPT],
                )

        connection.transact(put)


class _Excused(NamedTuple):
    """Which findings are gone for another reason than that somebody mended them."""

    unread: set[tuple[Any, ...]]  # (organisation, workbook, sheet or None): not read this time, so nothing is known
    there: set[tuple[Any, ...]]  # (organisation, workbook)

    def can_be_fixed(self, gone: _Seen) -> bool:
        """A finding that went with its whole file was not mended; one about the file as such may have been."""
        whole_file = gone.sheet is None and gone.code.startswith("file-")
        return whole_file or not gone.workbook or (gone.organisation, gone.workbook) in self.there


def _match(
    before: Sequence[_Seen], now: Sequence[_Seen], is_there: Callable[[_Seen], bool]
) -> tuple[list[_Seen], list[_Seen], list[_Seen]]:
    """(those of now that were there before, with their first day; those of before that are gone; the new ones).

    First the same finding in the same sheet with the same value and row, then about the same record wherever it stands
    now; at last the same words in the same cell, whose record has been renamed: it is not there under its old name.
    """
    same: list[_Seen] = []
    gone, new = list(before), list(now)
    for way in _WAYS:
        if not gone or not new:
            break
        waiting: dict[Any, list[_Seen]] = defaultdict(list)
        for one in reversed(gone):
            waiting[way(one)].append(one)
        rest = []
        for one in new:
            known = waiting.get(way(one))
            if known and not (way is _by_cell and is_there(known[-1])):
                former = known.pop()
                same.append(one._replace(first_seen=former.first_seen, since=former.since))
            else:
                rest.append(one)
        new = rest
        left = {id(one) for known in waiting.values() for one in known}
        gone = [one for one in gone if id(one) in left]
    return same, gone, new


def _by_cell(one: _Seen) -> Any:
    return one.workbook, one.sheet, one.row, one.table, one.field, one.code, one.value


_WAYS: tuple[Callable[[_Seen], Any], ...] = (
    lambda one: (one.identity, one.workbook, one.sheet, one.value, one.row),
    lambda one: (one.identity, one.workbook, one.sheet, one.value),
    lambda one: (one.identity, one.sheet, one.value),
    lambda one: one.identity,
    _by_cell,
)


def _insert(connection: DuckDBPyConnection, table: str, seen: Sequence[_Seen], fixed_on: date | None) -> None:
    """Add findings to a temporary table, column by column: one statement however many there are."""
    if not seen:
        return
    lists = ", ".join(f"unnest(${number}::{kind}[])" for number, kind in enumerate(_KINDS, 1))
    connection.execute(
        f"INSERT INTO temp.{table} SELECT {lists}, ${len(_KINDS) + 1}::DATE",
        [*(list(column) for column in zip(*seen, strict=True)), fixed_on],
    )


# -- the plain file beside the store ---------------------------------------------------------------------------------


def _save(connection: DuckDBPyConnection, folder: Path, organisations: Sequence[str]) -> None:
    """Write the files of these organisations. An organisation's is a few lines however many findings it has."""
    if not organisations:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    chosen = "organisation IN (SELECT unnest(?::VARCHAR[]))"
    known: dict[str, dict[str, Any]] = {
        organisation: {"version": FORMAT, "organisation": organisation, "round": number, "open": [], "fixed": []}
        for organisation, number in connection.execute(
            f"SELECT organisation, round FROM main.history_rounds WHERE {chosen}", [list(organisations)]
        ).fetchall()
    }
    for organisation, *line in connection.execute(
        "SELECT organisation, first_seen::VARCHAR, since, code, array_to_string(list_transform("
        "list_sort(list(identity)), lambda one: printf('%016x', one)), ' ') "
        f"FROM main.history WHERE fixed_on IS NULL AND {chosen} "
        "GROUP BY ALL ORDER BY ALL",
        [list(organisations)],
    ).fetchall():
        known[organisation]["open"].append(line)
    for organisation, *line in connection.execute(
        f"SELECT {_COLUMNS}, first_seen::VARCHAR, since, fixed_on::VARCHAR, fixed_in FROM main.history "
        f"WHERE fixed_on IS NOT NULL AND {chosen} ORDER BY ALL",
        [list(organisations)],
    ).fetchall():
        known[organisation]["fixed"].append(line)
    for organisation, told in known.items():
        text = json.dumps(told, ensure_ascii=False, indent=None).replace("], [", "],\n[")
        new = folder / f"{organisation}.json.{os.getpid()}.new"
        try:
            new.write_text(text, encoding="utf-8", errors="replace", newline="\n")
            new.replace(folder / f"{organisation}.json")
        except OSError:  # the store holds it all; the file only outlives the store
            with suppress(OSError):
                new.unlink(missing_ok=True)


def _restore(connection: DuckDBPyConnection, folder: Path) -> bool:
    """Take up the files' history where the store has none; whether anything was. A file that cannot be used is passed
    over."""
    empty = connection.execute("SELECT count(*) FROM main.history_rounds").fetchone()
    if (empty and empty[0]) or not folder.is_dir():
        return False
    restored = False
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_bytes())
            if told["version"] != FORMAT:
                continue
            organisation, number = str(told["organisation"]), int(told["round"])
            lines: list[tuple[Any, ...]] = [
                (organisation, int(identity, 16), str(code), *[None] * 2, "", *[None] * 4, date.fromisoformat(first),
                 int(since), None, None)
                for first, since, code, identities in told["open"]
                for identity in identities.split()
            ]  # fmt: skip
            lines += [
                (organisation, *line[:9], date.fromisoformat(line[9]), int(line[10]), date.fromisoformat(line[11]),
                 int(line[12]))
                for line in told["fixed"]
            ]  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            continue
        connection.execute("INSERT INTO main.history_rounds VALUES (?, ?)", [organisation, number])
        restored = True
        if lines:
            kinds = (*_KINDS, "DATE", "INTEGER")
            lists = ", ".join(f"unnest(${place}::{kind}[])" for place, kind in enumerate(kinds, 1))
            connection.execute(
                f"INSERT INTO main.history ({_COLUMNS}, first_seen, since, fixed_on, fixed_in) SELECT {lists}",
                [list(column) for column in zip(*lines, strict=True)],
            )
    return restored
