"""What sets a period against what was sealed: «Уточнения» of the same period, «Динамика» against an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheets_sync.reporting.book_figures import Places
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
    standing: Standing,
    indicators: Indicators,
    names: Mapping[str, str],
    organisation: str | None = None,
    places: Places | None = None,
) -> Sheet:
    """«Уточнения»: every number that is another than the one sealed, and below it the rows that made it so.

    ``places``: where a row stands, seen from the book's folder.
    """
    titles = {indicator.id: indicator.title_ru for indicator in indicators.all}
    rows: list[tuple[PlainValue, ...]] = []
    tones: dict[int, Tone] = {}
    for one in standing.of(organisation):
        tones[len(rows)] = "section"
        title, whose = titles.get(one.indicator, one.indicator), _whose(one.organisation, names)
        rows.append((one.indicator, title, whose, PART_WORDS[one.part], one.was, one.now, one.words, "", "", ""))
        for lines, what in ((one.added, "строка добавилась"), (one.gone, "строки больше нет")):
            for line in lines:
                still_there = lines is one.added and places is not None and bool(line.workbook)
                place: PlainValue = places(line) if still_there and places else str(line.row or "")
                file = (line.workbook or "").rpartition("/")[2]
                owner = _whose(line.organisation or one.organisation, names)
                rows.append((one.indicator, "", owner, "", None, None, what, file, line.sheet, place))
    return Sheet(
        "Уточнения",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 36, wrap=True),
            Column("Организация", "text", 26, wrap=True),
            Column("Часть", "text", 13),
            Column("Было", "integer", 9, note="Зафиксировано"),
            Column("Стало", "integer", 9, note="По нынешним данным"),
            Column("Что изменилось", "text", 44, wrap=True),
            Column("Файл", "text", 24, wrap=True),
            Column("Лист", "text", 15, wrap=True),
            Column("Строка", "link", 9),
        ),
        rows,
        above=(sealed_words(standing, organisation), *standing.conditions),
        tones=tones,
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


def _whose(organisation: str | None, names: Mapping[str, str]) -> str:
    return DISTRICT if organisation is None else names.get(organisation) or organisation
