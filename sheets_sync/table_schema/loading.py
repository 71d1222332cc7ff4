"""Definitions from text: ``schemas/*.toml`` become frozen :class:`TableSchema` objects.

Everything wrong in a definition is a ConfigError with file, line and how to mend it; nothing is guessed or passed over.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sheets_sync import __version__
from sheets_sync.catalog import did_you_mean, files_in, shipped
from sheets_sync.errors import ConfigError
from sheets_sync.issues import SEVERITIES, Severity
from sheets_sync.table_schema.model import (
    POSITION_COLUMNS,
    STORAGE,
    Definitions,
    EnumValue,
    Field,
    ForeignKey,
    Personal,
    Required,
    Stem,
    TableSchema,
)
from sheets_sync.text import fold, heading_key

COMMON = "common"  # schemas/common.toml: what tables share
_NAME = re.compile(r"[a-z][a-z0-9_]*")
Word = TypeVar("Word", bound=str)

_TABLE_KEYS = frozenset({
    "name", "title", "sheet_names", "identify", "oneOf", "primaryKey", "foreignKeys", "glued", "alternatives",
    "layouts", "missingValues", "fields", "items", "description",
})  # fmt: skip
_FIELD_KEYS = frozenset({
    "name", "title", "type", "aliases", "many", "lone", "explode", "required", "severity", "bad_severity", "enum",
    "constraints", "range_severity", "missingValues", "personal", "hint", "example", "roles", "description", "keywords",
})  # fmt: skip
_ITEM_KEYS = _FIELD_KEYS | {"stems"}
_CONSTRAINTS = frozenset({"required", "minimum", "maximum", "pattern"})
_LAYOUTS = ("rows", "card", "criteria")
_PERSONAL: tuple[Personal, ...] = ("none", "personal", "special")
_REQUIRED: tuple[Required, ...] = ("no", "column", "value")
_ROLES = (
    "pupil", "staff", "teacher", "parent", "alumnus", "enterprise", "entrepreneur", "veteran",
    "school", "kindergarten", "additional", "college",
)  # fmt: skip
_LISTED = ("text", "enum", "name", "organisation")  # types a cell may hold several of

# Where a value that cannot be read leaves the row usable, it is a warning unless the definition says otherwise
# (tables.md, settled questions 3 and 10): the row counts, the value does not.
_BAD_SEVERITY: Mapping[str, Severity] = {
    "enum": "warning", "phone": "warning", "email": "warning", "url": "warning", "inn": "warning", "consent": "warning",
    "score": "warning", "class": "warning", "age_band": "warning", "deadline": "warning", "boolean": "warning",
    "school_year": "warning", "organisation": "warning", "text": "warning", "contacts": "warning",
}  # fmt: skip
_SCALE = (1.0, 10.0)  # of questionnaires: domain.md §3.9


LOADED_AT_MOST = 8
# What was understood of texts, by their folders and their hash: a process asks for the same ones more than once.
_loaded: dict[tuple[tuple[Path, ...], str], Definitions] = {}


def load_definitions(
    folders: Sequence[Path] | None = None, *, aliases: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None
) -> Definitions:
    """Every table schema in force: files of earlier folders shadow those of later ones by name; None: the shipped ones.

    ``aliases`` are the headings settled in the config (organisation, "" for all → table → heading → field).
    Raises ConfigError for the first definition that cannot be used.
    """
    folders = list(folders) if folders is not None else [shipped("schemas")]
    version = definitions_version(folders, aliases)
    known = _loaded.get((tuple(folders), version))
    if known is not None:
        return known
    files = files_in(folders)
    common = _Common([folder / f"{COMMON}.toml" for folder in folders])
    files.pop(COMMON, None)
    if not files:
        raise ConfigError(
            "there are no schemas", path=folders[0] if folders else None, mend="put one *.toml per table there"
        )
    schemas = {name: _TableText(path, name).schema(common) for name, path in files.items()}
    places = {name: place for place, name in enumerate(common.order)}
    ordered = dict(sorted(schemas.items(), key=lambda one: (places.get(one[0], len(places)), one[0])))
    _check_references(ordered)
    _check_settled(ordered, aliases or {})
    if len(_loaded) >= LOADED_AT_MOST:
        del _loaded[next(iter(_loaded))]
    return _loaded.setdefault((tuple(folders), version), Definitions(ordered, version, aliases or {}))


def definitions_version(
    folders: Sequence[Path] | None = None, aliases: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None
) -> str:
    """Hash of what decides how workbooks are read and checked: schemas, rules, settled headings, our version.

    Reads files without understanding them: cheap enough for a run with nothing to do.
    """
    folders = list(folders) if folders is not None else [shipped("schemas")]
    digest = hashlib.sha256(__version__.encode())
    for within in ("", "relations", "rules"):
        places = [folder / within for folder in folders]
        for suffix in (".toml", ".sql"):
            for name, path in files_in(places, suffix).items():
                digest.update(f"\0{within}/{name}{suffix}\0".encode())
                digest.update(_bytes(path))
    for path in (folder / f"{COMMON}.toml" for folder in folders):  # read from every folder, not only the first
        digest.update(_bytes(path) if path.is_file() else b"\0")
    for scope, tables in sorted((aliases or {}).items()):
        for table, headings in sorted(tables.items()):
            digest.update(repr((scope, table, sorted(headings.items()))).encode())
    return digest.hexdigest()[:16]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as trouble:
        raise ConfigError(f"the file cannot be read: {trouble.strerror}", path=path) from trouble


def _is_shipped(path: Path) -> bool:
    """Shipped files are proved free of contradictions by the tests, which read a copy; others at each start."""
    return path.parent == shipped("schemas")


class TomlText:
    """A TOML file that still knows its lines: ``fail`` names the one where a key of a block stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = _bytes(path).decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as trouble:
            raise ConfigError("the file is not in UTF-8", path=path, mend="save it as UTF-8") from trouble
        try:
            self.content: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as trouble:
            message = str(trouble)
            at = re.search(r" \(at line (\d+), column \d+\)", message)
            line = int(at.group(1)) if at else self.text.count("\n") + 1
            message = re.sub(r" \(at .*\)$", "", message)
            mend = "check quotes, commas and brackets"
            raise ConfigError(f"this is not TOML: {message}", path=path, line=line, mend=mend) from None

    def block_lines(self, name: str) -> list[int]:
        """Lines of the headers ``[[name]]`` (or ``[name]``), in order."""
        return [
            self.text.count("\n", 0, found.start()) + 1
            for found in re.finditer(rf"^[ \t]*\[\[?[ \t]*{re.escape(name)}[ \t]*\]\]?", self.text, re.MULTILINE)
        ]

    def line(self, block: str | None = None, place: int = 0, key: str | None = None, word: str | None = None) -> int:
        """Line of a word in a key's value, of the key, or of the block's header, whichever is found; 1 at worst."""
        lines = self.text.split("\n")
        start = 0
        if block is not None:
            headers = self.block_lines(block)
            start = headers[place] if place < len(headers) else 0
        found = start or 1
        end = next((i for i in range(start, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
        if key is None:
            return found
        for number in range(start, end):
            if re.match(rf'\s*"?{re.escape(key)}"?\s*(=|\.)', lines[number]):
                found = number + 1
                break
        else:
            # an inline table, a dotted key, or a key left out: look for the word itself
            inline = re.compile(rf'[{{,\s"]{re.escape(key)}"?\s*=')
            return next((i + 1 for i in range(start, end) if inline.search(lines[i])), found)
        if word is not None:
            return next((i + 1 for i in range(found - 1, end) if word in lines[i]), found)
        return found

    def fail(self, message: str, mend: str = "", **where: Any) -> NoReturn:
        """Raise ConfigError at the line ``where`` names (arguments of :meth:`line`)."""
        raise ConfigError(message, path=self.path, line=self.line(**where), mend=mend)


class _Reader:
    """Values of one block of a definition, each of the kind expected."""

    def __init__(self, text: TomlText, values: object, what: str, block: str | None = None, place: int = 0) -> None:
        self.text = text
        self.what = what
        self.where: dict[str, Any] = {"block": block, "place": place} if block else {}
        if not isinstance(values, dict):
            text.fail(f"{what} must be a table of keys", **self.where)
        self.values: dict[str, Any] = values

    def inside(self, values: object) -> _Reader:
        """Reader of a table written inside this block."""
        reader = _Reader(self.text, values, self.what)
        reader.where = self.where
        return reader

    def fail(self, message: str, mend: str = "", key: str | None = None, word: str | None = None) -> NoReturn:
        self.text.fail(f"{self.what}: {message}", mend, key=key, word=word, **self.where)

    def only(self, known: frozenset[str]) -> None:
        for key in self.values:
            if key not in known:
                self.fail(f"unknown key “{key}”", did_you_mean(key, sorted(known)), key=key)

    def words(self, key: str, default: str = "") -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self.fail(f"“{key}” must be text", "put it in quotes", key=key)
        return value

    def name(self, key: str = "name") -> str:
        value = self.words(key)
        if not _NAME.fullmatch(value):
            self.fail(
                f"“{key}” must be a name like “date_from”, not “{value}”", "Latin small letters, digits and _", key=key
            )
        return value

    def choice(self, key: str, known: Sequence[Word], default: Word) -> Word:
        value = self.words(key, default)
        found = next((one for one in known if one == value), None)
        if found is None:
            self.fail(f"unknown {key} “{value}”", did_you_mean(value, known), key=key)
        return found

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.fail(f"“{key}” must be true or false", key=key)
        return value

    def list_of_words(self, key: str) -> tuple[str, ...] | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.fail(f"“{key}” must be a list of texts", f'{key} = ["…", "…"]', key=key)
        return tuple(value)

    def number(self, key: str) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(f"“{key}” must be a number", key=key)
        return float(value)

    def blocks(self, key: str) -> list[Any]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.fail(f"“{key}” must be written [[{key}]]", key=key)
        return value


class _Common:
    """What schemas share: the order of tables, enumerations, words that mean «empty». The district's entries win."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.order: tuple[str, ...] = ()
        self.missing: dict[str, tuple[str, ...]] = {}
        self.enumerations: dict[str, tuple[EnumValue, ...]] = {}
        for path in paths:
            if path.is_file():
                self._read(TomlText(path))

    def _read(self, text: TomlText) -> None:
        top = _Reader(text, text.content, "common definitions")
        top.only(frozenset({"order", "missingValues", "enumerations"}))
        self.order = self.order or top.list_of_words("order") or ()
        missing = _Reader(text, text.content.get("missingValues", {}), "missingValues", "missingValues")
        missing.only(frozenset({"default", *STORAGE}))
        for kind in missing.values:
            self.missing.setdefault(kind, missing.list_of_words(kind) or ())
        enumerations = text.content.get("enumerations", {})
        if not isinstance(enumerations, dict):
            text.fail("“enumerations” must be written [[enumerations.NAME]]", key="enumerations")
        for name, values in enumerations.items():
            if name not in self.enumerations:
                block = f"enumerations.{name}"
                listed = values if isinstance(values, list) else [values]
                readers = [_Reader(text, one, f"enumeration {name}", block, place) for place, one in enumerate(listed)]
                self.enumerations[name] = _enumeration(readers, thorough=not _is_shipped(text.path))


def _enumeration(values: Sequence[_Reader], within: str = "", *, thorough: bool = True) -> tuple[EnumValue, ...]:
    """Values of an enumeration; ``within`` is the key they are written inline under.

    Raises ConfigError when a code is met twice or two values claim one spelling.
    """
    found: list[EnumValue] = []
    claimed: dict[str, str] = {}
    for value in values:
        value.only(frozenset({"code", "title", "aliases", "description"}))
        code = value.words("code")
        if not re.fullmatch(r"\w+", code):
            value.fail(f"a value needs a code, not “{code}”", "letters, digits and _", key=within or "code")
        if any(code == known.code for known in found):
            value.fail(f"the code “{code}” is given twice", key=within or "code", word=code)
        item = EnumValue(code, value.words("title") or code, value.list_of_words("aliases") or ())
        for spelling in (code, item.title, *item.aliases) if thorough else ():
            owner = claimed.setdefault(fold(spelling), code)
            if owner != code:
                problem = f"“{spelling}” means both {owner} and {code}"
                value.fail(problem, "leave it to one of them", key=within or "aliases", word=spelling)
        found.append(item)
    return tuple(found)


class _TableText:
    """One schema file being understood."""

    def __init__(self, path: Path, name: str) -> None:
        self.text = TomlText(path)
        self.name = name

    def schema(self, common: _Common) -> TableSchema:
        content = self.text.content
        top = _Reader(self.text, content, f"table {self.name}")
        top.only(_TABLE_KEYS)
        name = top.name()
        if name != self.name:
            top.fail(
                f"the file is called {self.name}.toml and its table “{name}”", "the two must be the same", key="name"
            )
        missing = top.list_of_words("missingValues")
        shared = {kind: self._shared(top, kind) for kind in ("glued", "alternatives")}
        fields: list[Field] = []
        for block, known in (("fields", _FIELD_KEYS), ("items", _ITEM_KEYS)):
            lines = self.text.block_lines(block)
            for place, values in enumerate(top.blocks(block)):
                reader = _Reader(self.text, values, f"table {name}, {block[:-1]} {place + 1}", block, place)
                reader.only(known)
                fields.append(
                    self._field(reader, common, missing, lines[place] if place < len(lines) else 0, block == "items")
                )
        if not fields:
            top.fail("the table has no fields", "add [[fields]]")
        self._check_names(fields)
        names = [field.name for field in fields]
        fields = self._share(fields, shared)
        glued, alternatives = (tuple(group for group, _ in shared[kind]) for kind in ("glued", "alternatives"))
        if not _is_shipped(self.text.path):
            self._check_headings(fields, (*glued, *alternatives))
        return TableSchema(
            name=name,
            title=top.words("title") or name,
            fields=tuple(fields),
            sheet_names=top.list_of_words("sheet_names") or (),
            identify=self._identify(top, names),
            one_of=self._groups(top, "oneOf", names),
            primary_key=self._known_fields(top, "primaryKey", top.list_of_words("primaryKey") or (), names),
            foreign_keys=self._foreign_keys(top, names),
            glued=glued,
            alternatives=alternatives,
            layouts=self._layouts(top),
            path=str(self.text.path),
        )

    def _field(
        self, reader: _Reader, common: _Common, missing: tuple[str, ...] | None, line: int, is_item: bool
    ) -> Field:
        name = reader.name()
        reader.what = f"table {self.name}, field {name}"
        kind = reader.choice("type", tuple(STORAGE), "text")
        enum = self._values(reader, kind, common)
        many, explode = reader.flag("many"), reader.flag("explode")
        if many and kind not in _LISTED:
            reader.fail(
                f"a field of type {kind} cannot hold many values", f"many is for {', '.join(_LISTED)}", key="many"
            )
        if explode and kind != "name":
            reader.fail("only a field of type name can be taken apart into records", key="explode")
        constraints = reader.inside(reader.values.get("constraints", {}))
        for key in constraints.values:
            if key not in _CONSTRAINTS:
                reader.fail(f"unknown constraint “{key}”", did_you_mean(key, sorted(_CONSTRAINTS)), key="constraints")
        scale = _SCALE if kind == "score" else (None, None)
        minimum = constraints.number("minimum") if "minimum" in constraints.values else scale[0]
        maximum = constraints.number("maximum") if "maximum" in constraints.values else scale[1]
        if minimum is not None and maximum is not None and minimum > maximum:
            reader.fail(f"the minimum {minimum:g} is above the maximum {maximum:g}", key="constraints")
        pattern = constraints.words("pattern") or None
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as trouble:
                reader.fail(f"the pattern is not a regular expression: {trouble}", key="constraints")
        standard: Required = "value" if constraints.flag("required") else "no"
        required = reader.choice("required", _REQUIRED, standard)
        bad: Severity = "warning" if is_item else _BAD_SEVERITY.get(kind, "error")
        own = reader.list_of_words("missingValues")
        words = own if own is not None else missing
        if words is None:
            words = common.missing.get(kind, common.missing.get("default", ()))
        stems = self._stems(reader) if is_item else ()
        roles = reader.list_of_words("roles") or ()
        for role in roles:
            if role not in _ROLES:
                reader.fail(f"unknown role “{role}”", did_you_mean(role, _ROLES), key="roles")
        title = reader.words("title")
        if not title:
            reader.fail("a field needs a title: the heading we write", 'title = "…"')
        aliases = (*(reader.list_of_words("aliases") or ()), *(stem.text for stem in stems))
        return Field(
            name=name,
            title=title,
            type=kind,
            aliases=tuple(dict.fromkeys(aliases)),
            keywords=tuple(dict.fromkeys(reader.list_of_words("keywords") or ())),
            many=many,
            lone=reader.flag("lone"),
            explode=explode,
            required=required,
            severity=reader.choice("severity", SEVERITIES, "warning"),
            bad_severity=reader.choice("bad_severity", SEVERITIES, bad),
            enum=enum,
            minimum=minimum,
            maximum=maximum,
            range_severity=reader.choice("range_severity", SEVERITIES, "warning"),
            pattern=pattern,
            missing_values=words,
            personal=reader.choice("personal", _PERSONAL, "none"),
            hint=reader.words("hint"),
            example=reader.words("example"),
            roles=roles,
            stems=stems,
            line=line,
        )

    def _values(self, reader: _Reader, kind: str, common: _Common) -> tuple[EnumValue, ...]:
        enum = reader.values.get("enum")
        if kind != "enum":
            if enum is not None:
                reader.fail(f"“enum” is given, but the type is {kind}", 'type = "enum"', key="enum")
            return ()
        if isinstance(enum, str):
            if enum not in common.enumerations:
                mend = did_you_mean(enum, sorted(common.enumerations)) or "declare it in common.toml"
                reader.fail(f"there is no enumeration “{enum}” in {COMMON}.toml", mend, key="enum")
            return common.enumerations[enum]
        if not isinstance(enum, list) or not enum:
            reader.fail(
                "an enumeration needs its values", 'enum = "form", or enum = [{ code = "…", title = "…" }]', key="enum"
            )
        return _enumeration([reader.inside(one) for one in enum], "enum", thorough=not _is_shipped(self.text.path))

    def _stems(self, reader: _Reader) -> tuple[Stem, ...]:
        stems = []
        for one in reader.blocks("stems"):
            stem = reader.inside(one)
            for key in stem.values:
                if key not in ("text", "role", "stage"):
                    mend = did_you_mean(key, ("text", "role", "stage"))
                    reader.fail(f"unknown key “{key}” of a stem", mend, key="stems", word=key)
            if not stem.words("text"):
                reader.fail("a stem needs a text", key="stems")
            words = stem.words("text")
            for key, known in (("role", ("", "mentor", "mentee")), ("stage", ("", "before", "middle", "after"))):
                if (value := stem.words(key)) not in known:
                    reader.fail(
                        f"unknown {key} “{value}” of a stem", did_you_mean(value, known[1:]), key="stems", word=words
                    )
            stems.append(Stem(words, stem.words("role"), stem.words("stage")))
        if not stems:
            reader.fail("an item needs the wordings it is asked in", 'stems = [{ text = "…" }]')
        return tuple(stems)

    def _shared(self, top: _Reader, kind: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Groups of fields with the headings they share; names are checked once the fields are known."""
        found = []
        for place, values in enumerate(top.blocks(kind)):
            reader = _Reader(self.text, values, f"table {self.name}, {kind} {place + 1}", kind, place)
            reader.only(frozenset({"fields", "aliases", "description"}))
            group = reader.list_of_words("fields") or ()
            if len(group) < 2:
                reader.fail("at least two fields share a heading", 'fields = ["…", "…"]', key="fields")
            found.append((group, reader.list_of_words("aliases") or ()))
        return found

    def _share(
        self, fields: list[Field], shared: Mapping[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
    ) -> list[Field]:
        from dataclasses import replace

        names = [field.name for field in fields]
        more: dict[str, list[str]] = {}
        for kind, groups in shared.items():
            for place, (group, headings) in enumerate(groups):
                for name in group:
                    if name not in names:
                        problem = f"table {self.name}, {kind}: there is no field “{name}”"
                        self.text.fail(problem, did_you_mean(name, names), block=kind, place=place, key="fields")
                    more.setdefault(name, []).extend(headings)
        return [
            replace(field, aliases=tuple(dict.fromkeys((*field.aliases, *more[field.name]))))
            if field.name in more
            else field
            for field in fields
        ]

    def _check_names(self, fields: Sequence[Field]) -> None:
        lines: dict[str, int] = {}
        for field in fields:
            if field.name in lines:
                raise ConfigError(
                    f"table {self.name}: the field “{field.name}” is declared twice, first in line {lines[field.name]}",
                    path=self.text.path, line=field.line, mend="rename or remove one",
                )  # fmt: skip
            lines[field.name] = field.line
        columns: dict[str, Field] = {}
        for field in fields:
            for column, _ in TableSchema(self.name, "", (field,)).storage():
                if column in columns or column in POSITION_COLUMNS:
                    other = columns[column].name if column in columns else "the position of a row"
                    raise ConfigError(
                        f"table {self.name}: “{field.name}” and “{other}” would share the column {column} of the store",
                        path=self.text.path, line=field.line, mend="rename one",
                    )  # fmt: skip
                columns[column] = field

    def _check_headings(self, fields: Sequence[Field], groups: Sequence[tuple[str, ...]]) -> None:
        claimed: dict[str, Field] = {}
        for field in fields:
            for heading in (field.title, *field.aliases):
                owner = claimed.setdefault(heading_key(heading), field)
                if owner is field or any(owner.name in group and field.name in group for group in groups):
                    continue
                rest = enumerate(self.text.text.split("\n")[field.line :], field.line + 1)
                number = next((line for line, text in rest if f'"{heading}"' in text), field.line)
                raise ConfigError(
                    f"table {self.name}: the heading “{heading}” is claimed by “{owner.name}” and “{field.name}”",
                    path=self.text.path, line=number, mend="leave it to one of them, or declare both [[glued]]",
                )  # fmt: skip

    def _known_fields(self, top: _Reader, key: str, names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
        for name in names:
            if name not in known:
                top.fail(
                    f"“{key}” names a field that is not there, “{name}”", did_you_mean(name, known), key=key, word=name
                )
        return tuple(names)

    def _identify(self, top: _Reader, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        sets = self._groups(top, "identify", names)
        if not sets:
            top.fail("nothing tells how the table is recognised", 'identify = [["…", "…"]]', key="name")
        return sets

    def _groups(self, top: _Reader, key: str, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        sets = top.values.get(key, [])
        if not isinstance(sets, list) or not all(isinstance(one, list) and one for one in sets):
            top.fail(f"“{key}” must be a list of lists of fields", f'{key} = [["…", "…"], ["…"]]', key=key)
        return tuple(self._known_fields(top, key, tuple(map(str, one)), names) for one in sets)

    def _layouts(self, top: _Reader) -> tuple[str, ...]:
        layouts = top.list_of_words("layouts") or ("rows",)
        for layout in layouts:
            if layout not in _LAYOUTS:
                top.fail(f"unknown layout “{layout}”", did_you_mean(layout, _LAYOUTS), key="layouts")
        return layouts

    def _foreign_keys(self, top: _Reader, names: Sequence[str]) -> tuple[ForeignKey, ...]:
        """In Table Schema's words: ``fields`` and ``reference = { resource, fields }``; one field each."""
        keys = []
        for place, values in enumerate(top.blocks("foreignKeys")):
            reader = _Reader(self.text, values, f"table {self.name}, foreign key {place + 1}", "foreignKeys", place)
            reader.only(frozenset({"fields", "reference", "severity"}))
            reference = reader.inside(reader.values.get("reference", {}))
            fields, target = reader.list_of_words("fields") or (), reference.list_of_words("fields") or ()
            if len(fields) != 1 or len(target) != 1:
                mend = 'fields = ["mentor"], reference = { resource = "mentors", fields = ["full_name"] }'
                reader.fail("one field refers to one field", mend, key="fields")
            self._known_fields(reader, "fields", fields, names)
            keys.append(
                ForeignKey(
                    fields[0], reference.words("resource"), target[0], reader.choice("severity", SEVERITIES, "warning")
                )
            )
        return tuple(keys)


def _check_references(schemas: Mapping[str, TableSchema]) -> None:
    """Do foreign keys lead to fields that exist?"""
    for schema in schemas.values():
        for place, key in enumerate(schema.foreign_keys):
            target = schemas.get(key.table)
            names = [field.name for field in target.fields] if target else []
            if target is not None and key.reference in names:
                continue
            what, mend = (
                (f"the table “{key.table}” has no field “{key.reference}”", did_you_mean(key.reference, names))
                if target
                else (f"there is no table “{key.table}”", did_you_mean(key.table, list(schemas)))
            )
            problem = f"table {schema.name}, foreign key {place + 1}: {what}"
            TomlText(Path(schema.path)).fail(problem, mend, block="foreignKeys", place=place, key="reference")


def _check_settled(schemas: Mapping[str, TableSchema], aliases: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
    """Do headings settled in the config lead to tables and fields that exist?"""
    for scope, tables in aliases.items():
        whose = f" of {scope}" if scope else ""
        for table, headings in tables.items():
            if table not in schemas:
                raise ConfigError(
                    f"aliases{whose}: there is no table “{table}”", mend=did_you_mean(table, list(schemas))
                )
            names = [field.name for field in schemas[table].fields]
            for heading, name in headings.items():
                if name not in names:
                    problem = f"aliases{whose}, “{heading}”: the table {table} has no field “{name}”"
                    raise ConfigError(problem, mend=did_you_mean(name, names))
