"""Rules of the journal of meetings (T1–T5, T7): each with what it finds and what it leaves alone."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rule_rows import found_in, issues_in, relations_of

PAIRS = """
    mentors
    | full_name | category |
    | Орлова Мария Петровна | teacher |
    | Панов Глеб Олегович | teacher |
    mentees
    | full_name | kind |
    | Белов Артём Ильич | pupil |
    | Серова Анна Львовна | pupil |
    pairs
    | pair_id | mentor | mentee | order_no | order_date | date_from | date_to | status |
    | П-01 | Орлова Мария Петровна | Белов Артём Ильич | 5 | 2023-09-25 | 2023-09-25 | 2024-05-24 | finished |
    | П-02 | Панов Глеб Олегович | Серова Анна Львовна | 5 | 2023-10-10 | 2023-09-25 | | active |
"""
ALL = (
    "ref-unknown", "meeting-no-pair", "meeting-outside-period", "meeting-future", "meeting-before-order", "meeting-order",
    "meeting-stage-repeated", "meeting-stage-skipped", "meeting-after-final", "row-duplicate", "meeting-day-off",
)  # fmt: skip


def journal(*rows: str, pair: str = "П-01") -> str:
    """A journal of one pair from «date stage [topic]»."""
    lines = [f"| {day} | {pair} | {stage} | {' '.join(topic) or day} |" for day, stage, *topic in map(str.split, rows)]
    return PAIRS + "\nmeetings\n| date | pair_id | stage | topic |\n" + "\n".join(lines)


GOOD = ("2023-09-26 org", "2023-10-03 trial", "2023-10-10 planning", "2023-11-14 regular", "2024-05-21 final")


def test_a_good_journal_is_left_alone() -> None:
    """All stages in order, within the span of the pair."""
    assert found_in(journal(*GOOD), *ALL) == []


def test_which_pair_is_meant() -> None:
    """A pair is known by number in any spelling, by full names, by initials, by the mentee alone."""
    drawing = (
        PAIRS
        + """
        meetings
        | date | pair_id | mentor | mentee |
        | 2023-10-02 | п 1 | | |
        | 2023-10-03 | № П-1 | | |
        | 2023-10-04 | | Орлова Мария Петровна | Белов Артем Ильич |
        | 2023-10-05 | | Орлова М.П. | Белов А. И. |
        | 2023-10-06 | | | Белов Артём Ильич |
        | 2023-10-09 | | Орлова Мария Петровна | |
        | 2023-10-10 | П-99 | Орлова Мария Петровна | Белов Артём Ильич |
    """
    )
    with relations_of(drawing) as store:
        units = store.connection.execute("SELECT DISTINCT unit, inside FROM meetings_resolved").fetchall()
    assert units == [(1, True)]
    assert found_in(drawing, "ref-unknown", "meeting-no-pair") == [("ref-unknown", 8, "pair_id")]
    assert [issue.severity for issue in issues_in(drawing, "ref-unknown")] == ["warning"]


def test_no_such_pair() -> None:
    """T1: persons that are no pair, a number that is none, cells left empty: each one error."""
    drawing = (
        PAIRS
        + """
        meetings
        | date | pair_id | mentor | mentee |
        | 2023-10-02 | | Орлова Мария Петровна | Серова Анна Львовна |
        | 2023-10-03 | П-77 | | |
        | 2023-10-04 | | | |
    """
    )
    issues = issues_in(drawing, "ref-unknown", "meeting-no-pair")
    assert [(i.code, i.at.cell, i.severity) for i in issues] == [
        ("meeting-no-pair", "D2", "error"),
        ("ref-unknown", "B3", "error"),
        ("meeting-no-pair", "B4", "error"),
    ]


def test_sheet_without_columns_for_the_pair() -> None:
    """A journal of one pair that is named only above it: nothing can be said of its rows."""
    assert found_in(PAIRS + "\nmeetings\n| date | stage |\n| 2023-10-02 | org |", "meeting-no-pair") == []


def test_a_renewed_pair_is_known_by_the_date() -> None:
    """The same pair in two years: a meeting belongs to the span it falls into."""
    drawing = """
        pairs
        | mentor | mentee | date_from | date_to |
        | Орлова М. П. | Белов А. И. | 2022-09-20 | 2023-05-25 |
        | Орлова М. П. | Белов А. И. | 2023-09-20 | 2024-05-25 |
        meetings
        | date | mentor | mentee |
        | 2022-10-02 | Орлова М. П. | Белов А. И. |
        | 2023-10-02 | Орлова М. П. | Белов А. И. |
        | 2023-07-02 | Орлова М. П. | Белов А. И. |
    """
    with relations_of(drawing) as store:
        units = store.connection.execute("SELECT unit, inside FROM meetings_resolved ORDER BY row").fetchall()
    assert units == [(1, True), (2, True), (None, False)]
    assert found_in(drawing, "meeting-outside-period") == [("meeting-outside-period", 4, "date")]


def test_outside_the_period() -> None:
    """T2: before the beginning or after the stated end; the year that was meant is suggested."""
    issues = issues_in(journal(*GOOD, "2022-03-28 regular", "2024-06-18 regular"), *ALL)
    assert [(i.code, i.at.cell, i.severity, i.suggestion) for i in issues] == [
        ("meeting-outside-period", "A7", "error", "28.03.2024"),
        ("meeting-outside-period", "A8", "error", None),
    ]


def test_an_open_pair_has_no_end() -> None:
    """A pair without an end may meet in June (tables.md, question 12)."""
    assert found_in(journal("2023-10-11 org", "2024-06-11 trial", pair="П-02"), "meeting-outside-period") == []


def test_the_pairs_own_dates_are_the_cause() -> None:
    """Where most meetings are outside, the first of them is named, with how many; reversed dates of the pair say enough."""
    drawing = journal("2024-06-03 org", "2024-06-04 trial", "2024-06-05 planning", "2024-06-06 regular")
    (issue,) = issues_in(drawing, "meeting-outside-period")
    assert dict(issue.params)["count"] == "4"
    assert found_in(drawing.replace("2024-05-24", "2023-05-24"), "meeting-outside-period") == []


def test_future() -> None:
    """T2: later than the date of the check, and nothing else about that meeting; a look back does not accuse the journal."""
    assert found_in(journal(*GOOD, "2024-11-14 regular"), *ALL) == [("meeting-future", 7, "date")]
    days = [f"2024-0{month}-{day:02} regular" for month in (2, 3) for day in range(1, 28)]
    (issue,) = issues_in(journal(*GOOD[:4], *days), "meeting-future", as_of=date(2023, 12, 20))
    assert dict(issue.params)["count"] == "54"


def test_before_the_order() -> None:
    """R3: within the pair's span yet before its order, said once per pair."""
    drawing = journal("2023-09-26 org", "2023-10-03 trial", "2023-10-17 planning", pair="П-02")
    assert found_in(drawing, *ALL) == [("meeting-before-order", 2, "date")]


@pytest.mark.parametrize(
    ("rows", "found", "suggestion"),
    [
        (
            ("2023-09-26 trial", "2023-10-03 org", "2023-10-10 planning"),
            [("meeting-order", 2)],
            "первая, организационная",
        ),
        (("2023-10-17 org", "2023-10-03 trial", "2023-10-10 planning"), [("meeting-order", 2)], None),
        (
            ("2023-09-26 org", "2023-10-03 trial", "2023-11-10 planning", "2023-10-10 regular"),
            [("meeting-order", 5)],
            "встреча-планирование",
        ),
        (("2023-09-26 org", "2023-10-03 trial", "2023-10-03 planning", "2023-10-10 regular"), [], None),
    ],
)
def test_order_of_stages(rows: tuple[str, ...], found: list[tuple[str, int]], suggestion: str | None) -> None:
    """T3: the stage that is out of place is named, not all that differ from it; one day may hold two stages."""
    issues = issues_in(
        journal(*rows), "meeting-order", "meeting-stage-repeated", "meeting-stage-skipped", "meeting-after-final"
    )
    assert [(i.code, i.at.row) for i in issues] == found
    assert [i.suggestion for i in issues] == [suggestion] * len(issues)


def test_stage_repeated() -> None:
    """T3: a second organising meeting; the missing next stage is suggested, and not missed again."""
    drawing = journal("2023-09-26 org", "2023-10-03 org", "2023-10-10 planning", "2023-11-14 regular")
    (issue,) = issues_in(drawing, *ALL)
    assert (issue.code, issue.at.cell, issue.suggestion) == ("meeting-stage-repeated", "C3", "вторая, пробная рабочая")


def test_members_of_a_group_have_their_own_first_meeting() -> None:
    """T3, T5: the same stage on the same topic with another member of the group is another meeting."""
    drawing = """
        pairs
        | pair_id | mentor | mentee | date_from |
        | Г-1 | Орлова М. П. | Белов А. И. | 2023-09-20 |
        | Г-1 | Орлова М. П. | Серова А. Л. | 2023-09-20 |
        meetings
        | date | mentor | mentee | stage | topic |
        | 2023-09-26 | Орлова М. П. | Белов А. И. | org | Знакомство |
        | 2023-09-26 | Орлова М. П. | Серова А. Л. | org | Знакомство |
        | 2023-09-27 | Орлова М. П. | Серова А. Л. | trial | План |
    """
    assert found_in(drawing, "meeting-stage-repeated", "row-duplicate", "meeting-stage-skipped") == []


def test_stage_skipped() -> None:
    """T3: said once per pair at the first meeting beyond the gap; silent where a stage is not written."""
    drawing = journal("2023-09-26 org", "2023-10-10 planning", "2023-11-14 regular", "2023-12-12 regular")
    (issue,) = issues_in(drawing, *ALL)
    assert (issue.code, issue.at.row, dict(issue.params)["missing"]) == (
        "meeting-stage-skipped",
        3,
        "вторая, пробная рабочая",
    )
    assert (
        found_in(drawing.replace("| 2023-12-12 | П-01 | regular", "| 2023-12-12 | П-01 | "), "meeting-stage-skipped")
        == []
    )


def test_after_the_final_meeting() -> None:
    """T4: each meeting after it; where most come after, the final one is misplaced itself."""
    assert found_in(journal(*GOOD, "2024-05-23 regular"), *ALL) == [("meeting-after-final", 7, "stage")]
    early = journal(
        "2023-09-26 org", "2023-10-02 final", *(f"2023-1{m}-14 regular" for m in (0, 1, 2)), "2024-01-16 regular"
    )
    assert found_in(early, "meeting-after-final") == [("meeting-after-final", 3, "stage")]


def test_the_same_meeting_twice() -> None:
    """T5: the later row, no cell; another topic, day or pair is another meeting."""
    twice = journal(*GOOD[:4], "2023-11-14 regular 2023-11-14", "2023-11-14 regular другое")
    (issue,) = issues_in(twice, "row-duplicate")
    assert (issue.at.row, issue.at.cell, issue.severity, dict(issue.params)["other_row"]) == (6, None, "warning", "5")
    org = journal("2023-09-26 org а", "2023-09-26 org а")
    assert found_in(org, *ALL) == [("row-duplicate", 3, None)]


def test_days_off() -> None:
    """T7: Sundays and 1–8 January are information."""
    issues = issues_in(journal("2023-10-01 org", "2024-01-08 trial", "2024-01-09 planning"), "meeting-day-off")
    assert [(i.at.cell, i.severity) for i in issues] == [("A2", "info"), ("A3", "info")]


def test_a_rejected_meeting_drags_nothing() -> None:
    """A meeting whose date cannot be read leaves neither a skipped stage nor a pair without meetings."""
    drawing = (
        PAIRS
        + """
        meetings
        | date | pair_id | stage | topic |
        | 2023-10-11 | П-02 | org | а |
        | | П-02 | trial | б | !
        | 2023-10-20 | П-02 | planning | в |
    """
    )
    assert found_in(drawing, *ALL, "pair-no-meetings") == []


def test_members_of_a_group_have_their_own_final_meeting() -> None:
    """T4: a group goes on until the last of its members has had the final one; a pair until its first."""
    group = """
        pairs
        | pair_id | mentor | mentee | date_from |
        | Г-1 | Орлова М. П. | Белов А. И. | 2023-09-20 |
        | Г-1 | Орлова М. П. | Серова А. Л. | 2023-09-20 |
        meetings
        | date | pair_id | mentee | stage | topic |
        | 2023-09-26 | Г-1 | Белов А. И. | org | Знакомство |
        | 2023-10-03 | Г-1 | Серова А. Л. | org | Знакомство |
        | 2024-05-21 | Г-1 | Белов А. И. | final | Итоги |
        | 2024-05-22 | Г-1 | Серова А. Л. | regular | План |
        | 2024-05-23 | Г-1 | Серова А. Л. | final | Итоги |
    """
    assert found_in(group, "meeting-after-final") == []
    after = group + "    | 2024-05-24 | Г-1 | Белов А. И. | regular | План |\n"
    assert found_in(after, "meeting-after-final") == [("meeting-after-final", 7, "stage")]
    twice = journal(*GOOD, "2024-05-23 final")
    assert found_in(twice, "meeting-after-final") == [("meeting-after-final", 7, "stage")]
