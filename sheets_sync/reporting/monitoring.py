"""Monitoring of the programme in two stages (domain.md §4.3, §4.4): the values a note speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Responses:
    """Answers of one role (mentor | mentee) at one stage (before | middle | after); ``share`` in per cent."""

    role: str
    stage: str
    participants: int
    answered: int
    share: float | None


@dataclass(frozen=True, slots=True)
class ItemMean:
    """Mean mark of one question; ``form`` None: all forms together."""

    item: str
    title: str
    role: str
    stage: str
    form: str | None
    n: int
    mean: float


@dataclass(frozen=True, slots=True)
class SwotEntry:
    """One entry of the SWOT table: strength | weakness | opportunity | threat, and its words."""

    factor: str
    text: str


@dataclass(frozen=True, slots=True)
class CriteriaLevels:
    """The nine criteria: evaluations by level, their mean total, the weakest criterion."""

    by_level: Mapping[str, int]
    scope: str
    mean_total: float | None
    weakest: str
    weakest_title: str
    weakest_mean: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One question asked before and after of the same respondents; ``delta`` None where they are few."""

    item: str
    title: str
    role: str
    n: int
    before: float
    after: float
    delta: float | None
    grew: float
    same: float
    fell: float


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Both stages of the monitoring of an organisation, of the district for None."""

    organisation: str | None
    responses: tuple[Responses, ...]
    items: tuple[ItemMean, ...]
    swot: tuple[SwotEntry, ...]
    criteria: CriteriaLevels | None
    compared: tuple[Compared, ...]
    surveyed: bool
