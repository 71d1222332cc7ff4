"""What rules and relations need: where a table named so has no rows, they have none either, and are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.issues import Issue
from sheets_sync.rules import Relation, Rule, RuleSet, load_rules, make_relations, rule_issues, run_rules
from sheets_sync.store import Store
from tests.drawn_district import AS_OF, CLEAN, edited, store_of_districts
from tests.rule_rows import SHIPPED, definitions, shipped_rules
from tests.test_every_code import TROUBLES, drawing_of

NEEDY: list[Relation | Rule] = [
    one for one in (*shipped_rules().relations, *shipped_rules().rules) if one.needs
]  # fmt: skip
FURTHER = [  # what the codes can be without
    edited(CLEAN, "school-1/Наставляемые", "2010-05-06 | 7А", "2010-05-06 | 2А"),
    edited(CLEAN, "school-1/Наставники", "учитель | 25 |", "учитель | 45 |"),
    edited(CLEAN, "school-1/Встречи", "2023-09-20 | П-1 |", "2023-09-20 | П-77 |"),
    edited(
        CLEAN,
        "department/Сетевые наставники",
        "Орлова Мария Петровна | МБОУ «Средняя школа № 1»",
        "Орлова Мария Петровна | МБОУ «Гимназия № 9»",
    ),
]
DRAWINGS = [*FURTHER, *(drawing_of(trouble) for trouble in TROUBLES if trouble.as_of == AS_OF)]


@pytest.fixture(scope="module")
def troubled() -> Iterator[Store]:
    """A hundred districts with everything wrong that can be, each with a trouble of its own; the relations are made."""
    with store_of_districts(DRAWINGS) as (store, _):
        make_relations(store, shipped_rules(), AS_OF)
        yield store


def rows_of(store: Store, query: Relation | Rule) -> int:
    """How many rows a definition's query returns."""
    line = store.connection.execute(f"SELECT count(*) FROM ({query.sql}\n)").fetchone()
    assert line is not None
    return int(line[0])


@pytest.mark.parametrize("needy", NEEDY, ids=lambda needy: needy.name)
def test_nothing_is_found_without_what_is_needed(troubled: Store, needy: Relation | Rule) -> None:
    """The query itself finds nothing once one of the tables is emptied: it follows from the query, not from the data."""
    connection = troubled.connection
    for name in needy.needs:
        connection.execute("BEGIN")
        try:
            connection.execute(f'DELETE FROM "{name}"')
            assert rows_of(troubled, needy) == 0, name
        finally:
            connection.execute("ROLLBACK")


def test_there_would_have_been_something_to_find(troubled: Store) -> None:
    """The test above says something: with all its tables there, a query returns rows."""
    silent = [needy.name for needy in NEEDY if rows_of(troubled, needy) == 0]
    assert silent == []


@pytest.mark.parametrize("needy", NEEDY, ids=lambda needy: needy.name)
def test_what_is_needed_stands_in_the_query(needy: Relation | Rule) -> None:
    """Not behind a view of it: so it stays true where a district puts a view of its own in place of the shipped one."""
    words = set(re.findall(r"\w+", re.sub(r"(?m)^\s*--.*$", "", needy.sql)))
    assert set(needy.needs) <= words


def judged(store: Store, rules: RuleSet) -> list[Issue]:
    outcome = run_rules(store, rules, AS_OF)
    assert outcome.failed == {}
    return rule_issues(store)


def unhurried() -> RuleSet:
    """The shipped definitions as if none said what it needs."""
    shipped = shipped_rules()
    return RuleSet(
        tuple(replace(one, needs=()) for one in shipped.relations),
        tuple(replace(one, needs=()) for one in shipped.rules),
    )


@pytest.mark.parametrize(
    "emptied", [(), ("meetings",), ("pairs",), ("mentors", "mentees"), tuple(definitions().schemas)]
)
def test_findings_are_the_same(emptied: tuple[str, ...]) -> None:
    """Whether rules and relations are passed over or made of nothing."""
    with store_of_districts(DRAWINGS[::8]) as (store, _):
        for name in emptied:
            store.connection.execute(f"DELETE FROM main.{name}")
        found = judged(store, shipped_rules())
        assert found == judged(store, unhurried())
    assert found != [] or len(emptied) > 2


def test_columns_of_a_relation_are_there_without_rows() -> None:
    """Whoever asks for a relation that was passed over finds what it would have had."""
    described = []
    for rules in (shipped_rules(), unhurried()):
        with Store.open(":memory:", definitions()) as store:
            make_relations(store, rules, AS_OF)
            described.append(
                store.connection.execute(
                    "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'made' ORDER BY ALL"
                ).fetchall()
            )
    assert described[0] == described[1] != []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district's own definitions: ``rules`` and ``relations``, still empty."""
    for name in ("rules", "relations"):
        (tmp_path / name).mkdir()
    return tmp_path


BROKEN = "SELECT nothing FROM pairs"


def test_a_broken_rule_is_told_where_it_is_run(folder: Path) -> None:
    """Passed over it cannot fail; a rule that says nothing of needs is always run."""
    (folder / "rules/mine.sql").write_text(BROKEN, encoding="utf-8")
    for needs, failed in (("", {"mine"}), ('needs = ["pairs"]\n', set()), ('needs = ["tables"]\n', set())):
        (folder / "rules/mine.toml").write_text(f'code = "pair-test"\n{needs}', encoding="utf-8")
        with Store.open(":memory:", definitions()) as store:
            assert set(run_rules(store, load_rules([folder, SHIPPED]), AS_OF).failed) == failed
    with store_of_districts(DRAWINGS[:1]) as (store, _):
        assert set(run_rules(store, load_rules([folder, SHIPPED]), AS_OF).failed) == {"mine"}


def test_a_query_put_in_place_of_a_shipped_one_needs_nothing(folder: Path) -> None:
    """The shipped needs go with the shipped query; with a .toml of its own beside it the district says them anew."""
    (folder / "rules/roadmap_overdue.sql").write_text("SELECT * FROM workbooks", encoding="utf-8")
    needs = lambda: {rule.name: rule.needs for rule in load_rules([folder, SHIPPED]).rules}["roadmap_overdue"]  # noqa: E731
    assert needs() == ()
    toml = folder / "rules/roadmap_overdue.toml"
    toml.write_text('code = "roadmap-overdue"\nneeds = ["workbooks"]\n', encoding="utf-8")
    assert needs() == ("workbooks",)
    (folder / "rules/roadmap_overdue.sql").unlink()
    assert needs() == ()


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ('["pairs", "metings"]', "no table metings"),
        ("[5]", "no table 5"),
        ('"pairs"', "needs must be a list"),
    ],
)
def test_bad_needs_of_a_rule_are_named_by_file_and_line(folder: Path, needs: str, words: str) -> None:
    """The district is told where, and what may have been meant."""
    (folder / "rules/mine.sql").write_text(BROKEN, encoding="utf-8")
    (folder / "rules/mine.toml").write_text(f'code = "pair-test"\n\nneeds = {needs}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=words) as caught:
        load_rules([folder, SHIPPED])
    assert caught.value.line == 3
    assert str(caught.value.path).endswith("mine.toml")
    if "metings" in needs:
        assert "meetings" in str(caught.value.mend)


def test_bad_needs_of_a_relation_are_named_by_file_and_line(folder: Path) -> None:
    """A relation can need tables and such relations as stand before it."""
    path = folder / "relations/12_mine.sql"
    path.write_text("\n-- relation: table, needs base, pairs_resolved\nSELECT 1 AS one FROM base", encoding="utf-8")
    with pytest.raises(ConfigError, match="no table pairs_resolved") as caught:
        load_rules([folder, SHIPPED])
    assert caught.value.line == 2
    path.write_text("-- relation: table, needs base, pairs\nSELECT 1 AS one FROM base, pairs", encoding="utf-8")
    mine = {one.name: one for one in load_rules([folder, SHIPPED]).relations}["mine"]
    assert (mine.kind, mine.needs) == ("table", ("base", "pairs"))
