"""What organisations are called: by the configuration, else by the latest profile of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Organisation(NamedTuple):
    """What an organisation is called: its id (the folder), name, type and own code; "" where unknown."""

    id: str
    name: str
    type: str
    code: str

    @property
    def shown(self) -> str:
        """The name, the id where there is none."""
        return self.name or self.id


def organisations_of(
    connection: DuckDBPyConnection,
    names: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> dict[str, Organisation]:
    """Every organisation with a workbook, by id: named by the configuration (``names``), else by its latest profile."""
    lines = connection.execute(
        "WITH latest AS (SELECT * FROM main.school_profile WHERE accepted QUALIFY row_number() OVER ("
        'PARTITION BY organisation ORDER BY as_of DESC NULLS LAST, workbook, sheet, "row") = 1) '
        "SELECT w.organisation, coalesce(p.org_name, ''), coalesce(p.org_type, ''), coalesce(p.org_id, '') "
        "FROM (SELECT DISTINCT organisation FROM main.workbooks) w LEFT JOIN latest p USING (organisation) ORDER BY 1"
    ).fetchall()
    names, types = names or {}, types or {}
    return {
        identifier: Organisation(identifier, names.get(identifier) or name, types.get(identifier) or kind, code)
        for identifier, name, kind, code in lines
    }


def organisation_titles(connection: DuckDBPyConnection, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Name of every organisation with a workbook, by id; the id where neither configuration nor profile tells one."""
    return {identifier: organisation.shown for identifier, organisation in organisations_of(connection, names).items()}
