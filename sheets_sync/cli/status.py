"""`sheets-sync status`: last runs, freshness, who has not handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import click

from sheets_sync.cli.options import FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, show_table


@click.command("status")
@FORMAT
@configured
@quietness
@pass_session
def command(session: Session, form: str) -> int:
    """Tell what the last runs did, how fresh each organisation's workbooks are, who has none, what is due next.

    Exit code 1 when the last sync failed, or something is stale or could not be read.
    """
    from sheets_sync import run

    told = run.status(session.config())
    unreadable = [workbook for organisation in told.organisations for workbook in organisation.unreadable]
    if form == "json":
        show_json({"version": 1, **asdict(told)})
        return 1 if told.stale or unreadable else 0
    running = told.in_progress
    if running:
        done = f"{running.get('done')} of {running.get('of')}"
        click.echo(f"At work now: {running.get('verb')}, since {running.get('started')}, {done}")
    if told.last_runs:
        show_table(
            ("run", "began", "outcome"),
            [(one.get("verb"), one.get("started"), one.get("outcome")) for one in told.last_runs[:5]],
        )
        click.echo()
    rows = [
        (one.id, one.workbooks, _day(one.last_change), len(one.unreadable) or "", told.next_due.get(one.id, ""))
        for one in told.organisations
    ]
    rows += [(name, 0, "not handed in", "", told.next_due.get(name, "")) for name in told.not_handed_in]
    show_table(("organisation", "workbooks", "last change", "not read", "next due"), rows)
    for reason in [*told.stale, *(_unread(told.why, workbook) for workbook in unreadable)]:
        click.echo(reason)
    return 1 if told.stale or unreadable else 0


def _unread(why: Mapping[str, str], workbook: str) -> str:
    return f"not read: {workbook}" + (f" ({why[workbook]})" if why.get(workbook) else "")


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""
