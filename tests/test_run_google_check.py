"""What `doctor` is told of the Google side, against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from sheets_sync.config import Config, GoogleSource, load_config
from sheets_sync.google.client import GoogleClient
from sheets_sync.run import google as google_side
from sheets_sync.run.google_check import _TROUBLES_RU, _WORDS, Finding, google_findings
from tests.google_emulator import OPERATOR, Emulator, FakeClock, faults
from tests.test_run_google import SCHOOLS, District, instant  # noqa: F401 (a fixture)


@pytest.fixture
def district(tmp_path: Path, instant: None) -> Iterator[District]:  # noqa: F811
    with Emulator(clock=FakeClock()) as emulator:
        yield District(tmp_path, emulator)


def told(findings: list[Finding], level: str) -> str:
    return "\n".join(f"{one.what} | {one.mend}" for one in findings if one.level == level)


def test_all_is_well(district: District) -> None:
    """Account, address, services, what is seen, own spreadsheet, quota; nothing is read but what Drive tells."""
    found = google_findings(district.config)
    assert told(found, "problem") == ""
    fine = told(found, "ok")
    for words in (OPERATOR, "сервисный аккаунт", "config.toml", "организаций — 3, таблиц — 3", "Сводный реестр района"):
        assert words in fine
    assert "запросов: 1" in fine
    assert "после sync" in told(found, "warning")
    assert district.asked()["write"] == 0
    assert district.emulator.count("read") == 1  # whether the API answers
    assert not any("data" in str(one.query) for one in district.emulator.log if one.kind == "read")


def test_personal_data_after_a_sync(district: District) -> None:
    district.sync()
    found = told(google_findings(district.config), "warning")
    assert "организаций — 3" in found
    assert "152-ФЗ" in found
    assert "Excel" in found
    assert "ФИО" in found
    assert "Лесная" not in found
    assert "152-FZ" in told(google_findings(district.config, "en"), "warning")


def test_what_can_only_be_read(district: District) -> None:
    emulator = district.emulator
    for one in (district.own, district.ids[SCHOOLS[1]]):
        emulator.unshare(one)
        emulator.share(one, role="reader")
    folder = next(file.id for file in emulator.drive.files.values() if file.name == SCHOOLS[1])
    emulator.unshare(folder)
    emulator.share(folder, role="reader")
    emulator.unshare(district.root)
    emulator.share(district.root, role="reader")
    found = google_findings(district.config)
    assert "«Сводный реестр района» можно только читать" in told(found, "problem")
    assert f"{SCHOOLS[1]}/Наставничество" in told(found, "warning")
    assert f"для {OPERATOR} с правом «Редактор»" in told(found, "warning")


def test_not_shared_trash_and_wrong_kinds(district: District) -> None:
    emulator = district.emulator
    emulator.unshare(district.root)
    assert f"откройте доступ для {OPERATOR}" in told(google_findings(district.config), "problem")
    emulator.share(district.root)
    emulator.trash(district.own)
    assert "в корзине" in told(google_findings(district.config), "problem")
    source = district.config.sources[0]
    assert isinstance(source, GoogleSource)
    swapped = replace(
        district.config,
        sources=(replace(source, folders=(district.ids[SCHOOLS[0]],)),),
        outputs=replace(district.config.outputs, google_spreadsheet=district.root),
    )
    found = told(google_findings(swapped), "problem")
    assert "«Наставничество» — не папка" in found
    assert "«Район» — не таблица Google" in found


def test_the_account(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    key = district.folder / "key.json"
    key.chmod(0o644)
    assert f"chmod 600 {key}" in told(google_findings(district.config), "warning")
    district.emulator.withdraw()
    found = google_findings(district.config)
    assert "ключ больше не принимается" in told(found, "problem")
    key.unlink()
    found = google_findings(district.config)
    assert [one.level for one in found] == ["problem", "warning"]
    assert "docs/ru/google.md" in found[0].mend
    assert "no Google credentials" not in google_findings(district.config, "en")[0].mend


@pytest.mark.parametrize(
    ("fault", "level", "words"),
    [
        (faults.quota_403("accessNotConfigured"), "problem", "Drive API"),
        (faults.quota_403("dailyLimitExceeded"), "warning", "завтра"),
        (faults.html(503), "warning", "запустите ещё раз"),
    ],
)
def test_google_refuses(district: District, fault: Any, level: str, words: str) -> None:
    district.emulator.faults.add(fault, path="/drive/", times=99)
    found = google_findings(district.config)
    assert words in told(found, level)
    assert not any("организаций" in one.what for one in found)


def test_a_base_url_elsewhere_is_a_finding(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers there would be handed a token: nothing is asked, and nothing raised."""

    def connect(source: Any, access: Any) -> GoogleClient:
        return GoogleClient(access.credentials, base_url="https://elsewhere.example")

    monkeypatch.setattr(google_side, "connect", connect)
    assert "base_url" in told(google_findings(district.config), "problem")


def test_nothing_at_google(tmp_path: Path) -> None:
    assert google_findings(Config()) == []
    (tmp_path / "config.toml").write_text('[[sources]]\nkind = "excel"\npath = "inbox"\n', encoding="utf-8")
    assert google_findings(load_config(tmp_path / "config.toml")) == []


def test_both_languages_say_the_same() -> None:
    """The same cases with the same parameters; a reason of every refusal."""
    from sheets_sync.google.refusals import _TOLD

    assert _WORDS["ru"].keys() == _WORDS["en"].keys()
    for case, words in _WORDS["ru"].items():
        if case != "credentials":
            assert fields("".join(words)) == fields("".join(_WORDS["en"][case])), case
    # those of writing alone are never met here
    assert _TOLD.keys() - _TROUBLES_RU.keys() == {
        "range-gone", "protected", "too-many-cells", "no-storage", "too-large", "perhaps-created",
    }  # fmt: skip


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
