"""Names of people and organisations as typed in Russian sheets: keys to compare them by, several in one cell, age."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from sheets_sync.text import fold, mend_lookalikes, squeeze

_PATRONYMIC = re.compile(
    r"(?:[ое]вич|(?:иль|кузьм|лук|фом|никит|савв|фок|хом|мин)ич|[ое]вна|ична|оглы|оглу|кызы|гызы|улы)$"
)
_LIKE_PATRONYMICS = ("ич", "вна", "ична", "оглы", "оглу", "кызы", "гызы", "улы")  # ends of all of them, and of others
_PARTICLES = frozenset(("оглы", "оглу", "кызы", "гызы", "улы", "заде", "фон", "де", "ван", "эль", "аль", "бей"))

# Words of posts and bodies, in the forms people write them; endings are spelled out so that surnames
# («Мастеров», «Директоренко», «Секретарёва») stay names.
_POST = re.compile(
    r"(?:зам|завуч[аиуе]?|заместител(?:ь|я|ю|ем|и|ей|ями)|директор(?:а|у|ом|ы|ов)?|завед\w+|зав|и\.?о"
    r"|учител(?:ь|я|ю|ем|и|ей|ями)|учительница|педагог(?:и|а|у|ом|ов|ами)?|преподавател(?:ь|я|ю|ем|и|ей)"
    r"|воспитател(?:ь|я|ю|ем|и|ей)"
    r"|руководител(?:ь|я|ю|ем|и|ей|ями)|рук|куратор(?:ы|а|у|ом|ов|ами)?|координатор(?:ы|а|у|ом|ов)?"
    r"|наставник(?:и|а|у|ом|ов|ами)?|наставляем(?:ый|ые|ого|ых|ая)|стажер(?:ы|а|ов)?|психолог(?:и|а|ов)?"
    r"|соцпедагог(?:и|а)?"
    r"|методист(?:ы|а|ов)?|мастер|мастера|советник|администраци[яией]+|специалист(?:ы|а|ов)?|член(?:ы|ов)?"
    r"|комисси[яией]+"
    r"|родител(?:ь|и|ей)|законн\w+|обучающ\w+|учащ\w+|учени(?:к|ки|ца|цы|ков)|студент(?:ы|ов|ка)?|школьник(?:и|ов)?"
    r"|классн(?:ый|ые|ого|ых)|кл|тьютор(?:ы|а)?|логопед(?:ы|а)?|дефектолог(?:и|а)?|библиотекарь|вожат\w+"
    r"|секретарь|инженер|бухгалтер"
    r"|ответственн\w+|работник(?:и|ов)?|сотрудник(?:и|ов)?|коллектив|председател(?:ь|и|я)|представител(?:ь|и"
    r"|ей)|партнер(?:ы|ов)?"
    r"|соц|ст|преп|восп"
    r"|инструктор(?:ы)?|руководство|начальник|отдел|управление|совет|рабоч(?:ая|ие|ей)|творческ(?:ая|ие)"
    r"|групп[аы]|все|весь"
    r"|старш(?:ий|ая|ие)|младш(?:ий|ая)|главн(?:ый|ая)|социальн(?:ый|ого|ые)|музыкальн(?:ый|ые)|молод(?:ой"
    r"|ые)|опытн(?:ый|ые)"
    r"|шмо|рмо|гмо|мо|увр|вр|вмр|упр|нмр|ахч|уо|оо|доу|удод|цмн|шсн|пмпк|ппк|мсс"
    r"|организатор(?:ы)?|предметник(?:и|ов)?|выпускник(?:и|ов)?|волонтер(?:ы|ов)?|ветеран(?:ы|ов)?"
    r"|предпринимател(?:ь|и)|предприяти[яей]+)"
)
_NOT_FILLED = re.compile(
    r"(?:вакан\w*|не (?:назнач|определ|закрепл|выбран|подобран)\w*|в поиске.*|в стадии.*|подбирается|уточняется|нет)"
)

_NUMBERING = re.compile(
    r"^\s*(?:(?:\d{1,3}\s*[.)]+|[-–—•*·▪])\s*(?=[^\W\d])|(?:№\s?)?\d{1,3}\s+(?=[А-ЯЁ][А-ЯЁа-яё]+\s+[А-ЯЁ]))"
)
_INNER_NUMBERING = re.compile(r"(?:(?<=^)|(?<=[\s,;]))\d{1,2}\s*[.)]\s*(?=[А-ЯЁA-Z])")
_PARENTHESES = re.compile(r"\([^()]*\)?")
_TRAILING_CLASS = re.compile(
    r"[\s,]+(?:ученик\w*\s+|обучающ\w+\s+)?(?:(?:\d{1,2}\.\d{1,2}\.)?(?:19|20)\d\d\s*г?\.?\s*р?\.?"
    r"|\d{1,2}\s*-?\s*[\"«“„]?[а-яёa-z]?[\"»”]?\s*(?:класс\w*|кл)?)[.,]?$",
    re.IGNORECASE,
)
# «Лось Дарья Юрьевна – воспитатель»; a second surname would begin with a capital
_DIGIT = re.compile(r"\d")
_BESIDE_NAME = re.compile(r",\s*[^,]*\d.*$", re.DOTALL)
# «ученица 7А класса Иванова Ольга», «И.о. директора …»
_PUPIL_BEFORE = re.compile(
    r"^(?:учени|обучающ|учащ|студент|воспитанни)\w*\s+\d{1,2}\s*-?\s*[«\"]?[А-Яа-яЁё]?[»\"]?\s+"
    r"(?:(?:класса|курса|группы|кл\.?)\s+)?(?=[А-ЯЁ])",
    re.IGNORECASE,
)
_ACTING = re.compile(r"(?<![^\W_])[Ии]\.\s?о\.\s+(?=[а-яё]{3})")
_LABEL = re.compile(r"^([^\W\d_][^:;,\n]{1,40}?)\s*(?::|\s[-–—])\s*(?=[А-ЯЁ])")
# Initials stuck to the surname («ИвановаО.К.») or in small letters after it («Иванова о.к.»).
_STUCK_INITIALS = re.compile(r"(?<=[а-яё]{2})(?=[А-ЯЁ]\.)")
_SMALL_INITIALS = re.compile(r"(?<=^)([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+)([а-яё]\.\s?(?:[а-яё]\.?)?)$")
_HYPHENED_PARTICLE = re.compile(r"-(?=(?:оглы|оглу|кызы|гызы|улы)(?![а-яё]))", re.IGNORECASE)
_POST_AFTER_DASH = re.compile(r"\s+[-‐‑‒–—−]+\s+[а-яё].*$", re.DOTALL)
_SPACED_DASH = re.compile(r"\s*[-‐‑‒–—−]\s*")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ`-][^\W\d_]+)*")
_LONGEST = 300  # characters of one person's name with a post beside it: a longer text names nobody
_CODE = re.compile(r"[^\W\d_]+[ №-]*\d[\d-]*")  # «ОО-014», «Участник 12»
_FULL_NAME = re.compile(r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)? [А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:вич|вна|ична|ьич)")
_WITH_INITIALS = re.compile(r"([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?) ([А-ЯЁ])\. ?(?:([А-ЯЁ])\.?)?,?")


def _is_post(word: str) -> bool:
    """Is the folded word part of a post? Hyphenated posts («педагог-психолог») by their first part."""
    return _POST.fullmatch(word.split("-", 1)[0]) is not None


def _bare(text: str) -> str:
    """The name alone: no numbering, brackets, class or year of birth after it."""
    text = _PARENTHESES.sub(" ", _NUMBERING.sub("", text)).strip(" ,;")
    if not _DIGIT.search(text):
        return text
    text = _PUPIL_BEFORE.sub("", text)
    for beside in (_TRAILING_CLASS, _BESIDE_NAME):
        shorter = beside.sub("", text)
        if len(_NAME_WORD.findall(shorter)) > 1:  # «Участник 12» is a code
            text = shorter
    return text


def _name_words(text: str) -> list[str]:
    """Words of the one person in a squeezed, mended text: surname first, lower case, ё as е; empty when there is
    no person.
    """
    text = _bare(text)
    if len(text) > _LONGEST:
        return []
    label = _LABEL.match(text) if ":" in text or _SPACED_DASH.search(text) else None
    if label and _is_post(label[1].split()[0].lower().rstrip(".").replace("ё", "е")):
        text = text[label.end() :]
    if text[:1].isupper():
        text = _POST_AFTER_DASH.sub("", text)
    text = _SPACED_DASH.sub("-", text)
    if "-" in text:
        text = _HYPHENED_PARTICLE.sub(" ", text)
    if "." in text:
        text = _STUCK_INITIALS.sub(" ", _ACTING.sub("", text))
        text = _SMALL_INITIALS.sub(lambda found: found[1] + found[2].upper(), text)
    if any(character.isdecimal() for character in text):
        return []
    words = _NAME_WORD.findall(text)
    mixed_case = any(word[:1].isupper() and not (len(word) > 1 and word.isupper()) for word in words if len(word) > 1)
    any_capital = any(word[:1].isupper() for word in words)
    kept: list[str] = []
    capitals: list[tuple[int, str]] = []  # with the place among the kept
    seen_post = False
    for word in words:
        folded = word.lower().replace("ё", "е")
        if len(word) > 1 and _is_post(folded):
            seen_post = True
        elif len(word) > 1 and word.isupper() and mixed_case:
            capitals.append((len(kept), folded))  # «УВР» or a surname in capitals: settled below
        elif word[:1].isupper() or folded in _PARTICLES or not any_capital:
            kept.append(folded)
        else:
            seen_post = True
    if capitals and (not any(len(word) > 1 for word in kept) or (len(kept) == 2 and _PATRONYMIC.search(kept[1]))):
        kept.insert(*capitals[0])
    elif len(words) == 2 and capitals and capitals[0][0] == 1 and len(capitals[0][1]) == 2:
        kept.extend(capitals[0][1])  # «Иванова ОК»
    if not kept or (seen_post and (len(kept) < 2 or not any_capital)):
        return []
    return _surname_first(kept)


def _surname_first(words: list[str]) -> list[str]:
    initials = 0
    while initials < len(words) and len(words[initials]) == 1:
        initials += 1
    if 0 < initials < len(words):
        return [*words[initials:], *words[:initials]]
    if len(words) == 3 and len(words[2]) > 1 and _PATRONYMIC.search(words[1]) and not _PATRONYMIC.search(words[2]):
        return [words[2], words[0], words[1]]
    return words


def name_key(text: str) -> str:
    """Key of a person's name: «Иванова О. К.», «О.К. Иванова», «ИВАНОВА О.К.,» → «иванова о к»; posts beside a name
    are left out.

    A text that holds no name (a code, a post) gives its folded form.
    """
    usual = usual_name(text)
    if usual and "." not in text:
        return usual
    short = _WITH_INITIALS.fullmatch(text)
    if short:
        surname = short[1].lower().replace("ё", "е")
        if not _is_post(surname):
            return " ".join([surname, *(letter.lower().replace("ё", "е") for letter in short.groups()[1:] if letter)])
    clean = mend_lookalikes(squeeze(text), whole_words=True)
    return " ".join(_name_words(clean)) or fold(clean).strip(" .,;:")


def is_initials(key: str) -> bool:
    """Is the given name of this :func:`name_key` only a letter («иванова о к»)?"""
    words = key.split(" ")
    return len(words) > 1 and len(words[1]) == 1


def initials_of(key: str) -> str:
    """The key with given names shortened: «иванова ольга константиновна» → «иванова о к»."""
    surname, *given = key.split(" ")
    return " ".join([surname, *(name[0] for name in given[:2] if name)])


def compatible(key_a: str, key_b: str) -> bool:
    """Can both keys name one person? Same surname, and given names equal or one the first letter of the other.

    A missing patronymic fits any; a surname alone fits only itself.
    """
    if key_a == key_b:
        return True
    surname_a, *given_a = key_a.split(" ")
    surname_b, *given_b = key_b.split(" ")
    if surname_a != surname_b or not given_a or not given_b:
        return False
    return all(
        a == b or (len(a) == 1 and b.startswith(a)) or (len(b) == 1 and a.startswith(b))
        for a, b in zip(given_a[:2], given_b[:2], strict=False)
    )


def is_person_name(text: str) -> bool:
    """Does the text name a person? False for posts and bodies («Зам по УВР», «руководители ШМО»), numbers and
    «вакансия».
    """
    if _WITH_INITIALS.fullmatch(text):
        return True
    clean = mend_lookalikes(squeeze(text), whole_words=True)
    return bool(_name_words(clean)) and not _NOT_FILLED.fullmatch(fold(clean).strip(" .,"))


@lru_cache(maxsize=8192)
def usual_name(text: str) -> str:
    """A plain «Фамилия Имя Отчество» or «Фамилия И.О.», folded, without a full stop at the end; "" decides nothing."""
    full = _FULL_NAME.fullmatch(text)
    if not full and (text[-1:] in (",", " ") or not _WITH_INITIALS.fullmatch(text)):
        return ""
    folded = text.lower().replace("ё", "е")
    surname, given, *_ = folded.split(" ")
    if _is_post(surname) or (full and (_is_post(given) or given.endswith(_LIKE_PATRONYMICS))):
        return ""
    return folded.strip(" .")


def is_post(text: str) -> bool:
    """Does the text hold words of a post or a body, and no person?"""
    clean = mend_lookalikes(squeeze(text), whole_words=True)
    if _name_words(clean) or _CODE.fullmatch(clean):
        return False
    return any(_is_post(word) for word in _NAME_WORD.findall(fold(clean)))


def display_name(text: str) -> str:
    """The name as typed, spaces normalised, without a comma left at the end."""
    text = squeeze(text)
    return text.rstrip(" ,;:") if text[-1:] in ",;:" else text


_SEPARATOR = re.compile(r"[\n\r;|•\t]+|,(?!\d)")
_SLASH = re.compile(r"\s*/\s*")
_AND = re.compile(r"\s+и\s+|\s*\+\s*")
_GROUP = re.compile(r"\s*([^:;,\n]{2,40}):\s*(?=[А-ЯЁ])")  # «Ученики 7А: …»
_OTHERS = re.compile(r"[\s,;]*(?:\bи\s+(?:др(?:угие)?|т\.?\s*д)\.?)\s*$", re.IGNORECASE)
_ONE_AFTER_ANOTHER = re.compile(
    r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+(?:[А-ЯЁ]\.\s*(?:[А-ЯЁ]\.?(?![а-яё]))?"
    r"|[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+(?:вич|вна|ична|ьич)\b)"
)
_INITIALS_FIRST = re.compile(r"[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)?[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?")


def _is_given_only(words: list[str]) -> bool:
    """«Ольга Константиновна», «Константиновна», «О. К.»: the rest of a name begun before."""
    return (
        all(len(word) == 1 for word in words)
        or (len(words) == 1 and bool(_PATRONYMIC.search(words[0])))
        or (len(words) == 2 and bool(_PATRONYMIC.search(words[1])))
    )


def _is_begun(words: list[str]) -> bool:
    """«Иванова», «Иванова Ольга», «Иванова О.»: a name that may go on in the next line."""
    return len(words) == 1 or (len(words) == 2 and not _PATRONYMIC.search(words[1]))


def _pieces(text: str) -> list[str]:
    """The cell cut at commas, semicolons, line breaks and numbering, names torn by them put together again."""
    if (
        "\n" not in text
        and ";" not in text
        and "," not in text
        and "\t" not in text
        and "|" not in text
        and "•" not in text
    ):
        rough = [text]
    else:
        rough = _SEPARATOR.split(text)
    pieces: list[str] = []
    for part in rough:
        for numbered in _INNER_NUMBERING.split(part):
            piece = _OTHERS.sub("", squeeze(numbered)).strip(" ,;")
            piece = _NUMBERING.sub("", piece)
            if not piece or piece.strip(".").lower() in ("и др", "др", "и т.д", "и тд") or piece.isdecimal():
                continue
            if pieces:
                words, before = _name_words(piece), _name_words(pieces[-1])
                if words and before and _is_given_only(words) and _is_begun(before):
                    begun_with_patronymic = len(words) == 2 and len(words[0]) > 1 and len(before) != 1
                    if not begun_with_patronymic:
                        pieces[-1] = f"{pieces[-1]} {piece}"
                        if len(before) == 1 and len(pieces) > 1 and len(_name_words(pieces[-2])) == 1:
                            pieces[-2:] = [" ".join(pieces[-2:])]  # three lines: surname, first name, patronymic
                        continue
            pieces.extend(_torn_apart(piece))
    return pieces


def _torn_apart(piece: str) -> list[str]:
    """Several names in one piece: joined by «и» or «/», or simply one after another."""
    for joint in (_SLASH, _AND):
        parts = joint.split(piece)
        if len(parts) > 1 and all(part and (_has_person(part) or _starts_with_post(part)) for part in parts):
            return [name for part in parts for name in _torn_apart(part)]
    for one_name in (_ONE_AFTER_ANOTHER, _INITIALS_FIRST):
        found = one_name.findall(piece)
        if len(found) > 1 and not one_name.sub("", piece).strip(" .,"):
            return [squeeze(name) for name in found]
    return [piece]


def _has_person(text: str) -> bool:
    """A name for sure: capital letters and at least two words."""
    return text.lower() != text and len(_name_words(mend_lookalikes(squeeze(text), whole_words=True))) >= 2


def _starts_with_post(text: str) -> bool:
    first = _NAME_WORD.search(fold(text)) if is_post(text) else None
    return first is not None and _is_post(first.group())


def split_responsible(text: str) -> list[str]:
    """Persons or posts of a cell, each as typed: «Директор,\\nзаместитель директора» → two entries; page numbers
    are left out.
    """
    responsible: list[str] = []
    for piece in _pieces(text):
        piece = piece if re.search(r"№\s*\d+$", piece) else re.sub(r"\s+\d{1,3}$", "", piece)
        if responsible and (
            (_BY_FIELD.search(responsible[-1]) and _FIELD_OF_WORK.fullmatch(piece))
            or _BY_ADJECTIVE.search(responsible[-1])
        ):
            responsible[-1] += f", {piece}"
        else:
            responsible.append(piece)
    return responsible


# «заместители директора по УВР, ВР», «по учебной, воспитательной работе»: the comma parts fields of work, not persons.
_BY_FIELD = re.compile(r"\bпо\s+[А-ЯЁ]{2,4}(?:, [А-ЯЁ]{2,4})*$")
_FIELD_OF_WORK = re.compile(r"[А-ЯЁ]{2,4}(?:\s+и\s+[А-ЯЁ]{2,4})?")
_BY_ADJECTIVE = re.compile(r"\bпо\s+[а-яё-]+(?:ой|ей)(?:, [а-яё-]+(?:ой|ей))*$")


def split_people(text: str) -> list[str]:
    """People of one cell, as typed, without numbering and posts; pieces without a person only when there is no
    person at all.
    """
    group = _GROUP.match(text)
    pieces = _pieces(text[group.end() :] if group and is_post(group[1]) else text)
    if len(pieces) == 1:
        return pieces
    people = [piece for piece in pieces if piece.lower() != piece and is_person_name(piece)]
    return people or pieces


def age_on(birth: date | int, day: date) -> int:
    """Full years on a day; of a birth year alone, the age reached in that calendar year (tables.md, settled
    question 4).
    """
    if isinstance(birth, int):
        return day.year - birth
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


_LEGAL_FORM_OF_SCHOOL = re.compile(
    r"(?:[коофрсхчянтцлп]|об|ки|рк|рс|спб)?(?:м|г|ч|н|фг)?(?:б|к|а)?(?:д|п|н|ш|с|в)?о?у(?:до|дод|впо|во|спо"
    r"|дпо)?|ано|аноо|ирмо|ноу|чоу"
)
_LONG_LEGAL_FORM = re.compile(
    r"\b(?:муниципальн|государственн|областн|краев|частн|негосударственн|федеральн|некоммерческ)\w+\b"
    r"|\b(?:бюджетн|казенн|автономн)\w+\b"
    r"|\bобразовательн\w+ (?:учреждени\w+|организаци\w+)|\b(?:дошкольн|общеобразовательн"
    r"|профессиональн)\w+(?: образовательн\w+)? (?:учреждени\w+|организаци\w+)"
    r"|\bучреждени\w+(?: дополнительного образования)?"
)
_LONG_KINDS = (
    (re.compile(r"\bначальн\w+ (?:общеобразовательн\w+ )?школ\w+[- ]*детск\w+ сад\w*"), " ншдс "),
    (re.compile(r"\bсредн\w+ (?:общеобразовательн\w+|образовательн\w+) школ\w+"), " сош "),
    (re.compile(r"\bсредн\w+ школ\w+"), " сош "),
    (re.compile(r"\bосновн\w+ (?:общеобразовательн\w+ )?школ\w+"), " оош "),
    (re.compile(r"\bначальн\w+ (?:общеобразовательн\w+ )?школ\w+"), " нош "),
    (re.compile(r"\bдетск\w+ сад\w*|\bд[/\\. ]*с\b\.?"), " детсад "),
    (re.compile(r"\bцентр\w* (?:детского|дополнительного) (?:творчества|образования)(?: детей)?"), " цдо "),
)
_TOWN_MARK = re.compile(
    r"\b(?:г|гор|город|города|с|село|села|п|пос|поселок|поселка|пгт|д|деревня|деревни|ст|станица"
    r"|станицы)\b\.?\s*(?=[а-я]{3})"
)


@lru_cache(maxsize=4096)
def organisation_key(text: str) -> str:
    """Core name of a school: without legal form, quotes, spaces, dashes: «МОУ ИРМО «Мало – Еланская НШДС»» →
    «малоеланскаяншдс».
    """
    key = " " + fold(mend_lookalikes(re.sub('[«»"„“”]', " ", squeeze(text)), whole_words=True)) + " "
    for pattern, short in _LONG_KINDS:
        key = pattern.sub(short, key)
    key = _LONG_LEGAL_FORM.sub(" ", key)
    key = _TOWN_MARK.sub(" ", key)
    words = re.findall(r"[^\W_]+", key)
    core = [
        word
        for word in words
        if not (len(word) > 2 and _LEGAL_FORM_OF_SCHOOL.fullmatch(word)) and word not in ("до", "им", "имени")
    ]
    return "".join(core or words)


_LEGAL_FORM_OF_ENTERPRISE = re.compile(
    r"ооо|оо|ао|оао|зао|пао|нао|тоо|ип|чп|пбоюл|гкфх|кфх|спк|сппк|сха|тсж|снт|нко|ано|ноу|чоу|чу|мп|гп|ф?гуп"
    r"|муп|мкуп|ф?гку|ф?гбу|ф?гау|ф?гкп"
    r"|(?:о|к|р|ф|с)?г?(?:м|г)?(?:б|к|а)уз?|муз|гуз|фгб(?:оу|уз|ну)|пкф|нпо|нпп|филиал|кгбуз|огбуз|оглы"
)
_LONG_ENTERPRISE_FORM = re.compile(
    r"\bобщество с ограниченной ответственностью|\b(?:публичное |открытое |закрытое "
    r"|непубличное )?акционерное общество|\bиндивидуальный предприниматель"
    r"|\bглава (?:кфх|крестьянского \(?фермерского\)? хозяйства)|\b(?:федеральное |краевое "
    r"|областное )?(?:государственное|муниципальное)"
    r"(?: бюджетное| казенное| автономное)?(?: унитарное предприятие| учреждение(?: здравоохранения)?)"
)
_PAIRED_INITIALS = re.compile(r"\b([а-я])\.?\s*([а-я])\b\.?")


@lru_cache(maxsize=4096)
def enterprise_key(name: str) -> str:
    """Key of an enterprise without its ИНН: no legal form, quotes or punctuation, words in alphabetical order.

    «АО «Речной порт Светлоборск»» → «порт речной светлоборск»; «ИП Нечаева Людмила Петровна» and «ИП Нечаева Л.П.» →
    «лп нечаева».
    """
    clean = re.sub('[«»"„“”]', " ", mend_lookalikes(squeeze(name), whole_words=True))
    key = _LONG_ENTERPRISE_FORM.sub(" ", fold(clean).replace("индивидуальный предприниматель", "ип"))
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", _PAIRED_INITIALS.sub(r"\1\2 ", key))
    core = [word for word in words if not _LEGAL_FORM_OF_ENTERPRISE.fullmatch(word)]
    if len(core) == 3 and _PATRONYMIC.search(core[2]):
        core = [core[0], core[1][0] + core[2][0]]
    return " ".join(sorted(core or words))
