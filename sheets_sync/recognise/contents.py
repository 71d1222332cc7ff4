"""What a few cells below a heading look like: dates, names, numbers. Only asked when headings alone do not decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta

from sheets_sync.recognise.words import words_of
from sheets_sync.table import Shown, Value
from sheets_sync.table_schema.model import Field
from sheets_sync.text import fold

SAMPLE = 12

_DATE = re.compile(
    r"\d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{2,4}|\d{4}-\d\d-\d\d|«?\d{1,2}»?\s+(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)",
    re.I,
)
_WHEN = re.compile(
    r"(?:янв|фев|март|апр|ма[йя]\b|июн|июл|авг|сент|окт|нояб|дек|полугод|четверт|каникул|учебн(?:ый|ого) год|постоян"
    r"|еже(?:дневн|недельн|месячн|квартальн|годн)|\bраза? в\b|систематич|регулярн|в течени|на протяжени|по мере"
    r"|необходимости|по плану|по график)",
    re.I,
)
_WORD = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ]?[а-яё]+)*"
_NAME = re.compile(
    rf"^\s*(?:{_WORD}|[А-ЯЁ]{{2,}}(?:-[А-ЯЁ]+)?)\s+(?:{_WORD}(?:\s+{_WORD}(?:\s+(?:оглы|кызы))?)?|[А-ЯЁ]\s?\.\s?(?:[А-ЯЁ]\s?\.?)?|{_WORD}\s+[А-ЯЁ]\.?)"
    r"(?=\s*(?:$|[,;/(\n–—-]| и ))"
)
_NAME_CAPITALS = re.compile(
    r"^\s*[А-ЯЁ]{2,}(?:-[А-ЯЁ]+)?\s+(?:[А-ЯЁ]{2,}(?:\s+[А-ЯЁ]{2,})?|[А-ЯЁ]\.\s?[А-ЯЁ]?\.?)(?=\s*(?:$|[,;/(\n–—-]))"
)
_INITIALS_FIRST = re.compile(rf"^\s*[А-ЯЁ]\s?\.\s?[А-ЯЁ]?\s?\.?\s?{_WORD}")
_PHONE = re.compile(r"(?:\d[\s()-]*){6,}")
_URL = re.compile(r"https?://|www\.|\.(?:ru|рф|com|org|example)\b", re.I)


def _ditto_marks() -> frozenset[Value]:
    signs = ('"', "''", "“", "”", "„", "″", "〃", "//", "/ /", "||", "|", "II", "“”", "”“", '""')
    around = ("{}", "-{}-", "- {} -", "--{}--", "–{}–", "– {} –", "—{}—", "— {} —", "-{} -", "- {}-")
    marks = {way.format(sign) for way in around for sign in signs} - {"|", "II"}
    words = ("то же", "то же самое", "та же", "тот же", "те же", "он же", "она же", "там же", "такой же", "такая же")
    return frozenset(marks | {form(word) for word in words for form in (str, str.capitalize)})


# «-//-», «"», «то же»: what stands above, in the same column.
DITTO: frozenset[Value] = _ditto_marks()


def looks_like_name(value: Value) -> bool:
    """Does the cell hold a person's name («Иванова Ольга Петровна», «Иванова О.П.», «ИВАНОВА ОЛЬГА», «О.П.
    Иванова»)?"""
    return type(value) is str and bool(
        _NAME.match(value) or _NAME_CAPITALS.match(value) or _INITIALS_FIRST.match(value)
    )


_ODD_LINE = re.compile(rf"^(?!{_WORD} {_WORD}(?: {_WORD})?$).+$", re.MULTILINE)


def odd_names(names: Sequence[Value]) -> list[str]:
    """Those of the one-line texts that are not simply «Фамилия Имя Отчество»; one pass at the speed of a regular
    expression."""
    return _ODD_LINE.findall("\n".join(map(str, names)))


_TELLING_WORDS = ("итого", "всего", "общий", "из них", "в том числе", "средн", "___", "....", "……")
_WORDLESS_LINE = re.compile(r"^[\s_.…·\-–—*/\\|]+$", re.MULTILINE)


def odd_texts(texts: Sequence[Value]) -> list[str]:
    """Those of the one-line texts that may be a total or a placeholder; a few searches through all of them at once."""
    joined = "\n".join(map(str, texts))
    found = [line.strip("\n") for line in _WORDLESS_LINE.findall(joined)]
    folded = joined.lower()
    if any(word in folded for word in _TELLING_WORDS):
        return list(map(str, texts))
    return found


def looks_like_date(value: Value) -> bool:
    """A date typed, written, or as Excel's serial number of the years 2009–2036."""
    if isinstance(value, date):
        return True
    if isinstance(value, (int, float)):
        return 40000 <= value <= 50000
    return isinstance(value, str) and bool(_DATE.search(value))


def _number(value: Value) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.strip().replace(",", ".").rstrip("%").strip())
        except ValueError:
            return None
    return None


def fits(value: Value, field: Field) -> bool | None:
    """Can the cell be a value of the field? None when such a field may hold nearly anything."""
    kind = field.type
    if kind in ("date", "datetime"):
        return looks_like_date(value)
    if kind == "birth":
        number = _number(value)
        return looks_like_date(value) or (number is not None and (1930 <= number <= 2025 or 3 <= number <= 90))
    if kind in ("consent", "boolean"):
        return (
            looks_like_date(value)
            or value in (0, 1)
            or (isinstance(value, str) and fold(value).startswith(("да", "нет", "+", "-", "v", "✓", "имеет", "есть")))
        )
    if kind in ("name", "people"):
        if kind == "people":
            return None if isinstance(value, str) and not looks_like_date(value) else False
        return looks_like_name(value)
    if kind == "deadline":
        return looks_like_date(value) or (isinstance(value, str) and bool(_WHEN.search(value)))
    if kind in ("integer", "number", "percent", "score", "experience"):
        return (
            _number(value) is not None
            or isinstance(value, (Shown, time, timedelta))
            or (isinstance(value, str) and value[:1].isdigit() and len(value) < 20)
        )
    if kind == "phone":
        return isinstance(value, (str, int, float)) and bool(_PHONE.search(str(value)))
    if kind == "email":
        return isinstance(value, str) and "@" in value
    if kind == "url":
        return isinstance(value, str) and bool(_URL.search(value))
    if kind == "inn":
        return len(re.sub(r"\D", "", str(value).removesuffix(".0"))) in (9, 10, 11, 12)
    if kind == "class":
        return isinstance(value, (str, int, float)) and bool(
            re.match(r"\s*\d{1,2}(?!\d)|\s*[А-ЯA-Z]{1,5}-?\d|.*групп|.*курс", str(value), re.I)
        )
    if kind == "enum":
        return _is_enum(value, field)
    if isinstance(value, str):
        return None
    return False if isinstance(value, date) else None


def _is_enum(value: Value, field: Field) -> bool:
    if not isinstance(value, str):
        return False
    known = {fold(word) for one in field.enum for word in (one.title, one.code, *one.aliases)}
    folded = fold(value)
    if folded in known or any(part.strip() in known for part in re.split(r"[,;/\n]", folded)):
        return True
    stems = set(words_of(value)[0])
    return any(len(words) > 0 and set(words) <= stems for words in (words_of(one)[0] for one in known))


def sample(column: Sequence[Value]) -> list[Value]:
    """The first cells of a column that hold something."""
    found: list[Value] = []
    for value in column:
        if value != "" and not (isinstance(value, str) and not value.strip()):
            found.append(value)
            if len(found) == SAMPLE:
                break
    return found


def share_fitting(values: Iterable[Value], field: Field) -> float | None:
    """Share of the cells that can be values of the field; None when nothing can be said."""
    verdicts = [verdict for verdict in (fits(value, field) for value in values) if verdict is not None]
    return sum(verdicts) / len(verdicts) if verdicts else None
