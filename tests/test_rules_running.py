"""Rules as a mechanism: definitions by file and line, a rule that fails, SQL that may not do what it tries."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.issues import At, Issue
from sheets_sync.people import compatible
from sheets_sync.rules import RuleSet, Thresholds, load_rules, make_relations, press, rule_issues, run_rules
from sheets_sync.store import Store
from tests.rule_rows import AS_OF, definitions, relations_behind, shipped_rules, store_of

ONE_PAIR = """
    pairs
    | mentor | mentee |
    | Орлова Мария Петровна | Белов Артём Ильич |
"""
FOUND = "SELECT organisation, workbook, sheet, \"row\", 'mentor' AS field FROM pairs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "relations").mkdir()
    for relation in relations_behind([]):  # those every run of a rule asks for
        (tmp_path / "relations" / Path(relation.path).name).symlink_to(relation.path)
    return tmp_path


def write(
    folder: Path, name: str, sql: str, toml: str = 'code = "pair-test"\nseverity = "warning"\ntable = "pairs"\n'
) -> None:
    (folder / "rules" / f"{name}.toml").write_text(toml, encoding="utf-8")
    (folder / "rules" / f"{name}.sql").write_text(sql, encoding="utf-8")


def run(folder: Path, drawing: str = ONE_PAIR, issues: list[Issue] | None = None, seconds: float = 30) -> list[Issue]:
    with store_of(drawing, issues) as store:
        run_rules(store, load_rules([folder]), AS_OF, Thresholds(sql_seconds=seconds))
        return rule_issues(store)


def test_a_rule_finds_the_cell(folder: Path) -> None:
    """Position, letter and heading come from the sheet; further columns are parameters; a district adds a rule by a file."""
    write(folder, "mine", FOUND.replace(" FROM", ", mentor AS value, DATE '2024-05-09' AS day, NULL AS nothing FROM"))
    assert run(folder) == [
        Issue(
            "pair-test",
            "warning",
            At("school", "Книга.xlsx", "pairs", "pairs", 2, "A", "mentor"),
            "Орлова Мария Петровна",
            None,
            (("heading", "ФИО наставника"), ("day", "09.05.2024")),
        )
    ]


def test_columns_of_the_result_win_over_the_file(folder: Path) -> None:
    """Severity, table and code may differ from row to row."""
    write(folder, "mine", FOUND.replace(" FROM", ", 'error' AS severity, 'pair-other' AS code FROM"))
    assert [(issue.code, issue.severity) for issue in run(folder)] == [("pair-other", "error")]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT 1 FROM nowhere", "nowhere"),
        ("SELECT organisation FROM pairs", "must return"),
        ("SELEC 1", "syntax"),
        (f"{FOUND}; DELETE FROM pairs", "one SELECT"),
        ("DELETE FROM pairs", "one SELECT"),
        ("COPY pairs TO '/tmp/x.csv'", "one SELECT"),
        ("ATTACH '/tmp/other.duckdb'", "one SELECT"),
        ("SET threads = 1", "one SELECT"),
        ("INSTALL httpfs", "one SELECT"),
        ("CREATE TABLE main.mine AS SELECT 1", "one SELECT"),
        ("", "one SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
        ("SELECT * FROM '/etc/passwd'", ""),
        ("SELECT content FROM read_text('/etc/hostname')", "disabled"),
        ("SELECT * FROM glob('/*')", "disabled"),
    ],
)
def test_what_a_rule_may_not_do_is_a_finding(folder: Path, sql: str, reason: str) -> None:
    """A bad or forbidden query is «rule-failed» with the reason; the other rules go on."""
    write(folder, "bad", sql)
    write(folder, "good", FOUND)
    issues = run(folder)
    assert [issue.code for issue in issues] == ["rule-failed", "pair-test"]
    told = dict(issues[0].params)
    assert told["rule"] == "bad"
    assert reason.casefold() in told["reason"].casefold()


def test_a_rule_cannot_write(folder: Path) -> None:
    """Whatever a SELECT calls, the store stays as it was, and can still be written to afterwards."""
    write(folder, "bad", "WITH gone AS (DELETE FROM main.pairs RETURNING *) SELECT * FROM gone")
    with store_of(ONE_PAIR) as store:
        outcome = run_rules(store, load_rules([folder]), AS_OF)
        assert set(outcome.failed) == {"bad"}
        assert store.connection.execute("SELECT count(*) FROM main.pairs").fetchone() == (1,)
        store.replace_rule_issues()
        assert [issue.code for issue in store.issues()] == ["rule-failed"]


def test_an_endless_query_is_stopped(folder: Path) -> None:
    """A rule that does not end is interrupted when its time is up."""
    write(
        folder, "slow", "SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.range + b.range = -1"
    )
    write(folder, "good", FOUND)
    issues = run(folder, seconds=0.5)
    assert [issue.code for issue in issues] == ["rule-failed", "pair-test"]
    assert "stopped" in dict(issues[0].params)["reason"]


def test_one_cell_one_cause(folder: Path) -> None:
    """A finding about a cell the checks have spoken of is left out, but an error beside their warning; any other stays."""
    write(folder, "cell", FOUND, 'code = "cell-required"\ntable = "pairs"\n')
    write(folder, "pair", FOUND)
    told = Issue("cell-pattern", "warning", At("school", "Книга.xlsx", "pairs", "pairs", 2, "A", "mentor"))
    assert run(folder, issues=[told]) == []
    write(folder, "pair", FOUND, 'code = "pair-test"\ntable = "pairs"\nseverity = "error"\n')
    assert [issue.code for issue in run(folder, issues=[told])] == ["pair-test"]
    assert run(folder, issues=[told._replace(severity="error")]) == []
    assert [issue.code for issue in run(folder)] == ["cell-required", "pair-test"]


@pytest.mark.parametrize(
    ("toml", "line", "words"),
    [
        ('code = "pair-test"\nseverity = "bad"\n', 2, "severity"),
        ('code = "pair-test"\n\nkode = 1\n', 3, "unknown key"),
        ('code = "Pair"\n', 1, "code"),
        ('code = "pair-test"\nenabled = "no"\n', 2, "true or false"),
        ('code = "pair-test"\nseverity = \n', 2, "TOML"),
    ],
)
def test_a_bad_definition_is_named_by_file_and_line(folder: Path, toml: str, line: int, words: str) -> None:
    """The district is told where and what."""
    write(folder, "mine", FOUND, toml)
    with pytest.raises(ConfigError) as caught:
        load_rules([folder])
    assert caught.value.line == line
    assert str(caught.value.path).endswith("mine.toml")
    assert words in caught.value.message


def test_a_rule_is_two_files(folder: Path) -> None:
    """A TOML without SQL and an SQL without TOML are both bad definitions."""
    write(folder, "mine", FOUND)
    (folder / "rules" / "mine.sql").unlink()
    with pytest.raises(ConfigError, match=r"mine\.sql"):
        load_rules([folder])
    write(folder, "mine", FOUND)
    (folder / "rules" / "mine.toml").unlink()
    with pytest.raises(ConfigError, match="same name"):
        load_rules([folder])


def test_a_district_shadows_and_switches_off(folder: Path, tmp_path: Path) -> None:
    """The district's file goes before the shipped one: a rule is switched off, another gets another severity."""
    write(folder, "mine", FOUND)
    write(folder, "other", FOUND)
    local = tmp_path / "local"
    (local / "rules").mkdir(parents=True)
    (local / "rules" / "mine.toml").write_text('code = "pair-test"\nenabled = false\n')
    (local / "rules" / "other.toml").write_text('code = "pair-test"\nseverity = "info"\n')
    rules = load_rules([local, folder]).rules
    assert [(rule.name, rule.severity) for rule in rules] == [("other", "info")]


def test_a_bad_relation_is_a_bad_definition(tmp_path: Path) -> None:
    """Without its relations no rule can run: file and line, exit 2."""
    (tmp_path / "relations").mkdir()
    (tmp_path / "relations" / "10_base.sql").write_text("-- relation: table\nSELECT *\nFROM nowhere\n")
    with store_of(ONE_PAIR) as store, pytest.raises(ConfigError) as caught:
        make_relations(store, load_rules([tmp_path]), AS_OF)
    assert caught.value.line == 3


def test_relations_can_be_made_again_for_another_date() -> None:
    """December can be seen after June on the same connection."""
    drawing = """
        mentees
        | full_name | kind | birth |
        | Белов Артём Ильич | pupil | 2010 |
        mentors
        | full_name | category |
        | Орлова Мария Петровна | teacher |
        pairs
        | mentor | mentee | order_no | order_date | date_from |
        | Орлова Мария Петровна | Белов Артём Ильич | 5 | 2024-01-10 | 2024-01-15 |
    """
    with store_of(drawing) as store:
        counts = []
        for as_of in (date(2024, 6, 20), date(2023, 12, 20), date(2024, 6, 20)):
            make_relations(store, shipped_rules(), as_of)
            counts.append(store.connection.execute("SELECT count(*) FROM entered").fetchone())
    assert counts == [(2,), (0,), (2,)]


def test_names_are_compared_in_queries_as_anywhere() -> None:
    """``one_person`` says of any two names what ``people.compatible`` says; of a name that is missing it says nothing."""
    names = [
        " ".join(words) for many in range(1, 5) for words in itertools.product(("а", "б", "аб", "ба"), repeat=many)
    ]
    with Store.open(":memory:", definitions()) as store:
        make_relations(store, RuleSet((), ()), AS_OF)
        fits = {
            (one, other)
            for one, other in store.connection.execute(
                "WITH named AS (SELECT unnest($1::VARCHAR[]) AS name), parted AS (SELECT name, string_split(name, ' ') AS words FROM named) "
                "SELECT a.name, b.name FROM parted AS a CROSS JOIN parted AS b WHERE one_person(a.words, b.words)",
                [names],
            ).fetchall()
        }
        nobody = store.connection.execute("SELECT one_person(['а', 'б'], NULL), one_person(NULL, ['а'])").fetchone()
    assert fits == {(one, other) for one in names for other in names if compatible(one, other)}
    assert nobody == (None, None)


def test_relations_take_little_room(folder: Path) -> None:
    """They are compressed as soon as nobody writes; while somebody does, those made wait, and nothing fails."""
    sql = "-- relation: table\nSELECT 'школа' AS organisation, x // 1000 AS n FROM (SELECT unnest(range(50000)) AS x)"
    for name in ("90_wide.sql", "91_wide_too.sql"):
        (folder / "relations" / name).write_text(sql, encoding="utf-8")

    def compressions(store: Store) -> set[str]:
        return {
            kind
            for name in ("wide", "wide_too")
            for (kind,) in store.connection.execute(
                f"SELECT compression FROM pragma_storage_info('relations.made.{name}') WHERE segment_type <> 'VALIDITY'"
            ).fetchall()
        }

    with store_of(ONE_PAIR) as store:
        make_relations(store, load_rules([folder]), AS_OF)
        store.connection.execute("CREATE TABLE relations.made.written AS SELECT unnest(range(50000)) AS x")
        with store.cursor() as other:
            other.execute("BEGIN")
            other.execute("INSERT INTO relations.made.written SELECT 1")
            press(store.connection)
            other.execute("COMMIT")
        press(store.connection)
        assert "Uncompressed" not in compressions(store)


def test_every_shipped_rule_runs_on_an_empty_store() -> None:
    """No rule depends on there being rows, and none finds anything where there is nothing."""
    with Store.open(":memory:", definitions()) as store:
        outcome = run_rules(store, shipped_rules(), AS_OF)
    assert outcome.failed == {}
    assert outcome.found == 0


def test_shipped_rules_name_known_tables() -> None:
    """A rule's table is one of the definitions, and every rule has a title."""
    for rule in shipped_rules().rules:
        assert rule.table is None or rule.table in definitions().schemas, rule.path
        assert rule.title, rule.path


def test_thresholds_of_a_settings_object() -> None:
    """A settings object with some of the names gives those; the others keep the defaults of domain.md."""

    class Settings:
        mentor_load = 3
        unrelated = 1

    assert Thresholds.of(Settings()) == Thresholds(mentor_load=3)
    assert Thresholds.of(None).gap_days == 45
