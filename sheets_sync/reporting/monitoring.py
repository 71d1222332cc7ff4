"""Quality of the process and influence of the programme (domain.md §4.3, §4.4): the shapes reports read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Responses:
    """One role at one stage."""

    role: str  # mentor | mentee
    stage: str  # before | middle | after
    participants: int  # persons of the role in counted pairs of the period
    answered: int  # distinct respondents (anonymous responses counted, each one)
    share: float | None  # per cent, one decimal half up; None without participants


@dataclass(frozen=True, slots=True)
class ItemMean:
    """Mean of one item."""

    item: str
    title: str
    role: str
    stage: str
    form: str | None  # None: all forms together
    n: int
    mean: float  # one decimal half up


@dataclass(frozen=True, slots=True)
class SwotEntry:
    """One prefilled entry of the SWOT table."""

    factor: str  # strength | weakness | opportunity | threat
    text: str


@dataclass(frozen=True, slots=True)
class CriteriaLevels:
    """The nine criteria."""

    by_level: Mapping[str, int]  # optimal | acceptable | unacceptable | undetermined → evaluations
    scope: str  # pair | school | mixed
    mean_total: float | None
    weakest: str  # field c1…c9 with the lowest mean, "" if none
    weakest_title: str
    weakest_mean: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparable item, only respondents matched before and after."""

    item: str
    title: str
    role: str
    n: int
    before: float
    after: float
    delta: float | None  # None when n is small
    grew: float
    same: float
    fell: float  # per cent of n


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Both parts of the monitoring, of one organisation or the district (None)."""

    organisation: str | None
    responses: tuple[Responses, ...]
    items: tuple[ItemMean, ...]
    swot: tuple[SwotEntry, ...]
    criteria: CriteriaLevels | None
    compared: tuple[Compared, ...]
    surveyed: bool  # any questionnaire kept at all
