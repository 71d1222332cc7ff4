"""The notes people sign: approved texts, a proof-reader over every note, what they never say, templates of a district."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.errors import ConfigError
from sheets_sync.reporting.facts import nameless
from sheets_sync.reporting.figures import Figure
from sheets_sync.reporting.monitoring import Monitoring
from sheets_sync.reporting.note import NoteInput, _lacking, note_markdown, suppressed
from sheets_sync.reporting.wording import NOUNS, form_of, share
from tests.note_district import MENTEES, NAMES, REPORTS, note_input

APPROVED = Path(__file__).parent / "approved"
PERIODS = ("2023-12", "2024-06", "2024-08")


@cache
def input_of(period: str, bare: bool) -> NoteInput:
    """``bare``: the store alone, nothing that other rooms find."""
    if not bare:
        return note_input(period)
    whole = input_of(period, False)
    return replace(whole, monitoring={}, roadmap={}, completeness={}, earlier=None, restated=())


def note(period: str, organisation: str | None, *, bare: bool = False) -> str:
    return note_markdown(input_of(period, bare), organisation, [REPORTS])


EVERY_NOTE = [
    pytest.param(period, organisation, bare, id=f"{period}-{organisation or 'district'}{'-bare' if bare else ''}")
    for period in PERIODS
    for organisation in (None, *NAMES)
    for bare in (False, True)
    if not (organisation and period == "2024-08")
]


@pytest.mark.parametrize(
    ("period", "organisation", "name"),
    [
        ("2023-12", "school", "note_school_december.md"),
        ("2024-06", "school", "note_school_june.md"),
        ("2024-06", None, "note_district_june.md"),
        ("2024-08", None, "note_district_august.md"),
    ],
)
def test_note_is_the_approved_text(period: str, organisation: str | None, name: str) -> None:
    """Readable Russian to the letter; after a deliberate change approve the new text by copying it over the file."""
    assert note(period, organisation) == (APPROVED / name).read_text(encoding="utf-8")


# --- the proof-reader ---


def prose_of(text: str) -> str:
    """The note without addresses on the web and marks for the sinks."""
    return re.sub(r"https?://\S+|\\newpage", "…", text)


@pytest.mark.parametrize(("period", "organisation", "bare"), EVERY_NOTE)
def test_note_is_clean(period: str, organisation: str | None, bare: bool) -> None:
    """No double spaces, no English words, no traces of the program, no unbalanced quotes, no space before a stop."""
    text = prose_of(note(period, organisation, bare=bare))
    assert not re.findall(r".*[ \u00a0]{2,}.*", text)
    words = set(re.findall(r"[A-Za-z]+", text)) - {"SWOT", "I", "II", "III", "IV"}
    assert not words
    assert not [word for word in ("None", "nan", "undefined", "{{", "{%", "[]", "()") if word in text]
    assert not re.findall(r"[ \u00a0][.,;:!?](?:\s|$)|,,|\.\.(?!\.)|;\.", text)
    for line in text.splitlines():
        assert line.count("«") == line.count("»"), line
        assert line.count("(") == line.count(")"), line
    assert text.endswith("\n")
    assert "\n\n\n" not in text


@pytest.mark.parametrize(("period", "organisation", "bare"), EVERY_NOTE)
def test_no_section_is_empty(period: str, organisation: str | None, bare: bool) -> None:
    """Every heading is followed by words of its own, every table by rows, every caption by a table."""
    blocks = re.split(r"\n\n+", note(period, organisation, bare=bare).strip())
    for block, following in zip(blocks, [*blocks[1:], ""], strict=True):
        if block.startswith("#"):
            assert following, block
            assert not following.startswith(("#", "\\newpage")), block
        if block.startswith("Таблица:"):
            assert following.startswith("|"), block
        if block.startswith("|"):
            lines = block.splitlines()
            assert len(lines) > 2, block
            assert len({line.replace("\\|", "").count("|") for line in lines}) == 1, block


_OF = "из|для|от|у|недостаёт|отзывы|обучение|сведения|значени[ея]"  # what asks for the genitive
_FORMS = sorted(
    {
        form: noun
        for noun in NOUNS.values()
        for form in (
            noun.one,
            noun.few,
            noun.many,
            noun.of_one,
            noun.within_one,
            noun.within,
            noun.to_one,
            noun.to,
            "пару (группу)",
        )
        if form and (form != "пару (группу)" or noun.one == "пара (группа)")
    }.items(),
    key=lambda one: -len(one[0]),
)
_COUNTED = re.compile(
    r"(?:(?P<before>[А-Яа-яё]+)[ \u00a0])?(?<![\d.,])(?P<n>\d+)\u00a0(?P<form>"
    + "|".join(re.escape(form) for form, _ in _FORMS)
    + r")(?![а-яё])"
)


def wrong_numerals(text: str) -> list[str]:
    """Numbers whose noun stands in a form they do not ask for."""
    nouns = dict(_FORMS)
    wrong = []
    for found in _COUNTED.finditer(text):
        n, form, before = int(found["n"]), found["form"], (found["before"] or "").casefold()
        noun = nouns[form]
        if re.fullmatch(_OF, before):
            fits = [noun.genitive(n)]
        elif before in ("в", "о"):
            fits = [noun.prepositional(n)]
        elif before == "по":
            fits = [noun.dative(n)]
        else:
            fits = [noun.after(n)] + (["пару (группу)"] if form_of(n, "1", "2", "5") == "1" else [])
        if form not in fits:
            wrong.append(found[0])
    return wrong


@pytest.mark.parametrize(("period", "organisation", "bare"), EVERY_NOTE)
def test_numerals_agree_with_their_nouns(period: str, organisation: str | None, bare: bool) -> None:
    """1 пара, 2 пары, 5 пар; из 1 пары, в 2 парах; never «2 пар», never parted from the number at a line's end."""
    text = note(period, organisation, bare=bare)
    assert wrong_numerals(text) == []
    assert not re.findall(r"(?<![\d.,/:–-])\b\d+ (?=[а-яё%])", text)


def test_the_proof_reader_sees_mistakes() -> None:
    """What it is for."""
    for text in (
        "2\u00a0пар",
        "из 21\u00a0наставник",
        "в 1\u00a0организациях",
        "11\u00a0наставника",
        "5\u00a0пара (группа)",
    ):
        assert wrong_numerals(text), text
    for text in ("2\u00a0пары", "из 21\u00a0наставника", "в 2\u00a0организациях", "закрепить 1\u00a0пару (группу)"):
        assert not wrong_numerals(text), text


@pytest.mark.parametrize(("period", "organisation", "bare"), EVERY_NOTE)
def test_no_participant_is_named(period: str, organisation: str | None, bare: bool) -> None:
    """No mentee, no pupil among the mentors; in the district's notes nobody at all."""
    text = note(period, organisation, bare=bare)
    assert not [name for name in (*MENTEES, "Ветров") if name in text]
    if organisation is None:
        assert not [name for name in ("Главная", "Мудрая", "Токарев", "Садова", "Яркая") if name in text]


@pytest.mark.parametrize(("period", "organisation", "bare"), EVERY_NOTE)
def test_no_per_cent_stands_for_what_is_unknown(period: str, organisation: str | None, bare: bool) -> None:
    """A line of an indicator without a value has no per cent but that of the plan."""
    for line in note(period, organisation, bare=bare).splitlines():
        if re.match(r"\*\*I\d\.\*\*", line) and "нет данных" in line.split(". В расчёт")[0]:
            assert "%" not in line, line
        if line.startswith("| I") and line.endswith("| нет данных |"):
            assert "0,0" not in line, line


# --- what is said when ---


def test_december_tells_when_the_final_survey_comes() -> None:
    """Nothing asked in May is missing in December."""
    text = note("2023-12", "school")
    assert "Итоговое анкетирование запланировано на май" in text
    problems = text[text.index("## 11.") : text.index("## 12.")]
    assert "I5" not in problems


def test_june_compares_with_the_sealed_december() -> None:
    """It says that the figures are sealed ones; of an unsealed period that they are computed now."""
    sealed = input_of("2024-06", False)
    assert "зафиксированы при сдаче отчёта" in note_markdown(sealed, "school", [REPORTS])
    again = replace(sealed, earlier_frozen=False)
    assert "пересчитаны по сведениям, имеющимся сейчас" in note_markdown(again, None, [REPORTS])


def test_restatements_stand_in_the_notes_they_concern() -> None:
    """The school's in the school's note and the district's; without any there is no such section."""
    assert "## 14. Уточнение" in note("2024-06", "school")
    assert "## 14. Уточнение" in note("2024-06", None)
    assert "Уточнение" not in note("2024-06", "garden")


def test_only_completeness_ranks() -> None:
    """Equals share a place; the table says so."""
    text = note("2024-06", None)
    places = re.findall(r"^\| (\d) \| [^|]+ \| \d+,\d\u00a0% \|", text, re.M)
    assert places == ["1", "2", "2", "4"]
    assert "по значениям показателей они не ранжируются" in text


def test_drafts_are_marked_and_whole() -> None:
    """Conclusions and tasks are block quotes that begin with the mark, one list each."""
    text = note("2024-06", "school")
    for section in ("## 12.", "## 13."):
        following = text[text.index(section) :].split("\n\n", 1)[1]
        assert following.startswith("> **Черновик, отредактируйте:**\n>\n> - ")
        draft = following.split("\n\n", 1)[0].splitlines()
        assert all(line.startswith(("> - ", "> **")) or line == ">" for line in draft)
        assert draft.count(">") == 1


def test_a_doubtful_figure_is_neither_met_nor_missed() -> None:
    """An indicator above 100 % is to be checked: conclusions do not count it among those reached."""
    whole = input_of("2024-06", False)
    figure = replace(whole.figures.of("school", "I1"), numerator=12, value=109.1, status="met", flag="check")
    own = (figure, *whole.figures.organisations["school"][1:])
    figures = replace(whole.figures, organisations={**whole.figures.organisations, "school": own})
    text = note_markdown(replace(whole, figures=figures), "school", [REPORTS])
    assert "Ни одно из плановых значений не достигнуто (I2, I3, I7)" in text
    assert "Требует проверки показатель I1" in text


def test_a_long_list_of_organisations_is_counted_not_recited() -> None:
    """In a large district the sentence of an indicator tells how many are left out; the lists below name them."""
    whole = input_of("2024-06", False)
    many = replace(whole.figures.of(None, "I1"), left_out={f"school-{number}": "no_data" for number in range(21)})
    figures = replace(whole.figures, district=(many, *whole.figures.district[1:]))
    text = note_markdown(replace(whole, figures=figures), None, [REPORTS])
    assert "по 1 из 22 ОО" in text.replace("\u00a0", " ")
    assert "В расчёт не вошли данные 21 ОО: они названы ниже" in text.replace("\u00a0", " ")


def test_a_task_neither_done_nor_overdue_is_told() -> None:
    """Due today and still in work: the sums agree with the words."""
    whole = input_of("2024-06", False)
    ours = whole.roadmap["school"]
    roadmap = {"school": replace(ours, done=8, share=88.9)}
    text = note_markdown(replace(whole, roadmap=roadmap), "school", [REPORTS])
    assert "Ещё не завершено 1\u00a0мероприятие." in text
    assert "росроченных мероприятий нет" not in text


def test_august_is_the_districts() -> None:
    """No organisation has a note of August."""
    with pytest.raises(ConfigError, match="district"):
        note("2024-08", "school")


def test_a_monitoring_of_criteria_alone_says_so() -> None:
    """A school that evaluates pairs but asks nobody: the table of levels, and a SWOT table for the curator to fill."""
    whole = input_of("2024-06", False)
    school = whole.monitoring["school"]
    alone = Monitoring("school", (), (), (), school.criteria, (), False)
    text = note_markdown(replace(whole, monitoring={"school": alone}), "school", [REPORTS])
    assert "Анкеты участников не представлены, поэтому" in text
    assert "не выявлены" not in text
    assert "Распределение оценок по уровням" in text


# --- facts ---


def test_facts_are_as_of_the_day() -> None:
    """Awards of May are not known in December, training of November is; consents that lack are counted."""
    december, june = (input_of(period, True).facts["school"] for period in ("2023-12", "2024-06"))
    assert (december.awards, sum(count for _, _, count in june.awards)) == ((), 3)
    assert december.programmes == june.programmes == (("Школа наставников", 2),)
    assert (june.minors_without_consent, june.adults_without_consent, june.cases) == (1, 0, 1)
    assert [(one.name.split()[0], one.roles) for one in june.curators] == [
        ("Главная", ("coordinator",)),
        ("Мудрая", ("curator",)),
    ]
    assert june.documents[2].title == "О закреплении наставника за …"
    assert input_of("2024-06", True).facts["garden"].without_consent is None


def test_network_lines_are_of_this_school_year() -> None:
    """An order of another year leaves its trainees out; names of organisations become ids."""
    lines = input_of("2024-06", True).facts["centre"].network
    assert [(one.trainee_org, one.plan_done, one.is_ready) for one in lines] == [
        ("school", 100.0, True),
        ("garden", 70.0, False),
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("О закреплении наставника за Ивановой О.К.", "О закреплении наставника за …"),
        ("Лучшая пара: А. Б. Петров-Водкин и Сидоров И. К.", "Лучшая пара: … и …"),
        ("За подготовку Ивановой Марии Сергеевны", "За подготовку …"),
        ("Школа наставников Лесного района", "Школа наставников Лесного района"),
        ("Премия имени А. С. Макаренко", "Премия имени А. С. Макаренко"),
        ("Приказ УО № 12 от 01.09.2023", "Приказ УО № 12 от 01.09.2023"),
    ],
)
def test_titles_lose_the_persons_they_name(typed: str, shown: str) -> None:
    """Whatever the case of the name; the rest stays."""
    assert nameless(typed) == shown


# --- values ---


def test_small_counts_are_hidden_with_a_complement() -> None:
    """One hidden alone could be told from the sum: the next smallest goes with it."""
    assert suppressed([("a", 3), ("b", 9), ("c", 7)], 5) == [("a", None), ("b", 9), ("c", None)]
    assert suppressed([("a", 3), ("b", 2), ("c", 7)], 5) == [("a", None), ("b", None), ("c", 7)]
    assert suppressed([("a", 5), ("b", 0)], 5) == [("a", 5), ("b", 0)]


@given(below=st.integers(1, 500), target=st.sampled_from([1, 10, 33.3, 55, 70, 99.9, 100]), part=st.floats(0, 1))
def test_lacking_is_the_least_that_reaches_the_target(below: int, target: float, part: float) -> None:
    """One less does not reach it; judged by the value as it is shown."""
    above = int(below * part)
    if share(above, below) >= target:
        return
    more = _lacking(Figure("I1", above, below, share(above, below), "%", target, 0, "not_met"))
    assert share(above + more, below) >= target
    assert more == 1 or share(above + more - 1, below) < target


# --- templates ---


def test_a_district_may_write_its_own_words(tmp_path: Path) -> None:
    """Its note shadows ours, and so do its macros alone; a mistake is told with file and line."""
    whole = input_of("2023-12", False)
    own = tmp_path / "note-school-december.md.j2"
    own.write_text("# Справка\n\n{{ 21 | noun_of('наставник') }}: {{ name | md }}\n", encoding="utf-8")
    assert (
        note_markdown(whole, "school", [tmp_path, REPORTS]) == "# Справка\n\n21\u00a0наставника: МКОУ «СОШ №\u00a04»\n"
    )
    for number, text in enumerate(
        ("ok\n{{ nothing }}", "ok\n{{ 1 | noun('кот') }}", "ok\n{% if %}", "ok\n{{ none | percent }}")
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        own = folder / "note-school-december.md.j2"
        own.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            note_markdown(whole, "school", [folder, REPORTS])
        assert (caught.value.path, caught.value.line) == (str(own), 2)
    with pytest.raises(ConfigError, match="missing"):
        note_markdown(whole, "school", [tmp_path / "nowhere"])


def test_templates_reach_nothing_but_their_words(tmp_path: Path) -> None:
    """They run in a sandbox."""
    own = tmp_path / "note-school-december.md.j2"
    own.write_text("{{ ''.__class__.__mro__ }}", encoding="utf-8")
    with pytest.raises(ConfigError):
        note_markdown(input_of("2023-12", False), "school", [tmp_path, REPORTS])


def test_names_cannot_break_the_note() -> None:
    """What a school calls itself stays text."""
    whole = input_of("2024-06", False)
    odd = replace(whole, names={**NAMES, "garden": "Сад | *№ 1* <b>"})
    assert "Сад \\| \\*№\u00a01\\* \\<b\\>" in note_markdown(odd, None, [REPORTS])
