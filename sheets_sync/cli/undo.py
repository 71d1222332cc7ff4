"""`sheets-sync undo`: put back what the last sync or report replaced."""

from __future__ import annotations

import click

from sheets_sync.cli.options import FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, shown_path

TOLD = {"restored": "put back", "removed": "taken away", "left": "left as it is"}


@click.command("undo")
@FORMAT
@configured
@quietness
@pass_session
def command(session: Session, form: str) -> int:
    """Put back the files the last sync or report replaced, take away those it made; our tabs at Google too.

    Files edited since are left as they are: exit code 1. What was read stays in the store, so the next sync writes its
    outputs again.
    """
    from sheets_sync import run

    outcome = run.undo(session.config())
    if form == "json":
        files = [
            {"path": one.path, "state": one.state, "notice": one.notice, "kept": one.kept} for one in outcome.files
        ]
        show_json({"version": 1, "files": files, "complete": not outcome.failed})
        return 1 if outcome.failed else 0
    if session.quiet:
        return 1 if outcome.failed else 0
    if not outcome.files:
        click.echo("nothing to undo")
    for one in outcome.files:
        reason = f" ({one.notice})" if one.notice else ""
        where = one.path if isinstance(one.path, str) else shown_path(one.path)
        click.echo(f"{TOLD[one.state]}: {where}{reason}")
    if outcome.kept_in is not None:
        click.echo(f"what that run had written is kept in {shown_path(outcome.kept_in)} until the next undo")
    return 1 if outcome.failed else 0
