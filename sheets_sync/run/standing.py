"""`status`: what the last runs did and what is owed, told without opening the store."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.periods import current_period
from sheets_sync.run.handing_in import has_handed_in, newest_change, organisations_there
from sheets_sync.timetable import Timetable, began

if TYPE_CHECKING:
    from sheets_sync.config import Config, DaysOff
    from sheets_sync.state import State


ENDED = {"partly": "could not read or write everything", "stopped": "was stopped", "failed": "failed"}
LATE = timedelta(hours=1)  # a sync may take its time before it counts as missed


@dataclass(slots=True)
class OrganisationStatus:
    """Freshness of one organisation: its workbooks known, the newest change among them, those not readable; whether
    anything was changed within the period that is due, and whether the last change is too long ago."""

    id: str
    workbooks: int
    last_change: datetime | None
    unreadable: list[str]
    period: str = ""
    due: date | None = None
    handed_in: bool = False
    stale: bool = False


@dataclass(slots=True)
class StatusReport:
    """What `status` shows. ``stale`` tells why the exit code is 1; empty when all is well.

    ``why`` is the code of what kept a workbook from being read, where it is known. ``overdue`` are those of
    ``not_handed_in`` whose due day has passed. ``service`` is what a running `serve` waits for.
    """

    last_runs: list[dict[str, Any]]
    in_progress: dict[str, Any] | None
    organisations: list[OrganisationStatus]
    not_handed_in: list[str]
    next_due: Mapping[str, date]
    stale: list[str]
    why: Mapping[str, str] = field(default_factory=dict)
    last_success: str | None = None
    overdue: list[str] = field(default_factory=list)
    service: Mapping[str, Any] | None = None


def is_alive(pid: object) -> bool:
    """Does the process that noted its run still work? Windows has no harmless question to ask: it is believed."""
    if not isinstance(pid, int) or sys.platform == "win32":
        return isinstance(pid, int)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def status(config: Config, *, now: datetime | None = None) -> StatusReport:
    """Last runs, freshness by organisation, who has not handed in, what is due next; only small records are read."""
    from sheets_sync import state

    moment = (now or datetime.now()).astimezone(UTC)
    times = Timetable(config)
    today = times.day_of(moment)
    known = state.load(config.store / "state.json") or state.State()
    stale = [
        f"{source.path}: no such folder"
        for source in config.sources
        if source.kind == "excel" and not source.path.is_dir()
    ]
    running, cut_short = _running(config.store, known)
    stale += cut_short
    run = known.last_run("sync")
    if run is None:
        if running is None:
            stale.append("no sync has run yet")
    elif run["outcome"] != "done":
        stale.append(f"the last sync, {run['started']}, {ENDED.get(run['outcome'], run['outcome'])}")
    if known.more.get("serving_since") and running is None and (missed := missed_sync(config, known, moment)):
        stale.append(f"no sync since {missed.astimezone(times.zone):%Y-%m-%d %H:%M}, when one was due")
    everybody = [_standing_of(config, known, name, today) for name in organisations_there(config, known)]
    for one in everybody:
        if one.stale and one.last_change:
            stale.append(f"{one.id}: no change since {one.last_change:%Y-%m-%d}")
    overdue = [one.id for one in everybody if not one.handed_in and one.due and one.due < today]
    stale += [f"{one.id}: not handed in, due {one.due}" for one in everybody if one.id in overdue]
    return StatusReport(
        known.runs[:10],
        running,
        [one for one in everybody if one.workbooks],
        [one.id for one in everybody if not one.handed_in],
        {one.id: _next_due(config, one.id, today) for one in everybody},
        stale,
        known.more.get("why", {}),
        next(
            (str(one.get("started")) for one in known.runs if one["verb"] == "sync" and one["outcome"] == "done"), None
        ),
        overdue,
        _service(config.store),
    )


def _running(store: Path, known: State) -> tuple[dict[str, Any] | None, list[str]]:
    """The run at work, and a word about one that was cut short."""
    running = known.in_progress
    if running and not is_alive(running.get("pid")):
        return None, [f"the {running.get('verb')} begun {running.get('started')} was cut short: run it again"]
    if not running:
        held = _read(store / "lock.json")
        running = dict(held) if held and is_alive(held.get("pid")) else None
    return running, []


def _service(store: Path) -> Mapping[str, Any] | None:
    """What a running `serve` waits for."""
    told = _read(store / "service" / "next.json")
    return told if told and is_alive(told.get("pid")) else None


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def went_through(run: Mapping[str, Any]) -> bool:
    """A sync that reached all sources and outputs; a workbook it could not read is the school's to mend."""
    return run.get("verb") == "sync" and run.get("outcome") in ("done", "partly") and bool(run.get("reached", True))


def missed_sync(config: Config, known: State, now: datetime) -> datetime | None:
    """The moment a sync was due and none has gone through since; None when all is well."""
    due = Timetable(config).last_daily(now - LATE)
    done = [began(one) for one in known.runs if went_through(one)]
    return due if due is not None and not any(one is not None and one >= due for one in done) else None


def _standing_of(config: Config, known: State, name: str, today: date) -> OrganisationStatus:
    workbooks = known.workbooks.get(name, {})
    times = [mark.mtime_ns for mark in workbooks.values() if mark.mtime_ns]
    newest = newest_change(times, Timetable(config).zone)
    period = current_period(today, config.due_of(name).on)
    limit = config.schedule.stale_days
    return OrganisationStatus(
        name,
        len(workbooks),
        datetime.fromtimestamp(max(times) / 1e9) if times else None,
        sorted(path for path, mark in workbooks.items() if not mark.readable),
        period.id,
        period.as_of,
        has_handed_in(newest, period),
        bool(limit and newest) and _days_at_work(newest or today, today, config.schedule.days_off, limit) > limit,
    )


def _days_at_work(first: date, last: date, days_off: DaysOff, at_most: int) -> int:
    """Days after the first up to the last that are no days off; counted a little beyond ``at_most`` and no further."""
    count, day = 0, first
    while day < last and count <= at_most:
        day += timedelta(days=1)
        count += day not in days_off
    return count


def _next_due(config: Config, name: str, today: date) -> date:
    due = config.due_of(name)
    days = [due.on(f"{year}-{month}") for year in (today.year, today.year + 1) for month in ("06", "12")]
    return min(day for day in days if day >= today)
