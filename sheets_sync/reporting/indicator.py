"""Definitions of indicators: words and targets in TOML, the rows they count in SQL; a district may add or replace them.

``ID.toml`` says what the indicator is; ``ID.numerator.sql`` and ``ID.denominator.sql`` return row sets of at least
``organisation, person_key, workbook, sheet, row`` (a denominator may give ``value`` instead of persons: a number a
school states); an indicator asked by questionnaire has ``ID.respondents.sql`` too. ``relations/*.sql`` beside the
folder of indicators holds what several of them share.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sheets_sync.catalog import meant
from sheets_sync.errors import ConfigError

INDICATORS = "indicators"
RELATIONS = "relations"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_KEYS = {
    "id": str,
    "title_ru": str,
    "title_en": str,
    "numerator_ru": str,
    "denominator_ru": str,
    "unit": str,
    "over_100": str,
    "scope": str,
    "profile_fields": list,
    "cells": list,
    "targets": dict,
}


@dataclass(frozen=True, slots=True)
class RowSet:
    """One SELECT of a definition and the file it is from."""

    sql: str
    path: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator in force.

    ``over_100``: what a share above 100 % is: "error", or "check" (shown and marked). ``scope`` "district": the persons
    are counted once over the whole district and only the district has a denominator. ``profile_fields``: fields of the
    school's profile whose errors spoil the denominator. ``cells``: (table, field) of the cells that `trace` shows of a
    row, those of the tables' required fields if it names none. ``targets``: per cent by year, from ``targets_source``.
    """

    id: str
    title_ru: str
    numerator: RowSet
    denominator: RowSet
    respondents: RowSet | None = None
    title_en: str = ""
    numerator_ru: str = ""
    denominator_ru: str = ""
    unit: str = "%"
    over_100: Literal["error", "check"] = "error"
    scope: Literal["organisation", "district"] = "organisation"
    profile_fields: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    targets: Mapping[int, float] = field(default_factory=dict)
    targets_source: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Indicators:
    """All indicators in force, by id, and the relations they share, in the order they are made."""

    all: tuple[Indicator, ...]
    relations: Mapping[str, RowSet]

    def by_id(self, identifier: str) -> Indicator:
        """The indicator of that id, whatever its case. Raises ConfigError when there is none."""
        for indicator in self.all:
            if indicator.id.casefold() == identifier.casefold():
                return indicator
        raise ConfigError(
            f"no such indicator: {identifier}", mend=meant(identifier, [indicator.id for indicator in self.all])
        )


def load_indicators(folders: Sequence[Path]) -> Indicators:
    """Indicators of these ``reports/`` folders, the first folder that holds a file winning (the district's own first).

    Ordered by id. Raises ConfigError with file and line for a definition that cannot be used.
    """
    found = _files(folders, INDICATORS)
    indicators = [
        _indicator(path, found) for name, path in found.items() if name.endswith(".toml") and not name.startswith(".")
    ]
    if not indicators:
        raise ConfigError("no indicators here", path=folders[-1] / INDICATORS if folders else None)
    claimed: dict[str, str] = {}
    for indicator in indicators:
        if indicator.id in claimed:
            raise ConfigError(
                f"indicator {indicator.id} is also defined by {claimed[indicator.id]}", path=indicator.path
            )
        claimed[indicator.id] = indicator.path
    relations = {
        name.removesuffix(".sql"): _row_set(path)
        for name, path in _files(folders, RELATIONS).items()
        if name.endswith(".sql")
    }
    return Indicators(tuple(sorted(indicators, key=lambda one: _natural(one.id))), relations)


def _files(folders: Sequence[Path], kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in reversed(folders):
        if (folder / kind).is_dir():
            found.update({path.name: path for path in (folder / kind).iterdir() if path.is_file()})
    return dict(sorted(found.items()))


def _natural(identifier: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", identifier))


def _indicator(path: Path, files: Mapping[str, Path]) -> Indicator:
    text = _text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        line = int(told[1]) if told else len(text.splitlines())
        raise ConfigError(f"not valid TOML: {error}", path=path, line=line) from None
    for key, value in values.items():
        if key not in _KEYS:
            raise ConfigError(f"unknown key {key}", path=path, line=_line(text, key), mend=f"known: {', '.join(_KEYS)}")
        if not isinstance(value, _KEYS[key]):
            raise ConfigError(f"{key} must be {_kind(_KEYS[key])}", path=path, line=_line(text, key))
    for key in ("id", "title_ru"):
        if not values.get(key):
            raise ConfigError(f"{key} is missing", path=path, mend=f'add {key} = "…"')
    identifier = values["id"]
    if not _NAME.fullmatch(identifier) or identifier != path.stem:
        raise ConfigError(
            f"id {identifier!r} must be the file's name without .toml, letters and digits",
            path=path,
            line=_line(text, "id"),
        )
    for key, words in (("over_100", ("error", "check")), ("scope", ("organisation", "district"))):
        if key in values and values[key] not in words:
            raise ConfigError(f"{key} must be one of {', '.join(words)}", path=path, line=_line(text, key))
    fields = values.get("profile_fields", [])
    if not all(isinstance(name, str) for name in fields):
        raise ConfigError("profile_fields must be a list of names", path=path, line=_line(text, "profile_fields"))
    cells = values.get("cells", [])
    if not all(isinstance(name, str) and re.fullmatch(r"[a-z_]+\.\w+", name) for name in cells):
        raise ConfigError(
            "cells must be a list of table and field",
            path=path,
            line=_line(text, "cells"),
            mend='such as "mentees.birth"',
        )
    source, targets = _targets(values.get("targets", {}), path, text)
    sets: dict[str, RowSet] = {}
    for part in ("numerator", "denominator", "respondents"):
        name = f"{identifier}.{part}.sql"
        if name in files:
            sets[part] = _row_set(files[name])
        elif part != "respondents":
            raise ConfigError(f"{name} is missing beside it", path=path)
    return Indicator(
        id=identifier,
        title_ru=values["title_ru"],
        numerator=sets["numerator"],
        denominator=sets["denominator"],
        respondents=sets.get("respondents"),
        title_en=values.get("title_en", ""),
        numerator_ru=values.get("numerator_ru", ""),
        denominator_ru=values.get("denominator_ru", ""),
        unit=values.get("unit", "%"),
        over_100=values.get("over_100", "error"),
        scope=values.get("scope", "organisation"),
        profile_fields=tuple(fields),
        cells=tuple((table, name) for table, _, name in (cell.partition(".") for cell in cells)),
        targets=targets,
        targets_source=source,
        path=str(path),
    )


def _targets(values: Mapping[str, Any], path: Path, text: str) -> tuple[str, dict[int, float]]:
    source = values.get("source", "")
    targets: dict[int, float] = {}
    for key, value in values.items():
        if key == "source":
            continue
        if not re.fullmatch(r"(19|20)\d\d", key):
            raise ConfigError(f"targets are by year, {key!r} is none", path=path, line=_line(text, key))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ConfigError(f"the target of {key} must be a number", path=path, line=_line(text, key))
        targets[int(key)] = value
    if targets and not (isinstance(source, str) and source):
        raise ConfigError(
            "targets name no source", path=path, line=_line(text, "[targets]"), mend='add source = "…" under [targets]'
        )
    return str(source), targets


def _row_set(path: Path) -> RowSet:
    sql = _text(path).strip().rstrip(";").rstrip()
    if not sql:
        raise ConfigError("the file is empty", path=path)
    return RowSet(sql, str(path))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8 text", path=path, mend="save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None


def _line(text: str, key: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith(key):
            return number
    return None


def _kind(kind: type) -> str:
    return {"str": "a text", "list": "a list", "dict": "a section"}[kind.__name__]
