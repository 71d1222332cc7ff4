"""The types a field may have: each is a reader of one cell, built from the field and what is known about the column.

A reader never raises: what it cannot read is a :class:`Trouble`, with a suggestion where one is near.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sheets_sync.people import usual_name
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types.contacts import (
    read_contacts,
    read_email,
    read_inn,
    read_phone,
    read_url,
    usual_phone,
)
from sheets_sync.table_schema.types.dates import (
    read_birth,
    read_consent,
    read_date,
    read_datetime,
    read_school_year,
)
from sheets_sync.table_schema.types.deadline import read_deadline
from sheets_sync.table_schema.types.names import read_name, read_organisation, read_people
from sheets_sync.table_schema.types.numbers import (
    read_experience,
    read_integer,
    read_number,
    read_percent,
    read_score,
)
from sheets_sync.table_schema.types.reading import Read, ReadContext, Reading, Trouble
from sheets_sync.table_schema.types.words import (
    read_age_band,
    read_boolean,
    read_class,
    read_enum,
    read_order_number,
    read_text,
)

TYPES: Mapping[str, Callable[[Field, ReadContext], Read]] = {
    "text": read_text,
    "name": read_name,
    "organisation": read_organisation,
    "date": read_date,
    "datetime": read_datetime,
    "birth": read_birth,
    "integer": read_integer,
    "number": read_number,
    "percent": read_percent,
    "experience": read_experience,
    "score": read_score,
    "boolean": read_boolean,
    "enum": read_enum,
    "class": read_class,
    "age_band": read_age_band,
    "contacts": read_contacts,
    "phone": read_phone,
    "email": read_email,
    "url": read_url,
    "inn": read_inn,
    "order_number": read_order_number,
    "school_year": read_school_year,
    "consent": read_consent,
    "deadline": read_deadline,
    "people": read_people,
}

# What a reading depends on besides the field and ``part``: workbooks that agree in it share their readers.
DEPENDS_ON: Mapping[str, tuple[str, ...]] = {
    "date": ("school_year",),
    "birth": ("as_of", "heading_says_age"),
    "experience": ("as_of",),
    "consent": ("school_year",),
    "deadline": ("school_year",),
}

# Cells that are plainly one value just as they stand, with nothing to be said of it: what such a text is folded,
# without full stops around it; "" decides nothing.
AS_TYPED: Mapping[str, Callable[[str], str]] = {"name": usual_name, "contacts": usual_phone}


def build(field: Field, context: ReadContext) -> Read:
    """The reader of a field's cells; KeyError if the type is unknown (the loader of definitions forbids that)."""
    return TYPES[field.type](field, context)


__all__ = ["AS_TYPED", "DEPENDS_ON", "TYPES", "Read", "ReadContext", "Reading", "Trouble", "build"]
