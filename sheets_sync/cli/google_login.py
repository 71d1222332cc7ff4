"""`sheets-sync google-login`: a person allows the program to work in their Google account."""

from __future__ import annotations

from pathlib import Path

import click

from sheets_sync.cli.session import Session, pass_session, quietness, shown_path


@click.command("google-login")
@click.argument("client", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="CLIENT.json")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default="google-user.json", show_default=True, metavar="FILE"
)
@quietness
@pass_session
def command(session: Session, client: Path, out: Path) -> None:
    """Allow the program, once, to work as you; instead of a service account.

    CLIENT.json is the OAuth client («Desktop app») of your Google project. The browser opens, you allow access to
    spreadsheets and to seeing what lies on Drive, and FILE is what config.toml then names.
    """
    from sheets_sync.google.credentials import authorise

    session.say("opening the browser: choose the account that sees the schools' spreadsheets, then allow the access")
    access = authorise(client, out)
    for notice in access.notices:
        session.say(notice)
    click.echo(f"written: {shown_path(out)}")
    click.echo('Nobody but you may read it. In config.toml, below [[sources]] with kind = "google_sheets":')
    click.echo(f'  credentials = "{out.resolve().as_posix()}"')
