"""Who has handed in, told from the workbooks' times in the record: no store, no workbook is opened.

A workbook changed since the period began counts, as it does for the reports (``reporting.completeness``), which know
the rows as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.periods import Period, begin_of, period_of
from sheets_sync.timetable import Timetable

if TYPE_CHECKING:
    from sheets_sync.config import Config
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.state import State


def reminder_lines(
    config: Config, workbooks: Iterable[WorkbookRef], organisations: Iterable[str], today: date
) -> dict[str, str]:
    """The line about the due day for the findings of every organisation that is to be reminded."""
    from sheets_sync.reporting.reminding import reminder

    zone = Timetable(config).zone
    times: dict[str, list[int]] = {}
    for ref in workbooks:
        times.setdefault(ref.organisation, []).append(ref.mtime_ns)
    lines = {}
    for name in organisations:
        near = to_remind(config.due_of(name).on, today, config.schedule.remind_days)
        if near is not None:
            there = has_handed_in(newest_change(times.get(name, ()), zone), near.period)
            lines[name] = reminder(near.due, today, config.schedule.remind_days, handed_in=there)
    return lines


class ToRemind(NamedTuple):
    """The period whose due day is near, by the due days of an organisation or the district."""

    period: Period
    due: date


def to_remind(due_on: Callable[[str], date], today: date, remind_days: Iterable[int]) -> ToRemind | None:
    """The period to remind of on a day, the nearest of several; None outside the time of reminders."""
    from sheets_sync.reporting.reminding import stage

    days = tuple(remind_days)
    ids = [f"{year}-{month}" for year in (today.year - 1, today.year, today.year + 1) for month in ("06", "12")]
    near = [(abs((due_on(one) - today).days), one) for one in ids if stage(due_on(one), today, days) is not None]
    if not near:
        return None
    _, period_id = min(near)
    return ToRemind(period_of(period_id, due_on), due_on(period_id))


def newest_change(mtimes_ns: Iterable[int], zone: tzinfo | None) -> date | None:
    """The last day on which one of these files was changed."""
    newest = max(mtimes_ns, default=0)
    return datetime.fromtimestamp(newest / 1e9, UTC).astimezone(zone).date() if newest else None


def has_handed_in(newest: date | None, period: Period) -> bool:
    """Was anything changed since the period began?"""
    return newest is not None and newest >= begin_of(period)


def organisations_there(config: Config, known: State) -> list[str]:
    """Everybody known: by the configuration, by a folder, by a workbook that was read."""
    found = {organisation.id for organisation in config.organisations} | known.workbooks.keys()
    for source in config.sources:
        if source.kind == "excel" and source.path.is_dir():
            try:
                found |= {one.name for one in source.path.iterdir() if one.is_dir() and not one.name.startswith(".")}
            except OSError:
                continue  # `status` and `doctor` name the folder
        elif source.kind == "google_sheets":
            found |= source.spreadsheets.keys()
    return sorted(found)
