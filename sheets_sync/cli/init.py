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
@click.option("--google", "at_google", is_flag=True, help="Read from Google; make the blank spreadsheet there too.")
@click.option("--folder", "drive_folder", default="", metavar="ID", help="With --google: the Drive folder to read.")
@click.option(
    "--spreadsheet", default="", metavar="ID", help="With --google: fill this empty spreadsheet, shared as Editor."
)
@quietness
@pass_session
def command(session: Session, folder: Path, at_google: bool, drive_folder: str, spreadsheet: str) -> int:
    """Set up DIR: config.toml that works as it stands, an empty inbox, blank workbooks in templates.

    With --google the config reads from Google, and the blank spreadsheet of a school is made there by the account whose
    key lies in DIR/service-account.json, else by the one the environment names. Nothing that is there already is
    overwritten.
    """
    from sheets_sync.errors import ConfigError
    from sheets_sync.sinks.template import tables_for, template_workbook
    from sheets_sync.table_schema.loading import load_definitions

    if (drive_folder or spreadsheet) and not at_google:
        raise click.UsageError("--folder and --spreadsheet go with --google")
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
    example = files("sheets_sync").joinpath("config.example.toml").read_text(encoding="utf-8")
    if at_google:
        return _at_google(session, config, example, drive_folder, spreadsheet)
    # The config comes last: a set-up that was cut short can simply be begun again.
    config.write_text(example, encoding="utf-8")
    click.echo(f"written: {config}")
    click.echo(f"blank workbooks: {folder / 'templates'}")
    click.echo(f"Put each organisation's workbooks into a folder of its own in {folder / 'inbox'}, then run:")
    click.echo(f"  sheets-sync --config {config} sync")
    return 0


def _at_google(session: Session, config: Path, example: str, drive_folder: str, spreadsheet: str) -> int:
    """Config and blank spreadsheet; without an account yet, the config alone and how to go on."""
    from sheets_sync.errors import ConfigError, SourceError
    from sheets_sync.google.files import file_id
    from sheets_sync.run.google_blank import KEY_NAME, account_for, google_config_text, make_blank
    from sheets_sync.sinks.template import tables_for
    from sheets_sync.table_schema.loading import load_definitions

    key = config.parent / KEY_NAME
    account, trouble = None, ""
    try:
        account = account_for(None, key if key.is_file() else None)
    except ConfigError as error:
        trouble = error.one_line()
    from_environment = account is not None and not key.is_file()
    text = google_config_text(example, folder=file_id(drive_folder), key="" if from_environment else KEY_NAME)
    config.write_text(text, encoding="utf-8")
    click.echo(f"written: {config}")
    if account is not None:
        schemas = [load_definitions().schemas[table] for table in tables_for("school")]
        title = BLANKS["school"].removesuffix(".xlsx")
        try:
            made = make_blank(*account, schemas, title=title, spreadsheet=spreadsheet, org_type="school")
            for notice in made.notices:
                session.say(notice)
            click.echo(f"blank spreadsheet: {made.address}")
        except (ConfigError, SourceError) as error:
            trouble = f"no blank spreadsheet: {error}"
        if account[1].email:
            click.echo(f"share the Drive folder with {account[1].email} (as Editor, so that «Проверка» can be written)")
    if trouble:
        session.say(trouble)
    steps = [] if account is not None else [f"Put the service account's key at {key}."]
    if not drive_folder:
        steps.append(f"Write the id of your Drive folder into {config}.")
    click.echo(" ".join([*steps, "Then run (docs/ru/google.md has every step):"]))
    click.echo(f"  sheets-sync --config {config} sync")
    return 1 if trouble else 0
