"""The monitoring of a period in two stages (domain.md §4.3, §4.4): its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Responses:
    """One role at one stage; ``share`` is per cent, None without participants."""

    role: str
    stage: str
    participants: int
    answered: int
    share: float | None


@dataclass(frozen=True, slots=True)
class ItemMean:
    """The mean of one item; ``form`` None: all forms together."""

    item: str
    title: str
    role: str
    stage: str
    form: str | None
    n: int
    mean: float


@dataclass(frozen=True, slots=True)
class SwotEntry:
    """One line of the SWOT table: strength | weakness | opportunity | threat."""

    factor: str
    text: str


@dataclass(frozen=True, slots=True)
class CriteriaLevels:
    """The nine criteria: evaluations per level, the mean total, the weakest criterion."""

    by_level: Mapping[str, int]
    scope: str
    mean_total: float | None
    weakest: str
    weakest_title: str
    weakest_mean: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparable item of the respondents matched before and after; ``delta`` None for few."""

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
    """What the questionnaires and evaluations of an organisation, or of the district, say."""

    organisation: str | None
    responses: tuple[Responses, ...]
    items: tuple[ItemMean, ...]
    swot: tuple[SwotEntry, ...]
    criteria: CriteriaLevels | None
    compared: tuple[Compared, ...]
    surveyed: bool
