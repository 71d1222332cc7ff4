"""`status`: what the last runs did, told without opening the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sheets_sync.config import Config


ENDED = {"partly": "could not read or write everything", "stopped": "was stopped", "failed": "failed"}


@dataclass(slots=True)
class OrganisationStatus:
    """Freshness of one organisation: its workbooks known, the newest change among them, those not readable."""

    id: str
    workbooks: int
    last_change: datetime | None
    unreadable: list[str]


@dataclass(slots=True)
class StatusReport:
    """What `status` shows. ``stale`` tells why the exit code is 1; empty when all is well.

    ``why`` is the code of what kept a workbook from being read, where it is known.
    """

    last_runs: list[dict[str, Any]]
    in_progress: dict[str, Any] | None
    organisations: list[OrganisationStatus]
    not_handed_in: list[str]
    next_due: Mapping[str, date]
    stale: list[str]
    why: Mapping[str, str] = field(default_factory=dict)


def _is_alive(pid: object) -> bool:
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
    """Last runs, freshness by organisation, who has no workbook, what is due next; only the state record is read."""
    from sheets_sync import state

    now = now or datetime.now()
    known = state.load(config.store / "state.json") or state.State()
    organisations = []
    for name, workbooks in sorted(known.workbooks.items()):
        times = [mark.mtime_ns for mark in workbooks.values() if mark.mtime_ns]
        last = datetime.fromtimestamp(max(times) / 1e9) if times else None
        unreadable = sorted(path for path, mark in workbooks.items() if not mark.readable)
        organisations.append(OrganisationStatus(name, len(workbooks), last, unreadable))
    folders: set[str] = {organisation.id for organisation in config.organisations}
    stale = []
    for source in config.sources:
        if source.kind == "excel":
            if source.path.is_dir():
                within = [entry for entry in source.path.iterdir() if entry.is_dir()]
                folders |= {entry.name for entry in within if not entry.name.startswith(".")}
            else:
                stale.append(f"{source.path}: no such folder")
    running = known.in_progress
    if running and not _is_alive(running.get("pid")):
        stale.append(f"the {running.get('verb')} begun {running.get('started')} was cut short: run it again")
        running = None
    run = known.last_run("sync")
    if run is None:
        if running is None:
            stale.append("no sync has run yet")
    elif run["outcome"] != "done":
        stale.append(f"the last sync, {run['started']}, {ENDED.get(run['outcome'], run['outcome'])}")
    upcoming = {}
    for identifier in sorted(folders | known.workbooks.keys()):
        due = config.due_of(identifier)
        days = [due.on(f"{year}-{month}") for year in (now.year, now.year + 1) for month in ("06", "12")]
        upcoming[identifier] = min(day for day in days if day >= now.date())
    return StatusReport(
        known.runs[:10],
        running,
        organisations,
        sorted(folders - known.workbooks.keys()),
        upcoming,
        stale,
        known.more.get("why", {}),
    )
