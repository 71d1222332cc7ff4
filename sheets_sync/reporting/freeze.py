"""A period sealed: its figures, the rows behind them and what they were computed with, in one plain JSON file.

``<store>/frozen/<period>.json`` is a record, not a cache: it outlives a lost store and is never rewritten by itself.
Its rows are places and keys that name nobody, so that a later look tells which rows have come, gone or changed since.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.catalog import files_in
from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.reporting.counters import Counters
from sheets_sync.reporting.figures import BehindRow, Figures, Part, in_order, rows_behind
from sheets_sync.reporting.indicator import INDICATORS, RELATIONS, Indicators
from sheets_sync.reporting.report_json import report_object
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.wording import half_up, listed, shortest, whole

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 1
FOLDER = "frozen"
PARTS: tuple[Part, ...] = ("numerator", "denominator", "respondents")
RESTATED: tuple[Part, ...] = ("numerator", "denominator")
ROW_COLUMNS = ("indicator", "part", "organisation", "workbook", "sheet", "row", "key", "value")
# Settings that change what is shown of a figure, not the figure.
_LEFT_OUT = frozenset({"sql_seconds", "pupil_names", "district_name"})
_SETTING_WORDS = {
    "enterprises": "число предприятий района",
    "targets": "целевые значения района",
    "organisation_targets": "целевые значения организаций",
    "satisfied": "порог удовлетворённости",
    "young_specialist_years": "стаж молодого специалиста",
    "mentee_age": "возраст наставляемых",
    "mentor_age": "возраст наставников",
    "restrict_to_categories": "отбор по категориям",
    "small_count": "порог малых чисел",
    "organisation_types": "типы организаций",
}
_ROWS_NAMED = 12  # of one kind in one restatement; the rest is counted


@dataclass(frozen=True, slots=True)
class Frozen:
    """A period as it was on a day. ``figures`` is the object of report.json, ``rows`` are by indicator and part.

    The ``person_key`` of its rows is a key that names nobody; ``definitions`` tells those in force from others.
    """

    period: str
    as_of: date
    sealed_on: date
    definitions: str
    settings: Mapping[str, Any]
    figures: Mapping[str, Any]
    counters: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Mapping[str, tuple[BehindRow, ...]]]

    def figure(self, organisation: str | None, indicator: str) -> Mapping[str, Any] | None:
        """The figure of an organisation, of the district for None; None where there was none."""
        for figure in self._of(organisation):
            if figure["id"] == indicator:
                return figure
        return None

    def name(self, organisation: str) -> str:
        """What the organisation was called; its id when it was not there."""
        return next(
            (str(one["name"]) for one in self.figures["organisations"] if one["id"] == organisation), organisation
        )

    @property
    def organisations(self) -> list[str]:
        """Ids of the organisations there were."""
        return [str(one["id"]) for one in self.figures["organisations"]]

    def behind(self, organisation: str | None, indicator: str, part: Part) -> list[BehindRow]:
        """The rows a figure was counted from; of a district's sum only those of the organisations in it."""
        rows = self.rows.get(indicator, {}).get(part, ())
        if organisation is not None:
            return [row for row in rows if row.organisation == organisation]
        figure = self.figure(None, indicator)
        counted = None if figure is None else figure.get("organisations_counted")
        return [row for row in rows if counted is None or not row.organisation or row.organisation in counted]

    def _of(self, organisation: str | None) -> Sequence[Mapping[str, Any]]:
        if organisation is None:
            return list(self.figures["district"]["indicators"])
        return next((list(one["indicators"]) for one in self.figures["organisations"] if one["id"] == organisation), [])


@dataclass(frozen=True, slots=True)
class Restatement:
    """One number of a sealed period that would be another today, and the rows that made it so.

    ``part`` is "numerator" or "denominator"; ``was`` and ``now`` may be equal when other rows stand behind the number.
    """

    indicator: str
    organisation: str | None
    part: str
    was: float | None
    now: float | None
    added: tuple[BehindRow, ...]
    gone: tuple[BehindRow, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Dynamics:
    """One figure against the same of an earlier period; ``change`` in points where both have a value."""

    indicator: str
    organisation: str | None
    was: float | None
    now: float | None
    change: float | None


def snapshot(
    connection: DuckDBPyConnection,
    indicators: Indicators,
    figures: Figures,
    settings: ReportSettings,
    counters: Mapping[str, Counters],
    names: Mapping[str, str],
    *,
    definitions: str,
    sealed_on: date,
) -> Frozen:
    """The period as the store tells it today, ready to be sealed or to be compared with what was sealed."""
    period = figures.period
    rows: dict[str, dict[str, tuple[BehindRow, ...]]] = {
        indicator.id: {
            part: tuple(
                row._replace(person_key=stable_key(period.id, row.person_key))
                for row in in_order(rows_behind(connection, indicators, period, settings, indicator.id, part))
            )
            for part in PARTS
        }
        for indicator in indicators.all
    }
    told = {
        name: value if isinstance(value, (bool, int, float, str)) else _plain(value)
        for name, value in asdict(settings).items()
        if name not in _LEFT_OUT
    }
    return Frozen(
        period.id,
        period.as_of,
        sealed_on,
        definitions,
        told,
        report_object(figures, names),
        {name: _plain(asdict(one)) for name, one in sorted(counters.items())},
        rows,
    )


def stable_key(period_id: str, person_key: str | None) -> str | None:
    """A key that is the same for the same person of one period and names nobody; None stays None."""
    if person_key is None:
        return None
    return hashlib.blake2b(person_key.encode(), digest_size=12, key=period_id.encode()).hexdigest()


def definitions_in_force(folders: Sequence[Path], schemas: str) -> str:
    """Version of everything figures are computed by: the indicators of these folders, and ``schemas``, that of tables,
    relations and rules."""
    digest = hashlib.sha256()
    for within in (INDICATORS, RELATIONS):
        for suffix in (".toml", ".sql"):
            for name, path in files_in([folder / within for folder in folders], suffix).items():
                digest.update(f"\0{within}/{name}{suffix}\0".encode())
                digest.update(path.read_bytes())
    return f"{schemas.partition('-')[0]}-{digest.hexdigest()[:16]}"


# --- the file ---


def path_of(folder: Path, period_id: str) -> Path:
    """Where a sealed period lies; ``folder`` is the store's."""
    return folder / FOLDER / f"{period_id}.json"


def seal(folder: Path, told: Frozen, *, again: bool = False) -> Path:
    """Write a period's file, readable by its owner alone, whole or not at all.

    ``again`` puts it in place of a former one, which is kept beside it. Raises ConfigError when the period is sealed
    already and ``again`` is not asked for, OSError when the place cannot be written.
    """
    path = path_of(folder, told.period)
    if not again:
        refuse_sealed(folder, told.period)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_written(told).encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copy2(path, _free(path))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def refuse_sealed(folder: Path, period_id: str) -> None:
    """Raises ConfigError, with what to do, when the period is sealed already."""
    path = path_of(folder, period_id)
    if path.exists():
        raise ConfigError(
            f"period {period_id} is sealed already",
            path=path,
            mend="nothing was written; to seal today's figures add --reseal, which keeps the former file beside it",
        )


def frozen(folder: Path, period_id: str) -> Frozen | None:
    """The sealed period, None when it is not sealed. Raises SourceError when its file is damaged or was changed."""
    path = path_of(folder, period_id)
    try:
        content = json.loads(path.read_bytes())
        found = _read(content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) else "damaged"
        raise SourceError(
            f"the sealed period {period_id} cannot be read ({reason}): restore the file from a copy, or seal the "
            "period again with --reseal",
            path=path,
        ) from None
    if content["seal"] != _seal_of(content) or found.period != period_id:
        raise SourceError(
            f"the sealed period {period_id} was changed after it was sealed: restore the file from a copy, or seal the "
            "period again with --reseal",
            path=path,
        )
    return found


def earlier_period(period_id: str) -> str:
    """The period a set is compared with: June with December, December with June, August with August a year before."""
    year, month = int(period_id[:4]), period_id[5:]
    return {"06": f"{year - 1}-12", "12": f"{year}-06"}.get(month, f"{year - 1}-{month}")


def _written(told: Frozen) -> str:
    """The file's text: everything but the rows laid out for reading, then one row a line."""
    content = _content(told)
    rows = content.pop("rows")
    head = json.dumps({**content, "row_columns": list(ROW_COLUMNS)}, ensure_ascii=False, indent=2)
    lines = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
    laid_out = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{head[: head.rindex("}")].rstrip()},\n  "rows": {laid_out}\n}}\n'


def _content(told: Frozen) -> dict[str, Any]:
    content = {
        "version": VERSION,
        "period": told.period,
        "as_of": told.as_of.isoformat(),
        "sealed_on": told.sealed_on.isoformat(),
        "definitions": told.definitions,
        "settings": told.settings,
        "figures": told.figures,
        "counters": told.counters,
        "rows": [
            [indicator, part, row.organisation, row.workbook, row.sheet, row.row, row.person_key, row.value]
            for indicator, parts in told.rows.items()
            for part, rows in parts.items()
            for row in rows
        ],
    }
    return {"version": VERSION, "seal": _seal_of(content), **content}


def _seal_of(content: Mapping[str, Any]) -> str:
    sealed = {name: value for name, value in content.items() if name not in ("seal", "row_columns")}
    return hashlib.sha256(json.dumps(sealed, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _read(content: Any) -> Frozen:
    if content["version"] != VERSION:
        raise ValueError("made by another version")
    rows: dict[str, dict[str, list[BehindRow]]] = {}
    for indicator, part, organisation, workbook, sheet, row, key, value in content["rows"]:
        found = rows.setdefault(indicator, {}).setdefault(part, [])
        found.append(BehindRow(organisation, key, workbook, sheet, row, value))
    figures = content["figures"]
    for figure in chain(figures["district"]["indicators"], *(one["indicators"] for one in figures["organisations"])):
        figure["id"], figure["numerator"], figure["denominator"], figure["value"]
    return Frozen(
        str(content["period"]),
        date.fromisoformat(content["as_of"]),
        date.fromisoformat(content["sealed_on"]),
        str(content["definitions"]),
        dict(content["settings"]),
        figures,
        dict(content["counters"]),
        {name: {part: tuple(found) for part, found in parts.items()} for name, parts in rows.items()},
    )


def _free(path: Path) -> Path:
    """«2023-12.former-1.json»: a name for the former file."""
    number = 1
    while (kept := path.with_name(f"{path.stem}.former-{number}.json")).exists():
        number += 1
    return kept


def _plain(value: Any) -> Any:
    """The value as JSON gives it back, so that what was sealed and what is told today compare."""
    return json.loads(json.dumps(value, sort_keys=True))


# --- what has changed since ---


def restatements(sealed: Frozen, now: Frozen) -> tuple[Restatement, ...]:
    """Every number of the sealed period that today's rows would make another, district first, then by organisation."""
    ids = list(dict.fromkeys([*sealed.organisations, *now.organisations]))
    places: list[str | None] = [None, *sorted(ids)]
    indicators = list(dict.fromkeys([*sealed.rows, *now.rows]))
    names = {name: now.name(name) if name in now.organisations else sealed.name(name) for name in ids}
    found = (
        _restated(sealed, now, organisation, indicator, part, names)
        for organisation in places
        for indicator in indicators
        for part in RESTATED
    )
    return tuple(one for one in found if one is not None)


def _restated(
    sealed: Frozen, now: Frozen, organisation: str | None, indicator: str, part: Part, names: Mapping[str, str]
) -> Restatement | None:
    before, after = sealed.figure(organisation, indicator), now.figure(organisation, indicator)
    was = None if before is None else before[part]
    current = None if after is None else after[part]
    old, new = sealed.behind(organisation, indicator, part), now.behind(organisation, indicator, part)
    known, present = {_identity(row) for row in old}, {_identity(row) for row in new}
    added = tuple(row for row in new if _identity(row) not in known)
    gone = tuple(row for row in old if _identity(row) not in present)
    if was == current and not added and not gone:
        return None
    words = _words(was, current, added, gone, names if organisation is None else {})
    return Restatement(indicator, organisation, part, was, current, added, gone, words)


def _identity(row: BehindRow) -> tuple[object, ...]:
    """A person is the same wherever the row goes; a number a school states is the same while it says the same."""
    return (row.person_key,) if row.person_key is not None else (row.organisation, row.value)


def _words(
    was: float | None,
    now: float | None,
    added: Sequence[BehindRow],
    gone: Sequence[BehindRow],
    names: Mapping[str, str],
) -> str:
    """«было 41, стало 43: добавились строки 12 и 19 (лист «Пары»)»; ``names``: organisations where they are told."""
    if was == now:
        head = "данных нет, как и было" if was is None else f"число прежнее ({_number(was)}), изменились строки за ним"
    else:
        head = f"{'данных не было' if was is None else f'было {_number(was)}'}, "
        head += "теперь данных нет" if now is None else f"стало {_number(now)}"
    changed = {_place(row) for row in added} & {_place(row) for row in gone}
    kinds = (
        ("изменилась", "изменились", [row for row in added if _place(row) in changed]),
        ("добавилась", "добавились", [row for row in added if _place(row) not in changed]),
        ("больше не считается", "больше не считаются", [row for row in gone if _place(row) not in changed]),
    )
    many_files = len({row.workbook for row in (*added, *gone)}) > 1
    told = [text for one, several, rows in kinds for text in _row_words(one, several, rows, names, many_files)]
    return f"{head}: {'; '.join(told)}" if told else head


def _row_words(
    one: str, several: str, rows: Sequence[BehindRow], names: Mapping[str, str], many_files: bool
) -> Iterator[str]:
    places = sorted({_place(row) for row in rows}, key=lambda place: tuple((part is None, part or 0) for part in place))
    if any(place[3] is None for place in places):
        yield "изменилось число в настройках района"
        places = [place for place in places if place[3] is not None]
    shown, rest = places[:_ROWS_NAMED], len(places) - _ROWS_NAMED
    by_sheet: dict[tuple[Any, ...], list[int]] = {}
    for organisation, workbook, sheet, row in shown:
        by_sheet.setdefault((organisation, workbook, sheet), []).append(row)
    for number, ((organisation, workbook, sheet), numbers) in enumerate(by_sheet.items(), 1):
        file = f"файл «{workbook.rpartition('/')[2]}», " if many_files else ""
        said = f"{one} строка" if len(numbers) == 1 else f"{several} строки"
        more = f" и ещё {whole(rest)}" if rest > 0 and number == len(by_sheet) else ""
        whose = f"{names.get(organisation, organisation)}: " if names else ""
        yield f"{whose}{said} {listed([str(row) for row in numbers])} ({file}лист «{sheet}»){more}"


def _place(row: BehindRow) -> tuple[Any, ...]:
    return (row.organisation, row.workbook, row.sheet, row.row)


def _number(value: float) -> str:
    return whole(int(value)) if float(value).is_integer() else shortest(value)


def conditions(sealed: Frozen, now: Frozen) -> tuple[str, ...]:
    """What besides rows differs from the day of sealing, in words: definitions, settings."""
    told = []
    if sealed.definitions != now.definitions:
        told.append("С тех пор изменились определения таблиц или показателей.")
    names = sorted(sealed.settings.keys() | now.settings.keys())
    differing = [name for name in names if sealed.settings.get(name) != now.settings.get(name)]
    if differing:
        words = listed([_SETTING_WORDS.get(name, name) for name in differing])
        told.append(f"С тех пор изменились настройки: {words}.")
    return tuple(told)


def compared(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Dynamics, ...]:
    """Today's report.json object against that of an earlier period, figure by figure."""

    def values(told: Mapping[str, Any]) -> dict[tuple[str | None, str], float | None]:
        parts = [(None, told["district"]["indicators"])]
        parts += [(one["id"], one["indicators"]) for one in told["organisations"]]
        return {(whose, figure["id"]): figure["value"] for whose, figures in parts for figure in figures}

    was = values(before)
    found = []
    for (organisation, indicator), value in values(now).items():
        old = was.get((organisation, indicator))
        change = None if old is None or value is None else float(half_up(half_up(value) - half_up(old)))
        found.append(Dynamics(indicator, organisation, old, value, change))
    return tuple(found)
