"""`sheets-sync template`: a blank workbook from the definitions."""

from __future__ import annotations

from pathlib import Path

import click

from sheets_sync.cli.session import Session, configured, pass_session, quietness
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
@configured
@quietness
@pass_session
def command(session: Session, tables: tuple[str, ...], org_type: str | None, out: Path) -> None:
    """Write a blank workbook: headings, drop-downs, input hints, an example row.

    A file that somebody has filled in is never overwritten.
    """
    from sheets_sync.catalog import did_you_mean
    from sheets_sync.errors import ConfigError, SourceError
    from sheets_sync.sinks.template import tables_for, template_workbook
    from sheets_sync.table_schema.loading import load_definitions

    if out.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{out}: the file's name must end in .xlsx")
    definitions = load_definitions(session.catalog().folders("schemas"))
    wanted = tables or tuple(tables_for(org_type or "school"))
    for table in wanted:
        if table not in definitions.schemas:
            raise click.UsageError(f"no such table: {table}; {did_you_mean(table, list(definitions.schemas))}")
    try:
        template_workbook([definitions.schemas[table] for table in wanted], out, org_type=org_type or "")
    except SourceError as error:
        raise ConfigError(error.message, path=out) from None
    click.echo(f"written: {out}")
