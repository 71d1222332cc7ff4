"""What the figures depend on besides the rows: targets, thresholds, ages, the district's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TargetsByYear = Mapping[str, Mapping[int, float]]  # indicator → calendar year → per cent


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """One district's settings of its reports; ages in full years, both bounds inclusive (domain.md §2, §4.2).

    ``targets`` and ``organisation_targets`` (organisation → targets) stand over the ones in schools' sheets and over
    those of the definitions. ``enterprises`` is the denominator of I4 by calendar year. A questionnaire item is a
    strength from a mean of ``strong_item``, a weakness up to one of ``weak_item``; entry and exit are compared from
    ``matched`` answers on (domain.md §4.3, §4.4).
    """

    district_name: str = ""
    enterprises: Mapping[int, int] = field(default_factory=dict)
    targets: TargetsByYear = field(default_factory=dict)
    organisation_targets: Mapping[str, TargetsByYear] = field(default_factory=dict)
    satisfied: float = 7
    young_specialist_years: float = 3
    mentee_age: tuple[int, int] = (10, 18)
    mentor_age: tuple[int, int] = (15, 18)
    restrict_to_categories: bool = False
    strong_item: float = 8
    weak_item: float = 5
    matched: int = 5
    small_count: int = 5
    pupil_names: bool = False
    sql_seconds: float = 30
    organisation_types: Mapping[str, str] = field(default_factory=dict)  # what the profile says wrongly or not at all
