"""A district adds a rule, changes one or switches one off by files in its own ``schemas/rules``, as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.program import command
from tests.small_district import school

RULE = """
SELECT organisation, workbook, sheet, "row", 'order_no' AS field, order_no AS value, 'ОД' AS ending
FROM pairs WHERE NOT ends_with(order_no, 'ОД')
"""


def codes(folder: Path, *more: str) -> list[tuple[str, str, str | None, str]]:
    done = command("check", "inbox", "--as-of", "2023-12-20", "--format", "json", *more, cwd=folder)
    told = json.loads(done.stdout)
    return [
        (issue["code"], issue["severity"], issue["cell"], issue["message"])
        for book in told["workbooks"]
        for issue in book["issues"]
        if issue["severity"] != "info"
    ]


def test_a_rule_is_added_by_dropping_files(tmp_path: Path) -> None:
    """A .toml and a .sql beside the config, words for its code in ``messages``: nothing else is to be done."""
    school(tmp_path / "inbox/school-a", meeting="06.12.2023")
    assert codes(tmp_path) == []
    rules = tmp_path / "schemas/rules"
    rules.mkdir(parents=True)
    (rules / "order_ending.toml").write_text(
        'code = "pair-order-ending"\nseverity = "warning"\ntable = "pairs"\n', encoding="utf-8"
    )
    (rules / "order_ending.sql").write_text(RULE, encoding="utf-8")
    (tmp_path / "schemas/messages").mkdir()
    (tmp_path / "schemas/messages/ru.toml").write_text(
        '[pair-order-ending]\ntitle = "Номер приказа"\nmessage = "У приказа {value} в конце нет {ending}."\nparams = ["ending"]\n',
        encoding="utf-8",
    )
    expected = [("pair-order-ending", "warning", "E2", "У приказа 5 в конце нет ОД.")]
    assert codes(tmp_path, "--schemas", "schemas") == expected
    (tmp_path / "config.toml").write_text('[[sources]]\npath = "inbox"\n', encoding="utf-8")
    assert codes(tmp_path) == expected


def test_a_shipped_rule_is_changed_or_switched_off(tmp_path: Path) -> None:
    """The rule's .toml alone is enough: another severity, or ``enabled = false``."""
    school(tmp_path / "inbox/school-a", meeting="10.10.2024")
    assert [(code, severity) for code, severity, *_ in codes(tmp_path)] == [("meeting-future", "error")]
    rules = tmp_path / "schemas/rules"
    rules.mkdir(parents=True)
    changed = rules / "meeting_future.toml"
    changed.write_text('code = "meeting-future"\nseverity = "warning"\ntable = "meetings"\n', encoding="utf-8")
    assert [(code, severity) for code, severity, *_ in codes(tmp_path, "--schemas", "schemas")] == [
        ("meeting-future", "warning")
    ]
    changed.write_text('code = "meeting-future"\nenabled = false\n', encoding="utf-8")
    assert codes(tmp_path, "--schemas", "schemas") == []
