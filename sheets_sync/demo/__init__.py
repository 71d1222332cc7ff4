"""A small fictional district, written by the program itself: «Приозёрный район», school year 2023-2024.

Six organisations of different kinds, tidy and untidy, as on 20 June 2024. Names, numbers and places are put together
from lists; any likeness is chance. The same files come out every time, and every trouble in them is planted and known.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sheets_sync.demo.paper import Trouble

CHECKED_AS_OF = date(2024, 6, 20)
PERIODS = ("2023-12", "2024-06")
NAME = "Приозёрный район"
ENTERPRISES = {2023: 14, 2024: 15}


def write_district(inbox: Path) -> list[Trouble]:
    """Write the workbooks into ``inbox``, a folder per organisation; returns the answer key: every planted trouble.

    The key lists all errors and warnings a check as of :data:`CHECKED_AS_OF` should find, and the infos worth naming.
    Raises OSError when a file cannot be written.
    """
    from sheets_sync.demo.organisations import ORGANISATIONS

    troubles: list[Trouble] = []
    for number, (organisation, draw) in enumerate(ORGANISATIONS.items(), 1):
        for workbook in draw(number):
            workbook.write(inbox / organisation)
            troubles += [
                trouble._replace(workbook=f"{organisation}/{workbook.name}") for trouble in workbook.troubles()
            ]
    return troubles


def config_text() -> str:
    """The district's config.toml."""
    years = ", ".join(f"{year} = {count}" for year, count in ENTERPRISES.items())
    return f"""# Вымышленный район для знакомства с программой. Все настройки с пояснениями: sheets-sync init
language = "ru"

[district]
name = "{NAME}"
enterprises = {{ {years} }}

[[sources]]
kind = "excel"
path = "inbox"

[outputs]
folder = "outbox"
"""
