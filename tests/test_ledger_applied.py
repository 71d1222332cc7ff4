"""The people ledger at work: references, rules, rosters and indicators honour it, and taking it out undoes it."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets_sync.consolidate import PupilCodes, roster_book
from sheets_sync.ledger import NOTHING_SETTLED, Ledger, entries_text, entry_of, possible_matches, read_ledger
from sheets_sync.people import name_key
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.rules import RuleSet, _nearest, make_relations, rule_issues, run_rules
from sheets_sync.store import Store
from tests.rule_rows import AS_OF, definitions, relations_behind, rules_saying, shipped_rules, store_of

FILE = Path("people.toml")
RELATIONS = ("base", "refs", "entered", "unmatched_mentees", "consent_of", "district_people", "counted_pairs")
HONOURING = ("ref-unknown", "ref-ambiguous-initials", "key-duplicate", "meeting-no-pair", "pair-base-disagrees")
SCHOOL = """
mentors @ school / Наставники.xlsx
| full_name | category | birth | mentees | consent |
| Стрелкина Анна Павловна | teacher | 1980 | Белкин Олег Ильич | 2023-09-01 |
| Галкин Пётр Львович | teacher | 1975 | | 2023-09-01 |
| Галкин Пётр Львович | teacher | 1990 | | 2023-09-01 |
mentees @ school / Наставляемые.xlsx
| full_name | kind | birth | mentor | consent |
| Белкин Олег Ильич | pupil | 2010 | Птицына Анна Павловна | 2023-09-01 |
| Зябликов Ян Юрьевич | pupil | 2011 | | 2023-09-01 |
pairs @ school / Пары.xlsx
| pair_id | mentor | mentee | form | order_no | order_date | date_from | status |
| 1 | Птицына Анна Павловна | Белкин Олег Ильич | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | active |
| 2 | Галкин П.Л. | Зябликов Ян Юрьевич | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | active |
meetings @ school / Журнал.xlsx
| date | mentor | mentee |
| 2024-02-01 | Стрелкина А.П. | Белкин Олег Ильич |
consents @ school / Согласия.xlsx
| full_name | role | kind | date |
| Птицына Анна Павловна | mentor | personal_data | 2023-09-01 |
"""


def alias(name: str, same_as: str, organisation: str = "school", birth: int | None = None) -> str:
    told = f"birth = {birth}\n" if birth else ""
    return f"[[alias]]\norganisation = '{organisation}'\nname = '{name}'\nsame_as = '{same_as}'\n{told}reason = 'так'\n"


def decided(kind: str, *persons: tuple[str, str, int | str | None]) -> str:
    told = ", ".join(
        f"{{ organisation = '{organisation}', name = '{name}'"
        + (f", birth = {birth!r}" if birth is not None else "")
        + " }"
        for organisation, name, birth in persons
    )
    return f"[[{kind}]]\npersons = [{told}]\nreason = 'так'\n"


def ledger(text: str) -> Ledger:
    return read_ledger(text, FILE)


def seen(store: Store, settled: Ledger = NOTHING_SETTLED) -> dict[str, list[tuple[object, ...]]]:
    """Everything the rules and the shared relations say, in a fixed order."""
    rules = tuple(rule for rule in shipped_rules().rules if rule.code in HONOURING)
    wanted = relations_behind([*(rule.sql for rule in rules), " ".join(RELATIONS), "alike grown"])
    outcome = run_rules(store, RuleSet(wanted, rules), AS_OF, ledger=settled)
    assert not outcome.failed, outcome.failed
    told: dict[str, list[tuple[object, ...]]] = {"issues": [tuple(map(str, issue)) for issue in rule_issues(store)]}
    for relation in RELATIONS:
        numbers = {"counted_pairs": "line, unit", "district_people": "line"}.get(relation)  # of lines, in any order
        columns = f"* EXCLUDE ({numbers})" if numbers else "*"
        lines = store.connection.execute(f"SELECT {columns} FROM {relation} ORDER BY ALL").fetchall()
        told[relation] = [tuple(map(str, line)) for line in lines]
    return told


def codes_of(store: Store, settled: Ledger, *codes: str) -> list[tuple[str, int | None, str | None]]:
    rules = RuleSet(shipped_rules().relations, rules_saying(*codes))
    outcome = run_rules(store, rules, AS_OF, ledger=settled)
    assert not outcome.failed, outcome.failed
    return [(i.code, i.at.row, i.at.field) for i in rule_issues(store) if i.code in codes]


def test_an_alias_is_honoured_by_references_rules_and_indicators() -> None:
    """A married name: pairs, base, consents and journal mean one person, who counts once."""
    wanted = ("ref-unknown", "meeting-no-pair", "pair-base-disagrees")
    with store_of(SCHOOL) as store:
        before = codes_of(store, NOTHING_SETTLED, *wanted)
        assert ("ref-unknown", 2, "mentor") in before
        settled = ledger(alias("Птицына Анна Павловна", "Стрелкина Анна Павловна"))
        assert codes_of(store, settled, *wanted) == []
        entered = store.connection.execute("SELECT person_key FROM entered WHERE role = 'mentor'").fetchall()
        assert entered == [("school|стрелкина анна павловна",)]
        shown = store.connection.execute("SELECT mentor FROM pairs ORDER BY row").fetchone()
        assert shown == ("Птицына Анна Павловна",)  # as typed


def test_initials_are_settled_for_one_of_namesakes() -> None:
    """«Галкин П.Л.» fits two persons; the alias with a birth says which, and only that name is settled."""
    with store_of(SCHOOL) as store:
        assert codes_of(store, NOTHING_SETTLED, "ref-ambiguous-initials") == [("ref-ambiguous-initials", 3, "mentor")]
        settled = ledger(alias("Галкин П.Л.", "Галкин Пётр Львович", birth=1990))
        assert codes_of(store, settled, "ref-ambiguous-initials", "ref-ambiguous", "ref-unknown") == [
            ("ref-unknown", 2, "mentor")
        ]
        person = store.connection.execute("SELECT mentor_person FROM pairs_resolved WHERE row = 3").fetchone()
        assert person == ("school|галкин петр львович|1990",)


def test_an_alias_of_another_organisation_changes_nothing() -> None:
    """A name is settled inside its organisation only."""
    with store_of(SCHOOL + SCHOOL.replace("@ school", "@ other")) as store:
        settled = ledger(alias("Птицына Анна Павловна", "Стрелкина Анна Павловна", "other"))
        codes_of(store, settled, "ref-unknown")
        where = {i.at.organisation for i in rule_issues(store) if i.code == "ref-unknown"}
        assert where == {"school"}


def test_a_merge_makes_one_person_and_different_makes_two() -> None:
    """Two births of one name, one a typo: one person. One birth not told: two, if the ledger says so."""
    births = decided("merge", ("school", "Галкин Пётр Львович", 1975), ("school", "Галкин Пётр Львович", 1990))
    drawing = "mentees @ school\n| full_name | kind | birth |\n| Орлов Ян Львович | pupil | 2010 |\n| Орлов Ян Львович | pupil | |\n"
    with store_of(SCHOOL) as store:
        make_relations(store, shipped_rules(), AS_OF, ledger=ledger(births))
        keys = store.connection.execute("SELECT DISTINCT person_key FROM base WHERE name_key LIKE 'галкин%'").fetchall()
        assert keys == [("school|галкин петр львович",)]
    apart = decided("different", ("school", "Орлов Ян Львович", 2010), ("school", "Орлов Ян Львович", "unknown"))
    with store_of(drawing) as store:
        assert codes_of(store, NOTHING_SETTLED, "key-duplicate") == [("key-duplicate", 3, "full_name")]
        assert codes_of(store, ledger(apart), "key-duplicate") == []
        line = store.connection.execute("SELECT count(DISTINCT person_key) FROM base").fetchone()
        assert line == (2,)
        assert possible_matches(store.connection)[0] == []


def test_a_merge_of_two_names_resolves_references_by_both() -> None:
    """The former surname stands in one base, the new one in another, the pairs use either."""
    drawing = SCHOOL + ("curators @ school\n| full_name | role |\n| Птицына Анна Павловна | curator |\n")
    text = decided("merge", ("school", "Птицына Анна Павловна", None), ("school", "Стрелкина Анна Павловна", None))
    with store_of(drawing) as store:
        assert codes_of(store, ledger(text), "ref-unknown", "meeting-no-pair") == []
        keys = store.connection.execute(
            "SELECT DISTINCT person_key FROM base WHERE role <> 'mentee' ORDER BY 1"
        ).fetchall()
        assert ("school|стрелкина анна павловна",) in keys
        assert len(keys) == 3


def test_a_name_shared_with_somebody_else_stays_in_doubt() -> None:
    """One of two namesakes also has another name: the shared name goes to neither by itself."""
    drawing = """
    mentors @ school
    | full_name | category | birth |
    | Орлова Анна Львовна | teacher | 1980 |
    | Орлова Анна Львовна | teacher | 1990 |
    | Чижова Анна Львовна | teacher | 1980 |
    mentees @ school
    | full_name | kind | birth |
    | Белкин Олег Ильич | pupil | 2010 |
    pairs @ school
    | mentor | mentee | form |
    | Орлова Анна Львовна | Белкин Олег Ильич | teacher_pupil |
    | Чижова А.Л. | Белкин Олег Ильич | teacher_pupil |
    """
    text = decided("merge", ("school", "Чижова Анна Львовна", None), ("school", "Орлова Анна Львовна", 1980))
    with store_of(drawing) as store:
        assert codes_of(store, ledger(text), "ref-ambiguous", "ref-unknown") == [("ref-ambiguous", 2, "mentor")]
        lines = store.connection.execute("SELECT mentor_person FROM pairs_resolved ORDER BY line").fetchall()
        assert lines[0][0] != lines[1][0]
        assert str(lines[1][0]).endswith("|1980")
        count = store.connection.execute("SELECT count(DISTINCT person_key) FROM base WHERE role = 'mentor'").fetchone()
        assert count == (2,)


TWO = """
mentors @ school
| full_name | category | birth | consent |
| Орлова Анна Львовна | teacher | 1980 | 2023-09-01 |
mentors @ centre
| full_name | category | birth | consent |
| Орлова Анна Львовна | teacher | | 2023-09-01 |
mentees @ school
| full_name | kind | birth |
| Белкин Олег Ильич | pupil | 2010 |
mentees @ centre
| full_name | kind | birth |
| Белкин Олег Ильич | pupil | |
"""


def test_only_adults_are_merged_over_the_district() -> None:
    """A mentor of two organisations is one person of the district; a pupil is counted where enrolled, and it is said."""
    adults = decided("merge", ("school", "Орлова Анна Львовна", None), ("centre", "Орлова Анна Львовна", None))
    pupils = decided("merge", ("school", "Белкин Олег Ильич", None), ("centre", "Белкин Олег Ильич", None))
    with store_of(TWO) as store:
        sql = "SELECT count(DISTINCT district_key) FROM district_people"
        make_relations(store, shipped_rules(), AS_OF)
        assert store.connection.execute(sql).fetchone() == (4,)
        notices = make_relations(store, shipped_rules(), AS_OF, ledger=ledger(adults + pupils))
        assert store.connection.execute(sql).fetchone() == (3,)
        assert len(notices) == 1
        assert notices[0].startswith("people.toml:4: a pupil is counted where enrolled")


def test_an_entry_that_matches_nobody_is_said_without_a_name() -> None:
    """To the operator, by file and line, with the organisation that may have been meant."""
    text = (
        alias("Птицына А.П.", "Стрелкина Анна Павловна", "shcool")
        + alias("Ворон Илья Ильич", "Стрелкина Анна Павловна")
        + decided("merge", ("school", "Ворон Яков Ильич", None), ("school", "Белкин Олег Ильич", None))
        + decided("merge", ("school", "Галкин Пётр Львович", None), ("school", "Белкин Олег Ильич", None))
    )
    with store_of(SCHOOL) as store:
        notices = make_relations(store, shipped_rules(), AS_OF, ledger=ledger(text))
    told = "\n".join(notices)
    assert "people.toml:1: nothing was read of organisation shcool — did you mean school?" in told
    assert "people.toml:6: the name of this alias stands nowhere in school" in told
    assert "people.toml:11: a person of this entry is in no base in school" in told
    assert "people.toml:14: namesakes" in told
    assert "Ворон" not in told
    assert "алкин" not in told


ENTRIES = [
    alias("Птицына Анна Павловна", "Стрелкина Анна Павловна"),
    alias("Галкин П.Л.", "Галкин Пётр Львович", birth=1975),
    decided("merge", ("school", "Галкин Пётр Львович", 1975), ("school", "Галкин Пётр Львович", 1990)),
    decided("merge", ("school", "Белкин Олег Ильич", None), ("school", "Зябликов Ян Юрьевич", None)),
    decided("different", ("school", "Галкин Пётр Львович", 1975), ("school", "Стрелкина Анна Павловна", None)),
    alias("Никто И.И.", "Белкин Олег Ильич"),
]


@pytest.mark.system
@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(st.lists(st.sampled_from(ENTRIES), unique=True), st.randoms(use_true_random=False))
def test_taken_out_all_is_as_it_was(entries: list[str], order: random.Random) -> None:
    """The ledger applied, then removed, gives the original; nor does the order of its entries matter."""
    with store_of(SCHOOL) as store:
        before = seen(store)
        applied = seen(store, ledger("".join(entries)))
        order.shuffle(entries)
        assert seen(store, ledger("".join(entries))) == applied
        assert seen(store) == before


def test_the_order_of_files_does_not_matter() -> None:
    """Tables read in any order give the same persons, findings and doubtful pairs."""
    parts: list[str] = []
    for line in SCHOOL.strip().splitlines():
        if line.startswith("|"):
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    settled = ledger("".join(ENTRIES[:2]))
    told = []
    for order in itertools.islice(itertools.permutations(parts), 0, 120, 60):
        with store_of("\n".join(order)) as store:
            told.append((seen(store, settled), possible_matches(store.connection)))
    assert all(one == told[0] for one in told)


# -- doubtful pairs ----------------------------------------------------------------------------------------------

DOUBTFUL = """
mentors @ school
| full_name | category | birth | consent |
| Орлова Анна Львовна | teacher | 1980 | 2023-09-01 |
| Орлава Анна Львовна | teacher | 1980 | 2023-09-01 |
| Синицына Вера Ильинична | teacher | 1970-02-01 | 2023-09-01 |
| Щеглова Вера Ильинична | teacher | 1970-02-01 | 2023-09-01 |
| Щеглов Юрий Ильич | teacher | 1970 | 2023-09-01 |
| Соколов Семён Ильич | teacher | 1971 | 2023-09-01 |
mentees @ school
| full_name | kind | birth | consent |
| Семён Соколов Ильич | staff | 1971 | 2023-09-01 |
| Белкин Олег Ильич | pupil | 2010 | 2023-09-01 |
| Белкин О. И. | pupil | | 2023-09-01 |
| Бёлкин Юрий Ильич | pupil | 2011 | 2023-09-01 |
| Белкин Юрий Ильич | pupil | 2012 | 2023-09-01 |
mentors @ centre
| full_name | category | birth | consent |
| Щеглов Юрий Ильич | teacher | | 2023-09-01 |
| Орлова Анна Львовна | teacher | 1985 | 2023-09-01 |
"""


def likenesses(store: Store) -> list[tuple[str, str, str]]:
    return [(d.likeness, d.first.full_name, d.second.full_name) for d in possible_matches(store.connection)[0]]


def test_what_looks_alike_is_put_to_a_human() -> None:
    """A letter, another order, initials, a married name, an adult elsewhere; ё is no doubt, another birth is no doubt."""
    with store_of(DOUBTFUL) as store:
        make_relations(store, shipped_rules(), AS_OF)
        found = {(kind, frozenset(names)) for kind, *names in likenesses(store)}
    assert found == {
        ("letter", frozenset({"Орлова Анна Львовна", "Орлава Анна Львовна"})),
        ("surname", frozenset({"Синицына Вера Ильинична", "Щеглова Вера Ильинична"})),
        ("order", frozenset({"Соколов Семён Ильич", "Семён Соколов Ильич"})),
        ("short", frozenset({"Белкин Олег Ильич", "Белкин О. И."})),
        ("district", frozenset({"Щеглов Юрий Ильич"})),
    }


@pytest.mark.parametrize("kind", ["merge", "different"])
def test_a_pasted_entry_settles_its_pair(kind: str) -> None:
    """Every entry offered is valid as it stands, and a settled pair is not asked about again."""
    with store_of(DOUBTFUL) as store:
        make_relations(store, shipped_rules(), AS_OF)
        doubts, total = possible_matches(store.connection)
        assert total == len(doubts) == 5
        text = entries_text(doubts).replace("[[merge]]", f"[[{kind}]]")
        assert make_relations(store, shipped_rules(), AS_OF, ledger=ledger(text)) == []
        assert possible_matches(store.connection) == ([], 0)


def test_the_roster_names_no_pupil_and_gives_entries_of_adults() -> None:
    """Pupils are codes with a link to the row; their entry is in the file beside the store, by number."""
    with store_of(DOUBTFUL) as store:
        make_relations(store, shipped_rules(), AS_OF)
        book = roster_book(store.connection, definitions(), ReportSettings(), AS_OF, {}, Path(), codes=PupilCodes())
        rows = {}
        for sheet in book.sheets:
            lines = list(sheet.rows)
            if sheet.title == "Возможные совпадения":
                rows = {str(line[1]): line for line in lines}
        adults, pupils = rows["отличается буква"], rows["имя записано короче: инициалы или нет отчества"]
        assert adults[3] == "Орлава Анна Львовна"
        assert str(adults[-1]).startswith("[[merge]]\npersons = [{ organisation")
        assert str(pupils[3]).startswith("ОО-")
        assert "possible-matches.toml" in str(pupils[-1])
        assert not any("Белкин" in str(value) for line in rows.values() for value in line)
        doubt = next(d for d in possible_matches(store.connection)[0] if d.likeness == "letter")
        assert str(adults[-1]) == entry_of(doubt)


def test_without_consent_nobody_is_named() -> None:
    """An adult without a consent stands without a name, and so does the entry."""
    with store_of(DOUBTFUL.replace("| 1980 | 2023-09-01 |", "| 1980 | |")) as store:
        make_relations(store, shipped_rules(), AS_OF)
        book = roster_book(store.connection, definitions(), ReportSettings(), AS_OF, {}, Path())
        told = [str(value) for sheet in book.sheets for line in sheet.rows for value in line]
    assert not any("Орлава" in text for text in told)


def test_a_crowd_of_namesakes_stays_bounded() -> None:
    """Hundreds of one family in one base are no reason for a square of pairs."""
    lines = "\n".join(
        f"| Орлов А{'абвгд'[i % 5]}{'абвгд'[i // 5 % 5]}{'абвгд'[i // 25]} Львович | pupil |" for i in range(125)
    )
    with store_of(f"mentees @ school\n| full_name | kind |\n{lines}") as store:
        make_relations(store, shipped_rules(), AS_OF)
        assert len(possible_matches(store.connection)[0]) <= 125 * 40


# -- names in another order, suggestions ----------------------------------------------------------------------------


def test_a_turned_name_of_a_base_is_said_and_resolved() -> None:
    """It is one info at the base's cell; references in the usual order find the person."""
    drawing = SCHOOL.replace("| Стрелкина Анна Павловна | teacher", "| Анна Стрелкина Павловна | teacher").replace(
        "Птицына Анна Павловна", "Стрелкина Анна Павловна"
    )
    with store_of(drawing) as store:
        found = codes_of(store, NOTHING_SETTLED, "cell-name-order", "ref-unknown", "meeting-no-pair")
        assert found == [("cell-name-order", 2, "full_name")]
        (issue,) = [issue for issue in rule_issues(store) if issue.code == "cell-name-order"]
        assert (issue.severity, issue.suggestion) == ("info", "Стрелкина Анна Павловна")


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("Орлава Анна Львовна", "Орлова Анна Львовна"),
        ("Анна Орлова Львовна", "Орлова Анна Львовна"),
        ("Орлов Анна Львовна", "Орлова Анна Львовна"),
        ("Соколов Юрий Ильич", None),  # as near to one as to the other
        ("Орлов Антон Львович", None),  # a brother is no slip of the pen
        ("Ворон Илья Ильич", None),
    ],
)
def test_a_suggestion_is_near_and_the_only_one(written: str, suggestion: str | None) -> None:
    """Else none is better: a wrong one would be typed in."""
    people = ["Орлова Анна Львовна", "Соколов Юлий Ильич", "Соколов Юрой Ильич"]
    assert _nearest(name_key(written), {name_key(name): name for name in people}) == suggestion


@pytest.mark.parametrize(
    "cell",
    [
        "Орлова Анна Львовна, учитель",
        "учитель Орлова Анна Львовна",
        "Орлова Анна Львовна (7 «А»)",
        "Орлова Анна Львовна 7А класс",
    ],
)
def test_a_post_or_a_class_beside_a_name_is_no_other_person(cell: str) -> None:
    """The key is of the name alone."""
    assert name_key(cell) == "орлова анна львовна"
