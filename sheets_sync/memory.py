"""Memory of the database: little to begin with, more when a statement turns out to need it.

What a statement needs depends on the district, and two of them may be at work at a time. DuckDB puts on disk what it
can and then ends the statement that asked for more; here that statement is done again with more memory. So nobody has
to know beforehand, and most districts are served with little.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, SupportsInt, TypeVar

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

    _Connection = DuckDBPyConnection
else:
    _Connection = object

Key = TypeVar("Key")
Result = TypeVar("Result")

STEP = 1.25  # each time it was too little
WAITED = 10.0  # seconds for a moment in which more can be asked for
GROWS = 8  # times what it began with: a statement that needs more would not end


class Memory:
    """The memory of one database, in megabytes, whoever of its connections needs it."""

    def __init__(self, connection: DuckDBPyConnection, megabytes: int) -> None:
        self._setting = connection.cursor()  # one that no statement keeps busy
        self._lock = threading.Lock()
        self.usual = megabytes
        self.at_most = megabytes * GROWS
        self._set(megabytes)

    def close(self) -> None:
        """Let go of the database."""
        self._setting.close()

    def make_room(self, megabytes: int) -> None:
        """So much at least, from the beginning."""
        self.usual = max(self.usual, megabytes)
        self.at_most = max(self.at_most, megabytes * GROWS)
        if megabytes > self.megabytes:
            self._set(megabytes)

    def give_back(self) -> None:
        """What was needed for a while is needed no longer: have no more than in the beginning, unless it is in use."""
        import duckdb

        with self._lock:
            if self.megabytes > self.usual:
                with suppress(duckdb.OutOfMemoryException):
                    self._set(self.usual)

    def stay_adjustable(self) -> None:
        """Let the memory grow when other settings are locked. Call it before they are."""
        import duckdb

        try:
            self._setting.execute("SET allowed_configs = ['memory_limit']")
        except duckdb.CatalogException:  # an older DuckDB cannot
            self._set(self.at_most)

    def enough(self, do: Callable[[], Result], undo: Callable[[], object] | None = None) -> Result:
        """What ``do`` returns, done again with more memory as long as it ends for want of it.

        What ends so must leave nothing behind; ``undo`` sees to that, once there is more memory.
        """
        import duckdb

        until = 0.0  # a transaction that ended for want of memory may stand in the way of the next try for a moment
        while True:
            had = self.megabytes
            try:
                return do()
            except duckdb.OutOfMemoryException:
                if not self._grow(had):
                    raise
                until = time.monotonic() + WAITED
            except duckdb.TransactionException:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            if undo is not None:
                undo()

    def enough_for_each(
        self, behind: Callable[[Key | None], Iterator[tuple[Key, Result]]]
    ) -> Iterator[tuple[Key, Result]]:
        """What ``behind(None)`` yields; where that ends for want of memory, ``behind(the last key)`` goes on."""
        import duckdb

        last: Key | None = None
        while True:
            had = self.megabytes
            try:
                for key, found in behind(last):
                    yield key, found
                    last = key
                return
            except duckdb.OutOfMemoryException:
                if not self._grow(had):
                    raise

    def _grow(self, had: int) -> bool:
        """More than somebody had for whom it was too little; False where there is no more."""
        with self._lock:
            if self.megabytes <= had < self.at_most:
                self._raise_to(min(self.at_most, int(had * STEP) + 1))
            return self.megabytes > had

    def _raise_to(self, megabytes: int) -> None:
        """Asking for more takes some memory itself."""
        _patiently(lambda: self._set(megabytes))

    def _set(self, megabytes: int) -> None:
        self._setting.execute(f"SET memory_limit = '{megabytes}MB'")
        self.megabytes = megabytes


def _patiently(do: Callable[[], Result]) -> Result:
    """What ``do`` returns, tried again where it has too little memory: others at work may have it to the last byte, but
    not for long."""
    import duckdb

    until = time.monotonic() + WAITED
    while True:
        try:
            return do()
        except duckdb.OutOfMemoryException:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


class Connection(_Connection):
    """A connection to the database whose statements have :class:`Memory` enough.

    Within a transaction nothing can be done again but the transaction: :meth:`transact`.
    """

    def __init__(self, connection: DuckDBPyConnection, memory: Memory) -> None:
        self._connection, self._memory = connection, memory
        self._asked: tuple[str | Statement, object] | None = None  # what no answer was taken of so far
        self._transacting = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def cursor(self) -> Connection:
        """A further connection to the same database."""
        return Connection(self._connection.cursor(), self._memory)

    def execute(self, query: str | Statement, parameters: object = None) -> Self:
        """As DuckDB's."""
        self._asked = query, parameters
        self._enough(self._ask)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """As DuckDB's."""
        return self._taken(self._connection.fetchone)

    def fetchmany(self, size: SupportsInt = 1) -> list[Any]:
        """As DuckDB's. Only the first lines can be asked for again."""
        return self._taken(lambda: self._connection.fetchmany(size))

    def fetchall(self) -> list[Any]:
        """As DuckDB's."""
        return self._taken(self._connection.fetchall)

    def transact(self, do: Callable[[], Result], kind: str = "") -> Result:
        """What ``do`` returns and does in one transaction (``kind``: «READ ONLY»): all of it or nothing.

        It is begun anew, with more memory, when it had too little; so ``do`` changes nothing but the database.
        """

        return self._memory.enough(lambda: self._transact_once(do, kind), self._roll_back)

    def _transact_once(self, do: Callable[[], Result], kind: str) -> Result:
        self._connection.execute(f"BEGIN TRANSACTION {kind}")
        self._transacting = True
        try:
            result = do()
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._transacting = False
        return result

    def _roll_back(self) -> None:
        """End a transaction that failed, if it is still open and the failed statement has not ended it."""
        import duckdb

        with suppress(duckdb.Error):
            _patiently(lambda: self._connection.execute("ROLLBACK"))

    def _enough(self, do: Callable[[], Result]) -> Result:
        return do() if self._transacting else self._memory.enough(do, self._roll_back)

    def _ask(self) -> None:
        assert self._asked is not None
        self._connection.execute(*self._asked)

    def _taken(self, take: Callable[[], Result]) -> Result:
        """Some of the answer. DuckDB makes it as it is taken: until there is any, the question can be asked again."""
        if self._asked is None:
            return take()
        asked_before = False

        def answer() -> Result:
            nonlocal asked_before
            if asked_before:
                self._ask()
            asked_before = True
            return take()

        result = self._enough(answer)
        self._asked = None
        return result
