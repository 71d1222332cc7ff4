"""Russian words of reports: numbers with the right form of the noun, per cents, points, statuses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
MINUS = "\u2212"

STATUS_WORDS = {
    "met": "достигнут",
    "not_met": "не достигнут",
    "no_target": "целевое значение не установлено",
    "no_data": "нет данных",
    "not_applicable": "не применимо",
    "data_error": "ошибка данных",
}
FLAG_WORDS = {"check": "требует проверки"}

FORM_WORDS = {
    "pupil_pupil": "ученик – ученик",
    "teacher_teacher": "учитель – учитель",
    "teacher_pupil": "учитель – ученик",
    "student_pupil": "студент – ученик",
    "employer_pupil": "работодатель – ученик",
    "employer_student": "работодатель – студент",
    "student_student": "студент – студент",
    "teacher_student": "педагог/мастер – студент",
    "head_teacher": "руководитель – педагог",
    "head_head": "руководитель – руководитель",
    "network": "сетевое наставничество",
    "other": "иная",
    "": "не указана",
}
MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
PAIR_STATUS_PLURAL = {
    "active": "действуют",
    "finished": "завершены",
    "broken": "расторгнуты",
    "suspended": "приостановлены",
}
PAIR_STATUS_WORDS = {
    "active": "действует",
    "finished": "завершена",
    "broken": "расторгнута",
    "suspended": "приостановлена",
}
ORGANISATION_TYPE_WORDS = {
    "school": "школа",
    "kindergarten": "детский сад",
    "additional": "дополнительное образование",
    "college": "колледж",
}


def half_up(number: Decimal | float | int, digits: int = 1) -> Decimal:
    """The number rounded half away from zero, as people round: 81.25 → 81.3."""
    exact = number if isinstance(number, Decimal) else Decimal(str(number))
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def share(numerator: int, denominator: int | float) -> float:
    """Per cents with one decimal, half-up. ``denominator`` is not 0."""
    return float(half_up(Decimal(numerator) * 100 / Decimal(str(denominator))))


def decimal(number: float | int, digits: int = 1) -> str:
    """A number with decimals as Russians write it: «54,5», «−0,5»."""
    return f"{half_up(number, digits)}".replace("-", MINUS).replace(".", ",")


def shortest(number: float | int) -> str:
    """A number without needless decimals: «55», «55,5»."""
    return decimal(number, 0) if float(number).is_integer() else decimal(number, 1)


def whole(number: int | float) -> str:
    """A count with its thousands apart: «12 345» (four digits stay together)."""
    if isinstance(number, float) and not number.is_integer():
        return decimal(number)
    text = str(abs(int(number)))
    if len(text) > 4:
        text = f"{int(text):,}".replace(",", NBSP)
    return (MINUS if number < 0 else "") + text


def percent(value: float) -> str:
    """«54,5 %», the space unbreakable."""
    return f"{decimal(value)}{NBSP}%"


def points(value: float) -> str:
    """«+11,7 п.п.», «−0,5 п.п.»."""
    sign = "+" if half_up(value) > 0 else ""
    return f"{sign}{decimal(value)}{NBSP}п.п."


def form_of(number: int, one: str, few: str, many: str) -> str:
    """The form of a noun a number asks for: 1 пара, 2 пары, 5 пар, 11 пар, 21 пара."""
    last_two, last = abs(number) % 100, abs(number) % 10
    if 11 <= last_two <= 14:
        return many
    if last == 1:
        return one
    return few if 2 <= last <= 4 else many


def counted(number: int, one: str, few: str, many: str) -> str:
    """Number and noun: «2 пары», the space unbreakable."""
    return f"{whole(number)}{NBSP}{form_of(number, one, few, many)}"


def by_name(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key of names people read: case does not matter, «СОШ № 4» stands before «СОШ № 21»."""
    parts = re.findall(r"\d+|[^\W\d_]+", name.casefold().replace("ё", "е"))
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def day(value: date) -> str:
    """«20.12.2023»."""
    return f"{value:%d.%m.%Y}"


def listed(words: Sequence[str]) -> str:
    """«а, б и в»."""
    return " и ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def long_day(value: date) -> str:
    """«20 декабря 2023 г.», the spaces unbreakable."""
    return f"{value.day}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}{NBSP}г."


def span(start: date, end: date) -> str:
    """«с 1 сентября по 20 декабря 2023 г.»; the first year stands only where it is another one."""
    first = long_day(start) if start.year != end.year else f"{start.day}{NBSP}{MONTHS[start.month - 1]}"
    return f"с {first} по {long_day(end)}"


# --- nouns ---


@dataclass(frozen=True, slots=True)
class Noun:
    """Forms of a noun (with its adjective, if any) that stand after numbers.

    ``one``: 1 пара; ``few``: 2 пары, из 1 пары; ``many``: 5 пар, из 2 пар; ``within_one``: в 1 паре; ``within``: в 2
    парах.
    """

    one: str
    few: str
    many: str
    within_one: str = ""
    within: str = ""
    to_one: str = ""  # по 1 форме
    to: str = ""  # по 2 формам
    of_one: str = ""  # where «2 …» is another word than «из 1 …»: 2 наставнические пары, из 1 наставнической пары

    def after(self, number: int) -> str:
        """The form of «1 пара, 2 пары, 5 пар»."""
        return form_of(number, self.one, self.few, self.many)

    def genitive(self, number: int) -> str:
        """The form after «из», «у», «для»: из 1 пары, из 2 пар, из 21 пары."""
        return form_of(number, self.of_one or self.few, self.many, self.many)

    def dative(self, number: int) -> str:
        """The form after «по», «к»: по 1 форме, по 2 формам."""
        return form_of(number, self.to_one, self.to, self.to)

    def prepositional(self, number: int) -> str:
        """The form after «в», «о»: в 1 организации, в 2 организациях."""
        return form_of(number, self.within_one, self.within, self.within)


NOUNS: Mapping[str, Noun] = {
    noun.one: noun
    for noun in (
        Noun("пара", "пары", "пар", "паре", "парах"),
        Noun(
            "наставническая пара",
            "наставнические пары",
            "наставнических пар",
            "наставнической паре",
            "наставнических парах",
            of_one="наставнической пары",
        ),
        Noun("группа", "группы", "групп", "группе", "группах"),
        Noun("пара (группа)", "пары (группы)", "пар (групп)", "паре (группе)", "парах (группах)"),
        Noun("наставник", "наставника", "наставников", "наставнике", "наставниках"),
        Noun(
            "сетевой наставник",
            "сетевых наставника",
            "сетевых наставников",
            "сетевом наставнике",
            "сетевых наставниках",
            of_one="сетевого наставника",
        ),
        Noun("стажёр", "стажёра", "стажёров", "стажёре", "стажёрах"),
        # Participles used as nouns: from two on they stand in the genitive plural.
        Noun(
            "наставляемый", "наставляемых", "наставляемых", "наставляемом", "наставляемых", of_one="наставляемого"
        ),
        Noun("обучающийся", "обучающихся", "обучающихся", "обучающемся", "обучающихся", of_one="обучающегося"),
        Noun(
            "педагогический работник",
            "педагогических работника",
            "педагогических работников",
            "педагогическом работнике",
            "педагогических работниках",
            of_one="педагогического работника",
        ),
        Noun("организация", "организации", "организаций", "организации", "организациях"),
        Noun(
            "образовательная организация",
            "образовательные организации",
            "образовательных организаций",
            "образовательной организации",
            "образовательных организациях",
            of_one="образовательной организации",
        ),
        Noun("предприятие", "предприятия", "предприятий", "предприятии", "предприятиях"),
        Noun("встреча", "встречи", "встреч", "встрече", "встречах"),
        Noun("мероприятие", "мероприятия", "мероприятий", "мероприятии", "мероприятиях"),
        Noun("документ", "документа", "документов", "документе", "документах"),
        Noun("показатель", "показателя", "показателей", "показателе", "показателях"),
        Noun("участник", "участника", "участников", "участнике", "участниках"),
        Noun("человек", "человека", "человек", "человеке", "людях"),
        Noun("анкета", "анкеты", "анкет", "анкете", "анкетах"),
        Noun("согласие", "согласия", "согласий", "согласии", "согласиях"),
        Noun("куратор", "куратора", "кураторов", "кураторе", "кураторах"),
        Noun("координатор", "координатора", "координаторов", "координаторе", "координаторах"),
        Noun("награда", "награды", "наград", "награде", "наградах"),
        Noun("мера поощрения", "меры поощрения", "мер поощрения", "мере поощрения", "мерах поощрения"),
        Noun("таблица", "таблицы", "таблиц", "таблице", "таблицах"),
        Noun("файл", "файла", "файлов", "файле", "файлах"),
        Noun("строка", "строки", "строк", "строке", "строках"),
        Noun("замечание", "замечания", "замечаний", "замечании", "замечаниях"),
        Noun("ошибка", "ошибки", "ошибок", "ошибке", "ошибках"),
        Noun("оценка", "оценки", "оценок", "оценке", "оценках"),
        Noun("балл", "балла", "баллов", "балле", "баллах"),
        Noun("ответ", "ответа", "ответов", "ответе", "ответах"),
        Noun("специалист", "специалиста", "специалистов", "специалисте", "специалистах"),
        Noun("план", "плана", "планов", "плане", "планах", "плану", "планам"),
        Noun("запись", "записи", "записей", "записи", "записях"),
        Noun("отзыв", "отзыва", "отзывов", "отзыве", "отзывах"),
        Noun("материал", "материала", "материалов", "материале", "материалах"),
        Noun("направление", "направления", "направлений", "направлении", "направлениях"),
        Noun("форма", "формы", "форм", "форме", "формах", "форме", "формам"),
    )
}  # fmt: skip


def noun(number: int, name: str) -> str:
    """«1 пара», «2 пары», «5 пар», of a noun known here. KeyError for another."""
    return f"{whole(number)}{NBSP}{NOUNS[name].after(number)}"


def noun_object(number: int, name: str) -> str:
    """The number and noun as an object («закрепить 1 пару, 2 пары, 5 пар») of a thing, not of a living being."""
    if form_of(number, "one", "few", "many") != "one":
        return noun(number, name)
    return f"{whole(number)}{NBSP}{_AS_OBJECT.sub(lambda ending: _OBJECT_ENDINGS[ending[0]], NOUNS[name].one)}"


_AS_OBJECT = re.compile(r"(?:ая|а|я)\b")
_OBJECT_ENDINGS = {"ая": "ую", "а": "у", "я": "ю"}


def noun_of(number: int, name: str) -> str:
    """The number and noun after «из», «у», «для»: «21 наставника», «2 наставников»."""
    return f"{whole(number)}{NBSP}{NOUNS[name].genitive(number)}"


def noun_to(number: int, name: str) -> str:
    """The number and noun after «по», «к»: «1 форме», «2 формам». KeyError where the dative is not known."""
    words = NOUNS[name].dative(number)
    if not words:
        raise KeyError(name)
    return f"{whole(number)}{NBSP}{words}"


def noun_in(number: int, name: str) -> str:
    """The number and noun after «в», «о»: «1 организации», «2 организациях»."""
    return f"{whole(number)}{NBSP}{NOUNS[name].prepositional(number)}"


def past(verb: str, subject: str) -> str:
    """The past tense of a verb told in the masculine («составил») for what a title names first: доля … составила."""
    first = subject.split(" ", 1)[0].casefold()
    if first.endswith(("ость", "есть", "а", "я")):
        return f"{verb}а"
    if first.endswith(("о", "е", "ё")):
        return f"{verb}о"
    return f"{verb}и" if first.endswith(("ы", "и")) else verb


_OPEN_CLAUSE = re.compile(r", [а-яё]+(?:вш|ш|щ|нн|м)(?:ий|ая|ее|ие|его|ей|их|ую)(?:ся)? [^,]*$")


def clause_closed(title: str) -> str:
    """The title with the comma that ends its participle clause: «Доля педагогов, вошедших в программы, …»."""
    return f"{title}," if _OPEN_CLAUSE.search(title) else title


def including(parts: Sequence[tuple[str, int]]) -> str:
    """«в том числе по форме «а» – 6, по форме «б» – 4»; "" of no parts."""
    told = ", ".join(f"{words} – {whole(count)}" for words, count in parts)
    return f"в том числе {told}" if told else ""


# --- names, halves of the year, signs ---


def short_name(name: str, surname_first: bool = False) -> str:
    """«А. В. Соколова» (or «Соколова А. В.») of «Соколова Анна Викторовна» or «Соколова А.В.», spaces unbreakable."""
    words = name.replace(".", ". ").split()
    if len(words) < 2:
        return name.strip()
    initials = [word if word.endswith(".") else f"{word[:1]}." for word in words[1:3]]
    return NBSP.join([words[0], *initials] if surname_first else [*initials, words[0]])


def within_half(half: str) -> str:
    """«в I полугодии», «во II полугодии»."""
    return f"{'во' if half == 'II' else 'в'} {half}{NBSP}полугодии"


def within_organisation(name: str) -> str:
    """«в МКОУ «СОШ № 4»»; a name that would have to be declined stands behind a general word."""
    first = name.split(" ", 1)[0]
    if len(first) > 1 and first.isalpha() and first.isupper():
        return f"в {name}"
    return f"в образовательной организации {name if '«' in name else f'«{name}»'}"


def deviation(value: float) -> str:
    """«отклонение – 0,5 п.п.», «отклонение + 11,7 п.п.», «отклонения нет»."""
    rounded = half_up(value)
    if rounded == 0:
        return "отклонения нет"
    return f"отклонение {'–' if rounded < 0 else '+'}{NBSP}{decimal(abs(float(rounded)))}{NBSP}п.п."


def quoted(text: str) -> str:
    """The text in «», quotes inside as „“; a text quoted as a whole is not quoted twice."""
    inner = text.strip()
    if inner.startswith("«") and inner.endswith("»") and "«" not in inner[1:]:
        return inner
    return f"«{inner.replace('«', '„').replace('»', '“')}»"


def signed(value: float) -> str:
    """«+11,7», «−0,5», «0,0»: a difference in a table."""
    return ("+" if half_up(value) > 0 else "") + decimal(value)


def signed_whole(number: int) -> str:
    """«+5», «−2», «0»."""
    return ("+" if number > 0 else "") + whole(number)


def lower_first(text: str) -> str:
    """The text with a small letter at its beginning; an abbreviation stays («ИОМ обучающихся»)."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """The text with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


# A number and the word or sign it belongs to; years, dates and codes are no numbers of things.
_NUMBER_AND_WORD = re.compile(r"(?<![\w.,/:-])(\d{1,3}(?:[ \u00a0]\d{3})*|\d+)((?:,\d+)?) (?=[%а-яё])")
_BEFORE_DASH = re.compile(r"(?<=[^\s|>-]) (?=[–—] )")
_AFTER_DASH = re.compile(r"(?<=[^\s|>-][ \u00a0][–—]) (?=\d)")
_AFTER_NUMBER_SIGN = re.compile(r"(?<=№) (?=\S)")
_INITIALS_FIRST = re.compile(r"\b([А-ЯЁ]\.) ?([А-ЯЁ]\.) (?=[А-ЯЁ][а-яё])")
_INITIALS_LAST = re.compile(r"(?<=[а-яё]) ([А-ЯЁ]\.) ([А-ЯЁ]\.)")


def unbreakable(text: str) -> str:
    """The text with unbreakable spaces where a line must not end: № 69, 54,5 %, 5 пар, А. В. Соколова, пары – 4.

    Nothing but spaces changes, and a second time nothing at all.
    """
    text = _AFTER_NUMBER_SIGN.sub(NBSP, text)
    text = _NUMBER_AND_WORD.sub(rf"\1\2{NBSP}", text)
    text = _INITIALS_FIRST.sub(rf"\1{NBSP}\2{NBSP}", text)
    text = _INITIALS_LAST.sub(rf"{NBSP}\1{NBSP}\2", text)
    return _AFTER_DASH.sub(NBSP, _BEFORE_DASH.sub(NBSP, text))
