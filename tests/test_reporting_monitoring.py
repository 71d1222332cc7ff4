"""The two stages of monitoring (domain.md §4.3, §4.4): who counts, exact means, and what is compared with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sheets_sync.periods import Period, as_of, period_of
from sheets_sync.reporting.figures import prepare
from sheets_sync.reporting.indicator import Indicators, load_indicators
from sheets_sync.reporting.monitoring import LEVELS, Compared, CriteriaLevels, Monitoring, Responses, monitor
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.rules import make_relations
from tests.rule_rows import definitions, shipped_rules, store_of

DECEMBER = period_of("2023-12")
JUNE = period_of("2024-06")
SETTINGS = ReportSettings()


@cache
def shipped() -> Indicators:
    """The shipped indicators and their relations, read once."""
    return load_indicators([Path(__file__).parent.parent / "reports"])


def monitored(
    drawing: str, period: Period = JUNE, *organisations: str, wanted: ReportSettings = SETTINGS
) -> dict[str | None, Monitoring]:
    """Monitoring of the tables drawn."""
    with store_of(drawing) as store:
        make_relations(store, shipped_rules(), period.as_of)
        prepare(store.connection, shipped(), period, wanted)
        return monitor(store.connection, period, wanted, organisations or ("school",), definitions())


def programme(
    *mentees: str, organisation: str = "school", more: str = "", spans: Mapping[str, str] = MappingProxyType({})
) -> str:
    """A mentor with these mentees, paired under an order since September 2023, or in the span told («from | to»);
    ``more`` are further lines of pairs."""
    bases = "\n".join(f"| {name} | pupil | 2010 |" for name in mentees)
    lines = [(name, spans.get(name, "2023-09-15 |")) for name in mentees]
    pairs = "\n".join(f"| Мудрая Нина Петровна | {name} | teacher_pupil | 5 | {span} |" for name, span in lines)
    return f"""
    mentees @ {organisation}
    | full_name | kind | birth |
    {bases}
    mentors @ {organisation}
    | full_name | category | birth |
    | Мудрая Нина Петровна | teacher | 1970 |
    pairs @ {organisation}
    | mentor | mentee | form | order_no | date_from | date_to |
    {pairs}
    {more}
    """


PUPILS = ("Белкин Олег Ильич", "Юркина Яна Юрьевна", "Рыжов Пётр Львович")


def answers(stage: str, *lines: str, role: str = "mentee", organisation: str = "school") -> str:
    """Questionnaires of a role and stage; a line is «timestamp | full_name | form | q_comfort | q_result»."""
    rows = "\n".join(f"| {role} | {stage} | {line} |" for line in lines)
    return f"""
    questionnaires @ {organisation} / {role} {stage}.xlsx
    | role | stage | timestamp | full_name | form | q_comfort | q_result |
    {rows}
    """


def rates(found: Monitoring) -> list[tuple[str, str, int, int, float | None]]:
    """(role, stage, answered, participants, share) of every response rate."""
    return [(one.role, one.stage, one.answered, one.participants, one.share) for one in found.responses]


def means(found: Monitoring, form: str | None = None) -> list[tuple[str, str, str, int, float]]:
    """(role, stage, item, n, mean) of one form, of all together for None."""
    return [(one.role, one.stage, one.item, one.n, one.mean) for one in found.items if one.form == form]


def test_nothing_kept() -> None:
    """An organisation without questionnaires and evaluations has nothing to monitor, and says so."""
    empty = Monitoring("school", (), (), (), None, (), False)
    assert monitored(programme(*PUPILS)) == {"school": empty, None: replace(empty, organisation=None)}


def test_who_answered() -> None:
    """Distinct persons of the counted pairs, by role and stage; the mentor's own answer is another role."""
    drawing = (
        programme(*PUPILS)
        + answers("before", "2023-09-20 | Белкин Олег Ильич | | 7 |", "2023-09-21 | Юркина Яна Юрьевна | | 8 |")
        + answers("after", "2024-05-20 | Белкин О.И. | | 9 | 9")
        + answers("after", "2024-05-20 | Мудрая Нина Петровна | | 9 | 9", role="mentor")
    )
    assert rates(monitored(drawing)["school"]) == [
        ("mentee", "before", 2, 3, 66.7),
        ("mentee", "after", 1, 3, 33.3),
        ("mentor", "after", 1, 1, 100.0),
    ]


def test_anonymous_answers() -> None:
    """Each anonymous answer is a respondent and counts in the means; a first name tells nobody apart; nothing of it is
    compared. A code is a respondent, the same in both questionnaires."""
    drawing = (
        programme(*PUPILS)
        + answers("before", "2023-09-20 | | | 5 |", "2023-09-20 | Аня | | 6 |", "2023-09-21 | Н-07 | | 7 |")
        + answers("after", "2024-05-20 | | | 8 |", "2024-05-20 | | | 8 |", "2024-05-20 | Н-07 | | 9 |")
    )
    found = monitored(drawing)["school"]
    assert rates(found) == [("mentee", "before", 3, 3, 100.0), ("mentee", "after", 3, 3, 100.0)]
    assert means(found) == [("mentee", "before", "q_comfort", 3, 6.0), ("mentee", "after", "q_comfort", 3, 8.3)]
    assert [(one.n, one.before, one.after) for one in found.compared] == [(1, 7.0, 9.0)]


def test_questionnaires_side_by_side() -> None:
    """Entry and exit answers in the same rows of one sheet are each counted once."""
    drawing = programme(*PUPILS)
    for stage, lines in (
        ("before", ("2023-09-20 | Белкин Олег Ильич | | 5 |", "2023-09-20 | Юркина Яна Юрьевна | | 7 |")),
        ("after", ("2024-05-20 | Юркина Яна Юрьевна | | 8 |", "2024-05-20 | Рыжов Пётр Львович | | 9 |")),
    ):
        drawing += answers(stage, *lines).replace(f"mentee {stage}.xlsx", "Анкеты.xlsx / Лист1")
    found = monitored(drawing)["school"]
    assert means(found) == [("mentee", "before", "q_comfort", 2, 6.0), ("mentee", "after", "q_comfort", 2, 8.5)]
    assert [(one.n, one.before, one.after) for one in found.compared] == [(1, 7.0, 8.0)]


def test_first_names_alike_are_two_people() -> None:
    """Two answers signed by the same first name are two respondents."""
    drawing = programme(*PUPILS) + answers("after", "2024-05-20 | Аня | | 8 |", "2024-05-21 | Аня | | 9 |")
    assert rates(monitored(drawing)["school"]) == [("mentee", "after", 2, 3, 66.7)]


def test_more_answers_than_participants() -> None:
    """A share above 100 % is no share: both numbers are told. Without participants there is none either."""
    crowd = answers("after", *(f"2024-05-2{day} | | | 8 |" for day in range(4)))
    assert rates(monitored(programme(*PUPILS) + crowd)["school"]) == [("mentee", "after", 4, 3, None)]
    assert rates(monitored(crowd)["school"]) == [("mentee", "after", 4, 0, None)]


def test_somebody_who_does_not_take_part() -> None:
    """A person of the base without a counted pair adds to the means, not to the share of participants who answered."""
    more = "| Мудрая Нина Петровна | Тихий Лев Львович | teacher_pupil | | 2023-09-15 | |"
    drawing = (
        programme(*PUPILS, more=more) + "\nmentees / Ещё.xlsx\n| full_name | kind |\n| Тихий Лев Львович | pupil |"
    )
    drawing = drawing.replace("mentees / Ещё.xlsx", "mentees @ school / Ещё.xlsx")
    drawing += answers("after", "2024-05-20 | Тихий Лев Львович | | 4 |", "2024-05-20 | Белкин Олег Ильич | | 9 |")
    found = monitored(drawing)["school"]
    assert rates(found) == [("mentee", "after", 1, 3, 33.3)]
    assert means(found) == [("mentee", "after", "q_comfort", 2, 6.5)]


def test_the_latest_of_several_answers() -> None:
    """Of a person's answers in one role, form and stage the latest by time counts; an undated one is the oldest; a
    rejected row is none. An answer in another form is another answer of the same person."""
    drawing = programme(*PUPILS) + answers(
        "after",
        "2024-05-22 10:00 | Белкин Олег Ильич | | 9 |",
        "2024-05-22 09:00 | Белкин О. И. | | 1 |",
        "| Юркина Яна Юрьевна | | 2 |",
        "2024-05-01 | Юркина Яна Юрьевна | | 8 |",
        "2024-05-01 | Юркина Яна Юрьевна | pupil_pupil | 3 |",
    )
    drawing = drawing.rstrip() + "\n    | mentee | after | 2024-06-01 | Рыжов Пётр Львович | | 1 | |!\n"
    found = monitored(drawing)["school"]
    assert means(found) == [("mentee", "after", "q_comfort", 3, 6.7)]
    assert rates(found) == [("mentee", "after", 2, 3, 66.7)]


def test_means_by_form() -> None:
    """By the form the answer tells, else that of the person's pairs; an answer without either counts in all together."""
    drawing = programme(*PUPILS) + answers(
        "after",
        "2024-05-20 | Белкин Олег Ильич | | 9 |",
        "2024-05-20 | Юркина Яна Юрьевна | pupil_pupil | 6 |",
        "2024-05-20 | | | 3 |",
    )
    found = monitored(drawing)["school"]
    assert means(found) == [("mentee", "after", "q_comfort", 3, 6.0)]
    assert means(found, "teacher_pupil") == [("mentee", "after", "q_comfort", 1, 9.0)]
    assert means(found, "pupil_pupil") == [("mentee", "after", "q_comfort", 1, 6.0)]
    assert [one.form for one in found.items] == [None, "pupil_pupil", "teacher_pupil"]


def test_means_are_rounded_half_up() -> None:
    """8.25 is shown as 8,3; a missing item leaves the answer's other items alone."""
    marks = (8, 8, 8, 9)
    lines = [f"2024-05-2{day} | | | {mark} | {'' if day else 5}" for day, mark in enumerate(marks)]
    found = monitored(programme(*PUPILS) + answers("after", *lines))["school"]
    assert means(found) == [("mentee", "after", "q_comfort", 4, 8.3), ("mentee", "after", "q_result", 1, 5.0)]
    assert [one.title for one in found.items] == ["Комфорт общения", "Довольны результатом"]


def test_only_the_school_year_as_of_the_day() -> None:
    """Nothing dated later, nothing of another school year; a summer's entry questionnaires are for the year to come."""
    drawing = (
        programme(*PUPILS)
        + answers(
            "before",
            "2023-05-20 | Белкин Олег Ильич | | 1 |",
            "2023-08-25 | Белкин Олег Ильич | | 6 |",
            "2024-06-05 | Юркина Яна Юрьевна | | 8 |",
            "2024-07-10 | Рыжов Пётр Львович | | 2 |",
        )
        + answers("after", "2023-05-25 | | | 1 |", "2024-06-20 18:00 | | | 9 |", "2024-06-21 | | | 1 |")
    )
    december = monitored(drawing, DECEMBER)["school"]
    assert means(december) == [("mentee", "before", "q_comfort", 1, 6.0)]
    june = monitored(drawing)["school"]
    assert means(june) == [("mentee", "before", "q_comfort", 2, 7.0), ("mentee", "after", "q_comfort", 1, 9.0)]
    august = monitored(drawing, period_of("2024-08"))["school"]
    assert means(august) == [("mentee", "before", "q_comfort", 2, 7.0), ("mentee", "after", "q_comfort", 2, 5.0)]


def test_participants_of_the_school_year() -> None:
    """A pair that ended in the summer before takes no part any more; one to begin after the day not yet."""
    spans = ("2023-01-10 | 2023-05-31", "2024-02-01 |", "2023-01-10 | 2023-09-01")
    drawing = programme(*PUPILS, spans=dict(zip(PUPILS, spans, strict=True)))
    drawing += answers("before", "2023-09-20 | | | 7 |")
    assert rates(monitored(drawing, DECEMBER)["school"]) == [("mentee", "before", 1, 1, 100.0)]
    assert rates(monitored(drawing)["school"]) == [("mentee", "before", 1, 2, 50.0)]


# --- SWOT ---


def swot(found: Monitoring) -> list[tuple[str, str]]:
    return [(one.factor, one.text.replace("\u00a0", " ")) for one in found.swot]


def test_swot_is_filled_from_thresholds() -> None:
    """Strong from 8,0 as shown, weak up to 5,0, the rest is neither; opportunities and threats are for people."""
    lines = [f"2024-05-20 | | | 8 | {mark}" for mark in (5, 5)] + ["2024-05-20 | | | 8 | 6"]
    near = [f"2024-05-20 | | | {8 if day else 7} | 5" for day in range(20)]
    drawing = programme(*PUPILS) + answers("after", *lines) + answers("after", *near, role="mentor")
    assert swot(monitored(drawing)["school"]) == [
        ("strength", "«Комфорт общения» – 8,0 (наставляемые)"),
        ("strength", "«Комфорт общения» – 8,0 (наставники)"),
        ("weakness", "«Довольны результатом» – 5,0 (наставники)"),
    ]
    strict = replace(SETTINGS, strong_item=9, weak_item=5.5)
    assert [factor for factor, _ in swot(monitored(drawing, wanted=strict)["school"])] == ["weakness", "weakness"]


def test_expectations_are_no_strength() -> None:
    """What people expect before says nothing of the programme; the interim answers do until there are final ones."""
    before = programme(*PUPILS) + answers("before", "2023-09-20 | | | 10 |")
    assert swot(monitored(before)["school"]) == []
    middle = before + answers("middle", "2023-12-10 | | | 9 |")
    assert swot(monitored(middle)["school"]) == [
        ("strength", "«Комфорт общения» – 9,0 (наставляемые, промежуточная анкета)")
    ]
    final = middle + answers("after", "2024-05-20 | | | 4 |")
    assert swot(monitored(final)["school"]) == [("weakness", "«Комфорт общения» – 4,0 (наставляемые)")]
    assert swot(monitored(final, DECEMBER)["school"]) == swot(monitored(middle)["school"])


# --- entry and exit ---

SIX = tuple(f"Белкин Олег Сын{number}" for number in range(6))


def test_entry_against_exit() -> None:
    """Only who answered both; means, shares and the difference rounded once from the exact means."""
    before, after = (7, 7, 7, 8, 5), (8, 7, 8, 8, 4, 10)
    drawing = (
        programme(*SIX)
        + answers("before", *(f"2023-09-20 | {name} | | {mark} |" for name, mark in zip(SIX, before, strict=False)))
        + answers("after", *(f"2024-05-20 | {name} | | {mark} |" for name, mark in zip(SIX, after, strict=False)))
    )
    assert monitored(drawing)["school"].compared == (
        Compared("q_comfort", "Комфорт общения", "mentee", 5, 6.8, 7.0, 0.2, 40.0, 40.0, 20.0),
    )


def test_the_difference_is_rounded_once() -> None:
    """7,3 (7.25) and 8,0 (8.00) differ by 0.75, which is 0,8."""
    wanted = replace(SETTINGS, matched=4)
    drawing = (
        programme(*SIX)
        + answers("before", *(f"2023-09-20 | {SIX[day]} | | {mark} |" for day, mark in enumerate((7, 7, 7, 8))))
        + answers("after", *(f"2024-05-20 | {SIX[day]} | | 8 |" for day in range(4)))
    )
    compared = monitored(drawing, wanted=wanted)["school"].compared[0]
    assert (compared.before, compared.after, compared.delta) == (7.3, 8.0, 0.8)
    assert monitored(drawing)["school"].compared[0].delta is None


def test_expected_effect_against_the_result() -> None:
    """The exit questionnaire asks for the result where the entry asked for the effect; where it asks both, the effect
    is compared with itself."""
    drawing = (
        programme(*PUPILS)
        + """
    questionnaires @ school / До.xlsx
    | role | stage | timestamp | full_name | q_effect |
    | mentee | before | 2023-09-20 | Белкин Олег Ильич | 7 |
    | mentee | before | 2023-09-20 | Юркина Яна Юрьевна | 6 |
    questionnaires @ school / После.xlsx
    | role | stage | timestamp | full_name | q_effect | q_result |
    | mentee | after | 2024-05-20 | Белкин Олег Ильич | | 9 |
    | mentee | after | 2024-05-20 | Юркина Яна Юрьевна | 8 | 3 |
    """
    )
    assert [(one.item, one.title.replace("\u00a0", " "), one.before, one.after) for one in monitored(drawing)["school"].compared] == [
        ("q_effect/q_result", "Эффективность программы (до) – довольны результатом (после)", 7.0, 9.0),
        ("q_effect", "Эффективность программы", 6.0, 8.0),
    ]  # fmt: skip


def test_entry_and_exit_of_one_form() -> None:
    """Answers in two forms are compared each with its own; an entry without a form is used once."""
    drawing = (
        programme(*PUPILS)
        + answers(
            "before",
            "2023-09-20 | Белкин Олег Ильич | teacher_pupil | 5 |",
            "2023-09-21 | Белкин Олег Ильич | pupil_pupil | 7 |",
            "2023-09-20 | Юркина Яна Юрьевна | | 4 |",
        )
        + answers(
            "after",
            "2024-05-20 | Белкин Олег Ильич | teacher_pupil | 6 |",
            "2024-05-20 | Белкин Олег Ильич | pupil_pupil | 9 |",
            "2024-05-20 | Юркина Яна Юрьевна | teacher_pupil | 4 |",
            "2024-05-21 | Юркина Яна Юрьевна | pupil_pupil | 10 |",
        )
    )
    found = monitored(drawing)["school"].compared
    assert [(one.n, one.before, one.after) for one in found] == [(3, 5.3, 8.3)]


def test_an_entry_of_the_year_before() -> None:
    """A pair that runs on keeps its entry; an exit of the year before is not of this year's second stage."""
    drawing = (
        programme(*PUPILS)
        + answers("before", "2022-09-20 | Белкин Олег Ильич | | 5 |", "2022-09-20 | Юркина Яна Юрьевна | | 5 |")
        + answers("after", "2024-05-20 | Белкин Олег Ильич | | 8 |", "2023-05-20 | Юркина Яна Юрьевна | | 8 |")
    )
    assert [(one.n, one.before, one.after) for one in monitored(drawing)["school"].compared] == [(1, 5.0, 8.0)]
    assert monitored(drawing, DECEMBER)["school"].compared == ()


def test_namesakes_are_not_matched() -> None:
    """A name two persons of the base bear tells nobody: each answer stands alone."""
    namesakes = programme("Белкин Олег Ильич").replace(
        "| Белкин Олег Ильич | pupil | 2010 |",
        "| Белкин Олег Ильич | pupil | 2010 |\n    | Белкин Олег Ильич | pupil | 2013 |",
    )
    drawing = (
        namesakes
        + answers("before", "2023-09-20 | Белкин Олег Ильич | | 5 |")
        + answers("after", "2024-05-20 | Белкин Олег Ильич | | 8 |", "2024-05-21 | Белкин Олег Ильич | | 6 |")
    )
    found = monitored(drawing)["school"]
    assert found.compared == ()
    assert means(found)[1] == ("mentee", "after", "q_comfort", 2, 7.0)


# --- nine criteria ---


def evaluated(lines: str, *, period: Period = JUNE, fields: str = "mentor | mentee") -> CriteriaLevels | None:
    """The nine criteria of evaluations drawn; a line is the fields, then c1 … c9."""
    criteria = " | ".join(f"c{number}" for number in range(1, 10))
    more = "| Мудрая Нина Петровна | Юркина Яна Юрьевна | pupil_pupil | 9 | 2024-02-01 | |"
    drawing = programme("Белкин Олег Ильич", more=more)
    return monitored(f"{drawing}\nevaluations\n| {fields} | {criteria} |\n{lines}", period)["school"].criteria


def marks(*given: int | None) -> str:
    return " | ".join("" if mark is None else str(mark) for mark in given)


LEVELS_OF_MARKS = (
    ((2, 2, 2, 2, 2, 2, 2, 2, 2), "optimal"),
    ((2, 2, 2, 2, 2, 2, 1, 1, 1), "optimal"),
    ((2, 2, 2, 2, 2, 1, 1, 1, 1), "acceptable"),
    ((1, 1, 1, 1, 1, 1, 1, 1, 1), "acceptable"),
    ((1, 1, 1, 1, 1, 1, 1, 1, 0), "unacceptable"),
    ((0, 0, 0, 0, 0, 0, 0, 0, 0), "unacceptable"),
    ((2, 2, 2, 2, 2, 2, None, 2, 2), "undetermined"),
)


def test_the_level_of_an_evaluation() -> None:
    """15–18 optimal, 9–14 acceptable, below unacceptable; a blank is never a nought."""
    criteria = " | ".join(f"c{number}" for number in range(1, 10))
    names = [f"o{number}" for number in range(len(LEVELS_OF_MARKS))]
    drawing = "\n".join(
        f"evaluations @ {name}\n| scope | {criteria} |\n| school | {marks(*given)} |"
        for name, (given, _) in zip(names, LEVELS_OF_MARKS, strict=True)
    )
    found = monitored(drawing, JUNE, *names)
    for name, (_, level) in zip(names, LEVELS_OF_MARKS, strict=True):
        levels = found[name].criteria
        assert levels is not None
        assert levels.by_level == {one: int(one == level) for one in LEVELS}
    together = found[None].criteria
    assert together is not None
    assert list(together.by_level.items()) == [
        ("optimal", 2),
        ("acceptable", 2),
        ("unacceptable", 2),
        ("undetermined", 1),
    ]


def test_mean_total_and_weakest() -> None:
    """The mean total is of evaluations with all nine marks, the weakest criterion is by all marks there are."""
    found = evaluated(
        f"| Мудрая Нина Петровна | Белкин Олег Ильич | {marks(2, 2, 2, 2, 2, 2, 2, 2, 1)} |\n"
        f"| Мудрая Нина Петровна | Белкин Олег Ильич | {marks(1, 1, 1, 1, 1, 1, 1, 1, 1)} |\n"
        f"| Мудрая Нина Петровна | Белкин Олег Ильич | {marks(2, 2, 2, 2, 2, 2, None, 0, 2)} |"
    )
    assert found == CriteriaLevels(
        {"optimal": 1, "acceptable": 1, "unacceptable": 0, "undetermined": 1},
        "pair",
        13.0,
        "c8",
        "Активность и заинтересованность наставляемого в участии в мероприятиях",
        1.0,
    )


def test_nothing_is_weak() -> None:
    """Where every mark is the highest no criterion is called weakest."""
    found = evaluated(f"| Мудрая Нина Петровна | Белкин Олег Ильич | {marks(*[2] * 9)} |")
    assert found is not None
    assert (found.weakest, found.weakest_title, found.weakest_mean, found.mean_total) == ("", "", None, 18.0)


def test_of_pairs_or_of_the_school() -> None:
    """One sheet may be of a pair or of the whole school, as it says or as its names tell."""
    pair, whole = "| Мудрая Нина Петровна | Белкин Олег Ильич |", "| | |"
    full = marks(*[1] * 9)
    scopes = [
        evaluated(f"{pair} {full} |"),
        evaluated(f"{whole} {full} |"),
        evaluated(f"{pair} {full} |\n{whole} {full} |"),
    ]
    assert [found.scope for found in scopes if found] == ["pair", "school", "mixed"]
    told = evaluated(f"| school | {full} |", fields="scope")
    assert told is not None
    assert told.scope == "school"


def test_evaluations_of_pairs_that_run() -> None:
    """An evaluation has no date: it counts with its pair; where no pair is found it counts."""
    lines = (
        f"| Мудрая Нина Петровна | Белкин Олег Ильич | {marks(*[2] * 9)} |\n"
        f"| Мудрая Нина Петровна | Юркина Яна Юрьевна | {marks(*[1] * 9)} |\n"
        f"| Никому Неизвестная Анна | Белкин Олег Ильич | {marks(*[0] * 9)} |"
    )
    december, june = evaluated(lines, period=DECEMBER), evaluated(lines)
    assert december is not None
    assert june is not None
    assert list(december.by_level.values()) == [1, 0, 1, 0]
    assert list(june.by_level.values()) == [1, 1, 1, 0]


def test_evaluations_dated_by_their_title() -> None:
    """«май 2024» above the table, or in the sheet's name, is later than December."""
    criteria = " | ".join(f"c{number}" for number in range(1, 10))
    drawing = (
        f"evaluations @ school / Книга.xlsx / Оценка май 2024\n| scope | {criteria} |\n| school | {marks(*[1] * 9)} |"
    )
    assert monitored(drawing, DECEMBER)["school"].criteria is None
    assert monitored(drawing)["school"].criteria is not None
    assert monitored(drawing, as_of(JUNE, date(2024, 5, 20)))["school"].criteria is not None
    titled = drawing.replace("Оценка май 2024", "Оценка")
    with store_of(titled) as store:
        store.connection.execute("UPDATE tables SET title = 'УТВЕРЖДАЮ\nПриказ от 01.09.2023\nОценка, май 2024 г.'")
        for period, is_there in ((DECEMBER, False), (JUNE, True)):
            make_relations(store, shipped_rules(), period.as_of)
            prepare(store.connection, shipped(), period, SETTINGS)
            found = monitor(store.connection, period, SETTINGS, ("school",), definitions())["school"]
            assert (found.criteria is not None) == is_there


def test_evaluations_by_the_number_of_the_pair() -> None:
    """The pair may be told by its number alone; a pair that ended before the school year is another year's."""
    drawing = f"""
    pairs
    | pair_id | mentor | mentee | order_no | date_from | date_to |
    | П-1 | Мудрая Нина Петровна | Белкин Олег Ильич | 5 | 2023-09-15 | |
    | П-2 | Мудрая Нина Петровна | Юркина Яна Юрьевна | 5 | 2022-09-15 | 2023-05-31 |
    evaluations
    | pair_id | {" | ".join(f"c{number}" for number in range(1, 10))} |
    | п 01 | {marks(*[2] * 9)} |
    | П-2 | {marks(*[0] * 9)} |
    """
    found = monitored(drawing)["school"].criteria
    assert found is not None
    assert (list(found.by_level.values()), found.scope) == ([1, 0, 0, 0], "pair")


# --- the district ---


def test_the_district_is_all_answers_together() -> None:
    """Means over all answers, not means of means; a mentor of two schools who answers in both is counted in both."""
    after = [f"2024-05-2{day} | | | 10 |" for day in range(3)]
    drawing = (
        programme(*PUPILS, organisation="a")
        + programme("Белкин Олег Ильич", organisation="b")
        + answers("after", *after, organisation="a")
        + answers("after", "2024-05-20 | Белкин Олег Ильич | | 4 |", organisation="b")
        + answers("after", "2024-05-20 | Мудрая Нина Петровна | | 9 |", role="mentor", organisation="a")
        + answers("after", "2024-05-20 | Мудрая Нина Петровна | | 7 |", role="mentor", organisation="b")
    )
    found = monitored(drawing, JUNE, "a", "b")
    assert found[None].responses == (
        Responses("mentee", "after", 4, 4, 100.0),
        Responses("mentor", "after", 2, 2, 100.0),
    )
    assert means(found[None]) == [("mentee", "after", "q_comfort", 4, 8.5), ("mentor", "after", "q_comfort", 2, 8.0)]
    assert [one.organisation for one in found.values()] == ["a", "b", None]
    assert means(found["b"])[0] == ("mentee", "after", "q_comfort", 1, 4.0)
    alone = monitored(drawing, JUNE, "b")
    assert alone[None] == replace(alone["b"], organisation=None)


def test_kept_but_not_of_this_period() -> None:
    """Questionnaires of another time are no answers of this period, yet the organisation does ask."""
    drawing = programme(*PUPILS) + answers("after", "2024-05-20 | | | 8 |")
    found = monitored(drawing, as_of(DECEMBER, date(2023, 12, 20)))["school"]
    assert (found.responses, found.items, found.surveyed) == ((), (), True)
