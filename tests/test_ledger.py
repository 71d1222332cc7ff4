"""The people ledger's file: what it says, and how a bad entry is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.ledger import NOT_TOLD, Ledger, Person, load_ledger, read_ledger

FILE = Path("people.toml")

ALIAS = """[[alias]]
organisation = 'school'
name = 'Птицына А.П.'
same_as = 'Стрелкина Анна Павловна'
birth = 1980
reason = 'сменила фамилию'
by = 'координатор'
date = 2024-05-20
"""
MERGE = """[[merge]]
persons = [{ organisation = 'school', name = 'Орлова Анна Львовна', birth = 1980-05-20 },
           { organisation = 'centre', name = 'Орлова Анна Львовна', birth = 'unknown' }]
reason = 'работает в двух организациях'
"""


def refusal(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read_ledger(text, FILE)
    return caught.value


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    """The ledger is optional."""
    assert not load_ledger(tmp_path)


def test_entries_are_read() -> None:
    """Names become keys; a birth is a date, a year or said to be unknown."""
    ledger = read_ledger(ALIAS + MERGE, FILE)
    (alias,) = ledger.aliases
    assert (alias.written, alias.person, alias.line) == (
        "птицына а п",
        Person("school", "стрелкина анна павловна", 1980),
        1,
    )
    (decision,) = ledger.decisions
    assert decision.same
    assert decision.across
    assert decision.line == 9
    assert (decision.first.birth, decision.second.birth) == (date(1980, 5, 20), NOT_TOLD)


def test_a_cell_copied_with_the_quotes_of_a_spreadsheet() -> None:
    """A copied cell of several lines comes in double quotes, inner ones doubled; line numbers stay true."""
    plain = MERGE.rstrip("\n")
    wrapped = '"' + plain.replace('"', '""') + '"\n'
    double = '"' + plain.replace("'", '""') + '"\n'
    assert read_ledger(ALIAS + wrapped + ALIAS, FILE).decisions == read_ledger(ALIAS + MERGE, FILE).decisions
    assert read_ledger(ALIAS + double, FILE).decisions == read_ledger(ALIAS + MERGE, FILE).decisions


@pytest.mark.parametrize(
    ("text", "line", "message", "mend"),
    [
        (ALIAS.replace("same_as", "same_ass"), 4, "unknown key same_ass", "did you mean same_as?"),
        ("\n" + ALIAS.replace("[[alias]]", "[[aliases]]"), 2, "unknown section aliases", "did you mean alias?"),
        (ALIAS.replace("[[alias]]", "[alias]"), 1, "alias must be written as [[alias]]", ""),
        (ALIAS.replace("'сменила фамилию'", "''"), 6, "reason is empty", "write reason"),
        (ALIAS.replace("'Птицына А.П.'", "'…'"), 3, "name", "write name"),
        (ALIAS.replace("= 1980", "= 198"), 5, "birth must be", ""),
        (ALIAS.replace("Стрелкина Анна Павловна", "Стрелкина А.П."), 4, "same_as must be a full name", "surname"),
        (ALIAS.replace("2024-05-20", "'вчера'"), 8, "date must be a day", ""),
        (ALIAS + ALIAS.replace("Анна", "Алла"), 9, "this name means somebody else already", "line 1"),
        (MERGE + MERGE.replace("merge", "different"), 5, "a [[merge]] says", "keep one"),
        (MERGE.replace("'centre'", "'school'").replace("'unknown'", "1980-05-20"), 2, "the same one", "remove"),
        (MERGE + "same = false\n", 5, "same contradicts [[merge]]", "write [[different]]"),
        (MERGE.replace("birth =", "born ="), 2, "unknown key born", "known: organisation, name, birth"),
        ("[[merge]]\nreason = 'нет'\n", 1, "persons must be two persons", "write persons"),
        ("[[alias]]\nname = 'Птицына\n", 2, "not valid TOML", ""),
    ],
)
def test_a_bad_entry_is_one_line(text: str, line: int, message: str, mend: str) -> None:
    """File, line, what is wrong, how to mend it; no name of a person, for the line goes to logs."""
    error = refusal(text)
    assert (error.path, error.line) == (str(FILE), line)
    assert message in error.message
    assert mend in error.mend
    assert "тицын" not in str(error)
    assert "Орлов" not in str(error)


def test_aliases_may_not_run_in_a_circle() -> None:
    """Each leads to the other: nobody is meant."""
    one = "[[alias]]\norganisation = 's'\nname = 'Синицын Пётр'\nsame_as = 'Галкин Пётр'\nreason = 'опечатка'\n"
    other = one.replace("Синицын", "X").replace("Галкин", "Синицын").replace("X", "Галкин")
    assert "lead back" in refusal(one + other).message


def test_the_text_tells_a_change() -> None:
    """The sync compares it."""
    assert read_ledger(ALIAS, FILE).text == ALIAS
    assert Ledger() == Ledger()
