"""Memory of the database: a statement that had too little is done again with more, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sheets_sync import memory
from sheets_sync.hands import Hand, Task, do_all
from sheets_sync.memory import Connection, Memory
from sheets_sync.store import Store
from tests.small_district import outbox, set_up, sync
from tests.test_store import DEFINITIONS, load, names_in, people

TOO_LITTLE = 5
NEEDS_MORE = "SELECT list(md5(range::VARCHAR) ORDER BY range) AS told FROM range(100000)"


@pytest.fixture
def connection() -> Iterator[Connection]:
    with duckdb.connect(config={"threads": 2}) as opened:
        given = Memory(opened, TOO_LITTLE)
        given.at_most = 500
        yield Connection(opened, given)
        given.close()


def room(connection: Connection) -> int:
    line = duckdb.DuckDBPyConnection.execute(
        connection.cursor()._connection,
        "SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'",
    ).fetchone()
    assert line is not None
    return int(float(str(line[0]).split(" ")[0]))


def test_a_statement_gets_what_it_needs(connection: Connection) -> None:
    """Also when it is found out only as the answer is taken."""
    (told,) = connection.execute(NEEDS_MORE).fetchone() or ((),)
    assert len(told) == 100_000
    assert room(connection) > TOO_LITTLE


def test_there_is_an_end_to_it(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection._memory, "at_most", TOO_LITTLE + 1)
    with pytest.raises(duckdb.OutOfMemoryException):
        connection.execute(NEEDS_MORE).fetchall()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_transaction_is_begun_anew_as_a_whole(connection: Connection) -> None:
    connection.execute("CREATE TABLE kept (told INTEGER)")
    begun: list[int] = []

    def do() -> int:
        begun.append(1)
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.execute(f"INSERT INTO kept SELECT len(told) FROM ({NEEDS_MORE})")
        return len(begun)

    assert connection.transact(do) == len(begun) > 1
    assert connection.execute("SELECT told FROM kept ORDER BY ALL").fetchall() == [(1,), (100_000,)]


def test_a_transaction_that_fails_leaves_nothing(connection: Connection) -> None:
    connection.execute("CREATE TABLE kept (told INTEGER)")

    def do() -> None:
        connection.execute("INSERT INTO kept VALUES (1)")
        raise ValueError("as planned")

    with pytest.raises(ValueError, match="as planned"):
        connection.transact(do)
    assert connection.execute("FROM kept").fetchall() == []


def test_what_was_begun_to_be_taken_is_not_asked_again(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else lines would be told twice."""
    asked = connection.execute("FROM range(100000)")
    first = asked.fetchmany(10)
    monkeypatch.setattr(connection._memory, "enough", lambda _: pytest.fail("asked again"))
    assert first + asked.fetchall() == [(number,) for number in range(100_000)]


def test_two_at_a_time_get_more_together(connection: Connection) -> None:
    """Whoever ends for want of memory, both are done."""
    found: dict[str, int] = {}

    def do(hand: Hand, name: str) -> None:
        (told,) = hand.connection.execute(NEEDS_MORE).fetchone() or ((),)
        found[name] = len(told)

    with connection.cursor() as other:
        tasks = [Task(name, frozenset(), lambda hand, name=name: do(hand, name)) for name in "abcd"]
        do_all(tasks, [connection, other])
    assert found == dict.fromkeys("abcd", 100_000)


def test_it_grows_when_other_settings_are_locked() -> None:
    with Store.open(":memory:", DEFINITIONS, megabytes=TOO_LITTLE) as store:
        store.lock()
        assert len(store.cursor().execute(NEEDS_MORE).fetchall()) == 1
        for setting in ("threads = 1", "enable_external_access = true", "allowed_configs = ['threads']"):
            with pytest.raises(duckdb.InvalidInputException):
                store.connection.execute(f"SET {setting}")


@pytest.mark.parametrize("failing", [0, 1, 2_500, 9_999])
def test_findings_go_on_where_they_broke_off(monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """Every line once, whenever the database ends for want of memory while they are told."""
    with Store.open(":memory:", DEFINITIONS, megabytes=100) as store:
        store.connection.execute(
            "INSERT INTO main.issues BY NAME SELECT 'school-' || lpad((range // 900)::VARCHAR, 2, '0') AS organisation, "
            "'а.xlsx' AS workbook, range::INTEGER AS row, 'cell-type' AS code, 'error' AS severity FROM range(10000)"
        )
        whole = list(store.issue_lines())
        fetch, taken = Connection.fetchmany, [0]

        def fetching(of: Connection, size: int) -> list[tuple[object, ...]]:
            lines = fetch(of, size)
            before, taken[0] = taken[0], taken[0] + len(lines)
            if before <= failing < taken[0]:
                raise duckdb.OutOfMemoryException("as planned")
            return lines

        monkeypatch.setattr(Connection, "fetchmany", fetching)
        assert list(store.issue_lines()) == whole
        assert sum(len(lines) for _, lines in whole) == 10_000
        assert store.memory.megabytes > 100


def test_what_is_needed_no_longer_is_given_back(connection: Connection) -> None:
    connection.execute(NEEDS_MORE).fetchall()
    connection._memory.give_back()
    assert room(connection) <= TOO_LITTLE
    assert len(connection.execute(NEEDS_MORE).fetchall()) == 1


def test_what_is_in_use_is_kept(connection: Connection) -> None:
    connection.execute("SET temp_directory = ''")
    connection.execute(f"CREATE TEMP TABLE kept AS SELECT unnest(told) AS told FROM ({NEEDS_MORE})")
    had = room(connection)
    connection._memory.megabytes, connection._memory.usual = had, 1
    connection._memory.give_back()
    assert room(connection) == had
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100_000,)


def test_a_larger_store_begins_with_more() -> None:
    with Store.open(":memory:", DEFINITIONS, megabytes=TOO_LITTLE) as store:
        store.memory.make_room(40)
        assert room(store.connection) >= 38  # told in MiB
        store.memory.make_room(10)
        assert room(store.connection) >= 38


def test_loading_with_too_little(tmp_path: Path) -> None:
    """The whole transaction is begun anew, and rows are there once."""
    names = [f"Человек {number:06d} Иванович" for number in range(20_000)]
    with Store.open(tmp_path / "store.duckdb", DEFINITIONS, megabytes=1) as store:
        store.memory.at_most = 500
        load(store, tmp_path, {"а.xlsx": people(names)})
        assert names_in(store) == [("а.xlsx", name) for name in names]
        assert room(store.connection) > 1
    with Store.open(tmp_path / "store.duckdb", DEFINITIONS) as store:
        assert store.opened == "same"
        assert len(names_in(store)) == len(names)


def test_a_sync_with_too_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes of it is what comes of a sync with plenty."""
    config = set_up(tmp_path / "plenty", "school-1", "school-2", more='[outputs]\nfolder = "outbox"\n')
    sync(config)
    monkeypatch.setattr("sheets_sync.store.MEMORY_MB", 1)
    monkeypatch.setattr(memory, "GROWS", 500)
    grow, grown = Memory._grow, set[int]()

    def growing(of: Memory, had: int) -> bool:
        more = grow(of, had)
        grown.add(of.megabytes)
        return more

    monkeypatch.setattr(Memory, "_grow", growing)
    scarce = set_up(tmp_path / "scarce", "school-1", "school-2", more='[outputs]\nfolder = "outbox"\n')
    outcome = sync(scarce)
    assert not outcome.failed
    assert len(grown) > 3
    assert outbox(tmp_path / "scarce" / "outbox") == outbox(tmp_path / "plenty" / "outbox")
