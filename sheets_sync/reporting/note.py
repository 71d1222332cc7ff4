"""The notes people sign: an organisation's in December and June, the district's, and its yearly report of August.

What a note says stands in ``reports/note-*.md.j2``, which a district may replace; here are the values it is made of. A
note names nobody but coordinators and curators. Markdown a sink turns into Word: tables under «Таблица: …», drafts as
block quotes, the signatures in a fenced block.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sheets_sync.errors import ConfigError
from sheets_sync.periods import Period
from sheets_sync.reporting import wording
from sheets_sync.reporting.completeness import Completeness, TableState
from sheets_sync.reporting.counters import Counters, add_up
from sheets_sync.reporting.facts import Document, Facts, NetworkLine, facts, first_day, nameless
from sheets_sync.reporting.figures import Figure, Figures
from sheets_sync.reporting.freeze import Restatement
from sheets_sync.reporting.indicator import Indicator, Indicators
from sheets_sync.reporting.monitoring import CriteriaLevels, ItemMean, Monitoring, Responses, kept_back
from sheets_sync.reporting.roadmap import Execution
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.summary import STAGE_WORDS, Summary, explanations, markdown_text, trained_share
from sheets_sync.reporting.template import render
from sheets_sync.reporting.wording import FORM_WORDS, PAIR_STATUS_PLURAL, by_name, half_up, share

__all__ = ["Facts", "NetworkLine", "NoteInput", "facts", "note_markdown"]

COUNTED = {
    "mentors": "Наставники в базе",
    "mentees": "Наставляемые в базе",
    "pairs_running": "Действующие пары (строки приказов)",
    "unmatched": "Наставляемые без пары",
}
CATEGORY_WORDS = {
    "gifted": "проявившие выдающиеся способности",
    "low_results": "демонстрирующие неудовлетворительные образовательные результаты",
    "disability": "с ограниченными возможностями здоровья",
    "hardship": "попавшие в трудную жизненную ситуацию",
    "behaviour": "имеющие проблемы с поведением",
    "isolated": "не принимающие участия в жизни школы, отстранённые от коллектива",
    "young_specialist": "молодые специалисты",
    "burnout": "педагоги в состоянии эмоционального выгорания, хронической усталости",
    "newcomer": "педагоги, адаптирующиеся на новом месте работы",
    "upskilling": "педагоги, желающие овладеть современными программами, ИКТ",
}
MENTOR_WORDS = {
    "pupil": "обучающиеся",
    "teacher": "педагоги",
    "parent": "родители",
    "alumnus": "выпускники",
    "enterprise": "сотрудники предприятий",
    "entrepreneur": "предприниматели, общественные деятели",
    "veteran": "ветераны педагогического труда",
    "": "категория не указана",
}
LEVEL_WORDS = {
    "school": "школьный",
    "municipal": "муниципальный",
    "regional": "региональный",
    "federal": "федеральный",
    "": "не указан",
}
ROLE_WORDS = {"mentor": "наставники", "mentee": "наставляемые"}
SURVEY_WORDS = {"before": "входная", "middle": "промежуточная", "after": "итоговая"}
CRITERIA_WORDS = {
    "optimal": "оптимальный (15–18 баллов)",
    "acceptable": "допустимый (9–14 баллов)",
    "unacceptable": "недопустимый (0–8 баллов)",
    "undetermined": "не определён (отмечены не все показатели)",
}
FACTORS = ("strength", "weakness", "opportunity", "threat")
SOURCE_WORDS = {
    "school_profile": "паспорт организации",
    "documents": "перечень документов",
    "curators": "база кураторов",
    "mentees": "база наставляемых",
    "mentors": "база наставников",
    "pairs": "перечень наставнических пар (групп)",
    "plans": "индивидуальные планы",
    "evaluations": "оценка по девяти показателям",
    "meetings": "журнал встреч",
    "questionnaires": "анкеты участников",
    "roadmap": "дорожная карта",
    "consents": "реестр согласий",
    "training": "сведения об обучении",
    "awards": "сведения о поощрении",
    "enterprises": "перечень предприятий-партнёров",
    "network": "реестр сетевых наставников",
}
ROLES_OF_CURATORS = {"coordinator": "координатор", "curator": "куратор"}


@dataclass(frozen=True, slots=True)
class NoteInput:
    """Everything a note can say.

    ``earlier`` is the object of report.json of the period compared with, ``earlier_frozen`` whether it was sealed.
    ``facts``: organisation → what :func:`facts` found. ``without_workbooks``: name of an organisation of which no
    workbook was read → its due day.
    """

    period: Period
    figures: Figures
    indicators: Indicators
    counters: Mapping[str, Counters]
    settings: ReportSettings
    names: Mapping[str, str]
    monitoring: Mapping[str | None, Monitoring] = field(default_factory=dict)
    roadmap: Mapping[str | None, Execution] = field(default_factory=dict)
    completeness: Mapping[str, Completeness] = field(default_factory=dict)
    earlier: Mapping[str, Any] | None = None
    earlier_frozen: bool = False
    restated: tuple[Restatement, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)
    without_workbooks: Mapping[str, date] = field(default_factory=dict)

    @property
    def organisations(self) -> list[str]:
        """Ids of the organisations, in the order of their names."""
        return sorted(self.figures.organisations, key=lambda one: (by_name(self.name(one)), one))

    def name(self, organisation: str) -> str:
        """Name of an organisation, its id where none is known."""
        return self.names.get(organisation) or organisation


def note_markdown(given: NoteInput, organisation: str | None, folders: Sequence[Path]) -> str:
    """The note of an organisation, of the district for None, by the first of these ``reports/`` folders that has it.

    Raises ConfigError with the template's line, and for an organisation in August: that report is the district's.
    """
    whose = "district" if organisation is None else "school"
    if organisation is not None and given.period.kind == "august":
        raise ConfigError("the report of August is the district's", mend="leave the organisation out, or take June")
    context = _district(given) if organisation is None else _school(given, organisation)
    return _rendered(f"note-{whose}-{given.period.kind}.md.j2", context, folders)


# --- templates ---


def _rendered(name: str, context: Mapping[str, Any], folders: Sequence[Path]) -> str:
    text = render(name, folders, context, _filters(), functions={"span": wording.span, "share": share})
    lines = [line.rstrip(" ") for line in text.split("\n")]
    return wording.unbreakable(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n")


@cache
def _filters() -> dict[str, Callable[..., Any]]:
    return {
        "md": markdown_text,
        "draft": _draft,
        "percent": wording.percent,
        "points": wording.points,
        "deviation": wording.deviation,
        "whole": wording.whole,
        "decimal": wording.decimal,
        "shortest": wording.shortest,
        "day": wording.day,
        "long_day": wording.long_day,
        "counted": wording.counted,
        "noun": wording.noun,
        "noun_of": wording.noun_of,
        "noun_in": wording.noun_in,
        "noun_to": wording.noun_to,
        "noun_object": wording.noun_object,
        "quoted": wording.quoted,
        "signed": wording.signed,
        "signed_whole": wording.signed_whole,
        "nameless": nameless,
        "form_of": wording.form_of,
        "past": wording.past,
        "clause_closed": wording.clause_closed,
        "listed": wording.listed,
        "including": wording.including,
        "short_name": wording.short_name,
        "upper_first": wording.upper_first,
        "lower_first": wording.lower_first,
    }


def _draft(text: str) -> str:
    """A block people are to edit before they sign."""
    inner = re.sub(r"(?m)(^- .*)\n\s*\n(?=- )", r"\1\n", text.strip())
    lines = ["**Черновик, отредактируйте:**", "", *inner.split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


# --- what both kinds of note are made of ---


def _common(given: NoteInput, organisation: str | None) -> dict[str, Any]:
    period, settings = given.period, given.settings
    ids = [organisation] if organisation is not None else given.organisations
    main = given.figures.district if organisation is None else given.figures.organisations[organisation]
    counters = add_up([given.counters[one] for one in ids if one in given.counters])
    lines = [_line(given, indicator, figure) for indicator, figure in zip(given.indicators.all, main, strict=True)]
    dynamics = _dynamics(given, organisation)
    missing = [one for one in lines if _is_missing(one["figure"], one["asked"], period) and not one["shared"]]
    following = (
        {"half": "II", "school_year": period.school_year}
        if period.kind == "december"
        else {"half": "I", "school_year": f"{period.year}-{period.year + 1}"}
    )
    monitoring = _monitoring(given.monitoring.get(organisation), 0 if organisation else settings.small_count)
    summary = Summary(given.figures, given.indicators, given.counters, settings, given.names, organisation)
    return {
        "period": period,
        "kind": period.kind,
        "final": period.kind != "december",
        "first_day": first_day(period),
        "within_period": _within(period),
        "following": following,
        "indicators": lines,
        "met": [one for one in lines if one["figure"].status == "met" and not one["figure"].flag],
        "not_met": [one for one in lines if one["figure"].status == "not_met"],
        "with_target": [one for one in lines if one["figure"].status in ("met", "not_met") and not one["figure"].flag],
        "without_value": missing,
        "without_survey": [one for one in missing if one["asked"]],
        "without_profile": [one for one in missing if not one["asked"] and not one["over_district"]],
        "doubtful": [one for one in lines if one["figure"].flag],
        "counts": {key: sum(given.figures.counts[one][key] for one in ids) for key in given.figures.counts[ids[0]]}
        if ids
        else dict(given.figures.district_counts),
        "counters": counters,
        "forms": _parts(counters.by_form, FORM_WORDS, counters.units),
        "forms_told": [
            (f"по форме «{markdown_text(FORM_WORDS.get(form, form))}»" if form else "без указания формы", n)
            for form, n in _ordered(counters.by_form, FORM_WORDS)
        ],
        "form_count": sum(1 for form in counters.by_form if form),
        "states": _parts(counters.by_state, PAIR_STATUS_PLURAL, counters.units),
        "stages": _parts(counters.by_stage, STAGE_WORDS, counters.units),
        "trained_share": trained_share(counters),
        "held_share": _share(counters.held_of_planned, counters.planned),
        "dynamics": dynamics,
        "growing": [one for one in (dynamics or {}).get("indicators", ()) if (one["change"] or 0) > 0],
        "falling": [one for one in (dynamics or {}).get("indicators", ()) if (one["change"] or 0) < 0],
        "monitoring": (
            monitoring := _monitoring(given.monitoring.get(organisation), 0 if organisation else settings.small_count)
        ),
        "has_by_form": monitoring is not None and bool(monitoring["items_by_form"]),
        "roadmap": (roadmap := given.roadmap.get(organisation)),
        "unfinished": roadmap.due - roadmap.done - len(roadmap.overdue) if roadmap is not None else 0,
        "restated": [
            _restated(given, one) for one in given.restated if organisation is None or one.organisation == organisation
        ],
        "explanations": explanations(summary),
        "small": settings.small_count,
        "strong": settings.strong_item,
        "weak": settings.weak_item,
        "matched": settings.matched,
        "level_words": LEVEL_WORDS,
    }


def _is_missing(figure: Figure, asked: bool, period: Period) -> bool:
    """Is a value lacking that should be there? What is asked in May is not missing in December."""
    if figure.status == "no_data":
        return not (asked and period.kind == "december")
    return figure.status == "data_error"


def _line(given: NoteInput, indicator: Indicator, figure: Figure) -> dict[str, Any]:
    """One indicator; ``shared``: only the district has its share; ``lacking``: how many more the target asks for."""
    left_out = figure.left_out or {}
    return {
        "id": indicator.id,
        "title": indicator.title_ru,
        "numerator": indicator.numerator_ru,
        "denominator": indicator.denominator_ru,
        "figure": figure,
        "status": wording.STATUS_WORDS[figure.status],
        "target_source": indicator.targets_source,
        "asked": indicator.respondents is not None,
        "shared": indicator.scope == "district" and figure.counted is None,
        "over_district": indicator.scope == "district",
        "lacking": _lacking(figure),
        "counted": None if figure.counted is None else len(figure.counted),
        "of": None if figure.counted is None else len(figure.counted) + len(left_out),
        "left_out": [
            {"name": given.name(one), "status": wording.STATUS_WORDS[left_out[one]]}
            for one in given.organisations
            if one in left_out
        ],
    }


def _lacking(figure: Figure) -> int:
    """How many more in the numerator would reach the target; 0 where it is reached or nothing is known."""
    if figure.status != "not_met" or not figure.denominator or figure.target is None or figure.numerator is None:
        return 0
    more = max(1, math.ceil(figure.target * figure.denominator / 100 - figure.numerator))
    # The value is judged as it is shown, rounded: one less may do.
    while more > 1 and share(figure.numerator + more - 1, figure.denominator) >= figure.target:
        more -= 1
    return more


def _share(part: int | None, of: int | None) -> float | None:
    return share(part, of) if part is not None and of else None


def _parts(counts: Mapping[str, int], words: Mapping[str, str], together: int) -> list[dict[str, Any]]:
    """Counts in the order of their words, each with its share of all."""
    return [{"name": words.get(key, key), "n": n, "share": _share(n, together)} for key, n in _ordered(counts, words)]


def _ordered(counts: Mapping[str, int], words: Mapping[str, str]) -> list[tuple[str, int]]:
    known = [key for key in words if key in counts]
    return [(key, counts[key]) for key in (*known, *sorted(key for key in counts if key not in words))]


def _within(period: Period) -> str:
    """«в I полугодии 2023-2024 учебного года», «в 2023-2024 учебном году»."""
    if period.kind == "august":
        return f"в {period.school_year} учебном году"
    return f"{wording.within_half('I' if period.kind == 'december' else 'II')} {period.school_year} учебного года"


def _dynamics(given: NoteInput, organisation: str | None) -> dict[str, Any] | None:
    """Figures and counts then and now; None where there is nothing to compare with."""
    if given.earlier is None:
        return None
    told = {one["id"]: one for one in given.earlier.get("organisations", ())}
    if organisation is None:
        before = {one["id"]: one for one in given.earlier.get("district", {}).get("indicators", ())}
        ids = [one for one in given.figures.organisations if one in told]
    else:
        before = {one["id"]: one for one in told.get(organisation, {}).get("indicators", ())}
        ids = [organisation] if organisation in told else []
    if not before:
        return None
    now = given.figures.district if organisation is None else given.figures.organisations[organisation]
    lines = []
    for indicator, figure in zip(given.indicators.all, now, strict=True):
        then = before.get(indicator.id, {})
        change = None
        if figure.value is not None and then.get("value") is not None:
            change = float(half_up(half_up(figure.value) - half_up(then["value"])))
        if indicator.scope == "district" and organisation is not None:
            continue
        status = then.get("status", "no_data")
        lines.append(
            {
                "id": indicator.id,
                "title": indicator.title_ru,
                "then": then.get("value"),
                "now": figure.value,
                "then_status": wording.STATUS_WORDS.get(status, status),
                "now_status": wording.STATUS_WORDS[figure.status],
                "change": change,
                "forecast": min(100.0, max(0.0, figure.value + change))
                if figure.value is not None and change is not None
                else None,
            }
        )
    counts = []
    for key, words in COUNTED.items():
        was = sum(told[one].get("counts", {}).get(key, 0) for one in ids)
        is_now = sum(given.figures.counts[one][key] for one in ids)
        counts.append({"name": words, "then": was, "now": is_now, "change": is_now - was})
    return {
        "day": date.fromisoformat(str(given.earlier["as_of"])),
        "frozen": given.earlier_frozen,
        "indicators": lines,
        "counts": counts if ids else [],
        "organisations": len(ids),
    }


def _restated(given: NoteInput, one: Restatement) -> dict[str, Any]:
    return {
        "id": one.indicator,
        "name": given.name(one.organisation) if one.organisation is not None else "Район",
        "part": {"numerator": "числитель", "denominator": "знаменатель"}.get(one.part, one.part),
        "was": one.was,
        "now": one.now,
        "words": one.words,
    }


def _monitoring(found: Monitoring | None, least: int) -> dict[str, Any] | None:
    """Both stages of the monitoring, ready for tables; None where no questionnaire and no evaluation is kept.

    Means of fewer than ``least`` answers, and what would give them away, are left out.
    """
    if found is None or not (found.surveyed or found.criteria or found.responses):
        return None
    hush = kept_back(found.items, least)
    told = [one for one in found.items if one not in hush]
    stages = [stage for stage in SURVEY_WORDS if any(one.stage == stage for one in told)]
    return {
        "surveyed": found.surveyed,
        "responses": [
            {"role": ROLE_WORDS[one.role], "stage": SURVEY_WORDS[one.stage], "told": one}
            for one in sorted(found.responses, key=_by_stage)
            if one.answered
        ],
        "stages": [SURVEY_WORDS[stage] for stage in stages],
        "has_exit": any(one.stage == "after" and one.answered for one in found.responses),
        "low": [
            {"role": ROLE_WORDS[one.role], "stage": SURVEY_WORDS[one.stage], "share": one.share}
            for one in sorted(found.responses, key=_by_stage)
            if one.answered and one.share is not None and one.share < 50
        ],
        "items": _pivot([one for one in told if one.form is None], stages),
        "items_by_form": _pivot([one for one in told if one.form is not None], stages),
        "kept_back": bool(hush),
        "swot": {factor: [one.text for one in found.swot if one.factor == factor] for factor in FACTORS},
        "criteria": _criteria(found.criteria),
        "compared": [{"role": ROLE_WORDS[one.role], "told": one} for one in found.compared],
        "few": [one for one in found.compared if one.delta is None],
    }


def _by_stage(one: Responses) -> tuple[int, str]:
    return (list(SURVEY_WORDS).index(one.stage), one.role)


def _pivot(items: Sequence[ItemMean], stages: Sequence[str]) -> list[dict[str, Any]]:
    """One line per role, form and question, a mean per stage; roles apart, questions as they are asked."""
    lines: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in items:
        line = lines.setdefault(
            (one.role, one.form or "", one.item),
            {
                "role": ROLE_WORDS[one.role],
                "form": FORM_WORDS.get(one.form or "", one.form or ""),
                "title": one.title,
                "means": dict.fromkeys(stages),
            },
        )
        line["means"][one.stage] = one
    return [
        {**line, "means": list(line["means"].values())}
        for _, line in sorted(lines.items(), key=lambda pair: (pair[0][0] != "mentee", pair[0][1]))
    ]


def _criteria(found: CriteriaLevels | None) -> dict[str, Any] | None:
    if found is None or not sum(found.by_level.values()):
        return None
    together = sum(found.by_level.values())
    return {"levels": _parts(found.by_level, CRITERIA_WORDS, together), "of": together, "told": found}


def suppressed(counts: Sequence[tuple[str, int]], limit: int) -> list[tuple[str, int | None]]:
    """Counts of a sensitive breakdown: below the limit None, and the next smallest with it where one stood alone."""
    small = {name for name, count in counts if 0 < count < limit}
    if len(small) == 1:
        others = sorted((count, name) for name, count in counts if name not in small and count)
        small |= {name for _, name in others[:1]}
    return [(name, None if name in small else count) for name, count in counts]


def _categories(counts: Sequence[tuple[str, int]], limit: int) -> list[dict[str, Any]]:
    order = list(CATEGORY_WORDS)
    known = sorted(counts, key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[0]))
    return [{"name": CATEGORY_WORDS.get(name, name), "n": n} for name, n in suppressed(known, limit)]


# --- an organisation ---


def _school(given: NoteInput, organisation: str) -> dict[str, Any]:
    known = given.facts.get(organisation, Facts(organisation))
    name = given.name(organisation)
    complete = given.completeness.get(organisation)
    basis = _basis(known, given.period)
    head = "Заведующий" if known.type == "kindergarten" else "Директор"
    signs = next((one for one in known.curators if "coordinator" in one.roles), None) or next(
        iter(known.curators), None
    )
    return {
        **_common(given, organisation),
        "district": False,
        "name": name,
        "where": wording.within_organisation(name),
        "facts": known,
        "sources": [words for table, words in SOURCE_WORDS.items() if table in known.sources],
        "basis": basis,
        "expected": _expected([complete]) if complete else [],
        "curators": [
            {
                "name": one.name,
                "position": one.position,
                "roles": [ROLES_OF_CURATORS.get(role, role) for role in one.roles],
                "forms": [FORM_WORDS.get(form, form) for form in one.forms],
                "order_no": one.order_no,
                "order_date": one.order_date,
                "is_trained": one.is_trained,
            }
            for one in known.curators
        ],
        "categories": _categories(known.categories, given.settings.small_count),
        "mentor_categories": _parts(
            dict(known.mentor_categories), MENTOR_WORDS, sum(count for _, count in known.mentor_categories)
        ),
        "awards": [
            {"kind": kind or "вид не указан", "level": LEVEL_WORDS.get(level, level), "n": count}
            for kind, level, count in known.awards
        ],
        "complete": complete,
        "tables": [_table(one) for one in complete.tables if one.expected or one.present] if complete else [],
        "without_consent": known.without_consent,
        "minors_without_consent": known.minors_without_consent,
        "refused": known.refused,
        "signatures": [
            {"position": head, "name": ""},
            {
                "position": wording.upper_first(signs.position) if signs and signs.position else "Куратор",
                "name": wording.short_name(signs.name) if signs else "",
            },
        ],
    }


def _basis(known: Facts, period: Period) -> Document | None:
    """The order the note rests on: the latest on monitoring, else on introducing the model."""
    orders = [one for one in known.documents if one.is_order and one.number and one.on and one.on <= period.as_of]
    for word in ("мониторинг", "внедрени"):
        about = [one for one in orders if word in f"{one.kind} {one.title}".casefold()]
        if about:
            return max(about, key=lambda one: (one.on or date.min, one.number))
    return None


def _expected(found: Sequence[Completeness]) -> list[dict[str, Any]]:
    """Documents every organisation is to have, and how many of these have each."""
    names = dict.fromkeys(name for one in found for name, _ in one.documents)
    have = {name: sum(1 for one in found if dict(one.documents).get(name, "нет") not in ("нет", "")) for name in names}
    return [{"name": name, "have": have[name], "of": len(found)} for name in names]


def _table(one: TableState) -> dict[str, Any]:
    filled = share(one.filled_cells, one.required_cells) if one.required_cells else None
    return {"title": one.title, "present": one.present, "rows": one.rows, "filled": filled}


# --- the district ---


def _district(given: NoteInput) -> dict[str, Any]:
    ids = given.organisations
    known = [given.facts.get(one, Facts(one)) for one in ids]
    generic = given.settings.district_name.casefold() in ("", "район", "город", "округ")
    place = "района" if generic else f"муниципального образования «{given.settings.district_name.strip('«»')}»"
    ranking = _ranking(given)
    minors = [one for one in known if one.without_consent is not None]
    return {
        **_common(given, None),
        "district": True,
        "name": given.settings.district_name,
        "place": place,
        "organisations": [_organisation(given, one) for one in ids],
        "silent": _silent(given),
        "marked": any(figure.flag for one in given.figures.organisations.values() for figure in one),
        "ranking": ranking,
        "late": [one for one in ranking if one["told"].state != "handed_in"],
        "expected": _expected(list(given.completeness.values())),
        "with_documents": sum(1 for one in known if one.documents),
        "with_site": sum(1 for one in known if one.site),
        "with_curators": sum(1 for one in known if one.curators),
        "with_meetings": sum(1 for one in ids if given.counters.get(one, Counters()).held is not None),
        "with_roadmap": sum(1 for one in ids if one in given.roadmap),
        "with_surveys": sum(1 for one in ids if one in given.monitoring and given.monitoring[one].surveyed),
        "types": _types(known),
        "categories": _categories(_added(one.categories for one in known), given.settings.small_count),
        "mentor_categories": _parts(
            dict(_added(one.mentor_categories for one in known)),
            MENTOR_WORDS,
            sum(count for _, count in _added(one.mentor_categories for one in known)),
        ),
        "unmatched_pupils": sum(one.unmatched_pupils for one in known),
        "unmatched_staff": sum(one.unmatched_staff for one in known),
        "with_consents": len(minors),
        "without_consent": sum(one.without_consent or 0 for one in minors) if minors else None,
        "minors_without_consent": sum(one.minors_without_consent or 0 for one in minors),
        "refused": sum(one.refused for one in known),
        "awards": _award_levels(known),
        "with_awards": sum(1 for one in known if one.awards),
        "cases": sum(one.cases for one in known),
        "practices": _practices(given, known),
        "network": _network(given, known),
        "roadmaps": [{"name": given.name(one), "told": given.roadmap[one]} for one in ids if one in given.roadmap],
        "exemplary": [
            given.name(one)
            for one in ids
            if (judged := [f for f in given.figures.organisations[one] if f.status in ("met", "not_met")])
            and all(figure.status == "met" and not figure.flag for figure in judged)
        ],
        "targets_next": _targets_next(given),
        "signatures": [
            {"position": "Руководитель органа управления образованием", "name": ""},
            {"position": "Муниципальный координатор", "name": ""},
        ],
    }


def _types(known: Iterable[Facts]) -> list[dict[str, Any]]:
    words = {
        "school": "школы",
        "kindergarten": "детские сады",
        "additional": "организации дополнительного образования",
        "college": "колледжи",
        "": "организации, тип которых не указан,",
    }
    kinds = [one.type if one.type in words else "" for one in known]
    return [{"name": words[kind], "n": kinds.count(kind)} for kind in words if kind in kinds]


def _added(parts: Iterable[Sequence[tuple[str, int]]]) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for one in parts:
        for name, count in one:
            sums[name] = sums.get(name, 0) + count
    return sorted(sums.items())


def _organisation(given: NoteInput, organisation: str) -> dict[str, Any]:
    """One line of the tables school by school."""
    figures = given.figures.organisations[organisation]
    known = given.facts.get(organisation, Facts(organisation))
    return {
        "id": organisation,
        "name": given.name(organisation),
        "cells": [
            _cell(one, indicator, "pairs" in known.sources)
            for one, indicator in zip(figures, given.indicators.all, strict=True)
        ],
        "counts": given.figures.counts[organisation],
        "counters": given.counters.get(organisation, Counters()),
        "facts": known,
        "roadmap": given.roadmap.get(organisation),
    }


def _cell(figure: Figure, indicator: Indicator, kept: bool) -> str:
    """What the matrix shows: the value, the number where only the district has a share, or why there is nothing."""
    if figure.value is not None:
        return f"{wording.percent(figure.value)}{' *' if figure.flag else ''}"
    if indicator.scope == "district" and figure.numerator is not None and kept:
        return wording.whole(figure.numerator)
    return wording.STATUS_WORDS[figure.status]


def _silent(given: NoteInput) -> list[dict[str, Any]]:
    """Organisations some of whose indicators could not be counted, and which."""
    found = []
    for organisation in given.organisations:
        figures = zip(given.figures.organisations[organisation], given.indicators.all, strict=True)
        no_data, wrong = [], []
        for figure, indicator in figures:
            if indicator.scope != "district":
                if not _is_missing(figure, indicator.respondents is not None, given.period):
                    continue
                if figure.status == "no_data":
                    no_data.append(indicator.id)
                else:
                    wrong.append(indicator.id)
        if no_data or wrong:
            found.append({"name": given.name(organisation), "no_data": no_data, "wrong": wrong})
    return found


def _ranking(given: NoteInput) -> list[dict[str, Any]]:
    """Organisations by the completeness of what they handed in, equals sharing a place. Nothing else ranks them."""
    order = sorted(
        given.organisations, key=lambda one: -(given.completeness[one].share if one in given.completeness else -1)
    )
    found: list[dict[str, Any]] = []
    for number, organisation in enumerate((one for one in order if one in given.completeness), 1):
        told = given.completeness[organisation]
        same = found and found[-1]["told"].share == told.share
        found.append(
            {
                "place": found[-1]["place"] if same else number,
                "name": given.name(organisation),
                "told": told,
                "state": {
                    "handed_in": "представлены в срок",
                    "late": "представлены позже срока",
                    "not_handed_in": "не представлены",
                    "empty": "файлы не заполнены",
                }.get(told.state, told.state),
            }
        )
    return found


def _award_levels(known: Sequence[Facts]) -> list[dict[str, Any]]:
    counts = dict(_added([(level, count) for _, level, count in one.awards] for one in known))
    return _parts(counts, LEVEL_WORDS, sum(counts.values()))


def _practices(given: NoteInput, known: Sequence[Facts]) -> list[dict[str, Any]]:
    """Organisations with something to show: published cases, awards above the school's own."""
    found = []
    for one in known:
        beyond = sum(count for _, level, count in one.awards if level in ("municipal", "regional", "federal"))
        highest = [words for level, words in LEVEL_WORDS.items() if level and any(a[1] == level for a in one.awards)]
        if one.cases or one.awards:
            found.append(
                {
                    "name": given.name(one.organisation),
                    "cases": one.cases,
                    "awards": sum(count for _, _, count in one.awards),
                    "beyond": beyond,
                    "highest": highest[-1] if highest else "",
                }
            )
    return found


def _network(given: NoteInput, known: Sequence[Facts]) -> dict[str, Any] | None:
    """Network mentoring over the district: by direction, and the organisations that mentor others."""
    lines = list(dict.fromkeys(line for one in known for line in one.network))
    if not lines:
        return None

    def told(own: Sequence[NetworkLine]) -> dict[str, Any]:
        plans = [line.plan_done for line in own if line.plan_done is not None]
        return {
            "mentors": len({line.mentor for line in own}),
            "trainees": len({line.trainee for line in own if line.trainee}),
            "lines": len(own),
            "plans": len(plans),
            "fulfilled": sum(1 for done in plans if done >= 100),
            "mean": float(half_up(sum(plans) / len(plans))) if plans else None,
            "reviews": sum(1 for line in own if line.has_review),
            "ready": sum(1 for line in own if line.is_ready),
        }

    directions = sorted({line.direction for line in lines}, key=by_name)
    schools = []
    for organisation in sorted({line.mentor_org for line in lines}, key=lambda one: by_name(given.name(one))):
        own = [line for line in lines if line.mentor_org == organisation and line.trainee_org not in ("", organisation)]
        if organisation and own:
            schools.append(
                {**told(own), "name": given.name(organisation), "of": len({line.trainee_org for line in own})}
            )
    return {
        **told(lines),
        "directions": [
            {**told([line for line in lines if line.direction == one]), "name": one or "не указано"}
            for one in directions
        ],
        "schools": schools,
    }


def _targets_next(given: NoteInput) -> dict[str, float]:
    """Targets already set for the year after, by indicator."""
    year = given.period.year + 1
    found = {}
    for indicator in given.indicators.all:
        target = given.settings.targets.get(indicator.id, {}).get(year, indicator.targets.get(year))
        if target is not None:
            found[indicator.id] = target
    return found
