"""`sheets-sync doctor`: what is wrong with the set-up and how to mend it."""

from __future__ import annotations

from dataclasses import asdict

import click

from sheets_sync.cli.options import FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json

MARKS = {"ok": "✓", "warning": "!", "problem": "✗"}


@click.command("doctor")
@FORMAT
@configured
@quietness
@pass_session
def command(session: Session, form: str) -> int:
    """Look at Python, packages, folders, disk, clock, store, schedule and config; say how to mend what is wrong.

    Writes nothing but files it takes away again. Exit code 1 when something keeps the program from working; what only
    deserves a look is no failure. -q leaves out what is in order.
    """
    from sheets_sync.run.doctoring import examine

    findings = examine(session.config)
    failed = any(one.level == "problem" for one in findings)
    if form == "json":
        show_json({"version": 1, "ok": not failed, "findings": [asdict(one) for one in findings]})
        return int(failed)
    for one in findings:
        if one.level == "ok" and session.quiet:
            continue
        click.echo(f"{MARKS[one.level]} {one.what}")
        if one.mend:
            click.echo(f"  → {one.mend}")
    return int(failed)
