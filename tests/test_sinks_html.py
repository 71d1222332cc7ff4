"""The page of a period: what it says, that everybody can read it, that nothing in a sheet becomes markup."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.periods import as_of
from sheets_sync.reporting.note import NoteInput
from sheets_sync.reporting.overview import overview, page_place
from sheets_sync.reporting.overview.shapes import Bar
from sheets_sync.sinks.files import mark_of
from sheets_sync.sinks.html import render_overview
from tests.html_tree import Element, barriers, parse
from tests.page_given import NAMES, REPORTS, given

NBSP = "\u00a0"


def page_text(of: NoteInput, organisation: str | None = None, **options: object) -> str:
    file = io.BytesIO()
    render_overview(overview(of, organisation, **options), file, [REPORTS])  # type: ignore[arg-type]
    return file.getvalue().decode()


@pytest.fixture(scope="module")
def district() -> Element:
    return parse(page_text(given()))


@pytest.fixture(scope="module")
def school() -> Element:
    return parse(page_text(given(), "org-003"))


def section(page: Element, name: str) -> Element:
    (found,) = [one for one in page.all("section") if one.get("id") == name]
    return found


def rows(table: Element) -> dict[str, list[str]]:
    return {row.children[0].text: [cell.text for cell in row.children[1:]] for row in table.all("tbody")[0].all("tr")}


@pytest.mark.parametrize(
    ("of", "organisation"),
    [(given(), None), (given(), "org-001"), (given(), "org-004"), (given(2, bare=True), None), (given(40), None)],
    ids=["district", "school", "school with nothing", "bare", "many"],
)
def test_everybody_can_read_it(of: NoteInput, organisation: str | None) -> None:
    """Headings in order, landmarks, tables with captions and headings, pictures with names, links that lead somewhere."""
    text = page_text(of, organisation)
    assert barriers(parse(text)) == []
    assert not re.search(r"\b(None|nan|undefined|Undefined)\b", parse(text).text)


def test_it_needs_nothing_else(district: Element) -> None:
    """One file: no script, nothing fetched; only links to files beside it."""
    assert district.all("script", "link", "iframe", "img", "object", "embed", "form", "base") == []
    assert not [one for one in district.all() for name in one.attributes if name.startswith("on") or name == "src"]
    style = district.all("style")[0].inside[0]
    assert isinstance(style, str)
    assert "@import" not in style
    assert re.findall(r"url\(([^)]*)\)", style) == ["#hatch", "#dots"]
    for link in district.all("a"):
        assert link.get("href").startswith(("#", "../")) or "/" not in link.get("href")
    assert "://" not in page_text(given())


def test_equal_input_gives_equal_bytes_and_a_file_of_ours(tmp_path: Path) -> None:
    """Twice the same page; the mark tells that it is ours."""
    assert page_text(given()) == page_text(given())
    path = tmp_path / "index.html"
    path.write_text(page_text(given()), encoding="utf-8")
    assert mark_of(path) == "ours"


def test_what_is_typed_stays_text() -> None:
    """A school called «<script>», words of tasks and restatements with quotes and markup: shown as typed."""
    nasty = "<script>alert(1)</script> \"'> & </title></style><svg onload=x> {{ 7*7 }} ]]>"
    of = given(called={"org-001": nasty, "org-002": "Вторая", "a\"<b>/..'": "Третья"})
    tasks = {
        name: replace(one, overdue=tuple(replace(task, task=nasty, responsible=nasty) for task in one.overdue))
        for name, one in of.roadmap.items()
    }
    restated = tuple(replace(one, words=nasty) for one in of.restated)
    completeness = {name: replace(one, copied=(nasty,)) for name, one in of.completeness.items()}
    of = replace(
        of,
        roadmap=tasks,
        restated=restated,
        completeness=completeness,
        settings=replace(of.settings, district_name=nasty),
    )
    for organisation in (None, "org-001", "org-002"):
        text = page_text(of, organisation)
        page = parse(text)
        assert page.all("script") == []
        assert not [one for one in page.all() for name in one.attributes if name.startswith("on")]
        assert "alert(1)" in page.text
        assert "{{ 7*7 }}" in page.text
        assert barriers(page) == []


def test_who_has_handed_in(district: Element) -> None:
    """Names of those who are late or missing, a light in words for each."""
    told = section(district, "handed-in")
    assert "Отчёт сдали 4 из 6 организаций." in told.text
    assert f"С опозданием: {NAMES[2]}." in told.text
    assert f"Не сдали: {NAMES[3]}." in told.text
    table = rows(told.all("table")[0])
    assert table[NAMES[0]][:5] == [
        "зелёный: в порядке",
        "сдан в срок, 14.06.2024",
        "20.06.2024",
        "98,4 %",
        "14.06.2024",
    ]
    assert table[NAMES[2]][:2] == ["жёлтый: есть что дополнить", "сдан с опозданием, 24.06.2024"]
    assert table[NAMES[3]][:2] == ["красный: нужна помощь", "не сдан"]
    assert table[NAMES[5]][1] == "файлы без данных"


def test_every_light_has_a_shape_of_its_own(district: Element) -> None:
    """Colour is never the only sign: three shapes and their words."""
    told = section(district, "handed-in").all("table")[0]
    shapes = {row.children[1].text: row.children[1].all("use")[0].get("href") for row in told.all("tbody")[0].all("tr")}
    assert shapes == {
        "зелёный: в порядке": "#m-good",
        "жёлтый: есть что дополнить": "#m-warn",
        "красный: нужна помощь": "#m-bad",
    }
    told = page_text(given(), None, lights="Зелёный – сдано в срок.")
    assert "Зелёный – сдано в срок." in section(parse(told), "handed-in").text


def test_nobody_is_late_before_the_day() -> None:
    """As of a day before it is due, a report is «пока не сдан»."""
    of = given()
    told = parse(page_text(replace(of, period=as_of(of.period, date(2024, 6, 10)))))
    assert f"Отчёт пока не сдала 1{NBSP}организация".replace(NBSP, " ") in told.text
    assert "До сдачи отчёта осталось 10 дней: 20.06.2024." in told.text
    assert rows(section(told, "handed-in").all("table")[0])[NAMES[3]][:2] == ["срок впереди", "пока не сдан"]


def test_who_has_no_workbooks_is_named_with_the_day() -> None:
    """By their due days; after it without counting days; on the district's page alone."""
    of = replace(given(), without_workbooks={"org-x": date(2024, 5, 31), "org-y": date(2024, 6, 20)})
    told = parse(page_text(replace(of, period=as_of(of.period, date(2024, 6, 19))))).text
    assert re.search(r"Файлов пока нет у 1 организации: org-x\.(?!\s*Отчёт нужно)", told)
    assert "Файлов пока нет у 1 организации: org-y. Отчёт нужно сдать завтра: 20.06.2024." in told
    assert "org-x" not in parse(page_text(of, "org-003")).text


def test_indicators_against_targets(district: Element) -> None:
    """Each has a bar with the mark of its target and its numbers in words, in the plot's description and in a table."""
    told = section(district, "indicators")
    first = told.all("li")[5]
    assert "77,9 %" in first.text
    assert "402 из 516 (по 5 из 6 ОО); цель – 70 %, отклонение +7,9 п.п." in first.text
    (plot,) = [one for one in first.all("svg") if one.get("role") == "img"]
    assert plot.all("desc")[0].text == (
        "77,9 %; 402 из 516 (по 5 из 6 ОО); цель – 70 %, отклонение +7,9 п.п.; достигнут."
    )
    assert [one.get("width") for one in plot.all("rect")] == ["100%", "77.9%"]
    assert [one.get("x") for one in plot.all("svg")] == ["70%"]
    table = rows(told.all("table")[0])
    assert len(table) == 7
    assert next(iter(table.values())) == ["402", "516", "77,9 %", "70 %", "+7,9 п.п.", "достигнут"]


def test_every_number_of_a_plot_is_in_a_table(district: Element, school: Element) -> None:
    """Plots are not the only place of a number."""
    for page, of in ((district, overview(given())), (school, overview(given(), "org-003"))):
        cells = " ".join(cell.text for cell in page.all("td"))
        bars: list[Bar] = [*of.indicators, *(bar for card in of.cards for bar in card.bars)]
        for bar in bars:
            assert bar.shown.replace(NBSP, " ") in cells
        for change in of.dynamics.changes if of.dynamics else ():
            assert f"{change.now:.1f}".replace(".", ",") in cells


def test_small_multiples_share_their_scales(district: Element) -> None:
    """One plot per organisation; equal values are equal lengths."""
    told = section(district, "organisations")
    plots = [one for one in told.all("svg") if one.get("role") == "img"]
    assert [one.all("title")[0].text for one in plots] == sorted(NAMES)
    assert "I1 – нет данных" in next(one for one in plots if "Родничок" in one.text).all("desc")[0].text
    assert "I1 – до 100 %, I2 – до 20 %" in told.text
    assert max(float(one.get("width")[:-1]) for one in told.all("rect")) == 100
    matrix = rows(told.all("table")[0])
    assert matrix["Район"][0] == "достигнут: 77,9 %"
    assert matrix[NAMES[3]][0] == "нет данных"
    assert matrix[NAMES[5]][0] == "достигнут, требует проверки: 135,3 %"


def test_dynamics_say_what_they_do_not_mean(district: Element) -> None:
    """Then, now and the difference; that periods gather for different times, and where the earlier ones are from."""
    told = section(district, "dynamics")
    assert "I полугодие 2023-2024 учебного года (по состоянию на 20.12.2023)" in told.text
    assert "взяты из закрытого отчёта" in told.text
    assert "ещё не означает" in told.text
    table = rows(told.all("table")[0])
    assert next(iter(table.values())) == ["68,4 %", "77,9 %", "+9,5 п.п."]
    open_one = parse(page_text(replace(given(), earlier_frozen=False)))
    assert "пересчитаны по нынешним таблицам" in section(open_one, "dynamics").text


def test_missing_numbers_are_named_with_their_organisations(district: Element) -> None:
    """«Нет данных»: which indicator, why, what to do, whose."""
    told = [row.text for row in section(district, "missing").all("tbody")[0].all("tr")]
    assert any("I1 нет данных" in one and "Не указан знаменатель" in one and NAMES[3] in one for one in told)
    assert any("I3 ошибка данных" in one and NAMES[4] in one for one in told)


def test_the_rest_of_a_districts_page(district: Element) -> None:
    """Survey, road maps, quality, restatements, definitions: each with its numbers."""
    assert "Наставляемые, итоговый опрос" in section(district, "survey").text
    assert "оправдались ли ожидания" in section(district, "survey").text
    assert "Из 45 мероприятий, срок которых наступил, выполнено 39 (86,7 %)." in section(district, "roadmap").text
    assert f"Дорожных карт в таблицах нет: {NAMES[3]}." in section(district, "roadmap").text
    assert "Прочитано 4960 строк, приняты 4852 (97,8 %)." in section(district, "quality").text
    assert "было 41, стало 43: добавились строки 12 и 19" in section(district, "restated").text
    assert "Цели поставлены на весь 2024 год, а он ещё не закончился." in section(district, "indicators").text
    assert "Молодой специалист – стаж не больше 3 лет." in section(district, "method").text


def test_a_road_map_without_marks_is_not_called_early() -> None:
    """Tasks are due, but nothing is recorded of them: said, instead of a share."""
    of = given()
    nothing = replace(
        of.roadmap["org-001"], due=0, done=0, done_late=0, share=None, late=(), by_stage=(), upcoming=0, untracked=7
    )
    page = parse(page_text(replace(of, roadmap={**of.roadmap, "org-001": nothing}), "org-001"))
    told = section(page, "roadmap").text
    assert "Об исполнении пока ничего не отмечено. В долю не входят:" in told
    assert "без отметок об исполнении – 7" in told


def test_names_of_people_stay_with_their_organisation(district: Element, school: Element) -> None:
    """Who is responsible for a task is told on the organisation's own page alone."""
    assert "заместитель директора по УВР" not in district.text
    assert "заместитель директора по УВР" in school.text


def test_a_schools_page_is_its_own(school: Element) -> None:
    """No other organisation, no district sections; its tables and documents instead."""
    assert NAMES[2] in school.all("header")[0].text
    assert not [name for name in NAMES if name != NAMES[2] and name in school.text]
    assert {"handed-in", "organisations"}.isdisjoint(one.get("id") for one in school.all("section"))
    assert not [one for one in section(school, "indicators").all("title") if "предприятий" in one.text]
    captions = [one.text for one in school.all("caption")]
    assert {
        "Таблицы организации",
        "Приказы и локальные акты",
        "Показатели организации и целевые значения на 2024 год",
    } <= {*captions}


def test_a_page_of_little_says_little() -> None:
    """With only figures known there is no empty section and no link to one."""
    page = parse(page_text(given(2, bare=True)))
    ids = {one.get("id") for one in page.all("section")} - {""}
    assert ids == {"indicators", "organisations", "taking-part", "missing", "method"}
    assert {link.get("href").removeprefix("#") for link in page.all("nav")[0].all("a")} == ids


def test_links_lead_to_the_files_beside_it(school: Element) -> None:
    """Relative, percent-encoded, each with a name of its own."""
    of = given(2)
    files = {
        None: ["district/2024-06/Справка.docx"],
        "org-001": ["org-001/2024-06/Справка (2).docx", "org-001/a?#b.md"],
    }
    page = parse(page_text(of, None, files=files))
    found = [one.get("href") for one in page.all("a") if not one.get("href").startswith("#")]
    assert found == [
        "%D0%A1%D0%BF%D1%80%D0%B0%D0%B2%D0%BA%D0%B0.docx",
        "../../org-001/2024-06/%D0%A1%D0%BF%D1%80%D0%B0%D0%B2%D0%BA%D0%B0%20%282%29.docx",
        "../../org-001/a%3F%23b.md",
    ]
    own = [one.get("href") for one in school.all("header")[0].all("a") if not one.get("href").startswith("#")]
    assert own[0] == "%D0%A1%D0%BF%D1%80%D0%B0%D0%B2%D0%BA%D0%B0.docx"
    assert own[-1].startswith("../%D0%9F%D1%80%D0%BE%D0%B2%D0%B5%D1%80%D0%BA%D0%B0")
    assert page_place(of.period, "org-001") == "org-001/2024-06/index.html"


def test_no_foreign_word_is_left(district: Element, school: Element) -> None:
    """Everything is Russian but codes of indicators, names of programs and our own."""
    allowed = {"I", "II", "Word", "Excel", "sheets", "sync"}
    for page in (district, school):
        words = set(re.findall(r"[A-Za-z]+", page.text)) - allowed
        assert words - {"S"} == set()  # the tag of a source in a definition


def test_numbers_agree_with_their_nouns() -> None:
    """1 организация, 2 организации, 5 организаций."""
    of = given(100)
    text = parse(page_text(of)).text
    assert re.search(r"Отчёт не сдали 17 организаций: .* и ещё 5\.", text)
    one = parse(page_text(given(4)))
    assert "Отчёт не сдала 1 организация:" in one.text


def test_a_districts_own_template_goes_before_the_shipped(tmp_path: Path) -> None:
    """It may say less; a mistake in it is told with its line."""
    (tmp_path / "index.html.j2").write_text("{{ page.whose }}\n", encoding="utf-8")
    file = io.BytesIO()
    render_overview(overview(given()), file, [tmp_path, REPORTS])
    assert file.getvalue().decode() == "Светлоборский район\n"
    (tmp_path / "index.html.j2").write_text("<p>\n{{ page.no_such }}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        render_overview(overview(given()), io.BytesIO(), [tmp_path, REPORTS])
    assert caught.value.line == 2
