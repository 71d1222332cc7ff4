"""Workbooks to measure with: N schools, a folder each, with the same five tables and known bad cells.

A school is mentees 120 rows, mentors 40, pairs 110, meetings 1,500, questionnaires 200: about 19,000 cells, a title row
above each heading, about 2 % of the cells bad in one of seven ways. Everything follows from the school's number.

    python benchmarks/generate.py FOLDER COUNT
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

VERSION = 1  # of what is generated: a change makes the measured folders anew
AS_OF = date(2024, 5, 20)
BAD = 0.02
WORKBOOK = "Наставничество 2023-2024.xlsx"

ROOTS = (
    "Абрам Агафон Баран Беспал Блин Бобыл Воронц Вишняк Гаврил Горшк Гром Давыд Дорофе Дьячк Ермак Ерем Ждан Жук Завьял Зим "
    "Зуб Исак Ильин Калаш Капуст Карташ Клим Колес Копыл Куприян Лап Лебед Логин Лыткин Масл Мельник Моисе Мороз Наум "
    "Нестер Носк Овчин Осип Орл Пан Пест Поляк Прохор Рог Родион Ряб Сав Селезн Сил Ситник Сухан Терент Трет Тур Устин "
    "Фок Фрол Хохл Хар Чернов Чист Шестак Шил Щерб Щук Юд Юрл Яковл Якуш"
).split()
SURNAMES = [root + ending for ending in ("ов", "ин", "енко", "ский") for root in ROOTS]
FIRST = "Алексей Борис Виктор Глеб Денис Егор Иван Кирилл Максим Никита Олег Павел Роман Степан Тимофей Фёдор".split()
PATRONYMICS = (
    "Андреевич Борисович Викторович Денисович Евгеньевич Иванович Михайлович Николаевич Олегович Петрович".split()
)
CATEGORIES = (
    "проявившие выдающиеся способности",
    "с ограниченными возможностями здоровья (ОВЗ)",
    "попавшие в трудную жизненную ситуацию (ТЖС)",
    "имеющие проблемы с поведением",
)
REQUESTS = ("Адаптация в новом классе", "Трудности с математикой", "Организация своего времени", "Выбор профессии")
TOPICS = ("Разбор трудностей недели", "Работа над проектом", "Промежуточные итоги плана", "Подготовка к выступлению")
RESULTS = ("задание на неделю", "составлен план", "тема разобрана", "выбран следующий шаг")
ITEMS = (
    "Ожидаемый уровень комфорта",
    "Насколько полезными/интересными будут личные встречи",
    "Насколько полезными/интересными будут групповые встречи",
    "Какой уровень поддержки Вы ожидаете",
    "Насколько важна помощь наставника",
    "Насколько понятен план работы с наставником",
    "Ожидаемая эффективность программы",
    "Ожидаемое ощущение безопасности",
    "Ожидаемая включенность наставляемого в процесс",
    "Ожидаемый уровень удовлетворения",
)

Bad = Callable[[Any], Any]
# kind of trouble → what stands in the cell instead of the right value
KINDS: dict[str, Bad] = {
    "impossible-date": lambda value: "31.11.2023",
    "unknown-word": lambda value: str(value)[:-2] + "ъъ",
    "blank": lambda value: None,
    "unknown-name": lambda value: f"Неизвестных {str(value).split()[1]} {str(value).split()[2]}",
    "out-of-range": lambda value: 11,
    "no-number": lambda value: "много",
    "formula-error": lambda value: "#REF!",
}
DATE, WORD, NAME, SCORE, NUMBER, NEEDED, FREE = (
    ("impossible-date", "formula-error"), ("unknown-word",), ("unknown-name",), ("out-of-range", "no-number"),
    ("no-number", "formula-error"), ("blank",), (),
)  # fmt: skip


def names(count: int, offset: int) -> list[str]:
    """Names that other schools hardly have: no two of one school with one surname."""
    wide = len(SURNAMES)
    return [
        f"{SURNAMES[n % wide]} {FIRST[(n // wide) % 16]} {PATRONYMICS[(n // (wide * 16)) % 10]}"
        for n in range(offset, offset + count)
    ]


def tables(number: int, share: float = 1.0) -> list[tuple[str, str, list[tuple[str, Sequence[str]]], list[list[Any]]]]:
    """(sheet, title, (heading, troubles its cells may have) …, rows) of one school, all right.

    ``share``: of the rows of a whole school.
    """
    n_mentees, n_mentors, n_pairs, n_meetings, n_first = (max(2, round(n * share)) for n in (120, 40, 110, 1500, 100))
    chance = random.Random(number)
    people = names(160, number * 163)
    mentors, mentees = people[:n_mentors], people[40 : 40 + n_mentees]
    base_columns = [("№", FREE)]
    born = lambda age: date(2023 - age, chance.randrange(1, 12), chance.randrange(1, 28))  # noqa: E731
    phone = lambda: f"+7 900 {number % 1000:03d}-{chance.randrange(100):02d}-{chance.randrange(100):02d}"  # noqa: E731
    mentee_rows = [
        [n + 1, name, "обучающийся", born(13), f"{7 + n % 2}{'АБ'[n % 2]}", phone(), CATEGORIES[n % 4], REQUESTS[n % 4],
         date(2023, 9, 13), date(2023, 9, 8), "в паре" if n < n_pairs else "в поиске наставника", None]
        for n, name in enumerate(mentees)
    ]  # fmt: skip
    mentee_columns = [
        *base_columns, ("ФИО наставляемого", FREE), ("Категория участника", WORD), ("Дата рождения", DATE), ("Класс/группа", FREE),
        ("Контактные данные для связи", FREE), ("Категория наставляемого", WORD), ("Основной запрос наставляемого", NEEDED),
        ("Дата вхождения в программу", DATE), ("Согласие на обработку ПДн", FREE), ("Статус", WORD), ("Примечание", FREE),
    ]  # fmt: skip
    mentor_rows = [
        [n + 1, name, "педагог", born(40), "учитель", 5 + n % 20, phone(), f"Школа № {number}", "проектная деятельность",
         date(2023, 9, 13), date(2023, 9, 8), "2 часа в неделю"]
        for n, name in enumerate(mentors)
    ]  # fmt: skip
    mentor_columns = [
        *base_columns, ("ФИО наставника", FREE), ("Категория наставника", WORD), ("Дата рождения", DATE), ("Должность", FREE),
        ("Стаж", NUMBER), ("Контактные данные для связи", FREE), ("Место работы/учебы наставника", FREE),
        ("Основные компетенции наставника", FREE), ("Дата вхождения в программу", DATE), ("Согласие на обработку ПДн", FREE),
        ("Ресурс времени", FREE),
    ]  # fmt: skip
    form = "учитель – ученик"
    pair_rows = [
        [f"П-{n + 1:03d}", mentors[n % n_mentors], mentees[n], form, "47-ОД", date(2023, 9, 22), date(2023, 9, 25), date(2024, 5, 31),
         14, "действует"]
        for n in range(n_pairs)
    ]  # fmt: skip
    pair_columns = [
        ("№ пары", FREE), ("ФИО наставника", NAME), ("ФИО наставляемого", NAME), ("Форма наставничества", WORD), ("Приказ №", FREE),
        ("Дата приказа", DATE), ("Дата начала", DATE), ("Дата окончания", DATE), ("Планируемое количество встреч", NUMBER),
        ("Статус", WORD),
    ]  # fmt: skip
    meeting_rows = []
    for n in range(n_meetings):
        pair, meeting = n % n_pairs, n // n_pairs
        stage = (
            ("первая, организационная", "вторая, пробная рабочая", "встреча-планирование")[meeting]
            if meeting < 3
            else "регулярные встречи"
        )
        day = date(2023, 9, 26) + timedelta(days=17 * meeting + pair % 6)
        if date(2023, 12, 31) <= day <= date(2024, 1, 8):
            day = date(2024, 1, 9)
        day -= timedelta(days=day.weekday() == 6)
        meeting_rows.append([day, f"П-{pair + 1:03d}", mentors[pair % n_mentors], mentees[pair], stage, f"{TOPICS[n % 4]} № {chance.randrange(200)}", "очно",
                             (30, 40, 45)[n % 3], RESULTS[n % 4]])  # fmt: skip
    meeting_columns = [
        ("Дата", DATE), ("№ пары", FREE), ("ФИО наставника", NAME), ("ФИО наставляемого", NAME), ("Этап встречи", WORD), ("Тема", FREE),
        ("Форма", WORD), ("Продолжительность, мин", NUMBER), ("Результат", FREE),
    ]  # fmt: skip
    answer_rows = []
    for n in range(n_first * 2):
        # entry and intermediate answers of mentees, and entry answers of mentors
        who, role, stage, day = (
            (mentees[n], "наставляемый", "до", date(2023, 9, 27)) if n < n_first
            else (mentors[n - n_first], "наставник", "до", date(2023, 9, 28)) if n < n_first + n_mentors
            else (mentees[n - n_first - n_mentors], "наставляемый", "промежуточная", date(2024, 1, 22))
        )  # fmt: skip
        at = datetime(day.year, day.month, day.day, 9) + timedelta(minutes=3 * (n % 100))
        answer_rows.append([at, who, role, form, stage, *(chance.randint(4, 10) for _ in ITEMS)])
    answer_columns = [
        ("Отметка времени", FREE), ("ФИО", NAME), ("Роль", WORD), ("Форма наставничества", WORD), ("Этап", WORD),
        *((item, SCORE) for item in ITEMS),
    ]  # fmt: skip
    return [
        ("Наставляемые", "База наставляемых", mentee_columns, mentee_rows),
        ("Наставники", "База наставников", mentor_columns, mentor_rows),
        ("Пары", "Наставнические пары", pair_columns, pair_rows),
        ("Встречи", "Журнал встреч", meeting_columns, meeting_rows),
        ("Анкеты", "Ответы на анкеты", answer_columns, answer_rows),
    ]


def write_school(
    number: int, folder: str, changed: bool = False, share: float = 1.0
) -> list[tuple[str, int, int, str]]:
    """Write one school's workbook; returns its bad cells as (sheet, row, column, kind), rows and columns from 1.

    ``changed`` moves the bad cells: the workbook as it is after somebody worked on it.
    """
    import xlsxwriter

    chance = random.Random(f"bad {number} {changed}")
    school = Path(folder) / f"school-{number:04d}"
    school.mkdir(parents=True, exist_ok=True)
    path = school / WORKBOOK
    planted = []
    with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy"}) as book:
        book.set_properties({"created": datetime(2024, 5, 20)})
        for sheet, title, columns, rows in tables(number, share):
            page = book.add_worksheet(sheet)
            page.write_string(0, 0, f"{title}, школа № {number}")
            page.write_row(1, 0, [heading for heading, _ in columns])
            eligible = [at for at, (_, kinds) in enumerate(columns) if kinds]
            # So many per eligible cell that the sheet has its share overall.
            share = BAD * len(columns) / len(eligible)
            for offset, row in enumerate(rows):
                for at in eligible:
                    if chance.random() < share:
                        kind = chance.choice(columns[at][1])
                        row[at] = KINDS[kind](row[at])
                        planted.append((sheet, offset + 3, at + 1, kind))
                if "#REF!" in row:
                    for at, value in enumerate(row):
                        if value == "#REF!":
                            page.write_formula(offset + 2, at, "=#REF!", None, "#REF!")
                        elif value is not None:
                            page.write(offset + 2, at, value)
                else:
                    page.write_row(offset + 2, 0, row)
    return planted


def write_district(folder: Path, count: int) -> None:
    """``count`` schools in ``folder``/inbox, their bad cells in ``folder``/planted.json; nothing to do when there already."""
    stamp = folder / "planted.json"
    if stamp.is_file() and json.loads(stamp.read_text())["version"] == VERSION:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        write = partial(write_school, folder=str(folder / "inbox"))
        planted = list(pool.map(write, range(1, count + 1), chunksize=4))
    schools = {f"school-{number:04d}": cells for number, cells in enumerate(planted, 1)}
    stamp.write_text(json.dumps({"version": VERSION, "as_of": AS_OF.isoformat(), "planted": schools}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    asked = parser.parse_args()
    write_district(asked.folder, asked.count)
    cells = sum(len(row) for _, _, _, rows in tables(1) for row in rows)
    bad = len(json.loads((asked.folder / "planted.json").read_text())["planted"]["school-0001"])
    print(f"{asked.count} schools in {asked.folder / 'inbox'}: {cells} cells each, {bad} of them bad in the first")


if __name__ == "__main__":
    sys.exit(main())
