"""Headings → fields: every spelling in the definitions, compiled once, answers what a typed heading may mean in each
table."""

from __future__ import annotations

import copy
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from sheets_sync.recognise.words import KINDS, NEUTRAL, PERSONS, ROLES, stem, weight, words_of
from sheets_sync.table_schema.model import Definitions, Field, TableSchema
from sheets_sync.text import heading_key

EXACT = 1.0
BY_WORDS = 0.62  # below this a match by words is no match
# Of what a heading asks for an alias says at least so much, or the two are no match: what :func:`_likeness` comes to at
# BY_WORDS where the alias says nothing else; a hair less, for the sums are rounded.
_SHARE_OF_ASKED = 0.7 * BY_WORDS / (1 - 0.3 * BY_WORDS) - 1e-6
_UNKNOWN = 0.5  # weight of a word that stands in no known heading, to that of one that does
# A heading that holds all words of a keyword, among others that say nothing else known: the more they tell, the surer,
# but never as sure as one whose words are all accounted for.
_BY_KEYWORD, _KEYWORD_SAYS, _MOST_BY_KEYWORD = 0.56, 0.07, 0.78
_OTHER_KIND = 0.03  # less for each word that asks for a thing of another kind
_BRACKETS_LEFT_OUT = 0.93  # a heading understood without what stands in brackets counts a little less
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")

# Role a person table speaks of: in it a heading about that person is a heading about the row itself.
_SUBJECT = {
    "mentees": frozenset({"наставляем", "ученик", "педагог", "сотрудник", "стажер"}),
    "mentors": frozenset({"наставник"}),
    # every number of a profile is a number of people: «Число», «Количество», «чел.» tell nothing apart
    "school_profile": frozenset({"оо", "количеств", "чел", "человек", "наставляем"}),
    "curators": frozenset({"куратор", "координатор"}),
    # an item of a survey asks the same of a mentor and of a mentee
    "questionnaires": ROLES | {"педагог", "ученик"},
}


class Match(NamedTuple):
    """A field a heading may mean, how surely (0–1) and how it was found: config | exact | words | near | split |
    contents."""

    field: str
    quality: float
    how: str
    meant: str = ""  # the known heading, where the typed one is a misspelling of it


class _Alias(NamedTuple):
    table: str
    field: str
    text: str
    key: str
    stems: frozenset[str]
    person: bool  # the field holds a person's name
    subject: frozenset[str]  # persons whose mention changes nothing


class _Keyword(NamedTuple):
    table: str
    field: str
    stems: frozenset[str]
    says: float  # weight of its words
    person: bool
    asked: bool  # a question of a survey, which speaks of many things
    persons: frozenset[str]  # whom the field's known headings speak of: their mention is no contradiction


Matches = Mapping[str, tuple[Match, ...]]  # table → fields, best first


@lru_cache(maxsize=4096)
def tells_nothing(text: str) -> bool:
    """«1», «№» or «No 1»: a heading only beside others; text files are full of such cells."""
    return all(word.isdigit() or word == "номер" for word in heading_key(text).split())


class HeadingIndex:
    """What headings mean in the tables of one set of definitions, for one organisation."""

    def __init__(self, definitions: Definitions, organisation: str = "") -> None:
        self.definitions = definitions
        self.organisation = organisation
        self._exact: dict[str, dict[str, list[str]]] = {}
        self._aliases: list[_Alias] = []
        self._weights: list[float] = []
        self._by_stem: dict[str, list[int]] = {}
        self._spelt: dict[str, str] = {}  # words of the known headings, in full, and their stems
        self._keywords: list[_Keyword] = []
        self._keywords_by_stem: dict[str, list[int]] = {}
        self._memo: dict[str, Matches] = {}
        self._known: dict[str, bool] = {}
        self.readings: dict[object, dict[str, object]] = {}  # kept for assign.readings
        self.told: dict[str, dict[str, float]] = {}  # kept for context.Speech
        self._settled: dict[str, dict[str, str]] = {}
        for schema in definitions.schemas.values():
            for field in schema.fields:
                for text in (field.title, *field.aliases):
                    self._add(schema.name, field.name, text, field.type in ("name", "people"))
                if field.keywords:
                    self._add_keywords(schema, field)
        self._vocabulary = frozenset(self._by_stem)
        self._spellings = sorted(self._spelt)
        self._long_words = sorted(word for word in self._vocabulary if len(word) >= 5 and word.isalpha())
        for scope in ("", organisation):
            for table, headings in definitions.aliases.get(scope, {}).items():
                for heading, name in headings.items():
                    self._settled.setdefault(heading_key(heading), {})[table] = name

    def with_settled(self, table: str, headings: Mapping[str, str]) -> HeadingIndex:
        """The same index as if the headings (→ field) of a table were settled too: to try what that would change."""
        other = copy.copy(self)
        other._settled = {key: dict(meant) for key, meant in self._settled.items()}
        for heading, name in headings.items():
            other._settled.setdefault(heading_key(heading), {})[table] = name
        other._memo, other._known, other.readings = {}, {}, {}
        return other

    def _add(self, table: str, field: str, text: str, person: bool) -> None:
        key = heading_key(text)
        if not key:
            return
        fields = self._exact.setdefault(key, {}).setdefault(table, [])
        if field in fields:
            return
        fields.append(field)
        ordered = words_of(text)[0]
        stems = frozenset(ordered)
        for one in stems:
            self._by_stem.setdefault(one, []).append(len(self._aliases))
        for word in key.split():
            if len(word) > 3:
                self._spelt.setdefault(word, stem(word))
        self._aliases.append(_Alias(table, field, text, key, stems, person, _subject(table, field)))
        self._weights.append(sum(weight(one) for one in stems if one not in PERSONS and one != "фио"))

    def _add_keywords(self, schema: TableSchema, field: Field) -> None:
        person = field.type in ("name", "people")
        spoken_of = {word for text in (field.title, *field.aliases) for word in words_of(text)[0]} & PERSONS
        persons = frozenset(spoken_of) | _subject(schema.name, field.name)
        for phrase in field.keywords:
            stems = frozenset(word for word in words_of(phrase)[0] if word not in NEUTRAL)
            if stems:
                says = sum(_says(word) for word in stems)
                self._keywords_by_stem.setdefault(min(stems), []).append(len(self._keywords))
                self._keywords.append(
                    _Keyword(schema.name, field.name, stems, says, person, bool(field.stems), persons)
                )

    def is_known(self, text: str) -> bool:
        """Is the text, as typed, one of the headings of the definitions? Remembered by the raw text."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) > 200_000:
                self._known.clear()
            key = heading_key(text) if len(text) <= 300 else ""
            known = self._known[text] = bool(key) and (key in self._exact or key in self._settled)
        return known

    def match(self, text: str) -> Matches:
        """Fields the heading may mean, by table, best first."""
        found = self._memo.get(text)
        if found is None:
            if len(self._memo) > 50_000:
                self._memo.clear()
            found = self._memo[text] = self._match(text)
        return found

    def _match(self, text: str) -> Matches:
        key = heading_key(text)
        if not key or len(key) > 400:
            return {}
        found: dict[str, dict[str, Match]] = {}
        for table, name in self._settled.get(key, {}).items():
            found[table] = {name: Match(name, 1.5, "config")}
        exact = self._exact.get(key, {})
        for table, names in exact.items():
            if len(names) > 1:
                names = self._in_order(table, names)
            if table not in found:
                found[table] = {name: Match(name, EXACT - 0.001 * place, "exact") for place, name in enumerate(names)}
        for table, matches in self._by_words(text).items():
            if table not in found:
                found[table] = matches
        outside = _IN_BRACKETS.sub(" ", text)
        if outside != text and len(heading_key(outside)) > 2:
            # «Категория (ОВЗ, ТЖС, одарённые)»: what stands in brackets explains the rest
            for table, plain in self.match(outside).items():
                matches = found.setdefault(table, {})
                for match in plain:
                    quality = match.quality * _BRACKETS_LEFT_OUT
                    known = matches.get(match.field)
                    if match.how != "config" and (known is None or known.quality < quality):
                        matches[match.field] = match._replace(
                            quality=quality, how="words" if match.how == "exact" else match.how
                        )
        return {table: tuple(sorted(matches.values(), key=lambda m: -m.quality)) for table, matches in found.items()}

    def _in_order(self, table: str, names: list[str]) -> list[str]:
        """Fields that share a heading, in the order the definition gives them."""
        for group in self.definitions.schemas[table].alternatives:
            if set(names) <= set(group):
                return [name for name in group if name in names]
        return names

    def _by_words(self, text: str) -> dict[str, dict[str, Match]]:
        ordered, abbreviated = words_of(text)
        if ordered == ("номер",):
            return {}  # «№» alone numbers the rows unless a table says otherwise in so many words
        stems = frozenset(ordered)
        first = next((word for word in ordered if word not in NEUTRAL), "")
        asks_a_kind = first in KINDS and first not in ("номер", "ответственн") and "фио" not in ordered
        misspelt: set[str] = set()
        meant: dict[str, frozenset[str]] = {}
        for word in stems:
            meant[word] = self._meanings(word, word in abbreviated)
            if not meant[word] & self._vocabulary:
                corrected = self._corrected(word)
                if corrected:
                    misspelt.add(word)
                    meant[word] = frozenset((corrected,))
        asked = sum(
            (0.8 if len(meanings) > 1 else weight(word)) * (1.0 if meanings & self._vocabulary else _UNKNOWN)
            for word, meanings in meant.items()
            if not meanings & PERSONS
        )
        # most aliases share a word or two and no more: left out before they are compared closely
        candidates = sorted(
            number
            for number, says in self._sharing(meant.values(), _SHARE_OF_ASKED * asked)
            if says >= BY_WORDS * (says + 0.7 * max(0.0, asked - says) + 0.8 * max(0.0, self._weights[number] - says))
        )
        found: dict[str, dict[str, Match]] = {}
        for number in candidates:
            alias = self._aliases[number]
            if asks_a_kind and alias.person:
                continue  # «Должность наставника» is not «Наставник, должность»
            quality = _likeness(meant, alias.stems, alias.subject, self._vocabulary)
            if quality >= BY_WORDS:
                matches = found.setdefault(alias.table, {})
                known = matches.get(alias.field)
                if known is None or known.quality < quality:
                    near = any(meant[word] & alias.stems for word in misspelt)
                    matches[alias.field] = Match(
                        alias.field, round(quality, 4), "near" if near else "words", alias.text if near else ""
                    )
        self._by_keywords(stems, meant, asks_a_kind, found)
        return found

    def _sharing(self, meant: Iterable[frozenset[str]], least: float) -> Iterator[tuple[int, float]]:
        """Aliases that share words with what is meant, and the weight of these words where it is ``least`` or more."""
        words = [one for meanings in meant for one in meanings if one in self._by_stem and one not in NEUTRAL]
        words.sort(key=lambda one: len(self._by_stem[one]))
        rest = sum(map(weight, words))
        shared: dict[int, float] = {}
        for one in words:
            says = weight(one)
            aliases = self._by_stem[one]
            if rest < least:  # too late for an alias not met yet, and the words to come stand in most of them
                aliases = [number for number in aliases if number in shared]
            for number in aliases:
                shared[number] = shared.get(number, 0.0) + says
            rest -= says
        return ((number, says) for number, says in shared.items() if says >= least)

    def _by_keywords(
        self,
        stems: frozenset[str],
        meant: Mapping[str, frozenset[str]],
        asks_a_kind: bool,
        found: dict[str, dict[str, Match]],
    ) -> None:
        """Add what keywords tell of a long heading: in each table the fields whose phrase says the most."""
        said = frozenset().union(*meant.values()) if meant else stems
        kinds = frozenset(word for word in stems if word in KINDS)
        told: dict[str, list[_Keyword]] = {}
        for word in said:
            for number in self._keywords_by_stem.get(word, ()):
                one = self._keywords[number]
                if one.stems <= said and not (one.person and asks_a_kind) and (stems & PERSONS) <= one.persons:
                    told.setdefault(one.table, []).append(one)
        for table, ones in told.items():
            most = max(one.says for one in ones)
            for one in ones:
                if one.says < most - 0.01:
                    continue
                others = 0 if one.asked else len(kinds - one.stems)
                quality = min(_BY_KEYWORD + _KEYWORD_SAYS * one.says, _MOST_BY_KEYWORD) - _OTHER_KIND * others
                matches = found.setdefault(table, {})
                known = matches.get(one.field)
                if quality >= BY_WORDS and (known is None or known.quality < quality):
                    matches[one.field] = Match(one.field, round(quality, 4), "words")
            if not found.get(table):
                found.pop(table, None)

    def _meanings(self, word: str, abbreviated: bool) -> frozenset[str]:
        """Stems a word may stand for: itself, or, for an abbreviation, every known stem it begins."""
        if word in self._vocabulary and not abbreviated:
            return frozenset((word,))
        if len(word) >= (2 if abbreviated else 3) and not word.isdigit() and len(word) <= (12 if abbreviated else 8):
            # by the words as they are written: «вкл.» is «включения», whatever concept stands for it
            longer = frozenset(self._begun(word))
            if longer:
                return longer | {word} if word in self._vocabulary else longer
        return frozenset((word,))

    def _begun(self, word: str) -> Iterator[str]:
        """Stems of the known words that begin so and go on."""
        for place in range(bisect_right(self._spellings, word), len(self._spellings)):
            spelt = self._spellings[place]
            if not spelt.startswith(word):
                break
            yield self._spelt[spelt]

    def _corrected(self, word: str) -> str | None:
        """The known stem a misspelt one is nearest to: one slip in a short word, two in a long one."""
        if len(word) < 4 or not word.isalpha() or word in NEUTRAL:
            return None
        from rapidfuzz import process  # slow to import, needed for words never seen
        from rapidfuzz.distance import OSA

        slips = 1 if len(word) < 8 else 2
        best = process.extractOne(word, self._long_words, scorer=OSA.distance, score_cutoff=slips)
        return str(best[0]) if best is not None else None

    def near(self, text: str, table: str, taken: Iterable[str]) -> tuple[str, str] | None:
        """The field and heading a text with slips in its spaces or letters must mean («Датарождения»), of fields not
        yet taken."""
        key = heading_key(text).replace(" ", "")
        if len(key) < 6 or all(word in self._vocabulary for word in words_of(text)[0]):
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        gone = set(taken)
        choices = {
            number: alias.key.replace(" ", "")
            for number, alias in enumerate(self._aliases)
            if alias.table == table and alias.field not in gone and len(alias.key) >= 6
        }
        slips = 1 if len(key) < 12 else 2 if len(key) < 30 else 4
        best = process.extractOne(key, choices, scorer=OSA.distance, score_cutoff=slips)
        if best is None:
            return None
        alias = self._aliases[best[2]]
        return alias.field, alias.text


def _says(word: str) -> float:
    """Weight of a keyword's word: numbers tell («10–18 лет»), and so does a role, by itself."""
    if word.isdigit():
        return 0.7
    return 1.0 if word in ROLES else weight(word)


def _subject(table: str, field: str) -> frozenset[str]:
    if table == "evaluations" and field[:1] == "c" and field[1:].isdigit():
        return ROLES  # a criterion is one, whomever its wording names
    return _SUBJECT.get(table, frozenset())


def _likeness(
    meant: Mapping[str, frozenset[str]], alias: frozenset[str], subject: frozenset[str], vocabulary: frozenset[str]
) -> float:
    """0–1: weight of the words both share against that of the words only one has; 0 where they speak of different
    persons."""
    shared, only_heading = 0.0, 0.0
    reached: set[str] = set()
    for word, meanings in meant.items():
        common = meanings & alias
        if common:
            reached |= common
            # an abbreviation or a misspelt word says the same, a little less surely
            shared += max(weight(one) for one in common) * (1.0 if word in common else 0.95)
            only_heading += 0.0 if word in common else 0.05
        elif meanings <= subject:
            continue
        elif meanings <= ROLES:
            return 0.0
        else:
            says = weight(word) if len(meanings) == 1 else 0.8
            # a word no heading is known by («по штату») asks for no other field either
            only_heading += says if meanings & vocabulary else _UNKNOWN * says
    missing = alias - reached
    if any(word in ROLES and word not in subject for word in missing):
        return 0.0
    if "фио" in missing and reached & PERSONS:
        missing = missing - {"фио"}  # «Наставник» and «ФИО наставника» ask for the same
    only_alias = sum(weight(word) for word in missing if word not in subject)
    if shared <= 0.7 and (only_heading > 0.3 or only_alias > 0.3):
        return 0.0
    return 0.97 * shared / (shared + 0.7 * only_heading + 0.8 * only_alias)


_INDEXES: dict[tuple[int, str], HeadingIndex] = {}


def heading_index(definitions: Definitions, organisation: str = "") -> HeadingIndex:
    """The index of these definitions, compiled once per process (and once per organisation with headings of its
    own)."""
    scope = organisation if organisation in definitions.aliases else ""
    key = (id(definitions), scope)
    index = _INDEXES.get(key)
    if index is None or index.definitions is not definitions:
        if len(_INDEXES) > 64:
            _INDEXES.clear()
        index = _INDEXES[key] = HeadingIndex(definitions, scope)
    return index


def subject_of(schema: TableSchema) -> frozenset[str]:
    """Persons whose mention in a heading of this table means the row itself."""
    return _SUBJECT.get(schema.name, frozenset())
