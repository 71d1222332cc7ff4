"""Untidy districts with a known answer: clean records, laid out and worded at random, troubles planted in them.

``python benchmarks/untidy.py DIR [--districts N] [--seed S]`` writes them; :func:`write_district` gives the answer key.
People, pairs and meetings come from the demo's invented programme; layouts and words are drawn from ``untidy_words``.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import untidy_words as words

from sheets_sync.demo.paper import Cell, Marks, Sheet, Workbook
from sheets_sync.demo.programme import (
    CHRISTMAS_ENDS,
    COMPETENCES,
    MONTH_TITLES,
    MONTHS,
    STARTS,
    SURNAMES,
    YEAR_ENDS,
    Meeting,
    Pair,
    Person,
    Town,
    journal,
    numbered,
)
from sheets_sync.issues import Severity, column_letter

AS_OF = date(2024, 6, 20)
PERSON_FIELDS = ("full_name", "mentor", "mentee")


class Trouble(NamedTuple):
    """A planted trouble: any of the codes answers it; ``cell`` None where the row is what matters."""

    workbook: str
    sheet: str
    row: int | None
    cell: str | None
    codes: tuple[str, ...]
    severities: tuple[Severity, ...]
    kind: str
    people: frozenset[int]


class Told(NamedTuple):
    """A table as it was laid out."""

    workbook: str
    sheet: str
    table: str
    header_row: int
    columns: dict[str, tuple[str, ...]]
    rows: int
    headings: dict[str, str]


@dataclass
class Key:
    """The answer key of a district."""

    tables: list[Told] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    people: dict[tuple[str, str, int], frozenset[int]] = field(default_factory=dict)  # row → who is named in it


@dataclass
class Plant:
    """A trouble to be: the field's cell is typed so."""

    kind: str
    codes: tuple[str, ...]
    severities: tuple[Severity, ...]
    typed: Cell = None
    keep: bool = False  # the cell stays as it is
    whole_row: bool = False


class Record(NamedTuple):
    """One record: what it says, by field, and who is in it."""

    values: dict[str, Any]
    people: frozenset[int]
    plants: dict[str, Plant]
    section: str = ""


Dates = Callable[[date], Cell]


def date_habits() -> tuple[Dates, ...]:
    """How a secretary types dates."""
    return (
        lambda day: day,
        lambda day: f"{day:%d.%m.%Y}",
        lambda day: f"{day:%d.%m.%y}",
        lambda day: f"{day:%d.%m.%Y} г.",
        lambda day: f"{day:%d.%m.%Y}г",
        lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year} г.",
        lambda day: f"«{day.day:02d}» {MONTHS[day.month - 1]} {day.year} года",
        lambda day: f"{day:%d/%m/%Y}",
        lambda day: f"{day.day}.{day.month}.{day.year}",
        lambda day: f"{day:%Y-%m-%d}",
    )


class Secretary:
    """The habits of one organisation: how it writes names, dates, telephones, classes, orders and lays out a sheet."""

    def __init__(self, chance: random.Random, held_out: bool = False) -> None:
        self.chance, self.held_out = chance, held_out
        self.date = chance.choice(date_habits())
        self.name = chance.choice(
            (self._plain, self._plain, self._plain, self._capitals, self._no_yo, self._surname_capitals, self._spaced)
        )
        self.short = chance.choice(
            (
                lambda p: f"{p.surname} {p.first[0]}.{p.patronymic[0]}.",
                lambda p: f"{p.surname} {p.first[0]}. {p.patronymic[0]}.",
                lambda p: f"{p.surname} {p.first[0]}.{p.patronymic[0]}",
                lambda p: f"{p.first[0]}.{p.patronymic[0]}. {p.surname}",
            )
        )
        self.initials = chance.random() < 0.2
        self.posts = chance.random() < 0.15  # «Иванова О.К. (учитель математики)»
        self.post_form = chance.choice(("{} ({})", "{}, {}", "{} – {}"))
        self.group = chance.choice(
            (
                lambda g: g,
                lambda g: g.lower(),
                lambda g: f"{g[:-1]} «{g[-1]}»",
                lambda g: f"{g[:-1]}-{g[-1].lower()}",
                lambda g: f"{g[:-1]} {g[-1]}",
                lambda g: f"{g} класс",
            )
        )
        self.phone = chance.choice(
            (
                lambda p: p,
                lambda p: "8" + "".join(c for c in p[2:] if c.isdigit()),
                lambda p: float("8" + "".join(c for c in p[2:] if c.isdigit())),
                lambda p: "8 ({}) {}-{}-{}".format(*_digits(p)),
                lambda p: "8-{}-{}-{}-{}".format(*_digits(p)),
                lambda p: "т. " + p,
            )
        )
        self.order = chance.choice(
            (
                "Приказ № {0} от {1:%d.%m.%Y}",
                "№ {0} от {1:%d.%m.%Y} г.",
                "пр. №{0} от {1:%d.%m.%Y}",
                "Приказ от {1:%d.%m.%Y} № {0}",
                "{0} от {1:%d.%m.%y}",
            )
        )
        self.period = chance.choice(
            (
                "{0:%d.%m.%Y} – {1:%d.%m.%Y}",
                "с {0:%d.%m.%Y} по {1:%d.%m.%Y}",
                "{0:%d.%m.%y}-{1:%d.%m.%y}",
                "{0:%d.%m.%Y}–{1:%d.%m.%Y} гг.",
                "с {0:%d.%m.%Y} г. до {1:%d.%m.%Y} г.",
            )
        )
        self.yes = chance.choice(("да", "Да", "+", "имеется", "есть", "V", ""))
        self.two_names = chance.choice((" – ", " - ", " — ", "\n", " / "))
        self.split_names = chance.random() < 0.15
        self.glue_orders, self.glue_periods, self.glue_pairs = (chance.random() < 0.35 for _ in range(3))
        self.by_number = chance.random() < 0.5

    def _plain(self, person: Person) -> str:
        return person.full_name

    def _capitals(self, person: Person) -> str:
        return person.full_name.upper()

    def _surname_capitals(self, person: Person) -> str:
        return f"{person.surname.upper()} {person.first} {person.patronymic}"

    def _no_yo(self, person: Person) -> str:
        return person.full_name.replace("ё", "е")

    def _spaced(self, person: Person) -> str:
        return f" {person.surname}  {person.first}\u00a0{person.patronymic} "

    def pick(self, options: Sequence[str]) -> str:
        return self.chance.choice(options)

    def heading(self, options: Sequence[str]) -> str:
        """A wording; every third is drawn only when asked for, so that mending can be done without looking at it."""
        if self.held_out:
            return self.chance.choice(options[2::3] or options)
        return self.chance.choice([text for at, text in enumerate(options) if at % 3 != 2])

    def reference(self, person: Person) -> str:
        """A name in a table that only refers to the person."""
        said = self.short(person) if self.initials else self.name(person)
        if self.posts and person.position:
            said = self.post_form.format(said.strip(), person.position)
        return said


def _digits(phone: str) -> tuple[str, str, str, str]:
    only = "".join(c for c in phone if c.isdigit())[1:]
    return only[:3], only[3:6], only[6:8], only[8:]


class Programme:
    """Clean records of one organisation, and the troubles put into them."""

    def __init__(self, number: int, seed: int) -> None:
        self.town = Town(number)
        self.chance = self.town.chance = random.Random(seed * 1009 + number)
        surnames = list(SURNAMES)
        random.Random(seed).shuffle(surnames)
        self.town.surnames = tuple(surnames[(number - 1) * 11 : number * 11])  # nobody is known in two organisations
        self.number = number
        town, chance = self.town, self.chance
        self.name = f"Лесногорская СОШ № {number}"
        older = [town.pupil(10, category="обучающийся") for _ in range(chance.randint(3, 6))]
        younger = [town.pupil(5 + at % 4, "АБ"[at % 2]) for at in range(chance.randint(8, 14))]
        posts = ("учитель математики", "учитель биологии", "учитель истории")
        teachers = [town.teacher(8 + 2 * at, posts[at % 3], category="педагог") for at in range(chance.randint(4, 7))]
        beginners = [town.teacher(at % 4, "учитель начальных классов") for at in range(chance.randint(2, 3))]
        self.firm = f"ООО «Лесной цех {number}»"
        worker = town.outsider(self.firm, f"Договор № {number} от 04.09.2023", "мастер участка")
        worker.category = "сотрудник предприятия"
        couples: list[tuple[Person, Person, str]] = list(
            zip(older, younger, ["pupil_pupil"] * len(older), strict=False)
        )
        rest = younger[len(older) :]
        couples += [(teachers[at % 3], mentee, "teacher_pupil") for at, mentee in enumerate(rest[:-2])]
        couples += [(worker, rest[-2], "employer_pupil")]
        couples += [
            (mentor, mentee, "teacher_teacher") for mentor, mentee in zip(teachers[-3:], beginners, strict=False)
        ]
        self.pupils, self.staff = younger, beginners
        mentors = {id(mentor): mentor for mentor, _, _ in couples}
        self.mentors = list(mentors.values())
        order, ordered = f"{chance.randint(20, 180)}-{chance.choice(('од', 'ОД', 'о', 'п'))}", date(2023, 9, 22)
        names = numbered("П")
        self.pairs: list[Pair] = []
        for at, (mentor, mentee, form) in enumerate(couples, 1):
            ends, status = YEAR_ENDS, "завершена"
            if at % 4 == 0:
                ends = CHRISTMAS_ENDS
            elif at % 5 == 0:
                ends, status = date(2024, 8, 30), "действует"
            pair = Pair(next(names), mentor, (mentee,), form, order, ordered, STARTS, ends, status)
            town.meet(pair)
            self.pairs.append(pair)
        self.forms = list(dict.fromkeys(form for _, _, form in couples))
        self.curators = [town.teacher(9 + 2 * at, "учитель истории") for at in range(len(self.forms) + 1)]
        self.touched: set[int] = set()
        self.plants: dict[tuple[int, str], dict[str, Plant]] = {}
        self.extra: dict[str, list[tuple[Any, Any]]] = {}

    def free(self, people: Sequence[Any], who: Callable[[Any], Sequence[Person]] = lambda one: (one,)) -> Any | None:
        """One of the records nobody of which has had a trouble yet."""
        left = [one for one in people if not any(id(person) in self.touched for person in who(one))]
        if not left:
            return None
        chosen = self.chance.choice(left)
        self.touched.update(id(person) for person in who(chosen))
        return chosen

    def plant(self, record: object, table: str, name: str, plant: Plant) -> None:
        self.plants.setdefault((id(record), table), {})[name] = plant


def plant_troubles(one: Programme, how_many: int) -> None:
    """Put about so many different troubles into the records."""
    kinds = list(PLANTERS)
    one.chance.shuffle(kinds)
    for plant in kinds[:how_many]:
        plant(one)


def _of_pair(pair: Pair) -> tuple[Person, ...]:
    return (pair.mentor, *pair.mentees)


E: tuple[Severity, ...] = ("error",)
W: tuple[Severity, ...] = ("warning",)


def _cell(table: str, name: str, kind: str, codes: str, severities: tuple[Severity, ...], *typed: Cell) -> Any:
    def plant(one: Programme) -> None:
        people = {"pupils": one.pupils, "staff": one.staff, "mentors": one.mentors, "pairs": one.pairs}.get(
            table, one.curators
        )
        record = one.free(people, _of_pair if table == "pairs" else lambda person: (person,))
        if record is not None:
            value = one.chance.choice(typed)
            one.plant(record, table, name, Plant(kind, tuple(codes.split()), severities, value))

    return plant


def _twice(one: Programme) -> None:
    person = one.free(one.mentors)
    if person is not None:
        again = Person(**vars(person))
        one.extra.setdefault("mentors", []).append((person, again))
        one.touched.add(id(again))
        one.plant(again, "mentors", "full_name", Plant("person twice", ("key-duplicate",), E, keep=True))


def _misspelt(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None:
        at = one.chance.randrange(2, max(3, len(pair.mentee.surname) - 2))
        wrong = pair.mentee.surname[:at] + pair.mentee.surname[at + 1 :]
        typed = f"{wrong} {pair.mentee.first} {pair.mentee.patronymic}"
        one.plant(pair, "pairs", "mentee", Plant("name misspelt", ("ref-unknown",), E, typed))


def _latin(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None:
        typed = pair.mentee.full_name.replace("о", "o", 1).replace("а", "a", 1)
        if typed != pair.mentee.full_name:
            one.plant(pair, "pairs", "mentee", Plant("Latin letters", ("cell-lookalike-letters",), W, typed))


def _same_person(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None:
        typed = pair.mentor.full_name
        one.plant(pair, "pairs", "mentee", Plant("own mentor", ("pair-same-person", "ref-unknown"), E, typed))


def _pair_twice(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None:
        again = Pair(**{**vars(pair), "number": f"П-{len(one.pairs) + 7:02d}", "meetings": []})
        one.extra.setdefault("pairs", []).append((pair, again))
        one.plant(again, "pairs", "mentor", Plant("pair twice", ("pair-duplicate",), E, keep=True, whole_row=True))


def _no_order(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None:
        one.plant(pair, "pairs", "order_no", Plant("no order", ("pair-no-order",), W, None, whole_row=True))
        one.plant(pair, "pairs", "order_date", Plant("", (), (), None))


def _reversed(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None:
        plant = Plant("ends before it starts", ("pair-dates",), E, date(2023, 3, 1), whole_row=True)
        one.plant(pair, "pairs", "date_to", plant)


def _meeting(kind: str, codes: str, severities: tuple[Severity, ...], name: str, *typed: Cell) -> Any:
    def plant(one: Programme) -> None:
        pair = one.free(one.pairs, _of_pair)
        if pair is not None and len(pair.meetings) > 4:
            meeting = pair.meetings[3]
            value = one.chance.choice(typed)
            one.plant(meeting, "meetings", name, Plant(kind, tuple(codes.split()), severities, value))

    return plant


def _late_meeting(one: Programme) -> None:
    pair = one.free([pair for pair in one.pairs if pair.ends == CHRISTMAS_ENDS], _of_pair)
    if pair is not None:
        late = Meeting(pair, date(2024, 2, 13), "регулярные встречи", "Разбор контрольной", 40)
        pair.meetings.append(late)
        plant = Plant("after the pair's end", ("meeting-outside-period",), E, keep=True, whole_row=True)
        one.plant(late, "meetings", "date", plant)


def _meeting_twice(one: Programme) -> None:
    pair = one.free(one.pairs, _of_pair)
    if pair is not None and len(pair.meetings) > 4:
        first = pair.meetings[3]
        copy = Meeting(pair, first.date, first.stage, first.topic, first.minutes)
        pair.meetings.insert(4, copy)
        one.plant(copy, "meetings", "topic", Plant("meeting twice", ("row-duplicate",), W, keep=True, whole_row=True))


def _consent(kind: str, codes: str, typed: Cell) -> Any:
    def plant(one: Programme) -> None:
        person = one.free(one.pupils)
        if person is not None:
            whole = typed is None
            one.plant(person, "pupils", "consent", Plant(kind, (codes,), E, typed, whole_row=whole))

    return plant


def _profile(one: Programme) -> None:
    one.plant(one, "school_profile", "n_potential", Plant("profile", ("profile-order",), E, 4000))


def _marks(name: str, kind: str, codes: str, typed: Cell) -> Any:
    def plant(one: Programme) -> None:
        pair = one.free(one.pairs, _of_pair)
        if pair is not None:
            row = Plant(kind, tuple(codes.split()), W, typed, whole_row=True)
            one.plant(pair, "evaluations", name, row)
            if typed is None:
                one.plant(pair, "evaluations", "total", Plant("", (), (), None))
                one.plant(pair, "evaluations", "level", Plant("", (), (), None))

    return plant


def _score(one: Programme) -> None:
    person = one.free(one.pupils)
    if person is not None:
        one.plant(person, "questionnaires", "q_useful", Plant("score", ("cell-range",), W, 11))


def _inn(one: Programme) -> None:
    one.plant(one, "enterprises", "inn", Plant("ИНН", ("cell-pattern",), W, "9900000642"))


def _due(one: Programme) -> None:
    plant = Plant("deadline", ("cell-type",), ("warning", "error"), "скоро")
    one.plant(words.TASKS[2], "roadmap", "due", plant)


PLANTERS: tuple[Callable[[Programme], None], ...] = (
    _cell("pupils", "full_name", "no name", "cell-required", E, None),
    _cell("pupils", "date_in", "no such day", "cell-type", E, "31.09.2023", "29.02.2023", "15.19.2023"),
    _cell("pupils", "birth", "birth", "cell-range", W, "12.03.1910"),
    _cell("curators", "phone", "telephone", "cell-pattern", W, "8914", "8 900 1234"),
    _cell("mentors", "date_in", "date in words", "cell-type", E, "осенью", "на днях"),
    _cell("staff", "experience_years", "experience", "cell-type", E, "много", "давно"),
    _cell("pairs", "form", "form", "cell-enum", W, "педагог – педогог", "учитиль – ученик"),
    _cell("pairs", "mentor", "no mentor", "cell-required", E, None),
    _cell("pairs", "mentee", "stranger", "ref-unknown", E, "Ненашев Тихон Тихонович"),
    _consent("refusal", "consent-refused", "нет"),
    _consent("no consent", "consent-missing", None),
    _meeting("no such day", "cell-type", E, "date", "31.11.2023", "30.02.2024"),
    _meeting("not a day", "cell-type", E, "date", "еженедельно", "по пятницам"),
    _meeting("future", "meeting-future", E, "date", date(2024, 11, 14)),
    _meeting("minutes", "cell-type", W, "duration_min", "долго"),
    _meeting("stage", "cell-enum", W, "stage", "праздничная"),
    _twice,
    _misspelt,
    _latin,
    _same_person,
    _pair_twice,
    _no_order,
    _reversed,
    _late_meeting,
    _meeting_twice,
    _profile,
    _score,
    _inn,
    _due,
    _marks("total", "total", "plan-total", 2),
    _marks("c4", "no mark", "plan-marks", None),
)


def records_of(one: Programme, secretary: Secretary) -> dict[str, list[Record]]:
    """Every table's records, in the organisation's own hand."""
    chance, hand = one.chance, secretary
    made: dict[str, list[Record]] = {}

    def add(table: str, record: object, people: Sequence[Person], section: str = "", **values: Any) -> None:
        plants = one.plants.get((id(record), table), {})
        made.setdefault(table, []).append(Record(values, frozenset(id(p) for p in people), plants, section))

    mentor_of = {id(pair.mentee): pair.mentor for pair in one.pairs}
    kinds = list(words.CATEGORY_WORDS)
    spell = {kind: hand.pick(options) for kind, options in words.CATEGORY_WORDS.items()}
    years_only = chance.random() < 0.4
    hours = hand.pick(("2 часа в неделю", "1 ч/нед.", "по договорённости", "2"))
    yes = hand.yes or hand.date(date(2023, 9, 8))
    for at, pupil in enumerate(one.pupils):
        mentor = mentor_of.get(id(pupil))
        add(
            "pupils",
            pupil,
            [pupil, *([mentor] if mentor else [])],
            hand.group(pupil.group),
            full_name=pupil,
            birth=pupil.birth.year if years_only else hand.date(pupil.birth),
            class_group=hand.group(pupil.group),
            contact=hand.phone(pupil.phone),
            request=pupil.request,
            date_in=hand.date(pupil.date_in),
            consent=yes,
            categories=spell[kinds[at % 6]],
            mentor=hand.reference(mentor) if mentor else None,
        )
    for person in one.staff:
        add(
            "staff",
            person,
            [person],
            full_name=person,
            birth=hand.date(person.birth),
            position=person.position,
            experience_years=person.experience,
            request=person.request,
            date_in=hand.date(person.date_in),
            consent=yes,
        )
    mentor_words = {kind: hand.pick(options) for kind, options in words.MENTOR_WORDS.items()}
    again = {id(old): new for old, new in one.extra.get("mentors", ())}
    for mentor in one.mentors:
        for record in (mentor, *([again[id(mentor)]] if id(mentor) in again else [])):
            add(
                "mentors",
                record,
                [mentor, record],
                full_name=mentor,
                category=mentor_words[mentor.category],
                birth=hand.date(mentor.birth),
                class_group=hand.group(mentor.group) if mentor.group else None,
                position=mentor.position or None,
                experience_years=mentor.experience,
                contact=hand.phone(mentor.phone),
                competence=mentor.competence or COMPETENCES[0],
                hours=hours,
                date_in=hand.date(mentor.date_in),
                consent=yes,
                workplace=mentor.workplace or one.name,
                contract=mentor.contract or None,
                enterprise_id=mentor.workplace or None,
            )
    form = {code: hand.pick(options) for code, options in words.FORMS.items()}
    status = {known: hand.pick(options) for known, options in words.STATUSES.items()}
    copies = {id(old): new for old, new in one.extra.get("pairs", ())}
    for pair in one.pairs:
        for line in (pair, *([copies[id(pair)]] if id(pair) in copies else [])):
            add(
                "pairs",
                line,
                _of_pair(pair),
                words_of_form(pair.form),
                pair_id=line.number,
                mentor=hand.reference(pair.mentor),
                mentee=hand.reference(pair.mentee),
                form=form[pair.form],
                order_no=pair.order_no,
                order_date=hand.date(pair.order_date),
                date_from=hand.date(pair.starts),
                date_to=hand.date(pair.ends),
                status=status[pair.status],
                planned_meetings=12,
                _pair=pair,
            )
        marks = [chance.choice((1, 2, 2)) for _ in range(9)]
        total = sum(marks)
        level = "оптимальный" if total > 14 else "допустимый" if total > 8 else "недопустимый"
        add(
            "evaluations",
            pair,
            _of_pair(pair),
            pair_id=pair.number,
            mentor=hand.reference(pair.mentor),
            mentee=hand.reference(pair.mentee),
            total=total,
            level=level,
            **{f"c{at}": mark for at, mark in enumerate(marks, 1)},
        )
    stages = {known: hand.pick(options) for known, options in words.STAGES.items()}
    for meeting in journal(one.pairs):
        pair = meeting.pair
        add(
            "meetings",
            meeting,
            _of_pair(pair),
            MONTH_TITLES[meeting.date.month - 1],
            pair_id=pair.number,
            date=hand.date(meeting.date),
            mentor=hand.reference(pair.mentor),
            mentee=hand.reference(pair.mentee),
            stage=stages[meeting.stage],
            topic=meeting.topic,
            duration_min=meeting.minutes,
            result="договорились о следующей встрече",
            mode="очно",
            _pair=pair,
        )
    posts = [("координатор", ""), *(("куратор", form[code]) for code in one.forms)]
    for at, (person, (role, cares)) in enumerate(zip(one.curators, posts, strict=True)):
        add(
            "curators",
            person,
            [person],
            full_name=person,
            position=person.position,
            role=role,
            form=cares or None,
            order_no="44-ОД",
            order_date=hand.date(date(2023, 9, 4)),
            phone=hand.phone(person.phone),
            email=f"kurator{at}@school{one.number}.example",
            _order=("44-ОД", date(2023, 9, 4)),
        )
    for task in words.TASKS:
        what, due, who, result = task
        stage = "Основной этап" if 2 < words.TASKS.index(task) < 6 else "Начало и конец"
        add("roadmap", task, [], stage, stage=stage, task=what, due=due, responsible=who, result=result)
    at_time = hand.date(date(2024, 5, 27))
    for pupil in (*one.pupils, *one.staff):
        if id(pupil) in mentor_of:
            scores = {
                name: chance.randint(6, 10)
                for name in ("q_comfort", "q_useful", "q_support", "q_joint_work", "q_result")
            }
            add(
                "questionnaires",
                pupil,
                [pupil],
                timestamp=at_time,
                full_name=hand.name(pupil),
                q_continue=chance.choice(("Да", "Нет")),
                **scores,
            )
    add(
        "school_profile",
        one,
        [],
        org_name=one.name,
        org_type="школа",
        as_of=hand.date(AS_OF),
        n_pupils=420,
        n_10_18=300,
        n_potential=len(one.pupils) + 12,
        n_15_18=80,
        n_teachers=38,
        n_young=len(one.staff) + 2,
    )
    add(
        "enterprises",
        one,
        [],
        name=one.firm,
        inn=_inn_of(one.number),
        contract=f"№ {one.number}",
        contract_date=hand.date(date(2023, 9, 4)),
    )
    for mentor in one.mentors:
        add(
            "training",
            mentor,
            [mentor],
            full_name=hand.name(mentor),
            programme="Школа наставника",
            hours=16,
            date=hand.date(date(2023, 10, 20)),
            document=f"№ {100 + len(made.get('training', ()))}",
        )
    return made


def words_of_form(code: str) -> str:
    return f"Форма «{words.FORMS[code][0]}»"


def _inn_of(number: int) -> str:
    first = f"99{number:07d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return first + str(sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11 % 10)


# which fields a table shows, in their usual order, and how surely
SHOWN: dict[str, tuple[tuple[str, float], ...]] = {
    "pupils": (
        ("full_name", 1),
        ("birth", 1),
        ("class_group", 1),
        ("contact", 0.7),
        ("categories", 0.9),
        ("request", 1),
        ("date_in", 1),
        ("mentor", 0.3),
        ("consent", 1),
    ),
    "staff": (
        ("full_name", 1),
        ("birth", 0.7),
        ("position", 1),
        ("experience_years", 1),
        ("request", 1),
        ("date_in", 1),
        ("consent", 1),
    ),
    "mentors": (
        ("full_name", 1),
        ("category", 1),
        ("birth", 1),
        ("class_group", 1),
        ("position", 1),
        ("experience_years", 1),
        ("contact", 0.7),
        ("workplace", 0.7),
        ("competence", 0.9),
        ("hours", 0.6),
        ("date_in", 1),
        ("consent", 1),
        ("enterprise_id", 1),
        ("contract", 1),
    ),
    "pairs": (
        ("pair_id", 1),
        ("mentor", 1),
        ("mentee", 1),
        ("form", 1),
        ("order_no", 1),
        ("order_date", 1),
        ("date_from", 1),
        ("date_to", 1),
        ("status", 0.8),
        ("planned_meetings", 0.4),
    ),
    "meetings": (
        ("date", 1),
        ("pair_id", 1),
        ("mentor", 1),
        ("mentee", 1),
        ("stage", 1),
        ("topic", 1),
        ("duration_min", 0.7),
        ("mode", 0.4),
        ("result", 0.5),
    ),
    "curators": (
        ("full_name", 1),
        ("position", 0.7),
        ("role", 1),
        ("form", 1),
        ("order_no", 1),
        ("order_date", 1),
        ("phone", 0.8),
        ("email", 0.6),
    ),
    "roadmap": (("stage", 0.4), ("task", 1), ("due", 1), ("responsible", 1), ("result", 0.8)),
    "questionnaires": (
        ("timestamp", 1),
        ("full_name", 1),
        ("q_comfort", 0.9),
        ("q_useful", 1),
        ("q_support", 0.8),
        ("q_joint_work", 1),
        ("q_result", 1),
        ("q_continue", 0.7),
    ),
    "evaluations": (
        ("pair_id", 0.5),
        ("mentor", 1),
        ("mentee", 1),
        *((f"c{at}", 1) for at in range(1, 10)),
        ("total", 1),
        ("level", 0.6),
    ),
    "school_profile": (
        ("org_name", 1),
        ("org_type", 0.7),
        ("as_of", 1),
        ("n_pupils", 1),
        ("n_10_18", 1),
        ("n_potential", 1),
        ("n_15_18", 1),
        ("n_teachers", 1),
        ("n_young", 1),
    ),
    "enterprises": (("name", 1), ("inn", 1), ("contract", 0.8), ("contract_date", 0.6)),
    "training": (("full_name", 1), ("programme", 1), ("hours", 0.8), ("date", 1), ("document", 0.7)),
}


class Column(NamedTuple):
    """A column to lay out: what it holds («» for a running number, None for a stranger), its heading and its group."""

    fields: tuple[str, ...]
    heading: str
    group: str = ""
    part: int = 0  # 1…3 of a split name


class Writer:
    """Lays out one organisation's tables in workbooks and notes where everything stands."""

    def __init__(self, one: Programme, secretary: Secretary, key: Key, folder: str) -> None:
        self.one, self.hand, self.key, self.folder = one, secretary, key, folder
        self.chance = one.chance
        self.marks = Marks()

    def columns(self, table: str) -> list[Column]:
        chance, hand = self.chance, self.hand
        shown = [name for name, share in SHOWN[table] if chance.random() < share]
        pool = words.HEADINGS[table]
        named: list[Column] = []
        glued: dict[str, str] = {}
        for pair, wanted in (
            ("order_no+order_date", hand.glue_orders),
            ("date_from+date_to", hand.glue_periods),
            ("mentor+mentee", hand.glue_pairs and table in ("pairs", "meetings")),
        ):
            if wanted and pair in pool:
                glued.update(dict.fromkeys(pair.split("+"), pair))
        if table == "meetings":
            if hand.by_number:
                shown = [name for name in shown if name not in ("mentor", "mentee")]
            else:
                shown.remove("pair_id")
        done: set[str] = set()
        for name in shown:
            together = glued.get(name, name)
            if together in done:
                continue
            done.add(together)
            fields = tuple(together.split("+"))
            if name == "full_name" and hand.split_names and table in ("pupils", "staff", "mentors"):
                named += [
                    Column(fields, heading, part=at) for at, heading in enumerate(("Фамилия", "Имя", "Отчество"), 1)
                ]
                continue
            named.append(Column(fields, hand.heading(pool[together])))
        if chance.random() < 0.35 and len(named) > 4 and table != "evaluations":
            tail = named[2:]
            chance.shuffle(tail)
            named = [*named[:2], *tail] if not any(one.part for one in named) else named
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            named.insert(chance.randrange(max(1, len(named) - 1), len(named) + 1), Column((), hand.pick(words.EXTRA)))
        if chance.random() < 0.7 and table not in ("school_profile", "questionnaires"):
            named.insert(0, Column(("",), hand.pick(("№", "№ п/п", "N п/п", "п/п"))))
        if chance.random() < 0.3 and table not in ("questionnaires", "school_profile"):
            named = self._grouped(named)
        seen: set[str] = set()
        return [one for one in named if not (one.heading in seen or seen.add(one.heading))]

    def _grouped(self, columns: list[Column]) -> list[Column]:
        for title, fields in words.GROUPS:
            inside = [at for at, one in enumerate(columns) if set(one.fields) and set(one.fields) <= fields]
            if len(inside) > 1 and inside == list(range(inside[0], inside[0] + len(inside))):
                return [one._replace(group=title) if at in inside else one for at, one in enumerate(columns)]
        return columns

    def value(self, record: Record, column: Column, number: int) -> Cell:
        if column.fields == ("",):
            return number
        if not column.fields:
            return self.chance.choice((None, None, "см. журнал", 12))
        values = record.values
        typed = [
            record.plants[name] for name in column.fields if name in record.plants and not record.plants[name].keep
        ]
        first = column.fields[0]
        if typed and (len(column.fields) == 1 or typed[0].typed is None):
            wrong = typed[0].typed
            return self.hand.date(wrong) if isinstance(wrong, date) else wrong
        said = values.get(first)
        if isinstance(said, Person):
            if column.part:
                return (said.surname, said.first, said.patronymic)[column.part - 1]
            return self.hand.name(said)
        if len(column.fields) == 2:
            pair: Pair = values.get("_pair")  # type: ignore[assignment]
            if first == "order_no":
                number_of, day = values.get("_order") or (pair.order_no, pair.order_date)
                return self.hand.order.format(number_of, day)
            if first == "date_from":
                last = record.plants["date_to"].typed if "date_to" in record.plants else pair.ends
                return self.hand.period.format(pair.starts, last)
            names = [
                str(record.plants[name].typed)
                if name in record.plants and not record.plants[name].keep
                else str(values[name]).strip()
                for name in ("mentor", "mentee")
            ]
            return self.hand.two_names.join(names)
        return said  # type: ignore[no-any-return]

    def lay(self, sheet: Sheet, workbook: str, table: str, records: Sequence[Record], left: int, plain: bool) -> None:
        """A table from the sheet's next row on; ``plain`` for a file that holds headings and records only."""
        chance = self.chance
        columns = self.columns(table)
        if not plain:
            if chance.random() < 0.3:
                sheet.approval(
                    left + max(0, len(columns) - 2),
                    f"{self.hand.pick(('И.И. Громова', 'П.П. Туров'))}",
                    "Приказ № 5 от 01.09.2023 г.",
                )
            for _ in range(chance.choice((0, 0, 1))):
                sheet.line(self.one.name, column=left)
            year = self.hand.pick(("2023-2024 учебный год", "2023/2024 уч. год", "2023-24 уч.г."))
            sheet.line(self.hand.pick(words.TITLES[table]).format(year), column=left)
            sheet.skip(chance.choice((0, 0, 1)))
        depth = self._heading(sheet, columns, left, two=any(one.group for one in columns) and not plain)
        header = sheet.row - 1
        if not plain:
            if chance.random() < 0.25 and depth:
                sheet.line(*range(1, len(columns) + 1), column=left)
            if chance.random() < 0.1:
                sheet.skip()
        sections = not plain and table in ("pupils", "pairs", "meetings", "roadmap") and chance.random() < 0.3
        if sections and table in ("pupils", "pairs", "roadmap"):
            records = sorted(records, key=lambda record: record.section)
        again = chance.choice((9, 14, 0, 0, 0, 0)) if not plain and len(records) > 9 else 0
        section = ""
        for number, record in enumerate(records, 1):
            if sections and record.section and record.section != section:
                section = record.section
                sheet.line(section, column=left)
            if again and number > 1 and number % again == 1:
                self._heading(sheet, columns, left, two=any(one.group for one in columns))
            if not plain and number > 2 and chance.random() < 0.02:
                sheet.skip()
            self._record(sheet, workbook, columns, record, number, left)
        if not plain:
            if chance.random() < 0.25 and len(records) > 2:
                sheet.line(self.hand.pick(("Итого:", "Всего", "ИТОГО")), len(records), column=left)
            if chance.random() < 0.25:
                sheet.skip()
                sheet.line("Директор школы", None, "____________ И.И. Громова", column=left)
        kind = "mentees" if table in ("pupils", "staff") else table
        self.key.tables.append(
            Told(workbook, sheet.name, kind, header, self._letters(columns, left), len(records), _named(columns))
        )

    def _letters(self, columns: Sequence[Column], left: int) -> dict[str, tuple[str, ...]]:
        letters: dict[str, tuple[str, ...]] = {}
        for at, one in enumerate(columns):
            for name in one.fields:
                if name:
                    letters[name] = (*letters.get(name, ()), column_letter(left + at))
        return letters

    def _heading(self, sheet: Sheet, columns: Sequence[Column], left: int, two: bool) -> bool:
        top = sheet.row
        for at, one in enumerate(columns):
            place = left + at
            if not two:
                sheet.cells[top, place] = one.heading
                continue
            if not one.group:
                sheet.cells[top, place] = one.heading
                sheet.merges.append((top, place, top + 1, place))
                continue
            if at == 0 or columns[at - 1].group != one.group:
                last = at
                while last + 1 < len(columns) and columns[last + 1].group == one.group:
                    last += 1
                sheet.cells[top, place] = one.group
                sheet.merges.append((top, place, top, left + last))
            sheet.cells[top + 1, place] = one.heading
        sheet.row += 1 + two
        sheet.bold.update(range(top, sheet.row))
        return True

    def _record(
        self, sheet: Sheet, workbook: str, columns: Sequence[Column], record: Record, number: int, left: int
    ) -> None:
        row = sheet.row
        self.key.people[workbook, sheet.name, row] = record.people
        for at, column in enumerate(columns):
            value = self.value(record, column, number)
            if value is not None and value != "":
                sheet.cells[row, left + at] = value
            for name in column.fields:
                plant = record.plants.get(name)
                if plant is not None and plant.kind and column.part < 2:
                    cell = None if plant.whole_row else f"{column_letter(left + at)}{row}"
                    self.trouble(workbook, sheet.name, row, cell, plant, record.people)
        if not any(sheet.cells.get((row, left + at)) for at in range(len(columns))):
            sheet.cells[row, left] = "–"
        if self.chance.random() < 0.01:
            sheet.hidden_rows.add(row)
        sheet.row += 1

    def card(self, sheet: Sheet, workbook: str, record: Record) -> None:
        """The profile as a card: headings down the first column, values beside them."""
        sheet.line(self.hand.pick(words.TITLES["school_profile"]))
        sheet.skip()
        columns: dict[str, tuple[str, ...]] = {}
        headings: dict[str, str] = {}
        first = sheet.row
        for name, share in SHOWN["school_profile"]:
            if self.chance.random() >= share:
                continue
            plant = record.plants.get(name)
            row = sheet.line(
                self.hand.heading(words.HEADINGS["school_profile"][name]), plant.typed if plant else record.values[name]
            )
            columns[name] = (f"B{row}",)
            headings[name] = str(sheet.cells[row, 1])
            if plant:
                # a card is one record: what is wrong with it may be said at any of its rows
                self.key.troubles.append(
                    Trouble(workbook, sheet.name, None, None, plant.codes, plant.severities, plant.kind, record.people)
                )
        self.key.tables.append(Told(workbook, sheet.name, "school_profile", first, columns, 1, headings))

    def trouble(
        self, workbook: str, sheet: str, row: int | None, cell: str | None, plant: Plant, people: frozenset[int]
    ) -> None:
        self.key.troubles.append(Trouble(workbook, sheet, row, cell, plant.codes, plant.severities, plant.kind, people))

    def write(self, root: Path) -> None:
        """All tables of the organisation, over sheets and files as its habit is."""
        chance, hand = self.chance, self.hand
        made = records_of(self.one, hand)
        ending = chance.choice((".xlsx", ".xlsx", ".xlsx", ".ods", ".xls"))
        books: dict[str, list[Sheet]] = {}
        name = hand.pick(("Наставничество 2023-2024", "наставники и наставляемые", "ЦМН", "База по наставничеству"))
        main = f"{name}{ending}"
        taken: set[str] = set()

        def sheet(book: str, title: str) -> Sheet:
            unique = title
            while unique in taken:
                unique += " (2)"
            taken.add(unique)
            page = Sheet(unique, self.marks)
            books.setdefault(book, []).append(page)
            if chance.random() < 0.2:
                page.skip(chance.randint(1, 3))
            return page

        left = lambda: chance.choice((1, 1, 1, 2, 3))  # noqa: E731
        path = f"{self.folder}/{main}"
        if chance.random() < 0.35:  # a sheet per class
            for group in sorted({record.section for record in made["pupils"]}):
                page = sheet(main, f"{group}".replace("«", "").replace("»", ""))
                self.lay(page, path, "pupils", [r for r in made["pupils"] if r.section == group], left(), False)
        else:
            page = sheet(main, hand.pick(words.SHEETS["pupils"]))
            self.lay(page, path, "pupils", made["pupils"], left(), False)
        place = chance.random()
        if place < 0.3:  # below the pupils
            page.skip(2)
            self.lay(page, path, "staff", made["staff"], 1, False)
        else:
            self.lay(sheet(main, hand.pick(words.SHEETS["staff"])), path, "staff", made["staff"], left(), False)
        page = sheet(main, hand.pick(words.SHEETS["mentors"]))
        self.lay(page, path, "mentors", made["mentors"], left(), False)
        if chance.random() < 0.2:
            page.skip(2)
            self.lay(page, path, "training", made["training"], 1, False)
        page = sheet(main, hand.pick(words.SHEETS["pairs"]))
        self.lay(page, path, "pairs", made["pairs"], left(), False)
        if chance.random() < 0.3:  # beside the pairs
            right = max(column for _, column in page.cells) + 2
            page.row = 1
            self.lay(page, path, "curators", made["curators"], right, False)
        else:
            page = sheet(main, hand.pick(words.SHEETS["curators"]))
            self.lay(page, path, "curators", made["curators"], left(), False)
        if chance.random() < 0.25:
            log = f"{hand.pick(words.SHEETS['meetings'])}.csv"
            page = Sheet(Path(log).stem, self.marks)
            books[log] = [page]
            self.lay(page, f"{self.folder}/{log}", "meetings", made["meetings"], 1, True)
        else:
            page = sheet(main, hand.pick(words.SHEETS["meetings"]))
            self.lay(page, path, "meetings", made["meetings"], left(), False)
        page = sheet(main, hand.pick(words.SHEETS["roadmap"]))
        self.lay(page, path, "roadmap", made["roadmap"], left(), False)
        page = sheet(main, hand.pick(words.SHEETS["school_profile"]))
        if chance.random() < 0.6:
            self.card(page, path, made["school_profile"][0])
        else:
            self.lay(page, path, "school_profile", made["school_profile"], 1, False)
        page = sheet(main, hand.pick(words.SHEETS["evaluations"]))
        self.lay(page, path, "evaluations", made["evaluations"], left(), False)
        page = sheet(main, hand.pick(words.SHEETS["enterprises"]))
        self.lay(page, path, "enterprises", made["enterprises"], left(), False)
        answers = f"{hand.pick(words.SHEETS['questionnaires'])} (ответы).{chance.choice(('csv', 'xlsx'))}"
        page = Sheet("Анкета наставляемых после" if answers.endswith("xlsx") else Path(answers).stem, self.marks)
        books[answers] = [page]
        self.lay(page, f"{self.folder}/{answers}", "questionnaires", made["questionnaires"], 1, True)
        for book, pages in books.items():
            workbook = Workbook(book, pages)
            if book.endswith(".xls"):
                write_xls(workbook, root / self.folder)
            else:
                workbook.write(root / self.folder)


def _named(columns: Sequence[Column]) -> dict[str, str]:
    return {name: f"{one.group} / {one.heading}".removeprefix(" / ") for one in columns for name in one.fields if name}


def write_xls(workbook: Workbook, folder: Path) -> None:
    """An Excel 97–2003 file."""
    import xlwt

    folder.mkdir(parents=True, exist_ok=True)
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for sheet in workbook.sheets:
        page = book.add_sheet(sheet.name[:31])
        merged = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merges}
        for (row, column), value in sorted(sheet.cells.items()):
            bottom, right = merged.get((row, column), (row, column))
            style = (day,) if isinstance(value, date) else ()
            if (bottom, right) != (row, column):
                page.write_merge(row - 1, bottom - 1, column - 1, right - 1, value, *style)
            else:
                page.write(row - 1, column - 1, value, *style)
        for row in sheet.hidden_rows:
            page.row(row - 1).hidden = True
    book.save(str(folder / workbook.name))


def write_district(root: Path, seed: int, organisations: int = 4, troubles: int = 9, held_out: bool = False) -> Key:
    """Write one district below ``root``, the same for the same seed, and give its answer key (paths relative to it).

    ``held_out``: headings worded in the ways kept apart.
    """
    key = Key()
    for number in range(1, organisations + 1):
        one = Programme(number, seed)
        plant_troubles(one, troubles)
        Writer(one, Secretary(one.chance, held_out), key, f"school-{number}").write(root)
    return key


def main() -> None:
    """Write districts to look at."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--districts", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    for seed in range(options.seed, options.seed + options.districts):
        key = write_district(options.folder / f"{seed:03d}", seed)
        print(f"{seed:03d}: {len(key.tables)} tables, {len(key.troubles)} troubles planted")


if __name__ == "__main__":
    main()
