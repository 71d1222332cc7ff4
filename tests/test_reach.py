"""What a change reaches: looking at these organisations alone finds what looking at all of them does."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

from sheets_sync import reach
from sheets_sync.consolidate import PupilCodes, roster_book
from sheets_sync.fragments import Fragments, fragment_files
from sheets_sync.ledger import NOTHING_SETTLED, Ledger, possible_matches, read_ledger
from sheets_sync.reach import Change, Reach
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.rules import run_rules
from sheets_sync.store import OWN, Store, WorkbookState
from tests.rule_rows import AS_OF, definitions, shipped_rules, tables_of

ORGANISATIONS = tuple("абвгде")
NAMES = {"а": "Школа № 1", "д": "Школа № 5"}  # as the configuration gives them
KEPT = tuple(name for name in OWN if name.startswith("roster_"))


class Tables:
    """A district whose organisations have persons, pairs, enterprises and registers in common, drawn at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.apart = self.random.choice([0.5, 0.9, 0.97, 1.0])  # of the names, those that are an organisation's own
        self.here = ""
        self.surnames = [f"{name}ов" for name in ("Белк", "Галк", "Чиж", "Стриж", "Ерш", "Сом", "Рак")]
        self.given = ["Иван", "Пётр", "Олег", "Ян", "Тагир", "Эрнест"]
        self.fathers = ["Ильич", "Петрович", "Олегович", "Янович"]

    def one(self, values: Iterable[object]) -> object:
        return self.random.choice(list(values))

    def often(self, value: object, chance: float = 0.7) -> object:
        return value if self.random.random() < chance else ""

    def name(self) -> str:
        own = self.random.random() < self.apart
        surname = f"{self.one('БВГДЖЗКЛМН')}{self.here}арин" if own else self.one(self.surnames)
        parts = [surname, self.one(self.given), self.one(self.fathers)]
        turned = self.random.random()
        if turned < 0.12:
            parts = [parts[1], parts[0]] if turned < 0.06 else [parts[1], parts[0], parts[2]]
        elif turned < 0.2:
            return f"{parts[0]} {str(parts[1])[0]}. {str(parts[2])[0]}."
        return " ".join(map(str, parts))

    def drawing(self, organisation: str) -> str:
        """The tables of one organisation; names are drawn from few, so that they recur elsewhere."""
        self.here = organisation
        people = [self.name() for _ in range(self.random.randint(3, 9))]
        some = lambda: self.one(people) if self.random.random() < 0.7 else self.name()  # noqa: E731
        day = lambda first, last: date(self.random.randint(first, last), self.random.randint(1, 12), 3)  # noqa: E731
        tables: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {
            "mentors": (
                ("full_name", "category", "birth", "class_group", "position", "experience_years", "workplace",
                 "network_order", "consent"),
                [(some(), self.one(["teacher", "pupil", "enterprise", ""]), self.often(self.one([1970, 1980, 2008])),
                  self.often("9А", 0.2), self.often("учитель", 0.5), self.often(self.one([1, 2, 10])),
                  self.often(self.one(["Школа № 1", "Школа № 5", "ООО «Заря»"]), 0.4),
                  self.often("Приказ № 3 от 05.09.2022", 0.3), self.often("2023-09-01"))
                 for _ in range(self.random.randint(0, 6))],
            ),
            "mentees": (
                ("full_name", "kind", "birth", "class_group", "mentor", "mentor_place", "consent"),
                [(some(), self.one(["pupil", "staff", ""]), self.often(self.one(["2010-03-04", "2011-05-06", "1990-01-02"])),
                  self.often("7Б", 0.6), self.often(some(), 0.5), self.often(self.one(["Школа № 1", "ООО «Заря»"]), 0.3),
                  self.often("2023-09-01"))
                 for _ in range(self.random.randint(0, 7))],
            ),
            "curators": (("full_name", "form"), [(some(), "") for _ in range(self.random.randint(0, 2))]),
            "pairs": (
                ("pair_id", "mentor", "mentee", "form", "order_no", "order_date", "date_from", "date_to", "status"),
                [(number, some(), some(), self.one(["teacher_pupil", "network", "pupil_pupil", "teacher_teacher"]),
                  self.often("12"), self.often("2023-09-10"), self.often("2023-10-01"),
                  self.often(self.one(["2024-05-01", "2023-09-01"]), 0.3), self.often(self.one(["active", "finished"])))
                 for number in range(1, self.random.randint(1, 7))],
            ),
            "meetings": (
                ("date", "pair_id", "mentor", "mentee", "stage"),
                [(day(2023, 2024), self.often(self.random.randint(1, 6), 0.5), some(), self.often(some()),
                  self.often(self.one(["org", "trial", "planning", "regular", "final"])))
                 for _ in range(self.random.randint(0, 9))],
            ),
            "consents": (
                ("full_name", "role", "kind", "date", "signed_by"),
                [(some(), "mentor", "personal_data", "2023-09-01", "self") for _ in range(self.random.randint(0, 2))],
            ),
            "network": (
                ("network_mentor", "mentor_org", "order", "trainee", "trainee_org", "direction"),
                [(some(), self.one(["Школа № 1", "Школа № 2", "Школа № 9", "Школа № 5"]),
                  self.one(["№ 3 от 05.09.2023", "№ 4 от 05.09.2022"]), some(), self.one(["Школа № 1", "Школа № 3"]),
                  self.one(["физика", "химия"]))
                 for _ in range(max(0, self.random.randint(-6, 3)))],
            ),
            "enterprises": (
                ("name", "inn", "mentors"),
                [(self.one(["ООО «Заря»", "Заря", "АО «Восток»"]), self.often(self.one(["7707083893", "7736050003"])), some())
                 for _ in range(max(0, self.random.randint(-4, 2)))],
            ),
            "school_profile": (
                ("org_name", "school_year", "as_of", "n_pupils", "n_teachers"),
                [(f"Школа № {ORGANISATIONS.index(organisation) + 1}", "2023-2024", "2024-06-20", 400, 30)]
                if organisation != "а" else [],
            ),
        }  # fmt: skip
        lines = []
        for table, (heads, rows) in tables.items():
            if rows:
                lines.append(f"{table} @ {organisation} / {table}.xlsx")
                lines += [f"| {' | '.join(map(str, line))} |" for line in (heads, *rows)]
        return "\n".join(lines)


def put(store: Store, drawings: Mapping[str, str]) -> None:
    """Replace what was read of organisations by what is drawn."""
    with tempfile.TemporaryDirectory() as folder:
        workbooks = dict.fromkeys(
            (line[0], line[1])
            for line in store.connection.execute("SELECT organisation, workbook FROM main.workbooks").fetchall()
            if line[0] in drawings
        )
        with Fragments(Path(folder), "w0") as fragments:
            for drawing in drawings.values():
                for organisation, workbook, typed in tables_of(drawing) if drawing else ():
                    workbooks[organisation, workbook] = None
                    # a name is stored with the key it is compared by
                    fragments.write_rows(organisation, workbook, typed, definitions().schemas[typed.table.name])
        states = [WorkbookState(*key, key[1], 1, 1, "", "v1", datetime(2024, 6, 20)) for key in workbooks]
        store.replace(states, fragment_files(Path(folder)))


def told(
    path: Path, changed: Mapping[str, str], narrow: bool, ledger: Ledger = NOTHING_SETTLED
) -> tuple[dict[str, list[tuple[object, ...]]], Reach | None]:
    """Everything a sync keeps and tells after a change, and how far it looked."""
    with Store.open(path, definitions()) as store:
        change = Change(store, changed) if narrow else None
        put(store, changed)
        ran = run_rules(store, shipped_rules(), AS_OF, organisation_names=NAMES, ledger=ledger, change=change)
        assert not ran.failed, ran.failed
        asked = ran.reach.asked if ran.reach else None
        store.replace_rule_issues(asked)
        with store.cursor() as cursor:
            doubts = possible_matches(cursor, asked)
            codes = PupilCodes()
            roster_book(
                cursor, definitions(), ReportSettings(), AS_OF, {}, Path(), codes=codes, doubts=doubts, asked=asked
            )
        found: dict[str, list[tuple[object, ...]]] = {
            name: sorted(
                store.connection.execute(f"SELECT * FROM main.{name}").fetchall(),
                key=lambda line: tuple(map(str, line)),
            )
            for name in ("issues", *KEPT)
        }
        found["doubts"] = [(*doubts[0], doubts[1])]
        found["notices"] = [tuple(ran.notices)]
    return found, ran.reach


def compared(folder: Path, seed: int, ledger: Ledger = NOTHING_SETTLED, changes: int = 1) -> Reach | None:
    """A district changes; the same is told whether all of it is looked at or what the change reaches."""
    tables = Tables(seed)
    begun = folder / "begun.duckdb"
    told(begun, {name: tables.drawing(name) for name in ORGANISATIONS}, narrow=False, ledger=ledger)
    changing = tables.random.sample(ORGANISATIONS, changes)
    changed = {name: tables.drawing(name) for name in changing}
    copy = folder / "copy.duckdb"
    shutil.copy(begun, copy)
    whole, _ = told(copy, changed, narrow=False, ledger=ledger)
    near, reached = told(begun, changed, narrow=True, ledger=ledger)
    for name in whole:
        assert near[name] == whole[name], (name, reached, differing(near[name], whole[name]))
    return reached


SETTLED = """
[[alias]]
organisation = 'а'
name = 'Галков Иван Ильич'
same_as = 'Белков Иван Ильич'
reason = 'так'
[[merge]]
persons = [{ organisation = 'б', name = 'Чижов Олег Петрович' }, { organisation = 'а', name = 'Чижов Олег Петрович' }]
reason = 'так'
[[different]]
persons = [{ organisation = 'б', name = 'Стрижов Ян Янович' }, { organisation = 'б', name = 'Стрижов Иван Янович' }]
reason = 'так'
"""


def differing(one: Collection[tuple[object, ...]], other: Collection[tuple[object, ...]]) -> list[object]:
    return [("only near", line) for line in one if line not in other] + [
        ("only whole", line) for line in other if line not in one
    ]


@pytest.fixture(autouse=True)
def everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many organisations are seen, the others are left out."""
    monkeypatch.setattr(reach, "MOST", 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_change_reaches_is_found_as_if_all_were_looked_at(seed: int, tmp_path: Path) -> None:
    """Findings, doubtful persons and what the roster keeps."""
    compared(tmp_path, seed)


PEOPLE = "| full_name | category | birth | experience_years | network_order | consent |"
PAIRS = "| pair_id | mentor | mentee | form | order_no | order_date | date_from | date_to | status |"
PUPILS = "| full_name | kind | birth | class_group | consent |"
REGISTER = "| network_mentor | mentor_org | order | trainee | direction |"
# what changes in organisation «б» → of whom in «а» something else is found: (code, table there, before, after, there)
CROSSING = {
    "a pupil of two": (
        "key-two-organisations", "mentees",
        f"mentees\n{PUPILS}\n| Чижов Ян Янович | pupil | 2010-03-04 | 7Б | 2023-09-01 |",
        f"mentees\n{PUPILS}\n| Белкин Олег Ильич | pupil | 2010-03-04 | 7Б | 2023-09-01 |",
        f"mentees\n{PUPILS}\n| Белкин Олег Ильич | pupil | 2010-03-04 | 7Б | 2023-09-01 |",
    ),
    "a mentor known elsewhere": (
        "pair-organisation", "pairs",
        f"mentors\n{PEOPLE}\n| Галкин Пётр Львович | teacher | 1980 | 20 | | 2023-09-01 |",
        f"mentors\n{PEOPLE}\n| Сомов Пётр Львович | teacher | 1980 | 20 | | 2023-09-01 |",
        f"mentors\n{PEOPLE}\n| Ершов Ян Янович | teacher | 1980 | 20 | | 2023-09-01 |\n"
        f"pairs\n{PAIRS}\n| 1 | Сомов Пётр Львович | Белкин Олег Ильич | teacher_pupil | 1 | 2023-09-01 | 2023-09-02 | | active |",
    ),
    "an order in a register": (
        "pair-network-order", "pairs",
        f"network\n{REGISTER}\n| Галкин Пётр Львович | Школа № 3 | № 3 от 05.09.2023 | Раков Ян Янович | физика |",
        f"network\n{REGISTER}\n| Ершов Ян Янович | Школа № 3 | № 3 от 05.09.2021 | Раков Ян Янович | физика |",
        f"mentors\n{PEOPLE}\n| Ершов Ян Янович | teacher | 1980 | 20 | | 2023-09-01 |\n"
        f"pairs\n{PAIRS}\n| 1 | Ершов Ян Янович | Белкин Олег Ильич | network | 1 | 2023-09-01 | 2023-09-02 | 2024-05-01 | active |",
    ),
    "the experience of whom a register names": (
        "pair-network-experience", "network",
        f"mentors\n{PEOPLE}\n| Ершов Ян Янович | teacher | 1980 | 20 | | 2023-09-01 |",
        f"mentors\n{PEOPLE}\n| Ершов Ян Янович | teacher | 1980 | 1 | | 2023-09-01 |",
        f"network\n{REGISTER}\n| Ершов Ян Янович | Школа № 2 | № 3 от 05.09.2023 | Раков Ян Янович | физика |",
    ),
    "an enterprise of two": (
        "key-enterprise", "enterprises",
        "enterprises\n| name | inn |\n| ООО «Закат» | 7736050003 |",
        "enterprises\n| name | inn |\n| ООО «Заря» | 7736050003 |",
        "enterprises\n| name | inn |\n| Заря | 7707083893 |",
    ),
    "a first name like a surname, of nobody now": (
        "cell-name-order", "mentees",
        f"mentees\n{PUPILS}\n" + "\n".join(
            f"| {name} Адамин Янович | pupil | 2010-03-04 | 7Б | 2023-09-01 |" for name in ("Сомов", "Раков", "Ершов")),
        f"mentees\n{PUPILS}\n| Чижов Ян Янович | pupil | 2010-03-04 | 7Б | 2023-09-01 |",
        f"mentees\n{PUPILS}\n| Иван Адамин | pupil | 2011-03-04 | 7Б | 2023-09-01 |",
    ),
    "a first name that is a surname now": (
        "cell-name-order", "mentees",
        f"mentees\n{PUPILS}\n| Чижов Ян Янович | pupil | 2010-03-04 | 7Б | 2023-09-01 |",
        f"mentees\n{PUPILS}\n| Адамин Ян Янович | pupil | 2010-03-04 | 7Б | 2023-09-01 |",
        f"mentees\n{PUPILS}\n| Иван Адамин | pupil | 2011-03-04 | 7Б | 2023-09-01 |\n" + "\n".join(
            f"| {name} Адамин Янович | pupil | 2010-03-04 | 7Б | 2023-09-01 |" for name in ("Сомов", "Раков", "Ершов")),
    ),
    "one tax number of two names": (
        "key-enterprise", "enterprises",
        "enterprises\n| name | inn |\n| ООО «Закат» | 7736050003 |",
        "enterprises\n| name | inn |\n| ООО «Закат» | 7707083893 |",
        "enterprises\n| name | inn |\n| Заря | 7707083893 |",
    ),
    "a mentor known by a register": (
        "pair-organisation", "pairs",
        f"network\n{REGISTER}\n| Галкин Пётр Львович | Школа № 9 | № 3 от 05.09.2023 | Раков Ян Янович | физика |",
        f"network\n{REGISTER}\n| Сомов Пётр Львович | Школа № 9 | № 3 от 05.09.2023 | Раков Ян Янович | физика |",
        f"mentors\n{PEOPLE}\n| Ершов Ян Янович | teacher | 1980 | 20 | | 2023-09-01 |\n"
        f"pairs\n{PAIRS}\n| 1 | Сомов Пётр Львович | Белкин Олег Ильич | teacher_pupil | 1 | 2023-09-01 | 2023-09-02 | | active |",
    ),
}  # fmt: skip


def drawn(organisation: str, tables: str) -> str:
    profile = (
        "school_profile\n| org_name | school_year | as_of | n_pupils |\n"
        f"| Школа № {ORGANISATIONS.index(organisation) + 1} | 2023-2024 | 2024-06-20 | 400 |\n"
    )
    lines = (profile + tables).splitlines()
    return "\n".join(line if line.startswith("|") else f"{line} @ {organisation} / {line}.xlsx" for line in lines)


@pytest.mark.parametrize("case", CROSSING)
def test_a_change_that_crosses_over_reaches_whom_it_concerns(case: str, tmp_path: Path) -> None:
    """Something else is found of another organisation, and it is found looking at these two alone."""
    code, table, before, after, there = CROSSING[case]
    others = {name: drawn(name, f"curators\n| full_name |\n| {name * 5} Зоя Львовна |") for name in "вгд"}
    begun = tmp_path / "begun.duckdb"
    first, _ = told(begun, {"а": drawn("а", there), "б": drawn("б", before), **others}, narrow=False)
    found, reached = told(begun, {"б": drawn("б", after)}, narrow=True)
    assert reached is not None
    assert reached.asked == {"а", "б"}
    there_now = [line for line in found["issues"] if (line[0], line[3], line[7]) == ("а", table, code)]
    assert there_now
    assert not [line for line in first["issues"] if (line[0], line[3], line[7]) == ("а", table, code)]


@pytest.mark.system
@pytest.mark.parametrize("changes", [1, 2])
def test_what_many_changes_reach(changes: int, tmp_path: Path) -> None:
    """The same of many districts; some changes reach few, and some what lies between."""
    reached = []
    for seed in range(1000 * changes, 1000 * changes + 30):
        folder = tmp_path / str(seed)
        folder.mkdir()
        reached.append(compared(folder, seed, changes=changes))
    sizes = {len(one.asked) for one in reached if one is not None}
    assert min(sizes) <= changes + 1
    assert len(sizes) > 2


@pytest.mark.system
def test_what_is_settled_of_persons_holds_for_a_few_as_for_all(tmp_path: Path) -> None:
    """Who is who counts alike; a change to an organisation of whose persons something is settled concerns everybody."""
    settled = read_ledger(SETTLED, tmp_path / "people.toml")
    near = 0
    for seed in range(3000, 3016):
        folder = tmp_path / str(seed)
        folder.mkdir()
        near += compared(folder, seed, settled) is not None
    assert 4 < near < 16
