"""`sheets-sync schemas`: the definitions in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.options import FORMAT
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, show_table

if TYPE_CHECKING:
    from sheets_sync.table_schema.model import Field, TableSchema


@click.command("schemas")
@click.argument("name", required=False, metavar="[NAME]")
@FORMAT
@configured
@quietness
@pass_session
def command(session: Session, name: str | None, form: str) -> None:
    """List the tables in force, or the fields of one: their headings, types and values.

    With -v: every spelling of headings and values that schools use.
    """
    from sheets_sync.catalog import did_you_mean
    from sheets_sync.table_schema.loading import load_definitions

    definitions = load_definitions(session.catalog().folders("schemas"))
    if name is None:
        schemas = list(definitions.schemas.values())
        if form == "json":
            show_json(
                [
                    {"table": one.name, "title": one.title, "fields": len(one.fields), "path": one.path}
                    for one in schemas
                ]
            )
        else:
            show_table(("table", "title", "fields"), [(one.name, one.title, len(one.fields)) for one in schemas])
        return
    if name not in definitions.schemas:
        raise click.UsageError(f"no such table: {name}; {did_you_mean(name, list(definitions.schemas))}")
    schema = definitions.schemas[name]
    if form == "json":
        show_json(_described(schema))
        return
    click.echo(f"{schema.title} ({schema.name}), {schema.path}")
    click.echo(f"known by: {'; '.join(' + '.join(names) for names in schema.identify)}")
    show_table(
        ("field", "heading", "type", "required", "personal", "spellings"),
        [
            (
                one.name,
                one.title,
                _type(one),
                _required(one),
                "" if one.personal == "none" else one.personal,
                len(one.aliases) + 1,
            )
            for one in schema.fields
        ],
    )
    for field in schema.fields:
        if field.enum:
            click.echo(f"\n{field.name}:")
            width = max(len(value.code) for value in field.enum)
            for value in field.enum:
                others = f" ({'; '.join(value.aliases)})" if value.aliases and session.verbose else ""
                click.echo(f"  {value.code.ljust(width)}  {value.title}{others}")
    if session.verbose:
        click.echo("\nalso called:")
        for field in schema.fields:
            click.echo(f"  {field.name}: {'; '.join(field.aliases) or '—'}")
    else:
        session.say("-v lists every spelling")


def _required(field: Field) -> str:
    """What is missing without the field: a row (error) or only a value (warning)."""
    return "" if field.required == "no" else "for every row" if field.severity == "error" else "should be filled"


def _type(field: Field) -> str:
    return f"{field.type}, many" if field.many else field.type


def _described(schema: TableSchema) -> dict[str, Any]:
    return {
        "table": schema.name,
        "title": schema.title,
        "path": schema.path,
        "primaryKey": list(schema.primary_key),
        "foreignKeys": [
            {"field": key.field, "table": key.table, "reference": key.reference} for key in schema.foreign_keys
        ],
        "fields": [
            {
                "name": field.name,
                "title": field.title,
                "type": field.type,
                "many": field.many,
                "required": field.required,
                "personal": field.personal,
                "aliases": list(field.aliases),
                "values": [{"code": one.code, "title": one.title, "aliases": list(one.aliases)} for one in field.enum],
            }
            for field in schema.fields
        ],
    }
