"""What sets a period against what was sealed: «Уточнения» of the same period, «Динамика» against an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheets_sync.reporting.freeze import Dynamics, Frozen, Restatement
from sheets_sync.reporting.indicator import Indicators
from sheets_sync.reporting.page import Column, PlainValue, Sheet, Tone
from sheets_sync.reporting.summary import markdown_text
from sheets_sync.reporting.wording import day, percent, points

PART_WORDS = {"numerator": "числитель", "denominator": "знаменатель"}
DISTRICT = "Район"


@dataclass(frozen=True, slots=True)
class Standing:
    """A sealed period against today: what was sealed, what has become another since, and under which conditions."""

    sealed: Frozen
    restated: tuple[Restatement, ...]
    conditions: tuple[str, ...] = ()

    def of(self, organisation: str | None) -> list[Restatement]:
        """What an organisation is to see: its own; the district sees all."""
        return [one for one in self.restated if organisation in (None, one.organisation)]


def standing_object(standing: Standing, organisation: str | None = None) -> dict[str, Any]:
    """What report.json tells of the seal, under "frozen"."""
    return {
        "sealed_on": standing.sealed.sealed_on.isoformat(),
        "as_of": standing.sealed.as_of.isoformat(),
        "definitions": standing.sealed.definitions,
        "conditions": list(standing.conditions),
        "restatements": [
            {
                "indicator": one.indicator,
                "organisation": one.organisation,
                "part": one.part,
                "was": one.was,
                "now": one.now,
                "words": one.words,
                **{
                    kind: [
                        {"organisation": row.organisation, "workbook": row.workbook, "sheet": row.sheet, "row": row.row}
                        for row in rows
                    ]
                    for kind, rows in (("added", one.added), ("gone", one.gone))
                },
            }
            for one in standing.of(organisation)
        ],
    }


def sealed_words(standing: Standing, organisation: str | None = None) -> str:
    """«Зафиксировано 20.12.2023; с тех пор …», one line above all else."""
    head = f"Показатели зафиксированы {day(standing.sealed.sealed_on)}"
    if standing.of(organisation):
        return f"{head}; ниже – что с тех пор изменилось и в каких строках. Остальные листы показывают нынешние данные."
    return f"{head}; с тех пор ничего не изменилось."


def restated_sheet(
    standing: Standing, indicators: Indicators, names: Mapping[str, str], organisation: str | None = None
) -> Sheet:
    """«Уточнения»: every number that is another than the one sealed, with the rows that made it so."""
    titles = {indicator.id: indicator.title_ru for indicator in indicators.all}
    rows: list[tuple[PlainValue, ...]] = [
        (
            one.indicator,
            titles.get(one.indicator, one.indicator),
            _whose(one.organisation, names),
            PART_WORDS[one.part],
            one.was,
            one.now,
            one.words,
        )
        for one in standing.of(organisation)
    ]
    return Sheet(
        "Уточнения",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Организация", "text", 30, wrap=True),
            Column("Часть", "text", 13),
            Column("Было", "integer", 9, note="Зафиксировано"),
            Column("Стало", "integer", 9, note="По нынешним данным"),
            Column("Что изменилось", "text", 70, wrap=True),
        ),
        rows,
        above=(sealed_words(standing, organisation), *standing.conditions),
        frozen_columns=1,
    )


def dynamics_sheet(
    earlier: Frozen,
    found: Sequence[Dynamics],
    indicators: Indicators,
    names: Mapping[str, str],
    organisation: str | None = None,
) -> Sheet:
    """«Динамика»: the values against those sealed for the earlier period."""
    titles = {indicator.id: indicator.title_ru for indicator in indicators.all}
    rows: list[tuple[PlainValue, ...]] = []
    tones: dict[tuple[int, int], Tone] = {}
    for one in _of(found, organisation):
        if one.change is not None:
            tones[len(rows), 5] = "good" if one.change > 0 else "bad" if one.change < 0 else ""
        rows.append(
            (
                one.indicator,
                titles.get(one.indicator, one.indicator),
                _whose(one.organisation, names),
                one.was,
                one.now,
                one.change,
            )
        )
    return Sheet(
        "Динамика",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Организация", "text", 30, wrap=True),
            Column("Было, %", "percent", 12, note=f"На {day(earlier.as_of)}"),
            Column("Стало, %", "percent", 12),
            Column("Изменение, п.п.", "number", 16),
        ),
        rows,
        above=(f"Сравнение с показателями на {day(earlier.as_of)}, зафиксированными {day(earlier.sealed_on)}.",),
        cell_tones=tones,
        frozen_columns=1,
    )


def restated_markdown(standing: Standing, names: Mapping[str, str], organisation: str | None = None) -> str:
    """The section «Уточнения» of a text."""
    lines = ["## Уточнения", "", sealed_words(standing, organisation), *standing.conditions]
    told = standing.of(organisation)
    if told:
        lines.append("")
    for one in told:
        whose, words = markdown_text(_whose(one.organisation, names)), markdown_text(one.words)
        lines.append(f"- **{one.indicator}**, {whose}, {PART_WORDS[one.part]}: {words}.")
    return "\n".join(lines) + "\n"


def dynamics_markdown(earlier: Frozen, found: Sequence[Dynamics], organisation: str | None = None) -> str:
    """The section «Динамика» of a text; of the district its own figures."""
    lines = [
        "## Динамика",
        "",
        f"Сравнение с показателями на {day(earlier.as_of)}, зафиксированными {day(earlier.sealed_on)}.",
        "",
    ]
    for one in found:
        if one.organisation == organisation and one.change is not None and one.was is not None and one.now is not None:
            lines.append(
                f"- **{one.indicator}**: было {percent(one.was)}, стало {percent(one.now)} ({points(one.change)})."
            )
    if lines[-1] == "":
        lines.append("Показателей, у которых есть оба значения, нет.")
    return "\n".join(lines) + "\n"


def _of(found: Sequence[Dynamics], organisation: str | None) -> list[Dynamics]:
    return [one for one in found if organisation in (None, one.organisation)]


def _whose(organisation: str | None, names: Mapping[str, str]) -> str:
    return DISTRICT if organisation is None else names.get(organisation) or organisation
