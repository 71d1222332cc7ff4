"""The figures of a period as the object of ``report --format json`` (contract: design.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheets_sync.reporting.figures import Figure, Figures

VERSION = 1


def report_object(
    figures: Figures,
    names: Mapping[str, str],
    organisation: str | None = None,
    frozen: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Plain values in a fixed order of keys; ``names``: organisation → name. Of one: its own figures only.

    ``frozen``: what is told of a sealed period; there is no such key for one that is not sealed.
    """
    wanted = [name for name in figures.organisations if organisation in (None, name)]
    told = {
        "version": VERSION,
        "period": figures.period.id,
        "as_of": figures.period.as_of.isoformat(),
        "district": {
            "indicators": [figure_object(figure) for figure in figures.district] if organisation is None else []
        },
        "organisations": [
            {
                "id": name,
                "name": names.get(name) or name,
                "indicators": [figure_object(figure) for figure in figures.organisations[name]],
                "counts": dict(figures.counts[name]),
            }
            for name in wanted
        ],
    }
    if frozen is not None:
        told["frozen"] = dict(frozen)
    return told


def figure_object(figure: Figure) -> dict[str, Any]:
    """One indicator: the keys every one has, then those only some have."""
    told: dict[str, Any] = {
        "id": figure.id,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "unit": figure.unit,
        "target": figure.target,
        "deviation": figure.deviation,
        "status": figure.status,
    }
    if figure.flag:
        told["flag"] = figure.flag
    if figure.respondents is not None:
        told["respondents"] = figure.respondents
        told["share_of_respondents"] = figure.share_of_respondents
    if figure.counted is not None:
        told["organisations_counted"] = list(figure.counted)
        told["left_out"] = dict(figure.left_out or {})
    return told
