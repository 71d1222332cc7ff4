"""Frozen definitions as the rest of the program sees them; ``loading`` builds them from text."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sheets_sync.issues import Severity

Personal = Literal["none", "personal", "special"]
Required = Literal["no", "column", "value"]

# type → the columns a field of that type takes in the store: (suffix of the name, DuckDB type)
STORAGE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "text": (("", "VARCHAR"),),
    "name": (("", "VARCHAR"), ("_key", "VARCHAR")),  # _key: people.name_key, what references are joined by
    "organisation": (("", "VARCHAR"), ("_key", "VARCHAR")),  # _key: people.organisation_key
    "date": (("", "DATE"),),
    "datetime": (("", "TIMESTAMP"),),
    "birth": (("", "DATE"), ("_year", "INTEGER")),  # a year alone leaves the date null
    "integer": (("", "BIGINT"),),
    "number": (("", "DOUBLE"),),
    "percent": (("", "DOUBLE"),),  # 85.0 for «85 %»
    "experience": (("", "DOUBLE"),),  # years
    "score": (("", "DOUBLE"),),  # questionnaire scale 1–10
    "boolean": (("", "BOOLEAN"),),
    "enum": (("", "VARCHAR"),),  # the code; VARCHAR[] when many
    "class": (("", "VARCHAR"),),  # «7А»
    "age_band": (("", "VARCHAR"),),  # «10-14»
    "contacts": (("", "VARCHAR"),),  # free text; telephones in it are looked at
    "phone": (("", "VARCHAR"),),  # +79140000000, several joined by ", "
    "email": (("", "VARCHAR"),),
    "url": (("", "VARCHAR"),),
    "inn": (("", "VARCHAR"),),
    "order_number": (("", "VARCHAR"),),  # «69» of «Приказ № 69 от 01.09.2022 г.»
    "school_year": (("", "VARCHAR"),),  # «2023-2024»
    "consent": (("", "BOOLEAN"), ("_date", "DATE")),  # a date means true from that date
    # JSON of tables.md, then its parts
    "deadline": (("", "VARCHAR"), ("_kind", "VARCHAR"), ("_start", "DATE"), ("_end", "DATE")),
    "people": (("", "VARCHAR[]"), ("_keys", "VARCHAR[]")),  # persons or posts; _keys: people.name_key of each
}

# Where a row of the store comes from: columns that stand before the fields of every table.
POSITION_COLUMNS = ("organisation", "workbook", "sheet", "row", "part", "accepted")


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value of an enumeration: its code, the words to show, other spellings schools use."""

    code: str
    title: str
    aliases: tuple[str, ...] = ()


class Stem(NamedTuple):
    """Wording of a questionnaire item: whom it is put to and when ("" = any role, any stage)."""

    text: str
    role: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One column a table may have."""

    name: str
    title: str  # the heading we write in templates and messages
    type: str = "text"
    aliases: tuple[str, ...] = ()  # headings schools use, besides the title
    keywords: tuple[str, ...] = ()  # phrases that tell what a longer heading asks for, whatever else it says
    many: bool = False  # several values in a cell
    lone: bool = False  # many, but mostly one: a single value stands alone, several are a list
    explode: bool = False  # several people in a cell are several records (pairs.mentee)
    # column: the heading must exist; value: and no cell may be blank. A table without the column is reported only where
    # severity is error, which it is only if a row is unusable without the value (tables.md, 3).
    required: Required = "no"
    severity: Severity = "warning"  # of a missing value or column
    bad_severity: Severity = "error"  # of a value that cannot be read (a questionnaire item: warning)
    enum: tuple[EnumValue, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    range_severity: Severity = "warning"
    pattern: str | None = None
    missing_values: tuple[str, ...] = ()  # words that mean «empty» in this column
    personal: Personal = "none"
    hint: str = ""  # input hint for templates, Russian
    example: str = ""  # example row of templates
    roles: tuple[str, ...] = ()  # organisation types or person kinds the field is for; empty = all
    stems: tuple[Stem, ...] = ()  # questionnaire items: their wordings, which are among the aliases too
    line: int = 0  # line of the definition, for messages

    def storage(self) -> list[tuple[str, str]]:
        """(column, DuckDB type) of what it takes in the store's table.

        A field called like a position column is stored with an underscore after its name: training.organisation_.
        """
        name = f"{self.name}_" if self.name in POSITION_COLUMNS else self.name
        return [
            (name + suffix, "VARCHAR[]" if self.many and kind == "VARCHAR" and not suffix else kind)
            for suffix, kind in STORAGE[self.type]
        ]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """«pairs.mentor names a row of mentors.full_name» within one organisation."""

    field: str
    table: str
    reference: str
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One kind of table. ``fields`` are in the order of templates and of the store's columns."""

    name: str
    title: str  # «Пары»
    fields: tuple[Field, ...]
    sheet_names: tuple[str, ...] = ()  # words in a sheet's name that speak for this table
    identify: tuple[tuple[str, ...], ...] = ()  # sets of fields: a table of this kind shows all of at least one set
    # groups of fields of which a table has at least one: no row can be used where all of a group are missing
    one_of: tuple[tuple[str, ...], ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    # fields one column may feed together: «Приказ №, дата» → order_no, order_date
    glued: tuple[tuple[str, ...], ...] = ()
    # fields that share a heading, never at once: the first not yet found takes it
    alternatives: tuple[tuple[str, ...], ...] = ()
    layouts: tuple[str, ...] = ("rows",)  # rows | card (field names down the first column) | criteria
    path: str = ""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if the table has none."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    def lacking(self, present: Container[str]) -> list[tuple[Field, ...]]:
        """Fields without which no row can be used and of which none is present, those that stand for one another
        together."""
        needed = [(item.name,) for item in self.fields if item.required != "no" and item.severity == "error"]
        return [
            tuple(map(self.field, group))
            for group in (*needed, *self.one_of)
            if not any(name in present for name in group)
        ]

    def storage(self) -> list[tuple[str, str]]:
        """(column, DuckDB type) of the store's table, without the position columns."""
        return [column for item in self.fields for column in item.storage()]


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything in force for one run: table schemas by canonical name, in the order of tables.md."""

    schemas: Mapping[str, TableSchema]
    version: str = ""  # hash of all definition texts: a change re-reads every workbook
    # organisation ("" = all) → table → heading → field
    aliases: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
