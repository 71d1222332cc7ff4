"""Texts of issues: every code the program gives has its words, in both languages, and they always come out whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.catalog import Catalog, shipped
from sheets_sync.errors import ConfigError
from sheets_sync.issues import At, Issue
from sheets_sync.messages import COMMON_SLOTS, LANGUAGES, Entry, Messages, fill, slots_of
from sheets_sync.table_schema.loading import load_definitions

TEXTS = {language: Messages.load(language) for language in LANGUAGES}
RU = TEXTS["ru"]
PLACE = At("school-1", "Пары.xlsx", "Пары", "pairs", 17, "F", "form")
FAMILIES = "file|sheet|heading|row|cell|key|ref|pair|meeting|consent|plan|questionnaire|profile|roadmap|period|rule"


def templates(entry: Entry) -> list[str]:
    return [entry.title, entry.message, entry.hint, *(text for pair in entry.cases.values() for text in pair)]


def slugs_of(code: str) -> set[str]:
    return set(RU.entries[code].cases)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(RU.entries))
def test_templates_use_documented_parameters_only(language: str, code: str) -> None:
    """What ru.toml lists under params, and what every issue has."""
    documented = COMMON_SLOTS | set(RU.entries[code].params)
    for text in templates(TEXTS[language].entries[code]):
        assert slots_of(text) <= documented, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    """The same codes in the same order, each with title, message, hint and example, and words for the same cases."""
    texts = tomllib.loads((shipped("messages") / f"{language}.toml").read_text(encoding="utf-8"))
    assert list(texts) == list(RU.entries)
    for code, values in texts.items():
        for key in ("title", "message", "hint", "example"):
            assert values.get(key), f"{code}: {key}"
        assert set(values.get("case", {})) == slugs_of(code), code


def test_every_code_has_a_severity_and_a_known_family() -> None:
    for entry in RU.entries.values():
        assert entry.severity, entry.code
        assert re.fullmatch(rf"(?:{FAMILIES})(?:-[a-z]+)+", entry.code)


def test_a_code_with_cases_says_what_they_depend_on() -> None:
    """By a documented parameter, or the field or severity; «many» needs count."""
    for entry in RU.entries.values():
        if set(entry.cases) - {"many"}:
            assert entry.by, entry.code
        assert set(entry.by) <= {*entry.params, "field", "severity"}, entry.code
        if any(case == "many" or case.endswith("-many") for case in entry.cases):
            assert "count" in entry.params, entry.code


def test_rules_give_codes_that_have_words() -> None:
    """The code of every shipped rule is in the catalogue."""
    for path in shipped("rules").glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["code"] in RU.entries, path.name


def test_checks_give_codes_that_have_words() -> None:
    """Every code written in the program is in the catalogue."""
    package = Path(__file__).resolve().parent.parent / "sheets_sync"
    found: dict[str, str] = {}
    for path in package.rglob("*.py"):
        if "demo" not in path.parts:
            for code in re.findall(
                rf'(?:Issue|Trouble|Refused)\(\s*"((?:{FAMILIES})-[a-z-]*[a-z])"', path.read_text(encoding="utf-8")
            ):
                found[code] = path.name
    assert found
    assert {code: where for code, where in found.items() if code not in RU.entries} == {}


def test_reasons_of_readers_have_words() -> None:
    """A value that cannot be read is told why: each slug of a reader has words of its own."""
    folder = Path(__file__).resolve().parent.parent / "sheets_sync" / "table_schema"
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    assert set(re.findall(r'unreadable\("([a-z-]+)"', source)) <= slugs_of("cell-type")
    assert set(re.findall(r'malformed\([^,()]+, "([a-z-]+)"', source)) <= slugs_of("cell-pattern")


# --- rendering --------------------------------------------------------------------------------------------------------


def test_the_case_is_told_by_the_parameter() -> None:
    issue = Issue(
        "cell-type", "error", PLACE, "31.11.2023", "30.11.2023", (("why", "no-such-day"), ("heading", "Дата"))
    )
    said = RU.render(issue)
    assert said.message == "Даты «31.11.2023» в календаре нет."
    assert "ДД.ММ.ГГГГ" in said.hint


def test_an_unknown_case_uses_the_codes_own_words() -> None:
    issue = Issue("cell-type", "error", PLACE, "абв", None, (("why", "something-new"), ("heading", "Дата")))
    assert RU.render(issue).message == "«абв» не подходит для столбца «Дата»."


def test_several_places_in_one_issue_have_words_of_their_own() -> None:
    one = Issue("consent-missing", "error", PLACE, None, None, (("who", "minor"), ("count", "1")))
    many = one._replace(params=(("who", "minor"), ("count", "12")))
    assert "12" in RU.render(many).message
    assert "родителя" in RU.render(one).message


def test_a_passage_without_its_parameter_is_left_out() -> None:
    bare = Issue("pair-two-mentors", "warning", PLACE)
    full = bare._replace(value="Белов Артём", params=(("other_row", "40"),))
    assert RU.render(bare).message == "Наставляемый состоит сразу в нескольких действующих парах."
    assert "Белов Артём" in RU.render(full).message
    assert "в строке 40" in RU.render(full).message


def test_titles_of_tables_and_fields_come_from_the_schemas() -> None:
    messages = Messages.load("ru", schemas=load_definitions().schemas)
    assert "«Форма наставничества»" in messages.render(Issue("cell-required", "warning", PLACE)).message
    assert "«Форма»" in messages.render(Issue("cell-required", "warning", PLACE), heading="Форма").message
    missing = Issue("heading-missing", "error", PLACE._replace(field="mentor"))
    assert "«Пары»" in messages.render(missing).message


def test_another_field_is_said_by_its_title() -> None:
    messages = Messages.load("ru", schemas=load_definitions().schemas)
    at = At("s", "w", "Паспорт", "school_profile", 2, "O", "n_15_18")
    issue = Issue("profile-order", "error", at, "2680", "268", (("other_field", "n_10_18"), ("other_value", "286")))
    assert "«Обучающиеся в возрасте от 10 до 18 лет» (286)" in messages.render(issue).message


def test_numbers_of_the_store_are_written_as_people_write_them() -> None:
    issue = Issue("pair-network-experience", "error", PLACE, None, None, (("experience", "1.5"), ("minimum", "3.0")))
    assert "1,5" in RU.render(issue).message
    assert "не меньше 3." in RU.render(issue).message


def test_a_code_nobody_worded_is_named() -> None:
    """A district's own rule works before its words are written."""
    said = RU.render(Issue("pair-own-rule", "warning", PLACE, "что-то"))
    assert "pair-own-rule" in said.title
    assert "что-то" in said.message


def test_long_and_broken_values_stay_within_a_sentence() -> None:
    said = RU.render(Issue("cell-enum", "warning", PLACE, "много\nслов " * 200, None, (("heading", "Форма"),)))
    assert "\n" not in said.message
    assert len(said.message) < 300


@given(st.sampled_from(sorted(RU.entries)), st.sampled_from(LANGUAGES), st.text(max_size=40), st.booleans())
def test_whatever_was_typed_comes_out_as_typed(code: str, language: str, value: str, with_params: bool) -> None:
    """Braces and brackets in a cell are no template; nothing given or everything given, a sentence comes out."""
    messages = TEXTS[language]
    params = tuple((name, "7") for name in RU.entries[code].params) if with_params else ()
    said = messages.render(Issue(code, "warning", PLACE, value, value, params))
    assert said.title
    assert said.message
    assert said.hint
    shown = " ".join(value.split())
    if shown and "{value}" in messages.entries[code].words({})[0] and not messages.entries[code].cases:
        assert shown in said.message or shown[:1].upper() + shown[1:] in said.message


def test_fill_never_reads_a_value_as_a_template() -> None:
    assert fill("[{a} и ]{b}", {"a": "{b}[x]", "b": "{a}"}) == "{b}[x] и {a}"
    assert fill("пара[ № {n}] {x}", {}) == "Пара …"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(RU.entries))
def test_sentences_are_whole_with_and_without_parameters(language: str, code: str) -> None:
    """No doubled or stray punctuation whichever parameters are there."""
    messages = TEXTS[language]
    entry = messages.entries[code]
    for message, hint in [(entry.message, entry.hint), *entry.cases.values()]:
        for text in (message, hint):
            if not text:
                continue
            # without its optional parameters, and with all
            for slots in (dict.fromkeys(COMMON_SLOTS, "Ы"), dict.fromkeys(COMMON_SLOTS | set(entry.params), "Ы")):
                said = fill(text, slots)
                assert not re.search(
                    r"  | [,;:)]| \.(?!\w)|\( |[,;:]\.|\.\.(?!\.)|[,;:]{2}|[\[\]{}]", said.replace("…", "Ы")
                ), said
                assert said.endswith((".", "?", "!", "…")), said


# --- a district's own texts -------------------------------------------------------------------------------------------


def catalog_with(tmp_path: Path, text: str, language: str = "ru") -> Catalog:
    folder = tmp_path / "schemas" / "messages"
    folder.mkdir(parents=True)
    (folder / f"{language}.toml").write_text(text, encoding="utf-8")
    return Catalog(tmp_path)


def test_a_district_rewords_one_code_and_adds_another(tmp_path: Path) -> None:
    text = '[row-total]\nmessage = "Это итог."\n\n[pair-own]\ntitle = "Своё"\nmessage = "Своё правило[: {what}]."\nparams = ["what"]\n'
    messages = Messages.load("ru", catalog_with(tmp_path, text))
    assert messages.render(Issue("row-total", "info", PLACE)).message == "Это итог."
    assert messages.render(Issue("row-total", "info", PLACE)).hint == RU.entries["row-total"].hint
    assert messages.render(Issue("pair-own", "info", PLACE, params=(("what", "да"),))).message == "Своё правило: да."


def test_a_code_worded_in_russian_only_is_russian_in_english_too(tmp_path: Path) -> None:
    messages = Messages.load("en", catalog_with(tmp_path, '[pair-own]\ntitle = "Своё"\nmessage = "Своё правило."\n'))
    assert messages.render(Issue("pair-own", "info", PLACE)).message == "Своё правило."


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[pair-own]\ntitle = "A"\nmesage = "B"\n', 3, "did you mean “message”"),
        ('[pair-own]\ntitle = "A"\nmessage = 3\n', 3, "must be text"),
        ('[pair-own]\ntitle = "A"\n', 1, "no message"),
        ('[pair-own]\ntitle = "A"\nmessage = "пара[ № {n}"\n', 1, "brackets do not match"),
        ('[pair-own]\ntitle = "A"\nmessage = "B"\nseverity = "fatal"\n', 4, "unknown severity"),
        ('[pair-own]\ntitle = "A\n', 2, "not TOML"),
    ],
)
def test_a_bad_text_is_reported_by_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)) as caught:
        Messages.load("ru", catalog_with(tmp_path, text))
    assert caught.value.line == line


def test_an_unknown_language_is_said() -> None:
    with pytest.raises(ConfigError, match="en, ru"):
        Messages.load("de")


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean “cell-type”"):
        RU.entry("cell-tipe")
