"""The people ledger, ``people.toml`` beside config.toml: who is who, as settled by a human, each entry with its reason.

``[[alias]]`` says whom a name as written means; ``[[merge]]`` and ``[[different]]`` settle a doubtful pair of persons.
Nothing of it is kept in the store: it is applied before each run of the rules, so an entry taken out is undone by the
next sync. A person is a name, a birth where the name alone does not tell, and an organisation, never a name alone
(domain.md §3). Messages hold the line of an entry and no name: they go to logs (design.md §10).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.errors import ConfigError
from sheets_sync.fragments import LIST_SEPARATOR
from sheets_sync.people import is_initials, name_key
from sheets_sync.store import RELATIONS_AT, Store, keep_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sheets_sync.memory import Connection

LEDGER_NAME = "people.toml"
BASES = ("mentors", "mentees", "curators")

NOT_TOLD = 0  # «birth = 'unknown'»: the one of several namesakes whose birth is not told
Birth = date | int | None


class Person(NamedTuple):
    """Who is meant: ``key`` is the :func:`people.name_key`, ``birth`` a date, a year, NOT_TOLD; None: the name does."""

    organisation: str
    key: str
    birth: Birth = None


@dataclass(frozen=True, slots=True)
class Alias:
    """In the organisation of ``person``, the name ``written`` (its key) means that person."""

    written: str
    person: Person
    line: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Two persons are one (``same``), or are told apart for good."""

    first: Person
    second: Person
    same: bool
    line: int

    @property
    def across(self) -> bool:
        """The persons belong to two organisations."""
        return self.first.organisation != self.second.organisation


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything settled, in the order written; ``text`` is the file's, for telling whether it changed."""

    aliases: tuple[Alias, ...] = ()
    decisions: tuple[Decision, ...] = ()
    path: Path | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.aliases or self.decisions)

    @property
    def organisations(self) -> frozenset[str]:
        """Those of whose persons something is settled."""
        persons = [alias.person for alias in self.aliases]
        persons += [person for decision in self.decisions for person in (decision.first, decision.second)]
        return frozenset(person.organisation for person in persons)


NOTHING_SETTLED = Ledger()


# -- reading -----------------------------------------------------------------------------------------------------


_SECTIONS = {
    "alias": ("organisation", "name", "same_as", "birth", "reason", "by", "date"),
    "merge": ("persons", "same", "reason", "by", "date"),
    "different": ("persons", "same", "reason", "by", "date"),
}
_PERSON = ("organisation", "name", "birth")
_EXAMPLE = "persons = [{ organisation = 'school-21', name = '…', birth = 1980 }, { … }]"


def load_ledger(folder: Path) -> Ledger:
    """The ledger of the folder config.toml lies in; an empty one when there is no people.toml.

    Raises ConfigError with file and line.
    """
    path = folder / LEDGER_NAME
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Ledger()
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError("not UTF-8 text", path=path, line=line, mend="save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
    return read_ledger(text, path)


def read_ledger(text: str, path: Path) -> Ledger:
    """The ledger from the text of a file lying at ``path``. Raises ConfigError with file and line."""
    plain = _unwrapped(text.replace("\r\n", "\n"))
    try:
        values = tomllib.loads(plain)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"\(at line (\d+)", str(error))
        last = len(plain.rstrip().splitlines())
        message = re.sub(r"\s*\(at [^()]*\)$", "", str(error))
        message = message if message.isascii() else "unexpected text"  # the file holds names, logs do not
        line = min(int(told[1]), last) if told else last
        mend = "copy the lines from inside the cell, and write texts in 'single quotes'"
        raise ConfigError(f"not valid TOML: {message}", path=path, line=line, mend=mend) from None
    reader = _Reader(path, plain)
    for section in values:
        if section not in _SECTIONS:
            raise reader.wrong(f"unknown section {section}", reader.header(section), _near(section, _SECTIONS))
    aliases = tuple(reader.alias(*entry) for entry in reader.entries(values, "alias"))
    decisions = [
        reader.decision(kind, *entry) for kind in ("merge", "different") for entry in reader.entries(values, kind)
    ]
    decisions.sort(key=lambda decision: decision.line)
    reader.must_agree(aliases, decisions)
    return Ledger(aliases, tuple(decisions), path, text)


def _unwrapped(text: str) -> str:
    """The text without the quotes a spreadsheet puts round a copied cell of several lines; line numbers stay."""
    lines = text.split("\n")
    inside = False
    for number, line in enumerate(lines):
        if not inside and line.startswith('"[['):
            inside, line = True, line[1:]
        if inside:
            ends = re.search(r'(?<!")(?:"")*"\s*$', line) is not None
            line = re.sub(r'"\s*$', "", line) if ends else line
            lines[number] = line.replace('""', '"')
            inside = not ends
    return "\n".join(lines)


class _Reader:
    """Takes the entries of one file apart; knows the line each begins on."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.headers: dict[str, list[int]] = {}
        self.keys: dict[int, dict[str, int]] = {}
        begun = 0
        for number, line in enumerate(text.splitlines(), 1):
            if header := re.match(r"\s*\[\[?\s*[\"']?([\w.-]+)", line):
                begun = number
                self.headers.setdefault(header[1], []).append(number)
            elif key := re.match(r"\s*[\"']?([\w-]+)[\"']?\s*=", line):
                self.keys.setdefault(begun, {}).setdefault(key[1], number)

    def header(self, section: str) -> int:
        return self.headers.get(section, [0])[0] or self.keys.get(0, {}).get(section, 1)

    def wrong(self, message: str, line: int, mend: str = "") -> ConfigError:
        return ConfigError(message, path=self.path, line=line, mend=mend)

    def at(self, line: int, key: str) -> int:
        return self.keys.get(line, {}).get(key, line)

    def entries(self, values: Mapping[str, Any], section: str) -> Iterator[tuple[dict[str, Any], int]]:
        found = values.get(section, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise self.wrong(f"{section} must be written as [[{section}]]", self.header(section))
        lines = self.headers.get(section, [])
        for index, entry in enumerate(found):
            line = lines[index] if len(lines) == len(found) else self.header(section)
            for key in entry:
                if key not in _SECTIONS[section]:
                    raise self.wrong(f"unknown key {key}", self.at(line, key), _near(key, _SECTIONS[section]))
            self.text(entry, "reason", line)
            if "by" in entry:
                self.text(entry, "by", line)
            if "date" in entry and _day(entry["date"]) is None:
                raise self.wrong("date must be a day such as 2024-05-20", self.at(line, "date"))
            yield entry, line

    def text(self, entry: Mapping[str, Any], key: str, line: int) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip(" .…_"):
            why = "is missing" if key not in entry else "must be text in quotes" if value != "" else "is empty"
            raise self.wrong(f"{key} {why}", self.at(line, key), f"write {key} = '…'")
        return value.strip()

    def birth(self, entry: Mapping[str, Any], line: int) -> Birth:
        value = entry.get("birth")
        if value is None:
            return None
        if isinstance(value, str) and value.strip().lower() in ("unknown", "нет", "неизвестен", "неизвестно"):
            return NOT_TOLD
        if isinstance(value, str) and re.fullmatch(r"\s*\d{4}\s*", value):
            value = int(value)
        found: Birth = value if type(value) is int and 1900 <= value <= 2100 else _day(value)
        if found is None:
            raise self.wrong("birth must be a year, a date or 'unknown': 1980, 1980-05-20", self.at(line, "birth"))
        return found

    def name(self, entry: Mapping[str, Any], key: str, line: int, *, full: bool) -> str:
        found = name_key(self.text(entry, key, line))
        if full and (" " not in found or is_initials(found)):
            mend = "surname, first name and patronymic as in the base"
            raise self.wrong(f"{key} must be a full name", self.at(line, key), mend)
        return found

    def alias(self, entry: dict[str, Any], line: int) -> Alias:
        written = self.name(entry, "name", line, full=False)
        person = Person(
            self.text(entry, "organisation", line),
            self.name(entry, "same_as", line, full=True),
            self.birth(entry, line),
        )
        if written == person.key and person.birth is None:
            mend = "ё and е, capitals and spaces make no difference anyway; remove the entry"
            raise self.wrong("name and same_as are one name", self.at(line, "same_as"), mend)
        return Alias(written, person, line)

    def decision(self, kind: str, entry: dict[str, Any], line: int) -> Decision:
        persons = entry.get("persons")
        if not isinstance(persons, list) or len(persons) != 2 or not all(isinstance(one, dict) for one in persons):
            raise self.wrong("persons must be two persons", self.at(line, "persons"), f"write {_EXAMPLE}")
        told = []
        for one in persons:
            for key in one:
                if key not in _PERSON:
                    raise self.wrong(f"unknown key {key}", self.at(line, "persons"), _near(key, _PERSON))
            place = self.at(line, "persons")
            key = self.name(one, "name", place, full=False)
            told.append(Person(self.text(one, "organisation", place), key, self.birth(one, place)))
        same = entry.get("same", kind == "merge")
        if same is not (kind == "merge"):
            mend = "write [[different]]" if kind == "merge" else "write [[merge]]"
            raise self.wrong(f"same contradicts [[{kind}]]", self.at(line, "same"), mend)
        if told[0] == told[1]:
            mend = "give both a birth" if not same else "remove the entry"
            raise self.wrong("both persons are the same one", self.at(line, "persons"), mend)
        return Decision(told[0], told[1], same, line)

    def must_agree(self, aliases: Sequence[Alias], decisions: Sequence[Decision]) -> None:
        """Refuse entries that contradict each other."""
        meant: dict[tuple[str, str], Alias] = {}
        for alias in aliases:
            place = (alias.person.organisation, alias.written)
            if place in meant and meant[place].person != alias.person:
                mend = f"line {meant[place].line} says otherwise; keep one"
                raise self.wrong("this name means somebody else already", alias.line, mend)
            meant.setdefault(place, alias)
        for alias in aliases:
            seen = {alias.written}
            key = alias.person.key
            while (alias.person.organisation, key) in meant and key not in seen:
                seen.add(key)
                key = meant[alias.person.organisation, key].person.key
            if key in seen and len(seen) > 1:
                raise self.wrong("aliases lead back to the name they begin with", alias.line, "keep the last name only")
        classes = _Classes()
        for decision in decisions:
            if decision.same:
                classes.join(_node(decision.first), _node(decision.second))
        for decision in decisions:
            if not decision.same and classes.of(_node(decision.first)) == classes.of(_node(decision.second)):
                raise self.wrong("a [[merge]] says that these are one person", decision.line, "keep one of the two")


def _node(person: Person) -> tuple[str, ...]:
    return (person.organisation, person.key, str(person.birth))


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        for form in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                return datetime.strptime(value.strip(), form).date()
            except ValueError:
                pass
    return None


def _near(word: str, known: Iterable[str]) -> str:
    import difflib

    known = list(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"


class _Classes:
    """What has been said to be one, put together."""

    def __init__(self) -> None:
        self.above: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def of(self, one: tuple[Any, ...]) -> tuple[Any, ...]:
        while one in self.above:
            one = self.above[one]
        return one

    def join(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
        one, other = self.of(one), self.of(other)
        if one != other:
            self.above[other] = one


# -- applying ----------------------------------------------------------------------------------------------------


class _Bearer(NamedTuple):
    """How the rows of a base name somebody: one line per name and birth found in an organisation."""

    organisation: str
    key: str
    birth: date | None
    year: int | None

    def fits(self, birth: Birth) -> bool:
        """May this be the person born then? A birth that is not known fits."""
        if birth == NOT_TOLD:
            return self.year is None
        if birth is None or self.year is None:
            return True
        if isinstance(birth, int) or self.birth is None:
            return self.year == (birth if isinstance(birth, int) else birth.year)
        return self.birth == birth


_TABLES = {
    "ledger_names": "organisation VARCHAR, name_key VARCHAR, same_key VARCHAR",
    "ledger_pins": "organisation VARCHAR, name_key VARCHAR, same_key VARCHAR, birth DATE, birth_year INTEGER",
    "ledger_people": "organisation VARCHAR, name_key VARCHAR, birth DATE, birth_year INTEGER, "
    "same_key VARCHAR, same_birth DATE, same_birth_year INTEGER",
    "ledger_apart": "organisation VARCHAR, name_key VARCHAR",
    "ledger_different": "organisation VARCHAR, name_key VARCHAR, birth_year INTEGER, "
    "other_organisation VARCHAR, other_key VARCHAR, other_birth_year INTEGER",
}


def apply_ledger(store: Store, ledger: Ledger) -> list[str]:
    """Make what the relations need of the ledger; lines for the operator about entries that match nobody.

    Tables beside the relations: ``ledger_names`` (a name referred to → the key it means), ``ledger_pins`` (such a key
    that means one of several namesakes), ``ledger_people`` (rows of the bases → whose they are), ``ledger_apart`` and
    ``ledger_different``; and, before each table of the store that holds a name settled, a view of the same name in
    which the keys are those meant: so relations, rules and indicators honour the ledger without knowing of it.
    Without a ledger nothing stands before a table.
    """
    for name, columns in _TABLES.items():
        store.connection.execute(f'CREATE TABLE {RELATIONS_AT}."{name}" ({columns})')
    if not ledger:
        return []
    return _Application(store, ledger).run()


class _Application:
    """One application of the ledger to a store."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self.store, self.connection, self.ledger = store, store.connection, ledger
        self.aliases: dict[tuple[str, str], Alias] = {
            (alias.person.organisation, alias.written): alias for alias in reversed(ledger.aliases)
        }
        self.messages: list[str] = []
        self.known = {
            str(line[0])
            for line in self.connection.execute(
                "SELECT DISTINCT organisation FROM workbooks UNION SELECT DISTINCT organisation FROM tables"
            ).fetchall()
        }
        named = [(one.organisation, one.key) for entry in ledger.decisions for one in (entry.first, entry.second)]
        named += [(alias.person.organisation, alias.person.key) for alias in ledger.aliases]
        self.named = sorted({*named, *self.aliases})

    def run(self) -> list[str]:
        columns = self._reference_columns()
        bearers = self._bearers()
        referred = {(organisation, part) for organisation, key, parts in columns.values_named() for part in parts}
        for alias in self.ledger.aliases:
            place = (alias.person.organisation, alias.written)
            if place not in referred and not any((one.organisation, one.key) == place for one in bearers):
                self._nobody(alias.line, alias.person.organisation, "the name of this alias stands nowhere")
        meant = {one: self._by_alias(one) for one in bearers}
        for alias in self.ledger.aliases:
            person = self._target(alias.person.organisation, alias.written)
            if not any(one[:2] == person[:2] and one.fits(person.birth) for one in meant.values()):
                self._nobody(alias.line, person.organisation, "the person of this alias is in no base")
        self._merge(meant)
        self._write_people(meant)
        self._write_names(meant, columns)
        self._write_different()
        columns.stand_before()
        return self.messages

    def _say(self, line: int, message: str) -> None:
        name = self.ledger.path.name if self.ledger.path else LEDGER_NAME
        if f"{name}:{line}: {message}" not in self.messages:
            self.messages.append(f"{name}:{line}: {message}")

    def _nobody(self, line: int, organisation: str, message: str) -> None:
        if organisation not in self.known:
            near = _near(organisation, sorted(self.known))
            self._say(line, f"nothing was read of organisation {organisation} — {near}")
        else:
            self._say(line, f"{message} in {organisation} — mend it, or take the entry out")

    def _reference_columns(self) -> _References:
        return _References(self.store, self.named)

    def _bearers(self) -> list[_Bearer]:
        lines = self.connection.execute(
            """
            WITH rows_of_bases AS (
                SELECT organisation, full_name_key AS name_key, birth, birth_year FROM mentors
                UNION SELECT organisation, full_name_key, birth, birth_year FROM mentees
                UNION SELECT organisation, full_name_key, NULL, NULL FROM curators
            )
            SELECT r.* FROM rows_of_bases AS r
            JOIN (SELECT unnest($1::VARCHAR[]) AS organisation, unnest($2::VARCHAR[]) AS name_key) AS n
                ON n.organisation = r.organisation AND n.name_key = r.name_key
            ORDER BY ALL
            """,
            [[one for one, _ in self.named], [key for _, key in self.named]],
        ).fetchall()
        return [_Bearer(*line) for line in lines]

    def _target(self, organisation: str, key: str) -> Person:
        """Whom a name of an organisation means by the aliases, followed to their end."""
        birth: Birth = None
        seen = set()
        while (organisation, key) in self.aliases and key not in seen:
            seen.add(key)
            person = self.aliases[organisation, key].person
            key, birth = person.key, person.birth
        return Person(organisation, key, birth)

    def _by_alias(self, bearer: _Bearer) -> _Bearer:
        person = self._target(bearer.organisation, bearer.key)
        if person.key == bearer.key or not bearer.fits(person.birth):
            return bearer
        if bearer.year is None and person.birth:
            return _born(bearer.organisation, person.key, person.birth)
        return bearer._replace(key=person.key)

    def _found(self, person: Person, meant: Mapping[_Bearer, _Bearer], line: int) -> list[_Bearer]:
        """Identities that a person of a decision names; empty, and said, when nobody or several are."""
        names = {person.key, self._target(person.organisation, person.key).key}
        those = {
            one
            for raw, one in meant.items()
            if raw.organisation == person.organisation and not names.isdisjoint((raw.key, one.key))
        }
        if person.birth is not None:
            those = {one for one in those if one.fits(person.birth)}
            born = {one for one in those if one.year is not None}
            those = born or those
        if not those:
            self._nobody(line, person.organisation, "a person of this entry is in no base")
            return []
        if person.birth is None:
            births = {one.birth or one.year for one in those if one.year is not None}
            years = {one.year for one in those if one.year is not None}
            if len(years) > 1 or len({birth for birth in births if isinstance(birth, date)}) > 1:
                self._say(line, "namesakes: several persons bear this name, the entry is passed over — add birth")
                return []
        return sorted(those, key=_certain)

    def _merge(self, meant: dict[_Bearer, _Bearer]) -> None:
        """Give the persons of each merge within an organisation one identity: the one most is known of."""
        classes = _Classes()
        changed = False
        for decision in self.ledger.decisions:
            if decision.across or not decision.same:
                continue
            first = self._found(decision.first, meant, decision.line)
            second = self._found(decision.second, meant, decision.line)
            if first and second:
                changed = True
                for one in (*first, *second):
                    classes.join(first[0], one)
        if not changed:
            return
        members: dict[tuple[Any, ...], list[_Bearer]] = {}
        for one in set(meant.values()):
            members.setdefault(classes.of(one), []).append(one)
        best = {one: min(group, key=_certain) for group in members.values() for one in group}
        for raw, one in meant.items():
            meant[raw] = best[one]

    def _write_people(self, meant: Mapping[_Bearer, _Bearer]) -> None:
        self._insert("ledger_people", [(*raw, *one[1:]) for raw, one in meant.items() if raw != one])

    def _write_names(self, meant: Mapping[_Bearer, _Bearer], columns: _References) -> None:
        """References: a name goes where the aliases lead, and on to the person its bearers are."""
        names: dict[tuple[str, str], str] = {}
        pins: dict[tuple[str, str], tuple[str, str, str, date | None, int | None]] = {}
        for organisation, key in self.named:
            person = self._target(organisation, key)
            those = {
                one for raw, one in meant.items()
                if raw.organisation == organisation and (raw.key == person.key or one.key == person.key)
                and one.fits(person.birth)
            }  # fmt: skip
            if person.birth is not None:
                those = {one for one in those if one.year is not None} or those
            keys = {one.key for one in those} or {person.key}
            if len(keys) > 1:
                keys = {person.key}
            (goal,) = keys
            namesakes = {one for one in meant.values() if (one.organisation, one.key) == (organisation, goal)}
            years = {one.birth or one.year for one in namesakes if one.year is not None}
            (born,) = those if len(those) == 1 else (None,)
            by_birth = person.birth is not None or goal != key
            if len(years) > 1 and born is not None and born.year is not None and by_birth:
                pinned = f"{goal} #{born.birth or born.year}"  # one_person() looks at three words
                pins[organisation, pinned] = (organisation, pinned, goal, born.birth, born.year)
                goal = pinned
            if goal != key:
                names[organisation, key] = goal
        self._insert("ledger_pins", list(pins.values()))
        lines = {(organisation, key, goal) for (organisation, key), goal in names.items()}
        for organisation, key, parts in columns.values_named():
            if len(parts) > 1:
                goal = LIST_SEPARATOR.join(names.get((organisation, part), part) for part in parts)
                if goal != key:
                    lines.add((organisation, key, goal))
        self._insert("ledger_names", sorted(lines))

    def _write_different(self) -> None:
        apart, different = set(), []
        for decision in self.ledger.decisions:
            if decision.same:
                continue
            one = decision.first._replace(key=self._target(*decision.first[:2]).key)
            other = decision.second._replace(key=self._target(*decision.second[:2]).key)
            if one[:2] == other[:2]:
                apart.add(one[:2])
            for first, second in ((one, other), (other, one)):
                different.append((*first[:2], _year(first.birth), *second[:2], _year(second.birth)))
        self._insert("ledger_apart", sorted(apart))
        self._insert("ledger_different", different)

    def _insert(self, table: str, lines: Sequence[Sequence[object]]) -> None:
        for start in range(0, len(lines), 500):
            group = lines[start : start + 500]
            marks = ", ".join(["(" + ", ".join("?" * len(group[0])) + ")"] * len(group))
            self.connection.execute(f"INSERT INTO {table} VALUES {marks}", [value for line in group for value in line])


def _born(organisation: str, key: str, birth: Birth) -> _Bearer:
    return _Bearer(organisation, key, birth if isinstance(birth, date) else None, _year(birth))


def _year(birth: Birth) -> int | None:
    return birth.year if isinstance(birth, date) else birth or None


def _certain(one: _Bearer) -> tuple[bool, bool, str, str]:
    return (one.birth is None, one.year is None, one.key, str(one.birth or one.year))


class _References:
    """Key columns of names outside the bases' own, and the values in them that the ledger speaks of."""

    def __init__(self, store: Store, named: Sequence[tuple[str, str]]) -> None:
        self.store, self.connection = store, store.connection
        self.found: dict[str, dict[str, list[tuple[str, str, list[str]]]]] = {}
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE ledger_named AS SELECT unnest($1::VARCHAR[]) AS organisation, "
            "unnest($2::VARCHAR[]) AS name_key",
            [[one for one, _ in named], [key for _, key in named]],
        )
        for schema in store.definitions.schemas.values():
            for field in schema.fields:
                if field.type != "name" or (schema.name in BASES and field.name == "full_name"):
                    continue
                column = f"{field.name}_key"
                lines = self.connection.execute(
                    f"""
                    WITH used AS (
                        SELECT DISTINCT organisation, "{column}" AS name_key FROM {store.rows_at(schema.name)}
                        WHERE "{column}" IS NOT NULL AND organisation IN (SELECT organisation FROM ledger_named)
                    )
                    SELECT organisation, name_key, string_split(name_key, $1) AS parts FROM used
                    WHERE (organisation, name_key) IN (SELECT (organisation, name_key) FROM ledger_named)
                        OR (contains(name_key, $1) AND EXISTS (SELECT 1 FROM ledger_named AS n
                            WHERE n.organisation = used.organisation AND list_contains(parts, n.name_key)))
                    ORDER BY ALL
                    """,
                    [LIST_SEPARATOR],
                ).fetchall()
                if lines:
                    self.found.setdefault(schema.name, {})[column] = lines

    def values_named(self) -> Iterator[tuple[str, str, list[str]]]:
        """(organisation, value of the column, the keys in it)."""
        for columns in self.found.values():
            for lines in columns.values():
                yield from lines

    def stand_before(self) -> None:
        """Make the views: a row keeps its number, its names as typed, and has the keys meant."""
        for table, columns in self.found.items():
            replaced = ", ".join(f'coalesce(n{i}.same_key, t."{c}") AS "{c}"' for i, c in enumerate(columns))
            joins = " ".join(
                f'LEFT JOIN ledger_names AS n{i} ON n{i}.organisation = t.organisation AND n{i}.name_key = t."{c}"'
                for i, c in enumerate(columns)
            )
            self.connection.execute(
                f'CREATE VIEW {RELATIONS_AT}."{table}" AS SELECT t.* REPLACE ({replaced}), t.rowid AS rowid '
                f"FROM {self.store.rows_at(table)} AS t {joins}"
            )


def settle_across(connection: DuckDBPyConnection, ledger: Ledger) -> list[str]:
    """Make the decisions about persons of two organisations hold in ``district_people``; lines for the operator.

    Only adults are put together over the district: pupils are counted where they are enrolled (domain.md §4.2).
    """
    decisions = [decision for decision in ledger.decisions if decision.across]
    if not decisions:
        return []
    messages: list[str] = []
    name = ledger.path.name if ledger.path else LEDGER_NAME
    found = _in_district(connection, [one for decision in decisions for one in (decision.first, decision.second)])
    classes, apart = _Classes(), set[str]()
    for decision in decisions:
        first, second = found[decision.first], found[decision.second]
        where = f"{name}:{decision.line}"
        if len(first) != 1 or len(second) != 1:
            missing = decision.first if len(first) != 1 else decision.second
            why = f"a person of this entry is in no base in {missing.organisation}"
            why = "namesakes: add birth" if found[missing] else why
            messages.append(f"{where}: {why} — the entry is passed over")
        elif decision.same and not (first[0].adult and second[0].adult):
            messages.append(f"{where}: a pupil is counted where enrolled — only adults are one over the district")
        elif decision.same:
            classes.join((first[0].district_key,), (second[0].district_key,))
        elif first[0].district_key == second[0].district_key:
            apart.add(second[0].person_key)
    changed = [(str(one[0]), str(classes.of(one)[0])) for one in classes.above]
    connection.execute(
        "UPDATE district_people SET district_key = c.goal FROM "
        "(SELECT unnest($1::VARCHAR[]) AS district_key, unnest($2::VARCHAR[]) AS goal) AS c "
        "WHERE c.district_key = district_people.district_key",
        [[one for one, _ in changed], [goal for _, goal in changed]],
    )
    connection.execute(
        "UPDATE district_people SET district_key = person_key WHERE person_key IN (SELECT unnest($1::VARCHAR[]))",
        [sorted(apart)],
    )
    return messages


class _Resident(NamedTuple):
    """A person of an organisation as a person of the district."""

    person_key: str
    district_key: str
    adult: bool


def _in_district(connection: DuckDBPyConnection, persons: Sequence[Person]) -> dict[Person, list[_Resident]]:
    """Everyone each of these may mean."""
    names = sorted({(person.organisation, person.key) for person in persons})
    lines = connection.execute(
        """
        SELECT DISTINCT n.organisation, n.name_key, d.birth, d.birth_year, d.person_key, d.district_key, d.adult
        FROM (SELECT unnest($1::VARCHAR[]) AS organisation, unnest($2::VARCHAR[]) AS name_key) AS n
        JOIN (
            SELECT organisation, name_key, person_key FROM base
            UNION SELECT organisation, written_key, person_key FROM base
        ) AS b ON b.organisation = n.organisation AND b.name_key = n.name_key
        JOIN district_people AS d ON d.organisation = b.organisation AND d.person_key = b.person_key
        ORDER BY ALL
        """,
        [[organisation for organisation, _ in names], [key for _, key in names]],
    ).fetchall()
    bearers: dict[tuple[str, str], list[tuple[_Bearer, _Resident]]] = {}
    for organisation, key, birth, year, *resident in lines:
        one = (_Bearer(organisation, key, birth, year), _Resident(*resident))
        bearers.setdefault((organisation, key), []).append(one)
    return {
        person: [
            resident
            for bearer, resident in bearers.get((person.organisation, person.key), [])
            if bearer.fits(person.birth)
        ]
        for person in persons
    }


# -- what is put to a human -----------------------------------------------------------------------------------------


LIKENESS = {
    "letter": "отличается буква",
    "order": "части имени стоят в другом порядке",
    "short": "имя записано короче: инициалы или нет отчества",
    "surname": "другая фамилия, остальное совпадает",
    "birth": "одно имя, у одного нет года рождения",
    "district": "одно имя в двух организациях, год рождения не указан",
}
SHOWN_AT_MOST = 2000


class Side(NamedTuple):
    """One of two persons that look alike, and the row to look at; ``birth`` is told where the name is not enough."""

    person_key: str
    organisation: str
    full_name: str
    birth: Birth
    needs_birth: bool
    workbook: str
    sheet: str
    row: int


class Doubt(NamedTuple):
    """Two persons that may be one. ``number`` counts within a run; ``likeness`` is one of :data:`LIKENESS`."""

    number: int
    likeness: str
    first: Side
    second: Side


# Adults of one full name in several organisations meet their neighbour in the list of its bearers, where nobody knows
# the year of birth of one of them.
_DISTRICT = """
WITH bearers AS (
    SELECT * FROM main.roster_adults QUALIFY count(*) OVER (PARTITION BY name_key) > 1
),
neighbours AS (
    SELECT *, lead(organisation) OVER w AS other_organisation, lead(person_key) OVER w AS other_person_key,
        lead(district_key) OVER w AS other_district_key, lead(full_name) OVER w AS other_full_name,
        lead(birth) OVER w AS other_birth, lead(birth_year) OVER w AS other_birth_year,
        lead(needs_birth) OVER w AS other_needs_birth, lead(workbook) OVER w AS other_workbook,
        lead(sheet) OVER w AS other_sheet, lead("row") OVER w AS other_row
    FROM bearers
    WINDOW w AS (PARTITION BY name_key ORDER BY birth_year NULLS LAST, birth NULLS LAST, organisation, person_key)
)
SELECT * FROM neighbours AS f
WHERE organisation <> other_organisation AND district_key <> other_district_key
    AND (birth_year IS NULL OR other_birth_year IS NULL)
    AND NOT EXISTS (
        SELECT 1 FROM ledger_different AS l
        WHERE l.organisation = f.organisation AND l.name_key = f.name_key
            AND l.other_organisation = f.other_organisation AND l.other_key = f.name_key
            AND coalesce(l.birth_year = f.birth_year, l.birth_year IS NULL OR f.birth_year IS NULL)
            AND coalesce(l.other_birth_year = f.other_birth_year,
                l.other_birth_year IS NULL OR f.other_birth_year IS NULL))
"""
_SIDES = (
    'person_key, organisation, full_name, birth, birth_year, needs_birth, workbook, sheet, "row", '
    "other_person_key, {}, other_full_name, other_birth, other_birth_year, other_needs_birth, other_workbook, "
    "other_sheet, other_row"
)


def possible_matches(connection: Connection, organisations: Collection[str] | None = None) -> tuple[list[Doubt], int]:
    """Doubtful pairs, the likeliest first, at most SHOWN_AT_MOST of them, and how many there are in all.

    ``organisations``: whose persons are looked at; of the others what was found the last time stands.
    """
    keep_of(connection, "roster_doubts", "FROM alike", organisations)
    keep_of(connection, "roster_adults", "FROM grown", organisations)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE doubtful AS {_DISTRICT}")
    (total,) = connection.execute(
        "SELECT (SELECT count(*) FROM main.roster_doubts) + (SELECT count(*) FROM doubtful)"
    ).fetchone() or (0,)
    lines = connection.execute(
        f"""
        SELECT likeness, {_SIDES.format("organisation")} FROM main.roster_doubts
        UNION ALL SELECT 'district', {_SIDES.format("other_organisation")} FROM doubtful
        ORDER BY likeness = 'district', organisation, person_key, 12, other_person_key
        LIMIT $1
        """,
        [SHOWN_AT_MOST],
    ).fetchall()
    doubts = []
    for number, line in enumerate(lines, 1):
        sides = [_side(line[begin : begin + 9]) for begin in (1, 10)]
        doubts.append(Doubt(number, str(line[0]), sides[0], sides[1]))
    return doubts, int(total)


def _side(line: Sequence[Any]) -> Side:
    person_key, organisation, full_name, birth, year, needs_birth, workbook, sheet, row = line
    return Side(person_key, organisation, full_name, birth or year, needs_birth, workbook, sheet, row)


def entry_of(doubt: Doubt) -> str:
    """The entry to paste into people.toml, as a merge."""
    persons = ", ".join(_written(side) for side in (doubt.first, doubt.second))
    return f"[[merge]]\npersons = [{persons}]\nreason = {_quoted(LIKENESS[doubt.likeness])}"


def _written(side: Side) -> str:
    told = [f"organisation = {_quoted(side.organisation)}", f"name = {_quoted(side.full_name)}"]
    if side.needs_birth:
        told.append(f"birth = {side.birth or _quoted('unknown')}")
    return "{ " + ", ".join(told) + " }"


def _quoted(text: str) -> str:
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    import json

    return json.dumps(text, ensure_ascii=False)


def entries_text(doubts: Sequence[Doubt]) -> str:
    """All entries as a text to copy from, with names: it belongs on the district's own machine, beside the store."""
    lines = [
        "# Возможные совпадения: записи для people.toml (файл рядом с config.toml), номера – как в сводном реестре.",
        "# Если это один человек, скопируйте запись; если разные люди, замените в ней [[merge]] на [[different]].",
        "# Здесь имена, в том числе обучающихся: файл не для пересылки. Он создаётся заново при каждой сверке.",
    ]
    for doubt in doubts:
        lines += ["", f"# № {doubt.number}: {LIKENESS[doubt.likeness]}"]
        lines += [
            "# " + " ".join(f"{side.workbook}, лист {side.sheet}, строка {side.row}".split())
            for side in (doubt.first, doubt.second)
        ]
        lines.append(entry_of(doubt))
    return "\n".join(lines) + "\n"
