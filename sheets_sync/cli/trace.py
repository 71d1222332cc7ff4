"""`sheets-sync trace`: the rows and cells behind a figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from sheets_sync.cli.options import AS_OF
from sheets_sync.cli.session import Session, configured, pass_session, quietness, show_json, show_table

if TYPE_CHECKING:
    from sheets_sync.reporting.figures import Part
    from sheets_sync.reporting.trace import Trace, TracedRow
    from sheets_sync.run.tracing import TraceOutcome

PART_WORDS = {"numerator": "Числитель", "denominator": "Знаменатель", "respondents": "Ответившие"}
CSV_COLUMNS = (
    "number", "organisation", "workbook", "sheet", "row", "table", "value", "cells",
    "through_workbook", "through_sheet", "through_row", "through_cells",
)  # fmt: skip


@click.command("trace")
@click.argument("indicator", metavar="INDICATOR")
@click.option("--organisation", metavar="ID", help="Of this one; without it, of the district.")
@click.option("--period", default="auto", show_default=True, metavar="2023-12|2024-06|auto", help="Which set.")
@click.option(
    "--part",
    type=click.Choice(["numerator", "denominator", "respondents"]),
    default="numerator",
    show_default=True,
    help="Which of its numbers.",
)
@AS_OF
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to print.",
)
@configured
@quietness
@pass_session
def command(
    session: Session,
    indicator: str,
    organisation: str | None,
    period: str,
    part: Part,
    as_of: date | None,
    form: Literal["text", "json", "csv"],
) -> int:
    """Show the rows behind a figure such as I1, and the cells in them that make it count.

    Of the district only the places are shown, not what personal cells say; within one organisation all is.
    """
    from sheets_sync import run

    with session.progress() as progress:
        outcome = run.trace(
            session.config(),
            indicator,
            period=period,
            organisation=organisation,
            part=part,
            as_of=as_of,
            progress=progress,
        )
    for message in outcome.messages:
        session.say(message)
    if form == "json":
        from sheets_sync.reporting.trace import trace_object

        show_json(trace_object(outcome.trace, outcome.names))
    elif form == "csv":
        for line in _csv(outcome.trace):
            click.echo(line, nl=False)
    else:
        _show(outcome)
    return 1 if outcome.failed else 0


def _show(outcome: TraceOutcome) -> None:
    from sheets_sync.reporting.summary import coverage, sentence

    found = outcome.trace
    whose = "район" if found.organisation is None else outcome.names.get(found.organisation, found.organisation)
    click.echo(f"{found.indicator.id}. {found.indicator.title_ru}")
    click.echo(f"{whose}, {found.period.title_ru}")
    covered = coverage(found.figure)
    click.echo(sentence(found.indicator, found.figure) + (f" ({covered})" if covered else ""))
    rule = {"numerator": found.indicator.numerator_ru, "denominator": found.indicator.denominator_ru}.get(
        found.part, ""
    )
    click.echo(f"{PART_WORDS[found.part]}{f': {rule}' if rule else ''}")
    click.echo()
    if found.rows:
        show_table(*_table(outcome))
        click.echo()
    click.echo(_totals(found))


def _table(outcome: TraceOutcome) -> tuple[list[str], list[list[object]]]:
    """Columns that say something: no organisation within one, no pair where none stands beside."""
    found = outcome.trace
    titles = ["№", "Организация", "Файл", "Лист", "Строка", "Ячейки", "Через пару"]
    lines: list[list[object]] = [
        [
            row.number,
            outcome.names.get(row.organisation, row.organisation),
            row.workbook or "настройки района",
            row.sheet,
            row.row,
            _cells(row),
            _pair(row),
        ]
        for row in found.rows
    ]
    kept = [
        index
        for index in range(len(titles))
        if not (index == 1 and found.organisation is not None)
        and not (index == 6 and all(row.through is None for row in found.rows))
    ]
    return [titles[index] for index in kept], [[line[index] for index in kept] for line in lines]


def _cells(row: TracedRow) -> str:
    told = [f"{cell.cell} {cell.title}: {cell.value}" for cell in row.cells]
    if row.value is not None and not told:
        from sheets_sync.reporting.wording import shortest

        told.append(shortest(row.value))
    return "; ".join(told)


def _pair(row: TracedRow) -> str:
    if row.through is None:
        return ""
    by = row.through
    file = "" if by.workbook == row.workbook else f"{by.workbook}, "
    return f"{file}лист «{by.sheet}», строка {by.row}: {_cells(by)}"


def _totals(found: Trace) -> str:
    from sheets_sync.reporting.wording import counted, shortest

    if found.told is None or found.total is None:
        return "Числа у этого показателя нет, поэтому нет и строк."
    rows = counted(len(found.rows), "строка", "строки", "строк")
    if found.agrees:
        return f"{rows}; вместе {shortest(found.total)}, как и в показателе."
    return f"{rows}; вместе {shortest(found.total)}, а в показателе {shortest(found.told)}."


def _csv(found: Trace) -> Iterator[str]:
    from sheets_sync.sinks.text import safe_csv

    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in found.rows:
        by = row.through
        beside = (by.workbook, by.sheet, by.row, _cells(by)) if by is not None else (None,) * 4
        own = (row.number, row.organisation, row.workbook, row.sheet, row.row, row.table, row.value, _cells(row))
        writer.writerow([safe_csv(value) for value in (*own, *beside)])
    yield line.getvalue()
