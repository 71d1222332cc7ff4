"""`sheets-sync template`: a blank workbook from the definitions."""

from __future__ import annotations

from pathlib import Path

import click

from sheets_sync.cli.session import Session, configured, quietness
from sheets_sync.config import ORGANISATION_TYPES


@click.command("template")
@click.option("--table", "tables", multiple=True, metavar="T", help="Only this table; may be given several times.")
@click.option(
    "--type",
    "org_type",
    type=click.Choice([*ORGANISATION_TYPES, "district"]),
    help="The tables an organisation of this type keeps. Default: school.",
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default="template.xlsx", show_default=True, metavar="FILE"
)
@click.option("--google", "at_google", is_flag=True, help="Make a Google spreadsheet instead of a file.")
@click.option("--title", default="Наставничество", show_default=True, help="With --google: what to call it.")
@click.option(
    "--spreadsheet", default="", metavar="ID", help="With --google: fill this empty spreadsheet, shared as Editor."
)
@configured
@quietness
@click.pass_context
def command(
    context: click.Context,
    tables: tuple[str, ...],
    org_type: str | None,
    out: Path,
    at_google: bool,
    title: str,
    spreadsheet: str,
) -> None:
    """Write a blank workbook: headings, drop-downs, input hints, an example row.

    A file that somebody has filled in is never overwritten, nor is a spreadsheet that holds anything. With --google the
    account is that of the config's Google source, else the one the environment names (docs/ru/google.md).
    """
    from sheets_sync.catalog import did_you_mean
    from sheets_sync.errors import ConfigError, SourceError
    from sheets_sync.sinks.template import tables_for, template_workbook
    from sheets_sync.table_schema.loading import load_definitions

    session = context.ensure_object(Session)
    for option in ("out",) if at_google else ("title", "spreadsheet"):
        if context.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{option} goes {'without' if at_google else 'with'} --google")
    if out.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{out}: the file's name must end in .xlsx")
    definitions = load_definitions(session.catalog().folders("schemas"))
    wanted = tables or tuple(tables_for(org_type or "school"))
    for table in wanted:
        if table not in definitions.schemas:
            raise click.UsageError(f"no such table: {table}; {did_you_mean(table, list(definitions.schemas))}")
    schemas = [definitions.schemas[table] for table in wanted]
    if at_google:
        from sheets_sync.run.google_blank import account_for, make_blank

        account = account_for(session.config_if_any())
        made = make_blank(*account, schemas, title=title, spreadsheet=spreadsheet, org_type=org_type or "")
        for notice in made.notices:
            session.say(notice)
        click.echo(f"written: {made.address}")
        return
    try:
        template_workbook(schemas, out, org_type=org_type or "")
    except SourceError as error:
        raise ConfigError(error.message, path=out) from None
    click.echo(f"written: {out}")
