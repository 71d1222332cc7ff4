"""The words of issues, in Russian and in English, from ``schemas/messages/<language>.toml``.

A template holds slots, ``{value}``, and passages in square brackets that vanish when a slot inside them is empty:
«пара[ № {pair_id}]». A parameter nobody gave never raises: a slot outside brackets is then shown as «…».
``python -m sheets_sync.messages`` prints ``docs/issues.md``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sheets_sync.catalog import Catalog, did_you_mean
from sheets_sync.errors import ConfigError
from sheets_sync.issues import SEVERITIES, Issue

FIRST_LANGUAGE = "ru"  # tells params, severity and cases for all languages
LANGUAGES = ("ru", "en")
LONGEST = 120  # characters of a value that a sentence bears
REMEMBERED = 4096  # texts of findings
# What any template may use besides the code's own parameters.
COMMON_SLOTS = frozenset(
    "heading value suggestion sheet row cell column workbook organisation table_title field_title".split()
)
_KEYS = frozenset("title message hint example params severity by case".split())
_SLOT = re.compile(r"\{(\w+)\}")
_PASSAGE = re.compile(r"\[([^\[\]]*)\]")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_UNKNOWN = {
    "ru": ("Замечание «{code}»", "Проверка «{code}» нашла, на что посмотреть[: «{value}»].", "Проверьте это место."),
    "en": ("Issue “{code}”", "The check “{code}” found something to look at[: “{value}”].", "Check this place."),
}


class Text(NamedTuple):
    """What is said about one issue: a title for lists, a sentence, and what to do."""

    title: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue.

    ``cases`` are words for particular values of the parameters ``by`` (also «field», «severity»): value → (message,
    hint). The case «many», or «VALUE-many», is for an issue that stands for several: parameter ``count`` above 1.
    """

    code: str
    title: str
    message: str
    hint: str = ""
    example: str = ""
    params: tuple[str, ...] = ()
    severity: str = ""
    by: tuple[str, ...] = ()
    cases: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """«cell» of «cell-type»."""
        return self.code.partition("-")[0]

    def words(self, told: Mapping[str, str]) -> tuple[str, str]:
        """Message and hint templates for what is told of an issue; a case without words of its own uses the code's."""
        values = [told[name] for name in self.by if told.get(name)]
        if told.get("count", "1") not in ("0", "1"):
            values = [*(f"{value}-many" for value in values), "many", *values]
        message, hint = next((self.cases[value] for value in values if value in self.cases), ("", ""))
        return message or self.message, hint or self.hint


class _Titled(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...


class _TitledTable(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def fields(self) -> Iterable[_Titled]: ...


class Messages:
    """The catalogue of one language."""

    def __init__(
        self, language: str, entries: Mapping[str, Entry], schemas: Mapping[str, _TitledTable] | None = None
    ) -> None:
        self.language = language
        self.entries = entries
        self._said: dict[tuple[object, ...], Text] = {}
        self._tables = {name: schema.title for name, schema in (schemas or {}).items()}
        self._fields = {
            (name, item.name): item.title for name, schema in (schemas or {}).items() for item in schema.fields
        }

    @classmethod
    def load(
        cls, language: str = "ru", catalog: Catalog | None = None, *, schemas: Mapping[str, _TitledTable] | None = None
    ) -> Messages:
        """The texts in force: a district's own file adds codes to the shipped ones and rewords those it names.

        ``schemas`` (``Definitions.schemas``) gives tables and fields their titles. Codes a language lacks are Russian.
        Raises ConfigError for a language without texts and for a text that cannot be used.
        """
        catalog = catalog or Catalog()
        if language not in catalog.files("messages"):
            known = list(catalog.files("messages"))
            raise ConfigError(f"there are no texts in the language “{language}”", mend=did_you_mean(language, known))
        entries: dict[str, Entry] = {}
        for name in dict.fromkeys((FIRST_LANGUAGE, language)):
            for folder in reversed(catalog.folders("messages")):
                path = folder / f"{name}.toml"
                if path.is_file():
                    for code, values in _read(path).items():
                        entries[code] = _entry(path, code, values, entries.get(code), keep_cases=name == FIRST_LANGUAGE)
        return cls(language, entries, schemas)

    def entry(self, code: str) -> Entry:
        """One code explained. Raises ConfigError, with the code that may have been meant, for an unknown one."""
        try:
            return self.entries[code]
        except KeyError:
            mend = did_you_mean(code, list(self.entries))
            raise ConfigError(f"there is no issue code “{code}”", mend=mend) from None

    def render(self, issue: Issue, *, table_title: str | None = None, heading: str | None = None) -> Text:
        """The words of an issue. A code without texts, such as a district's own rule, is named and shown its value."""
        # Half of a school's findings say the same of other rows; only what shows its place is worded every time.
        code, severity, at, value, suggestion, params = issue
        key = (code, severity, at.table, at.field, value, suggestion, params, table_title, heading)
        said = self._said.get(key)
        if said is None:
            said, placed = self._worded(issue, table_title, heading)
            if not placed:
                if len(self._said) >= REMEMBERED:
                    self._said.clear()
                self._said[key] = said
        return said

    def _worded(self, issue: Issue, table_title: str | None, heading: str | None) -> tuple[Text, bool]:
        """The words of an issue, and whether its place is among them."""
        at, params = issue.at, dict(issue.params)
        entry = self.entries.get(issue.code)
        if entry is None:
            title, message, hint = _UNKNOWN.get(self.language, _UNKNOWN["en"])
            params["code"] = issue.code
        else:
            title = entry.title
            message, hint = entry.words({"severity": issue.severity, "field": at.field or "", **params})
        templates = (title, message, hint)
        said: dict[str, str] = {}
        slots = _slots_of_all(templates)
        for name in slots:
            value: object
            if text := params.get(name):
                value = self._param(name, text, at.table or "")
            elif name == "table_title":
                value = table_title or self._tables.get(at.table or "", at.table)
            elif name == "field_title" or (name == "heading" and not heading):
                value = self._fields.get((at.table or "", at.field or ""))
            elif name == "heading":
                value = heading
            elif name in _OF_ISSUE:
                value = getattr(issue, name)
            elif name in _OF_PLACE:
                value = getattr(at, name)
            else:
                continue
            if value is not None and value != "":
                said[name] = _shown(value)
        return Text(*[fill(template, said) for template in templates]), not _OF_PLACE.isdisjoint(slots)

    def _param(self, name: str, text: str, table: str) -> str:
        """A parameter as it is said."""
        if _DECIMAL.fullmatch(text):  # a number of the store: 1.0 is 1, 1.5 is «1,5»
            return text.removesuffix(".0").replace(".", "," if self.language == "ru" else ".")
        if name.endswith("_field"):  # the name of another field: said by its title
            return self._fields.get((table, text), text)
        return text


_OF_ISSUE = frozenset({"value", "suggestion"})
_OF_PLACE = frozenset({"sheet", "row", "cell", "column", "workbook", "organisation"})


def fill(template: str, slots: Mapping[str, str]) -> str:
    """A template with its slots filled; passages in brackets with an empty slot vanish, other empty slots are «…»."""
    pieces = _pieces(template)
    if isinstance(pieces, str):
        return pieces
    # Values are put in one pass over the template, so brackets and braces typed in a cell stay what they are.
    said = ""
    for text, slot, passage in pieces:
        if slot:
            said += slots.get(slot, "…")
        elif passage is None:
            said += text
        elif all(name in slots for _, name in passage if name):
            said += "".join([slots[name] if name else words for words, name in passage])
    said = said.strip()
    return said[:1].upper() + said[1:]


_PIECES = re.compile(r"\[([^\[\]]*)\]|\{(\w+)\}|[^\[{]+|.", re.DOTALL)
_WORDS_AND_SLOTS = re.compile(r"\{(\w+)\}|[^{]+|\{")

# text or slot of a passage, one of them ""
_Passage = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def _pieces(template: str) -> str | tuple[tuple[str, str, _Passage | None], ...]:
    """A template taken apart into texts, slots and passages; without slots and passages, the sentence itself."""
    pieces: list[tuple[str, str, _Passage | None]] = []
    for found in _PIECES.finditer(template):
        if found.group(1) is not None:
            within = _WORDS_AND_SLOTS.finditer(found.group(1))
            pieces.append(("", "", tuple(("", one.group(1)) if one.group(1) else (one.group(), "") for one in within)))
        elif found.group(2):
            pieces.append(("", found.group(2), None))
        else:
            pieces.append((found.group(), "", None))
    if any(slot or passage is not None for _, slot, passage in pieces):
        return tuple(pieces)
    said = template.strip()
    return said[:1].upper() + said[1:]


@lru_cache(maxsize=4096)
def _slots_of_all(templates: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(frozenset().union(*map(slots_of, templates))))


def slots_of(template: str) -> frozenset[str]:
    """Names of the slots a template uses."""
    return frozenset(_SLOT.findall(template))


def _shown(value: object) -> str:
    """A value within a sentence: on one line, not longer than a sentence bears."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return _parsed(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as trouble:
        raise ConfigError("the file is not in UTF-8", path=path, mend="save it as UTF-8") from trouble
    except tomllib.TOMLDecodeError as trouble:
        at = re.search(r"at line (\d+)", str(trouble))
        line = int(at.group(1)) if at else None
        raise ConfigError(f"this is not TOML: {trouble}", path=path, line=line, mend="check the quotes") from None


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, Any]:
    """A run asks for its texts more than once."""
    return tomllib.loads(text)


def _entry(path: Path, code: str, values: object, known: Entry | None, *, keep_cases: bool) -> Entry:
    """An entry from its block, over what is known of the code already (another language, or the shipped texts)."""

    def wrong(message: str, mend: str = "", key: str = "") -> ConfigError:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
        start = next((number for number, line in enumerate(lines, 1) if line.strip().startswith(f"[{code}")), 1)
        within = (
            n for n in range(start, len(lines) + 1) if key and re.match(rf"\s*{re.escape(key)}\s*=", lines[n - 1])
        )
        return ConfigError(f"{code}: {message}", path=path, line=next(within, start), mend=mend)

    if not isinstance(values, dict):
        raise wrong("a code is a block", f"[{code}]")
    for key in values:
        if key not in _KEYS:
            raise wrong(f"unknown key “{key}”", did_you_mean(key, sorted(_KEYS)), key)
    texts = {}
    for key in ("title", "message", "hint", "example", "severity"):
        text = values.get(key, getattr(known, key) if known else "")
        if not isinstance(text, str):
            raise wrong(f"“{key}” must be text", "put it in quotes", key)
        texts[key] = text
    if texts["severity"] and texts["severity"] not in SEVERITIES:
        raise wrong(f"unknown severity “{texts['severity']}”", did_you_mean(texts["severity"], SEVERITIES), "severity")
    for key in ("title", "message"):
        if not texts[key]:
            raise wrong(f"there is no {key}", f'{key} = "…"')
    lists = {}
    for key in ("params", "by"):
        names = values.get(key, list(getattr(known, key)) if known else [])
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise wrong(f"“{key}” must be a list of names", f'{key} = ["…"]', key)
        lists[key] = tuple(names)
    given = values.get("case", {})
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise wrong("cases are blocks", f"[{code}.case.NAME]")
    reworded = {name: (str(one.get("message", "")), str(one.get("hint", ""))) for name, one in given.items()}
    # a case left untranslated must not speak Russian in the middle of another language: the code's own words serve
    cases = {**known.cases, **reworded} if known and keep_cases else reworded
    for words in (texts["title"], texts["message"], texts["hint"], *(text for pair in cases.values() for text in pair)):
        rest = _PASSAGE.sub("", words)
        if "[" in rest or "]" in rest or re.sub(r"\{\w+\}", "", words).strip("{}") != re.sub(r"\{\w+\}", "", words):
            raise wrong(f"brackets do not match in “{words}”", "every [ needs its ], every { its }")
    return Entry(
        code=code,
        title=texts["title"],
        message=texts["message"],
        hint=texts["hint"],
        example=texts["example"],
        params=lists["params"],
        severity=texts["severity"],
        by=lists["by"],
        cases=cases,
    )


# --- docs/issues.md ---------------------------------------------------------------------------------------------------

_FAMILIES = {
    "file": "Файлы", "sheet": "Листы", "heading": "Заголовки", "row": "Строки", "cell": "Ячейки", "key": "Повторы",
    "ref": "Ссылки на базы", "pair": "Пары", "meeting": "Встречи", "consent": "Согласия",
    "plan": "Планы и девять показателей", "questionnaire": "Анкеты", "profile": "Паспорт организации",
    "roadmap": "Дорожная карта", "period": "Отчётные периоды", "rule": "Правила",
}  # fmt: skip
_SEVERITY = {"error": "ошибка", "warning": "предупреждение", "info": "к сведению", "": ""}
_HEAD = """# Замечания

Что означает каждое замечание, и что с ним делать. Этот файл составлен программой из `schemas/messages/ru.toml`
командой `python -m sheets_sync.messages > docs/issues.md`; исправляйте тексты там.

- **ошибка** — строку нельзя использовать или она не входит в показатели;
- **предупреждение** — строка учтена, но на неё стоит посмотреть;
- **к сведению** — так прочитано; если верно, ничего делать не нужно.

Важность названа обычная: в отдельных случаях она другая. «…» в тексте — то, что подставляется из вашей таблицы.
То же о любом коде скажет `sheets-sync explain КОД`.
"""


def documentation(messages: Messages) -> str:
    """``docs/issues.md``: every code by family, in the order of the catalogue."""
    return _HEAD + "".join(f"\n{piece}\n" for piece in _chapters(messages))


def _chapters(messages: Messages) -> Iterator[str]:
    family = ""
    for entry in messages.entries.values():
        if entry.family != family:
            family = entry.family
            yield f"## {_FAMILIES.get(family, family)}"
        yield _chapter(entry)


def _chapter(entry: Entry) -> str:
    lines = [
        f"### {entry.code}",
        "",
        f"**{entry.title}**" + (f" · {_SEVERITY[entry.severity]}" if entry.severity else ""),
    ]
    lines += ["", _plain(entry.message), "", f"*Что сделать:* {_plain(entry.hint)}"]
    if entry.example:
        lines += ["", f"*Пример:* {_plain(entry.example)}"]
    own = [(message, hint) for message, hint in entry.cases.values() if message]
    if own:
        lines += ["", "Другие случаи:", ""]
        lines += [f"- {_plain(message)}" + (f" {_plain(hint)}" if hint else "") for message, hint in own]
    return "\n".join(lines)


def _plain(template: str) -> str:
    """A template for reading: passages without brackets, slots as «…», what Markdown would take for its own escaped."""
    words = _SLOT.sub("…", _PASSAGE.sub(r"\1", template))
    return re.sub(r"([*_<>|#])", r"\\\1", words)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(documentation(Messages.load("ru")))
