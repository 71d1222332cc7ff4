"""Relations and cross-table rules: SQL in plain files over the store, a district's own beside the shipped ones.

A rule is two files of one name: ``schemas/rules/NAME.toml`` (code, severity, table, title, needs) and ``NAME.sql``, one
SELECT that returns the offending rows. It sees the store's tables, the relations of ``schemas/relations/`` and the
thresholds as ``getvariable('…')``. A rule is passed over where a table it ``needs`` has no rows: reading and planning
its query takes longer than most small workbooks have to wait for all else.

SQL of a definition is not trusted: files and settings are shut off for the whole connection, each file must be one
SELECT, it runs in a read-only transaction, and a query that does not end is interrupted. So the live connection serves,
and what the rules find stays in the database: it is made into issues by one more query.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.catalog import did_you_mean, files_in
from sheets_sync.errors import ConfigError
from sheets_sync.hands import Hand, Task, do_all
from sheets_sync.issues import SEVERITIES, Issue, Severity
from sheets_sync.ledger import NOTHING_SETTLED, Ledger, apply_ledger, settle_across
from sheets_sync.memory import Connection
from sheets_sync.reach import ENTERPRISE_KEY, NAMES_OF_BASES, Change, Reach, tables_near
from sheets_sync.store import OWN, RELATIONS_AT, RELATIONS_DATABASE, Store, issue_of, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

RELATIONS = "relations"
RULES = "rules"
AT_A_TIME = 2  # queries side by side: there is a thread of the database for each core
FOUND = "rule_issues"  # the temporary table of findings, in the store's own columns

PLACE = ("organisation", "workbook", "sheet", "row", "field")
SCOPES = ("organisation", "district")
OPTIONAL = ("value", "suggestion", "severity", "table", "code")

# What several definitions compute alike. Ages: in full years on a date; with a year of birth only, the age reached in
# that year (tables.md, 4). A name's words are those of people.name_key: surname first.
MACROS: Mapping[str, str] = {
    "years_at(birth, birth_year, on_date)": """CASE
        WHEN birth IS NOT NULL THEN year(on_date) - year(birth)
            - (month(on_date) * 100 + day(on_date) < month(birth) * 100 + day(birth))::INTEGER
        ELSE year(on_date) - birth_year END""",
    "school_year(on_date)": "year(on_date) - (month(on_date) < 9)::INTEGER",
    # a pair made in the summer is made for the school year that follows
    "may_after(on_date)": """make_date(
        (year(on_date) + (month(on_date) >= 6)::INTEGER)::INTEGER,
        getvariable('pair_ends_month'), getvariable('pair_ends_day'))""",
    # days between two dates on which a pair could meet: neither in June–August nor on 1–8 January (domain.md T7)
    "school_days(since, until)": """len(list_filter(
        generate_series(since + INTERVAL 1 DAY, until::TIMESTAMP, INTERVAL 1 DAY),
        lambda x: month(x) NOT BETWEEN 6 AND 8 AND NOT (month(x) = 1 AND day(x) <= 8)))""",
    # the latest day between two dates that is one slip of the year away: «26.05.2052» → 26.05.2025
    "year_meant(on_date, since, until)": """list_max(list_filter(list_transform(
        range(year(since)::BIGINT, year(until)::BIGINT + 1),
        lambda y: (on_date - to_years((year(on_date) - y)::INTEGER))::DATE),
        lambda x: x BETWEEN since AND until AND damerau_levenshtein(year(x)::VARCHAR, year(on_date)::VARCHAR) <= 1))""",
    # «7А» → 7, «3 курс» → 3; a group such as «ЭЛ-21» tells nothing
    "class_number(text)": """CASE
        WHEN regexp_matches(text, '\\d\\s*(-?й)?\\s*курс', 'i')
            THEN try_cast(regexp_extract(text, '(\\d)\\s*(-?й)?\\s*курс', 1, 'i') AS INTEGER)
        WHEN try_cast(regexp_extract(text, '^\\s*(\\d{1,2})(\\D|$)', 1) AS INTEGER) BETWEEN 1 AND 11
            THEN try_cast(regexp_extract(text, '^\\s*(\\d{1,2})(\\D|$)', 1) AS INTEGER) END""",
    # «П-01», «п 1» and «№ П-1» are one number; Latin letters that look Russian count as Russian
    "pair_number(text)": """nullif(regexp_replace(regexp_replace(
        translate(upper(replace(text, '№', '')), 'ABCEHKMOPTXYЁ', 'АВСЕНКМОРТХУЕ'),
        '[^0-9A-ZА-Я/]', '', 'g'), '(^|\\D)0+(\\d)', '\\1\\2', 'g'), '')""",
    "one_name(a, b)": "a = b OR (least(length(a), length(b)) = 1 AND left(a, 1) = left(b, 1))",
    # people.compatible: equal surnames; given names equal or one the first letter of the other; no patronymic fits any.
    # A word that is not there is NULL, and so is what it is compared with
    "one_person(a, b)": """a = b OR coalesce(a[1] = b[1] AND one_name(a[2], b[2])
        AND coalesce(one_name(a[3], b[3]), true), false)""",
    # how many letters may differ between words that are one slip of the pen apart: a short surname has many neighbours
    "slips(a, b)": "CASE WHEN least(length(a), length(b)) >= 8 THEN 2 ELSE 1 END",
    "initials(words)": """array_to_string(
        list_concat(words[1:1], list_transform(words[2:3], lambda word: left(word, 1))), ' ')""",
    # does a person of this kind fit the role in this form of mentoring? (R7) unknown always fits
    "form_fits(form, role, kind)": """coalesce(CASE role
        WHEN 'mentor' THEN CASE
            WHEN form IN ('pupil_pupil', 'student_student') THEN kind = 'pupil'
            WHEN form IN ('teacher_teacher', 'teacher_pupil', 'teacher_student') THEN kind <> 'pupil'
            WHEN form IN ('head_teacher', 'head_head', 'network') THEN kind = 'staff'
            WHEN form = 'student_pupil' THEN kind <> 'staff'
            WHEN form IN ('employer_pupil', 'employer_student') THEN kind = 'external' END
        ELSE CASE
            WHEN form IN ('pupil_pupil', 'student_student', 'teacher_pupil', 'teacher_student', 'student_pupil',
                'employer_pupil', 'employer_student') THEN kind = 'pupil'
            WHEN form IN ('teacher_teacher', 'head_teacher', 'head_head', 'network') THEN kind = 'staff' END
        END, true)""",
    # a name of a place or direction as it is compared: letters and figures alone
    "folded(text)": "nullif(regexp_replace(replace(lower(text), 'ё', 'е'), '[^а-яa-z0-9]', '', 'g'), '')",
    "enterprise_key(name)": ENTERPRISE_KEY,
    "russian_date(on_date)": "strftime(on_date, '%d.%m.%Y')",
    # the day named in a free text: «Приказ УО № 212 от 04.09.2023», «от 4 сентября 2023 г.»
    "date_in_text(text)": """coalesce(
        try_strptime(regexp_extract(text, '(\\d{1,2}\\.\\d{1,2}\\.\\d{4})', 1), '%d.%m.%Y')::DATE,
        try_cast(regexp_extract(text, '(\\d{4}-\\d{2}-\\d{2})', 1) AS DATE),
        try_strptime(regexp_extract(text, '(\\d{1,2})[»"]?\\s+([А-Яа-я]{3})[А-Яа-я]*\\s+(\\d{4})', 1) || '.' ||
            list_position(['янв', 'фев', 'мар', 'апр', 'мая', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'],
                lower(regexp_extract(text, '(\\d{1,2})[»"]?\\s+([А-Яа-я]{3})[А-Яа-я]*\\s+(\\d{4})', 2))) || '.' ||
            regexp_extract(text, '(\\d{1,2})[»"]?\\s+([А-Яа-я]{3})[А-Яа-я]*\\s+(\\d{4})', 3), '%d.%m.%Y')::DATE)""",
    # titles of codes, for values and suggestions: what a school types
    "form_title(form)": """CASE form
        WHEN 'pupil_pupil' THEN 'ученик – ученик' WHEN 'teacher_teacher' THEN 'учитель – учитель'
        WHEN 'teacher_pupil' THEN 'учитель – ученик' WHEN 'student_pupil' THEN 'студент – ученик'
        WHEN 'employer_pupil' THEN 'работодатель – ученик' WHEN 'employer_student' THEN 'работодатель – студент'
        WHEN 'student_student' THEN 'студент – студент' WHEN 'teacher_student' THEN 'педагог – студент'
        WHEN 'head_teacher' THEN 'руководитель – педагог' WHEN 'head_head' THEN 'руководитель – руководитель'
        WHEN 'network' THEN 'сетевое наставничество' WHEN 'other' THEN 'иная' ELSE form END""",
    "stage_title(number)": """list_extract(['первая, организационная', 'вторая, пробная рабочая',
        'встреча-планирование', 'регулярная', 'заключительная'], number)""",
    "level_title(level)": """CASE level WHEN 'optimal' THEN 'оптимальный' WHEN 'acceptable' THEN 'допустимый'
        WHEN 'unacceptable' THEN 'недопустимый' WHEN 'undetermined' THEN 'не определён' ELSE level END""",
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers the rules leave to a district, defaults of domain.md; ages in full years, both bounds inclusive."""

    mentor_load: int = 5  # R9: active mentees of one mentor
    gap_days: int = 45  # T6: an active pair without a meeting
    young_specialist_years: float = 3
    pupil_mentor_age: int = 14  # §3.5
    network_mentor_years: float = 3  # §3.5
    pair_ends: tuple[int, int] = (5, 31)  # R4: default end of a pair, month and day, for the checks only
    pupil_age: tuple[int, int] = (5, 20)  # §3.4
    student_age: tuple[int, int] = (14, 35)  # the same for colleges
    staff_age: tuple[int, int] = (18, 80)  # §3.4
    adult_age: int = 18  # §3.11
    class_tolerance: int = 2  # §3.4: years between age and class
    experience_from_age: int = 16  # §3.4: experience ≤ age − 16
    labour_consent_from: date = date(2025, 3, 1)  # §3.5, ТК РФ ст. 351.8
    sql_seconds: float = 30  # of one rule

    @classmethod
    def of(cls, settings: object) -> Thresholds:
        """Those of a settings object that has attributes of the same names; defaults for the others."""
        told = {item.name: getattr(settings, item.name) for item in fields(cls) if hasattr(settings, item.name)}
        return cls(**told)


@dataclass(frozen=True, slots=True)
class Relation:
    """One shared row set: ``kind`` "table" is computed once per run, "view" each time it is read."""

    name: str
    kind: str
    sql: str
    path: str
    needs: tuple[str, ...] = ()  # where one of these tables or relations has no rows, it has none


@dataclass(frozen=True, slots=True)
class Rule:
    """One cross-table rule as its files define it."""

    name: str
    code: str
    severity: Severity
    table: str | None
    title: str
    sql: str
    path: str
    needs: tuple[str, ...] = ()  # where one of these tables or relations has no rows, the rule finds nothing
    scope: str = "district"  # "organisation": it looks at nothing but rows of the organisation a finding is of


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All relations, in the order they are made, and all rules by name.

    ``understood``: how far a change reaches is known (:mod:`reach`), as it is of the shipped definitions; a district's
    own may look at anything, but for rules that say ``scope = "organisation"``.
    """

    relations: tuple[Relation, ...]
    rules: tuple[Rule, ...]
    understood: bool = False


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What came of a run of the rules: how many findings, and the rules that could not run, with the reason.

    ``notices`` are lines for the operator about entries of the people ledger that match nobody. ``reach``: the
    organisations whose findings were looked for and those seen for it; None: all.
    """

    found: int
    failed: Mapping[str, str]
    notices: Sequence[str] = ()
    reach: Reach | None = None


# -- definitions -------------------------------------------------------------------------------------------------


_KEYS: Mapping[str, type] = {
    "code": str, "severity": str, "table": str, "title": str, "source": str, "enabled": bool, "needs": list,
    "scope": str,
}  # fmt: skip
_KINDS: Mapping[type, str] = {str: "a text", bool: "true or false", list: "a list of tables"}
COMPUTED = ("turned_names", "suggested_names")  # relations made here, not by a file


def load_rules(folders: Sequence[Path]) -> RuleSet:
    """Relations and rules of these ``schemas/`` folders; the first that holds a file wins (the district's own first,
    the shipped last).

    A rule's TOML and SQL are looked up apart, so a district can change a severity, or switch a rule off with
    ``enabled = false``, without copying its SQL. Raises ConfigError with file and line for what cannot be used.
    """
    relations = []
    tables = [*files_in(folders), *OWN]  # what a definition can need
    for name, path in _files(folders, RELATIONS).items():
        if name.endswith(".sql"):
            relations.append(_relation(path, tables))
            tables.append(relations[-1].name)
    tables += COMPUTED
    files = _files(folders, RULES)
    rules = []
    for name, path in files.items():
        if name.endswith(".toml"):
            rule = _rule(path, files, tables)
            if rule is not None:
                rules.append(rule)
    for name, path in files.items():
        if name.endswith(".sql") and f"{name[:-4]}.toml" not in files:
            raise ConfigError(
                "a rule needs a .toml of the same name", path=path, mend=f"add {name[:-4]}.toml with a code"
            )
    shipped = folders[-1]
    own = [one.path for one in relations] + [one.path for one in rules if one.scope != "organisation"]
    understood = all(Path(path).is_relative_to(shipped) for path in own)
    return RuleSet(tuple(relations), tuple(rules), understood)


def _files(folders: Sequence[Path], kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in reversed(folders):
        if (folder / kind).is_dir():
            found.update(
                {path.name: path for path in (folder / kind).iterdir() if path.is_file() and path.name[0] != "."}
            )
    return dict(sorted(found.items()))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", path=path) from None


def _relation(path: Path, tables: Sequence[str]) -> Relation:
    sql = _text(path)
    told = re.match(r"\s*--\s*relation:\s*(table|view)\b(?:,\s*needs\s+(.*))?", sql)
    kind, needs = (told[1], tuple(re.findall(r"\w+", told[2] or ""))) if told else ("view", ())
    if told:
        _check_needs(needs, tables, path, sql.count("\n", 0, told.end()) + 1)
    return Relation(re.sub(r"^\d+_", "", path.stem), kind, _without_end(sql), str(path), needs)


def _check_needs(needs: Sequence[object], tables: Sequence[str], path: Path, line: int | None) -> None:
    for name in needs:
        if name not in tables:
            raise ConfigError(f"there is no table {name}", path=path, line=line, mend=did_you_mean(str(name), tables))


def _rule(path: Path, files: Mapping[str, Path], tables: Sequence[str]) -> Rule | None:
    text = _text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        raise ConfigError(f"not valid TOML: {error}", path=path, line=int(told[1]) if told else None) from None
    for key, value in values.items():
        if key not in _KEYS:
            raise ConfigError(f"unknown key {key}", path=path, line=_line(text, key), mend=f"known: {', '.join(_KEYS)}")
        if not isinstance(value, _KEYS[key]):
            raise ConfigError(f"{key} must be {_KINDS[_KEYS[key]]}", path=path, line=_line(text, key))
    _check_needs(values.get("needs", ()), tables, path, _line(text, "needs"))
    if not values.get("enabled", True):
        return None
    code = values.get("code", "")
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", code):
        raise ConfigError(
            f"not a code: {code!r}", path=path, line=_line(text, "code"), mend='like code = "pair-no-order"'
        )
    severity = values.get("severity", "warning")
    if severity not in SEVERITIES:
        raise ConfigError(
            f"unknown severity {severity!r}",
            path=path,
            line=_line(text, "severity"),
            mend=f"one of {', '.join(SEVERITIES)}",
        )
    scope = values.get("scope", "district")
    if scope not in SCOPES:
        mend = f"one of {', '.join(SCOPES)}"
        raise ConfigError(f"unknown scope {scope!r}", path=path, line=_line(text, "scope"), mend=mend)
    sql_path = files.get(f"{path.stem}.sql")
    if sql_path is None:
        raise ConfigError(
            f"there is no {path.stem}.sql", path=path, mend="a rule is a .toml and a .sql of the same name"
        )
    return Rule(
        path.stem,
        code,
        severity,
        values.get("table"),
        values.get("title", ""),
        _without_end(_text(sql_path)),
        str(sql_path),
        # what the shipped query needs says nothing of a district's query put in its place
        tuple(values.get("needs", ())) if sql_path.parent == path.parent else (),
        scope,
    )


def _line(text: str, key: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return None


def _without_end(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()


# -- running -----------------------------------------------------------------------------------------------------


def make_relations(
    store: Store,
    ruleset: RuleSet,
    as_of: date,
    thresholds: Thresholds | None = None,
    organisation_names: Mapping[str, str] | None = None,
    ledger: Ledger = NOTHING_SETTLED,
) -> list[str]:
    """Set the variables, make the macros and the relations as of a date. Files and settings are shut off from now on.

    ``organisation_names`` are those the district's configuration gives, by id: a register may name an organisation that
    has handed in nothing. ``ledger``: who is who, as settled by a human; returns lines for the operator about entries
    of it that match nobody.

    Raises ConfigError naming the file of a relation that cannot be made.
    """
    thresholds = thresholds or Thresholds()
    notices: list[str] = []
    _begin(store, as_of, thresholds, organisation_names or {})
    hands = _hands(store, ledger, notices)
    with _closing(hands[1:]):
        do_all(list(_relation_tasks(ruleset, thresholds, ledger, notices, _Filled())), hands)
    return notices


def _begin(store: Store, as_of: date, thresholds: Thresholds, organisation_names: Mapping[str, str]) -> None:
    """What relations and rules ask for besides each other."""
    connection = store.connection
    store.lock()
    store.forget_relations()
    store.set_variables(_variables(as_of, thresholds))
    for signature, body in MACROS.items():
        connection.execute(f"CREATE MACRO {RELATIONS_AT}.{signature} AS {body}")
    _make_told_names(connection, organisation_names)


def _hands(store: Store, ledger: Ledger, notices: list[str]) -> list[Connection]:
    """The connections to make relations with, over the tables as the ledger has them."""
    notices += apply_ledger(store, ledger)
    return [store.connection, *(store.cursor() for _ in range(AT_A_TIME - 1))]


@contextmanager
def _closing(connections: Sequence[DuckDBPyConnection]) -> Iterator[None]:
    try:
        yield
    finally:
        for connection in connections:
            connection.close()


class _Filled:
    """Which tables and relations have rows, each looked at once in a run."""

    def __init__(self) -> None:
        self._seen: dict[str, bool] = {}

    def all_of(self, connection: DuckDBPyConnection, names: Sequence[str]) -> bool:
        """Whether each of these has rows; relations among them must have been made."""
        for name in names:
            if name not in self._seen:
                found = connection.execute(f"SELECT 1 FROM {quoted(name)} LIMIT 1").fetchone()
                self._seen[name] = found is not None
            if not self._seen[name]:
                return False
        return True


def _relation_tasks(
    ruleset: RuleSet, thresholds: Thresholds, ledger: Ledger, notices: list[str], filled: _Filled
) -> Iterator[Task]:
    """The making of the relations, and of what is computed from one here; ``notices`` takes what is to be told."""
    known: set[str] = set()

    def task(name: str, sql: str, do: Callable[[Hand], object]) -> Task:
        needs = _named_in(sql, known)
        known.add(name)
        return Task(name, needs, do)

    def make_relation(hand: Hand, relation: Relation) -> None:
        _make_relation(hand, relation, filled, thresholds.sql_seconds * 4)

    def across(hand: Hand, relation: Relation) -> None:
        make_relation(hand, relation)
        notices.extend(settle_across(hand.connection, ledger))

    for relation in ruleset.relations:
        make = across if relation.name == "district_people" else make_relation
        yield task(relation.name, " ".join((*relation.needs, relation.sql)), partial(make, relation=relation))
        if relation.name == "known":
            yield task("turned_names", "known", _make_turned_names)
        elif relation.name == "names":
            yield task("suggested_names", "names known", _make_suggestions)


def _named_in(sql: str, names: Collection[str]) -> frozenset[str]:
    """Which of these names stand in a query, in whatever part of it."""
    return frozenset(names).intersection(re.findall(r"\w+", re.sub(r"(?m)^\s*--.*$", "", sql)))


def _make_relation(hand: Hand, relation: Relation, filled: _Filled, seconds: float) -> None:
    import duckdb

    try:
        with hand.limited(seconds):
            sql = relation.sql
            if not filled.all_of(hand.connection, relation.needs):
                sql = f"SELECT * FROM ({sql}\n) WHERE false"  # its columns alone are soon told
            made = _as_select(hand.connection, f'CREATE {relation.kind} {RELATIONS_AT}."{relation.name}"', sql)
            # Others read from it next: short of memory DuckDB ends it only when its answer is taken.
            hand.connection.execute(made).fetchall()
        if relation.kind == "table":
            press(hand.connection)
    except duckdb.Error as error:
        raise ConfigError(_first_line(error), path=relation.path, line=_error_line(error)) from error
    except ValueError as error:
        raise ConfigError(str(error), path=relation.path) from None


def press(connection: DuckDBPyConnection) -> None:
    """Have the relations made so far compressed: a fifth of the room, so less has to be put on disk for want of it.

    While another hand is making one nothing happens; what is made next will see to it. Rows keep their rowid: nothing
    is ever deleted from a relation.
    """
    import duckdb

    with suppress(duckdb.TransactionException):
        connection.execute(f"CHECKPOINT {RELATIONS_DATABASE}")


def _make_turned_names(hand: Hand) -> None:
    """``turned_names(organisation, name_key, turned_key, suggestion)``: names of the bases whose parts stand in another
    order than surname, first name, patronymic. What first names there are the whole district tells."""
    from sheets_sync.name_order import IS_PATRONYMIC, IS_SURNAME, LIKE_SURNAMES, reordered, usual_order

    connection = hand.connection
    lines = connection.execute(
        "SELECT organisation, name_key, min(full_name) FROM known WHERE len(words) BETWEEN 2 AND 3 AND "
        "((regexp_matches(words[2], $1) AND NOT list_contains($3, words[2]) AND NOT (len(words) = 3 AND "
        "regexp_matches(words[2], $2))) OR (len(words) = 3 AND regexp_matches(words[1], $2) "
        "AND NOT regexp_matches(words[3], $2))) GROUP BY ALL ORDER BY ALL",
        [IS_SURNAME, IS_PATRONYMIC, sorted(LIKE_SURNAMES)],
    ).fetchall()
    given: set[str] = set()
    if lines:
        # a second word before a patronymic, of several people, that nobody has for a surname
        given = {
            str(line[0])
            for line in connection.execute(
                f"""
                WITH names AS MATERIALIZED (SELECT string_split(name_key, ' ') AS words FROM ({NAMES_OF_BASES}))
                SELECT words[2] FROM names
                WHERE words[2] IN (SELECT unnest($2::VARCHAR[])) AND len(words) = 3 AND regexp_matches(words[3], $1)
                    AND words[2] NOT IN (SELECT words[1] FROM names WHERE words[1] IS NOT NULL)
                GROUP BY words[2] HAVING count(DISTINCT words[1]) >= 3
                """,
                [IS_PATRONYMIC, sorted({word for _, key, _ in lines for word in key.split(" ")})],
            ).fetchall()
        }
    found = [
        (organisation, key, turned, reordered(name, turned))
        for organisation, key, name in lines
        if (turned := usual_order(key, given)) is not None
    ]
    connection.execute(
        f"CREATE TABLE {RELATIONS_AT}.turned_names AS SELECT unnest($1::VARCHAR[]) AS organisation, "
        "unnest($2::VARCHAR[]) AS name_key, unnest($3::VARCHAR[]) AS turned_key, unnest($4::VARCHAR[]) AS suggestion",
        [[line[index] for line in found] for index in range(4)],
    )


SUGGESTED_AT_MOST = 300  # unknown names of one base: where hundreds are unknown it is the base that is missing


def _make_suggestions(hand: Hand) -> None:
    """``suggested_names(organisation, role, name_key, suggestion)``: for a name that is in no base, the nearest one of
    that base, if there is one so near (one slip in a short name, three in a long one) that it is a slip of the pen."""
    connection = hand.connection
    unknown = connection.execute(
        "SELECT organisation, role, name_key FROM names WHERE how = 'none' AND NOT no_base "
        "AND len(words) BETWEEN 2 AND 6 AND length(name_key) <= 100 "
        f"QUALIFY count(*) OVER (PARTITION BY organisation, role) <= {SUGGESTED_AT_MOST} ORDER BY ALL"
    ).fetchall()
    found: list[tuple[str, str, str, str]] = []
    if unknown:
        offered: dict[tuple[str, str], dict[str, str]] = {}
        for organisation, role, key, full_name in connection.execute(
            "SELECT organisation, role, name_key, full_name FROM known WHERE organisation IN "
            "(SELECT unnest(?::VARCHAR[])) ORDER BY ALL",
            [sorted({line[0] for line in unknown})],
        ).fetchall():
            offered.setdefault((organisation, role), {})[key] = full_name
            if role != "curator":
                offered.setdefault((organisation, "any"), {})[key] = full_name
        for organisation, role, key in unknown:
            nearest = _nearest(key, offered.get((organisation, role), {}))
            if nearest is not None:
                found.append((organisation, role, key, nearest))
    connection.execute(
        f"CREATE TABLE {RELATIONS_AT}.suggested_names AS SELECT unnest($1::VARCHAR[]) AS organisation, "
        "unnest($2::VARCHAR[]) AS role, unnest($3::VARCHAR[]) AS name_key, unnest($4::VARCHAR[]) AS suggestion",
        [[line[index] for line in found] for index in range(4)],
    )


def _nearest(key: str, offered: Mapping[str, str]) -> str | None:
    """The one name of ``offered`` (key → name) nearest to a key that is none of them; None where none or several are.

    A slip mostly hits one word, so only names that share a word are measured; initials are compared with initials. The
    parts of a name may stand in another order.
    """
    from rapidfuzz.distance import DamerauLevenshtein
    from rapidfuzz.process import extract

    words = key.split(" ")
    in_order = sorted(words)
    people: set[str]
    if len(words[1]) == 1:
        shortened: dict[str, set[str]] = {}
        for other, full_name in offered.items():
            surname, *given = other.split(" ")
            short = " ".join([surname, *(name[:1] for name in given[: len(words) - 1])])
            shortened.setdefault(short, set()).add(full_name)
    else:
        sharing = [other for other in offered if any(word in other for word in words)]
        people = {offered[other] for other in sharing if sorted(other.split(" ")) == in_order}
        if people:
            return people.pop() if len(people) == 1 else None
        shortened = {other: {offered[other]} for other in sharing}
    slips = 1 if len(key) < 12 else 2 if len(key) < 20 else 3
    near = extract(key, list(shortened), scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=None)
    best = [choice for choice, distance, _ in near if distance == near[0][1]]
    people = shortened[best[0]] if len(best) == 1 else set()
    return next(iter(people)) if len(people) == 1 else None


def _make_told_names(connection: DuckDBPyConnection, names: Mapping[str, str]) -> None:
    from sheets_sync.people import organisation_key

    connection.execute(f"CREATE TABLE {RELATIONS_AT}.told_names (organisation VARCHAR, name VARCHAR, name_key VARCHAR)")
    for identifier, name in names.items():
        if name:
            connection.execute("INSERT INTO told_names VALUES (?, ?, ?)", [identifier, name, organisation_key(name)])


def run_rules(
    store: Store,
    ruleset: RuleSet,
    as_of: date,
    thresholds: Thresholds | None = None,
    organisation_names: Mapping[str, str] | None = None,
    ledger: Ledger = NOTHING_SETTLED,
    change: Change | None = None,
) -> RuleRun:
    """Run every rule over the store as of a date; the findings are in the temporary table ``rule_issues``.

    With a ``change`` since the findings in the store were made, as of the same day and by the same definitions, only
    the organisations it reaches are looked at, where that can be told.

    ``Store.replace_rule_issues`` keeps them. A rule that cannot run is a finding itself, ``rule-failed``, and the rest
    go on. A finding about a cell the checks have spoken of already is left out: one cause, one issue.
    """
    thresholds = thresholds or Thresholds()
    connection = store.connection
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {FOUND} AS SELECT * FROM main.issues LIMIT 0")
    notices: list[str] = []
    failed: dict[str, str] = {}
    _begin(store, as_of, thresholds, organisation_names or {})
    reach = change.reach(ledger) if change is not None and ruleset.understood else None
    if reach is not None:
        store.look_near(reach.seen, tables_near(store))
    hands = _hands(store, ledger, notices)
    filled = _Filled()
    connection.execute(
        f"CREATE TABLE {RELATIONS_AT}.rule_found (organisation VARCHAR, workbook VARCHAR, sheet VARCHAR, "
        '"table" VARCHAR, "row" INTEGER, field VARCHAR, code VARCHAR, severity VARCHAR, value VARCHAR, '
        "suggestion VARCHAR, params JSON, rule VARCHAR)"
    )

    def judge(hand: Hand, rule: Rule) -> None:
        reason = _run(hand, rule, filled, thresholds.sql_seconds)
        if reason is not None:
            failed[rule.name] = reason

    with _closing(hands[1:]):
        relations = list(_relation_tasks(ruleset, thresholds, ledger, notices, filled))
        names = {task.name for task in relations}
        rules = {
            rule: Task(
                f"rule {rule.name}", _named_in(" ".join((*rule.needs, rule.sql)), names), partial(judge, rule=rule)
            )
            for rule in ruleset.rules
        }
        do_all(_in_stages(relations, rules), hands)
    for rule in ruleset.rules:
        if rule.name in failed:
            connection.execute(
                f"INSERT INTO {FOUND} BY NAME SELECT '' AS organisation, '' AS workbook, 'rule-failed' AS code, "
                "'warning' AS severity, "
                "json_object('rule', ?::VARCHAR, 'path', ?::VARCHAR, 'reason', ?::VARCHAR) AS params, "
                "?::VARCHAR AS rule",
                [rule.name, rule.path, failed[rule.name], rule.name],
            )
    if reach is not None:
        connection.execute(
            "DELETE FROM rule_found WHERE organisation NOT IN (SELECT unnest(?::VARCHAR[]))", [sorted(reach.asked)]
        )
    connection.execute(_PLACED)
    line = connection.execute(f"SELECT count(*) FROM {FOUND}").fetchone()
    return RuleRun(int(line[0]) if line else 0, failed, notices, reach)


# The relation of pairs. A pair with an error does not count, whoever finds it: a rule's error on a row of pairs is told
# there too, before anything is made of it. Only rules that look at nothing made of it can have a say.
JUDGED = "pairs_resolved"
# what the relation itself knows
_KNOWN_ERRORS = ("ref-unknown", "pair-organisation", "pair-same-person", "pair-dates", "pair-duplicate")


def _in_stages(relations: Sequence[Task], rules: Mapping[Rule, Task]) -> list[Task]:
    """All tasks, in an order in which they can be done: what is made of the pairs comes when these are judged."""
    made_of_pairs: set[str] = set()
    for task in relations:
        if task.needs & {JUDGED, *made_of_pairs}:
            made_of_pairs.add(task.name)
    judges = [
        task
        for rule, task in rules.items()
        if JUDGED in task.needs and not task.needs & made_of_pairs and _may_find_errors_of_pairs(rule)
    ]
    if not judges:
        return [*relations, *rules.values()]
    judging = Task("judging", frozenset(task.name for task in judges) | {JUDGED}, _judge_pairs)
    rest = [task for task in relations if task.name in made_of_pairs]
    rest += [task for task in rules.values() if task not in judges]
    return [
        *(task for task in relations if task.name not in made_of_pairs),
        *judges,
        judging,
        *(task._replace(needs=task.needs | {judging.name}) if JUDGED in task.needs else task for task in rest),
    ]


def _may_find_errors_of_pairs(rule: Rule) -> bool:
    words = set(re.findall(r"\w+", rule.sql))
    of_pairs = rule.table in (None, "pairs") or "table" in words
    return of_pairs and (rule.severity == "error" or "severity" in words) and rule.code not in _KNOWN_ERRORS


def _judge_pairs(hand: Hand) -> None:
    codes = ", ".join(f"'{code}'" for code in _KNOWN_ERRORS)
    hand.connection.execute(
        f"""
        UPDATE {RELATIONS_AT}.{JUDGED} AS p SET has_error = true
        FROM (
            SELECT DISTINCT organisation, workbook, sheet, "row" FROM rule_found AS f
            ANTI JOIN bad_cells AS x ON x.severity = 'error' AND x.organisation = f.organisation
                AND x.workbook = f.workbook AND x.sheet = f.sheet AND x."row" = f."row" AND x.field = f.field
            WHERE severity = 'error' AND "table" = 'pairs' AND code NOT IN ({codes})
        ) AS t
        WHERE t.organisation = p.organisation AND t.workbook = p.workbook AND t.sheet = p.sheet AND t."row" = p."row"
        """
    )


def rule_issues(store: Store) -> list[Issue]:
    """The findings of the last :func:`run_rules`, by organisation, workbook, sheet, row and column."""
    lines = store.connection.execute(
        f'SELECT organisation, workbook, sheet, "table", "row", "column", field, code, severity, value, suggestion, '
        f'params FROM {FOUND} ORDER BY organisation, workbook, sheet NULLS FIRST, "row" NULLS FIRST, '
        'length("column") NULLS FIRST, "column", code, field, value'
    ).fetchall()
    return [issue_of(line) for line in lines]


def _variables(as_of: date, thresholds: Thresholds) -> dict[str, Any]:
    values: dict[str, Any] = {"as_of": as_of}
    for item in fields(thresholds):
        value = getattr(thresholds, item.name)
        if item.name == "pair_ends":
            values["pair_ends_month"], values["pair_ends_day"] = value
        elif isinstance(value, tuple):
            values[f"{item.name}_from"], values[f"{item.name}_to"] = value
        else:
            values[item.name] = value
    return values


def _run(hand: Hand, rule: Rule, filled: _Filled, seconds: float) -> str | None:
    """Run one rule in a transaction that can change no store; the reason it failed, or None.

    Where something it needs has no rows there is nothing to find.
    """
    import duckdb

    connection = hand.connection

    def look() -> tuple[dict[str, str], bool]:
        connection.execute(made)
        result = connection.execute("SELECT * FROM rule_result LIMIT 1")
        columns = {str(column[0]): str(column[1]) for column in result.description or []}
        missing = [name for name in PLACE if name not in columns]
        if missing:
            raise ValueError(f"the SELECT must return {', '.join(missing)}")
        return columns, result.fetchone() is not None

    try:
        with hand.limited(seconds):
            if not filled.all_of(connection, rule.needs):
                return None
            made = _as_select(connection, "CREATE OR REPLACE TEMP TABLE rule_result", rule.sql)
            columns, found = connection.transact(look, "READ ONLY")
        if found:
            connection.execute(_as_found(columns), [rule.name, rule.code, rule.severity, rule.table])
    except duckdb.InterruptException:
        return f"stopped after {seconds:g} s"
    except duckdb.Error as error:
        line = _error_line(error)
        return f"line {line}: {_first_line(error)}" if line else _first_line(error)
    except ValueError as error:
        return str(error)
    return None


def _as_found(columns: Mapping[str, str]) -> str:
    """The query that adds ``rule_result`` to ``rule_found``: values as text, what is not a place is a parameter."""

    def text(name: str) -> str:
        column = f'r."{name}"'
        return f"strftime({column}, '%d.%m.%Y')" if columns[name] == "DATE" else f"{column}::VARCHAR"

    value = text("value") if "value" in columns else "NULL"
    suggestion = text("suggestion") if "suggestion" in columns else "NULL"
    severity = "coalesce(r.severity, $3)" if "severity" in columns else "$3"
    table = 'coalesce(r."table", $4)' if "table" in columns else "$4"
    code = "coalesce(r.code, $2)" if "code" in columns else "$2"
    more = [name for name in columns if name not in PLACE and name not in OPTIONAL]
    pairs = ", ".join(f"'{name}', {text(name)}" for name in more)
    # a null parameter is left out: a template shows nothing rather than «None»
    params = f"json_merge_patch('{{}}', json_object({pairs}))" if more else "NULL"
    return f"""
        INSERT INTO {RELATIONS_AT}.rule_found
        SELECT DISTINCT r.organisation, coalesce(r.workbook, ''), r.sheet, {table}, r."row"::INTEGER, r.field, {code},
            {severity}, {value}, {suggestion}, {params}, $1
        FROM rule_result AS r
    """


# The cell's letter comes from the table's headings; in a transposed card the field has a cell of its own. Of a cell the
# checks have spoken of already nothing more is said, but an error beside their warning: that keeps the row uncounted.
_PLACED = f"""
    INSERT INTO {FOUND} BY NAME
    WITH found AS (
        SELECT f.*, CASE json_type(b.columns, '$.' || f.field)
            WHEN 'ARRAY' THEN json_extract_string(b.columns, '$.' || f.field || '[0]')
            ELSE json_extract_string(b.columns, '$.' || f.field) END AS place,
            json_extract_string(b.headings, '$.' || f.field) AS heading
        FROM rule_found AS f
        LEFT JOIN blocks AS b ON b.organisation = f.organisation AND b.workbook = f.workbook AND b.sheet = f.sheet
            AND b."table" = f."table" AND coalesce(f."row", b.header_row) >= b.header_row
            AND coalesce(f."row", b.header_row) < b.next_header_row
    ),
    placed AS (
        SELECT * REPLACE (
            coalesce(try_cast(nullif(regexp_extract(place, '^[A-Z]+(\\d+)$', 1), '') AS INTEGER), "row") AS "row")
        FROM found
    )
    SELECT p.organisation, p.workbook, p.sheet, p."table", p."row",
        nullif(regexp_extract(p.place, '^[A-Z]+'), '') AS "column",
        p.field, p.code, p.severity, p.value, p.suggestion, p.rule,
        CASE WHEN p.heading IS NULL THEN p.params
            ELSE json_merge_patch(json_object('heading', p.heading), coalesce(p.params, '{{}}')) END AS params
    FROM placed AS p
    ANTI JOIN bad_cells AS x ON (p.severity <> 'error' OR x.severity = 'error')
        AND x.organisation = p.organisation AND x.workbook = p.workbook AND x.sheet = p.sheet AND x."row" = p."row"
        AND x.field = p.field
"""


# Statements by their text: reading a query takes a tenth of the time it runs, and a service runs the same ones again.
_read: dict[str, Statement] = {}
READ_AT_MOST = 500


def _as_select(connection: DuckDBPyConnection, create: str, sql: str) -> Statement:
    """The statement «``create`` AS ``sql``», read once; only a SELECT can stand there. Raises ValueError for anything
    but one SELECT."""
    import duckdb

    text = f"{create} AS {sql}"
    if text in _read:
        return _read[text]
    try:
        statements = connection.extract_statements(text)
    except duckdb.ParserException:
        told = connection.extract_statements(sql)  # raises what is wrong with the file itself
        if len(told) == 1 and told[0].type == duckdb.StatementType.SELECT:
            raise
        statements = []
    if len(statements) != 1:
        raise ValueError("the file must be one SELECT and nothing else")
    if len(_read) >= READ_AT_MOST:
        _read.clear()
    return _read.setdefault(text, statements[0])


def _first_line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error).strip().split("\n")[0])


def _error_line(error: BaseException) -> int | None:
    told = re.search(r"^LINE (\d+):", str(error), re.MULTILINE)
    return int(told[1]) if told else None
