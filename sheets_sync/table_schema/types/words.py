"""Text, yes and no, enumerations, classes, age bands, numbers of orders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sheets_sync.table import Shown, Value
from sheets_sync.table_schema.model import EnumValue, Field
from sheets_sync.table_schema.types.dates import MONTH_OF, YES_OR_NO, answer_meant, find_dates
from sheets_sync.table_schema.types.number_words import ordinal_word
from sheets_sync.table_schema.types.reading import (
    EMPTY,
    Read,
    ReadContext,
    Reading,
    Trouble,
    cell_text,
    digits_meant,
    inferred,
    unreadable,
)
from sheets_sync.text import LATIN_TO_CYRILLIC, fold, mend_lookalikes

_LONGEST_EXACT = 10**15


def read_text(field: Field, context: ReadContext) -> Read:
    """Reader of free text: as the person sees the cell, on one line."""

    def read(value: Value) -> Reading:
        text = cell_text(value)
        if isinstance(value, float) and abs(value) >= _LONGEST_EXACT and not (type(value) is Shown and "," in text):
            if type(value) is not Shown:
                text = f"{value:.0f}"
            # A spreadsheet keeps 15 digits of a number: the last ones of a longer one are gone.
            return Reading(text, Trouble("cell-text-number", "warning", None, (("why", "long-number"),)))
        return Reading(text or None)

    return read


_YES = re.compile(
    r"(?:да|есть|имеется|имеются|истина|true|yes|пройдено|пройден[ао]?|прош[её]?л[аи]?|завершен[аоы]?"
    r"|завершил[аи]?|выполнен[аоы]?|участвовал[аи]?"
    r"|получен[аоы]?|состоял[оа]сь|присутствовал[аи]?|проведен[аоы]?|является|включен[аоы]?|согласен|согласна"
    r"|в наличии|конечно|безусловно|обязательно|готов[аы]?|хочу|хотел[аи]? бы|планирую)(?![а-я])"
)
_NO = re.compile(r"(?:нет|не|отсутствует|отсутствуют|ложь|false|no|n|без)(?![а-яa-z])")
_UNDECIDED = re.compile(
    r"не (?:знаю|увер|всегда|реши|помню|понял|определ|совсем|полностью|до конца|очень|могу сказать)|нет ответа"
)
_YES_MARKS = frozenset("+ ++ v у y ✓ ✔ √ ☑ ✅ 1 х x * да! зачет зачтено".split())
_NO_MARKS = frozenset("- -- 0 ☐ ✗ ✘ ❌ незачет".split())


def read_boolean(field: Field, context: ReadContext) -> Read:
    """Reader of yes and no."""

    def read(value: Value) -> Reading:
        if isinstance(value, float | int):
            return Reading(value == 1) if value in (0, 1) else unreadable("number", "да или нет")
        if isinstance(value, date):
            return inferred(True, "date-means-yes", "да")
        if isinstance(value, time | timedelta):
            return unreadable("time", "да или нет")
        text = fold(value).strip(" .;,")
        if text in _YES_MARKS or value.strip() in _YES_MARKS:
            return Reading(True)
        if text in _NO_MARKS or value.strip() in _NO_MARKS:
            return Reading(False)
        if _UNDECIDED.match(text) or YES_OR_NO.match(text):
            return unreadable("neither-yes-nor-no", "да или нет")
        if _NO.match(text):
            return Reading(False)
        yes = _YES.match(text)
        if yes:
            return Reading(True)
        if len(find_dates(text)) == 1 and not re.sub(r"[\d.\s/-]|г(?:ода|од)?|[а-я]{3,8}", "", text):
            return inferred(True, "date-means-yes", "да")
        return unreadable("neither-yes-nor-no", answer_meant(text) or "да или нет")

    return read


_PUNCTUATION = re.compile(r"[^\w/;+-]+")
_ENDING = re.compile(
    r"(?:иями|ями|ами|ией|иям|ием|иях|ого|его|ому|ему|ыми|ими|ое|ее|ая|яя|ые|ие|ый|ий|ой|ую|юю|ых|их|ом|ем|ам"
    r"|ям|ах|ях|ов|ев|ей|а|я|о|е|ы|и|у|ю|ь)$"
)
_ARROW = re.compile(r"\s*(?:[→⇒➔↔]|[-=]>|>)\s*")
_TAKEN_BACK = re.compile(r"(?<![а-я])(?:не|частично|отчасти|почти|наполовину|без)(?![а-я])")
_ANY_SEPARATOR = re.compile(r"[,/+]|\sи\s")
_ENUMERATOR = re.compile(r"^\d{1,2}(?:[.)]\s*|\s*[-–—]\s*(?=[^\W\d_]{3}))")
_ABBREVIATED = re.compile(r"[^\W\d_]{2,}\.")


def _enum_key(text: str) -> str:
    key = _ARROW.sub("-", fold(text))
    if text[:1].isdecimal():
        key = _ENUMERATOR.sub("", key)
    return " ".join(_PUNCTUATION.sub(" ", key).split()).strip(" -/")


def _stems(key: str) -> str:
    """The key with the endings of its words cut: «педагоги-педагоги» and «педагог-педагог» alike."""
    return "-".join(
        " ".join(_ENDING.sub("", word) if len(word) > 4 else word for word in part.split()) for part in key.split("-")
    )


class _Lexicon:
    """All spellings of an enumeration, the way they compare."""

    def __init__(self, values: Iterable[EnumValue]) -> None:
        self.codes: dict[str, str] = {}
        self.stems: dict[str, str] = {}
        self.loose: dict[str, str] = {}  # «учитель ученик» for «учитель – ученик»
        self.spelled: dict[str, str] = {}
        for value in values:
            for spelling in (value.title, *value.aliases, value.code):
                key = _enum_key(spelling)
                if key:
                    self.codes.setdefault(key, value.code)
                    self.spelled.setdefault(key, spelling)
                    self.stems.setdefault(_stems(key), value.code)
                self.loose.setdefault(_stems(key.replace("-", " ")), value.code)
        # «ТЖС», «ОВЗ» say as much as a long word; «да» and «1» say nothing amid other words.
        telling = {
            key for key, spelling in self.spelled.items() if len(key) > 3 or (len(key) > 1 and spelling.isupper())
        }
        self.longest_first = sorted((key for key in self.codes if key in telling), key=len, reverse=True)
        # A run of parts longer than any spelling cannot be one.
        self.longest_run = 2 * max((len(_ANY_SEPARATOR.findall(one)) for one in self.spelled.values()), default=0) + 1
        self.longest_spelling = max(map(len, self.codes), default=0)
        self.has_other = "other" in self.codes.values()

    def find(self, text: str) -> str | None:
        """Code of a whole text: as listed, without brackets, or in another grammatical form."""
        key = _enum_key(text)
        code = self.codes.get(key)
        if code is None and "(" in text:
            key = _enum_key(re.sub(r"\([^()]*\)", " ", text))
            code = self.codes.get(key)
        if code is None and key:
            code = self.stems.get(_stems(key)) or self.loose.get(_stems(key.replace("-", " ")))
        if code is None and "." in text:
            code = self._abbreviated(text)
        return code

    def _abbreviated(self, text: str) -> str | None:
        """Code of a text with words cut short by a full stop («одар.», «низк. результаты»), if it can be but one."""
        if not _ABBREVIATED.search(text):
            return None
        typed = _enum_key(text).split()
        stems = [word if f"{word}." in fold(text) else _stems(word) for word in typed]
        codes = set()
        for known, code in self.codes.items():
            words = known.split()
            if len(words) == len(typed) and all(map(str.startswith, words, stems)):
                codes.add(code)
        return codes.pop() if len(codes) == 1 else None

    def within(self, text: str) -> str | None:
        """Code whose spelling the text begins or ends with, word for word: «расторгнута в связи с переездом».

        Words that take it back («выполнено частично», «не завершена») leave no code.
        """
        key = _enum_key(text)
        if _TAKEN_BACK.search(key):
            return None
        for known in self.longest_first:
            if key.startswith(known + " ") or key.endswith(" " + known):
                return self.codes[known]
        return None

    def near(self, text: str) -> str | None:
        """The spelling a text was probably meant to be: one letter or two away, and no other code as near."""
        from rapidfuzz import fuzz, process

        key = _enum_key(text)
        if not 3 <= len(key) <= 2 * self.longest_spelling:
            return None
        found = process.extract(key, self.codes.keys(), scorer=fuzz.ratio, score_cutoff=78, limit=8)
        if not found:
            return None
        best, score, _ = found[0]
        rivals = [other for other, rival, _ in found[1:] if self.codes[other] != self.codes[best] and score - rival < 4]
        return None if rivals else self.spelled[best]


def _not_listed(lexicon: _Lexicon, text: str, value: object = None) -> Reading:
    near = lexicon.near(text)
    if near is None and lexicon.has_other and value is None:
        return Reading("other", Trouble("cell-enum", "warning", None, (("why", "other"),)))
    return Reading(value, Trouble("cell-enum", None, near, (("why", "not-listed"),)))


_STRONG = re.compile(r"\s*[;\n\r•|]\s*")
_AND = re.compile(r"\s+и\s+|\s*\+\s*")


def read_enum(field: Field, context: ReadContext) -> Read:
    """Reader of one of a list, or of several («;», «,», «/», line breaks, «и»); typed as codes."""
    lexicon = _Lexicon(field.enum)

    def one(value: Value) -> Reading:
        text = cell_text(value)
        code = lexicon.find(text)
        if code is not None:
            return Reading(code)
        several = _codes(lexicon, value if isinstance(value, str) else text)[0]
        if len(set(several)) == 1:
            return inferred(several[0], "word-among-others", lexicon.spelled[_spelling(lexicon, several[0])])
        if several:
            titles = ", ".join(lexicon.spelled[_spelling(lexicon, code)] for code in dict.fromkeys(several))
            return inferred(several[0], "several-values", titles, severity="warning")
        code = lexicon.within(text)
        if code is not None:
            return inferred(code, "words-after", lexicon.spelled[_spelling(lexicon, code)])
        return _not_listed(lexicon, text)

    def many(value: Value) -> Reading:
        text = value if isinstance(value, str) else cell_text(value)
        code = lexicon.find(text)
        if code is not None:
            return Reading([code])
        codes, unknown = _codes(lexicon, text)
        kept = list(dict.fromkeys(codes)) or None
        if not unknown:
            return Reading(kept)
        code = lexicon.within(unknown)
        if code is not None:
            kept = list(dict.fromkeys([*codes, code]))
            return inferred(kept, "words-after", lexicon.spelled[_spelling(lexicon, code)])
        reading = _not_listed(lexicon, unknown, kept)
        return Reading(["other"], reading.trouble) if reading.value == "other" else reading

    return many if field.many else one


def _spelling(lexicon: _Lexicon, code: str) -> str:
    return next(key for key, known in lexicon.codes.items() if known == code)


def _codes(lexicon: _Lexicon, text: str) -> tuple[list[str], str]:
    """Codes of all parts of a text, and the first part that has none («»).

    A listed value may itself hold a comma or a slash («педагог/специалист»): the longest listed run of parts wins.
    """
    codes: list[str] = []
    unknown = ""
    for block in _STRONG.split(text):
        if not block.strip(" ,.-"):
            continue
        code = lexicon.find(block)
        if code is not None:
            codes.append(code)
            continue
        for separator in (r"\s*,\s*", r"\s*/\s*", _AND.pattern):
            found, rest = _longest_runs(lexicon, re.split(f"({separator})", block))
            if found and not rest:
                break
        else:
            found, rest = _longest_runs(lexicon, re.split(rf"(\s*[,/]\s*|{_AND.pattern})", block))
        codes.extend(found)
        unknown = unknown or rest
    return codes, unknown


def _longest_runs(lexicon: _Lexicon, parts: list[str]) -> tuple[list[str], str]:
    """``parts`` alternate pieces and separators."""
    codes: list[str] = []
    unknown = ""
    index = 0
    while index < len(parts):
        for end in range(min(len(parts), index + lexicon.longest_run), index, -1):
            run = "".join(parts[index:end])
            code = lexicon.find(run) if run.strip(" ,.-/") else None
            if code is not None:
                codes.append(code)
                index = end
                break
        else:
            if index % 2 == 0 and parts[index].strip(" ,.-/"):
                unknown = unknown or parts[index].strip()
            index += 1
    return codes, unknown


_CLASS = re.compile(
    r"(\d{1,2})\s*[-–—/_]?\s*[«\"“„'']*\s*([А-ЯЁа-яёA-Za-z])?\s*[»\"”'']*\s*(?:класс[а-я]*|кл)?\.?", re.IGNORECASE
)
_LETTER_LAST = re.compile(r"(\d{1,2})\s*(?:класс[а-я]*|кл\.?)\s*[«\"“„'(]*([А-ЯЁа-яё])[»\"”')]*\.?", re.IGNORECASE)
_CLASS_FIRST = re.compile(r"(?:класс|кл\.?)\s*(\d.*)", re.IGNORECASE)
# «ученик 7А класса», «7А (кор.)»: words beside a class.
_BEFORE_CLASS = re.compile(r"(?:учени[кц]\w*|учащ\w+|обучающ\w+|уч\.|обуч\.)\s+(?=\d|[IVXХ])", re.IGNORECASE)
_REMARK = re.compile(r"(?<=[^\W_]|[»\"”.])\s*\([^()\d]*\)$")
_ROMAN_CLASS = re.compile(r"([IVXХ]+)(?![a-zа-яё])(?=\W|$)|([IVXХ]+)(?=[A-ZА-ЯЁ](?:\W|$))")
_ROMAN = {roman: number for number, roman in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), 1)}
_CLASS_IN_WORDS = re.compile(r"([а-я]+(?:ый|ой|ий))(?:[ -]([а-я])(?![а-я]))?(?: класс)?")


def _in_arabic(text: str) -> str:
    """«VII А» as «7 А»; a text that begins otherwise as it is. A lone «X», «V» or «I» may be anything."""
    match = _ROMAN_CLASS.match(text)
    if not match:
        return text
    roman = (match[1] or match[2]).replace("Х", "X")
    rest = text[match.end() :]
    return f"{_ROMAN[roman]}{rest}" if roman in _ROMAN and (len(roman) > 1 or rest.strip()) else text


def read_class(field: Field, context: ReadContext) -> Read:
    """Reader of a class, typed «7А»; groups and courses stay as typed («ПК-23», «старшая группа»)."""

    def read(value: Value) -> Reading:
        if isinstance(value, datetime | date):
            return unreadable("date", f"{value.day}-{value.month}")
        if isinstance(value, time | timedelta):
            return unreadable("time")
        text = cell_text(value)
        bare = _in_arabic(_BEFORE_CLASS.sub("", _REMARK.sub("", text)))
        turned = _CLASS_FIRST.fullmatch(bare)
        match = _CLASS.fullmatch(turned[1] if turned else bare) or _LETTER_LAST.fullmatch(bare)
        if match is None and (spelled := _CLASS_IN_WORDS.fullmatch(fold(text))):
            number = ordinal_word(spelled[1])
            if number and number <= 11:
                told = f"{number}{(spelled[2] or '').upper()}"
                return inferred(told, "word", told)
        if match and 1 <= int(match[1]) <= 12:
            letter = (match[2] or "").translate(LATIN_TO_CYRILLIC).upper()
            if len(letter) == 1 and letter.isascii():
                # No look-alike: the letter next to it in sound is a guess.
                sound = {"B": "Б", "V": "В", "G": "Г", "D": "Д", "I": "И", "L": "Л", "S": "С"}.get(letter)
                return Reading(
                    f"{int(match[1])}{letter}",
                    Trouble(
                        "cell-lookalike-letters",
                        "warning",
                        f"{int(match[1])}{sound}" if sound else None,
                        (("why", "latin-letter"),),
                    ),
                )
            return Reading(f"{int(match[1])}{letter}")
        return Reading(mend_lookalikes(text))

    return read


_BAND = re.compile(
    r"(?:от|с)?\s*(\d{1,2})\s*(?:лет)?\s*(?:-|до|по|/|\.{2,3})\s*(\d{1,2})\s*(?:лет|года|год|л)?\.?(?:\s*\(?включительно\)?)?"
)
_ANY_AGE = re.compile(
    r"люб\w*(?: возраст\w*)?|без ограничени\w*|не ?важ\w*|все|вс[ея]\w* возраст\w*|не имеет значени\w*|нет предпочтений"
)


_SHOWN_AS_DATE = re.compile(
    r"(\d{1,2})[.-](янв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|дек)|(янв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|дек)[.-](\d\d)"
)


def read_age_band(field: Field, context: ReadContext) -> Read:
    """Reader of a wished age: «10-14», «12+», «до 14», «любой»; other words stay as typed."""

    def read(value: Value) -> Reading:
        if isinstance(value, datetime | date):
            # «10-12» became 10 December, «10-14» October 2014.
            later = value.year % 100
            low, high = (
                (value.month, later) if value.day == 1 and later > value.month else sorted((value.day, value.month))
            )
            return unreadable("date", f"{low}-{high}")
        if isinstance(value, time | timedelta):
            return unreadable("time")
        text = cell_text(value)
        folded = re.sub(r"\s*\([^()]*\)$", "", fold(text))
        shown = _SHOWN_AS_DATE.fullmatch(folded)
        if shown:
            # «10-12» shown as «10.дек», «10-14» as «окт.14»
            ages = (shown[1], MONTH_OF[shown[2]]) if shown[1] else (MONTH_OF[shown[3]], shown[4])
            low, high = sorted(map(int, ages))
            return unreadable("date", f"{low}-{high}")
        band = _BAND.fullmatch(folded)
        if band is None and (mended := _BAND.fullmatch(digits_meant(folded))):
            return unreadable("mistyped-number", f"{int(mended[1])}-{int(mended[2])}")
        if band:
            low, high = sorted((int(band[1]), int(band[2])))
            return Reading(f"{low}-{high}")
        listed = re.fullmatch(r"\d{1,2}(?:(?:\s?,\s?|\sи\s)\d{1,2})+(?:\s*лет)?", folded)
        if listed:
            ages_listed = sorted(map(int, re.findall(r"\d+", folded)))
            if ages_listed == list(range(ages_listed[0], ages_listed[-1] + 1)):
                return Reading(f"{ages_listed[0]}-{ages_listed[-1]}")
        if _ANY_AGE.fullmatch(folded.strip(" .")):
            return Reading("любой")
        least = re.fullmatch(
            r"(?:от|с|старше)\s*(\d{1,2})\s*(?:лет|года)?(?: и старше)?|(\d{1,2})\s*(?:лет)?\s*(?:\+|и старше)", folded
        )
        if least:
            return Reading(f"{int(least[1] or least[2])}+")
        most = re.fullmatch(r"(?:до|младше|не старше)\s*(\d{1,2})\s*(?:лет|года)?", folded)
        if most:
            return Reading(f"до {int(most[1])}")
        alone = re.fullmatch(r"(\d{1,2})\s*(?:лет|года?)?", folded)
        return Reading(alone[1] if alone else text)

    return read


_ORDER_WORD = r"(?:приказ\w*|распоряжени\w*|постановлени\w*|протокол\w*|договор\w*|соглашени\w*|пр\.|расп\.)"
_ORDER_NUMBER = re.compile(r"(?:№+|\bN\b|\bномер\b)\s*([^\s,;№()]+(?:\s?[-–—/]\s?[^\s,;№()]+)*)", re.IGNORECASE)
_FROM_DATE = re.compile(r"\s*(?:\(?\bот\b|\bдата\b).*$", re.IGNORECASE | re.DOTALL)
_LEADING_WORDS = re.compile(
    rf"^\s*(?:{_ORDER_WORD}[.:]?\s*)+(?:(?:директора|заведующ\w+|школы|по школе|оо|уо|мку)\s+)*", re.IGNORECASE
)
_DATE_ALONE = re.compile(r"[\d.\s/,-]*(?:г(?:ода|од)?\.?)?")


# The school's own number is no number of an order: «Приказ МБОУ СОШ № 4 от 01.09.2023 № 69».
_SCHOOL_NUMBER = re.compile(
    r"\b(?:[а-яё]?сош|оош|нош|школ\w+|\w*оу|сад\w*|гимнази\w+|лице\w+|д/с)\s*№\s*\d+", re.IGNORECASE
)
_DATE_AT_END = re.compile(r"[\s,;]+\d{1,2}[./]\d{1,2}[./]\d{2,4}\s*(?:г\.?|года)?\.?$")


def numbers_of_orders(text: str) -> list[str]:
    """Numbers in «Приказ № 69 от 01.09.2022 г.», «31/ДС от 29.09.23», «№ 12-од, 01.09.2023»; empty when there is
    none.
    """
    text = _SCHOOL_NUMBER.sub(" ", text) if len(_ORDER_NUMBER.findall(text)) > 1 else text
    marked = [
        re.sub(r"\s*([-–—/])\s*", r"\1", number).rstrip(".")
        for number in _ORDER_NUMBER.findall(text)
        if re.search(r"[^\W_]", number)
    ]
    if marked:
        return list(dict.fromkeys(marked))
    bare = _LEADING_WORDS.sub("", _DATE_AT_END.sub("", _FROM_DATE.sub("", text))).strip(' ,.;«»"')
    if not bare or (find_dates(bare) and _DATE_ALONE.fullmatch(fold(bare))):
        return []
    first = re.split(r"[,;]\s*", bare)[0].strip()
    return [first] if re.search(r"\d|б/?\s?н", first, re.IGNORECASE) else []


def read_order_number(field: Field, context: ReadContext) -> Read:
    """Reader of an order's number, «69» of «Приказ № 69 от 01.09.2022 г.»; several joined by ", "."""

    def read(value: Value) -> Reading:
        if isinstance(value, datetime | date):
            # A glued cell with the date alone has no number; elsewhere a number was taken for a date («1/23»).
            return EMPTY if context.part else unreadable("date")
        if isinstance(value, time | timedelta):
            return unreadable("time")
        text = cell_text(value)
        if not isinstance(value, str):
            return Reading(text)
        numbers = numbers_of_orders(text)
        if numbers:
            return Reading(", ".join(numbers))
        if context.part or find_dates(text):
            return EMPTY
        return Reading(text)

    return read
