"""The six organisations: each keeps the same programme in its own way, with its own slips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from sheets_sync.demo.paper import Cell, Column, Marks, Plant, Sheet, Workbook
from sheets_sync.demo.programme import (
    CATEGORIES,
    CHRISTMAS_ENDS,
    MONTH_TITLES,
    STARTS,
    YEAR_ENDS,
    Answer,
    Meeting,
    Pair,
    Person,
    Town,
    in_dots,
    in_short,
    in_words,
    journal,
    numbered,
)

WINTER, SUMMER = date(2023, 12, 20), date(2024, 6, 20)
PUPIL, TEACHER, STAFF_PAIR = "ученик – ученик", "учитель – ученик", "учитель – учитель"


def column(heading: str, name: str, value: Callable[..., Cell]) -> Column:
    return Column(heading, name, value)


NUMBER = column("№", "", lambda record: None)  # filled in by the sheet


def profile(
    sheet: Sheet,
    code: str,
    name: str,
    kind: str,
    counts: Sequence[Mapping[str, Cell]],
    day: Callable[[date], Cell] = lambda day: day,
) -> None:
    """Паспорт ОО: one row per reporting date."""
    headings = {
        "n_pupils": "Всего обучающихся",
        "n_10_18": "Обучающиеся в возрасте от 10 до 18 лет",
        "n_potential": "Потенциальные наставляемые (всего, без повторов)",
        "n_15_18": "Обучающиеся в возрасте от 15 до 18 лет",
        "n_teachers": "Педагогические работники",
        "n_young": "Учителя – молодые специалисты (0–3 года)",
    }
    columns = [
        column("Код ОО", "org_id", lambda row: code),
        column("Наименование ОО", "org_name", lambda row: name),
        column("Тип", "org_type", lambda row: kind),
        column("Учебный год", "school_year", lambda row: "2023-2024"),
        column("Дата среза", "as_of", lambda row: day(row["as_of"])),
    ]
    columns += [column(title, field, lambda row, field=field: row[field]) for field, title in headings.items()]
    sheet.table("school_profile", columns, counts)


def counted(as_of: date, *numbers: Cell) -> dict[str, Cell]:
    """A row of the profile: pupils, 10–18, potential, 15–18, teachers, young ones."""
    names = ("n_pupils", "n_10_18", "n_potential", "n_15_18", "n_teachers", "n_young")
    return {"as_of": as_of, **dict(zip(names, numbers, strict=True))}


def curators(
    sheet: Sheet, town: Town, order: str, site: str, posts: Sequence[tuple[str, str, str]], glued: bool = False
) -> list[Person]:
    """База кураторов: (post, role, form) each; the order in two columns or in one."""
    people = [town.teacher(9 + 3 * at, post) for at, (post, _, _) in enumerate(posts)]
    rows = list(zip(people, posts, range(1, 100), strict=False))
    day = date(2023, 9, 4)
    orders = (
        [column("Приказ №, дата", "order_no", lambda row: f"Приказ № {order} от {in_dots(day)} г.")]
        if glued
        else [column("Приказ №", "order_no", lambda row: order), column("Дата приказа", "order_date", lambda row: day)]
    )
    sheet.table(
        "curators",
        [
            NUMBER,
            column("ФИО куратора", "full_name", lambda row: row[0].full_name),
            column("Должность", "position", lambda row: row[1][0]),
            column("Роль", "role", lambda row: row[1][1]),
            column("Форма наставничества", "form", lambda row: row[1][2] or None),
            *orders,
            column("Телефон", "phone", lambda row: row[0].phone),
            column("E-mail", "email", lambda row: f"kurator{row[2]}@{site}.example"),
        ],
        rows,
    )
    return people


def pair_up(
    town: Town,
    couples: Iterable[tuple[Person, Sequence[Person], str]],
    order: str,
    *,
    early: int = 0,
    open_end: int = 0,
) -> list[Pair]:
    """Pairs under one order: every ``early``-th ends before the winter, every ``open_end``-th is still at work."""
    pairs = []
    numbers = numbered("П")
    for at, (mentor, mentees, form) in enumerate(couples, 1):
        ends, status = YEAR_ENDS, "завершена"
        if early and at % early == 0:
            ends = CHRISTMAS_ENDS
        elif open_end and at % open_end == 0:
            ends, status = date(2024, 8, 30), "действует"
        pair = Pair(next(numbers), mentor, tuple(mentees), form, order, date(2023, 9, 22), STARTS, ends, status)
        town.meet(pair)
        pairs.append(pair)
    return pairs


def roadmap(
    sheet: Sheet, headings: Sequence[str], tasks: Sequence[tuple[str, str, str, str]], numbers: bool = False
) -> None:
    """Дорожная карта: (task, due, responsible, result)."""
    fields = ("task", "due", "responsible", "result")
    columns = [column(headings[0], "", lambda row: None)]
    for at, field in enumerate(fields):
        columns.append(column(headings[at + 1], field, lambda row, at=at: row[at]))
    sheet.table("roadmap", columns, tasks, numbers=numbers)


# --- МКОУ «Приозёрная СОШ № 1»: keeps everything as the blank workbook has it ---


def school_1(number: int) -> list[Workbook]:
    """Tidy: one table a sheet, real dates, nothing to mend."""
    town, marks = Town(number), Marks()
    name = "Приозёрная СОШ № 1"
    older = [town.pupil(10, "АБ"[at % 2], category="обучающийся", workplace=name) for at in range(9)]
    younger = [town.pupil(5 + at % 4, "АБВ"[at % 3]) for at in range(16)]
    teachers = [
        town.teacher(
            8 + 2 * at,
            ("учитель математики", "учитель биологии", "учитель истории")[at % 3],
            category="педагог",
            workplace=name,
        )
        for at in range(9)
    ]
    beginners = [town.teacher(at % 4, ("учитель физики", "учитель начальных классов")[at % 2]) for at in range(4)]
    workers = [
        town.outsider("ООО «Приозёрский лесхоз»", f"Договор № {at + 3} от 04.09.2023", "мастер участка")
        for at in range(2)
    ]
    for worker in workers:
        worker.category = "сотрудник предприятия"
    couples = [(mentor, [mentee], PUPIL) for mentor, mentee in zip(older, younger[:9], strict=True)]
    couples += [(mentor, [mentee], TEACHER) for mentor, mentee in zip(teachers[:4], younger[9:13], strict=True)]
    couples += [(mentor, [mentee], STAFF_PAIR) for mentor, mentee in zip(teachers[5:], beginners, strict=True)]
    couples += [
        (workers[0], [younger[13]], "работодатель – ученик"),
        (workers[1], [younger[14]], "работодатель – ученик"),
    ]
    pairs = pair_up(town, couples, "47-ОД", early=4, open_end=5)
    mentors = [*older, *teachers[:4], *teachers[5:], *workers]
    mentees = [*younger, *beginners]
    curator_of = {}

    sheets = {title: Sheet(title, marks) for title in (
        "Паспорт", "Кураторы", "Наставляемые", "Наставники", "Пары", "Встречи", "Предприятия", "Дорожная карта", "Документы",
        "Обучение", "Поощрение",
    )}  # fmt: skip
    profile(
        sheets["Паспорт"], "140001", name, "школа",
        [counted(WINTER, 512, 358, 31, 92, 38, 4), counted(SUMMER, 508, 361, 30, 94, 38, 5)],
    )  # fmt: skip
    people = curators(
        sheets["Кураторы"], town, "45-ОД", "school1",
        [("заместитель директора по УВР", "координатор", ""), ("учитель истории", "куратор", PUPIL),
         ("учитель биологии", "куратор", TEACHER), ("методист", "куратор", STAFF_PAIR),
         ("педагог-организатор", "куратор", "работодатель – ученик")],
    )  # fmt: skip
    curator_of = dict(zip((PUPIL, TEACHER, STAFF_PAIR, "работодатель – ученик"), people[1:], strict=True))
    by_category = {id(person): CATEGORIES[at % 6] for at, person in enumerate(younger)}
    sheets["Наставляемые"].table(
        "mentees",
        [
            NUMBER,
            column("ФИО наставляемого", "full_name", lambda person: person.full_name),
            column("Категория участника", "kind", lambda person: "обучающийся" if person.pupil else "педагог"),
            column("Дата рождения", "birth", lambda person: person.birth),
            column("Класс/группа", "class_group", lambda person: person.group or None),
            column("Должность", "position", lambda person: person.position or None),
            column("Стаж", "experience_years", lambda person: person.experience),
            column("Контактные данные для связи (данные представителя)", "contact", lambda person: person.phone),
            column(
                "Категория наставляемого", "categories",
                lambda person: by_category.get(id(person), "молодой специалист"),
            ),
            column("Основной запрос наставляемого", "request", lambda person: person.request),
            column("Дата вхождения в программу", "date_in", lambda person: person.date_in),
            column("Согласие на обработку ПДн", "consent", lambda person: person.consent),
        ],
        mentees,
    )  # fmt: skip
    sheets["Наставники"].table(
        "mentors",
        [
            NUMBER,
            column("ФИО наставника", "full_name", lambda person: person.full_name),
            column("Категория наставника", "category", lambda person: person.category),
            column("Дата рождения", "birth", lambda person: person.birth),
            column("Класс/группа", "class_group", lambda person: person.group or None),
            column("Должность", "position", lambda person: person.position or None),
            column("Стаж", "experience_years", lambda person: person.experience),
            column("Контактные данные для связи", "contact", lambda person: person.phone),
            column("Место работы/учебы наставника", "workplace", lambda person: person.workplace),
            column(
                "Основные компетенции наставника", "competence", lambda person: person.competence or "хорошо учится"
            ),
            column("Предприятие", "enterprise_id", lambda person: person.workplace if person.contract else None),
            column("Договор", "contract", lambda person: person.contract or None),
            column("Дата вхождения в программу", "date_in", lambda person: person.date_in),
            column("Согласие на обработку ПДн", "consent", lambda person: person.consent),
        ],
        mentors,
    )
    sheets["Пары"].table(
        "pairs",
        [
            column("№ пары", "pair_id", lambda pair: pair.number),
            column("ФИО наставника", "mentor", lambda pair: pair.mentor.full_name),
            column("ФИО наставляемого", "mentee", lambda pair: pair.mentee.full_name),
            column("Форма наставничества", "form", lambda pair: pair.form),
            column("Приказ №", "order_no", lambda pair: pair.order_no),
            column("Дата приказа", "order_date", lambda pair: pair.order_date),
            column("Дата начала", "date_from", lambda pair: pair.starts),
            column("Дата окончания", "date_to", lambda pair: pair.ends),
            column("Куратор", "curator", lambda pair: curator_of[pair.form].full_name),
            column("Планируемое количество встреч", "planned_meetings", lambda pair: len(pair.meetings)),
            column("Статус", "status", lambda pair: pair.status),
        ],
        pairs,
    )
    sheets["Встречи"].table(
        "meetings",
        [
            column("Дата", "date", lambda meeting: meeting.date),
            column("№ пары", "pair_id", lambda meeting: meeting.pair.number),
            column("Этап встречи", "stage", lambda meeting: meeting.stage),
            column("Тема", "topic", lambda meeting: meeting.topic),
            column("Форма", "mode", lambda meeting: "очно"),
            column("Продолжительность, мин", "duration_min", lambda meeting: meeting.minutes),
        ],
        journal(pairs),
    )
    sheets["Предприятия"].table(
        "enterprises",
        [
            column("Наименование", "name", lambda row: "ООО «Приозёрский лесхоз»"),
            column("ИНН", "inn", lambda row: "9900000183"),
            column("Контакт", "contact", lambda row: town.phone()),
            column("Договор №", "contract", lambda row: "3"),
            column("Дата договора", "contract_date", lambda row: date(2023, 9, 4)),
            column(
                "ФИО наставников от предприятия",
                "mentors",
                lambda row: "\n".join(worker.full_name for worker in workers),
            ),
        ],
        [None],
    )
    head = people[0]
    tasks = [
        ("Приказ о внедрении целевой модели", "до 15 сентября 2023 года", head.initials, "приказ"),
        ("Формирование базы наставляемых", "Сентябрь 2023", people[1].initials, "база"),
        ("Формирование базы наставников", "Сентябрь 2023", people[2].initials, "база"),
        ("Обучение наставников", "Октябрь 2023", people[3].initials, "списки обученных"),
        ("Встречи пар и групп", "Октябрь 2023 – май 2024", "кураторы", "журнал встреч"),
        ("Информационно-аналитическая справка", "20 декабря 2023, 20 июня 2024", head.initials, "справка"),
        ("Консультации для наставников", "постоянно", "кураторы", "записи в журнале"),
    ]
    done = {0: (date(2023, 9, 4), "приказ № 44-ОД"), 1: (date(2023, 9, 20), "база наставляемых"),
            2: (date(2023, 9, 22), "база наставников"), 3: (date(2023, 10, 25), "сертификаты"),
            4: (date(2024, 5, 24), "журнал встреч")}  # fmt: skip
    numbered_tasks = list(enumerate(tasks))
    sheets["Дорожная карта"].table(
        "roadmap",
        [
            column("№ п/п", "number", lambda row: row[0] + 1),
            column("Мероприятия", "task", lambda row: row[1][0]),
            column("Ключевой результат", "key_result", lambda row: row[1][3]),
            column("Сроки реализации", "due", lambda row: row[1][1]),
            column("Ответственный исполнитель", "responsible", lambda row: row[1][2]),
            column(
                "Статус",
                "status",
                lambda row: "выполнено" if row[0] in done else ("постоянно" if row[0] == 6 else "в работе"),
            ),
            column("Дата исполнения", "done_on", lambda row: done.get(row[0], (None, None))[0]),
            column("Подтверждающий документ", "document", lambda row: done.get(row[0], (None, None))[1]),
        ],
        numbered_tasks,
    )
    papers = [
        ("приказ о внедрении", "44-ОД", date(2023, 9, 4), "О внедрении целевой модели наставничества"),
        ("положение", "44-ОД", date(2023, 9, 4), "Положение о наставничестве"),
        ("целевая модель", "44-ОД", date(2023, 9, 4), "Программа наставничества"),
        ("дорожная карта", "44-ОД", date(2023, 9, 4), "Дорожная карта на 2023-2024 учебный год"),
        ("приказ о назначении кураторов", "45-ОД", date(2023, 9, 4), "О назначении координатора и кураторов"),
        ("приказ о школе наставников", "46-ОД", date(2023, 9, 11), "Об организации «Школы наставников»"),
        ("приказ о парах", "47-ОД", date(2023, 9, 22), "Об утверждении наставников и наставнических пар"),
    ]
    sheets["Документы"].table(
        "documents",
        [
            column("Вид документа", "kind", lambda row: row[0]),
            column("№", "number", lambda row: row[1]),
            column("Дата", "date", lambda row: row[2]),
            column("Наименование", "title", lambda row: row[3]),
            column("Ссылка", "url", lambda row: "https://school1.example/nastavnichestvo"),
        ],
        papers,
    )
    sheets["Обучение"].table(
        "training",
        [
            column("ФИО", "full_name", lambda person: person.full_name),
            column("Программа", "programme", lambda person: "Школа наставников"),
            column("Часы", "hours", lambda person: 12),
            column("Дата", "date", lambda person: date(2023, 10, 25)),
            column("Документ", "document", lambda person: "сертификат"),
            column("Организация", "organisation", lambda person: name),
        ],
        mentors[:14],
    )
    sheets["Поощрение"].table(
        "awards",
        [
            column("ФИО", "full_name", lambda person: person.full_name),
            column("Вид", "kind", lambda person: "грамота «Лучший наставник»"),
            column("Уровень", "level", lambda person: "школьный"),
            column("Приказ №", "order_no", lambda person: "31-ОД"),
            column("Дата", "order_date", lambda person: date(2024, 5, 27)),
        ],
        mentors[2:5],
    )
    return [Workbook("Наставничество 2023-2024.xlsx", list(sheets.values()))]


# --- МБОУ «СОШ № 7»: approval blocks, headings over two rows, column numbers, months as section rows, totals ---


def school_7(number: int) -> list[Workbook]:
    """Untidy and with slips: the workbook most schools have."""
    town, marks = Town(number), Marks()
    name = "СОШ № 7 посёлка Сосновый"
    mentors = [
        town.teacher(6 + 2 * at, ("учитель русского языка", "учитель химии", "учитель физики")[at % 3])
        for at in range(10)
    ]
    beginners = [town.teacher(at % 4, ("учитель математики", "учитель музыки")[at % 2]) for at in range(5)]
    pupils = [town.pupil(6 + at % 4, "АБ"[at % 2]) for at in range(9)]
    couples = [(mentor, [mentee], "педагог – педагог") for mentor, mentee in zip(mentors[:5], beginners, strict=True)]
    couples += [(mentor, [mentee], "Учитель-ученик") for mentor, mentee in zip(mentors[5:], pupils[:5], strict=True)]
    couples += [
        (mentor, [mentee], "учитель — ученик") for mentor, mentee in zip(mentors[5:8], pupils[5:8], strict=True)
    ]
    pairs = pair_up(town, couples, "69", early=5, open_end=7)
    meetings = journal(pairs)

    front = Sheet("Паспорт, кураторы", marks)
    front.line(f"Муниципальное бюджетное общеобразовательное учреждение «{name}»")
    front.skip()
    profile(
        front, "140007", name, "школа",
        [counted(WINTER, 624, 431, 24, 118, 44, 6), counted(SUMMER, 620, 428, 23, 116, 44, 6)], lambda day: f"{in_dots(day)} г.",
    )  # fmt: skip
    front.skip(2)
    front.line("Кураторы программы")
    curators(
        front, town, "69", "school7",
        [("заместитель директора по УВР", "координатор", ""), ("методист", "куратор", "педагог – педагог"),
         ("социальный педагог", "куратор", "учитель – ученик")],
        glued=True,
    )  # fmt: skip

    base = Sheet("База", marks)
    base.approval(6, "Ермакова Л.П.", "приказ № 69 от 01.09.2023 г.")
    base.line("БАЗА НАСТАВНИКОВ И НАСТАВЛЯЕМЫХ на 2023-2024 учебный год")
    base.skip()
    base.line("1. Наставники")
    words = {0.0: "б/с", 1.0: "1 год", 2.0: "1 год 6 мес.", 3.0: "до 3 лет"}
    marks.plant(mentors[3], "mentors", "experience_years", Plant("cell-formula-error", "error", "#REF!"))
    base.table(
        "mentors",
        [
            column("№ п/п", "", lambda person: None),
            column("Ф.И.О. наставника", "full_name", lambda person: person.full_name),
            column("Дата рождения", "birth", lambda person: in_dots(person.birth)),
            column("Должность", "position", lambda person: person.position),
            column("Пед. стаж", "experience_years", lambda person: int(person.experience)),
            column("Категория", "category", lambda person: "педагог"),
            column("Телефон", "contact", lambda person: person.phone.replace("+7 900", "8 (900)")),
            column("Дата вхождения", "date_in", lambda person: in_dots(person.date_in)),
            column("Согласие на ПДн", "consent", lambda person: in_dots(person.consent)),
        ],
        mentors,
        repeat_heading=6,
    )
    row = base.line(None, "Итого наставников:", len(mentors))
    base.trouble(row, 2, "row-total", "info")
    base.skip()
    base.line("2. Наставляемые")
    again = pupils[2]
    twice = Person(**vars(again))
    marks.plant(twice, "mentees", "full_name", Plant("key-*", "error"))
    marks.plant(beginners[1], "mentees", "date_in", Plant("cell-type", "error", "31.09.2023"))
    base.table(
        "mentees",
        [
            column("№ п/п", "", lambda person: None),
            column("Ф.И.О.\nнаставляемого", "full_name", lambda person: person.full_name),
            column("Дата рождения", "birth", lambda person: in_dots(person.birth)),
            column(
                "Класс",
                "class_group",
                lambda person: f"{person.group[:-1]} «{person.group[-1]}»" if person.pupil else None,
            ),
            column("Должность", "position", lambda person: person.position or None),
            column("Пед. стаж", "experience_years", lambda person: None if person.pupil else words[person.experience]),
            column("Запрос", "request", lambda person: person.request),
            column(
                "Группа",
                "categories",
                lambda person: (
                    ("одарённые", "ОВЗ; ТЖС", "низкие результаты")[person.birth.day % 3]
                    if person.pupil
                    else "молодой специалист"
                ),
            ),
            column("Телефон (родителя)", "contact", lambda person: person.phone),
            column("Дата вхождения", "date_in", lambda person: in_short(person.date_in)),
            column("Согласие на ПДн", "consent", lambda person: in_dots(person.consent)),
        ],
        [*beginners, *pupils, twice],
    )

    order = Sheet("Пары", marks)
    order.line("Приложение 1 к приказу № 69 от 22.09.2023 г.", column=5)
    order.skip()
    order.line("Наставнические пары")
    order.skip()
    misspelt = pairs[6].mentee
    typo = misspelt.surname[:-2] + misspelt.surname[-1] + misspelt.surname[-2]
    marks.plant(
        pairs[6], "pairs", "mentee", Plant("ref-unknown", "error", f"{typo} {misspelt.first} {misspelt.patronymic}")
    )
    marks.plant(pairs[1], "pairs", "form", Plant("cell-enum", "warning", "педагог – педогог"))
    order.table(
        "pairs",
        [
            column("№ пары", "pair_id", lambda pair: pair.number),
            column("Участники|Наставник", "mentor", lambda pair: pair.mentor.full_name),
            column("Участники|Наставляемый", "mentee", lambda pair: pair.mentee.full_name),
            column("Форма наставничества", "form", lambda pair: pair.form),
            column("Срок реализации|начало", "date_from", lambda pair: in_dots(pair.starts)),
            column("Срок реализации|окончание", "date_to", lambda pair: f"{in_dots(pair.ends)} г."),
            column(
                "Приказ №, дата", "order_no", lambda pair: f"Приказ № {pair.order_no} от {in_dots(pair.order_date)} г."
            ),
            column("Статус", "status", lambda pair: pair.status),
        ],
        pairs,
        numbers=True,
    )
    order.skip()
    order.line("Директор ____________ Ермакова Л.П.")

    log = Sheet("Журнал", marks)
    log.line("ЖУРНАЛ ВСТРЕЧ наставнических пар")
    log.skip()
    november = next(meeting for meeting in meetings if meeting.date.month == 11)
    marks.plant(november, "meetings", "date", Plant("cell-type", "error", "31.11.2023"))
    # Of the pair that ended before the winter: written down a year too late.
    ended = pairs[4].meetings[3]
    late = Meeting(pairs[4], date(2024, 1, 16), "регулярные встречи", "Разбор контрольной", 40)
    marks.plant(late, "meetings", "date", Plant("meeting-*", "error"))
    copied = next(meeting for meeting in meetings if meeting.date.month == 2)
    copy = Meeting(copied.pair, copied.date, copied.stage, copied.topic, copied.minutes)
    marks.plant(copy, "meetings", "topic", Plant("row-duplicate", "warning", whole_row=True))
    assert ended.pair is pairs[4]
    written = sorted([*meetings, late], key=lambda meeting: meeting.date)
    written.insert(written.index(copied) + 1, copy)
    log.table(
        "meetings",
        [
            column("Дата", "date", lambda meeting: in_dots(meeting.date)),
            column("Наставник", "mentor", lambda meeting: meeting.pair.mentor.initials),
            column("Наставляемый", "mentee", lambda meeting: meeting.pair.mentee.initials),
            column("Этап встречи", "stage", lambda meeting: meeting.stage),
            column("Содержание работы", "topic", lambda meeting: meeting.topic),
            column("Время, мин", "duration_min", lambda meeting: f"{meeting.minutes} мин"),
        ],
        written,
        section=lambda meeting: f"{MONTH_TITLES[meeting.date.month - 1]} {meeting.date.year}",
    )

    plan = Sheet("Дорожная карта", marks)
    plan.approval(4, "Ермакова Л.П.", "приказ № 69 от 01.09.2023 г.")
    plan.line("ДОРОЖНАЯ КАРТА (план) внедрения системы наставничества на 2023-2024 учебный год")
    plan.skip()
    roadmap(
        plan,
        ("№ п/п", "Наименование\nмероприятий", "Сроки", "Ответственный исполнитель", "Результат, вид документа"),
        [
            ("Издание приказа о внедрении", "Август 2023", "Директор", "Приказ"),
            ("Назначение кураторов", "До 15 сентября ежегодно", "Директор", "Приказ"),
            ("Анкетирование участников", "сентябрь2023 г.", "Кураторы", "Анкеты"),
            ("Формирование пар", "Сентябрь – октябрь 2023 года", "Зам. директора по УВР", "Приказ"),
            ("Посещение занятий наставников", "В течении года", "Руководители ШМО", "Листы посещения"),
            ("Промежуточный и итоговый мониторинг", "ежегодно 20 декабря, 20 июня", "Координатор", "Справка"),
            ("Итоговое мероприятие", "Май 2024", "Координатор\nкураторы", "Протокол"),
        ],
        numbers=True,
    )
    return [Workbook("СОШ7 наставничество 23-24.xlsx", [front, base, order, log, plan])]


# --- МБДОУ «Детский сад № 3 «Ручеёк»»: LibreOffice, mentee-first formats, several names in a cell ---


def kindergarten(number: int) -> list[Workbook]:
    """Staff only: the format names the mentee first, and a group stands in one cell."""
    town, marks = Town(number), Marks()
    name = "Детский сад № 3 «Ручеёк»"
    heads = [town.teacher(24, "заведующий"), town.teacher(15, "старший воспитатель"), town.teacher(18, "воспитатель")]
    heads += [town.teacher(12, "музыкальный руководитель"), town.teacher(9, "воспитатель")]
    # Two mentors of one surname and the same initials: initials alone will not tell them apart.
    same = heads[4]
    woman = same.patronymic.endswith("а")
    other_first = {
        "Е": ("Елена", "Екатерина"),
        "А": ("Анна", "Алла"),
        "В": ("Вера", "Валерия"),
        "Л": ("Лидия", "Лариса"),
    }
    options = other_first.get(same.first[0], ("Анна", "Алла"))
    same.first = options[0] if woman else "Антон"
    twin = town.teacher(11, "воспитатель")
    twin.surname, twin.patronymic = same.surname, same.patronymic
    twin.first = options[1] if woman else "Артём"
    heads.append(twin)
    mentees = [town.teacher(at % 4, ("воспитатель", "инструктор по физкультуре")[at % 2]) for at in range(9)]
    couples: list[tuple[Person, Sequence[Person], str]] = [
        (heads[0], mentees[:2], "руководитель – педагог"),
        (heads[1], mentees[2:5], "руководитель – педагог"),
        (heads[2], mentees[5:6], "Педагог –педагог"),
        (heads[3], mentees[6:7], "педагог-педагог"),
        (heads[4], mentees[7:8], "педагог – педагог"),
        (heads[5], mentees[8:9], "педагог – педагог"),
    ]
    pairs = pair_up(town, couples, "31/ДС", early=6)
    formats = ("Начинающий педагог – руководитель", "Молодой педагог – руководитель")

    base = Sheet("База", marks)
    base.line(f"МБДОУ «{name}»")
    base.line("Сведения о наставниках и наставляемых педагогах")
    base.skip()

    def details(who: str) -> list[Column]:
        return [
            NUMBER,
            column(f"ФИО {who}", "full_name", lambda person: person.full_name),
            column("Категория", "category", lambda person: "педагог"),
            column("Должность", "position", lambda person: person.position),
            column("Сведения|дата рожд.", "birth", lambda person: in_dots(person.birth)),
            column("Сведения|стаж", "experience_years", lambda person: person.experience),
            column("Сведения|телефон", "contact", lambda person: person.phone),
            column("Согласие на обработку ПДн", "consent", lambda person: in_dots(person.consent)),
            column("Дата вхождения", "date_in", lambda person: person.date_in),
        ]

    base.table("mentors", details("наставника"), heads)
    base.skip()
    needs = [*details("наставляемого"), column("Запрос", "request", lambda person: person.request)]
    needs[2] = column("Категория наставляемого", "categories", lambda person: "молодой специалист")
    base.table("mentees", needs, mentees)

    order = Sheet("Пары", marks)
    order.line("Наставнические пары и группы (приложение к приказу № 31/ДС)")
    order.skip()
    marks.plant(pairs[4], "pairs", "mentor", Plant("ref-ambiguous-initials", "warning", heads[4].initials))
    columns = [
        NUMBER,
        column("№ группы", "pair_id", lambda pair: pair.number),
        column(
            "Формат",
            "format",
            lambda pair: formats[0] if len(pair.mentees) == 2 else formats[1] if len(pair.mentees) > 2 else None,
        ),
        column(
            "ФИО наставляемого (наставляемых)",
            "mentee",
            lambda pair: "\n".join(person.full_name for person in pair.mentees),
        ),
        column("ФИО наставника", "mentor", lambda pair: pair.mentor.full_name),
        column("Форма наставничества", "form", lambda pair: pair.form),
        column("Срок", "date_from", lambda pair: f"{in_short(pair.starts)} - {in_short(pair.ends)}"),
        column("Приказ", "order_no", lambda pair: f"{pair.order_no} от {in_short(pair.order_date)}"),
        column("Статус", "status", lambda pair: pair.status),
        column("Примечание", "", lambda pair: None),
        column("Примечание", "", lambda pair: None),
    ]
    heading = order.row
    order.heading(columns)
    order.trouble(heading, 11, "heading-duplicate", "warning")
    for at, pair in enumerate(pairs, 1):
        order.record("pairs", columns[:9], pair, number=at)

    log = Sheet("Журнал", marks)
    log.skip()
    log.table(
        "meetings",
        [
            column("Дата", "date", lambda meeting: in_dots(meeting.date)),
            column("№ группы", "pair_id", lambda meeting: meeting.pair.number),
            column("Этап встречи", "stage", lambda meeting: meeting.stage),
            column("Тема", "topic", lambda meeting: meeting.topic),
            column("Время, мин", "duration_min", lambda meeting: meeting.minutes),
        ],
        journal(pairs),
        first=2,
    )

    front = Sheet("Паспорт", marks)
    profile(
        front, "140103", name, "ДОУ",
        [counted(WINTER, 186, 0, 0, 0, 24, 9), counted(SUMMER, 190, 0, 0, 0, 24, 9)], lambda day: in_words(day),
    )  # fmt: skip
    front.skip(2)
    curators(
        front, town, "30/ДС", "rucheyok",
        [("старший воспитатель", "координатор", ""), ("методист", "куратор", "руководитель – педагог"),
         ("педагог-психолог", "куратор", "педагог – педагог")],
    )  # fmt: skip
    draft = Sheet("черновик", marks, hidden=True)
    draft.line("посчитать часы к пятнице")
    draft.line("кофе, бумага А4")
    return [Workbook("Ручеёк наставничество.ods", [base, order, log, front, draft])]


# --- Приозёрский колледж: one sheet per group, the name in three columns, enterprises ---


def college(number: int) -> list[Workbook]:
    """Groups as sheets; students help students, workers and masters help students."""
    town, marks = Town(number), Marks()
    name = "Приозёрский колледж"
    groups = {"СВ-23": (10, 1), "ЭЛ-23": (10, 1), "ЭЛ-21": (12, 3)}
    students = {
        group: [
            town.person(
                date(2016 - grade, 9, 1) + timedelta(days=town.chance.randrange(20, 340) - (365 if course == 3 else 0)),
                group=f"{course}", request=("Подготовка к демонстрационному экзамену", "Пропуски занятий")[at % 2],
            )
            for at in range(8)
        ]
        for group, (grade, course) in groups.items()
    }  # fmt: skip
    firms = ["АО «Приозёрские электросети»", "ООО «СварМонтаж»", "ИП Лесной А.Б."]
    workers = [town.outsider(firms[at], f"Договор № {at + 11} от 05.09.2023", "инженер") for at in range(3)]
    masters = [town.teacher(7 + 3 * at, "мастер производственного обучения") for at in range(3)]
    seniors = students["ЭЛ-21"][:6]
    for person, category in [
        *((p, "обучающийся") for p in seniors),
        *((p, "педагог") for p in masters),
        *((p, "сотрудник предприятия") for p in workers),
    ]:
        person.category = category
    juniors = students["СВ-23"] + students["ЭЛ-23"]
    couples: list[tuple[Person, Sequence[Person], str]] = [
        (mentor, juniors[at * 2 : at * 2 + (2 if at < 3 else 1)], "студент – студент")
        for at, mentor in enumerate(seniors)
    ]
    helped = {id(person) for _, people, _ in couples for person in people}
    rest = [person for person in juniors if id(person) not in helped]
    couples += [(mentor, [mentee], "педагог/мастер – студент") for mentor, mentee in zip(masters, rest, strict=False)]
    couples += [
        (mentor, [mentee], "специалист предприятия – студент")
        for mentor, mentee in zip(workers, rest[3:], strict=False)
    ]
    pairs = pair_up(town, couples, "112-К", open_end=4)

    sheets = []
    for group, people in students.items():
        if group == "ЭЛ-21":
            continue  # third-year students are mentors only
        sheet = Sheet(f"Гр. {group}", marks)
        sheet.line(f"Наставляемые группы {group}")
        sheet.skip()
        sheet.table(
            "mentees",
            [
                NUMBER,
                column("Фамилия", "full_name", lambda person: person.surname),
                column("Имя", "", lambda person: None),
                column("Отчество", "", lambda person: None),
                column("Дата рождения", "birth", lambda person: person.birth),
                column("Курс", "class_group", lambda person: int(person.group)),
                column(
                    "Причина включения",
                    "categories",
                    lambda person: ("ТЖС", "проблемы с поведением", "одарённые / низкие результаты")[
                        person.birth.day % 3
                    ],
                ),
                column("Запрос", "request", lambda person: person.request),
                column("Контакт (для несовершеннолетних – родителя)", "contact", lambda person: person.phone),
                column("Дата вхождения в программу", "date_in", lambda person: person.date_in),
                column("Согласие на ПДн", "consent", lambda person: person.consent),
            ],
            [],
        )
        for at, person in enumerate(people, 1):
            sheet.line(
                at, person.surname, person.first, person.patronymic, person.birth, int(person.group),
                ("ТЖС", "проблемы с поведением", "одарённые / низкие результаты")[person.birth.day % 3],
                person.request, person.phone, person.date_in, person.consent,
            )  # fmt: skip
        sheets.append(sheet)

    mentors = Sheet("Наставники", marks)
    marks.plant(workers[2], "mentors", "contract", Plant("cell-required", "warning", None))
    mentors.table(
        "mentors",
        [
            NUMBER,
            column("ФИО наставника", "full_name", lambda person: person.full_name),
            column("Контакт", "contact", lambda person: person.phone),
            column("Категория наставника", "category", lambda person: person.category),
            column("Дата рождения", "birth", lambda person: person.birth),
            column(
                "Группа/курс", "class_group", lambda person: f"ЭЛ-21, {person.group} курс" if person.pupil else None
            ),
            column("Место работы/учебы", "workplace", lambda person: person.workplace or name),
            column("Предприятие (организация)", "enterprise_id", lambda person: person.workplace or None),
            column("Должность", "position", lambda person: person.position or None),
            column("Стаж", "experience_years", lambda person: person.experience),
            column("Договор", "contract", lambda person: person.contract or None),
            column("Дата вхождения", "date_in", lambda person: person.date_in),
            column("Согласие на ПДн", "consent", lambda person: person.consent),
        ],
        [*seniors, *masters, *workers],
    )

    order = Sheet("Приказ, пары", marks)
    order.line("Приложение к приказу № 112-К от 22.09.2023")
    order.line("Наставнические пары и группы")
    order.skip()
    rows = [(pair, mentee) for pair in pairs for mentee in pair.mentees]
    latin = rows[8]
    marks.plant(
        latin,
        "pairs",
        "mentee",
        Plant("cell-lookalike-letters", "warning", latin[1].full_name.replace("о", "o", 1).replace("а", "a", 1)),
    )
    order.table(
        "pairs",
        [
            column("№ пары/группы", "pair_id", lambda row: row[0].number),
            column("Наставник", "mentor", lambda row: row[0].mentor.full_name),
            column("Наставляемый", "mentee", lambda row: row[1].full_name),
            column("Форма наставничества", "form", lambda row: row[0].form),
            column("Начало", "date_from", lambda row: row[0].starts),
            column("Окончание", "date_to", lambda row: row[0].ends),
            column("№ приказа", "order_no", lambda row: row[0].order_no),
            column("Дата приказа", "order_date", lambda row: row[0].order_date),
            column("План встреч", "planned_meetings", lambda row: len(row[0].meetings)),
            column("Статус", "status", lambda row: row[0].status),
        ],
        rows,
    )

    log = Sheet("Журнал", marks)
    meetings = journal(pairs)
    weekly = next(meeting for meeting in meetings if meeting.stage == "регулярные встречи" and meeting.date.month == 10)
    marks.plant(weekly, "meetings", "date", Plant("cell-type", "error", "еженедельно"))
    log.table(
        "meetings",
        [
            column("Дата", "date", lambda meeting: meeting.date),
            column("№ пары/группы", "pair_id", lambda meeting: meeting.pair.number),
            column("Этап", "stage", lambda meeting: meeting.stage),
            column("Содержание", "topic", lambda meeting: meeting.topic),
            column("Форма", "mode", lambda meeting: ("очно", "дистанционно")[meeting.minutes == 30]),
            column("Мин", "duration_min", lambda meeting: meeting.minutes),
        ],
        meetings,
    )

    partners = Sheet("Предприятия", marks)
    # Made-up numbers with the right check digit; the second one has it wrong.
    numbers = ["9900000521", "9900000641", ""]
    listed = list(zip(firms, numbers, workers, strict=True))
    marks.plant(listed[1], "enterprises", "inn", Plant("cell-pattern", "warning", "9900000642"))
    partners.table(
        "enterprises",
        [
            column("Наименование предприятия", "name", lambda row: row[0]),
            column("ИНН", "inn", lambda row: row[1] or None),
            column("Контакт", "contact", lambda row: row[2].phone),
            column("Договор №", "contract", lambda row: row[2].contract.split()[2]),
            column("Дата", "contract_date", lambda row: date(2023, 9, 5)),
            column("ФИО наставников от предприятия", "mentors", lambda row: row[2].full_name),
        ],
        listed,
    )

    front = Sheet("Паспорт, кураторы", marks)
    curators(
        front, town, "110-К", "college",
        [("заместитель директора по УПР", "координатор", ""), ("старший мастер", "куратор", "студент – студент"),
         ("методист", "куратор", "педагог/мастер – студент"), ("педагог-организатор", "куратор", "специалист предприятия – студент")],
    )  # fmt: skip
    front.skip(2)
    profile(
        front, "140300", name, "СПО",
        [counted(WINTER, 312, 231, 40, 228, 29, 3), counted(SUMMER, 305, 214, 38, 212, 29, 3)],
    )  # fmt: skip
    return [Workbook("Наставничество колледж.xlsx", [*sheets, mentors, order, log, partners, front])]


# --- Дом творчества «Радуга»: three files, a forms export ---


def children_centre(number: int) -> list[Workbook]:
    """Split files, a sheet that is no table, hidden rows, answers to a questionnaire as an export of a form."""
    town, marks = Town(number), Marks()
    name = "Дом творчества «Радуга»"
    mentors = [town.teacher(5 + 3 * at, "педагог дополнительного образования") for at in range(5)]
    pupils = [town.pupil(5 + at % 5, "", category="") for at in range(11)]
    couples = [(mentors[at % 5], [pupil], "педагог – ученик") for at, pupil in enumerate(pupils[:9])]
    pairs = pair_up(town, couples, "15-р", early=9)

    front = Sheet("Паспорт", marks)
    profile(
        front, "140200", name, "УДОД",
        [counted(WINTER, 420, 300, 16, 60, 18, 2), counted(SUMMER, 415, 298, 16, "н/д", 18, 2)],
    )  # fmt: skip
    heads = Sheet("Кураторы", marks)
    curators(
        heads, town, "14-р", "raduga", [("методист", "координатор", ""), ("методист", "куратор", "педагог – ученик")]
    )
    staff = Sheet("Наставники", marks)
    staff.table(
        "mentors",
        [
            column("ФИО", "full_name", lambda person: person.full_name),
            column("Телефон", "contact", lambda person: int("8" + "".join(filter(str.isdigit, person.phone))[1:])),
            column("Категория", "category", lambda person: "педагог"),
            column("Год рождения", "birth", lambda person: person.birth.year),
            column("Направление", "competence", lambda person: person.competence),
            column("Должность", "position", lambda person: person.position),
            column("Стаж", "experience_years", lambda person: int(person.experience)),
            column("Дата вхождения", "date_in", lambda person: person.date_in),
            column("Согласие", "consent", lambda person: "да"),
        ],
        mentors,
    )
    children = Sheet("Наставляемые", marks)
    children.table(
        "mentees",
        [
            column("ФИО обучающегося", "full_name", lambda person: person.full_name),
            column("Год рождения", "birth", lambda person: person.birth.year),
            column("Класс", "class_group", lambda person: int(person.group)),
            column("Категория наставляемого", "categories", lambda person: CATEGORIES[person.birth.month % 6]),
            column("Запрос", "request", lambda person: person.request),
            column("Телефон родителя", "contact", lambda person: f"{person.phone}, {town.phone()}"),
            column("Дата вхождения", "date_in", lambda person: person.date_in),
            column("Согласие родителя", "consent", lambda person: ("да", "+", "✓")[person.birth.day % 3]),
        ],
        pupils,
    )
    children.hidden_rows = {5, 6}
    order = Sheet("Пары", marks)
    marks.plant(pairs[5], "pairs", "order_no", Plant("pair-*", "warning", None))
    marks.plant(pairs[5], "pairs", "order_date", Plant("", "info", None))
    order.table(
        "pairs",
        [
            column("№ пары", "pair_id", lambda pair: pair.number),
            column("Наставник", "mentor", lambda pair: pair.mentor.initials),
            column("Наставляемый", "mentee", lambda pair: pair.mentee.full_name),
            column("Форма", "form", lambda pair: pair.form),
            column("Приказ №", "order_no", lambda pair: pair.order_no),
            column("Дата приказа", "order_date", lambda pair: pair.order_date),
            column("Дата начала", "date_from", lambda pair: pair.starts),
            column("Дата окончания", "date_to", lambda pair: pair.ends),
            column("Статус", "status", lambda pair: pair.status),
        ],
        pairs,
    )
    order.troubles = [trouble for trouble in order.troubles if trouble.code]
    clubs = Sheet("Лист3", marks)
    clubs.line("Расписание кружков")
    for days, hours, title in (("пн, ср", "15:00", "Шахматы"), ("вт, чт", "16:30", "Керамика"), ("сб", "10:00", "Хор")):
        clubs.line(days, hours, title)
    clubs.trouble(None, None, "sheet-unrecognised", "info")

    log = Sheet("Журнал", marks)
    log.line(f"Журнал встреч, {name}, 2023-2024 учебный год")
    log.table(
        "meetings",
        [
            column("№ п/п", "", lambda meeting: None),
            column("Дата встречи", "date", lambda meeting: in_words(meeting.date)),
            column("Наставник", "mentor", lambda meeting: meeting.pair.mentor.initials),
            column("Наставляемый", "mentee", lambda meeting: meeting.pair.mentee.full_name),
            column("Этап", "stage", lambda meeting: meeting.stage),
            column("Тема", "topic", lambda meeting: meeting.topic),
        ],
        journal(pairs),
        repeat_heading=25,
    )

    form = Sheet("Анкета наставляемого (после)", marks)
    answers = town.answers([pair.mentee for pair in pairs], date(2024, 5, 27), 5, 6, 10)
    twice = answers[3]
    later = Answer(answers[-1].at + timedelta(minutes=12), twice.person, (9, 9, 8, 9, 9))
    marks.plant(twice, "questionnaires", "full_name", Plant("questionnaire-*", "warning"))
    marks.plant(answers[5], "questionnaires", "q_support", Plant("cell-range", "warning", "11"))
    questions = (
        ("q_comfort", "Насколько комфортно было общение с наставником?"),
        ("q_useful", "Насколько полезными были личные встречи?"),
        ("q_support", "Ощущали ли Вы поддержку наставника?"),
        ("q_joint_work", "Насколько Вы довольны вашей совместной работой?"),
        ("q_result", "Насколько Вы довольны результатом?"),
    )
    words = ("{}", "{}", "{}/10", "{} баллов", "{}")
    form.table(
        "questionnaires",
        [
            column("Отметка времени", "timestamp", lambda answer: answer.at),
            column("ФИО", "full_name", lambda answer: answer.person.full_name),
            *(
                column(text, field, lambda answer, at=at: words[answer.at.minute % 5].format(answer.items[at]))
                for at, (field, text) in enumerate(questions)
            ),
        ],
        [*answers, later],
    )
    return [
        Workbook("База наставничества.xlsx", [front, heads, staff, children, order, clubs]),
        Workbook("Журнал встреч 2023-24.xlsx", [log]),
        Workbook("Анкета наставляемого (после).csv", [form]),
    ]


# --- МКОУ «Берёзовская начальная школа – детский сад»: one sheet per class, each with its own habits ---


def primary(number: int) -> list[Workbook]:
    """Classes as sheets, CAPITALS, blank and prepared rows, consents apart, the nine criteria of each pair."""
    town, marks = Town(number), Marks()
    name = "Берёзовская НШДС"
    classes = {
        "2": [town.pupil(2, "") for _ in range(6)],
        "3А": [town.pupil(3, "А") for _ in range(6)],
        "4": [town.pupil(4, "") for _ in range(7)],
    }
    mentors = [town.teacher(10 + 2 * at, "учитель начальных классов") for at in range(7)]
    beginners = [town.teacher(at, "воспитатель") for at in range(2)]
    children = [person for people in classes.values() for person in people]
    paired = [children[at] for at in (0, 1, 6, 7, 12, 13, 14, 15)]
    couples = [(mentors[at % 5], [child], "педагог – ученик") for at, child in enumerate(paired)]
    couples += [(mentors[5], [beginners[0]], "педагог – педагог"), (mentors[6], [beginners[1]], "педагог – педагог")]
    pairs = pair_up(town, couples, "63/1-ОД", early=5)

    sheets = []
    day_words: dict[str, Callable[[date], str]] = {
        "2": in_short,
        "3А": in_dots,
        "4": lambda day: in_words(day).replace(" г.", "г."),
    }
    marks.plant(children[1], "mentees", "consent", Plant("consent-*", "error", "нет"))
    marks.plant(children[8], "mentees", "date_in", Plant("cell-type", "error", "15.19.2023"))
    for title, people in classes.items():
        spell = day_words[title]
        sheet = Sheet(f"{title} класс", marks)
        sheet.line(f"База наставляемых   МКОУ «{name}»")
        sheet.line(f"Класс: {title}")
        sheet.skip()
        columns = [
            NUMBER,
            column(
                "ФИО обучающегося",
                "full_name",
                lambda person, title=title: person.full_name.upper() if title == "3А" else person.full_name,
            ),
            column("Дата  рождения", "birth", lambda person, spell=spell: spell(person.birth)),
            column("Класс", "class_group", lambda person, title=title: "3 «А»" if title == "3А" else int(title)),
            column(
                "Группа",
                "categories",
                lambda person: ("низкие результаты", "одарённые", "ТЖС", "отстраненные от коллектива")[
                    person.birth.day % 4
                ],
            ),
            column("Запрос", "request", lambda person: person.request),
            column("Телефон родителя", "contact", lambda person: person.phone),
            column("Дата вхождения\nв программу", "date_in", lambda person, spell=spell: spell(person.date_in)),
            column("Согласие родителя", "consent", lambda person: "да"),
        ]
        sheet.heading(columns)
        for at, person in enumerate(people, 1):
            if title == "3А" and at == 5:
                sheet.trouble(sheet.row, None, "row-blank-inside", "info")
                sheet.skip()
            sheet.record("mentees", columns, person, number=at)
        if title == "4":
            sheet.trouble(sheet.line(len(people) + 1, "____________"), 2, "row-placeholder", "info")
        sheets.append(sheet)
    staff = Sheet("Педагоги", marks)
    staff.table(
        "mentees",
        [
            column("Фамилия, имя, отчество наставляемого педагога", "full_name", lambda person: person.full_name),
            column("Дата рождения", "birth", lambda person: in_dots(person.birth)),
            column("Должность", "position", lambda person: person.position),
            column("Стаж", "experience_years", lambda person: ("б/с", "1 год")[int(person.experience)]),
            column("Запрос", "request", lambda person: person.request),
            column("Дата вхождения", "date_in", lambda person: in_dots(person.date_in)),
            column("Согласие", "consent", lambda person: in_dots(person.consent)),
        ],
        beginners,
    )
    teachers = Sheet("Наставники", marks)
    teachers.line("База наставников")
    teachers.skip()
    teachers.table(
        "mentors",
        [
            NUMBER,
            column("ФИО наставника", "full_name", lambda person: person.full_name),
            column("Дата рождения", "birth", lambda person: in_dots(person.birth)),
            column("Категория наставника", "category", lambda person: "педагог"),
            column("Место работы / учебы", "workplace", lambda person: name),
            column("Стаж", "experience_years", lambda person: int(person.experience)),
            column("Дата вхождения", "date_in", lambda person: in_dots(person.date_in)),
            column("Согласие на обработку ПД", "consent", lambda person: in_dots(person.consent)),
        ],
        mentors,
    )
    order = Sheet("Пары (приказ)", marks)
    order.line("Приложение № 3 к приказу от 22.09.2023 № 63/1-ОД")
    order.skip()
    order.table(
        "pairs",
        [
            column("№ пары", "pair_id", lambda pair: pair.number),
            column("Наставник", "mentor", lambda pair: pair.mentor.initials),
            column("Наставляемый", "mentee", lambda pair: pair.mentee.initials),
            column("Форма", "form", lambda pair: pair.form),
            column("Период", "date_from", lambda pair: f"с {in_dots(pair.starts)} по {in_dots(pair.ends)}"),
            column("Основание", "order_no", lambda pair: f"Приказ № {pair.order_no} от {in_words(pair.order_date)}"),
            column("Статус", "status", lambda pair: pair.status),
        ],
        pairs,
    )
    log = Sheet("Журнал", marks)
    log.table(
        "meetings",
        [
            column("№ пары", "pair_id", lambda meeting: meeting.pair.number),
            column("Дата встречи", "date", lambda meeting: in_short(meeting.date)),
            column("Этап", "stage", lambda meeting: meeting.stage),
            column("Тема", "topic", lambda meeting: meeting.topic),
            column("Подпись", "", lambda meeting: None),
        ],
        [],
    )
    for meeting in journal(pairs):
        log.line(meeting.pair.number, in_short(meeting.date), meeting.stage, meeting.topic, "✓")

    marked = Sheet("9 показателей", marks)
    marked.line("Оценка эффективности программы наставничества (0 – не проявился, 1 – частично, 2 – в полной мере)")
    marked.skip()
    grades = [(pair, tuple(town.chance.choice((1, 2, 2)) for _ in range(9))) for pair in pairs[:6]]
    wrong = grades[2]
    marks.plant(wrong, "evaluations", "total", Plant("plan-*", "warning", sum(wrong[1]) - 4))
    marked.table(
        "evaluations",
        [
            column("Наставник", "mentor", lambda row: row[0].mentor.initials),
            column("Наставляемый", "mentee", lambda row: row[0].mentee.initials),
            *(column(f"Показатели|{at + 1}", f"c{at + 1}", lambda row, at=at: row[1][at]) for at in range(9)),
            column("Итого", "total", lambda row: sum(row[1])),
        ],
        grades,
    )
    plan = Sheet("Дорожная карта", marks)
    plan.approval(4, "Зуева О.К.", "Приказ от «01» сентября 2023 года № 60-ОД")
    plan.line("ДОРОЖНАЯ КАРТА реализации целевой модели наставничества в 2023-2024 учебном году")
    plan.skip()
    roadmap(
        plan,
        ("№", "Мероприятия", "Сроки", "Ответственные", "Ожидаемые результаты"),
        [
            ("Подготовка условий для запуска программы", "Август – сентябрь 2023 года", "Директор", "Локальные акты"),
            ("Родительские собрания", "сентябрь 2023 г.", "Классные руководители", "Протоколы"),
            ("Формирование баз", "Сентябрь 2023г.", "Координатор", "Базы"),
            ("Встречи пар", "Октябрь 2023 – май 2024", "Наставники", "Журнал"),
            ("Круглый стол", "По отдельному графику", "Координатор", "Решение"),
            ("Итоговое мероприятие", "Май 2024", "Координатор", "Фотоотчёт"),
        ],
    )
    front = Sheet("Паспорт", marks)
    winter, summer = counted(WINTER, 74, 12, 9, 0, 15, 2), counted(SUMMER, 73, 13, 15, 0, 15, 2)
    # More potential mentees than pupils of that age: the figures cannot both be right.
    marks.plant(summer, "school_profile", "n_potential", Plant("profile-*", "error"))
    profile(front, "140009", name, "школа", [winter, summer], in_dots)
    front.skip(2)
    front.line("Кураторы")
    curators(
        front, town, "61-ОД", "berezka",
        [("заместитель директора", "координатор и куратор", "педагог – ученик"), ("старший воспитатель", "куратор", "педагог – педагог")],
        glued=True,
    )  # fmt: skip
    return [
        Workbook("Берёзовская НШДС наставничество.xlsx", [*sheets, staff, teachers, order, log, marked, plan, front])
    ]


ORGANISATIONS: Mapping[str, Callable[[int], list[Workbook]]] = {
    "school-1": school_1,
    "school-7": school_7,
    "ds-rucheyok": kindergarten,
    "college": college,
    "raduga": children_centre,
    "berezka": primary,
}
