"""What the sections of a page look at, and the words they share."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import quote

from sheets_sync.periods import Period
from sheets_sync.reporting.completeness import Completeness
from sheets_sync.reporting.figures import Figure
from sheets_sync.reporting.freeze import Restatement
from sheets_sync.reporting.indicator import Indicator
from sheets_sync.reporting.note import NoteInput
from sheets_sync.reporting.overview.shapes import Heading, Mark
from sheets_sync.reporting.page import Link
from sheets_sync.reporting.summary import Summary
from sheets_sync.reporting.wording import NBSP, STATUS_WORDS, counted, day, form_of, percent, whole

PAGE = "index.html"
DISTRICT = "district"
NO_DATA = STATUS_WORDS["no_data"]
LIGHTS: Mapping[str, tuple[Mark, str]] = {
    "green": ("good", "зелёный: в порядке"),
    "yellow": ("warn", "жёлтый: есть что дополнить"),
    "red": ("bad", "красный: нужна помощь"),
}
STATES: Mapping[str, tuple[Mark, str]] = {
    "handed_in": ("good", "сдан в срок"),
    "late": ("warn", "сдан с опозданием"),
    "not_handed_in": ("bad", "не сдан"),
    "empty": ("bad", "файлы без данных"),
}
STATUS_MARKS: Mapping[str, Mark] = {
    "met": "good",
    "not_met": "bad",
    "no_target": "plain",
    "no_data": "none",
    "not_applicable": "none",
    "data_error": "warn",
}
ROLES = {"mentee": "наставляемые", "mentor": "наставники"}
STAGES = {"before": "опрос до начала", "middle": "промежуточный опрос", "after": "итоговый опрос"}
LEVELS = {
    "optimal": "оптимальный",
    "acceptable": "допустимый",
    "unacceptable": "недопустимый",
    "undetermined": "не определён",
}
NAMED = 12  # names told in one sentence; the tables below it have them all
_FILE_KINDS = {".xlsx": "Excel", ".docx": "Word", ".html": "веб-страница", ".md": "текст", ".json": "для программ"}

# Places of files below the outputs' folder («school-4/2023-12/Справка.docx»), by organisation; None: the district's.
Files = Mapping[str | None, Sequence[str]]


def standard_files(period: Period, organisations: Iterable[str]) -> dict[str | None, list[str]]:
    """The files a whole set is made of."""
    names = ("Справка.docx", "Мониторинг.xlsx", PAGE)
    found: dict[str | None, list[str]] = {
        None: [f"{DISTRICT}/Сводный реестр.xlsx", *(f"{DISTRICT}/{period.id}/{name}" for name in names)]
    }
    for one in organisations:
        found[one] = [*(f"{one}/{period.id}/{name}" for name in names), f"{one}/Проверка.xlsx"]
    return found


def page_place(period: Period, organisation: str | None) -> str:
    """Where the page lies below the outputs' folder: «district/2023-12/index.html»."""
    return f"{organisation or DISTRICT}/{period.id}/{PAGE}"


class View:
    """The input, whose page it is (``organisation`` None: the district's), and how its organisations are called."""

    def __init__(self, given: NoteInput, organisation: str | None, files: Files) -> None:
        self.given = given
        self.organisation = organisation
        self.files = files
        self.summary = Summary(
            given.figures, given.indicators, given.counters, given.settings, given.names, organisation
        )
        self.organisations = self.summary.organisations
        self.indicators = given.indicators.all
        self.own = [one for one in self.indicators if one.scope == "organisation"]
        self.name: Callable[[str], str] = self.summary.name
        self.complete = [given.completeness[one] for one in self.organisations if one in given.completeness]

    @property
    def is_district(self) -> bool:
        return self.organisation is None

    @property
    def span(self) -> str:
        """«II полугодие 2023-2024 учебного года»."""
        return span_of(self.given.period)

    @property
    def counts(self) -> Mapping[str, int]:
        """Counts of whose page it is; people of several organisations count once in the district's."""
        figures = self.given.figures
        return figures.district_counts if self.organisation is None else figures.counts[self.organisation]

    @property
    def restatements(self) -> list[Restatement]:
        """What has changed of a sealed period; of an organisation's page only its own."""
        return [one for one in self.given.restated if self.is_district or one.organisation == self.organisation]

    def main(self, indicator: Indicator) -> Figure:
        """The figure of whose page it is."""
        return self.given.figures.of(self.organisation, indicator.id)

    def figures(self, indicator: Indicator) -> list[Figure]:
        """The figures of the organisations."""
        return [self.given.figures.of(one, indicator.id) for one in self.organisations]

    def named(self, organisations: Sequence[str], most: int = NAMED) -> str:
        """Names in one line, «и ещё 5» where they are many."""
        names = [self.name(one) for one in organisations]
        if len(names) <= most:
            return "; ".join(names)
        return f"{'; '.join(names[:most])} и{NBSP}ещё{NBSP}{whole(len(names) - most)}"

    def links(self, organisation: str | None, but: str = "") -> tuple[Link, ...]:
        """Relative links from the page to the files of an organisation, or of the district."""
        here = posixpath.dirname(page_place(self.given.period, self.organisation))
        found = []
        for place in self.files.get(organisation, ()):
            if place == but:
                continue
            stem, suffix = posixpath.splitext(posixpath.basename(place))
            kind = _FILE_KINDS.get(suffix, suffix.removeprefix("."))
            label = "Страница организации" if f"{stem}{suffix}" == PAGE else f"{stem} ({kind})"
            found.append(Link(label, quote(posixpath.relpath(place, here))))
        return tuple(found)


def span_of(period: Period) -> str:
    """«II полугодие 2023-2024 учебного года»: the period without its day."""
    return period.title_ru.partition(" (")[0]


def headings(*titles: str, numbers: Collection[str] = (), texts: Collection[str] = ()) -> tuple[Heading, ...]:
    """Headings of columns; what is neither numbers nor texts is short."""
    return tuple(
        Heading(title, "number" if title in numbers else "text" if title in texts else "short") for title in titles
    )


def numbered(first: str, *titles: str) -> tuple[Heading, ...]:
    """Headings of a table of numbers."""
    return headings(first, *titles, numbers=titles)


def organisations_counted(number: int) -> str:
    """«5 организаций»."""
    return counted(number, "организация", "организации", "организаций")


def of_organisations(number: int, total: int) -> str:
    """«5 из 6 организаций»."""
    return f"{whole(number)} из {whole(total)}{NBSP}{form_of(total, 'организации', 'организаций', 'организаций')}"


def day_or_dash(value: date | None) -> str:
    """«14.06.2024», «–» for none."""
    return day(value) if value else "–"


def count_or_no_data(value: int | None) -> str:
    """«12», «нет данных» for none."""
    return NO_DATA if value is None else whole(value)


def percent_or_dash(value: float | None) -> str:
    """«54,5 %», «–» for none."""
    return "–" if value is None else percent(value)


def mark_of(figure: Figure) -> Mark:
    """How a figure stands."""
    return "warn" if figure.flag else STATUS_MARKS[figure.status]


def asked_role(indicator: Indicator) -> str:
    """Whose satisfaction an indicator is, by its title: the two roles are asked apart."""
    return ROLES["mentor"] if "наставников" in indicator.title_ru.lower() else ROLES["mentee"]


def before_due(view: View, which: Sequence[Completeness]) -> bool:
    """Nobody is late before the day: is it still ahead for all of them?"""
    as_of = view.given.period.as_of
    return all(one.state == "not_handed_in" and as_of < one.due_on for one in which)


def upper_first(text: str) -> str:
    """«Пары» from «пары»; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence: a capital and a full stop."""
    text = upper_first(text.strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."
