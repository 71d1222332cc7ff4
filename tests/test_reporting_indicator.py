"""Definitions of indicators: what ships, what a district may put in its place, what is refused and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.periods import period_of
from sheets_sync.reporting.figures import compute
from sheets_sync.reporting.indicator import load_indicators
from sheets_sync.reporting.settings import ReportSettings
from tests.rule_rows import relations_of

SHIPPED = Path(__file__).parent.parent / "reports"
NUMERATOR = 'SELECT organisation, person_key, workbook, sheet, "row" FROM entered'
DENOMINATOR = 'SELECT organisation, n_pupils AS value, workbook, sheet, "row" FROM profile_now'
DRAWING = """
    pairs
    | mentor | mentee | order_no | date_from |
    | Зимина Анна Павловна | Орлов Пётр Ильич | 1 | 2023-09-01 |
"""


def own(folder: Path, name: str = "D1", toml: str = 'id = "D1"\ntitle_ru = "Свой"', **parts: str) -> Path:
    """A district's reports folder with one indicator."""
    indicators = folder / "indicators"
    indicators.mkdir(parents=True, exist_ok=True)
    (indicators / f"{name}.toml").write_text(toml, encoding="utf-8")
    for part, sql in ({"numerator": NUMERATOR, "denominator": DENOMINATOR} | parts).items():
        (indicators / f"{name}.{part}.sql").write_text(sql, encoding="utf-8")
    return folder


def test_what_ships() -> None:
    """I1 to I7; targets only where the source names them: I1–I4, 2020–2024."""
    shipped = load_indicators([SHIPPED]).all
    assert [indicator.id for indicator in shipped] == ["I1", "I2", "I3", "I4", "I5", "I6", "I7"]
    assert {indicator.id: sorted(indicator.targets) for indicator in shipped if indicator.targets} == {
        identifier: [2020, 2021, 2022, 2023, 2024] for identifier in ("I1", "I2", "I3", "I4")
    }
    assert all(indicator.targets_source for indicator in shipped if indicator.targets)


def test_a_district_adds_and_replaces(tmp_path: Path) -> None:
    """A district's file of the same name wins, part by part; a new one joins in."""
    own(tmp_path)
    (tmp_path / "indicators" / "I2.toml").write_text('id = "I2"\ntitle_ru = "По-своему"', encoding="utf-8")
    indicators = load_indicators([tmp_path, SHIPPED])
    assert [indicator.id for indicator in indicators.all] == ["D1", "I1", "I2", "I3", "I4", "I5", "I6", "I7"]
    assert indicators.by_id("i2").title_ru == "По-своему"
    assert "mentor_age_from" in indicators.by_id("I2").numerator.sql


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('id = "D1"', "title_ru is missing"),
        ('id = "D2"\ntitle_ru = "x"', "D1.toml:1: id 'D2'"),
        ('id = "D1"\ntitle_ru = "x"\nunti = "%"', "D1.toml:3: unknown key unti"),
        ('id = "D1"\ntitle_ru = 7', "D1.toml:2: title_ru must be a text"),
        ('id = "D1"\ntitle_ru = "x"\nover_100 = "fine"', "D1.toml:3: over_100 must be one of"),
        ('id = "D1"\ntitle_ru = "x"\n[targets]\n2024 = 10', "targets name no source"),
        ('id = "D1"\ntitle_ru = "x"\n[targets]\nsource = "s"\n24 = 10', "D1.toml:5: targets are by year"),
        ('id = "D1"\ntitle_ru = "x"\n[targets]\nsource = "s"\n2024 = "10"', "D1.toml:5: the target of 2024 must be"),
        ('id = "D1"\ntitle_ru = "x', "D1.toml:2: not valid TOML"),
    ],
)
def test_a_bad_definition_is_named_by_file_and_line(tmp_path: Path, toml: str, told: str) -> None:
    """Whoever wrote it finds the place."""
    with pytest.raises(ConfigError) as caught:
        load_indicators([own(tmp_path, toml=toml), SHIPPED])
    assert told in str(caught.value)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    """An indicator without its numerator cannot be computed."""
    own(tmp_path)
    (tmp_path / "indicators" / "D1.numerator.sql").unlink()
    with pytest.raises(ConfigError, match=r"D1\.numerator\.sql is missing"):
        load_indicators([tmp_path])


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DROP TABLE pairs", "must be one SELECT"),
        ("SELECT 1) ; DROP TABLE pairs; SELECT * FROM (SELECT 1", "D1.numerator.sql"),
        (f"{NUMERATOR}; {NUMERATOR}", "must be one SELECT"),
        ("SELECT organisation FROM entered", "does not return row, sheet, workbook, person_key"),
        ("SELECT *\nFROM entered\nWHERE nothing", "D1.numerator.sql:3: Binder Error"),
        ("SELECT * FROM read_text('/etc/hostname')", "D1.numerator.sql"),
        (
            f"{NUMERATOR} WHERE (SELECT count(*) FROM range(9999999) a, range(9999999) b WHERE a < b) > 0",
            "takes longer",
        ),
    ],
)
def test_sql_that_cannot_run_is_named_and_does_no_harm(tmp_path: Path, sql: str, told: str) -> None:
    """One SELECT, no files, bounded time: everything else is a ConfigError with the file, and the store is whole."""
    indicators = load_indicators([own(tmp_path, numerator=sql), SHIPPED])
    with relations_of(DRAWING) as store:
        with pytest.raises(ConfigError) as caught:
            compute(store.connection, indicators, period_of("2024-06"), ReportSettings(sql_seconds=0.5))
        assert told in str(caught.value)
        assert store.connection.execute("SELECT count(*) FROM pairs").fetchone() == (1,)
