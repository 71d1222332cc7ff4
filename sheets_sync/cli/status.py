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

    Exit code 1 when the last sync failed, or something is stale, overdue or could not be read.
    """
    from sheets_sync import run

    told = run.status(session.config())
    unreadable = [workbook for organisation in told.organisations for workbook in organisation.unreadable]
    code = 1 if told.stale or unreadable else 0
    if form == "json":
        show_json({"version": 1, "ok": not code, **asdict(told)})
        return code
    running = told.in_progress
    if running:
        done = f", {running['done']} of {running['of']}" if "of" in running else ""
        click.echo(f"At work now: {running.get('verb')}, since {running.get('started')}{done}")
    if told.service:
        click.echo(
            f"The service waits: next sync {told.service.get('daily')}, next report {told.service.get('report')}"
        )
    if told.last_runs:
        show_table(
            ("run", "began", "outcome"),
            [(one.get("verb"), one.get("started"), one.get("outcome")) for one in told.last_runs[:5]],
        )
        click.echo(f"Last sync that went through: {told.last_success or 'none'}")
        click.echo()
    there = {one.id: one for one in told.organisations}
    rows: list[tuple[object, ...]] = []
    for name, due in sorted(told.next_due.items()):
        one = there.get(name)
        handed_in = "overdue" if name in told.overdue else "no" if name in told.not_handed_in else "yes"
        if one is None:
            rows.append((name, 0, "", "", "not handed in" if handed_in == "no" else handed_in, due))
        else:
            changed = _day(one.last_change) + (" (stale)" if one.stale else "")
            rows.append((name, one.workbooks, changed, len(one.unreadable) or "", handed_in, due))
    show_table(("organisation", "workbooks", "last change", "not read", "handed in", "next due"), rows)
    for reason in [*told.stale, *(_unread(told.why, workbook) for workbook in unreadable)]:
        click.echo(reason)
    return code


def _unread(why: Mapping[str, str], workbook: str) -> str:
    return f"not read: {workbook}" + (f" ({why[workbook]})" if why.get(workbook) else "")


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""
