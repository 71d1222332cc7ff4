"""How a spreadsheet's locale reads what people type and shows numbers and dates."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

EPOCH = datetime(1899, 12, 30)
NumberFormat = dict[str, str]  # {"type": …, "pattern": …}


@dataclass(frozen=True)
class Locale:
    decimal: str
    thousands: str
    order: str  # of a typed date: "mdy" or "dmy"
    date: str  # patterns a formula's date is shown with
    time: str = "h:mm:ss"
    true: str = "TRUE"
    false: str = "FALSE"
    sheet: str = "Sheet"
    months: tuple[str, ...] = ()


_ENGLISH = tuple("January February March April May June July August September October November December".split())
_RUSSIAN = tuple("января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split())
LOCALES = {
    "en_US": Locale(".", ",", "mdy", "M/d/yyyy", "h:mm:ss AM/PM", months=_ENGLISH),
    "en_GB": Locale(".", ",", "dmy", "dd/MM/yyyy", months=_ENGLISH),
    "ru_RU": Locale(",", "\u00a0", "dmy", "dd.MM.yyyy", "H:mm:ss", "ИСТИНА", "ЛОЖЬ", "Лист", _RUSSIAN),
    "fr_FR": Locale(",", "\u202f", "dmy", "dd/MM/yyyy", "HH:mm:ss", "VRAI", "FAUX", "Feuille"),
    "de_DE": Locale(",", ".", "dmy", "dd.MM.yyyy", "HH:mm:ss", "WAHR", "FALSCH", "Tabellenblatt"),
    "uk_UA": Locale(",", "\u00a0", "dmy", "dd.MM.yyyy", "HH:mm:ss", "ІСТИНА", "ХИБНІСТЬ", "Аркуш"),
}
_NAME = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def known(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


def locale_of(name: str) -> Locale:
    """The habits of a locale; one that is not in the table borrows from its language, or else from en_US."""
    if name in LOCALES:
        return LOCALES[name]
    language = name.split("_")[0]
    return next((found for key, found in LOCALES.items() if key.split("_")[0] == language), LOCALES["en_US"])


class Typed(NamedTuple):
    """What a typed text became: a value, and the number format that came with it."""

    value: bool | int | float | str
    format: NumberFormat | None = None


def understand(text: str, locale: Locale) -> Typed:
    """A text as if a person had typed it into a cell (formulas are the caller's business)."""
    if text.startswith("'"):
        return Typed(text[1:])
    bare = text.strip()
    if bare.upper() in ("TRUE", locale.true):
        return Typed(True)
    if bare.upper() in ("FALSE", locale.false):
        return Typed(False)
    return _number(bare, locale) or _moment(bare, locale) or Typed(text)


def _number(text: str, locale: Locale) -> Typed | None:
    percent = text.endswith("%")
    body = text.removesuffix("%").strip()
    currency = next((sign for sign in "$€£₽" if sign in body), "")
    if currency:
        body = re.sub(rf"^([+-]?){re.escape(currency)}|{re.escape(currency)}$", r"\1", body).strip()
    spaces = "[\u00a0\u202f ]" if locale.thousands in "\u00a0\u202f" else re.escape(locale.thousands)
    point = re.escape(locale.decimal)
    found = re.fullmatch(rf"([+-]?)(\d{{1,3}}(?:{spaces}\d{{3}})+|\d+)?(?:({point})(\d*))?([eE][+-]?\d+)?", body)
    if not found or not (found[2] or found[4]):
        return None
    whole = re.sub(r"\D", "", found[2] or "0")
    grouped = whole != (found[2] or "0")
    fraction = found[4] or ""
    number = float(f"{found[1]}{whole}.{fraction or 0}{found[5] or ''}")
    value: int | float = int(number) if number.is_integer() and abs(number) < 1e15 else number
    decimals = "." + "0" * len(fraction) if fraction else ""
    if percent:
        return Typed(value / 100, {"type": "PERCENT", "pattern": "0.00%" if fraction else "0%"})
    if currency:
        return Typed(value, {"type": "CURRENCY", "pattern": f'"{currency}"#,##0' + (".00" if fraction else "")})
    if found[5]:
        return Typed(value, {"type": "SCIENTIFIC", "pattern": "0.00E+00"})
    if grouped:
        return Typed(value, {"type": "NUMBER", "pattern": "#,##0" + (decimals and ".00")})
    return Typed(value)


_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp][Mm]))?")


def _moment(text: str, locale: Locale) -> Typed | None:
    day, pattern, rest = _day(text, locale)
    if not rest:
        return Typed(day, {"type": "DATE", "pattern": pattern}) if day is not None else None
    clock = _CLOCK.fullmatch(rest.strip(" T") if day is not None else rest)
    if not clock:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock[4].lower() == "pm" else 0)
    if minute > 59 or second > 59 or (day is not None and hour > 23):
        return None
    part = (hour * 3600 + minute * 60 + second) / 86400
    shown = ("hh" if len(clock[1]) == 2 else "h") + ":mm" + (":ss" if clock[3] else "") + (" AM/PM" if clock[4] else "")
    if day is None:
        return Typed(part, {"type": "TIME", "pattern": shown})
    return Typed(day + part, {"type": "DATE_TIME", "pattern": f"{pattern} {shown}"})


def _day(text: str, locale: Locale) -> tuple[int | None, str, str]:
    """Serial number, pattern as typed and what follows; (None, "", text) when no date is at the beginning."""
    found = re.match(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d.])", text)
    if found:
        year, month, day = int(found[1]), int(found[3]), int(found[4])
        parts = ["yyyy", "m" * len(found[3]), "d" * len(found[4])]
    else:
        found = re.match(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d.])", text)
        if not found or (found[2] == "." and locale.decimal == "."):
            return None, "", text
        first, second = int(found[1]), int(found[3])
        year = int(found[4]) if len(found[4]) == 4 else int(found[4]) + (2000 if int(found[4]) < 50 else 1900)
        month, day = (first, second) if locale.order == "mdy" else (second, first)
        parts = ["m" * len(found[1]), "d" * len(found[3])] if locale.order == "mdy" else []
        parts = parts or ["d" * len(found[1]), "m" * len(found[3])]
        parts.append("y" * len(found[4]))
    try:
        serial = (date(year, month, day) - EPOCH.date()).days
    except ValueError:
        return None, "", text
    return serial, found[2].join(parts), text[found.end() :]


def show(value: bool | int | float | str, number_format: NumberFormat | None, locale: Locale) -> str:
    """A value as the spreadsheet shows it."""
    if isinstance(value, bool):
        return locale.true if value else locale.false
    if isinstance(value, str):
        return value
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern", "") or DEFAULT_PATTERNS.get(kind, "")
    if kind in ("DATE", "TIME", "DATE_TIME"):
        pattern = pattern or {"DATE": locale.date, "TIME": locale.time}.get(kind, f"{locale.date} {locale.time}")
    if kind == "TEXT" or pattern == "@" or not pattern or pattern == "General":
        return general(value, locale)
    if kind in ("DATE", "TIME", "DATE_TIME") or _is_moment(pattern):
        return _show_moment(value, pattern, locale)
    return _show_number(value, pattern, locale)


DEFAULT_PATTERNS = {"NUMBER": "#,##0.00", "PERCENT": "0.00%", "CURRENCY": '"$"#,##0.00', "SCIENTIFIC": "0.00E+00"}


def general(number: int | float, locale: Locale) -> str:
    """Ten significant digits, whole numbers in full up to fifteen, then powers of ten."""
    if float(number).is_integer() and abs(number) < 1e15:
        return str(int(number))
    size = abs(number)
    if size >= 1e15 or size < 1e-9:
        mantissa, _, power = f"{number:.5E}".partition("E")
        text = f"{mantissa.rstrip('0').rstrip('.')}E{power[0]}{int(power[1:]):02d}"
    else:
        exact = Decimal(repr(number))
        places = max(0, 9 - exact.adjusted())
        text = format(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", locale.decimal)


def _is_moment(pattern: str) -> bool:
    bare = re.sub(r'"[^"]*"|\\.|\[\$[^\]]*\]', "", pattern)
    return bool(re.search(r"[ymdhs]", bare, re.IGNORECASE)) and not re.search(r"[0#]", bare.replace(".00", ""))


_MOMENT = re.compile(r'"([^"]*)"|\\(.)|\[(h+)\]|(am/pm|a/p|y+|m+|d+|h+|s+)|(.)', re.IGNORECASE | re.DOTALL)


def _show_moment(value: int | float, pattern: str, locale: Locale) -> str:
    pattern = re.sub(r"\[\$[^\]]*\]", "", pattern).split(";")[0]
    try:
        moment = EPOCH + timedelta(seconds=round(value * 86400))
    except OverflowError:
        return general(value, locale)
    half = bool(re.search("am/pm|a/p", pattern, re.IGNORECASE))
    tokens = list(_MOMENT.finditer(pattern))
    words = [(m[4] or "").lower() for m in tokens]
    shown = []
    for i, token in enumerate(tokens):
        word = words[i]
        letter = word[:1]
        size = len(word)
        if token[3]:
            shown.append(str(int(value * 24)).zfill(len(token[3])))
        elif not word:
            shown.append(next((g for g in (token[1], token[2], token[5]) if g is not None), ""))
        elif letter == "a":
            shown.append("AM" if moment.hour < 12 else "PM")
        elif letter == "y":
            shown.append(f"{moment.year:04d}" if size > 2 else f"{moment.year % 100:02d}")
        elif letter == "d":
            shown.append(f"{moment.day:0{min(size, 2)}d}" if size < 3 else moment.strftime("%a" if size == 3 else "%A"))
        elif letter == "h":
            hour = (moment.hour - 1) % 12 + 1 if half else moment.hour
            shown.append(f"{hour:0{min(size, 2)}d}")
        elif letter == "s":
            shown.append(f"{moment.second:0{min(size, 2)}d}")
        elif _is_minute(words, i):
            shown.append(f"{moment.minute:0{min(size, 2)}d}")
        elif size < 3:
            shown.append(f"{moment.month:0{size}d}")
        else:
            name = (locale.months or _ENGLISH)[moment.month - 1]
            shown.append(name[:3] if size == 3 else name)
    return "".join(shown)


def _is_minute(words: list[str], at: int) -> bool:
    """`m` is minutes right after hours or right before seconds."""
    before = next((w for w in reversed(words[:at]) if w), "")
    after = next((w for w in words[at + 1 :] if w), "")
    return before.startswith("h") or after.startswith("s") or (at > 0 and before == "" and after.startswith("s"))


def _show_number(value: int | float, pattern: str, locale: Locale) -> str:
    sections = pattern.split(";")
    if value < 0 and len(sections) > 1 and sections[1]:
        section, number = sections[1], abs(value)
    elif value == 0 and len(sections) > 2:
        section, number = sections[2], value
    else:
        section, number = sections[0], value
    section = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r'"\1"', section)
    section = re.sub(r"\[[^\]]*\]", "", section)
    literals: list[str] = []

    def keep(found: "re.Match[str]") -> str:
        literals.append(found[1] if found[1] is not None else (found[2] or ""))
        return chr(0xE000 + len(literals) - 1)

    section = re.sub(r'"([^"]*)"|\\(.)', keep, section)
    section = re.sub(r"_.|\*.", "", section)
    digits = re.search(r"[#0?,.]*[#0?][#0?,.]*(?:E\+0+)?", section)
    text = section
    if digits:
        percent = section.count("%")
        body = _digits(number * 100**percent, digits[0], locale)
        text = section[: digits.start()] + body + section[digits.end() :]
    return "".join(literals[ord(c) - 0xE000] if 0xE000 <= ord(c) < 0xE000 + len(literals) else c for c in text)


def _digits(number: int | float, pattern: str, locale: Locale) -> str:
    pattern, exponent, _ = pattern.partition("E+")
    whole, _, fraction = pattern.partition(".")
    least, most = fraction.count("0"), sum(fraction.count(c) for c in "0#?")
    if exponent:
        mantissa, _, power = f"{number:.{most}E}".partition("E")
        return f"{mantissa.replace('.', locale.decimal)}E{power[0]}{int(power[1:]):02d}"
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    text = format(abs(rounded), "f")
    front, _, back = text.partition(".")
    while len(back) > least and back.endswith("0"):
        back = back[:-1]
    front = front.lstrip("0").zfill(whole.count("0"))
    if "," in whole:
        front = re.sub(r"(?<=\d)(?=(\d{3})+$)", locale.thousands, front)
    sign = "-" if rounded < 0 else ""
    return sign + front + (locale.decimal + back if back else "")


def serial(moment: Any) -> float:
    """Days since 1899-12-30 of a date, datetime, time or duration."""
    if isinstance(moment, timedelta):
        return moment.total_seconds() / 86400
    if not isinstance(moment, date):  # a time of day
        return float(moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400
    full = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    return (full.replace(tzinfo=None) - EPOCH).total_seconds() / 86400
