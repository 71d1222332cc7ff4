"""How far a change reaches: whose findings it may alter, and whose tables have to be looked at to tell.

Relations and rules speak of the rows of one organisation, but for a few that look into others: a pupil in two of them,
a mentor who is known elsewhere, registers of network mentors, enterprises of several, the order of parts of names. What
an organisation tells others, and what it asks of them, is spelt here as *prints*: numbers of what is compared. A change
reaches whoever asks for a print that another line stands behind now; who asks is looked at together with all who
answer. Prints are taken from the rows as they are stored, whatever the day, so they rather name too many than too few.

What a district's own definitions look at nobody knows: with them, and where what organisations are called changes,
everything is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.name_order import IS_PATRONYMIC, IS_SURNAME
from sheets_sync.store import PER_WORKBOOK, RELATIONS_AT, Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sheets_sync.ledger import Ledger

# Small tables that rules read across organisations: these are always seen whole.
SEEN_WHOLE = ("school_profile", "network", "enterprises")
MOST = 0.5  # of the organisations: beyond that nothing is gained by leaving the others out


class Reach(NamedTuple):
    """Organisations ``asked`` for their findings anew, and those ``seen`` for it, the asked ones among them."""

    asked: frozenset[str]
    seen: frozenset[str]


# What an enterprise of some ``name`` is known by: letters and figures without the legal form. Rules have it as a macro.
ENTERPRISE_KEY = r"""nullif(regexp_replace(regexp_replace(regexp_replace(replace(lower(name), 'ё', 'е'),
    '[«»"„“”(),.]', ' ', 'g'), '(^|\s)(ооо|оао|зао|пао|ао|ип|муп|гуп)(\s|$)', ' ', 'g'),
    '[^а-яa-z0-9]', '', 'g'), '')"""
# What organisations tell: (organisation, print, told), where ``told`` changes with whatever stands behind the print.
_TELLS = f"""
    SELECT organisation, hash('pupil', full_name_key, birth) AS print, hash(t) AS told
    FROM main.mentees AS t WHERE birth IS NOT NULL AND contains(full_name_key, ' ')
    UNION ALL
    SELECT organisation, hash('mentor', full_name_key), hash(t) FROM main.mentors AS t WHERE full_name_key IS NOT NULL
    UNION ALL
    SELECT organisation, hash('mentor', network_mentor_key), hash(t)
    FROM main.network AS t WHERE network_mentor_key IS NOT NULL
    UNION ALL
    SELECT organisation, hash('register', network_mentor_key), hash(t)
    FROM main.network AS t WHERE network_mentor_key IS NOT NULL
    UNION ALL
    SELECT organisation, hash('inn', inn), hash(t) FROM main.enterprises AS t WHERE inn IS NOT NULL
    UNION ALL
    SELECT organisation, hash('enterprise', {ENTERPRISE_KEY}), hash(t)
    FROM main.enterprises AS t WHERE name IS NOT NULL
"""
_NAMED_ORGANISATIONS = f"""
    SELECT organisation, org_name_key AS name_key FROM main.school_profile
    UNION SELECT organisation, name_key FROM {RELATIONS_AT}.told_names
"""
# What organisations ask for: (organisation, print). Of a register the organisations it names are asked, as such.
_ASKS = f"""
    SELECT organisation, hash('pupil', full_name_key, birth) AS print
    FROM main.mentees WHERE birth IS NOT NULL AND contains(full_name_key, ' ')
    UNION ALL
    SELECT organisation, hash('mentor', mentor_key)
    FROM (SELECT organisation, mentor_key FROM main.pairs WHERE contains(mentor_key, ' ')) AS p
    ANTI JOIN main.mentors AS m ON m.organisation = p.organisation AND m.full_name_key = p.mentor_key
    UNION ALL
    SELECT organisation, hash('register', mentor_key) FROM main.pairs WHERE form = 'network' AND mentor_key IS NOT NULL
    UNION ALL
    SELECT w.organisation, hash('home', o.organisation)
    FROM main.network AS w JOIN ({_NAMED_ORGANISATIONS}) AS o ON o.name_key IN (w.mentor_org_key, w.trainee_org_key)
    UNION ALL
    SELECT organisation, hash('inn', inn) FROM main.enterprises WHERE inn IS NOT NULL
    UNION ALL
    SELECT organisation, hash('enterprise', {ENTERPRISE_KEY}) FROM main.enterprises WHERE name IS NOT NULL
"""
# Everybody who stands in a base, all over the district.
NAMES_OF_BASES = """
    SELECT organisation, full_name_key AS name_key FROM main.mentors
    UNION ALL SELECT organisation, full_name_key FROM main.mentees
    UNION ALL SELECT organisation, full_name_key FROM main.curators
"""
# Words that tell first names from surnames (rules.turned_names): (organisation, print, told).
_WORDS = f"""
    SELECT organisation, hash('surname', split_part(name_key, ' ', 1)) AS print, 0::UBIGINT AS told
    FROM ({NAMES_OF_BASES}) WHERE name_key IS NOT NULL
    UNION ALL
    SELECT organisation, hash('given', split_part(name_key, ' ', 2)), hash(split_part(name_key, ' ', 1))
    FROM ({NAMES_OF_BASES}) WHERE regexp_matches(split_part(name_key, ' ', 3), '{IS_PATRONYMIC}')
"""
# Names whose parts may stand in another order ask for their words.
_TURNED = f"""
    SELECT organisation, words FROM (SELECT organisation, string_split(name_key, ' ') AS words FROM ({NAMES_OF_BASES}))
    WHERE len(words) BETWEEN 2 AND 3 AND (regexp_matches(words[2], '{IS_SURNAME}')
        OR (len(words) = 3 AND regexp_matches(words[1], '{IS_PATRONYMIC}')))
"""
_CALLED = "SELECT organisation, org_name, org_name_key FROM main.school_profile"


class Change:
    """What some organisations told the others before their workbooks are read anew; ask :meth:`reach` afterwards."""

    def __init__(self, store: Store, organisations: Collection[str], most_rows: int | None = None) -> None:
        """``most_rows``: more of them in the tables of those reached, and everything is looked at."""
        self.organisations = frozenset(organisations)
        self._most_rows = most_rows
        self._store = store
        self._here = store.organisations()
        connection = store.connection
        _name(connection, "changing", self.organisations)
        for name, sql in {"told": _TELLS, "words": _WORDS, "called": _CALLED}.items():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_before AS {_of_the_changing(sql)}")

    def reach(self, ledger: Ledger) -> Reach | None:
        """How far the change reaches, now that the workbooks are stored; None: it may be anybody.

        The names the configuration gives the organisations (``told_names``) have been made.
        """
        connection = self._store.connection
        here = self._store.organisations()
        settled = ledger.organisations
        renamed = self._any(f"FROM ({self._difference('called', _CALLED)})")
        if here != self._here or renamed or settled & self.organisations:
            return None
        _name(connection, "reached", self.organisations)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE told_anew AS "
            f"SELECT DISTINCT print FROM ({self._difference('told', _TELLS)}) "
            "UNION SELECT hash('home', organisation) FROM temp.changing"
        )
        connection.execute(
            f"INSERT INTO reached SELECT DISTINCT organisation FROM ({_ASKS}) SEMI JOIN told_anew USING (print)"
        )
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE words_anew AS "
            f"SELECT DISTINCT print FROM ({self._difference('words', _WORDS)})"
        )
        if self._any("FROM words_anew"):
            connection.execute(
                "INSERT INTO reached SELECT DISTINCT organisation FROM "
                f"(SELECT organisation, unnest(words) AS word FROM ({_TURNED})) "
                "WHERE hash('surname', word) IN (FROM words_anew) OR hash('given', word) IN (FROM words_anew)"
            )
        asked = frozenset(_names(connection, "FROM reached"))
        _name(connection, "reached", asked)
        seen = asked.union(
            settled.intersection(here),
            _names(
                connection,
                f"WITH asked_for AS (SELECT DISTINCT print FROM ({_ASKS}) SEMI JOIN reached USING (organisation)) "
                f"SELECT DISTINCT organisation FROM ({_TELLS}) SEMI JOIN asked_for USING (print) "
                "UNION SELECT organisation FROM main.workbooks WHERE hash('home', organisation) IN (FROM asked_for)",
            ),
        )
        return Reach(asked, seen) if len(seen) <= MOST * len(here) and self._are_few(asked) else None

    def _are_few(self, organisations: Iterable[str]) -> bool:
        if self._most_rows is None:
            return True
        line = self._store.connection.execute(
            "SELECT coalesce(sum(rows_read), 0) FROM main.tables WHERE organisation IN (SELECT unnest(?::VARCHAR[]))",
            [sorted(organisations)],
        ).fetchone()
        return line is not None and line[0] <= self._most_rows

    def _difference(self, name: str, sql: str) -> str:
        """The lines that stand on one side only, before or now."""
        before, now = f"FROM {name}_before", _of_the_changing(sql)
        return f"({before} EXCEPT {now}) UNION ({now} EXCEPT {before})"

    def _any(self, sql: str) -> bool:
        return self._store.connection.execute(f"SELECT 1 {sql} LIMIT 1").fetchone() is not None


def tables_near(store: Store) -> list[str]:
    """The tables of which only the rows of the organisations seen need to be looked at."""
    return [name for name in (*store.definitions.schemas, *PER_WORKBOOK) if name not in SEEN_WHOLE]


def _of_the_changing(sql: str) -> str:
    return f"SELECT DISTINCT * FROM ({sql}) SEMI JOIN temp.changing USING (organisation)"


def _name(connection: DuckDBPyConnection, table: str, organisations: Iterable[str]) -> None:
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest($1::VARCHAR[]) AS organisation", [sorted(organisations)]
    )


def _names(connection: DuckDBPyConnection, sql: str) -> list[str]:
    return [str(line[0]) for line in connection.execute(sql).fetchall()]
