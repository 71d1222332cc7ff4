"""How the programme goes, in counts (domain.md §4.3): pairs by form and state, meetings, plans, orders, training.

A pair here is what an order fixes: one mentor with one mentee, or with several (a group). The pairs looked at are those
that count as of the date and ran at any time since 1 January, as for the indicators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PAIR_STATES = ("active", "suspended", "finished", "broken")
MEETING_STAGES = ("org", "trial", "planning", "regular", "final")


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters of one organisation or of the district. None: the organisation keeps no such table.

    ``by_form``, ``by_state`` and ``by_stage`` count pairs and groups, ``by_stage`` by the furthest stage of their
    meetings. ``held`` counts the meetings of the ``held_in`` pairs and groups whose meetings are recorded; ``planned``
    adds up those that state a plan, ``held_of_planned`` counts their meetings. ``mentors`` are those in pairs,
    ``trained`` of ``trained_of`` those with training where a record of it is kept.
    """

    pairs: int = 0
    groups: int = 0
    by_form: Mapping[str, int] = field(default_factory=dict)
    by_state: Mapping[str, int] = field(default_factory=dict)
    by_stage: Mapping[str, int] = field(default_factory=dict)
    held: int | None = None
    held_in: int | None = None
    planned: int | None = None
    held_of_planned: int | None = None
    without_meetings: int | None = None
    without_plan: int | None = None
    without_order: int = 0
    mentors: int = 0
    trained: int | None = None
    trained_of: int | None = None
    awards: int | None = None

    @property
    def units(self) -> int:
        """Pairs and groups together."""
        return self.pairs + self.groups

    @property
    def meetings_per_pair(self) -> float | None:
        """Meetings held per pair or group; None when nothing is known of meetings or there is no pair."""
        return self.held / self.held_in if self.held is not None and self.held_in else None


class _Unit(NamedTuple):
    """One pair or group; ``state`` and ``furthest`` count from 1 in PAIR_STATES and MEETING_STAGES."""

    organisation: str
    unit: int
    mentees: int
    form: str
    state: int
    planned_meetings: int | None
    held: int
    furthest: int | None
    has_plan: bool


_UNITS = """
WITH lines AS (
    SELECT *, CASE
            WHEN status = 'broken' AND coalesce(ends <= getvariable('as_of'), true) THEN 'broken'
            WHEN ends < getvariable('as_of') OR (status = 'finished' AND ends IS NULL) THEN 'finished'
            WHEN status = 'suspended' THEN 'suspended'
            ELSE 'active'
        END AS state
    FROM counted_pairs
    WHERE ends IS NULL OR ends >= date_trunc('year', getvariable('as_of'))
),
met AS (
    SELECT unit, count(DISTINCT (workbook, sheet, "row")) AS held,
        max(list_position(['org', 'trial', 'planning', 'regular', 'final'], stage)) AS furthest
    FROM meetings_resolved
    WHERE valid AND unit IS NOT NULL
    GROUP BY unit
),
planned AS (
    SELECT DISTINCT p.unit
    FROM pairs_resolved AS p
    JOIN refs AS r ON r.organisation = p.organisation AND r."table" = 'plans' AND r.field = 'pair_id'
        AND r.name_key = p.number
    UNION
    SELECT DISTINCT p.unit
    FROM refs AS a
    JOIN refs AS b ON b.organisation = a.organisation AND b."table" = 'plans' AND b.field = 'mentee'
        AND b.workbook = a.workbook AND b.sheet = a.sheet AND b."row" = a."row" AND b.part = a.part
    JOIN pairs_resolved AS p ON p.organisation = a.organisation AND p.mentor_person = a.person_key
        AND p.mentee_person = b.person_key
    WHERE a."table" = 'plans' AND a.field = 'mentor'
)
SELECT l.organisation, l.unit, count(DISTINCT l.mentee_person) AS mentees,
    coalesce(min(l.form), '') AS form,
    list_min([list_position(['active', 'suspended', 'finished', 'broken'], state) FOR state IN list(l.state)]) AS state,
    max(l.planned_meetings) AS planned_meetings,
    coalesce(any_value(m.held), 0) AS held, any_value(m.furthest) AS furthest,
    any_value(p.unit) IS NOT NULL AS has_plan
FROM lines AS l
LEFT JOIN met AS m ON m.unit = l.unit
LEFT JOIN planned AS p ON p.unit = l.unit
GROUP BY l.organisation, l.unit
"""

_TRAINED = """
WITH entered_mentors AS (SELECT DISTINCT organisation, person_key FROM entered WHERE role = 'mentor'),
trained AS (
    SELECT b.organisation, b.person_key
    FROM base AS b JOIN mentors AS m USING (organisation, workbook, sheet, "row", part)
    WHERE b.role = 'mentor' AND m.training IS NOT NULL
    UNION
    SELECT k.organisation, k.person_key
    FROM base AS k
    JOIN training AS t ON t.organisation = k.organisation
        AND (t.full_name_key = k.name_key OR (
            length(split_part(t.full_name_key, ' ', 2)) = 1
            AND split_part(t.full_name_key, ' ', 1) = split_part(k.name_key, ' ', 1)
            AND starts_with(split_part(k.name_key, ' ', 2), split_part(t.full_name_key, ' ', 2))
            AND starts_with(split_part(k.name_key, ' ', 3), split_part(t.full_name_key, ' ', 3))))
    WHERE k.role = 'mentor' AND t.accepted AND (t."date" IS NULL OR t."date" <= getvariable('as_of'))
)
SELECT e.organisation, count(*), count(t.person_key)
FROM entered_mentors AS e
LEFT JOIN (SELECT DISTINCT * FROM trained) AS t ON t.organisation = e.organisation AND t.person_key = e.person_key
GROUP BY e.organisation
"""

_KEPT = """
SELECT organisation, "table" FROM tables WHERE rows_read > 0
UNION SELECT DISTINCT organisation, 'mentors.training' FROM mentors WHERE training IS NOT NULL
"""


def count_process(connection: DuckDBPyConnection, organisations: Sequence[str]) -> dict[str, Counters]:
    """Counters by organisation, as of the date the relations were made for."""
    kept: set[tuple[str, str]] = set(connection.execute(_KEPT).fetchall())
    units: dict[str, list[_Unit]] = {}
    for line in connection.execute(_UNITS).fetchall():
        unit = _Unit(*line)
        units.setdefault(unit.organisation, []).append(unit)
    trained = {line[0]: line[1:] for line in connection.execute(_TRAINED).fetchall()}
    unordered = dict(
        connection.execute(
            "SELECT organisation, count(DISTINCT unit) FROM pairs_resolved WHERE accepted AND NOT ordered "
            "AND coalesce(starts <= getvariable('as_of'), true) GROUP BY organisation"
        ).fetchall()
    )
    awarded = dict(
        connection.execute(
            "SELECT organisation, count(*) FROM awards WHERE accepted AND (order_date IS NULL OR order_date BETWEEN "
            "date_trunc('year', getvariable('as_of')) AND getvariable('as_of')) GROUP BY organisation"
        ).fetchall()
    )
    found = {}
    for organisation in organisations:
        own = units.get(organisation, [])
        meets = (organisation, "meetings") in kept
        mentors, with_training = trained.get(organisation, (0, 0))
        trains = (organisation, "training") in kept or (organisation, "mentors.training") in kept
        states = [PAIR_STATES[unit.state - 1] for unit in own]
        stages = [MEETING_STAGES[unit.furthest - 1] for unit in own if unit.furthest]
        forms = [unit.form for unit in own]
        plans = [(unit.planned_meetings, unit.held) for unit in own if unit.planned_meetings is not None]
        found[organisation] = Counters(
            pairs=sum(1 for unit in own if unit.mentees <= 1),
            groups=sum(1 for unit in own if unit.mentees > 1),
            by_form={form: forms.count(form) for form in sorted(set(forms))},
            by_state={state: states.count(state) for state in PAIR_STATES if state in states},
            by_stage={stage: stages.count(stage) for stage in MEETING_STAGES if stage in stages},
            held=sum(unit.held for unit in own) if meets else None,
            held_in=len(own) if meets else None,
            planned=sum(planned for planned, _ in plans) if plans else None,
            held_of_planned=sum(held for _, held in plans) if plans and meets else None,
            without_meetings=sum(1 for unit in own if not unit.held) if meets else None,
            without_plan=sum(1 for unit in own if not unit.has_plan) if (organisation, "plans") in kept else None,
            without_order=unordered.get(organisation, 0),
            mentors=mentors,
            trained=with_training if trains else None,
            trained_of=mentors if trains else None,
            awards=awarded.get(organisation, 0) if (organisation, "awards") in kept else None,
        )
    return found


def add_up(counters: Sequence[Counters]) -> Counters:
    """The district's counters: sums over the organisations that keep the table; None where none does."""

    def total(name: str) -> int | None:
        known = [value for value in (getattr(one, name) for one in counters) if value is not None]
        return sum(known) if known else None

    def merged(name: str) -> dict[str, int]:
        result: dict[str, int] = {}
        for one in counters:
            for key, count in getattr(one, name).items():
                result[key] = result.get(key, 0) + count
        return result

    by_state, by_stage = merged("by_state"), merged("by_stage")
    return Counters(
        pairs=total("pairs") or 0,
        groups=total("groups") or 0,
        by_form=dict(sorted(merged("by_form").items())),
        by_state={state: by_state[state] for state in PAIR_STATES if state in by_state},
        by_stage={stage: by_stage[stage] for stage in MEETING_STAGES if stage in by_stage},
        held=total("held"),
        held_in=total("held_in"),
        planned=total("planned"),
        held_of_planned=total("held_of_planned"),
        without_meetings=total("without_meetings"),
        without_plan=total("without_plan"),
        without_order=total("without_order") or 0,
        mentors=total("mentors") or 0,
        trained=total("trained"),
        trained_of=total("trained_of"),
        awards=total("awards"),
    )
