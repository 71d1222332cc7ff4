"""The two stages of monitoring: how the programme goes, and what it gave (domain.md §4.3, §4.4).

First stage: who answered the questionnaires, means of their items, what goes into the SWOT table, the nine criteria.
Second stage: entry and exit questionnaires of the same respondents side by side. Aggregates only; no names, no texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.periods import Period
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.small_counts import hidden
from sheets_sync.reporting.wording import NBSP, decimal, half_up, share
from sheets_sync.table_schema.model import Definitions
from sheets_sync.table_schema.types.deadline import deadline_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROLES = ("mentee", "mentor")
STAGES = ("before", "middle", "after")
LEVELS = ("optimal", "acceptable", "unacceptable", "undetermined")
CRITERIA = tuple(f"c{number}" for number in range(1, 10))
FULL_MARK = 2  # of a criterion
OPTIMAL_FROM, ACCEPTABLE_FROM = 15, 9  # of 18; domain.md §3.7 [S0]
# What the exit questionnaire asks in other words than the entry one (domain.md §3.9).
ASKED_AS = {"q_effect": "q_result"}

_ROLE_WORDS = {"mentor": "наставники", "mentee": "наставляемые"}


@dataclass(frozen=True, slots=True)
class Responses:
    """Who answered, of one role at one stage (before | middle | after) of the school year.

    ``participants`` are the persons of the role in counted pairs of the school year. ``answered`` are those of them
    who answered, and whoever an answer does not name: each anonymous answer is one. ``share`` is per cent with one
    decimal; None without participants, and where more answered than take part, which is impossible.
    """

    role: str
    stage: str
    participants: int
    answered: int
    share: float | None


@dataclass(frozen=True, slots=True)
class ItemMean:
    """The mean of one item over the ``n`` answers to it.

    ``form`` None: all forms of mentoring together; else answers of that form, told by them or by the person's pairs.
    """

    item: str
    title: str
    role: str
    stage: str
    form: str | None
    n: int
    mean: float


@dataclass(frozen=True, slots=True)
class SwotEntry:
    """A line for the SWOT table, in words.

    ``factor`` is strength | weakness; opportunity and threat are for people to add.
    """

    factor: str
    text: str


@dataclass(frozen=True, slots=True)
class CriteriaLevels:
    """Evaluations by the nine criteria: how many reach which level (every level of LEVELS is there).

    ``scope``: whether pairs or the whole school were evaluated: pair | school | mixed. ``mean_total`` is over the
    evaluations with all nine marked. ``weakest`` is the criterion with the lowest mean of its marks, the first of
    several; "" and None where every mark is the highest.
    """

    by_level: Mapping[str, int]
    scope: str
    mean_total: float | None
    weakest: str
    weakest_title: str
    weakest_mean: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Entry against exit of one item, over the ``n`` entry and exit answers that belong together.

    The entry asks what people expect: ``delta`` is «оценка минус ожидание», not growth. It is rounded once, from the
    exact means; None below the least number of answers. ``grew``, ``same`` and ``fell`` are per cent of ``n``.
    """

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
    """Monitoring of one organisation, or of the district for ``organisation`` None; ``surveyed``: any questionnaire
    is kept at all, whenever it was filled in."""

    organisation: str | None
    responses: tuple[Responses, ...]
    items: tuple[ItemMean, ...]
    swot: tuple[SwotEntry, ...]
    criteria: CriteriaLevels | None
    compared: tuple[Compared, ...]
    surveyed: bool


def monitor(
    connection: DuckDBPyConnection,
    period: Period,
    settings: ReportSettings,
    organisations: Sequence[str],
    definitions: Definitions,
) -> dict[str | None, Monitoring]:
    """Monitoring in the period's school year as of its day: each organisation given, and under None all together.

    The district counts every answer where it was given. Works on a connection prepared for the period
    (:func:`sheets_sync.reporting.figures.prepare`); the definitions say which items there are, and their titles.
    """
    items = {field.name: field.title for field in definitions.schemas["questionnaires"].fields if field.type == "score"}
    criteria = {name: definitions.schemas["evaluations"].field(name).title for name in CRITERIA}
    _keep_responses(connection, period)
    counted = _Counted(
        _participants(connection),
        _answered(connection),
        _sums(connection, items),
        _matched(connection, items),
        _evaluations(connection, period),
        {str(line[0]) for line in connection.execute(_SURVEYED).fetchall()},
    )
    scopes: dict[str | None, Sequence[str]] = {name: (name,) for name in organisations}
    scopes[None] = organisations
    return {
        organisation: _monitored(organisation, scope, counted, items, criteria, settings)
        for organisation, scope in scopes.items()
    }


# --- what the store holds, by organisation ---


class _Sum(NamedTuple):
    """Answers to one item in one form, None where it is not known."""

    organisation: str
    role: str
    stage: str
    form: str | None
    item: str
    n: int
    total: int


class _Match(NamedTuple):
    """Entry and exit answers of one item side by side; ``after_item`` may ask it in other words."""

    organisation: str
    role: str
    item: str
    after_item: str
    n: int
    before: int
    after: int
    grew: int
    fell: int


class _Evaluation(NamedTuple):
    """One evaluation: a mark of 0–2 per criterion, None where there is none."""

    organisation: str
    scope: str
    marks: tuple[int | None, ...]


class _Counted(NamedTuple):
    participants: Mapping[tuple[str, str], int]  # organisation, role
    answered: Mapping[tuple[str, str, str], int]  # organisation, role, stage
    sums: Sequence[_Sum]
    matched: Sequence[_Match]
    evaluations: Sequence[_Evaluation]
    surveyed: set[str]


_SURVEYED = "SELECT DISTINCT organisation FROM questionnaires WHERE accepted"

# An exit answer and its entry answer: the same respondent and role, the same form where both tell it. The entry may be
# of an earlier school year, for a pair that runs on; each is used once.
_PAIRED = """
SELECT a.response AS after_response, b.response AS before_response
FROM monitored AS a
JOIN monitored AS b ON b.organisation = a.organisation AND b.role = a.role AND b.respondent = a.respondent
    AND (b.form = a.form OR b.form IS NULL OR a.form IS NULL)
WHERE a.stage = 'after' AND a.of_this_year AND a.identified AND b.stage = 'before' AND b.year <= a.year
QUALIFY row_number() OVER (
        PARTITION BY a.response
        ORDER BY a.form IS NOT DISTINCT FROM b.form DESC, b.year DESC, b."timestamp" DESC NULLS LAST, b.response DESC
    ) = 1
    AND row_number() OVER (
        PARTITION BY b.response
        ORDER BY a.form IS NOT DISTINCT FROM b.form DESC, a."timestamp" DESC NULLS LAST, a.response DESC
    ) = 1
"""

# The pair an evaluation speaks of: by its number, else by its persons. An evaluation has no date of its own: it stands
# for the school year if its pair, where one is found, runs in it.
_EVALUATIONS = f"""
WITH named AS (
    SELECT e.organisation, e.workbook, e.sheet, e."row", e.part, p.unit
    FROM evaluations AS e
    JOIN pairs_resolved AS p ON p.organisation = e.organisation AND p.number = pair_number(e.pair_id)
    UNION
    SELECT e.organisation, e.workbook, e.sheet, e."row", e.part, p.unit
    FROM evaluations AS e
    LEFT JOIN refs AS m ON m."table" = 'evaluations' AND m.field = 'mentor' AND m.organisation = e.organisation
        AND m.workbook = e.workbook AND m.sheet = e.sheet AND m."row" = e."row" AND m.part = e.part
    LEFT JOIN refs AS s ON s."table" = 'evaluations' AND s.field = 'mentee' AND s.organisation = e.organisation
        AND s.workbook = e.workbook AND s.sheet = e.sheet AND s."row" = e."row" AND s.part = e.part
    JOIN pairs_resolved AS p ON p.organisation = e.organisation
        AND (e.mentor IS NULL OR p.mentor_person = coalesce(m.person_key, e.organisation || '|' || e.mentor_key))
        AND (e.mentee IS NULL OR p.mentee_person = coalesce(s.person_key, e.organisation || '|' || e.mentee_key))
    WHERE e.pair_id IS NULL AND (e.mentor IS NOT NULL OR e.mentee IS NOT NULL)
),
spans AS (
    SELECT n.organisation, n.workbook, n.sheet, n."row", n.part,
        bool_or(coalesce(u.starts <= $1, true) AND coalesce(u.ends >= $2, true)) AS runs
    FROM named AS n JOIN units AS u USING (unit)
    GROUP BY ALL
)
SELECT e.sheet, t.title, e.organisation,
    coalesce(e.scope, CASE WHEN coalesce(e.pair_id, e.mentor, e.mentee) IS NULL THEN 'school' ELSE 'pair' END),
    {", ".join(f"CASE WHEN {name} BETWEEN 0 AND {FULL_MARK} THEN {name} END" for name in CRITERIA)}
FROM evaluations AS e
LEFT JOIN spans AS s USING (organisation, workbook, sheet, "row", part)
ASOF LEFT JOIN (SELECT * FROM tables WHERE "table" = 'evaluations') AS t
    ON t.organisation = e.organisation AND t.workbook = e.workbook AND t.sheet = e.sheet AND t.header_row <= e."row"
WHERE e.accepted AND coalesce(s.runs, true)
"""


def _keep_responses(connection: DuckDBPyConnection, period: Period) -> None:
    """``monitored``: the responses, each with a number of its own, computed once for the queries that follow."""
    connection.execute("SET VARIABLE school_year = ?", [period.school_year])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE monitored AS "
        'SELECT row_number() OVER (ORDER BY organisation, workbook, sheet, "row", part) AS response, '
        "year = ? AS of_this_year, * FROM responses",
        [int(period.school_year[:4])],
    )


def _participants(connection: DuckDBPyConnection) -> dict[tuple[str, str], int]:
    lines = connection.execute("SELECT organisation, role, count(*) FROM participants GROUP BY ALL").fetchall()
    return {(organisation, role): count for organisation, role, count in lines}


def _answered(connection: DuckDBPyConnection) -> dict[tuple[str, str, str], int]:
    lines = connection.execute(
        "SELECT organisation, role, stage, count(DISTINCT respondent) FROM monitored "
        "WHERE of_this_year AND takes_part IS NOT false GROUP BY ALL"
    ).fetchall()
    return {(organisation, role, stage): count for organisation, role, stage, count in lines}


def _sums(connection: DuckDBPyConnection, items: Iterable[str]) -> list[_Sum]:
    lines = connection.execute(
        "SELECT organisation, role, stage, pair_form, item, count(*), sum(score)::BIGINT FROM (UNPIVOT "
        f"(SELECT organisation, role, stage, pair_form, {_columns(items)} FROM monitored WHERE of_this_year) "
        f"ON {_columns(items)} INTO NAME item VALUE score) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [_Sum(*line) for line in lines]


def _matched(connection: DuckDBPyConnection, items: Iterable[str]) -> list[_Match]:
    across = " OR ".join(f"(b.item = '{before}' AND a.item = '{after}')" for before, after in ASKED_AS.items())
    lines = connection.execute(
        f"WITH paired AS ({_PAIRED}), "
        f"scores AS (UNPIVOT (SELECT response, organisation, role, {_columns(items)} FROM monitored) "
        f"ON {_columns(items)} INTO NAME item VALUE score) "
        "SELECT a.organisation, a.role, b.item, a.item, count(*), sum(b.score)::BIGINT, sum(a.score)::BIGINT, "
        "count(*) FILTER (a.score > b.score), count(*) FILTER (a.score < b.score) "
        "FROM paired AS p JOIN scores AS b ON b.response = p.before_response "
        "JOIN scores AS a ON a.response = p.after_response "
        f"AND (a.item = b.item OR (({across}) AND NOT EXISTS (SELECT 1 FROM scores AS x "
        "WHERE x.response = p.after_response AND x.item = b.item))) "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [_Match(*line) for line in lines]


def _evaluations(connection: DuckDBPyConnection, period: Period) -> list[_Evaluation]:
    first = date(int(period.school_year[:4]), 9, 1)
    lines = connection.execute(_EVALUATIONS, [period.as_of, first]).fetchall()
    return [
        _Evaluation(organisation, scope, tuple(marks))
        for sheet, title, organisation, scope, *marks in lines
        if not _is_later([sheet, *(title or "").splitlines()], period.as_of)
    ]


def _is_later(titles: Iterable[str], day: date) -> bool:
    """Does a title («Оценка эффективности, май 2024 г.») tell of a time after the day?"""
    for title in titles:
        told = deadline_of(title, None)
        begins = told["start"] or told["end"]
        if begins is not None and begins > day:
            return True
    return False


def _columns(items: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in items)


# --- one organisation, or all of them ---


def _monitored(
    organisation: str | None,
    scope: Sequence[str],
    counted: _Counted,
    items: Mapping[str, str],
    criteria: Mapping[str, str],
    settings: ReportSettings,
) -> Monitoring:
    means = _means([one for one in counted.sums if one.organisation in scope], items)
    return Monitoring(
        organisation=organisation,
        responses=_responses(scope, counted),
        items=means,
        swot=_swot(means, settings),
        criteria=_criteria([one for one in counted.evaluations if one.organisation in scope], criteria),
        compared=_compared([one for one in counted.matched if one.organisation in scope], items, settings),
        surveyed=any(name in counted.surveyed for name in scope),
    )


def _responses(scope: Sequence[str], counted: _Counted) -> tuple[Responses, ...]:
    """Every role and stage somebody was asked at."""
    found = []
    for role in ROLES:
        participants = sum(counted.participants.get((name, role), 0) for name in scope)
        for stage in STAGES:
            answered = sum(counted.answered.get((name, role, stage), 0) for name in scope)
            if answered:
                possible = 0 < answered <= participants
                found.append(
                    Responses(role, stage, participants, answered, share(answered, participants) if possible else None)
                )
    return tuple(found)


def _means(sums: Sequence[_Sum], items: Mapping[str, str]) -> tuple[ItemMean, ...]:
    """Means by role, stage and item, over all forms first and then form by form."""
    added: dict[tuple[str, str, str, str | None], tuple[int, int]] = {}
    for one in sums:
        # an answer that tells no form counts in all forms together alone
        for form in {None, one.form}:
            key = (one.role, one.stage, one.item, form)
            n, total = added.get(key, (0, 0))
            added[key] = (n + one.n, total + one.total)
    order = {name: place for place, name in enumerate(items)}

    def place(key: tuple[str, str, str, str | None]) -> tuple[int, int, int, str]:
        role, stage, item, form = key
        return (ROLES.index(role), STAGES.index(stage), order[item], form or "")

    return tuple(
        ItemMean(item, items[item], role, stage, form, added[key][0], _mean(added[key][1], added[key][0]))
        for key in sorted(added, key=place)
        for role, stage, item, form in [key]
    )


def kept_back(items: Sequence[ItemMean], least: int) -> set[ItemMean]:
    """Means that few answers stand behind, and those that would give them away."""
    found: set[ItemMean] = set()
    groups: dict[tuple[str, str, str], list[ItemMean]] = {}
    for one in items:
        groups.setdefault((one.item, one.role, one.stage), []).append(one)
    for group in groups.values():
        whole_group = [one for one in group if one.form is None]
        if any(one.n < least for one in whole_group):
            found.update(group)
            continue
        found |= hidden({one: one.n for one in group if one.form is not None}, least)
    return found


def _swot(means: Sequence[ItemMean], settings: ReportSettings) -> tuple[SwotEntry, ...]:
    """Strong and weak items by what people experienced: the last stage asked after the beginning, never expectations.

    Judged by the mean that is shown, so that «8,0» never misses a threshold of 8.
    """
    strong: list[ItemMean] = []
    weak: list[ItemMean] = []
    for role in ROLES:
        own = [one for one in means if one.role == role and one.form is None and one.stage != "before"]
        last = max((one.stage for one in own), key=STAGES.index, default="")
        for one in own:
            if one.stage == last and one.mean >= settings.strong_item:
                strong.append(one)
            elif one.stage == last and one.mean <= settings.weak_item:
                weak.append(one)

    def words(one: ItemMean) -> str:
        whose = _ROLE_WORDS[one.role] + (", промежуточная анкета" if one.stage == "middle" else "")
        return f"«{one.title}»{NBSP}– {decimal(one.mean)} ({whose})"

    return (
        *(SwotEntry("strength", words(one)) for one in sorted(strong, key=lambda one: -one.mean)),
        *(SwotEntry("weakness", words(one)) for one in sorted(weak, key=lambda one: one.mean)),
    )


def _criteria(evaluations: Sequence[_Evaluation], titles: Mapping[str, str]) -> CriteriaLevels | None:
    if not evaluations:
        return None
    by_level = dict.fromkeys(LEVELS, 0)
    totals: list[int] = []
    for one in evaluations:
        marks = [mark for mark in one.marks if mark is not None]
        if len(marks) == len(CRITERIA):
            totals.append(sum(marks))
        by_level[_level(sum(marks)) if len(marks) == len(CRITERIA) else "undetermined"] += 1
    scopes = {one.scope for one in evaluations}
    means = {}
    for place, name in enumerate(CRITERIA):
        marks = [mark for one in evaluations if (mark := one.marks[place]) is not None]
        if marks:
            means[name] = Decimal(sum(marks)) / len(marks)
    weakest = min(means, key=lambda name: means[name], default="")
    if weakest and means[weakest] == FULL_MARK:
        weakest = ""
    return CriteriaLevels(
        by_level=by_level,
        scope=scopes.pop() if len(scopes) == 1 else "mixed",
        mean_total=_mean(sum(totals), len(totals)) if totals else None,
        weakest=weakest,
        weakest_title=titles.get(weakest, ""),
        weakest_mean=float(half_up(means[weakest])) if weakest else None,
    )


def _level(total: int) -> str:
    return "optimal" if total >= OPTIMAL_FROM else "acceptable" if total >= ACCEPTABLE_FROM else "unacceptable"


def _compared(matched: Sequence[_Match], items: Mapping[str, str], settings: ReportSettings) -> tuple[Compared, ...]:
    added: dict[tuple[str, str, str], list[int]] = {}
    for one in matched:
        sums = added.setdefault((one.role, one.item, one.after_item), [0, 0, 0, 0, 0])
        for place, value in enumerate((one.n, one.before, one.after, one.grew, one.fell)):
            sums[place] += value
    order = {name: place for place, name in enumerate(items)}
    found = []
    for role, item, after_item in sorted(added, key=lambda key: (ROLES.index(key[0]), order[key[1]], order[key[2]])):
        n, before, after, grew, fell = added[role, item, after_item]
        same_words = item == after_item
        found.append(
            Compared(
                item=item if same_words else f"{item}/{after_item}",
                title=items[item] if same_words else _across(items[item], items[after_item]),
                role=role,
                n=n,
                before=_mean(before, n),
                after=_mean(after, n),
                delta=_mean(after - before, n) if n >= settings.matched else None,
                grew=share(grew, n),
                same=share(n - grew - fell, n),
                fell=share(fell, n),
            )
        )
    return tuple(found)


def _across(before: str, after: str) -> str:
    return f"{before} (до){NBSP}– {after[:1].lower()}{after[1:]} (после)"


def _mean(total: int, count: int) -> float:
    return float(half_up(Decimal(total) / count))
