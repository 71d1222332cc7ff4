"""Layouts schools invent: the right table, heading rows, columns and records, wherever and however they stand."""

from __future__ import annotations

from datetime import date

import pytest

from sheets_sync.issues import Issue
from sheets_sync.recognise import Recognised, recognise
from sheets_sync.recognise.headings import heading_index
from sheets_sync.recognise.unsettled import unsettled
from sheets_sync.table import Grid, Table, grid_of
from sheets_sync.table_schema.loading import load_definitions
from sheets_sync.table_schema.model import Definitions
from tests.sheets_drawn import drawn


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


class Reader:
    """Recognition with the shipped definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions

    def __call__(self, grid: Grid, workbook: str = "Книга.xlsx") -> Recognised:
        return recognise(grid, self.definitions, "school-1", workbook)

    def one(self, grid: Grid, workbook: str = "Книга.xlsx") -> Table:
        found = self(grid, workbook)
        assert len(found.tables) == 1, [(table.name, table.why) for table in found.tables]
        return found.tables[0]


@pytest.fixture(scope="module")
def read(definitions: Definitions) -> Reader:
    return Reader(definitions)


def columns(table: Table) -> dict[str, str]:
    return {
        name: letters if isinstance(letters, str) else "+".join(letters) for name, letters in table.letters().items()
    }


def kinds(table: Table) -> dict[int, str]:
    return dict(table.non_data)


def said(found: Recognised) -> list[Issue]:
    """What is said of a sheet, but for the columns a drawing leaves out."""
    return [issue for issue in found.issues if (issue.code, issue.severity) != ("heading-missing", "warning")]


def codes(found: Recognised) -> list[tuple[str, int | None, str | None]]:
    return [(issue.code, issue.at.row, issue.at.cell) for issue in said(found)]


def test_bare_name_heading_is_told_by_the_title(read: Reader) -> None:
    """«ФИО» under «Список наставляемых» is a mentee's, under «Список наставников» a mentor's."""
    text = """
        | {} МБОУ «СОШ № 7» на 2024/25 уч. год |   |   |   |
        |   |   |   |   |
        | № п/п | ФИО | Дата рожд. | Класс | Дата вхождения |
        | 1 | Белов Артём Ильич | 12.03.2010 | 7А | 05.09.2024 |
        | 2 | Громова Яна Юрьевна | 01.11.2011 | 6Б | 05.09.2024 |
    """
    mentees = read.one(drawn(text.format("Список наставляемых")))
    mentors = read.one(drawn(text.format("Список наставников")))
    assert (mentees.name, mentors.name) == ("mentees", "mentors")
    assert columns(mentees) == {"full_name": "B", "birth": "C", "class_group": "D", "date_in": "E"}
    assert mentees.header_rows == (3,)
    assert mentees.row_numbers == [4, 5]


def test_word_forms_abbreviations_and_order(read: Reader) -> None:
    """Headings are understood by meaning, not by spelling."""
    table = read.one(
        drawn("""
        | N | Наставник (Ф.И.О. полностью) | Ф.И.О. закреплённого наставляемого | Форма наст-ва | Дата нач. работы пары | Дата оконч. работы пары | Номер приказа | Приказ от (дата) | Кол-во встреч (план) |
        | 1 | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | 04.09.2023 | 31.05.2024 | 69 | 01.09.2023 | 8 |
        """)
    )
    assert table.name == "pairs"
    assert columns(table) == {
        "mentor": "B", "mentee": "C", "form": "D", "date_from": "E", "date_to": "F", "order_no": "G", "order_date": "H",
        "planned_meetings": "I",
    }  # fmt: skip


def test_two_row_heading_with_groups_and_no_merges(read: Reader) -> None:
    """Group headings over sub-headings are understood even where the file does not say what is merged."""
    table = read.one(
        drawn("""
        | № | Наставник |   | Наставляемый |   | Приказ |   | Период |   | Статус |
        |   | ФИО | должность | ФИО | класс | № | дата | с | по |   |
        | 1 | Орлова Мария Петровна | учитель | Белов Артём Ильич | 7А | 69 | 01.09.2023 | 04.09.2023 | 31.05.2024 | действует |
        | 2 | Зимина Ольга Львовна | учитель | Громова Яна Юрьевна | 6Б | 69 | 01.09.2023 | 04.09.2023 | 31.05.2024 | действует |
        """)
    )
    assert table.name == "pairs"
    assert table.header_rows == (1, 2)
    got = columns(table)
    assert {name: got.get(name) for name in ("mentor", "mentee", "order_no", "order_date", "date_from", "date_to", "status")} == {
        "mentor": "B", "mentee": "D", "order_no": "F", "order_date": "G", "date_from": "H", "date_to": "I", "status": "J",
    }  # fmt: skip
    assert table.row_numbers == [3, 4]


def test_three_row_heading_with_merges_and_column_numbers(read: Reader) -> None:
    """A heading of three rows, merged both ways, with a row of column numbers under it."""
    table = read.one(
        drawn(
            """
        | УТВЕРЖДАЮ | | | | | |
        | № п/п | Сведения о наставляемом | | | | Согласие на обработку персональных данных |
        | | ФИО | Рождение и обучение | | Запрос | |
        | | | Год рождения | Класс | | |
        | 1 | 2 | 3 | 4 | 5 | 6 |
        | 1 | Белов Артём Ильич | 2010 | 7А | адаптация | да |
        | 2 | Громова Яна Юрьевна | 2011 | 6Б | учёба | да |
        """,
            merged="A2:A4 B2:E2 F2:F4 B3:B4 C3:D3 E3:E4",
        )
    )
    assert table.name == "mentees"
    assert table.header_rows == (2, 3, 4)
    assert columns(table) == {"full_name": "B", "birth": "C", "class_group": "D", "request": "E", "consent": "F"}
    assert kinds(table) == {5: "column-numbers"}
    assert table.row_numbers == [6, 7]


def test_split_name_under_a_group(read: Reader) -> None:
    """Фамилия | Имя | Отчество under «Наставник» and again under «Наставляемый» are two names of three columns."""
    table = read.one(
        drawn(
            """
        | № пары | Наставник | | | Наставляемый | | | Форма |
        | | Фамилия | Имя | Отчество | Фамилия | Имя | Отчество | |
        | П-1 | Орлова | Мария | Петровна | Белов | Артём | Ильич | учитель – ученик |
        """,
            merged="A1:A2 B1:D1 E1:G1 H1:H2",
        )
    )
    assert table.name == "pairs"
    assert columns(table) == {"pair_id": "A", "mentor": "B+C+D", "mentee": "E+F+G", "form": "H"}
    assert table.values["mentor"] == ["Орлова Мария Петровна"]


def test_split_name_with_its_own_words(read: Reader) -> None:
    """«Фамилия наставника | Имя наставника | Отчество наставника» are one name."""
    table = read.one(
        drawn("""
        | Фамилия наставника | Имя наставника | Отчество наставника (при наличии) | Место работы | Дата вхождения |
        | Орлова | Мария | Петровна | СОШ № 7 | 04.09.2023 |
        | Ким | Олег |  | СОШ № 7 | 04.09.2023 |
        """)
    )
    assert table.name == "mentors"
    assert columns(table)["full_name"] == "A+B+C"
    assert table.values["full_name"] == ["Орлова Мария Петровна", "Ким Олег"]


def test_side_by_side_tables(read: Reader) -> None:
    """Mentors on the left, mentees on the right, an empty column between, different lengths."""
    found = read(
        drawn("""
        | База наставников |  |  |  | База наставляемых |  |  |  |
        | № | ФИО | Стаж | | № | ФИО | Класс | Запрос |
        | 1 | Орлова Мария Петровна | 12 | | 1 | Белов Артём Ильич | 7А | адаптация |
        | 2 | Зимина Ольга Львовна | 5 | | 2 | Громова Яна Юрьевна | 6Б | учёба |
        |  |  |  | | 3 | Лыков Пётр Олегович | 6Б | учёба |
        """)
    )
    assert [(table.name, table.row_numbers) for table in found.tables] == [("mentors", [3, 4]), ("mentees", [3, 4, 5])]
    assert columns(found.tables[0]) == {"full_name": "B", "experience_years": "C"}
    assert columns(found.tables[1]) == {"full_name": "F", "class_group": "G", "request": "H"}


def test_tables_one_under_another_without_a_blank_row(read: Reader) -> None:
    """A heading of another table ends the one above, blank row or not; its title line belongs to neither's records."""
    found = read(
        drawn("""
        | Наставники | | | |
        | № | ФИО наставника | Должность | Стаж | Категория наставника |
        | 1 | Орлова Мария Петровна | учитель | 12 | педагог |
        | Наставляемые | | | |
        | № | ФИО наставляемого | Должность | Стаж | Запрос |
        | 1 | Белов Артём Ильич | учитель | 1 | адаптация |
        | Директор ____________ Иванова О.К. | | | | |
        """)
    )
    assert [(table.name, table.header_row, table.row_numbers) for table in found.tables] == [
        ("mentors", 2, [3]),
        ("mentees", 5, [6]),
    ]
    assert [table.non_data for table in found.tables] == [[], []]


def test_same_headings_under_another_title_open_another_table(read: Reader) -> None:
    """Identical headings repeated under «Наставляемые» are not a repeated heading of the mentors."""
    found = read(
        drawn("""
        | Наставники | | | |
        | № | ФИО | Должность | Стаж |
        | 1 | Орлова Мария Петровна | учитель | 12 |
        | 2 | Зимина Ольга Львовна | учитель | 5 |
        |  | | | |
        | Наставляемые | | | |
        | № | ФИО | Должность | Стаж |
        | 1 | Белов Артём Ильич | учитель | 1 |
        """)
    )
    assert [(table.name, table.row_numbers) for table in found.tables] == [("mentors", [3, 4]), ("mentees", [8])]


def test_sections_blank_rows_totals_and_placeholders(read: Reader) -> None:
    """Every row that is no record is kept with its kind; records after a gap go on; each oddity is told once."""
    found = read(
        drawn("""
        | База наставляемых | | | |
        | № | ФИО наставляемого | Класс | Запрос |
        | 5 класс | | | |
        | 1 | Белов Артём Ильич | 5А | адаптация |
        |  |  |  |  |
        | 2 | Громова Яна Юрьевна | 5Б | учёба |
        | 6 класс | | | |
        | № | ФИО наставляемого | Класс | Запрос |
        | 1 | Лыков Пётр Олегович | 6А | учёба |
        | 2 |  |  |  |
        | 3 | ____________ | ... | ... |
        | | Итого: | 3 | |
        | | | | |
        | Куратор | | ________ | Зимина О.Л. |
        """)
    )
    (table,) = found.tables
    assert table.row_numbers == [4, 6, 9]
    assert kinds(table) == {
        3: "section", 5: "blank", 7: "section", 8: "repeated-header", 10: "placeholder", 11: "placeholder", 12: "total",
    }  # fmt: skip
    assert codes(found) == [
        ("row-blank-inside", 5, None),
        ("row-placeholder", 10, "A10"),
        ("row-placeholder", 11, "A11"),
        ("row-total", 12, "B12"),
    ]


def test_months_as_sections_in_a_journal(read: Reader) -> None:
    """A journal with month rows merged across and dates without the year is one table."""
    table = read.one(
        drawn(
            """
        | Журнал учёта встреч | | | | |
        | № | Дата проведения встречи | Пара (наставник – наставляемый) | Этап | Содержание встречи |
        | Сентябрь 2023 | | | | |
        | 1 | 26.09.2023 | Орлова М.П. – Белов А.И. | первая | знакомство |
        | Октябрь 2023 | | | | |
        | 2 | 03.10.2023 | Орлова М.П. – Белов А.И. | пробная | работа |
        """,
            merged="A3:E3 A5:E5 A1:E1",
        )
    )
    assert table.name == "meetings"
    assert table.row_numbers == [4, 6]
    got = columns(table)
    assert (got["date"], got["mentor"], got["mentee"], got["stage"], got["topic"]) == ("B", "C", "C", "D", "E")
    assert table.parts == {"mentor": "pair", "mentee": "pair"}


def test_journal_of_one_pair_names_it_above(read: Reader) -> None:
    """One sheet per pair: mentor and mentee stand once above the table and hold for every meeting."""
    table = read.one(
        drawn(
            """
        | Журнал встреч |  |  |  |
        | Наставник: | Орлова Мария Петровна |  |  |
        | Наставляемый: Белов Артём Ильич |  |  |  |
        |  |  |  |  |
        | Дата | Этап встречи | Тема | Результат |
        | 26.09.2023 | первая | знакомство | план |
        | 03.10.2023 | пробная | работа | отчёт |
        """,
            "Пара 1",
        )
    )
    assert table.name == "meetings"
    assert table.values["mentor"] == ["Орлова Мария Петровна"] * 2
    assert table.values["mentee"] == ["Белов Артём Ильич"] * 2
    assert table.cells == {"mentor": "B2", "mentee": "A3"}
    assert columns(table) == {"date": "A", "stage": "B", "topic": "C", "result": "D"}


def test_class_of_a_sheet_per_class(read: Reader) -> None:
    """«Класс: 3А» above a list without a class column is everybody's class."""
    table = read.one(
        drawn("""
        | База наставляемых | |  |
        | Класс: 3А |  |  |
        | № | ФИО обучающегося | Запрос |
        | 1 | Белов Артём Ильич | чтение |
        """)
    )
    assert table.values["class_group"] == ["3А"]
    assert table.cells == {"class_group": "A2"}


def test_record_split_over_two_rows(read: Reader) -> None:
    """The rest of a record on the next row (page break) is joined to it and told once."""
    found = read(
        drawn("""
        | Дорожная карта | | | | |
        | № п/п | Мероприятие | Сроки | Ответственный | Результат |
        | 1 | Издание приказа о внедрении | сентябрь 2023 | директор | приказ |
        | 2 | Анкетирование обучающихся, | октябрь 2023 | куратор | база |
        |  | педагогов и родителей |  |  | наставляемых |
        | 3 | Встречи пар | в течение года | наставники | журнал |
        """)
    )
    (table,) = found.tables
    assert table.row_numbers == [3, 4, 6]
    assert kinds(table) == {5: "continuation"}
    assert table.values["task"][1] == "Анкетирование обучающихся,\nпедагогов и родителей"
    assert codes(found) == [("row-split", 4, "A4")]


def test_stage_merged_down_belongs_to_every_row(read: Reader) -> None:
    """The value of a vertically merged cell is every row's."""
    table = read.one(
        drawn(
            """
        | № | Этап | Мероприятия | Сроки | Ответственные |
        | 1 | Подготовка | Приказ | сентябрь 2023 | директор |
        |   |   | Информирование | сентябрь 2023 | куратор |
        | 2 | Работа пар | Встречи | октябрь 2023 – май 2024 | наставники |
        """,
            merged="A2:A3 B2:B3",
        )
    )
    assert table.name == "roadmap"
    assert table.values["stage"] == ["Подготовка", "Подготовка", "Работа пар"]
    assert "number" not in table.columns


def test_mentor_merged_over_his_mentees(read: Reader) -> None:
    """A mentor's cell merged over three rows makes three pairs with that mentor."""
    table = read.one(
        drawn(
            """
        | № | Наставник | Наставляемый | Форма наставничества |
        | 1 | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик |
        |  |  | Громова Яна Юрьевна | учитель – ученик |
        |  |  | Лыков Пётр Олегович | учитель – ученик |
        """,
            merged="A2:A4 B2:B4",
        )
    )
    assert table.values["mentor"] == ["Орлова Мария Петровна"] * 3
    assert table.row_numbers == [2, 3, 4]


def test_passport_card(read: Reader) -> None:
    """«Паспорт ОО» with field names down the first column: one record, a cell per field."""
    table = read.one(
        drawn("""
        | Паспорт образовательной организации | |
        | Показатель | Значение |
        | Наименование ОО | МКОУ «СОШ № 7» |
        | Тип | школа |
        | Учебный год | 2023-2024 |
        | Дата среза | 20.12.2023 |
        | Всего обучающихся | 410 |
        | Обучающиеся в возрасте от 10 до 18 лет | 280 |
        | Обучающиеся в возрасте от 15 до 18 лет | 60 |
        | Педагогические работники | 34 |
        | Директор __________ Иванова О.К. | |
        """)
    )
    assert table.name == "school_profile"
    assert table.is_card
    assert columns(table)["n_pupils"] == "B7"
    assert table.values["n_10_18"] == [280.0]
    assert table.row_numbers == [3]
    assert table.header_row == 3


@pytest.mark.parametrize(
    ("title", "sheet", "workbook", "year", "day"),
    [
        ("Паспорт ОО на 2023/24 учебный год", "Паспорт", "Книга.xlsx", ["2023-2024"], None),
        ("Паспорт ОО (по состоянию на 20.12.2023 г.)", "Паспорт 2023-2024", "Книга.xlsx", "2023-2024", ["20.12.2023"]),
        ("Сведения на 20 июня 2024 года", "Паспорт", "ЦМН 2023-24.xlsx", "2023-2024", ["20 июня 2024"]),
        ("План развития на 2020-2024 годы, приказ от 01.09.2023", "Паспорт", "Книга.xlsx", None, None),
    ],
)
def test_year_and_day_of_a_passport_told_by_titles(
    read: Reader, title: str, sheet: str, workbook: str, year: object, day: object
) -> None:
    """What stands over the card need not be typed in it once more."""
    card = f"""
        | {title} | |
        | Наименование ОО | МКОУ «СОШ № 7» |
        | Всего обучающихся | 410 |
        | Обучающиеся в возрасте от 10 до 18 лет | 280 |
        | Педагогические работники | 34 |
        """
    row = f"""
        | {title} | | | |
        | Наименование ОО | Всего обучающихся | Обучающиеся в возрасте от 10 до 18 лет | Педагогические работники |
        | МКОУ «СОШ № 7» | 410 | 280 | 34 |
        """
    for text in (card, row):
        found = read(drawn(text, sheet), workbook)
        (table,) = found.tables
        assert table.name == "school_profile"
        assert table.values.get("school_year", table.constants.get("school_year")) == year
        assert table.values.get("as_of") == day
        lacking = {issue.at.field for issue in found.issues if issue.code == "heading-missing"}
        assert ("school_year" in lacking, "as_of" in lacking) == (year is None, day is None)


def test_passport_card_numbered_with_two_dates(read: Reader) -> None:
    """Two columns of figures, each dated above, are two records; a column of numbers before the labels does not matter."""
    found = read(
        drawn("""
        | № | Показатель | на 20.12.2023 | на 20.06.2024 |
        | 1 | Наименование ОО | СОШ № 7 | СОШ № 7 |
        | 2 | Всего обучающихся | 410 | 405 |
        | 3 | Обучающиеся в возрасте от 10 до 18 лет | 280 | 275 |
        | 4 | Педагогические работники | 34 | 33 |
        """)
    )
    assert [(table.name, columns(table)["n_pupils"], table.values["as_of"]) for table in found.tables] == [
        ("school_profile", "C3", ["20.12.2023"]),
        ("school_profile", "D3", ["20.06.2024"]),
    ]


def test_individual_programme_card(read: Reader) -> None:
    """An individual programme with labels and colons, values beside or in the same cell."""
    table = read.one(
        drawn("""
        | ПЕРСОНАЛИЗИРОВАННАЯ ПРОГРАММА НАСТАВНИЧЕСТВА | |
        | Наставник: | Орлова Мария Петровна |
        | Наставляемый: | Белов Артём Ильич |
        | Проблема: | адаптация |
        | Цель: | помочь освоиться |
        | Задачи: | 1. Выявить.⏎2. Помочь. |
        | Срок реализации программы: | 04.09.2023 – 31.05.2024 |
        """)
    )
    assert table.name == "plans"
    assert columns(table)["goal"] == "B5"
    assert table.values["mentor"] == ["Орлова Мария Петровна"]


def test_criteria_in_rows_with_ticks(read: Reader) -> None:
    """Nine criteria down, the score is the ticked column: one record; two ticks stay visible, none is blank."""
    grid = drawn(
        """
        | Оценка эффективности работы наставника | | | | |
        | Наставник: Орлова Мария Петровна | | | | |
        | Наставляемый: Белов Артём Ильич | | | | |
        | Критерии | Показатели | Оценка | | |
        | | | В полной мере (2 балла) | Частично (1 балл) | Не проявился (0 баллов) |
        | Цели | Соответствие цели и задачам | v | | |
        | | Соответствие принципам | | v | |
        | | Соответствие современным подходам | | v | |
        | | Комфортный климат | v | | |
        | | Логичность деятельности | v | v | |
        | Мнение | Удовлетворенность участников | | | v |
        | | Удовлетворенность партнеров | | | |
        | Результат | Активность наставляемого | v | | |
        | | Применение знаний | v | | |
        """,
        merged="A4:A5 B4:B5 C4:E4 A6:A10 A11:A12 A13:A14",
    )
    table = read.one(grid)
    assert table.name == "evaluations"
    assert columns(table) == {"group": "A", "indicator": "B", "score_2": "C", "score_1": "D", "score_0": "E"}
    assert table.row_numbers == [6]
    assert [table.values[f"c{n}"][0] for n in range(1, 10)] == [2.0, 1.0, 1.0, 2.0, "2;1", 0.0, "", 2.0, 2.0]
    assert table.constants["scope"] == "pair"
    assert table.values["mentor"] == ["Орлова Мария Петровна"]


@pytest.mark.parametrize("heading", ["Критерий", "Что оцениваем", "Группа критериев"])
def test_criteria_under_a_heading_that_does_not_call_them_indicators(read: Reader, heading: str) -> None:
    """«Критерий» alone groups nothing; of an unknown heading the cells tell. «Группа критериев» beside it still groups."""
    grid = drawn(
        f"""
        | Группа критериев | {heading} | В полной мере (2 балла) | Частично (1 балл) | Не проявился (0 баллов) |
        | Цели | Соответствие цели и задачам | + | | |
        | Цели | Соответствие принципам | | + | |
        | Цели | Соответствие современным подходам | | + | |
        | Цели | Комфортный климат | + | | |
        | Цели | Логичность деятельности | + | | |
        | Мнение | Удовлетворенность участников | | | + |
        | Мнение | Удовлетворенность партнеров | | | |
        | Результат | Активность наставляемого | + | | |
        | Результат | Применение знаний | + | | |
        """,
        "Оценка эффективности",
    )
    if heading == "Критерий":
        grid = grid_of(grid.sheet, [line[1:] for line in grid.rows])
    elif heading == "Группа критериев":
        grid = grid_of(grid.sheet, [[line[1], *line[2:]] for line in grid.rows])
    table = read.one(grid)
    assert [table.values[f"c{n}"][0] for n in range(1, 10)] == [2.0, 1.0, 1.0, 2.0, 2.0, 0.0, "", 2.0, 2.0]


def test_a_numbered_criterion_nobody_has_marked_is_still_one(read: Reader) -> None:
    """A number and a text alone: between criteria it is one of them, before them the title of a group; a dash is kept."""
    grid = drawn(
        """
        | Самооценка программы | | | | |
        | № | Показатели | В полной мере (2 балла) | Частично (1 балл) | Не проявился (0 баллов) |
        | 1 | Достижение целей | | | |
        | 1 | Соответствие цели и задачам | v | | |
        | 2 | Соответствие принципам | | v | |
        | 3 | Соответствие современным подходам | | v | |
        | 4 | Комфортный климат | v | | |
        | 5 | Логичность деятельности | | | |
        | 6 | Удовлетворенность участников | | | v |
        | 7 | Удовлетворенность партнеров | - | - | - |
        | 8 | Активность наставляемого | v | | |
        | 9 | Применение знаний | v | | |
        """
    )
    table = read.one(grid)
    assert [table.values[f"c{n}"][0] for n in range(1, 10)] == [2.0, 1.0, 1.0, 2.0, "", 0.0, "-", 2.0, 2.0]
    assert table.cells["c5"] == "B8"


def test_criteria_in_columns(read: Reader) -> None:
    """A row per pair, the criteria numbered under one heading: the numbers are headings, not a row of column numbers."""
    table = read.one(
        drawn(
            """
        | № | Наставник | Наставляемый | Показатели | | | | | | | | | Сумма баллов |
        | | | | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | |
        | 1 | Орлова М.П. | Белов А.И. | 2 | 2 | 1 | 2 | 1 | 2 | 2 | 1 | 2 | 15 |
        """,
            "Оценка",
            merged="A1:A2 B1:B2 C1:C2 D1:L1 M1:M2",
        )
    )
    assert table.name == "evaluations"
    assert table.header_rows == (1, 2)
    assert {columns(table)[f"c{n}"] for n in range(1, 10)} == set("DEFGHIJKL")
    assert columns(table)["total"] == "M"
    assert table.constants == {"scope": "pair"}


@pytest.mark.parametrize(
    ("sheet", "workbook", "role", "stage"),
    [
        ("Наставник (до)", "Анкеты.xlsx", "mentor", "before"),
        ("вход", "Анкета наставляемых.xlsx", "mentee", "before"),
        ("Ответы на форму (1)", "Анкета наставников ПОСЛЕ 2024.xlsx", "mentor", "after"),
        ("Итоговая анкета наставляемого", "Ответы.xlsx", "mentee", "after"),
        ("Наставляемые_промежуточная", "x.xlsx", "mentee", "middle"),
    ],
)
def test_survey_role_and_stage_told_by_names(read: Reader, sheet: str, workbook: str, role: str, stage: str) -> None:
    """Role and stage of a survey come from the sheet's name, else from the file's."""
    table = read.one(
        drawn(
            """
        | Отметка времени | ФИО | Насколько комфортно было общение? | Насколько полезными/интересными были личные встречи | Насколько Вы довольны результатом [по шкале от 1 до 10] |
        | 25.05.2024 11:01 | Белов Артём Ильич | 8 | 9 | 10 |
        """,
            sheet,
        ),
        workbook,
    )
    assert table.name == "questionnaires"
    assert table.constants == {"role": role, "stage": stage}
    assert columns(table) == {"timestamp": "A", "full_name": "B", "q_comfort": "C", "q_useful": "D", "q_result": "E"}


def test_anonymous_survey(read: Reader) -> None:
    """A forms export without names is a survey all the same."""
    table = read.one(
        drawn(
            """
        | Отметка времени | 1. Ощущали ли Вы поддержку наставника? | 2. Насколько Вы довольны вашей совместной работой | 3. Что особенно ценно для Вас в программе? |
        | 2024-05-25 | 8 | 9 | общение |
        """,
            "Ответы",
        ),
        "Анкета наставляемых после.xlsx",
    )
    assert columns(table) == {"timestamp": "A", "q_support": "B", "q_joint_work": "C", "q_valuable": "D"}


def test_glued_order_and_period(read: Reader) -> None:
    """One column for number and date of the order, one for both ends of the period."""
    table = read.one(
        drawn("""
        | Наставник | Наставляемый | Форма | Основание (№ и дата приказа) | Срок реализации (с – по) |
        | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | № 69 от 01.09.2023 | с 04.09.2023 по 31.05.2024 |
        """)
    )
    assert table.parts == {"order_no": "number", "order_date": "date", "date_from": "start", "date_to": "end"}
    assert columns(table) == {
        "mentor": "A", "mentee": "B", "form": "C", "order_no": "D", "order_date": "D", "date_from": "E", "date_to": "E",
    }  # fmt: skip


def test_order_heading_over_numbers_and_dates_told_by_cells(read: Reader) -> None:
    """«Приказ №» over «69 от 01.09.2023» holds the date too when no other column does."""
    table = read.one(
        drawn("""
        | Наставник | Наставляемый | Форма | Приказ № | Статус |
        | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | 69 от 01.09.2023 | действует |
        | Зимина Ольга Львовна | Громова Яна Юрьевна | учитель – ученик | 70-ОД от 02.09.2023 | действует |
        """)
    )
    assert (columns(table)["order_no"], columns(table)["order_date"]) == ("D", "D")
    assert table.parts == {"order_no": "number", "order_date": "date"}


def test_table_that_starts_in_column_c_with_empty_columns_between(read: Reader) -> None:
    """Leading and inner empty columns do not matter."""
    table = read.one(
        drawn("""
        | | | Наставник | | Наставляемый | Форма наставничества | | Статус |
        | | | Орлова Мария Петровна | | Белов Артём Ильич | учитель – ученик | | действует |
        """)
    )
    assert columns(table) == {"mentor": "C", "mentee": "E", "form": "F", "status": "H"}


def test_grid_that_begins_further_down(read: Reader) -> None:
    """Row numbers are those the person sees, also where the source's grid starts at row 5."""
    grid = drawn(
        """
        | ФИО наставляемого | Класс | Запрос |
        | Белов Артём Ильич | 7А | учёба |
        """,
        first_row=5,
    )
    table = read.one(grid)
    assert (table.header_rows, table.row_numbers) == ((5,), [6])


def test_who_met_is_a_pair(read: Reader) -> None:
    """A journal that asks «Кто встречался» holds mentor and mentee in one cell; one asked when tells the date."""
    for who in ("Кто встречался (наставник – наставляемый)", "Кто с кем встречался"):
        table = read.one(
            drawn(f"""
            | Как проходили встречи пар | | | |
            | Число встречи | {who} | Этап/вид встречи | Тема разговора |
            | 26.09.2023 | Фокин Д.О. — Дьячкова А.Н. | организационная | Знакомство |
            | 27.09.2023 | Осипова Н.Ю. — Большаков М.Д. | организационная | Знакомство |
            """)
        )
        assert table.name == "meetings"
        assert columns(table) == {"date": "A", "mentor": "B", "mentee": "B", "stage": "C", "topic": "D"}


def test_the_next_table_says_nothing_of_this_one(read: Reader) -> None:
    """Two pupils and, in the same columns, the young teachers below them: what «Категория» means is told by the two."""
    first, second = read(
        drawn("""
        | Сведения о наставляемых | | | | |
        | Наставляемый | Год рождения | Класс | Категория, по которой включён | Запрос |
        | Давыдова Ирина Викторовна | 2009 | 8Б | ТЖС | Трудности с математикой |
        | Белов Артём Ильич | 2009 | 8Б | неудовлетворительные образовательные результаты | Трудности с математикой |
        | | | | | |
        | Начинающие педагоги, за которыми закреплены наставники | | | | |
        | Молодой учитель (ФИО) | Год рождения | Стаж | Должность | Запрос |
        | Кузнецова Валентина Олеговна | 1997 | 0 | учитель начальных классов | Дисциплина |
        | Рябова Алла Петровна | 1999 | 1 | учитель начальных классов | Дисциплина |
        | Юдина Елена Константиновна | 1996 | 2 | учитель начальных классов | Дисциплина |
        """)
    ).tables
    assert columns(first)["categories"] == "D"
    assert "kind" not in first.columns
    assert columns(second)["position"] == "D"


def test_criteria_headed_once_more_over_two_rows(read: Reader) -> None:
    """Where no key column holds names or dates, a repeated heading is known by saying what heads the columns."""
    criteria = (
        "Работа соответствует цели и задачам | Организация соответствует принципам | Современные подходы и технологии"
        " | Комфортный психол. климат | Логичность работы, понимание ситуации наставляемого"
    )
    table = read.one(
        drawn(f"""
        | Оценка работы пар по девяти критериям | | | | | | | |
        | Пара (№) | Участники | | {criteria} |
        | | Наставник: ФИО | Наставляемый: ФИО | | | | | |
        | П-01 | Кузнецова Полина Михайловна | Агафонов Роман Юрьевич | 2 | 2 | 1 | 2 | 1 |
        | П-02 | Юдина Вера Олеговна | Туров Игорь Иванович | 1 | 2 | 1 | 2 | 1 |
        | Пара (№) | Участники | | {criteria} |
        | | Наставник: ФИО | Наставляемый: ФИО | | | | | |
        | П-03 | Рябова Алла Петровна | Юдина Елена Константиновна | 2 | 2 | 1 | 2 | 1 |
        """)
    )
    assert table.name == "evaluations"
    assert len(table.row_numbers) == 3


def test_misspelt_headings_are_taken_and_said_so(read: Reader) -> None:
    """A near miss is used when it can only be that heading; the issue stands at the heading's cell."""
    found = read(
        drawn("""
        | ФИО наставляемого | Год раждения | Класс | Основной зопрос | Согласие родителя |
        | Белов Артём Ильич | 2010 | 7А | учёба | да |
        """)
    )
    (table,) = found.tables
    assert columns(table) == {"full_name": "A", "birth": "B", "class_group": "C", "request": "D", "consent": "E"}
    assert codes(found) == [("heading-near-miss", 1, "B1"), ("heading-near-miss", 1, "D1")]
    assert {issue.severity for issue in said(found)} == {"info"}


def test_small_numbers_are_a_birth_only_where_ages_are_asked_for(read: Reader) -> None:
    """A register's «12» under «Адрес проживания» is no birth, however like «рождения» that reads."""
    for heading, fields in (
        ("Адрес проживания", {"full_name", "position", "experience_years", "request"}),
        ("Возраст педагога", {"full_name", "birth", "position", "experience_years", "request"}),
    ):
        table = read.one(
            drawn(f"""
            | Начинающие педагоги, за которыми закреплены наставники | | | | |
            | Наставляемый педагог | Кем работает | Лет стажа | Суть запроса | {heading} |
            | Носкова Алина Евгеньевна | учитель | 0 | Работа с родителями | 12 |
            | Носкова Виктория Алексеевна | учитель | 1 | Работа с детьми | 12 |
            | Агафонов Пётр Ильич | учитель | 2 | Работа с родителями | 12 |
            """)
        )
        assert set(columns(table)) == fields


def test_headings_misspelt_throughout(read: Reader) -> None:
    """Even a sheet with a typo in nearly every heading is recognised."""
    table = read.one(
        drawn("""
        | ФИО наставнка | ФИО настовляемого | Форма настаничества | Дата начла | Статсу |
        | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | 04.09.2023 | действует |
        """)
    )
    assert table.name == "pairs"
    assert {"mentor", "mentee", "form", "date_from"} <= set(table.columns)


def test_missing_required_column_is_one_issue(read: Reader) -> None:
    """A journal without «Дата» is recognised, and the missing column is told once, at the heading row."""
    found = read(
        drawn("""
        | № | ФИО наставника | ФИО наставляемого | Этап встречи | Тема |
        | 1 | Орлова Мария Петровна | Белов Артём Ильич | регулярная | работа |
        | 2 | Орлова Мария Петровна | Белов Артём Ильич | регулярная | работа |
        """)
    )
    (table,) = found.tables
    assert table.name == "meetings"
    assert [(i.code, i.severity, i.at.row, i.at.field, i.at.cell) for i in found.issues] == [
        ("heading-missing", "error", 1, "date", None)
    ]


def test_duplicate_heading(read: Reader) -> None:
    """Of two columns with one heading the first is read; the second is told and ignored."""
    found = read(
        drawn("""
        | ФИО наставника | ФИО наставляемого | Форма | Статус | Статус |
        | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | действует | завершена |
        """)
    )
    (table,) = found.tables
    assert columns(table)["status"] == "D"
    assert table.ignored == {5: "Статус"}
    assert codes(found) == [("heading-duplicate", 1, "E1")]


def test_aliases_of_an_organisation_win(definitions: Definitions) -> None:
    """What a school calls its columns, settled in config, wins over every guess."""
    from dataclasses import replace

    aliases = {"school-1": {"mentees": {"Ребёнок": "full_name", "Примечание психолога": "request"}}}
    own = replace(definitions, aliases=aliases)
    grid = drawn(
        """
        | Ребёнок | Класс | Дата рождения | Примечание психолога |
        | Белов Артём Ильич | 7А | 12.03.2010 | учёба |
    """,
        "Наставляемые",
    )
    table = recognise(grid, own, "school-1", "x.xlsx").tables[0]
    assert columns(table) == {"full_name": "A", "class_group": "B", "birth": "C", "request": "D"}
    assert (
        recognise(grid, own, "school-2", "x.xlsx").tables == []
        or "request" not in recognise(grid, own, "school-2", "x.xlsx").tables[0].columns
    )


def test_sheets_that_are_no_table(read: Reader) -> None:
    """A timetable is told once, an empty or hidden sheet not at all."""
    timetable = drawn("""
        | Кружок | Каб. | Пн | Вт |
        | Хор | 11 | 15:00 | |
        | Шахматы | 12 | 15:00 | |
    """)
    assert codes(read(timetable)) == [("sheet-unrecognised", None, None)]
    assert codes(read(drawn("| | |"))) == []
    assert codes(read(Grid("пусто", []))) == []
    timetable.visible = False
    assert codes(read(timetable)) == []


def test_class_register_is_not_a_base_of_mentees(read: Reader) -> None:
    """A class list says nothing of mentoring: no table, so no false alarms."""
    found = read(
        drawn(
            """
        | № | ФИО | Дата рождения | Телефон |
        | 1 | Белов Артём Ильич | 12.03.2010 | 8 914 000-00-00 |
        | 2 | Громова Яна Юрьевна | 01.11.2011 | 8 914 000-00-01 |
        """,
            "7А",
        ),
        "Классный журнал.xlsx",
    )
    assert found.tables == []


def test_notes_and_signatures_end_a_table(read: Reader) -> None:
    """What stands below the last record is neither record nor row of the table."""
    found = read(
        drawn("""
        | № | ФИО участника | Роль | Вид согласия | Кем подписано | Дата |
        | 1 | Белов Артём Ильич | наставляемый | ПДн | родитель | 05.09.2023 |
        | 2 | Орлова Мария Петровна | наставник | ПДн | сам | 05.09.2023 |
        | | | | | | |
        | * согласия хранятся у секретаря | | | | | |
        | Куратор | Зимина Ольга Львовна | | | | |
        | 01.10.2023 | | | | | |
        """)
    )
    (table,) = found.tables
    assert (table.name, table.row_numbers, table.non_data, found.issues) == ("consents", [2, 3], [], [])


def test_foreign_table_after_a_gap_is_not_read_as_records(read: Reader) -> None:
    """A small table of statistics under the mentees is not more mentees."""
    found = read(
        drawn("""
        | База наставляемых | | | |
        | № | ФИО наставляемого | Класс | Запрос |
        | 1 | Белов Артём Ильич | 5А | адаптация |
        | 2 | Громова Яна Юрьевна | 5Б | учёба |
        | | | | |
        | Класс | Количество | Из них с ОВЗ | |
        | 5А | 1 | 0 | |
        | 5Б | 1 | 0 | |
        """)
    )
    (table,) = found.tables
    assert table.row_numbers == [3, 4]


def test_tables_beside_one_another_on_different_rows(read: Reader) -> None:
    """A small table to the right that begins lower and is shorter is read as well."""
    found = read(
        drawn("""
        | База наставляемых | | | | | |
        | № | ФИО наставляемого | Запрос | | Кураторы | |
        | 1 | Белов Артём Ильич | учёба | | ФИО куратора | Роль |
        | 2 | Лыков Пётр Олегович | учёба | | Зимина Ольга Львовна | координатор |
        | 3 | Лыкова Анна Олеговна | учёба | | | |
        """)
    )
    assert [(table.name, table.header_row, table.row_numbers) for table in found.tables] == [
        ("mentees", 2, [3, 4, 5]),
        ("curators", 3, [4]),
    ]
    assert columns(found.tables[1]) == {"full_name": "E", "role": "F"}


def test_tables_side_by_side_without_a_gap(read: Reader) -> None:
    """A second «№» begins another table even where no column is left blank."""
    found = read(
        drawn("""
        | № | ФИО наставника | Стаж | № | ФИО наставляемого | Класс | Запрос |
        | 1 | Орлова Мария Петровна | 12 | 1 | Громова Яна Юрьевна | 7А | учёба |
        """)
    )
    assert [(table.name, columns(table)["full_name"]) for table in found.tables] == [("mentors", "B"), ("mentees", "E")]


def test_lines_that_name_another_table_under_the_same_headings(read: Reader) -> None:
    """«Наставники» and «Наставляемые» as lines of text under one heading part two tables."""
    found = read(
        drawn("""
        | № | ФИО | Должность | Стаж | Дата вхождения |
        | Наставники | | | | |
        | 1 | Орлова Мария Петровна | учитель | 12 | 01.09.2023 |
        | Наставляемые | | | | |
        | 1 | Белова Ирина Ильинична | учитель | 1 | 01.09.2023 |
        """)
    )
    assert [(table.name, table.header_row, table.row_numbers) for table in found.tables] == [
        ("mentors", 1, [3]),
        ("mentees", 1, [5]),
    ]


def test_tables_of_one_kind_under_titles_of_their_own(read: Reader) -> None:
    """The same headings again after a blank row and a title are another table, and the title tells its form."""
    found = read(
        drawn(
            """
        | Форма «учитель – учитель» | | |
        | Наставник | Наставляемый | Дата начала |
        | Орлова Мария Петровна | Белова Ирина Ильинична | 04.09.2023 |
        | | | |
        | Форма «ученик – ученик» | | |
        | Наставник | Наставляемый | Дата начала |
        | Лыков Пётр Олегович | Громова Яна Юрьевна | 04.09.2023 |
        """,
            "Пары",
        )
    )
    assert [(t.name, t.header_row, t.row_numbers, t.values["form"]) for t in found.tables] == [
        ("pairs", 2, [3], ["учитель – учитель"]),
        ("pairs", 6, [7], ["ученик – ученик"]),
    ]


def test_repeated_heading_said_otherwise(read: Reader) -> None:
    """«Дата встречи» on the next page is the «Дата» of the first."""
    table = read.one(
        drawn("""
        | № | Дата | Наставник | Наставляемый | Этап | Тема |
        | 1 | 26.09.2023 | Орлова М.П. | Белов А.И. | первая | знакомство |
        | № | Дата встречи | Наставник | Наставляемый | Этап | Тема |
        | 2 | 03.10.2023 | Орлова М.П. | Белов А.И. | пробная | работа |
        """)
    )
    assert (table.row_numbers, kinds(table)) == ([2, 4], {3: "repeated-header"})


def test_row_of_units_belongs_to_the_heading(read: Reader) -> None:
    """«(дд.мм.гггг) | (мин)» under the headings is no record."""
    table = read.one(
        drawn("""
        | № | Дата | Наставник | Наставляемый | Тема | Продолжительность |
        | | (дд.мм.гггг) | (ФИО) | (ФИО) | | (мин) |
        | 1 | 26.09.2023 | Орлова М.П. | Белов А.И. | знакомство | 45 |
        """)
    )
    assert (table.header_rows, table.row_numbers) == ((1, 2), [3])
    assert columns(table)["duration_min"] == "F"


def test_heading_written_over_two_rows_without_merging(read: Reader) -> None:
    """Words of one heading typed into two cells, one above the other, are read together."""
    table = read.one(
        drawn("""
        | № | Фамилия, имя, | Дата | Основной | Дата вхождения |
        | п/п | отчество наставляемого | рождения | запрос | в программу |
        | 1 | Белов Артём Ильич | 12.03.2010 | адаптация | 05.09.2023 |
        """)
    )
    assert table.header_rows == (1, 2)
    assert columns(table) == {"full_name": "B", "birth": "C", "request": "D", "date_in": "E"}


def test_criteria_with_digits_as_a_card(read: Reader) -> None:
    """Criteria down, one column of digits: a record with a cell for each criterion."""
    table = read.one(
        drawn("""
        | Наставник: Орлова Мария Петровна | |
        | Показатель | Балл (0–2) |
        | Соответствие наставнической деятельности цели и задачам, по которым она осуществляется | 2 |
        | Соответствие организации наставнической деятельности принципам, заложенным в программе | 1 |
        | Соответствие наставнической деятельности современным подходам и технологиям | 2 |
        | Наличие комфортного психологического климата | 0 |
        | Итого | 5 |
        """)
    )
    assert table.name == "evaluations"
    assert [columns(table)[name] for name in ("c1", "c2", "c3", "c4", "total")] == ["B3", "B4", "B5", "B6", "B7"]
    assert table.constants == {"scope": "pair"}


def test_programme_card_above_its_plan(read: Reader) -> None:
    """A card with labels in two pairs of columns, and a table below it."""
    found = read(
        drawn("""
        | Индивидуальный план развития под руководством наставника | | | |
        | Ф.И.О. наставника | Орлова Мария Петровна | Должность | учитель |
        | Ф.И.О. наставляемого | Белова Ирина Ильинична | Должность | учитель |
        | Цель | помочь | | |
        | Задачи | раз | | |
        | № | Мероприятие | Срок | Ответственный |
        | 1 | Беседа | сентябрь | наставник |
        """)
    )
    assert [(table.name, table.header_row) for table in found.tables] == [("plans", 2), ("roadmap", 6)]
    assert columns(found.tables[0]) == {"mentor": "B2", "mentee": "B3", "goal": "B4", "tasks": "B5"}


def test_pair_column_over_two_names(read: Reader) -> None:
    """«Наставническая пара» over «Орлова М.П. – Белов А.И.» names both; over «П-01» it is the pair's number."""
    text = """
        | № | Наставническая пара | Дата встречи | Тема |
        | 1 | {} | 26.09.2023 | знакомство |
    """
    names = read.one(drawn(text.format("Орлова М.П. – Белов А.И.")))
    number = read.one(drawn(text.format("П-01")))
    assert (columns(names)["mentor"], columns(names)["mentee"], names.parts["mentor"]) == ("B", "B", "pair")
    assert columns(number)["pair_id"] == "B"


def test_sheet_named_pairs_without_mentees(read: Reader) -> None:
    """The sheet's name decides what is missing."""
    found = read(
        drawn(
            """
        | № | Наставник | Форма наставничества | Приказ №, дата | Статус |
        | 1 | Орлова Мария Петровна | учитель – ученик | № 69 от 01.09.2023 | действует |
        """,
            "Пары",
        )
    )
    assert [table.name for table in found.tables] == ["pairs"]
    assert [(issue.code, issue.at.field) for issue in said(found)] == [("heading-missing", "mentee")]


def test_task_that_begins_like_a_total(read: Reader) -> None:
    """«Итоговое мероприятие» and «Всего …» with a deadline are tasks."""
    table = read.one(
        drawn("""
        | № | Мероприятия | Сроки | Ответственные |
        | 1 | Итоговое мероприятие | май 2024 | куратор |
        | 2 | Всего два семинара | июнь 2024 | куратор |
        """)
    )
    assert (table.row_numbers, table.non_data) == ([2, 3], [])


def test_hyphenated_headings(read: Reader) -> None:
    """Words broken at the end of a line are whole again."""
    table = read.one(
        drawn("""
        | ФИО настав-⏎ника | ФИО настав-⏎ляемого | Форма настав-⏎ничества |
        | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик |
        """)
    )
    assert columns(table) == {"mentor": "A", "mentee": "B", "form": "C"}


def test_record_drawn_over_two_merged_rows(read: Reader) -> None:
    """Cells merged over two rows with the topic in two cells are one meeting, and nothing to remark."""
    found = read(
        drawn(
            """
        | № | Дата | Наставник | Наставляемый | Тема |
        | 1 | 26.09.2023 | Орлова М.П. | Белов А.И. | Знакомство |
        |  |  |  |  | Правила |
        | 2 | 03.10.2023 | Зимина О.Л. | Лыков П.О. | Работа |
        """,
            "Журнал",
            merged="A2:A3 B2:B3 C2:C3 D2:D3",
        )
    )
    (table,) = found.tables
    assert (table.row_numbers, kinds(table), said(found)) == ([2, 4], {3: "continuation"}, [])
    assert table.values["topic"] == ["Знакомство\nПравила", "Работа"]


def test_name_over_two_rows(read: Reader) -> None:
    """A patronymic on the next row is the end of the name, not another person."""
    table = read.one(
        drawn("""
        | № | ФИО наставляемого | Класс | Запрос |
        | 1 | Белов Артём | 7А | адаптация |
        |   | Ильич | | в классе |
        | 2 | Громова Яна Юрьевна | 6Б | учёба |
        """)
    )
    assert table.values["full_name"] == ["Белов Артём Ильич", "Громова Яна Юрьевна"]
    assert table.values["request"] == ["адаптация\nв классе", "учёба"]


def test_targets_by_year_under_a_group(read: Reader) -> None:
    """Years are numbers and headings."""
    table = read.one(
        drawn(
            """
        | № | Целевой показатель | Значение по годам | | |
        | | | 2022 | 2023 | 2024 |
        | 1 | Доля обучающихся 10–18 лет | 40 | 55 | 70 |
        """,
            "Показатели",
            merged="A1:A2 B1:B2 C1:E1",
        )
    )
    assert (table.name, table.header_rows) == ("targets", (1, 2))
    assert columns(table) == {"indicator": "B", "y2022": "C", "y2023": "D", "y2024": "E"}


def test_template_not_filled_in(read: Reader) -> None:
    """Numbered but empty rows are no records."""
    table = read.one(
        drawn("""
        | № | ФИО наставника | ФИО наставляемого | Форма наставничества |
        | 1 | | | |
        | 2 | | | |
        """)
    )
    assert (table.row_numbers, kinds(table)) == ([], {2: "placeholder", 3: "placeholder"})


def test_ditto_marks_repeat_the_row_above(read: Reader) -> None:
    """«-//-», «"» and «он же» stand for what the row above says; one note a column, and no row is lost."""
    text = """
        | № | ФИО наставника | ФИО наставляемого | Приказ № | Форма наставничества |
        | 1 | Орлова Мария Петровна | Белов Артём Ильич | 12-ОД | учитель – ученик |
        | 2 | -//- | Громова Яна Юрьевна | " | – // – |
        | 3 | она же | Зуев Глеб Олегович | 13-ОД | то же |
    """
    found = read(drawn(text))
    (table,) = found.tables
    assert table.values["mentor"] == ["Орлова Мария Петровна"] * 3
    assert table.values["order_no"] == ["12-ОД", "12-ОД", "13-ОД"]
    assert table.values["form"] == ["учитель – ученик"] * 3
    assert codes(found) == [("cell-ditto", 3, "B3"), ("cell-ditto", 3, "E3"), ("cell-ditto", 3, "D3")]


def test_headings_repeated_right_after_the_first_record(read: Reader) -> None:
    """Pasted twice below a blank row and one record, they cost that record nothing."""
    headings = "| № | ФИО наставляемого | Дата рождения | Класс |"
    table = read.one(
        drawn(f"""
        {headings}
        | | | | |
        | 1 | Белов Артём Ильич | 04.05.2010 | 7А |
        {headings}
        {headings}
        | 2 | Рогов Артём Ильич | 05.05.2010 | 7А |
        | 3 | Лаптев Артём Ильич | 06.05.2010 | 7А |
        """)
    )
    assert (table.header_rows, table.row_numbers) == ((1,), [3, 6, 7])


def test_a_record_that_counts_on_is_no_heading(read: Reader) -> None:
    """«8 | Встречи пар | Наставники | … | Журнал встреч» after a blank row: each cell may head something elsewhere."""
    rows = """
        | № п/п | К какому этапу относится | Что делаем | Кто проводит | В какие сроки | Кто заполнял | Каким будет результат |
        | 6 | Начало | Памятка | Методист | сентябрь 2023 | | Памятка |
        | Основной этап | | | | | | |
        | 7 | Основной этап | Школа наставника | Методист | ежемесячно | | Протоколы |
        | | | | | | | |
        | 8 | Основной этап | Встречи пар | Наставники | в течение года | | Журнал встреч |
        | 9 | Основной этап | Мониторинг | Координатор | 20.12.2023, 20.06.2024 | | Справка |
    """
    table = read.one(drawn(rows, "ДК"))
    assert (table.name, table.row_numbers) == ("roadmap", [2, 4, 6, 7])
    without = "\n".join(
        "|".join(["", *line.strip().replace("| Основной этап | |", "| | Основной этап |").split("|")[2:]])
        for line in rows.strip().splitlines()
    )
    table = read.one(drawn(without, "ДК"))
    assert (table.name, table.row_numbers) == ("roadmap", [2, 4, 6, 7])


def test_marks_of_criteria_alone_are_no_card(read: Reader) -> None:
    """Labels of the criteria's headings, and no value: nothing is left of a card."""
    rows = [["Не проявился (0 баллов)", ""], ["Критерий", ""], ["1 балл", "5"], ["В полной мере", "5"]]
    found = read(grid_of("Лист", rows))
    assert not found.tables
    assert [issue.severity for issue in found.issues] == ["info"]


def test_a_misspelt_heading_over_criteria_leaves_nothing_to_settle(read: Reader) -> None:
    """The nine rows are one record, of which that column is no part."""
    grid = drawn(
        """
        | Критерий | В полной мере (2 балла) | Частично (1 балл) | Не проявился (0 баллов) | Уроввень |
        | Соответствие принципам | + | | | а |
        | Комфортный климат | | + | | б |
        """,
        "Оценка пары",
    )
    found = read(grid)
    assert [table.name for table in found.tables] == ["evaluations"]
    assert unsettled(grid, found, heading_index(read.definitions), date(2024, 5, 20)) == []


def test_column_numbers_are_no_sample_of_a_column(read: Reader) -> None:
    """«1 | 2 | 3» below the headings: the cells after them tell what a column holds."""
    table = read.one(
        drawn(
            """
            | № п/п | Вид документа | Регистрационные данные | | Наименование документа | Итог |
            | | | № | дата | | |
            | 1 | 2 | 3 | 4 | 5 | 6 |
            | 1 | Приказ | 98-од | 2023-09-04 | О внедрении целевой модели наставничества | |
            | 2 | Положение | 99-од | 2023-09-04 | О наставничестве | |
            | 3 | Приказ | 112-од | 2023-09-15 | Об утверждении пар | |
            """,
            "ЛНА о наставничестве",
            merged="C1:D1 A1:A2 B1:B2 E1:E2 F1:F2",
        )
    )
    assert table.name == "documents"
    assert columns(table)["number"] == "C"
    pairs = read.one(
        drawn(
            """
            | Наставник | Наставляемый | Форма | Что с парой |
            | 1 | 2 | 3 | 4 |
            | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | действует |
            | Панов Глеб Олегович | Серова Анна Львовна | учитель – ученик | завершена |
            | Панов Глеб Олегович | Ким Ирина Олеговна | учитель – ученик | действует |
            """
        )
    )
    assert columns(pairs)["status"] == "D"


def test_one_slip_does_not_hide_what_a_column_holds(read: Reader) -> None:
    """Eight values of the list and one that is not: still the column of that list."""
    rows = [
        ["Орлова Мария Петровна", f"Белов {name} Ильич", "действует"] for name in "Артём Иван Пётр Глеб Олег".split()
    ]
    rows += [["Орлова Мария Петровна", f"Лыков {name} Ильич", "завершена"] for name in "Артём Иван Пётр".split()]
    rows += [["Орлова Мария Петровна", "Ким Олег Ильич", "в отпуске"]]
    table = read.one(grid_of("Пары", [["Наставник", "Наставляемый", "Что с парой"], *rows]))
    assert columns(table)["status"] == "C"


def test_a_title_amid_labels_is_no_label(read: Reader) -> None:
    """«ДЕТИ» above «Сколько детей всего», «Карточка пары» above it all: nothing stands beside them."""
    profile = read.one(
        drawn("""
        | Школа | МКОУ «СОШ № 7» |
        | Тип | школа |
        | ДЕТИ | |
        | Сколько детей всего | 187 |
        | из них 10-18 лет | 121 |
        | из них 15-18 лет | 31 |
        """)
    )
    assert (profile.name, columns(profile)["n_pupils"]) == ("school_profile", "B4")
    card = read.one(
        drawn("""
        | КАРТОЧКА ПАРЫ (персонализированная программа) | |
        | | |
        | Наставник | Орлова Мария Петровна |
        | Наставляемый | Белов Артём Ильич |
        | Форма наставничества | учитель – ученик |
        | Цель | помочь освоить планирование |
        | Срок реализации | октябрь 2023 – май 2024 |
        """)
    )
    assert (card.name, card.header_row) == ("plans", 3)
    assert "pair_id" not in card.values


def test_averages_below_a_survey_are_no_answers(read: Reader) -> None:
    """«Средний балл | 8,6 | …» fills every column of figures; «от 1 до 10» above says nothing of the stage."""
    table = read.one(
        drawn(
            """
            | Сводная ведомость итогового анкетирования наставляемых | | | | |
            | Шкала от 1 (низший балл) до 10 (высший балл) | | | | |
            | № | Ф.И.О. участника | Насколько комфортно было общение с наставником | Насколько полезными были личные встречи | Насколько Вы довольны результатом |
            | 1 | Белов Артём Ильич | 9 | 8 | 8 |
            | 2 | Серова Анна Львовна | 9 | 8 | 9 |
            | | Средний балл | 9 | 8.0 | 8.5 |
            """,
            "Анкета наставляемого",
        )
    )
    assert (table.name, table.row_numbers, kinds(table)[6]) == ("questionnaires", [4, 5], "total")
    assert table.constants == {"role": "mentee", "stage": "after"}


def test_the_role_in_brackets_is_what_is_meant(read: Reader) -> None:
    """«Кто закреплён (наставник) | За кем закреплён (наставляемый)»: the words before may be said of either."""
    table = read.one(
        drawn(
            """
            | Закрепление наставников за студентами | | | |
            | Шифр | Кто закреплён (наставник) | За кем закреплён (наставляемый) | Форма наставничества |
            | РС-1 | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик |
            | РС-2 | Панов Глеб Олегович | Серова Анна Львовна | учитель – ученик |
            """,
            "Закрепление",
        )
    )
    assert (columns(table)["mentor"], columns(table)["mentee"]) == ("B", "C")


def test_agenda_of_meetings_is_no_journal(read: Reader) -> None:
    """«Дата | Вопрос | Докладчик»: nobody is a mentor or a mentee there."""
    found = read(
        drawn(
            """
            | Повестка совещаний при директоре | | |
            | Дата | Вопрос | Докладчик |
            | 28.08.2023 | О готовности к учебному году | директор |
            | 13.11.2023 | Об итогах I четверти | завуч |
            """,
            "Совещание при директоре",
        )
    )
    assert not found.tables
    assert {issue.severity for issue in found.issues} == {"info"}


def test_words_of_a_project(read: Reader) -> None:
    """«Ментор», «менти», a log of one-to-ones: borrowed words for the same things."""
    pairs = read.one(
        drawn(
            """
            | 🤝 Матчинг | | | | | |
            | Match ID | Ментор | Менти | Трек / форма | Start | Finish |
            | MATCH-01 | Орлова Мария Петровна | Белов Артём Ильич | ученик-ученик | 20.09.2024 | 30.05.2025 |
            | MATCH-02 | Панов Глеб Олегович | Серова Анна Львовна | ученик-ученик | 20.09.2024 | 30.05.2025 |
            """,
            "Matching",
        )
    )
    assert pairs.name == "pairs"
    assert [columns(pairs)[name] for name in ("mentor", "mentee", "date_from", "date_to")] == ["B", "C", "E", "F"]
    mentees = read.one(
        drawn(
            """
            | ID | Менти | Д/р | Класс | Запрос (pain) | Согласие родителя | Статус |
            | m1 | Белов Артём Ильич | 2010-07-06 | 8А | олимпиада по физике | 2024-09-06 | в паре |
            | m2 | Серова Анна Львовна | 2010-08-01 | 8Б | контрольные | 2024-09-13 | завершил |
            """,
            "Mentees",
        )
    )
    assert (mentees.name, columns(mentees)["full_name"], columns(mentees)["request"]) == ("mentees", "B", "E")


def test_answers_of_forms(read: Reader) -> None:
    """Questions for headings, each to those it concerns; when it was sent is no mark of presence."""
    mentors = read.one(
        drawn(
            """
            | Отметка времени | Ваши фамилия, имя, отчество (полностью) | Кто Вы? (обучающийся / педагог) | Дата Вашего рождения | Если Вы учитесь у нас: в каком классе? | Если Вы педагог: сколько лет педагогический стаж? | Чему Вы можете научить? |
            | 2024-09-11 | Орлова Мария Петровна | педагог | 1975-05-21 | | 25 | Играть в шахматы |
            | 2024-09-11 | Белов Артём Ильич | обучающийся | 2008-08-26 | 10 Б | | Не бояться выступать |
            | 2024-09-12 | Серова Анна Львовна | обучающийся | 2008-08-26 | 10 Б | | Писать тексты |
            """,
            "Ответы (наставники)",
        )
    )
    assert mentors.name == "mentors"
    assert (columns(mentors)["class_group"], columns(mentors)["experience_years"]) == ("E", "F")
    consents = read.one(
        drawn(
            """
            | Отметка времени | ФИО участника программы | Кем участвует в программе? | Какое согласие Вы подписываете? | Кто подписывает согласие? | Дата подписания |
            | 11.09.2024 | Белов Артём Ильич | Наставник | Согласие родителя | Родитель | 11.09.2024 |
            | 11.09.2024 | Серова Анна Львовна | Наставляемый | Согласие родителя | Родитель | 11.09.2024 |
            """,
            "Согласия (Ответы)",
        )
    )
    assert consents.name == "consents"
    assert [columns(consents)[name] for name in ("role", "kind", "signed_by", "date")] == ["C", "D", "E", "F"]


def test_abbreviations_with_a_hyphen(read: Reader) -> None:
    """«н-к», «н-мый», «ф-ма», «к-во»: the middle of a word left out."""
    table = read.one(
        drawn(
            """
            | Закрепление н-ков за н-мыми | | | | | | |
            | № пары | н-к | н-мый | ф-ма | пр. № | дата пр. | к-во встреч (план) |
            | 1 | Орлова М.П. | Белов Артём Ильич | учитель – ученик | 41-од | 2024-09-12 | 8 |
            | 2 | Панов Г.О. | Серова Анна Львовна | учитель – ученик | 41-од | 2024-09-12 | 12 |
            """,
            "пары",
        )
    )
    assert table.name == "pairs"
    assert columns(table) == {
        "pair_id": "A", "mentor": "B", "mentee": "C", "form": "D", "order_no": "E", "order_date": "F",
        "planned_meetings": "G",
    }  # fmt: skip


def test_explanations_below_the_headings_are_no_record(read: Reader) -> None:
    """«полностью | число, месяц, год | из перечня»: before column numbers, or before cells that are what they explain."""
    numbers = "| 1 | 2 | 3 | 4 | 5 |"
    for between in (numbers, ""):
        table = read.one(
            drawn(
                f"""
                | Фамилия, имя, отчество наставника | Фамилия, имя, отчество наставляемого | Форма наставничества | Дата начала | Количество встреч по плану |
                | как в приложении 4 | как в приложении 3 | из перечня | число, месяц, год | единиц |
                {between}
                | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | 29.09.2023 | 15 |
                | Панов Глеб Олегович | Серова Анна Львовна | учитель – ученик | 29.09.2023 | 12 |
                """.replace("                \n", ""),
                "Приложение 5. Пары",
            )
        )
        assert kinds(table)[2] == "explanation"
        assert len(table.row_numbers) == 2


def test_headings_of_two_rows_repeated_amid_the_records(read: Reader) -> None:
    """At a page break, merged as above: still the same table."""
    head = """
        | № п/п | Воспитанник | | | Класс | Что беспокоит (запрос) |
        | | фамилия | имя | отчество | | |"""
    table = read.one(
        drawn(
            f"""{head}
            | 1 | Белов | Артём | Ильич | 5А | учёба |
            | 2 | Серова | Анна | Львовна | 5А | поведение |{head}
            | 3 | Ким | Олег | Ильич | 6А | учёба |
            """,
            "База наставляемых",
            merged="A1:A2 B1:D1 E1:E2 F1:F2 A5:A6 E5:E6 F5:F6",
        )
    )
    assert (table.name, table.row_numbers) == ("mentees", [3, 4, 7])
    assert kinds(table) == {5: "repeated-header", 6: "repeated-header"}


def test_a_card_of_a_mentor_above_his_diary(read: Reader) -> None:
    """A sheet a mentor: the card is a record of the base, the diary a journal that names him above."""
    found = read(
        drawn(
            """
            | КАРТОЧКА НАСТАВНИКА № 1 | | | | |
            | | | | | |
            | Фамилия, имя, отчество наставника | | Орлова Мария Петровна | | |
            | Когда родился (родилась) | | 07.11.1979 | | |
            | Кем работает | | воспитатель | | |
            | Педагогический стаж, лет | | 19 | | |
            | Кто он: педагог, родитель, выпускник | | педагог | | |
            | Сколько времени готов отдавать | | 2 часа в неделю | | |
            | | | | | |
            | Дневник встреч | | | | |
            | № пары | Когда встречались | С кем | Какая встреча | Чем занимались |
            | 1/2 | 19.09.2024 | Белов Артём Ильич | первая, организационная | знакомились |
            | 1/3 | 20.09.2024 | Серова Анна Львовна | первая, организационная | знакомились |
            """,
            "Орлова",
        )
    )
    assert [table.name for table in found.tables] == ["mentors", "meetings"]
    card, diary = found.tables
    assert (card.values["full_name"], card.values["experience_years"]) == (["Орлова Мария Петровна"], [19.0])
    assert diary.values["mentor"] == ["Орлова Мария Петровна"] * 2


def test_a_card_beside_a_table(read: Reader) -> None:
    """A passport in two columns, the curators right of it: neither takes the other's rows."""
    found = read(
        drawn(
            """
            | Наименование ОО | МКОУ «СОШ № 7» | | ФИО | Должность | Роль в программе | № приказа |
            | Тип | школа | | Орлова Мария Петровна | завуч | координатор | 190 |
            | Учебный год | 2024-2025 | | Панов Глеб Олегович | педагог | куратор | 190 |
            | Всего обучающихся | 312 | | | | | |
            | Обучающиеся в возрасте от 10 до 18 лет | 236 | | | | | |
            | Обучающиеся в возрасте от 15 до 18 лет | 134 | | | | | |
            """,
            "Школа",
        )
    )
    assert {table.name: len(table.row_numbers) for table in found.tables} == {"school_profile": 1, "curators": 2}


def test_counts_and_bells_are_no_pairs(read: Reader) -> None:
    """«Пара | Начало | Конец» of lessons, «наставников | наставляемых | пар» counted: where persons should stand are numbers."""
    bells = drawn(
        """
        | Пара | Начало | Конец |
        | 1 | 08:30 | 10:00 |
        | 2 | 10:10 | 11:40 |
        """,
        "Расписание звонков",
    )
    counts = drawn(
        """
        | школа | наставников | наставляемых | пар | встреч |
        | Яблочный | 3 | 7 | 6 | 28 |
        | Кешт | 6 | 10 | 9 | 45 |
        """,
        "Итоги по школам",
    )
    assert [read(grid).tables for grid in (bells, counts)] == [[], []]
    spaced = [["Наставник", "Наставляемый", "Форма"], *[[" Орлова М.П.", "\xa0Белов А.И.", "учитель – ученик"]] * 3]
    assert read.one(grid_of("Пары", spaced)).name == "pairs"


def test_spans_and_numbers_of_pairs_told_by_their_cells(read: Reader) -> None:
    """«с 18.09.2024 по 31.05.2025» under an unknown heading, «1.1» under «Пара», «П-01» under «Номер»."""
    for heading, codes in (("Пара", ("1.1", "1.2", "2.1")), ("Номер", ("П-01", "П-02", "П-03"))):
        rows = [
            [heading, "Наставник", "Наставляемый", "Время, на которое они вместе", "Приказ №"],
            [codes[0], "Орлова Мария Петровна", "Белов Артём Ильич", "с 18.09.2024 по 31.05.2025", "112-о"],
            [
                codes[1],
                "Орлова Мария Петровна",
                "Серова Анна Львовна",
                "с 18.09.2024 по 31.05.2025",
                "112-о",
            ],
            [codes[2], "Панов Глеб Олегович", "Ким Олег Ильич", "с 21.10.2024 по 31.05.2025", "112-о"],
        ]
        table = read.one(grid_of("Пары", rows))
        assert (columns(table)["pair_id"], columns(table)["date_from"], columns(table)["date_to"]) == ("A", "D", "D")
        assert table.parts["date_from"] == "start"


def test_a_column_whose_cells_are_of_the_list_wins(read: Reader) -> None:
    """«Где (судно / колледж)» and «Вид (очно, дистанц.)»: both may mean how a meeting was held."""
    rows = [
        ["Дата", "Где (судно / колледж)", "Наставник", "Курсант", "Этап встречи", "О чём", "Вид (очно, дистанц.)"],
        ["10.10.2023", "т/х «Капитан»", "Орлова М.П.", "Белов А.И.", "организационная", "Знакомство", "очно"],
        ["11.10.2023", "колледж", "Орлова М.П.", "Серова А.Л.", "организационная", "Знакомство", "очно"],
        ["12.10.2023", "т/х «Капитан»", "Панов Г.О.", "Ким О.И.", "организационная", "Знакомство", "дистанционно"],
    ]
    table = read.one(grid_of("Журнал встреч", rows))
    assert (columns(table)["mode"], columns(table)["mentee"]) == ("G", "D")
