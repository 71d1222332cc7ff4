"""The district's roster: who is in it, how each person may be shown, where each row comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from sheets_sync.consolidate import NOT_IN_BASE, WITHOUT_CONSENT, PupilCodes, organisations_of, roster_book
from sheets_sync.errors import SourceError
from sheets_sync.issues import At, Issue
from sheets_sync.reporting.page import Book, Link, PlainValue
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.rules import make_relations
from sheets_sync.store import Store
from tests.rule_rows import AS_OF, definitions, shipped_rules, store_of

SCHOOL = """
school_profile @ school
| org_id | org_name | org_type | as_of | n_pupils | n_teachers |
| 120404 | СОШ № 4 | school | 2023-12-20 | 410 | 31 |
| 120404 | СОШ № 4 | school | 2024-06-20 | 400 | 30 |
mentees @ school / Базы.xlsx / 5 «А»
| row | full_name | kind | birth | categories | request | contact | consent |
| 5 | Белкин Олег Ильич | pupil | 2011 | disability | Страх контрольных | +79140000001 | 2023-09-05 |
| 6 | Стрелкина Инна Ильинична | pupil | 2011 | hardship | Одиночество | +79140000002 | |
| 7 | Отказной Юрий Ильич | pupil | 2011 | | | | false |
| 8 | Одинокая Яна Ильинична | pupil | 2014-07-01 | | | | 2023-09-05 |
| 9 | Молодова Ия Юрьевна | staff | 1999 | | | +79140000003 | 2023-09-05 |
| 10 | Молодова Ия Юрьевна | staff | 1999 | | | | 2023-09-05 |
| 11 | Отклонён Ян Юрьевич | pupil | 2011 | | | | 2023-09-05 | !
mentors @ school
| full_name | category | birth | position | enterprise_id | consent |
| Ветров Егор Львович | pupil | 2008 | | | 2023-09-05 |
| Мудрая Нина Петровна | teacher | 1970 | учитель | | 2023-09-05 |
| Скромная Нина Петровна | teacher | 1971 | учитель | | |
pairs @ school
| pair_id | mentor | mentee | form | order_no | order_date | date_from | date_to | status |
| П-1 | Ветров Егор Львович | Белкин О. И. | pupil_pupil | 1 | 2024-01-10 | 2024-01-15 | | active |
| П-2 | Мудрая Нина Петровна | Стрелкина Инна Ильинична | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | 2024-05-24 | finished |
| П-3 | Скромная Нина Петровна | Молодова Ия Юрьевна | teacher_teacher | | | 2024-01-15 | | active |
| П-4 | Мудрая Нина Петровна | Отказной Юрий Ильич | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | | active |
| П-5 | Мудрая Нина Петровна | Неведомый Юрий Ильич | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | | active |
curators @ school
| full_name | role | position | phone |
| Главная Вера Ильинична | coordinator | завуч | +79140000009 |
meetings @ school
| date | pair_id |
| 2024-01-20 | П-1 |
| 2024-01-27 | П-1 |
"""
NETWORK = """
mentors @ centre
| full_name | category | birth | consent |
| Сетевая Анна Павловна | teacher | 1970 | 2023-09-05 |
| Мудрая Нина Петровна | teacher | 1970 | 2023-09-05 |
network @ centre
| direction | network_mentor | mentor_org | trainee | trainee_org | plan_done | review |
| Робототехника | Сетевая А. П. | ЦДО | Стажёров Пётр Ильич | СОШ № 4 | 90 | старается |
"""
DRAWING = SCHOOL + NETWORK
ERROR = Issue("pair-duplicate", "error", At("school", "Книга.xlsx", "pairs", "pairs", 6, "C", "mentee"))
SETTINGS = ReportSettings(district_name="Лесной район")


def roster_of(store: Store, codes: PupilCodes | None = None, settings: ReportSettings = SETTINGS) -> Book:
    """The roster of a store whose relations are made."""
    return roster_book(
        store.connection,
        definitions(),
        settings,
        AS_OF,
        {("school", "Базы.xlsx"): Path("/d/inbox/school/Базы.xlsx")},
        Path("/d/outbox/district"),
        codes=codes,
        issue_titles={"pair-duplicate": "Пара записана дважды"},
    )


def rows_of(book: Book) -> dict[str, list[dict[str, PlainValue]]]:
    """Rows of every sheet by heading; read sheet by sheet, as a sink does."""
    return {
        sheet.title: [dict(zip((column.title for column in sheet.columns), row, strict=True)) for row in sheet.rows]
        for sheet in book.sheets
    }


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """The little district with an error on row 6 of its pairs."""
    with store_of(DRAWING, [ERROR]) as opened:
        make_relations(opened, shipped_rules(), AS_OF)
        yield opened


@pytest.fixture(scope="module")
def sheets(store: Store) -> dict[str, list[dict[str, PlainValue]]]:
    """Its roster."""
    return rows_of(roster_of(store))


def test_the_sheets_of_the_contract(store: Store) -> None:
    """design.md §8, in this order."""
    assert [sheet.title for sheet in roster_of(store).sheets] == [
        "Организации", "Кураторы", "Наставники", "Наставляемые", "Пары", "Без пары", "Сетевые наставники",
        "Качество данных", "Возможные совпадения",
    ]  # fmt: skip


def test_pupils_are_codes_adults_with_consent_names(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """Without consent, or after a refusal, the row stays and says nothing of who it is."""
    mentees = {row["Строка"].text: row for row in sheets["Наставляемые"] if isinstance(row["Строка"], Link)}
    assert str(mentees["5"]["ФИО или код"]).startswith("ОО-")
    assert (mentees["5"]["Возраст"], mentees["5"]["Форма наставничества"]) == ("10–14 лет", "ученик – ученик")
    assert mentees["6"]["ФИО или код"] == WITHOUT_CONSENT
    assert mentees["7"]["ФИО или код"] == WITHOUT_CONSENT
    assert mentees["8"]["Возраст"] == "до 10 лет"
    assert mentees["9"]["ФИО или код"] == "Молодова Ия Юрьевна"
    mentors = [row["ФИО или код"] for row in sheets["Наставники"] if row["Организация"] == "СОШ № 4"]
    assert mentors[1:] == ["Мудрая Нина Петровна", WITHOUT_CONSENT]
    assert str(mentors[0]).startswith("ОО-")


def test_nothing_sensitive_leaves_the_school(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """No pupil's name, no category, request or contact of a participant, in any cell of any sheet."""
    told = " ".join(str(value) for rows in sheets.values() for row in rows for value in row.values())
    forbidden = (
        "Белкин", "Стрелкина", "Отказной", "Одинокая", "Ветров", "Неведомый", "Скромная", "Стажёров", "disability",
        "hardship", "Страх", "Одиночество", "7914000000", "старается",
    )  # fmt: skip
    assert [word for word in forbidden if word in told] == ["7914000000"]  # the coordinator's own telephone
    assert sheets["Кураторы"][0]["Телефон"] == "+79140000009"


def test_a_person_is_one_row_and_rejected_rows_are_none(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """A repeated row is mentioned at the first; totals agree with the counts."""
    assert len(sheets["Наставляемые"]) == 5
    young = next(row for row in sheets["Наставляемые"] if row["ФИО или код"] == "Молодова Ия Юрьевна")
    assert "ещё 1 строка" in str(young["Отметка"]).replace("\u00a0", " ")


def test_pairs_say_whether_they_count_and_why_not(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """No order, a refusal, an error in the row: each in words, the error's own title beside it."""
    pairs = {row["№ пары"]: row for row in sheets["Пары"]}
    assert {number: row["Учтена в показателях"] for number, row in pairs.items()} == {
        "П-1": "да", "П-2": "да", "П-3": "нет: не указан приказ", "П-4": "нет: участник отказался",
        "П-5": "нет: ошибка в строке",
    }  # fmt: skip
    assert pairs["П-5"]["Отметка"] == "Пара записана дважды"
    assert pairs["П-5"]["Наставляемый"] == NOT_IN_BASE
    assert pairs["П-1"]["Встречи пары (группы)"] == 2


def test_unmatched_are_those_without_a_pair_that_stands(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """Never in a pair, or in one that was refused; a pair without an order still is a pair."""
    states = {row["Строка"].text: row["Состояние"] for row in sheets["Наставляемые"] if isinstance(row["Строка"], Link)}
    assert states == {"5": "в паре", "6": "пара завершена", "7": "без пары", "8": "без пары", "9": "в паре"}
    assert [row["Строка"].text for row in sheets["Без пары"] if isinstance(row["Строка"], Link)] == ["7", "8"]


def test_every_row_leads_to_its_cell(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """File, sheet and row, with a link as seen from where the roster lies; a plain row where the file is not known."""
    first = sheets["Наставляемые"][0]
    assert (first["Файл"], first["Лист"]) == ("Базы.xlsx", "5 «А»")
    assert first["Строка"] == Link("5", "../../inbox/school/Базы.xlsx#'5 «А»'!A5")
    assert sheets["Пары"][0]["Строка"] == 2


def test_tones_come_with_their_rows(store: Store) -> None:
    """A writer that takes rows one by one finds each row's tone when it has the row."""
    pairs = roster_of(store).sheets[4]
    seen = [(row[1], pairs.tones.get(index, "")) for index, row in enumerate(pairs.rows)]
    assert seen == [("П-1", ""), ("П-2", ""), ("П-3", "warn"), ("П-4", "warn"), ("П-5", "bad")]


def test_an_adult_of_two_organisations_is_one_person(store: Store) -> None:
    """Same name and year of birth: five rows, four persons."""
    mentors = roster_of(store).sheets[2]
    assert len(list(mentors.rows)) == 5
    assert str(mentors.below[0]).replace("\u00a0", " ") == "Всего: 5 строк, 4 человека."


def test_network_and_quality(sheets: dict[str, list[dict[str, PlainValue]]]) -> None:
    """Names by the consents of the bases; a review is only said to be there; what is missing is named."""
    (line,) = sheets["Сетевые наставники"]
    assert (line["Сетевой наставник"], line["Стажёр"], line["Отзыв"]) == ("Сетевая А. П.", WITHOUT_CONSENT, "есть")
    quality = {row["Организация"]: row for row in sheets["Качество данных"]}
    assert (quality["СОШ № 4"]["Строк прочитано"], quality["СОШ № 4"]["Отклонено"], quality["СОШ № 4"]["Ошибки"]) == (
        20,
        1,
        1,
    )
    assert "Пары" in str(quality["centre"]["Таблиц нет"])
    assert quality["СОШ № 4"]["Последнее изменение"] == datetime(1970, 1, 1)


def test_organisations_by_config_profile_or_folder(store: Store) -> None:
    """The latest profile tells the name unless the configuration does; the folder's name where nothing tells one."""
    found = organisations_of(store.connection, {"centre": "ЦДО «Горизонт»"}, {"centre": "additional"})
    assert [tuple(found[one]) for one in ("centre", "school")] == [
        ("centre", "ЦДО «Горизонт»", "additional", ""),
        ("school", "СОШ № 4", "school", "120404"),
    ]
    assert organisations_of(store.connection)["centre"].shown == "centre"


def test_pupil_names_are_an_explicit_choice(store: Store) -> None:
    """With it, pupils whose parents consented stand by name; the others are anonymous as before."""
    named = rows_of(roster_of(store, settings=replace(SETTINGS, pupil_names=True)))
    names = [row["ФИО или код"] for row in named["Наставляемые"]]
    assert names == [
        "Белкин Олег Ильич", WITHOUT_CONSENT, WITHOUT_CONSENT, "Одинокая Яна Ильинична", "Молодова Ия Юрьевна",
    ]  # fmt: skip


def test_codes_stay_with_their_persons(tmp_path: Path) -> None:
    """Kept in a file: who came first keeps the number, newcomers go on from the last; order of arrival is all the same."""
    codes = PupilCodes.load(tmp_path / "none.json")
    codes.assign(["б", "а"])
    first = {key: codes.of(key) for key in "аб"}
    assert sorted(first.values()) == ["ОО-001", "ОО-002"]
    codes.save(tmp_path / "deep" / "codes.json")
    again = PupilCodes.load(tmp_path / "deep" / "codes.json")
    again.assign(["в", "б", "а"])
    assert {key: again.of(key) for key in "абв"} == first | {"в": "ОО-003"}
    other = PupilCodes()
    other.assign(["а", "б"])
    assert {key: other.of(key) for key in "аб"} == first


def test_the_register_is_lines_and_left_alone_when_it_holds_all(tmp_path: Path) -> None:
    """A line for each person, as the file has always been; nobody new, nothing written."""
    place = tmp_path / "codes.json"
    drawn: list[dict[str, int]] = [{}, {"ш|иванов «а»": 2, "ш|б": 1}]
    for numbers in drawn:
        PupilCodes(numbers).save(place)
        assert place.read_text(encoding="utf-8") == json.dumps(
            {"version": 1, "codes": dict(sorted(numbers.items()))}, ensure_ascii=False, indent=0
        )
    codes = PupilCodes.load(place)
    place.unlink()
    codes.assign(["ш|б"])
    codes.save(place)
    assert not place.exists()
    codes.save(tmp_path / "copy.json")
    codes.assign(["ш|в"])
    codes.save(place)
    assert len(PupilCodes.load(place)) == len(PupilCodes.load(tmp_path / "copy.json")) + 1 == 3


def test_a_torn_register_is_not_guessed_at(tmp_path: Path) -> None:
    """Numbering everyone anew by accident would mix up children: the file is named and nothing is written."""
    (tmp_path / "codes.json").write_text("{", encoding="utf-8")
    with pytest.raises(SourceError, match="register of pupils' codes"):
        PupilCodes.load(tmp_path / "codes.json")


def test_mentors_without_a_name_are_each_somebody() -> None:
    """Rows in one place of two organisations' workbooks are two persons."""
    row = "mentors @ {} / База.xlsx / Наставники\n| full_name | category |\n| | teacher |\n"
    with store_of(row.format("one") + row.format("two")) as opened:
        make_relations(opened, shipped_rules(), AS_OF)
        (mentors,) = (sheet for sheet in roster_of(opened).sheets if sheet.title == "Наставники")
        assert mentors.below[0] == "Всего: 2\u00a0строки, 2\u00a0человека."
