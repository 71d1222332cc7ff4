"""Telephones, contacts, e-mail, links and ИНН. A malformed one is kept as typed, with a warning (tables.md, settled
question 10).
"""

from __future__ import annotations

import re
from functools import lru_cache

from sheets_sync.table import Value
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.reading import (
    Read,
    ReadContext,
    Reading,
    Trouble,
    cell_text,
    digits_meant,
    malformed,
)
from sheets_sync.table_schema.types.words import read_text
from sheets_sync.text import CYRILLIC_TO_LATIN

_PHONE_LIKE = re.compile(r"\+?\s?\d(?:[\s().‐‑‒–—―−-]*\d){6,}")
_LETTER_IN_NUMBER = re.compile(r"(?<=\d)[OОoоlЗз](?![^\W\d_])|(?<![^\W_])[OОoоlЗз](?=\d)")
_LONGEST = 1000  # characters of a cell of contacts: a longer text holds something else
_EXTENSION = re.compile(r"(?:,\s*)?(?:доб|вн|внутр)[а-я]*\.?:?\s*\d{1,5}", re.IGNORECASE)
_LATIN_NAME = r"(?<![^\W_])[A-Za-z0-9](?:[A-Za-z0-9._%+'-]*[A-Za-z0-9_+-])?"
# An address is Latin throughout, its domain Cyrillic throughout («shkola@школа.рф»), or all of it is.
_EMAIL = re.compile(
    rf"{_LATIN_NAME}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{{2,}}(?![^\W_])"
    rf"|(?:{_LATIN_NAME}|[А-Яа-яЁё0-9](?:[А-Яа-яЁё0-9._-]*[А-Яа-яЁё0-9])?)"
    r"@(?:[0-9А-Яа-яЁё](?:[0-9А-Яа-яЁё-]*[0-9А-Яа-яЁё])?\.)+[А-Яа-яЁё]{2,}(?![^\W_])"
)


def phone_of(digits: str) -> str | None:
    """«+79140000000» of a Russian number's digits, with or without 7 or 8 in front; None if there are not that many."""
    if len(digits) == 11 and digits[0] in "78" and digits[1] in "3489":
        return "+7" + digits[1:]
    if len(digits) == 10 and digits[0] in "3489" and digits[:2] != "89":  # «8914…» lacks a digit
        return "+7" + digits
    return None


def _foreign(typed: str) -> str | None:
    """A number of another country; one of ours that lacks digits is none."""
    import phonenumbers

    if re.match(r"\+\s?7", typed) and sum(map(str.isdigit, typed)) != 11:
        return None
    try:
        number = phonenumbers.parse(typed, None)
    except phonenumbers.NumberParseException:
        return None
    return (
        str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        if phonenumbers.is_possible_number(number)
        else None
    )


def _two_numbers(digits: str) -> list[str] | None:
    """Two numbers typed one after another without anything between them."""
    if len(digits) in (20, 21, 22):
        for cut in (11, 10):
            first, second = phone_of(digits[:cut]), phone_of(digits[cut:])
            if first and second:
                return [first, second]
    return None


def read_phone(field: Field, context: ReadContext) -> Read:
    """Reader of telephones: «+79140000000», several joined by ", "; an e-mail among contacts is left as it is."""

    def read(value: Value) -> Reading:
        text = cell_text(value)
        if isinstance(value, float) and value.is_integer():
            text = str(int(value))
        if len(text) > _LONGEST:
            return malformed(text, "phone")
        found: list[str] = []
        bad = False
        bare = _EXTENSION.sub(" ", text)
        for match in _PHONE_LIKE.finditer(_EMAIL.sub(" ", bare)):
            digits = re.sub(r"\D", "", match.group())
            phone = phone_of(digits)
            if phone is None and match.group().startswith("+"):
                phone = _foreign(match.group())
            several = [phone] if phone else _two_numbers(digits)
            if several:
                found.extend(several)
            else:
                bad = True
        found.extend(_EMAIL.findall(bare))
        mended = _LETTER_IN_NUMBER.sub(lambda letter: digits_meant(letter.group().lower() + "0")[0], bare)
        if found and not bad and mended == bare:
            return Reading(", ".join(found))
        digits = re.sub(r"\D", "", mended)
        # «8914123*4567»: whatever stands between them, the digits are one number's
        suggestion = None if "@" in text else phone_of(digits)
        if len(digits) == 11 and digits[0] not in "78" and digits[1] == "9":
            suggestion = "+7" + digits[1:]
        return malformed(text, "phone", suggestion)

    return read


# A mobile number: 8, 7 or +7, then a 9. A local number («2-13-45») or the number of a flat has fewer digits.
# After «+7» nothing but such a number can follow, however few its digits are.
_MOBILE = re.compile(
    r"(?<![\d.-])(?:\+\s?7[\s(‐‑‒–—―−-]*9(?:[\s().‐‑‒–—―−-]*\d){2,}|[78][\s(‐‑‒–—―−-]*9(?:[\s().‐‑‒–—―−-]*\d){6,})"
)


# The whole cell is one number of 11 digits, as nearly every cell is: nothing more to look for.
_ONE_MOBILE = re.compile(r"\+?[78][ (-]*9(?:[ ().-]*[0-9]){9}")

_USUAL_MOBILE = re.compile(r"\+?[78](?: ?\(?|-)9[0-9]{2}(?:\) ?|[ -]?)[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2}")


def usual_phone(text: str) -> str:
    """The text if it is plainly one mobile number, written as most are; "" decides nothing."""
    return text if _USUAL_MOBILE.fullmatch(text) else ""


def read_contacts(field: Field, context: ReadContext) -> Read:
    """Reader of free text about how to reach somebody: kept as typed, a mobile number without its 11 digits is told."""
    as_text = read_text(field, context)

    def read(value: Value) -> Reading:
        reading = as_text(value)
        if reading.trouble or len(str(value)) > _LONGEST:
            return reading
        if isinstance(value, str) and _ONE_MOBILE.fullmatch(value):
            return reading
        typed = str(reading.value or "") if isinstance(value, float) else str(value)
        for part in re.split(r"[,;/\n]", _EXTENSION.sub(" ", _EMAIL.sub(" ", typed))):
            for match in _MOBILE.finditer(part):
                digits = re.sub(r"\D", "", match.group())
                if len(digits) != 11 and not _two_numbers(digits):
                    return malformed(str(reading.value), "contact-phone")
        return reading

    return read


_AT = re.compile(r"\s*(?:[(\[«\"](?:at|a|а|собака)[)\]»\"]|\sсобака\s|@{2,}|#|＠)\s*", re.IGNORECASE)
# Domains most addresses have, and the endings they may have; the first is the usual one.
_PROVIDERS = {
    "mail": ("ru", "com", "ua"),
    "yandex": ("ru", "com", "by", "kz", "ua", "uz"),
    "gmail": ("com",),
    "rambler": ("ru",),
    "inbox": ("ru", "lv"),
    "list": ("ru",),
    "outlook": ("com",),
    "icloud": ("com",),
    "hotmail": ("com",),
}


@lru_cache(maxsize=4096)
def _provider_meant(domain: str) -> str | None:
    """«mail.ru» of «mail.ry», «mial.ru», «mail»; None for a domain that is right or not to be told."""
    name, _, ending = domain.lower().translate(CYRILLIC_TO_LATIN).partition(".")
    if "." in ending:
        return None
    if name in _PROVIDERS:
        return None if ending in _PROVIDERS[name] else f"{name}.{_PROVIDERS[name][0]}"
    from rapidfuzz.distance import OSA

    for known, endings in _PROVIDERS.items():
        slips = 2 if len(known) > 5 else 1
        alike = name[:1] == known[0] and abs(len(name) - len(known)) <= (slips if len(known) > 4 else 0)
        if alike and OSA.distance(name, known, score_cutoff=slips) <= slips:
            return f"{known}.{ending if ending in endings else endings[0]}"
    return None


_MAIL_DOMAIN = re.compile(
    r"(?<=[a-z0-9])[.,]?(?=(?:mail|yandex|ya|bk|list|inbox|rambler|gmail|internet)\.[a-z]+$)", re.IGNORECASE
)


def _mended_email(text: str) -> str | None:
    mended = _AT.sub("@", text.removeprefix("mailto:").strip(" .,;<>"))
    mended = re.sub(r"\s+", "", mended).replace(",", ".").replace(";", ".").removeprefix("www.")
    mended = re.sub(r"\.{2,}", ".", mended).replace("@.", "@").replace(".@", "@")
    mended = re.sub(r"(?<=@)([^@/]+)/", r"\1.", mended)
    name, at, domain = mended.partition("@")
    if not at:
        guess = _MAIL_DOMAIN.sub("@", mended, count=1)
        if guess == mended and mended.count(".") >= 2:
            guess = mended.replace(".", "@", 1)  # «kurator2.school.example»: the last two names are the domain
        mended = guess
        name, at, domain = mended.partition("@")
    if (
        at
        and "." not in domain
        and (known := re.fullmatch(r"(mail|yandex|bk|list|inbox|gmail|rambler)(ru|com)", domain))
    ):
        domain = f"{known[1]}.{known[2]}"
    latin = f"{name}@{_provider_meant(domain) or domain}".translate(CYRILLIC_TO_LATIN)
    mended = latin if latin.isascii() else f"{name}@{domain}"
    return mended if _EMAIL.fullmatch(mended) else None


_TORN = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._-]+")  # what may be the beginning of an address
_SAY_MAIL = frozenset(("e-mail", "email", "mail", "e", "mailto"))


def read_email(field: Field, context: ReadContext) -> Read:
    """Reader of an e-mail address, several joined by ", "."""

    def read(value: Value) -> Reading:
        text = cell_text(value)
        if len(text) > _LONGEST:
            return malformed(text, "email")
        if _EMAIL.fullmatch(text):
            meant = _provider_meant(text.partition("@")[2]) if not text.startswith("www.") else text
            return malformed(text, "email", _mended_email(text)) if meant else Reading(text)
        pieces = [piece.strip("<>().").removeprefix("mailto:") for piece in re.split(r"[\s,;/:]+", text) if piece]
        addresses = [piece for piece in pieces if "@" in piece]
        if addresses and all(map(_EMAIL.fullmatch, addresses)):
            if any(_provider_meant(address.partition("@")[2]) for address in addresses):
                return malformed(text, "email", ", ".join(_mended_email(address) or address for address in addresses))
            # other words beside whole addresses add nothing, unless an address was torn («ivanova,o@mail.ru»)
            if any(_TORN.fullmatch(piece) and piece.lower() not in _SAY_MAIL for piece in pieces if "@" not in piece):
                return malformed(text, "email", _mended_email(text) if len(addresses) == 1 else None)
            return Reading(", ".join(addresses))
        return malformed(text, "email", _mended_email(text))

    return read


_HOST = (
    r"(?:[A-Za-z0-9А-Яа-яЁё](?:[A-Za-z0-9А-Яа-яЁё_-]*[A-Za-z0-9А-Яа-яЁё])?\.)+(?:[A-Za-zА-Яа-яЁё]{2,}|xn--[a-z0-9-]+)"
)
_URL = re.compile(rf"(?i:(?:https?|ftp)://)?{_HOST}(?::\d+)?(?:[/?#]\S*)?")


# One scheme however mistyped («htpp://», «https//», «ttps:/»), or typed twice.
_SCHEMES = re.compile(r"^(?:https?:/+)?([htp]{3,6}s?(?:[:;]/*|/+))", re.IGNORECASE)


def _mended_url(text: str) -> str | None:
    mended = re.sub(r"^www[\s,]+", "www.", text.strip(" .,;"))
    mended = _SCHEMES.sub(
        lambda typed: "https://" if typed[1].rstrip(":;/").lower().endswith("s") else "http://",
        re.sub(r"\s+", "", mended).replace("\\", "/"),
    )
    mended = re.sub(r"(?<=\w),(?=\w)", ".", mended)
    return mended if mended != text and _URL.fullmatch(mended) and re.search("[A-Za-z]", mended) else None


# What shows that an address was meant, however broken; words alone («на сайте», «лист «План»») say where to look.
_MEANT_AS_URL = re.compile(r"https?|www|//|\\|@|\w\.[^\W\d_]{2,}|[a-z0-9]/[a-z0-9]", re.IGNORECASE)


def read_url(field: Field, context: ReadContext) -> Read:
    """Reader of a link, several joined by a space; the scheme may be missing, words in place of a link are kept."""

    def read(value: Value) -> Reading:
        text = cell_text(value)
        pieces = [piece.rstrip(",;.") for piece in text.split()]
        links = [
            piece
            for piece in pieces
            if _URL.fullmatch(piece) and ("/" in piece or piece == text or piece.startswith("www."))
        ]
        if links and len(links) == len(pieces):
            return Reading(" ".join(links))
        with_scheme = [link for link in links if link.lower().startswith(("http://", "https://"))]
        torn = any(piece not in links and not re.search("[А-Яа-яЁё]", piece) for piece in pieces)
        if with_scheme and not torn:
            return Reading(" ".join(with_scheme))  # words beside a whole link add nothing
        mended = _mended_url(text)
        return malformed(text, "url", mended) if mended or _MEANT_AS_URL.search(text) else Reading(text)

    return read


_WEIGHTS_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_WEIGHTS_11 = (7, *_WEIGHTS_10)
_WEIGHTS_12 = (3, *_WEIGHTS_11)


def inn_is_valid(digits: str) -> bool:
    """Do the check digits of a 10- or 12-digit ИНН agree?"""

    def check(weights: tuple[int, ...]) -> int:
        return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11 % 10

    if not digits.isascii() or not digits.isdecimal() or not digits.strip("0"):
        return False
    if len(digits) == 10:
        return check(_WEIGHTS_10) == int(digits[9])
    return len(digits) == 12 and check(_WEIGHTS_11) == int(digits[10]) and check(_WEIGHTS_12) == int(digits[11])


def read_inn(field: Field, context: ReadContext) -> Read:
    """Reader of an ИНН; one short digit is the zero a number cell lost, put back and said so."""

    def read(value: Value) -> Reading:
        text = cell_text(value)
        if isinstance(value, float) and value.is_integer():
            text = str(int(value))
        bare = re.sub(r"(?i)инн(?:\s*/\s*кпп)?\s*[:№]?|№|[\s-]|\.0$", "", text)
        digits = bare.split("/")[0]  # «ИНН/КПП» in one cell
        if inn_is_valid(digits):
            return Reading(digits)
        meant = digits_meant(digits.lower())
        if meant != digits.lower() and inn_is_valid(meant):
            return malformed(text, "inn-length", meant)
        if digits.isascii() and digits.isdecimal() and len(digits) in (9, 11):
            padded = "0" + digits
            if inn_is_valid(padded):
                return Reading(padded, Trouble("cell-text-number", "info", padded, (("why", "leading-zero"),)))
            return malformed(digits, "inn-length")
        if digits.isdecimal() and len(digits) in (10, 12):
            return malformed(digits, "inn-check-digit")
        return malformed(text, "inn-length")

    return read
