"""Russian text as people type it, made comparable: one folded form for «Ёлка», «ЕЛКА» and «Eлка» with a Latin E."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

# Latin letters drawn like Cyrillic ones. Lower-case m, t, h, b are not: «т» and «t» look different in print.
LATIN_TO_CYRILLIC = str.maketrans("ABCEHKMOPTXYacekopxyËë", "АВСЕНКМОРТХУасекорхуЁё")
CYRILLIC_TO_LATIN = str.maketrans("АВСЕНКМОРТХУасекорхуЁё", "ABCEHKMOPTXYacekopxyËë")
_LATIN_TWINS = frozenset("ABCEHKMOPTXYacekopxyËë")
_CYRILLIC_TWINS = frozenset("АВСЕНКМОРТХУасекорхуЁё")
_ONE_LETTER_WORDS = frozenset("ACKOYacoky")  # а, с, к, о, у typed on the wrong layout

_DASHES = "‐‑‒–—―−⁃﹘﹣－⸺"
_QUOTES = "«»„“”‟‘’‚‛\"'`´‹›″′＂＇"
# Zero-width, direction, soft hyphen, byte order mark, the object mark of pasted pictures, stress mark.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\ufffc\u0301\u0300"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(chr(code) for code in range(32) if not chr(code).isspace())
)
_ROMAN = dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", "I II III IV V VI VII VIII IX X".split(), strict=True))

_VANISH = {ord(character): None for character in _INVISIBLE}
_FOLD = (
    _VANISH
    | {ord(character): "-" for character in _DASHES}
    | {ord(character): None for character in _QUOTES}
    | {ord("ё"): "е", ord("Ё"): "Е", ord("…"): "..."}
    | {ord(character): letters for character, letters in _ROMAN.items()}
)

_INVISIBLE_HERE = re.compile("[" + re.escape(_INVISIBLE) + "]")
_LATIN = re.compile("[A-Za-zËë]")
_CYRILLIC = re.compile("[А-Яа-яЁё]")
_WORD = re.compile("[A-Za-zËëА-Яа-яЁё]+")
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_AROUND_DASH = re.compile(r" ?-[- ]*")
_MAY_HOLD_RESIDUE = re.compile(r"[<\[&_]")
# All but signs that need no care at all: one search tells of nearly every cell that nothing has to be looked for in it.
# The letters й and ё are composed, and no mark that could join one before it is among the signs left out.
_NEEDS_CARE = re.compile(r"[^ -%'-;=-Z\\\]`-~\n\xa0«»А-яЁё№–—]")
# All but signs that folding only lowers: none is drawn like another, stands for another or is dropped.
_NEEDS_FOLDING = re.compile(r"[^А-яЁё0-9 !#-%(-;=?@\]^|}~\n\xa0№]")
# What Word, web pages and Excel's own escaping leave behind in pasted text.
_RESIDUE = re.compile(
    r"\[\s*bookmark\s*:[^\]]*\]|</?(?:ul|ol|li|p|br|div|span|b|i|u|em|strong|font|td|tr|table|tbody|a|h[1-6]|o:p|sup|sub)\b[^<>]*>"
    r"|<!--.*?-->|_x000[9AaDd]_",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:nbsp|amp|quot|laquo|raquo|lt|gt|ndash|mdash|shy|#\d{2,5}|#x[0-9a-fA-F]{2,4});")


def without_residue(text: str) -> str:
    """The text without «[bookmark: _GoBack]», HTML tags and entities; each leaves a space, so that words stay apart."""
    while _MAY_HOLD_RESIDUE.search(text):
        cleaned = _ENTITY.sub(lambda found: html.unescape(found.group()), _RESIDUE.sub(" ", text))
        if cleaned == text:
            break
        text = cleaned
    return text


def _composed(text: str) -> str:
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _bare(text: str) -> str:
    """Composed letters, nothing invisible, no residue; one may hide another, so until nothing changes."""
    if not _NEEDS_CARE.search(text):
        return text
    while True:
        before = text
        text = _composed(text)
        if _INVISIBLE_HERE.search(text):
            text = text.translate(_VANISH)
        if not _MAY_HOLD_RESIDUE.search(text):
            return _composed(text)
        text = without_residue(text)
        if text == before:
            return text


def squeeze(text: str) -> str:
    """Display form: composed letters, single spaces, nothing invisible; otherwise as typed."""
    return " ".join(_bare(text).split())


def is_blank(value: object) -> bool:
    """Does the cell show nothing? True for None and for text of spaces and invisible characters only."""
    if isinstance(value, str):
        # a letter or digit of ours shows, whatever follows it; nearly every cell begins with one
        return not (value and value[0] < "\u0530" and value[0].isalnum()) and (not value or not squeeze(value))
    return value is None


def _mend_word(word: str, to_latin: bool = False) -> str:
    """One run of letters: mixed scripts made one, if every letter of the minority has a twin."""
    latin = set(_LATIN.findall(word))
    if not latin or not _CYRILLIC.search(word):
        return word
    if latin <= _LATIN_TWINS:
        return word.translate(LATIN_TO_CYRILLIC)
    if to_latin and set(_CYRILLIC.findall(word)) <= _CYRILLIC_TWINS:
        return word.translate(CYRILLIC_TO_LATIN)
    return word


def mend_lookalikes(text: str, *, whole_words: bool = False) -> str:
    """The text with look-alike letters of the other script put right, equal to ``text`` when there are none.

    Only words that mix scripts are mended: a token of one letter and digits («P-145», «7A») is ordinary text.
    ``whole_words`` also takes words made of Latin twins alone, when the rest is Cyrillic («Петрова O. В.»): for names.
    """
    if not _LATIN.search(text) or not _CYRILLIC.search(text):
        return text
    mended = _WORD.sub(lambda found: _mend_word(found.group(), to_latin=True), text)
    if whole_words:
        mended = _WORD.sub(_mend_whole_word, mended)
    return mended


def _mend_whole_word(found: re.Match[str]) -> str:
    word = found.group()
    return word.translate(LATIN_TO_CYRILLIC) if _LATIN_TWINS.issuperset(word) else word


def _fold_token(found: re.Match[str]) -> str:
    # «P-145» and «7A» keep their letter: a lone letter is mended only where it can be a word («c 1 сентября»).
    token = found.group()
    if token in _ONE_LETTER_WORDS:
        return token.translate(LATIN_TO_CYRILLIC)
    return _WORD.sub(lambda part: _mend_word(part.group()), token)


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Form for comparison: lower case, ё as е, one kind of dash without spaces round it, no quotes, single spaces,
    no invisible characters or residue of Word, Latin twins inside Cyrillic words as Cyrillic. Idempotent."""
    if _NEEDS_FOLDING.search(text):
        return _folded_with_care(text)
    text = " ".join(text.lower().replace("ё", "е").split())
    return _AROUND_DASH.sub("-", text) if "-" in text else text


def _folded_with_care(text: str) -> str:
    text = _composed(_bare(text).translate(_FOLD))
    if _MAY_HOLD_RESIDUE.search(text):
        text = _composed(_bare(text).translate(_FOLD))  # dropped quotes may have closed a tag: «<"b">»
    if _LATIN.search(text) and _CYRILLIC.search(text):
        text = _composed(_TOKEN.sub(_fold_token, text))  # a twin may compose with a mark the Latin letter could not
    text = " ".join(text.lower().split())
    return _AROUND_DASH.sub("-", text) if "-" in text else text


_ENUMERATOR = re.compile(r"^\d{1,2}(?:\.\d{1,2})*[.)]\s*(?=[^\W\d])")
_PER_ORDER = re.compile(r"\bп\s*[./\\]?\s*п\b\.?")
_NUMBER_SIGN = re.compile(r"№+|(?<![^\W_])(?:n|no|nо)(?![^\W_])|#")
_REPEATED_NUMBER = re.compile(r"\bномер(?: номер\b)+")
_NOT_WORD = re.compile(r"[\W_]+")
_INITIALS_OF_FIO = re.compile(r"\bф и о\b")


@lru_cache(maxsize=16384)
def heading_key(text: str) -> str:
    """Form of a heading for comparison: folded, without numbering and punctuation.

    «№», «N» and «№ п/п» read «номер», «Ф.И.О.» reads «фио».
    """
    key = _ENUMERATOR.sub("", fold(text))
    key = _PER_ORDER.sub(" номер ", key)
    key = _NUMBER_SIGN.sub(" номер ", key)
    key = fold(_NOT_WORD.sub(" ", key))
    return _INITIALS_OF_FIO.sub("фио", _REPEATED_NUMBER.sub("номер", key))
