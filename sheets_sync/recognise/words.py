"""Words of headings made comparable by meaning: endings off, abbreviations out, one concept for words schools use
alike."""

from __future__ import annotations

import re
from functools import lru_cache

from sheets_sync.text import fold, heading_key

# Endings of Russian nouns, adjectives and participles, longest first. A light stemmer is enough: headings are a few
# nouns.
_ENDINGS = tuple(
    sorted(
        (
            "иями ями ами ием иям иях ого его ому ему ыми ими ией ая яя ое ее ые ие ый ий ой ей ом ем ам ям ах ях ов "
            "ев ию ия ии ью ья ье ьи ых их ую юю а я о е ы и у ю ь й"
        ).split(),
        key=len,
        reverse=True,
    )
)
_SHORTEST_STEM = 3

# Whole phrases that stand for other words. Applied to the heading's key (folded, no punctuation).
_PHRASES = tuple(
    (re.compile(rf"(?<!\w){pattern}(?!\w)"), words)
    for pattern, words in (
        (r"фамилия имя(?: и)? отчество(?: при наличии)?", "фио"),
        (r"фамилия и(?:мя)? о(?:тчество)?", "фио"),
        (r"фамилия инициалы", "фио"),
        (r"кол во", "количество"),
        (r"д р", "дата рождения"),
        (r"г р", "год рождения"),
        (r"(?:e|е) ?mail", "почта"),
        (r"(?:эл(?:ектронн(?:ый|ая|ого|ой))?|электр) (?:почт[аы]|адрес[а]?)", "почта"),
        (r"адрес[а]? (?:эл(?:ектронной)?) почты", "почта"),
        (r"перс(?:ональн\w*)? дан\w*", "пдн"),
        (r"пд", "пдн"),
        (r"уч ся", "ученик"),
        (r"обуч ся", "ученик"),
        (r"учеб(?:н(?:ый|ого))? год[а]?", "учебныйгод"),
        (r"образовательн(?:ая|ой|ую|ые|ых) организаци(?:я|и|ю|й)", "оо"),
        (r"образовательн(?:ое|ого) учреждени(?:е|я)", "оо"),
        (r"общеобразовательн(?:ая|ой|ую|ые|ых) организаци(?:я|и|ю|й)", "оо"),
        (r"рег(?:истрационный)? номер", "номер"),
        (r"порядковый номер", "номер"),
    )
)

# stem → the stem that stands for its concept.
_SAME = {
    "предприят": "организац",
    "фирм": "организац",
    "компан": "организац",
    "партнер": "организац",
    "учащ": "ученик",
    "обучающ": "ученик",
    "школьник": "ученик",
    "воспитанник": "ученик",
    "ученик": "ученик",
    "ребен": "ученик",
    "учител": "педагог",
    "преподавател": "педагог",
    "педагог": "педагог",
    "педагогическ": "пед",
    "подопечн": "наставляем",
    "ментор": "наставник",
    "оу": "оо",
    "школ": "оо",
    "учрежден": "оо",
    "завершен": "окончан",
    "конец": "окончан",
    "конц": "окончан",
    "окончан": "окончан",
    "прекращен": "окончан",
    "заверш": "окончан",
    "старт": "начал",
    "начат": "начал",
    "числ": "количеств",
    "количеств": "количеств",
    "назван": "наименован",
    "исполнител": "ответственн",
    "ответственн": "ответственн",
    "длительност": "продолжительност",
    "мобильн": "телефон",
    "тел": "телефон",
    "сотов": "телефон",
    "минут": "мин",
    "url": "ссылк",
    "гиперссылк": "ссылк",
    "адрес": "адрес",
    "вступлен": "вхожден",
    "вход": "вхожден",
    "включен": "вхожден",
    "выбыт": "выход",
    "выбыл": "выход",
    "комментар": "примечан",
    "контактн": "контакт",
    "контакты": "контакт",
}

# Words that add nothing to what a heading asks for.
NEUTRAL = frozenset(
    "п для на в и или с со к по о об от до из за при не его ее их данн указать укажите полност полн обязательн инициал "
    "наличи все всех др пр т е напр например программ наставничеств участник учебныйгод текущ настоящ момент "
    "столбец можно нескольк через запят цифр словам прописью дд мм гггг если есть либо это внутр систем целев модел "
    "также фактическ".split()
)

# Whom a heading speaks of. A heading about one of them is not about another.
PERSONS = frozenset(
    {
        "наставник",
        "наставляем",
        "куратор",
        "координатор",
        "стажер",
        "родител",
        "представител",
        "педагог",
        "ученик",
        "сотрудник",
        "работник",
        "руководител",
        "респондент",
    }
)
ROLES = frozenset({"наставник", "наставляем", "куратор", "стажер"})

# Words that say what kind of thing is asked for: one more or one less of them is another heading.
KINDS = frozenset(
    {
        "дат",
        "год",
        "номер",
        "мест",
        "контакт",
        "телефон",
        "почт",
        "категор",
        "должност",
        "класс",
        "групп",
        "стаж",
        "возраст",
        "форм",
        "формат",
        "срок",
        "период",
        "количеств",
        "результат",
        "ссылк",
        "отметк",
        "соглас",
        "подпис",
        "фио",
        "оо",
        "организац",
        "тем",
        "этап",
        "приказ",
        "договор",
        "документ",
        "статус",
        "рол",
        "причин",
        "уровен",
        "час",
        "мин",
        "процент",
        "инн",
        "код",
        "тип",
        "направлен",
        "рожден",
        "начал",
        "окончан",
        "вхожден",
        "выход",
        "продолжительност",
        "ответственн",
        "мероприят",
        "задач",
        "цел",
        "примечан",
        "запрос",
        "програм",
        "предприят",
        "наименован",
        "обучен",
        "отзыв",
        "план",
        "балл",
        "оценк",
        "фамил",
        "отчеств",
    }
)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its ending, reduced to its concept: «наставляемого» → «наставляем», «учащихся» → «ученик»."""
    if word in _SAME:
        return _SAME[word]
    bare = word
    if word.endswith(("ся", "сь")) and len(word) > 5:
        bare = word[:-2]
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= _SHORTEST_STEM:
            bare = bare[: -len(ending)]
            break
    return _SAME.get(bare, bare)


_ABBREVIATED = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,12})\.")


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Stems of a heading in order, and those of its words that are typed as abbreviations («нач.», «рожд.»)."""
    key = heading_key(text)
    for pattern, words in _PHRASES:
        if pattern.search(key):
            key = pattern.sub(words, key)
    short = frozenset(word for word in _ABBREVIATED.findall(fold(text)) if not word.startswith("п"))
    short |= frozenset(word for word in _ABBREVIATED.findall(fold(text)) if len(word) > 2)
    stems = []
    abbreviated = set()
    for word in key.split():
        if word in short and word not in _SAME:
            stems.append(word)
            abbreviated.add(word)
        else:
            stems.append(stem(word))
    return tuple(stems), frozenset(abbreviated)


@lru_cache(maxsize=16384)
def weight(word: str) -> float:
    """How much a stem says about what a heading asks for."""
    if word in NEUTRAL or word.isdigit():
        return 0.1
    if word in PERSONS:
        return 0.6
    return 1.3 if word in KINDS else 1.0
