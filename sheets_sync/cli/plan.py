"""`sheets-sync plan`: what a sync would read and write, cell by cell."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.options import AS_OF, FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, shown_path

if TYPE_CHECKING:
    from sheets_sync.run import PlanOutcome
    from sheets_sync.run.planning import PlannedFile

WHY = {
    "new": "new",
    "changed": "changed",
    "definitions": "the definitions have changed",
    "year": "read for another year before",
    "full": "--full",
    "again": "could not be read the last time",
    "aged": "read half a day ago; formulas may show something else",
    "store": "the store does not hold it",
}


@click.command("plan")
@click.option("--full", is_flag=True, help="As if every workbook were to be read, changed or not.")
@click.option(
    "--organisation", "organisations", multiple=True, metavar="ID", help="Only this one; may be given several times."
)
@click.option("--show-values", is_flag=True, help="Show what the cells hold, people's names included.")
@AS_OF
@FORMAT
@configured
@quietness
@pass_session
def command(
    session: Session,
    full: bool,
    organisations: tuple[str, ...],
    show_values: bool,
    as_of: date | None,
    form: str,
) -> int:
    """Tell what a sync would read, and why, and every file and cell it would write; -v lists the cells.

    Nothing is written. Exit code 1 means that something could not be read or written.
    """
    from sheets_sync import run

    config = session.config()
    with session.progress() as progress:
        found = run.plan(
            config, as_of=as_of or session.today(), full=full, organisations=organisations, progress=progress
        )
    if form == "json":
        show_json(_object(found, show_values))
    else:
        _say(session, found, show_values)
    return 1 if found.outcome.failed else 0


def _object(found: PlanOutcome, show_values: bool) -> dict[str, Any]:
    outcome = found.outcome
    return {
        "version": 1,
        "read": [
            {"organisation": one.organisation, "path": one.path, "why": one.why, "was": one.was or None}
            for one in found.read
        ],
        "unreadable": outcome.unreadable,
        "why": outcome.why,
        "withdrawn": outcome.withdrawn,
        "write": [
            {
                "path": file.path,
                "state": file.state,
                "sheets": [
                    {
                        "sheet": sheet,
                        **_counts(file, sheet),
                        "cells": [
                            {
                                "cell": cell.cell,
                                "change": cell.change,
                                "was": cell.was if show_values else None,
                                "becomes": cell.becomes if show_values else None,
                            }
                            for cell in cells
                        ],
                    }
                    for sheet, cells in file.sheets.items()
                ],
            }
            for file in found.write
        ],
        "google": None if found.google is None else found.google._asdict(),
        "issues": outcome.issues_by_severity,
        "messages": outcome.messages,
        "complete": not outcome.failed,
    }


def _counts(file: PlannedFile, sheet: str) -> dict[str, int]:
    counts = Counter(cell.change for cell in file.sheets[sheet])
    return {change: counts[change] for change in ("written", "changed", "cleared")}


def _say(session: Session, found: PlanOutcome, show_values: bool) -> None:
    outcome = found.outcome
    for message in outcome.messages:
        session.say(message)
    for workbook in outcome.unreadable:
        reason = f" ({outcome.why[workbook]})" if outcome.why.get(workbook) else ""
        session.say(f"cannot be read: {workbook}{reason}; its rows would stay as they were last read")
    if session.quiet:
        return
    click.echo(f"would read: {len(found.read)} workbook{'' if len(found.read) == 1 else 's'}")
    for one in found.read:
        click.echo(f"  {one.path} ({WHY.get(one.why, one.why)}{f' from {one.was}' if one.was else ''})")
    for workbook in outcome.withdrawn:
        if workbook not in outcome.moved.values():
            click.echo(f"would withdraw: {workbook} is gone")
    click.echo(f"would write: {len(found.write)} file{'' if len(found.write) == 1 else 's'}")
    for file in found.write:
        click.echo(f"  {shown_path(file.path)} ({'new' if file.state == 'created' else 'replaced'})")
        for sheet, cells in file.sheets.items():
            counts = ", ".join(f"{count} {change}" for change, count in _counts(file, sheet).items() if count)
            click.echo(f"    {sheet}: cells {counts}")
            if show_values:
                for cell in cells:
                    click.echo(f"      {cell.cell}: {_one_line(cell.was)} → {_one_line(cell.becomes)}")
            elif session.verbose:
                for start in range(0, len(cells), 12):
                    click.echo("      " + " ".join(cell.cell for cell in cells[start : start + 12]))
        if not file.sheets and file.path.suffix == ".xlsx":
            click.echo("    no cell changes, only how they look or what they link to")
    if found.google is not None:
        told = found.google
        click.echo(
            f"Google: {told.listings} listing and file requests, {told.reads} reads, {told.writes} writes; "
            f"about {max(told.minutes, 0.1):.1f} minutes with its quotas"
        )
        for place, count in told.cells.items():
            click.echo(f"  {place}: {count} cells in tabs of ours")


def _one_line(text: str) -> str:
    return f"«{' '.join(text.split())}»" if text else "(empty)"
