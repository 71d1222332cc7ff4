"""Invented people of one organisation and their programme: pairs, meetings and answers that agree with one another."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

STARTS = date(2023, 9, 25)
CHRISTMAS_ENDS = date(2023, 12, 19)
YEAR_ENDS = date(2024, 5, 24)
TODAY = date(2024, 6, 20)

# (man's, woman's) form
SURNAMES = tuple(
    (name, name + "а")
    for name in (
        """
        Абрамов Агафонов Аксёнов Баранов Беспалов Блинов Бобылёв Большаков Вишняков Воронцов Гаврилов Горшков Громов
        Гусев Давыдов Дорофеев Дьячков Ермаков Жданов Журавлёв Завьялов Зимин Зуев Исаков Калашников Капустин
        Карташов Кириллов Колесов Копылов Королёв Кузнецов Лапин Логинов Лыткин Маслов Мельников Моисеев Наумов
        Нестеров Носков Овчинников Осипов Панов Пестов Поляков Прохоров Рогов Родионов Рябов Савин Селезнёв Силин
        Ситников Суворов Суханов Терентьев Третьяков Туров Устинов Фокин Хохлов Чернов Шестаков Шилов Щербаков Юдин
        Яковлев Якушев
        """
    ).split()
)
BOYS = (
    """
        Александр Алексей Андрей Артём Борис Вадим Валерий Виктор Глеб Григорий Денис Дмитрий Егор Иван Игорь Кирилл
        Константин Максим Матвей Михаил Никита Николай Олег Павел Роман Сергей Степан Тимофей Фёдор Юрий
        """
).split()
GIRLS = (
    """
        Алина Алла Анастасия Анна Валентина Валерия Вера Виктория Галина Дарья Евгения Екатерина Елена Жанна Ирина
        Кристина Ксения Лариса Лидия Людмила Марина Мария Надежда Наталья Оксана Ольга Полина Светлана София Татьяна
        """
).split()
# (son's, daughter's) form
PATRONYMICS = tuple(
    tuple(pair.split("/"))
    for pair in (
        """
        Александрович/Александровна Алексеевич/Алексеевна Андреевич/Андреевна Борисович/Борисовна
        Викторович/Викторовна Владимирович/Владимировна Денисович/Денисовна Евгеньевич/Евгеньевна Иванович/Ивановна
        Игоревич/Игоревна Константинович/Константиновна Михайлович/Михайловна Николаевич/Николаевна
        Олегович/Олеговна Павлович/Павловна Петрович/Петровна Романович/Романовна Сергеевич/Сергеевна
        Юрьевич/Юрьевна
        """
    ).split()
)

CATEGORIES = (
    "проявившие выдающиеся способности",
    "демонстрирующие неудовлетворительные образовательные результаты",
    "с ограниченными возможностями здоровья (ОВЗ)",
    "попавшие в трудную жизненную ситуацию (ТЖС)",
    "имеющие проблемы с поведением",
    "не принимающие участие в жизни школы, отстраненные от коллектива",
)
REQUESTS = (
    "Адаптация в новом классе",
    "Подготовка исследовательской работы",
    "Трудности с математикой",
    "Организация своего времени",
    "Подготовка к олимпиаде по биологии",
    "Общение с одноклассниками",
    "Техника чтения",
    "Выбор профессии",
)
STAFF_REQUESTS = (
    "Ведение электронного журнала",
    "Работа с родителями",
    "Современный урок",
    "Дисциплина на занятии",
    "Подготовка к аттестации",
    "Работа с детьми с ОВЗ",
)
COMPETENCES = (
    "проектная деятельность",
    "подготовка к олимпиадам",
    "работа в группе",
    "публичные выступления",
    "методика урока",
)
TOPICS = (
    "Разбор трудностей недели",
    "Работа над проектом",
    "Анализ посещённого занятия",
    "Подготовка к выступлению",
    "Промежуточные итоги плана",
    "Игра на сплочение",
    "Работа с источниками",
    "Составление конспекта",
)


@dataclass(eq=False)
class Person:
    """One invented person; ``experience`` in years for staff, ``group`` a class or group for pupils."""

    surname: str
    first: str
    patronymic: str
    birth: date
    phone: str
    group: str = ""
    position: str = ""
    experience: float | None = None
    category: str = ""
    request: str = ""
    competence: str = ""
    workplace: str = ""
    contract: str = ""
    consent: date = date(2023, 9, 8)
    date_in: date = date(2023, 9, 13)

    @property
    def full_name(self) -> str:
        return f"{self.surname} {self.first} {self.patronymic}"

    @property
    def initials(self) -> str:
        return f"{self.surname} {self.first[0]}.{self.patronymic[0]}."

    @property
    def pupil(self) -> bool:
        return bool(self.group)


@dataclass(eq=False)
class Meeting:
    """One line of the journal."""

    pair: Pair
    date: date
    stage: str
    topic: str
    minutes: int


@dataclass(eq=False)
class Pair:
    """A mentor and one or several mentees under an order."""

    number: str
    mentor: Person
    mentees: tuple[Person, ...]
    form: str
    order_no: str
    order_date: date
    starts: date
    ends: date
    status: str
    curator: str = ""
    format: str = ""
    meetings: list[Meeting] = field(default_factory=list)

    @property
    def mentee(self) -> Person:
        return self.mentees[0]


class Answer(NamedTuple):
    """One response to a questionnaire, scale 1–10."""

    at: datetime
    person: Person
    items: tuple[int, ...]


class Town:
    """Draws people: no name twice in an organisation, nor two of one surname with the same initials.

    ``number`` parts one organisation's names, telephones and chances from another's.
    """

    def __init__(self, number: int) -> None:
        self.chance = random.Random(20231220 + number)
        # Each organisation has surnames of its own, so that nobody is by chance known in two.
        self.surnames = SURNAMES[(number - 1) * 11 : number * 11]
        self.number = number
        self.phones = 0
        self.taken: set[str] = set()

    def person(self, birth: date, **more: object) -> Person:
        while True:
            woman = self.chance.random() < (0.85 if "experience" in more else 0.5)
            surname = self.chance.choice(self.surnames)[woman]
            first = self.chance.choice(GIRLS if woman else BOYS)
            patronymic = self.chance.choice(PATRONYMICS)[woman]
            short = f"{surname.removesuffix('а') if woman else surname} {first[0]}{patronymic[0]}"
            if short not in self.taken:
                break
        self.taken.add(short)
        return Person(surname, first, patronymic, birth, self.phone(), **more)  # type: ignore[arg-type]

    def phone(self) -> str:
        self.phones += 1
        return f"+7 900 {self.number:03d}-{self.phones // 100:02d}-{self.phones % 100:02d}"

    def pupil(self, grade: int, letter: str = "А", **more: object) -> Person:
        """A pupil of a grade 1–11: as old as usual, so that nobody turns 18 within the year."""
        born = date(2016 - grade, 9, 1) + timedelta(days=self.chance.randrange(20, 340))
        group = f"{grade}{letter}"
        return self.person(born, **{"group": group, "request": self.chance.choice(REQUESTS), **more})

    def teacher(self, experience: float, position: str, **more: object) -> Person:
        """Somebody of the staff; began to work between 22 and 26."""
        age = 23 + int(experience) + self.chance.randrange(0, 4)
        born = date(2023 - age, self.chance.randrange(1, 12), self.chance.randrange(1, 28))
        own = {"experience": experience, "position": position, "competence": self.chance.choice(COMPETENCES)}
        return self.person(born, **{**own, "request": self.chance.choice(STAFF_REQUESTS), **more})

    def outsider(self, workplace: str, contract: str, position: str) -> Person:
        """A mentor from an enterprise."""
        born = date(self.chance.randrange(1970, 1990), self.chance.randrange(1, 12), self.chance.randrange(1, 28))
        return self.person(
            born, workplace=workplace, contract=contract, position=position, competence="знание производства"
        )

    def meet(self, pair: Pair) -> None:
        """Meetings of a pair: the first three, then one every three to four weeks, and the last when it has ended."""
        until = min(pair.ends, TODAY - timedelta(days=5))
        finished = pair.status == "завершена"
        day = pair.starts + timedelta(days=self.chance.randrange(1, 4))
        for stage, topic in (
            ("первая, организационная", "Знакомство, правила работы"),
            ("вторая, пробная рабочая", "Пробная задача"),
            ("встреча-планирование", "Составление плана"),
        ):
            self._hold(pair, day, stage, topic)
            day = pair.meetings[-1].date + timedelta(days=self.chance.randrange(7, 10))
        closing = until - timedelta(days=self.chance.randrange(1, 4))
        while day < closing - timedelta(days=6):
            self._hold(pair, day, "регулярные встречи", self.chance.choice(TOPICS))
            day = pair.meetings[-1].date + timedelta(days=self.chance.randrange(20, 27))
        if finished:
            self._hold(pair, closing, "заключительная", "Подведение итогов")

    def _hold(self, pair: Pair, day: date, stage: str, topic: str) -> None:
        if date(2023, 12, 30) <= day <= date(2024, 1, 8):
            day = date(2024, 1, 9)
        if day.weekday() == 6:
            day -= timedelta(days=1)
        pair.meetings.append(Meeting(pair, day, stage, topic, self.chance.choice((30, 40, 45, 60))))

    def answers(self, people: Sequence[Person], first_day: date, items: int, low: int, high: int) -> list[Answer]:
        """One response each, a few minutes apart, in the order they came."""
        at = datetime(first_day.year, first_day.month, first_day.day, 9, 5)
        found = []
        for person in people:
            at += timedelta(minutes=self.chance.randrange(4, 40))
            found.append(Answer(at, person, tuple(self.chance.randint(low, high) for _ in range(items))))
        return found


def journal(pairs: Sequence[Pair]) -> list[Meeting]:
    """All meetings in the order they were held."""
    return sorted(
        (meeting for pair in pairs for meeting in pair.meetings),
        key=lambda meeting: (meeting.date, meeting.pair.number),
    )


def numbered(prefix: str) -> Iterator[str]:
    """«П-01», «П-02», …"""
    number = 0
    while True:
        number += 1
        yield f"{prefix}-{number:02d}"


MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
MONTH_TITLES = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь", "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"
)  # fmt: skip


def in_words(day: date) -> str:
    """«29 сентября 2023 г.»"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} г."


def in_dots(day: date) -> str:
    """«29.09.2023»"""
    return f"{day:%d.%m.%Y}"


def in_short(day: date) -> str:
    """«29.09.23»"""
    return f"{day:%d.%m.%y}"
