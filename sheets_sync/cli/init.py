"""`sheets-sync init`: a folder to begin with."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from sheets_sync.cli.session import Session, pass_session, quietness
from sheets_sync.config import CONFIG_NAME

BLANKS = {
    "school": "Школа.xlsx",
    "kindergarten": "Детский сад.xlsx",
    "additional": "Дополнительное образование.xlsx",
    "college": "Колледж.xlsx",
    "district": "Район.xlsx",
}


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@quietness
@pass_session
def command(session: Session, folder: Path) -> None:
    """Set up DIR: config.toml that works as it stands, an empty inbox, blank workbooks in templates.

    Nothing that is there already is overwritten.
    """
    from sheets_sync.errors import ConfigError
    from sheets_sync.sinks.template import tables_for, template_workbook
    from sheets_sync.table_schema.loading import load_definitions

    config = folder / CONFIG_NAME
    if config.exists():
        raise ConfigError("already set up", path=config, mend="edit it, or choose another folder")
    definitions = load_definitions()
    for made in (folder / "inbox", folder / "templates"):
        made.mkdir(parents=True, exist_ok=True)
    for org_type, name in BLANKS.items():
        path = folder / "templates" / name
        if not path.exists():
            template_workbook(
                [definitions.schemas[table] for table in tables_for(org_type)],
                path,
                org_type="" if org_type == "district" else org_type,
            )
            session.detail(f"written: {path}")
    # The config comes last: a set-up that was cut short can simply be begun again.
    config.write_text(
        files("sheets_sync").joinpath("config.example.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    click.echo(f"written: {config}")
    click.echo(f"blank workbooks: {folder / 'templates'}")
    click.echo(f"Put each organisation's workbooks into a folder of its own in {folder / 'inbox'}, then run:")
    click.echo(f"  sheets-sync --config {config} sync")
