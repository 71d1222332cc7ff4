"""config.toml: what it may say, and that every mistake is one line with file, line and mend."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from sheets_sync.config import Config, ExcelSource, GoogleSource, find_config, load_config, read_config
from sheets_sync.errors import ConfigError

SOURCE = '[[sources]]\nkind = "excel"\npath = "inbox"\n'


def config_of(text: str, folder: Path, source: str = SOURCE) -> Config:
    return read_config(text + "\n" + source, folder / "config.toml")


def complaint(text: str, folder: Path, source: str = SOURCE) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        config_of(text, folder, source)
    assert "\n" not in caught.value.one_line()
    return caught.value


def test_example_loads_as_it_stands(project: Path) -> None:
    """The explained example is a working configuration, and says what the program does without it."""
    config = load_config(project / "config.example.toml")
    plain = config_of("", project)
    for part in (
        "thresholds",
        "limits",
        "due",
        "privacy",
        "engine",
        "schedule",
        "mail",
        "logs",
        "indicators",
        "store",
        "outputs",
    ):
        assert getattr(config, part) == getattr(plain, part), part


def test_example_explains_every_line(project: Path) -> None:
    """Each key, and each key behind a comment sign, has Russian words above it or above its neighbour."""
    lines = (project / "config.example.toml").read_text(encoding="utf-8").splitlines()
    key = re.compile(r"^(# )?[a-z_\"А-Яа-яёЁ ]+ = ")
    unexplained = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if key.match(line) and not before.startswith("#") and not key.match(before)
    ]
    assert unexplained == []


def test_example_works_with_every_comment_sign_removed(project: Path, tmp_path: Path) -> None:
    """What stands behind a comment sign is correct as well."""
    setting = re.compile(r"^# ((?:[a-z_]+|\"[^\"]+\"|I\d) = .*|\[.*\])$")
    lines = (project / "config.example.toml").read_text(encoding="utf-8").splitlines()
    text = "\n".join(found.group(1) if (found := setting.match(line)) else line for line in lines)
    config = read_config(text, tmp_path / "config.toml")
    assert [type(source) for source in config.sources] == [ExcelSource, GoogleSource]
    assert config.organisation("school-21").aliases == {"mentees": {"Подопечный": "full_name"}}
    assert config.heading_aliases() == {
        "": {"mentors": {"ФИО шефа": "full_name"}},
        "school-21": {"mentees": {"Подопечный": "full_name"}},
    }


def test_program_carries_the_same_example(project: Path) -> None:
    """`init` writes the example from inside the package: the two copies are one text."""
    inside = (project / "sheets_sync" / "config.example.toml").read_text(encoding="utf-8")
    assert inside == (project / "config.example.toml").read_text(encoding="utf-8")


def test_paths_are_relative_to_the_config_file(tmp_path: Path) -> None:
    """A run from cron starts in another folder and must find the same files."""
    config = config_of('[outputs]\nfolder = "out"\n[store]\nfolder = "state"', tmp_path)
    assert config.sources[0] == ExcelSource(tmp_path.resolve() / "inbox")
    assert config.outputs.folder == tmp_path.resolve() / "out"
    assert config.store == tmp_path.resolve() / "state"


def test_targets_by_organisation_then_district(tmp_path: Path) -> None:
    """A school's own target wins over the district's; a year without one has none."""
    config = config_of(
        '[targets]\nI1 = { 2023 = 50, 2024 = 60 }\n[[organisations]]\nid = "a"\ntargets = { I1 = { 2023 = 55.5 } }',
        tmp_path,
    )
    assert config.target("I1", 2023, "a") == 55.5
    assert config.target("I1", 2024, "a") == 60
    assert config.target("I1", 2023, "b") == 50
    assert config.target("I1", 2025, "a") is None


def test_due_dates(tmp_path: Path) -> None:
    """An organisation's own date, the other one inherited from the district's."""
    config = config_of('[due]\ndecember = "25.12"\n[[organisations]]\nid = "a"\ndue = { june = "05-31" }', tmp_path)
    assert config.due_of("a").on("2024-06") == date(2024, 5, 31)
    assert config.due_of("a").on("2023-12") == date(2023, 12, 25)
    assert config.due_of("b").on("2024-06") == date(2024, 6, 20)


def test_days_off(tmp_path: Path) -> None:
    """Weekdays, days of every year, spans over New Year, dates."""
    told = '["sunday", "05-09", "12-30..01-08", "2024-05-10", "2024-07-01..2024-08-31"]'
    off = config_of(f"[schedule]\ndays_off = {told}", tmp_path).schedule.days_off
    free = [(2024, 1, 7), (2024, 5, 9), (2025, 5, 9), (2023, 12, 30), (2024, 1, 8), (2024, 5, 10), (2024, 8, 31)]
    assert all(date(*day) in off for day in free)
    assert not any(date(*day) in off for day in [(2024, 1, 9), (2023, 12, 29), (2023, 5, 10), (2023, 8, 31)])


def test_google_alone_needs_no_folder(tmp_path: Path) -> None:
    """A district that writes to Google only gets no folder it did not ask for."""
    source = '[[sources]]\nkind = "google_sheets"\nspreadsheets = { a = "ID1", b = ["ID2", "ID3"] }'
    config = config_of('[outputs]\ngoogle_spreadsheet = "ID"', tmp_path, source)
    assert config.outputs.folder is None
    assert config.sources == (GoogleSource(spreadsheets={"a": ("ID1",), "b": ("ID2", "ID3")}),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('langauge = "ru"', 1, "did you mean language?"),
        ('\nlanguage = "de"', 2, 'one of ru, en, not "de"'),
        ("[district]\nname = 5", 2, "district.name must be text"),
        ("[district]\nenterprises = { 23 = 1 }", 2, "is not a year"),
        ('[district]\nenterprises = { 2023 = "много" }', 2, "whole number"),
        ("[district]\nenterprises = { 2023 = 1.5 }", 2, "whole number"),
        ('[[organisations]]\nid = "a"\n\n[[organisations]]\nid = "a"', 5, "twice"),
        ('[[organisations]]\nname = "МКОУ"', 1, "needs an id"),
        ('[[organisations]]\nid = "a"\n[[organisations]]\nid = "b"\ntype = "shcool"', 5, "did you mean school?"),
        (
            '[[organisations]]\nid = "a"\n[organisations.targets]\nI9 = { 2023 = 1 }',
            4,
            "unknown key organisations.targets.I9",
        ),
        ("[targets]\nI1 = { 2023 = 120 }", 2, "from 0 to 100"),
        ('[due]\njune = "31-05"', 2, '"12-20"'),
        ('[due]\njune = "02-29"', 2, '"12-20"'),
        ("[thresholds]\n# words\nmentee_age = [18, 10]", 3, "the lower first"),
        ("[thresholds]\nmentor_load = true", 2, "whole number"),
        ("[thresholds]\nsatisfied = 11", 2, "from 1 to 10"),
        ("[thresholds]\ngap_day = 45", 2, "did you mean gap_days?"),
        ('[privacy]\npupil_names = "yes"', 2, "true or false"),
        ('[engine]\nkind = "dask"', 2, "address"),
        ("[engine]\nworkers = -1", 2, "from 0"),
        ('[schedule]\ndaily = "25:00"', 2, "06:00"),
        ('[schedule]\ntime_zone = "Asia/Nowhere"', 2, "no time zone"),
        ('[schedule]\nreport_at = "вечером"', 2, "06:00"),
        ('[schedule]\ndays_off = ["воскресенье"]', 2, '"sunday"'),
        ('[schedule]\ndays_off = ["2024-09-01..2024-08-01"]', 2, "no day off"),
        ('[schedule]\ndays_off = ["13-01"]', 2, "no day off"),
        ("[schedule]\nremind_days = [0]", 2, "list of days"),
        ("[mail]\nport = 25", 1, "host"),
        ('[mail]\nhost = "smtp"', 1, "one sender"),
        ('[mail]\nhost = "smtp"\nsender = "кто-то"', 3, "no e-mail address"),
        ('[mail]\nhost = "smtp"\nsender = "a@b"\nto = ["a@b", "c@d\\nBcc: e@f"]', 4, "no e-mail address"),
        ('[mail]\nhost = "smtp"\nsender = "a@b"\nuser = "u"\nsecurity = "none"', 5, "in the clear"),
        ('[mail]\nhost = "smtp"\nsender = "a@b"\npassword = "x"', 4, "unknown key mail.password"),
        ('[logs]\nlevel = "loud"', 2, "one of debug"),
        ("[logs]\nfiles = 0", 2, "from 1 to"),
        ('language = "ru"\nlanguage = "en"', 2, "not valid TOML"),
        ("[district\nname = 1", 1, "not valid TOML"),
        ('[outputs]\nfolder = "C:\\Users\\x"', 2, "in a path write /"),
        ('[outputs]\nfolder = "inbox/out"', 2, "inside the source"),
        ('district = "Район"', 1, "a section [district]"),
        ('[aliases]\nmentees = "full_name"', 2, "a section [aliases.mentees]"),
    ],
)
def test_mistake_is_named_by_line(text: str, line: int, words: str, tmp_path: Path) -> None:
    """Every kind of mistake: the line of the key, and what would be right."""
    error = complaint(text, tmp_path)
    assert error.line == line, error.one_line()
    assert error.one_line().startswith(f"{tmp_path / 'config.toml'}:{line}: ")
    assert words in error.one_line()


def test_values_over_several_lines_do_not_shift_the_count(tmp_path: Path) -> None:
    """Brackets, strings and signs inside strings over several lines leave the line of a later key right."""
    text = (
        'language = """ru"""\n[schedule]\nremind_days = [\n  14, # [\n  7,\n]\ndaily = "06:00" # ]\n'
        '[aliases.mentees]\n"ФИО [полностью]" = "full_name"\n[limits]\nfile_mb = "x"'
    )
    assert complaint(text, tmp_path).line == 11


def test_no_source_is_a_mistake(tmp_path: Path) -> None:
    """Nothing to read is said so, with the lines to write."""
    assert "[[sources]]" in complaint("", tmp_path, source="").one_line()


def test_file_not_utf8(tmp_path: Path) -> None:
    """A config saved by an old editor is named with its line."""
    path = tmp_path / "config.toml"
    path.write_bytes(SOURCE.encode() + '[district]\nname = "Район"'.encode("cp1251"))
    with pytest.raises(ConfigError, match="UTF-8") as caught:
        load_config(path)
    assert caught.value.line == 5


def test_which_config_is_used(tmp_path: Path) -> None:
    """The one asked for, then ./config.toml, then the variable; none is a mistake with a mend."""
    named, variable = tmp_path / "a.toml", tmp_path / "b.toml"
    environment = {"SHEETS_SYNC_CONFIG": str(variable)}
    assert find_config(named, tmp_path, environment) == named
    assert find_config(None, tmp_path, environment) == variable
    with pytest.raises(ConfigError, match="sheets-sync init"):
        find_config(None, tmp_path, {})
    (tmp_path / "config.toml").touch()
    assert find_config(None, tmp_path, environment) == tmp_path / "config.toml"
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.toml")
