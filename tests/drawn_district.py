"""A whole district drawn as Markdown sheets: read, checked and judged by the shipped rules as files would be.

A sheet begins with a line «organisation / workbook / sheet»; the lines below it are its rows, as in ``sheets_drawn``.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sheets_sync.checks import CheckContext, check_table, school_year_on
from sheets_sync.fragments import Fragments, fragment_files
from sheets_sync.issues import Issue
from sheets_sync.recognise import recognise
from sheets_sync.rules import rule_issues, run_rules
from sheets_sync.store import Store, WorkbookState
from sheets_sync.table import TypedTable
from tests.rule_rows import definitions, shipped_rules
from tests.sheets_drawn import drawn

AS_OF = date(2023, 12, 20)


def sheets_of(drawing: str) -> dict[tuple[str, str, str], str]:
    """(organisation, workbook, sheet) → its rows as drawn."""
    sheets: dict[tuple[str, str, str], str] = {}
    place = ("school-1", "Книга.xlsx", "Лист1")
    lines = (line.strip() for line in drawing.strip().splitlines())
    for is_row, group in itertools.groupby(filter(None, lines), lambda line: line.startswith("|")):
        if is_row:
            sheets[place] = "\n".join(group)
        else:
            organisation, workbook, sheet = (part.strip() for part in list(group)[-1].split("/"))
            place = (organisation, workbook, sheet)
    return sheets


def edited(drawing: str, place: str, old: str, new: str) -> str:
    """The district with a text of one sheet («organisation/sheet») replaced, once."""
    sheets = sheets_of(drawing)
    key = _key(sheets, place)
    assert old in sheets[key], f"{place}: no {old!r}"
    return _drawing(sheets | {key: sheets[key].replace(old, new, 1)})


def without_column(drawing: str, place: str, heading: str) -> str:
    """The district with a column of one sheet taken out."""
    sheets = sheets_of(drawing)
    key = _key(sheets, place)
    rows = [line.strip().strip("|").split("|") for line in sheets[key].splitlines()]
    at = [cell.strip() for cell in rows[0]].index(heading)
    kept = "\n".join("|" + "|".join(row[:at] + row[at + 1 :]) + "|" for row in rows)
    return _drawing(sheets | {key: kept})


def without_sheet(drawing: str, place: str) -> str:
    """The district with one sheet taken out."""
    sheets = sheets_of(drawing)
    del sheets[_key(sheets, place)]
    return _drawing(sheets)


def _key(sheets: dict[tuple[str, str, str], str], place: str) -> tuple[str, str, str]:
    return next(key for key in sheets if f"{key[0]}/{key[2]}" == place)


def _drawing(sheets: dict[tuple[str, str, str], str]) -> str:
    return "\n".join(f"{' / '.join(key)}\n{text}" for key, text in sheets.items())


@cache
def _read(
    organisation: str, workbook: str, sheet: str, text: str, as_of: date
) -> tuple[tuple[TypedTable, ...], tuple[Issue, ...]]:
    """Tables and issues of one sheet: most sheets of a district are the same from test to test."""
    read = recognise(drawn(text, sheet), definitions(), organisation, workbook)
    issues, tables = list(read.issues), []
    for table in read.tables:
        context = CheckContext(organisation, workbook, as_of, school_year_on(as_of))
        typed, said = check_table(table, definitions().schemas[table.name], context)
        issues += said
        tables.append(typed)
    return tuple(tables), tuple(issues)


def issues_of_district(drawing: str, as_of: date = AS_OF) -> list[Issue]:
    """Everything that is said of the district: by the readers, the checks of cells and rows, and the rules."""
    return issues_of_districts([drawing], as_of)[0]


def issues_of_districts(drawings: Sequence[str], as_of: date = AS_OF) -> list[list[Issue]]:
    """The same of each of several districts, judged in one store: a run of the rules costs far more than its rows.

    Nobody and nothing is known in two of them: each has organisations, schools and people of its own names.
    """
    with store_of_districts(drawings, as_of) as (store, found):
        outcome = run_rules(store, shipped_rules(), as_of)
        assert not outcome.failed, outcome.failed
        for issue in rule_issues(store):
            number, _, organisation = issue.at.organisation.partition(MARK)
            found[int(number)].append(issue._replace(at=issue.at._replace(organisation=organisation)))
    return [sorted(one, key=Issue.sort_key) for one in found]


@contextmanager
def store_of_districts(drawings: Sequence[str], as_of: date = AS_OF) -> Iterator[tuple[Store, list[list[Issue]]]]:
    """A store of several districts as the rules find it, and what readers and checks have said of each."""
    found: list[list[Issue]] = [[] for _ in drawings]
    workbooks: dict[tuple[str, str], WorkbookState] = {}
    with tempfile.TemporaryDirectory() as folder, Store.open(":memory:", definitions()) as store:
        with Fragments(Path(folder), "w0") as fragments:
            for number, drawing in enumerate(drawings):
                for (organisation, workbook, sheet), text in sheets_of(drawing).items():
                    tables, issues = _read(organisation, workbook, sheet, text, as_of)
                    found[number] += issues
                    own = f"{number}{MARK}{organisation}"
                    for typed in tables:
                        values = {name: [_own(value, number) for value in told] for name, told in typed.values.items()}
                        schema = definitions().schemas[typed.table.name]
                        fragments.write_rows(own, workbook, replace(typed, values=values), schema)
                    fragments.write_issues([issue._replace(at=issue.at._replace(organisation=own)) for issue in issues])
                    workbooks[own, workbook] = WorkbookState(
                        own, workbook, workbook, 1, 1, "", "v1", datetime(2023, 12, 20)
                    )
        store.replace(list(workbooks.values()), fragment_files(Path(folder)))
        yield store, found


MARK = ":"
_SYLLABLES = [consonant + vowel for consonant in "бвгдзклмнпрст" for vowel in "аеио"]
_PERSON = re.compile(r"[^\W\d_]+ (?:[^\W\d_]+ [^\W\d_]+|[^\W\d_]\. ?[^\W\d_]\.)")


def _own(value: object, number: int) -> object:
    """A value as the district of this number has it: «Белов А.И.» is «Вабелов А.И.» there, ООО «Заря» ООО «Заря 5»."""
    if isinstance(value, list):
        return [_own(one, number) for one in value]
    if not isinstance(value, str) or number == 0:
        return value
    if re.fullmatch(r"\d{10}", value):  # ИНН, with its check digit
        first = f"{int(value[:9]) + number:09}"
        return first + str(sum(map(int.__mul__, map(int, first), (2, 4, 10, 3, 5, 9, 4, 6, 8))) % 11 % 10)
    if re.search(rf"«.*№|\b(?:{'|'.join(_names())})\b", value):
        return re.sub(rf"№ (?=\d)|\b(?:{'|'.join(_names())})\b", lambda name: f"{name[0].strip()} {number}", value)
    if _PERSON.fullmatch(value):
        high, low = divmod(number, len(_SYLLABLES))
        own = ((_SYLLABLES[high - 1] if high else "") + _SYLLABLES[low]).capitalize()
        words = value.split(" ")
        at = 1 if words[1] in _surnames() else 0  # «Анна Орлова Петровна»
        words[at] = own + words[at].lower()
        return " ".join(words)
    return value


@cache
def _names() -> frozenset[str]:
    return frozenset(re.findall(r"[«„]([А-Я][а-я]+)[»“]", CLEAN))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(re.findall(r"\| ([А-Я][а-я]+) [А-Я][а-я]+ [А-Я][а-я]+ \|", CLEAN))


# Two schools and the department's register, with nothing in them to complain of on 20 December 2023.
CLEAN = """
    school-1 / База.xlsx / Паспорт
    | Код ОО | Наименование ОО | Тип ОО | Учебный год | Дата среза | Всего обучающихся | Обучающиеся в возрасте от 10 до 18 лет | Потенциальные наставляемые | Проявившие выдающиеся способности | Демонстрирующие неудовлетворительные результаты | С ОВЗ | Попавшие в ТЖС | С проблемами поведения | Не принимающие участие в жизни школы | Обучающиеся в возрасте от 15 до 18 лет | Педагогические работники | Молодые специалисты |
    | 101 | МБОУ «Средняя школа № 1» | школа | 2023-2024 | 2023-12-20 | 500 | 300 | 60 | 30 | 20 | 10 | 10 | 5 | 5 | 90 | 40 | 5 |

    school-1 / База.xlsx / Кураторы
    | № | ФИО куратора | Должность | Роль | Форма наставничества | Приказ № | Дата приказа | Телефон | E-mail | Действует с | Действует по |
    | 1 | Котова Анна Ильинична | заместитель директора | координатор | | 70-ОД | 2023-09-01 | 8 (914) 000-00-01 | kotova@school.example | 2023-09-01 | |
    | 2 | Мохов Олег Ильич | учитель | куратор | все формы | 70-ОД | 2023-09-01 | 8 (914) 000-00-02 | mohov@school.example | 2023-09-01 | |

    school-1 / База.xlsx / Наставники
    | № | ФИО наставника | Категория наставника | Дата рождения | Класс | Должность | Стаж | Контактные данные | Место работы/учебы наставника | Дата вхождения в программу | Дата завершения программы | ФИО наставляемых | Форма наставничества | Место работы/учебы наставляемого | Предприятие | Договор о сотрудничестве | Согласие на обработку ПДн | Согласие работника |
    | 1 | Орлова Мария Петровна | педагог | 1980-02-14 | | учитель | 20 | 8 (914) 000-00-03 | МБОУ «Средняя школа № 1» | 2023-09-01 | | Белов Артём Ильич | учитель – ученик | МБОУ «Средняя школа № 1» | | | 2023-09-01 | 2023-09-01 |
    | 2 | Панов Глеб Олегович | педагог | 1975-03-15 | | учитель | 25 | 8 (914) 000-00-04 | МБОУ «Средняя школа № 1» | 2023-09-01 | | Жукова Нина Олеговна | учитель – учитель | МБОУ «Средняя школа № 1» | | | 2023-09-01 | 2023-09-01 |
    | 3 | Рыбин Семён Львович | сотрудник предприятия | 1970-04-16 | | технолог | 22 | 8 (914) 000-00-05 | ООО «Заря» | 2023-09-01 | | Серова Анна Львовна | работодатель – ученик | МБОУ «Средняя школа № 1» | ООО «Заря» | № 14 от 01.09.2023 | 2023-09-01 | |
    | 4 | Титов Марк Олегович | обучающийся | 2007-05-17 | 10А | | | 8 (914) 000-00-06 | МБОУ «Средняя школа № 1» | 2023-09-01 | | Климов Пётр Ильич | ученик – ученик | МБОУ «Средняя школа № 1» | | | 2023-09-01 | |

    school-1 / База.xlsx / Наставляемые
    | № | ФИО наставляемого | Категория участника | Дата рождения | Класс | Должность | Стаж | Контактные данные | Категория наставляемого | Основной запрос наставляемого | Дата вхождения в программу | Дата завершения программы | ФИО наставника | Форма наставничества | Место работы/учебы наставника | Отметка о прохождении программы | Согласие на обработку ПДн | Статус |
    | 1 | Белов Артём Ильич | обучающийся | 2010-05-06 | 7А | | | 8 (914) 000-00-07 | ТЖС | математика | 2023-09-05 | | Орлова Мария Петровна | учитель – ученик | МБОУ «Средняя школа № 1» | нет | 2023-09-04 | в паре |
    | 2 | Серова Анна Львовна | обучающийся | 2009-06-07 | 8Б | | | 8 (914) 000-00-08 | ТЖС | профессия | 2023-09-05 | | Рыбин Семён Львович | работодатель – ученик | ООО «Заря» | нет | 2023-09-04 | в паре |
    | 3 | Климов Пётр Ильич | обучающийся | 2011-07-08 | 6А | | | 8 (914) 000-00-09 | ТЖС | дружба | 2023-09-05 | 2023-12-10 | Титов Марк Олегович | ученик – ученик | МБОУ «Средняя школа № 1» | да | 2023-09-04 | завершил |
    | 4 | Жукова Нина Олеговна | педагог | 1998-08-09 | | учитель | 1 | 8 (914) 000-00-10 | молодой специалист | методика | 2023-09-05 | | Панов Глеб Олегович | учитель – учитель | МБОУ «Средняя школа № 1» | нет | 2023-09-04 | в паре |

    school-1 / База.xlsx / Пары
    | № пары | ФИО наставника | ФИО наставляемого | Форма наставничества | Приказ № | Дата приказа | Дата начала | Дата окончания | Куратор | Статус |
    | П-1 | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24 | Мохов Олег Ильич | действует |
    | П-2 | Рыбин Семён Львович | Серова Анна Львовна | работодатель – ученик | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24 | Мохов Олег Ильич | действует |
    | П-3 | Титов Марк Олегович | Климов Пётр Ильич | ученик – ученик | 71-ОД | 2023-09-15 | 2023-09-18 | 2023-12-10 | Мохов Олег Ильич | завершена |
    | П-4 | Панов Глеб Олегович | Жукова Нина Олеговна | учитель – учитель | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24 | Мохов Олег Ильич | действует |

    school-1 / Работа.xlsx / Встречи
    | Дата | № пары | ФИО наставника | ФИО наставляемого | Этап встречи | Тема | Продолжительность, мин |
    | 2023-09-20 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | первая, организационная | Знакомство | 45 |
    | 2023-09-27 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | вторая, пробная рабочая | Проба | 45 |
    | 2023-10-04 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | встреча-планирование | План | 45 |
    | 2023-10-18 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | регулярная | Дроби | 45 |
    | 2023-11-15 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | регулярная | Проценты | 45 |
    | 2023-12-13 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | регулярная | Задачи | 45 |
    | 2023-09-28 | П-2 | Рыбин Семён Львович | Серова Анна Львовна | первая, организационная | Знакомство | 45 |
    | 2023-11-08 | П-2 | Рыбин Семён Львович | Серова Анна Львовна | вторая, пробная рабочая | Цех | 45 |
    | 2023-09-22 | П-3 | Титов Марк Олегович | Климов Пётр Ильич | первая, организационная | Знакомство | 45 |
    | 2023-10-06 | П-3 | Титов Марк Олегович | Климов Пётр Ильич | вторая, пробная рабочая | Игра | 45 |
    | 2023-10-13 | П-3 | Титов Марк Олегович | Климов Пётр Ильич | встреча-планирование | План | 45 |
    | 2023-11-10 | П-3 | Титов Марк Олегович | Климов Пётр Ильич | регулярная | Игра | 45 |
    | 2023-12-08 | П-3 | Титов Марк Олегович | Климов Пётр Ильич | заключительная | Итоги | 45 |
    | 2023-09-28 | П-4 | Панов Глеб Олегович | Жукова Нина Олеговна | первая, организационная | Знакомство | 45 |
    | 2023-11-09 | П-4 | Панов Глеб Олегович | Жукова Нина Олеговна | вторая, пробная рабочая | Урок | 45 |

    school-1 / Работа.xlsx / Планы
    | № пары | Наставник | Наставляемый | Проблема | Форма наставничества | Цель | Задачи | Планируемые результаты | Срок реализации программы |
    | П-1 | Орлова Мария Петровна | Белов Артём Ильич | пробелы | учитель – ученик | экзамен | повторить | оценка | сентябрь 2023 – май 2024 |
    | П-2 | Рыбин Семён Львович | Серова Анна Львовна | выбор | работодатель – ученик | профессия | экскурсии | выбор | сентябрь 2023 – май 2024 |
    | П-3 | Титов Марк Олегович | Климов Пётр Ильич | общение | ученик – ученик | друзья | игры | дружба | сентябрь – декабрь 2023 |
    | П-4 | Панов Глеб Олегович | Жукова Нина Олеговна | опыт | учитель – учитель | уроки | посещения | урок | сентябрь 2023 – май 2024 |

    school-1 / Работа.xlsx / Оценка
    | № пары | Наставник | Наставляемый | Соответствие цели и задачам | Соответствие принципам | Соответствие современным подходам и технологиям | Комфортный психологический климат | Логичность деятельности наставника | Удовлетворенность участников | Удовлетворенность партнеров | Активность наставляемого | Применение знаний | Итого | Уровень |
    | П-3 | Титов Марк Олегович | Климов Пётр Ильич | 2 | 2 | 2 | 2 | 1 | 2 | 2 | 2 | 1 | 16 | оптимальный |

    school-1 / Работа.xlsx / Анкета наставляемого после
    | Отметка времени | ФИО | Роль | Форма наставничества | Этап | Насколько комфортно было общение с наставником | Насколько Вы довольны вашей совместной работой | Насколько Вы довольны результатом |
    | 2023-12-09 | Климов Пётр Ильич | наставляемый | ученик – ученик | после | 9 | 9 | 10 |

    school-1 / Работа.xlsx / Дорожная карта
    | № | Наименование этапа | Мероприятия | Срок | Ответственные | Статус | Дата исполнения | Подтверждающий документ |
    | 1 | Подготовка | Приказ о внедрении | сентябрь 2023 | Котова Анна Ильинична | выполнено | 2023-09-01 | Приказ 70-ОД |
    | 2 | Базы | База наставляемых | октябрь 2023 | Мохов Олег Ильич | выполнено | 2023-10-01 | База |
    | 3 | Обучение | Школа наставников | ноябрь 2023 | Мохов Олег Ильич | выполнено | 2023-11-20 | Программа |
    | 4 | Пары | Встречи пар | сентябрь 2023 – май 2024 | Мохов Олег Ильич | в работе | | |
    | 5 | Итоги | Итоговое мероприятие | май 2024 | Котова Анна Ильинична | не начато | | |

    school-1 / Работа.xlsx / Согласия
    | ФИО участника | Роль | Вид | Кем подписано | Дата | Срок действия | Отозвано (дата) | Место хранения |
    | Белов Артём Ильич | наставляемый | ПДн | родитель | 2023-09-04 | | | каб. 12 |
    | Титов Марк Олегович | наставник | ПДн | родитель | 2023-09-01 | | | каб. 12 |
    | Жукова Нина Олеговна | наставляемый | ПДн | сам | 2023-09-04 | | | каб. 12 |

    school-1 / Работа.xlsx / Обучение
    | ФИО | Программа | Часы | Дата | Документ (№ удостоверения) | Организация |
    | Орлова Мария Петровна | Школа наставников | 36 | 2023-10-20 | У-17 | Институт развития образования |

    school-1 / Работа.xlsx / Поощрение
    | ФИО | Вид поощрения | Уровень | Приказ № | Дата приказа |
    | Титов Марк Олегович | грамота «Лучший наставник» | школьный | 90-ОД | 2023-12-12 |

    school-1 / Работа.xlsx / Предприятия
    | Наименование предприятия | ИНН | Контакт | Договор № | Дата договора | ФИО наставников от предприятия |
    | ООО «Заря» | "7707083893" | 8 (914) 000-00-11 | 14 | 2023-09-01 | Рыбин Семён Львович |

    school-2 / База.xlsx / Паспорт
    | Код ОО | Наименование ОО | Тип ОО | Учебный год | Дата среза | Всего обучающихся | Обучающиеся в возрасте от 10 до 18 лет | Потенциальные наставляемые | Обучающиеся в возрасте от 15 до 18 лет | Педагогические работники | Молодые специалисты |
    | 102 | МБОУ «Лицей „Созвездие“» | школа | 2023-2024 | 2023-12-20 | 300 | 200 | 40 | 50 | 30 | 4 |

    school-2 / База.xlsx / Кураторы
    | № | ФИО куратора | Роль | Приказ № | Дата приказа |
    | 1 | Лесина Вера Павловна | координатор, куратор | 15 | 2023-09-01 |

    school-2 / База.xlsx / Наставники
    | № | ФИО наставника | Категория наставника | Дата рождения | Должность | Стаж | Дата вхождения в программу | Согласие на обработку ПДн |
    | 1 | Дроздов Илья Сергеевич | педагог | 1978-01-01 | учитель | 20 | 2023-09-01 | 2023-09-01 |
    | 2 | Ершова Инна Глебовна | педагог | 1979-01-01 | учитель | 21 | 2023-09-01 | 2023-09-01 |

    school-2 / База.xlsx / Наставляемые
    | № | ФИО наставляемого | Дата рождения | Класс | Категория наставляемого | Основной запрос наставляемого | Дата вхождения в программу | Согласие на обработку ПДн |
    | 1 | Власов Егор Ильич | 2009-01-01 | 9А | ТЖС | химия | 2023-09-05 | 2023-09-04 |

    school-2 / База.xlsx / Пары
    | № пары | ФИО наставника | ФИО наставляемого | Форма наставничества | Приказ № | Дата приказа | Дата начала | Дата окончания | Статус |
    | 1 | Дроздов Илья Сергеевич | Власов Егор Ильич | учитель – ученик | 16 | 2023-09-15 | 2023-09-18 | 2024-05-24 | действует |

    department / Сеть.xlsx / Сетевые наставники
    | № | Направление | Сетевой наставник | ОО наставника | Приказ УО | Стажер | ОО стажера | Основание | План выполнен, % |
    | 1 | Химия | Дроздов Илья Сергеевич | МБОУ «Лицей „Созвездие“» | № 212 от 04.09.2023 | Жукова Нина Олеговна | МБОУ «Средняя школа № 1» | самодиагностика | 50 |
    | 2 | Химия | Дроздов Илья Сергеевич | МБОУ «Лицей „Созвездие“» | № 212 от 04.09.2023 | Орлова Мария Петровна | МБОУ «Средняя школа № 1» | мониторинг | 40 |
"""
