"""Schemas from text: the shipped ones are whole and free of contradictions, a bad one is reported by file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from sheets_sync.catalog import shipped
from sheets_sync.errors import ConfigError
from sheets_sync.table_schema.column import Reader
from sheets_sync.table_schema.loading import definitions_version, load_definitions
from sheets_sync.table_schema.model import STORAGE, Definitions, TableSchema
from sheets_sync.table_schema.types import ReadContext
from sheets_sync.text import fold, heading_key

# Canonical names other programs rely on: more fields may be added, these are not renamed.
CANONICAL = {
    "school_profile": "org_id org_name org_type school_year as_of n_pupils n_10_18 n_potential n_gifted n_low_results "
    "n_disability n_hardship n_behaviour n_isolated n_15_18 n_teachers n_young site_url",
    "documents": "kind number date title url",
    "curators": "full_name position role form order_no order_date phone email training date_from date_to",
    "mentees": "full_name kind birth class_group position experience_years contact categories request date_in date_out "
    "mentor form mentor_place result case_url completed consent status",
    "mentors": "full_name category birth class_group position experience_years contact workplace competence achievements "
    "interests wanted_age hours date_in date_out mentees form mentee_place result case_url enterprise_id contract "
    "labour_consent addendum direction network_order training consent long_term",
    "pairs": "pair_id mentor mentee form format order_no order_date date_from date_to curator planned_meetings status",
    "plans": "pair_id mentor mentee problem form type kind goal tasks expected_results term conditions methods",
    "evaluations": "pair_id mentor mentee scope c1 c2 c3 c4 c5 c6 c7 c8 c9 total level group indicator score_2 score_1 score_0",
    "meetings": "date pair_id mentor mentee stage topic mode duration_min result present note",
    "questionnaires": "timestamp full_name role form stage q_effect q_comfort q_useful q_support q_help q_plan q_safety "
    "q_involved q_joint_work q_result q_expectations q_liked q_continue q_become_mentor q_training q_valuable",
    "roadmap": "number stage task content key_result due responsible result status done_on document deviation_reason",
    "consents": "full_name role kind signed_by date valid_to revoked_on stored_at",
    "training": "full_name programme hours date document organisation",
    "awards": "full_name kind level order_no order_date",
    "enterprises": "name inn contact contract contract_date mentors",
    "targets": "indicator y2020 y2023 y2024 y2025 y2030",
    "network": "direction network_mentor mentor_org order trainee trainee_org basis plan_done review",
}

CODES = {
    ("mentees", "kind"): "pupil staff",
    ("mentees", "status"): "searching in_pair completed left",
    ("pairs", "status"): "active finished broken suspended",
    ("curators", "role"): "coordinator curator",
    ("consents", "kind"): "personal_data participation parent labour",
    ("consents", "signed_by"): "self parent",
    ("consents", "role"): "mentor mentee",
    ("meetings", "stage"): "org trial planning regular final",
    ("meetings", "mode"): "in_person remote masterclass consultation talk observation documents",
    ("questionnaires", "role"): "mentor mentee",
    ("questionnaires", "stage"): "before middle after",
    ("evaluations", "scope"): "pair school",
    ("evaluations", "level"): "optimal acceptable unacceptable undetermined",
    ("roadmap", "status"): "done done_late in_progress not_started overdue ongoing cancelled",
    ("awards", "level"): "school municipal regional federal",
    ("school_profile", "org_type"): "school kindergarten additional college",
    ("mentees", "categories"): "gifted low_results disability hardship behaviour isolated "
    "young_specialist burnout newcomer upskilling",
    ("mentors", "category"): "pupil teacher parent alumnus enterprise entrepreneur veteran",
    ("pairs", "form"): "pupil_pupil teacher_teacher teacher_pupil student_pupil employer_pupil employer_student "
    "student_student teacher_student head_teacher head_head network other",
}

# Headings schools use (domain.md §3): table → field → headings
HEADINGS = {
    "mentees": {
        "full_name": [
            "ФИО наставляемого",
            "Ф.И.О. наставляемого",
            "ФИО обучающегося",
            "Фамилия, имя, отчество наставляемого",
        ],
        "birth": ["Год рождения наставляемого", "Дата рождения", "Возраст"],
        "class_group": ["Класс", "Класс/группа", "Курс"],
        "experience_years": ["Стаж", "Педагогический стаж", "Пед. стаж"],
        "contact": ["Контактные данные для связи (данные представителя)", "Телефон родителя", "Контакты"],
        "categories": ["Категория наставляемого", "Причина включения"],
        "date_in": ["Дата вхождения в программу", "Дата вхождения\nв программу", "Дата нач."],
        "consent": ["Согласие на обработку ПДн", "Согласие родителя (законного представителя)", "Согласие на ПДн"],
        "case_url": ["Ссылка на кейс/отзыв наставляемого, размещенные на сайте организации"],
    },
    "pairs": {
        "pair_id": ["№ пары", "№ группы", "№ пары/группы"],
        "mentor": ["ФИО наставника", "Наставник"],
        "mentee": ["ФИО наставляемого", "ФИО наставляемого (наставляемых)"],
        "order_no": ["Приказ №", "№ приказа", "Приказ №, дата", "Основание"],
        "order_date": ["Дата приказа", "Приказ №, дата", "Основание"],
        "date_from": ["Дата начала", "Начало", "Период", "Срок", "Срок реализации"],
        "date_to": ["Дата окончания", "Окончание", "Период", "Срок", "Срок реализации"],
        "planned_meetings": ["Планируемое количество встреч", "План встреч"],
    },
    "evaluations": {
        "c1": ["1", "Соответствие наставнической деятельности цели и задачам, по которым она осуществляется"],
        "score_2": ["В полной мере 2б"],
        "score_1": ["Частично 1б"],
        "score_0": ["Не проявился 0б"],
    },
    "questionnaires": {
        "timestamp": ["Отметка времени"],
        "q_comfort": ["Насколько комфортно было общение с наставником", "Ожидаемый уровень комфорта"],
        "q_useful": [
            "Насколько полезными/интересными будут личные встречи",
            "Насколько полезными/интересными были личные (групповые) встречи",
        ],
        "q_support": ["Какой уровень поддержки Вы ожидаете", "Ощущали ли Вы поддержку наставника"],
        "q_help": ["Насколько важна помощь наставника", "Насколько была полезна помощь наставника"],
        "q_effect": ["Ожидаемая эффективность программы"],
        "q_plan": ["Насколько удастся спланировать работу", "Насколько удалось осуществить план"],
        "q_involved": ["Ожидаемая включенность наставляемого в процесс"],
        "q_joint_work": ["Ожидаемый уровень удовлетворения", "Насколько Вы довольны вашей совместной работой"],
        "q_result": ["Насколько Вы довольны результатом"],
        "q_expectations": ["Насколько оправдались Ваши ожидания"],
        "q_continue": ["Хотели бы Вы продолжить работу в программе?"],
        "q_become_mentor": ["Планируете ли Вы стать наставником в будущем"],
        "q_training": ["Было ли достаточным и понятным обучение"],
        "q_valuable": ["Что особенно ценно для Вас в программе?"],
    },
    "roadmap": {
        "stage": ["Наименование этапа", "Наименование\nэтапа"],
        "task": ["Мероприятия", "Наименование мероприятий"],
        "due": ["Сроки", "Сроки реализации", "Срок реализации"],
        "responsible": ["Ответственные", "Ответственный исполнитель", "Исполнители"],
        "result": [
            "Результат, вид документа",
            "Документы (мероприятия, ресурсы), закрепляющие результат",
            "Ожидаемые результаты",
        ],
    },
}


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped schemas, to be spoilt."""
    return Path(shutil.copytree(shipped("schemas"), tmp_path / "schemas"))


@pytest.mark.parametrize("table", sorted(CANONICAL))
def test_tables_have_their_canonical_fields(definitions: Definitions, table: str) -> None:
    names = [field.name for field in definitions.schemas[table].fields]
    assert set(CANONICAL[table].split()) <= set(names)


def test_tables_come_in_the_order_of_the_year(definitions: Definitions) -> None:
    """Templates and listings show the profile first and networks last."""
    assert list(definitions.schemas) == list(CANONICAL)


@pytest.mark.parametrize(
    ("place", "codes"), CODES.items(), ids=lambda value: ".".join(value) if isinstance(value, tuple) else ""
)
def test_enumerations_have_their_codes(definitions: Definitions, place: tuple[str, str], codes: str) -> None:
    table, field = place
    assert [value.code for value in definitions.schemas[table].field(field).enum] == codes.split()


@pytest.mark.parametrize(
    ("table", "field", "heading"),
    [(t, f, heading) for t, fields in HEADINGS.items() for f, headings in fields.items() for heading in headings],
)
def test_headings_schools_use_are_known(definitions: Definitions, table: str, field: str, heading: str) -> None:
    item = definitions.schemas[table].field(field)
    assert heading_key(heading) in {heading_key(text) for text in (item.title, *item.aliases)}


def test_shipped_schemas_hold_no_contradictions(folder: Path) -> None:
    """A copy is checked like a district's own: no heading and no spelling claimed twice."""
    assert len(load_definitions([folder]).schemas) == len(CANONICAL)


def test_fields_are_fit_for_templates(definitions: Definitions) -> None:
    """Every field has a known type, a title of its own within the table, and a hint."""
    for schema in definitions.schemas.values():
        titles = [heading_key(field.title) for field in schema.fields]
        assert len(set(titles)) == len(titles), schema.name
        for field in schema.fields:
            assert field.type in STORAGE
            assert field.line > 0
            assert field.hint or field.stems, f"{schema.name}.{field.name}"


def test_personal_columns_are_marked(definitions: Definitions) -> None:
    """Names, births, contacts and what is sensitive never leave unmarked (domain.md §6)."""
    for schema in definitions.schemas.values():
        for field in schema.fields:
            if field.type in ("name", "birth", "phone", "email", "consent") or field.name in ("contact", "class_group"):
                assert field.personal != "none", f"{schema.name}.{field.name}"
    assert definitions.schemas["mentees"].field("categories").personal == "special"
    assert definitions.schemas["mentees"].field("request").personal == "special"


def test_only_what_makes_a_row_unusable_is_an_error(definitions: Definitions) -> None:
    """A person without a name, a pair without its people, a meeting without a date (tables.md, settled question 3)."""
    found = {
        f"{schema.name}.{field.name}"
        for schema in definitions.schemas.values()
        for field in schema.fields
        if field.required != "no" and field.severity == "error"
    }
    assert found == {
        "curators.full_name", "mentees.full_name", "mentors.full_name", "pairs.mentor", "pairs.mentee", "meetings.date",
        "roadmap.task", "consents.full_name", "training.full_name", "awards.full_name", "enterprises.name",
        "targets.indicator", "network.network_mentor",
    }  # fmt: skip


def test_no_is_an_answer_about_consent_and_nothing_in_a_note(definitions: Definitions) -> None:
    mentees = definitions.schemas["mentees"]
    assert "нет" not in mentees.field("consent").missing_values
    assert "нет" not in mentees.field("completed").missing_values
    assert "нет" in mentees.field("result").missing_values


def test_glued_headings_feed_both_fields(definitions: Definitions) -> None:
    pairs = definitions.schemas["pairs"]
    assert ("order_no", "order_date") in pairs.glued
    assert ("date_from", "date_to") in pairs.glued
    assert "Период" in pairs.field("date_from").aliases
    assert "Период" in pairs.field("date_to").aliases


def test_questionnaire_items_are_mild_and_know_their_stage(definitions: Definitions) -> None:
    """An unreadable answer loses the answer, never the response; a stem tells role and stage."""
    comfort = definitions.schemas["questionnaires"].field("q_comfort")
    assert (comfort.minimum, comfort.maximum, comfort.bad_severity, comfort.range_severity) == (
        1,
        10,
        "warning",
        "warning",
    )
    assert {stem.stage for stem in comfort.stems} >= {"before", "after"}
    assert {stem.text for stem in comfort.stems} <= set(comfort.aliases)


def test_store_columns_never_clash(definitions: Definitions) -> None:
    """A field called like a position column («organisation») is stored under another name."""
    for schema in definitions.schemas.values():
        columns = [name for name, _ in schema.storage()]
        assert len(set(columns)) == len(columns)
        assert not {"organisation", "workbook", "sheet", "row", "part", "accepted"} & set(columns)


def test_spellings_of_an_enumeration_are_told_apart(definitions: Definitions) -> None:
    """«специалист предприятия – студент» and «работодатель – студент» are one form; no spelling means two codes."""
    form = definitions.schemas["pairs"].field("form")
    spelled = {fold(text): value.code for value in form.enum for text in (value.title, *value.aliases)}
    assert spelled[fold("специалист предприятия – студент")] == "employer_student"
    assert spelled[fold("Педагог –педагог")] == "teacher_teacher"
    assert spelled[fold("УЧИТЕЛЬ — ученик")] == "teacher_pupil"


# --- a district's own -------------------------------------------------------------------------------------------------

OWN = """
name = "rooms"
title = "Кабинеты"
identify = [["room", "seats"]]

[[fields]]
name = "room"
title = "Кабинет"

[[fields]]
name = "seats"
title = "Мест"
type = "integer"
constraints = { required = true, minimum = 1, maximum = 400 }
"""


def own(tmp_path: Path, text: str = OWN, name: str = "rooms") -> TableSchema:
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_definitions([folder, shipped("schemas")]).schemas[name]


def test_a_district_adds_a_table(tmp_path: Path) -> None:
    """By dropping a file; Table Schema's own word «constraints.required» is understood."""
    seats = own(tmp_path).field("seats")
    assert (seats.type, seats.required, seats.minimum, seats.maximum) == ("integer", "value", 1, 400)


def test_a_districts_file_shadows_the_shipped_one(tmp_path: Path) -> None:
    text = OWN.replace('name = "rooms"', 'name = "awards"', 1)
    assert [field.name for field in own(tmp_path, text, "awards").fields] == ["room", "seats"]


def test_a_district_changes_one_enumeration(tmp_path: Path) -> None:
    """Its common.toml gives one enumeration; the others and the words for «empty» stay."""
    common = '[[enumerations.role]]\ncode = "mentor"\ntitle = "шеф"\n'
    (tmp_path / "common.toml").write_text(common, encoding="utf-8")
    schemas = load_definitions([tmp_path, shipped("schemas")]).schemas
    assert [value.title for value in schemas["consents"].field("role").enum] == ["шеф"]
    assert len(schemas["pairs"].field("form").enum) == 12
    assert "нет" in schemas["pairs"].field("format").missing_values


def test_settled_headings_must_lead_somewhere() -> None:
    load_definitions(aliases={"": {"pairs": {"Дуэт": "mentor"}}})
    with pytest.raises(ConfigError, match="did you mean “mentor”"):
        load_definitions(aliases={"school-1": {"pairs": {"Дуэт": "mentro"}}})
    with pytest.raises(ConfigError, match="did you mean “pairs”"):
        load_definitions(aliases={"": {"pair": {"Дуэт": "mentor"}}})


def test_version_changes_with_any_definition(folder: Path) -> None:
    """A schema, a rule, a relation, a settled heading: each makes every workbook be read anew."""
    before = definitions_version([folder])
    assert definitions_version([folder]) == before
    assert definitions_version([folder], {"": {"pairs": {"Дуэт": "mentor"}}}) != before
    (folder / "rules" / "own.sql").write_text("SELECT 1", encoding="utf-8")
    with_rule = definitions_version([folder])
    assert with_rule != before
    (folder / "pairs.toml").write_text(
        (folder / "pairs.toml").read_text(encoding="utf-8") + "\n# note\n", encoding="utf-8"
    )
    assert definitions_version([folder]) not in (before, with_rule)


def test_version_does_not_change_with_words(folder: Path) -> None:
    """How an issue is worded changes nothing that was read."""
    before = definitions_version([folder])
    (folder / "messages" / "ru.toml").write_text("", encoding="utf-8")
    assert definitions_version([folder]) == before


# (what is replaced, by what, line of the report, words of the report)
BAD = [
    ('type = "integer"', 'type = "intgeer"', 13, "did you mean “integer”"),
    ('title = "Мест"', 'title = "Мест"\nalias = ["Места"]', 13, "did you mean “aliases”"),
    ('title = "Мест"', "title = 7", 12, "must be text"),
    ('title = "Мест"', "", 10, "needs a title"),
    ("minimum = 1", "minimun = 1", 14, "did you mean “minimum”"),
    ("minimum = 1", "minimum = 500", 14, "above the maximum"),
    ("minimum = 1", "pattern = '('", 14, "not a regular expression"),
    ('name = "seats"', 'name = "room"', 10, "declared twice, first in line 6"),
    ('name = "seats"', 'name = "Seats"', 11, "must be a name like"),
    ('title = "Мест"', 'title = "кабинет"', 12, "is claimed by “room” and “seats”"),
    ('type = "integer"', 'type = "enum"', 10, "needs its values"),
    ('type = "integer"', 'type = "enum"\nenum = "fom"', 14, "did you mean “form”"),
    ('type = "integer"', 'type = "integer"\nenum = "form"', 14, "but the type is integer"),
    (
        'type = "integer"',
        'type = "enum"\nenum = [{ code = "a" }, { code = "b", aliases = ["a"] }]',
        14,
        "means both a and b",
    ),
    ('type = "integer"', 'type = "integer"\nmany = true', 14, "cannot hold many"),
    ('type = "integer"', 'type = "integer"\nexplode = true', 14, "only a field of type name"),
    ('type = "integer"', 'type = "integer"\nseverity = "fatal"', 14, "unknown severity “fatal”"),
    ('type = "integer"', 'type = "integer"\npersonal = "secret"', 14, "unknown personal “secret”"),
    ('type = "integer"', 'type = "integer"\nroles = ["pupill"]', 14, "did you mean “pupil”"),
    ('["room", "seats"]', '["room", "seat"]', 4, "did you mean “seats”"),
    ('identify = [["room", "seats"]]', 'identify = [["room"]]\nlayouts = ["rwos"]', 5, "did you mean “rows”"),
    ('identify = [["room", "seats"]]', "", 2, "how the table is recognised"),
    ('identify = [["room", "seats"]]', 'identify = [["room"]]\noneOf = [["room", "seat"]]', 5, "did you mean “seats”"),
    ('identify = [["room", "seats"]]', 'identify = [["room"]]\noneOf = ["room"]', 5, "list of lists"),
    ('identify = [["room", "seats"]]', 'identify = [["room"]]\nprimaryKey = ["rom"]', 5, "did you mean “room”"),
    ('title = "Кабинеты"', 'titel = "Кабинеты"', 3, "did you mean “title”"),
    ('name = "rooms"', 'name = "room"', 2, "the two must be the same"),
    ('title = "Кабинет"', 'title = "Кабинет', 8, "not TOML"),
    ("maximum = 400 }", 'maximum = 400 }\n[[glued]]\nfields = ["room", "set"]', 16, "did you mean “seats”"),
    (
        "maximum = 400 }",
        'maximum = 400 }\n[[foreignKeys]]\nfields = ["room"]\nreference = { resource = "pair", fields = ["mentor"] }',
        17,
        "did you mean “pairs”",
    ),
    (
        "maximum = 400 }",
        'maximum = 400 }\n[[items]]\nname = "q"\ntitle = "Q"\nstems = [{ text = "Как?", stage = "befor" }]',
        18,
        "did you mean “before”",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), BAD, ids=[words for *_, words in BAD])
def test_a_bad_definition_is_reported_by_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert OWN.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        own(tmp_path, OWN.replace(old, new))
    assert words in str(caught.value)
    assert caught.value.path is not None
    assert caught.value.path.endswith("rooms.toml")
    assert caught.value.line == line


def test_a_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / "rooms.toml").write_bytes(OWN.encode("cp1251"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_definitions([tmp_path])


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "rooms.toml").write_bytes(b"\xef\xbb\xbf" + OWN.replace("\n", "\r\n").encode())
    assert "rooms" in load_definitions([tmp_path]).schemas


def test_no_schemas_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no schemas"):
        load_definitions([tmp_path])


def test_examples_and_titles_are_read_without_trouble(definitions: Definitions) -> None:
    """What templates show as an example, and every spelling of an enumeration, is what our own readers accept."""
    context = ReadContext(as_of=date(2023, 12, 20), school_year=2023)
    for schema in definitions.schemas.values():
        for field in schema.fields:
            reader = Reader(field, context)  # not the shared one: it may have met other cells
            if field.example:
                assert reader[field.example] is not None, f"{schema.name}.{field.name}"
            for value in field.enum:
                for spelling in (value.title, *value.aliases):
                    assert reader[spelling] in (value.code, [value.code]), f"{schema.name}.{field.name}: {spelling}"
            assert not reader.troubles, f"{schema.name}.{field.name}"


def test_the_same_texts_are_understood_once(tmp_path: Path) -> None:
    """Until one of them changes, by whatever way: the hash is of their bytes."""
    path = tmp_path / "rooms.toml"
    path.write_text(OWN, encoding="utf-8")
    first = load_definitions([tmp_path])
    assert load_definitions([tmp_path]) is first
    assert load_definitions([tmp_path], aliases={"": {"rooms": {"Где": "room"}}}).aliases
    assert load_definitions([tmp_path]) is first
    path.write_text(OWN.replace("minimum = 1,", "minimum = 2,"), encoding="utf-8")
    assert load_definitions([tmp_path]).schemas["rooms"].field("seats").minimum == 2
    path.write_text(OWN.replace("integer", "integr"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match="integr"):
            load_definitions([tmp_path])


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rooms.toml").write_text(OWN, encoding="utf-8")

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(ConfigError, match=r"rooms\.toml: the file cannot be read: Permission denied"):
        load_definitions([tmp_path])
