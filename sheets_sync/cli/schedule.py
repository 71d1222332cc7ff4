"""`sheets-sync schedule`: what the system's own scheduler needs instead of `serve`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from sheets_sync.cli.session import Session, configured, pass_session, quietness, shown_path


@click.command("schedule")
@click.option(
    "--as", "form", type=click.Choice(["crontab", "systemd", "windows"]), required=True, help="Whose language to write."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write files there instead.")
@configured
@quietness
@pass_session
def command(session: Session, form: str, out: Path | None) -> None:
    """Print what makes the system's own scheduler do what `serve` does: lines of a crontab, a systemd service with its
    timer, or a task of Windows. How to put it in place stands in it.
    """
    from sheets_sync.system_schedule import FORMS, Program

    config = session.config()
    program = Program(Path(sys.executable), (config.path or Path("config.toml")).resolve())
    files = FORMS[form](config, program, datetime.now(UTC))
    if out is None:
        click.echo("\n".join(text.rstrip("\n") + "\n" for text in files.values()), nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        # Windows' scheduler takes its tasks in UTF-16 alone.
        encoding = "utf-16" if name.endswith(".xml") else "utf-8"
        (out / name).write_text(text, encoding=encoding, newline="\n")
        click.echo(f"written: {shown_path(out / name)}")
