"""`sheets-sync sync`: read what changed, check, consolidate, write back."""

from __future__ import annotations

from datetime import date

import click

from sheets_sync.cli.options import AS_OF, FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, shown_path

LISTED = 20  # written files named without -v


@click.command("sync")
@click.option("--dry-run", is_flag=True, help="Read and check, write nothing.")
@click.option("--full", is_flag=True, help="Read every workbook, changed or not.")
@click.option(
    "--organisation", "organisations", multiple=True, metavar="ID", help="Only this one; may be given several times."
)
@AS_OF
@FORMAT
@configured
@quietness
@pass_session
def command(
    session: Session, dry_run: bool, full: bool, organisations: tuple[str, ...], as_of: date | None, form: str
) -> int:
    """Read what changed, check it, write each organisation's sheet of issues and the district's roster.

    Issues in the data are no failure: exit code 1 means that something could not be read or written.
    """
    from sheets_sync import run

    config = session.config()
    with session.progress() as progress:
        outcome = run.sync(
            config,
            as_of=as_of or session.today(),
            dry_run=dry_run,
            full=full,
            organisations=organisations,
            progress=progress,
        )
    if form == "json":
        show_json(
            {
                "version": 1,
                "changed": outcome.changed,
                "unreadable": outcome.unreadable,
                "why": outcome.why,
                "withdrawn": outcome.withdrawn,
                "moved": outcome.moved,
                "written": outcome.written,
                "shown": outcome.shown,
                "issues": outcome.issues_by_severity,
                "messages": outcome.messages,
                "complete": not outcome.failed,
            }
        )
    else:
        for message in outcome.messages:
            session.say(message)
        for workbook in outcome.unreadable:
            reason = f" ({outcome.why[workbook]})" if outcome.why.get(workbook) else ""
            session.say(f"not read: {workbook}{reason}; its rows stay as they were last read")
        for workbook, was in outcome.moved.items():
            session.say(f"moved: {was} is now {workbook}")
        for workbook in outcome.withdrawn:
            if workbook not in outcome.moved.values():
                session.say(f"gone: {workbook}; its rows are withdrawn")
        for workbook in outcome.changed:
            session.detail(f"read: {workbook}")
        if not session.quiet:
            counts = outcome.issues_by_severity
            read = len(outcome.changed)
            told = f"{read} workbook{'' if read == 1 else 's'} read" if read else "nothing new to read"
            click.echo(
                f"{told}; errors {counts.get('error', 0)}, warnings {counts.get('warning', 0)}, "
                f"notes {counts.get('info', 0)}"
            )
            everything = [*map(shown_path, outcome.written), *outcome.shown]
            places = everything if session.verbose else everything[:LISTED]
            for place in places:
                click.echo(f"{'would write' if dry_run else 'written'}: {place}")
            if len(places) < len(everything):
                click.echo(f"… and {len(everything) - len(places)} more (-v lists them)")
        if outcome.spent:
            session.detail(outcome.spent)
    return 1 if outcome.failed else 0
