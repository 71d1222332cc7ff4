"""`doctor`: what may keep the program from working, each finding with what to do.

Nothing is mended and nothing is kept: the store is opened for reading alone, files tried in folders are taken away.
"""

from __future__ import annotations

import locale
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.run.standing import is_alive, missed_sync
from sheets_sync.timetable import Timetable, began

if TYPE_CHECKING:
    from sheets_sync.config import Config

Level = Literal["ok", "warning", "problem"]
LEAST_PYTHON = (3, 11)
LITTLE_DISK, NO_DISK = 1_000_000_000, 100_000_000  # bytes free: worth a look, too little to run
AHEAD = timedelta(minutes=5)  # a run recorded later than now by more: the clock was set back
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # a clock that shows less is wrong
COMPILED = ("duckdb", "python_calamine", "pandas", "rapidfuzz")  # packages that can be there and not load


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: where it belongs, how it stands, what is so, what to do about it ("" when nothing)."""

    check: str
    level: Level
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class _Patient:
    """What the checks look at, and the language they answer in."""

    config: Config
    russian: bool
    now: datetime

    def say(self, russian: str, english: str) -> str:
        return russian if self.russian else english

    def found(self, check: str, level: Level, what: tuple[str, str], mend: tuple[str, str] = ("", "")) -> Finding:
        return Finding(check, level, self.say(*what), self.say(*mend))


Check = Callable[[_Patient], Iterator[Finding]]


def examine(load: Callable[[], Config], *, now: datetime | None = None) -> list[Finding]:
    """Everything looked at, in an order in which one mends. A config that cannot be used is a finding too; then only
    what needs none is looked at."""
    from sheets_sync.config import Config

    moment = (now or datetime.now()).astimezone(UTC)
    broken: ConfigError | None = None
    try:
        config = load()
    except ConfigError as error:
        broken, config = error, Config()
    patient = _Patient(config, config.language == "ru", moment)
    checks = MACHINE if broken else (*MACHINE, *DISTRICT)
    findings = [finding for check in checks for finding in check(patient)]
    if broken:
        what = broken.one_line()
        findings.append(
            patient.found("config", "problem", (f"Настройки не читаются: {what}", f"The config cannot be used: {what}"))
        )
    return findings


# --- the machine ---


def python_findings(patient: _Patient) -> Iterator[Finding]:
    """Is Python new enough?"""
    version = ".".join(map(str, sys.version_info[:3]))
    least = ".".join(map(str, LEAST_PYTHON))
    if sys.version_info[:2] < LEAST_PYTHON:
        what = f"Python {version}: нужен {least} или новее", f"Python {version}: {least} or newer is needed"
        mend = "установите новый Python и программу в нём заново", "install a newer Python, and the program in it"
        yield patient.found("python", "problem", what, mend)
    else:
        yield patient.found("python", "ok", (f"Python {version}, {sys.executable}",) * 2)


def package_findings(patient: _Patient) -> Iterator[Finding]:
    """Are the packages there, in versions that are known to work, and do they load?"""
    import importlib
    from importlib import metadata

    try:
        required = metadata.requires("sheets-sync") or []
    except metadata.PackageNotFoundError:
        what = "Программа запущена из папки, а не установлена", "The program runs from a folder and is not installed"
        mend = "установите её: pip install -c constraints.txt .", "install it: pip install -c constraints.txt ."
        yield patient.found("packages", "warning", what, mend)
        required = []
    versions = []
    mend = "переустановите программу: pip install -c constraints.txt .", "reinstall: pip install -c constraints.txt ."
    for line in required:
        told = re.match(r"([A-Za-z0-9._-]+)\s*(?:>=([0-9.]+))?", line)
        if told is None or "extra ==" in line:
            continue
        name, least = told[1], told[2] or "0"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield patient.found("packages", "problem", (f"Нет пакета {name}", f"Package {name} is missing"), mend)
            continue
        if _numbers(version) < _numbers(least):
            what = f"Пакет {name} {version}: нужен {least}", f"Package {name} {version}: {least} is needed"
            yield patient.found("packages", "problem", what, mend)
        versions.append(f"{name} {version}")
    for name in COMPILED:
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a broken library raises
            what = f"Пакет {name} не загружается: {error}", f"Package {name} does not load: {error}"
            yield patient.found("packages", "problem", what, mend)
    if versions:
        listed = ", ".join(versions)
        yield patient.found("packages", "ok", (f"Пакеты: {listed}", f"Packages: {listed}"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def locale_findings(patient: _Patient) -> Iterator[Finding]:
    """Can Russian names of files and words be written?"""
    encoding = sys.getfilesystemencoding()
    preferred = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") != "utf8":
        what = (
            f"Имена файлов в кодировке {encoding}: русские имена могут не читаться",
            f"File names are in {encoding}: Russian names may not be readable",
        )
        mend = "задайте переменную PYTHONUTF8=1 или LANG=C.UTF-8", "set the variable PYTHONUTF8=1, or LANG=C.UTF-8"
        yield patient.found("locale", "problem", what, mend)
    else:
        what = f"Кодировка имён файлов {encoding}, текста {preferred}", f"File names in {encoding}, text in {preferred}"
        yield patient.found("locale", "ok", what)


def clock_findings(patient: _Patient) -> Iterator[Finding]:
    """Does the clock run, and in which zone?"""
    zone = patient.config.schedule.time_zone
    shown = patient.now.astimezone(Timetable(patient.config).zone).strftime("%Y-%m-%d %H:%M %Z")
    mend = "исправьте часы, включите их сверку по сети", "set the clock, and let it follow the network's time"
    if patient.now < BUILT:
        what = f"Часы показывают {shown}: это слишком рано", f"The clock shows {shown}: that is too early"
        yield patient.found("clock", "problem", what, mend)
        return
    where = zone or "?"
    what = (
        f"Часы: {shown}" + (f" ({where})" if zone else ", пояс этого компьютера"),
        f"Clock: {shown}" + (f" ({where})" if zone else ", this machine's zone"),
    )
    yield patient.found("clock", "ok", what)


# --- the district ---


def config_findings(patient: _Patient) -> Iterator[Finding]:
    """Config, definitions, rules, ledger and waivers: do they load?"""
    from sheets_sync import rules
    from sheets_sync.catalog import Catalog
    from sheets_sync.ledger import load_ledger
    from sheets_sync.reporting.indicator import load_indicators
    from sheets_sync.run.reading import definitions_of
    from sheets_sync.waivers import load_waivers

    config = patient.config
    catalog = Catalog(config.folder)
    before = True
    for load in (
        lambda: definitions_of(config, catalog),
        lambda: rules.load_rules(catalog.folders("schemas")),
        lambda: load_indicators(catalog.folders("reports")),
        lambda: load_ledger(config.folder),
        lambda: load_waivers(config.folder),
    ):
        try:
            load()
        except ConfigError as error:
            before = False
            what = f"Определения не читаются: {error.one_line()}", f"Definitions cannot be used: {error.one_line()}"
            mend = "исправьте названную строку", "mend the line named"
            yield patient.found("config", "problem", what, mend)
    if before:
        what = f"Настройки и определения читаются: {config.path}", f"Config and definitions can be used: {config.path}"
        yield patient.found("config", "ok", what)


def folder_findings(patient: _Patient) -> Iterator[Finding]:
    """Are the folders there, and may we read and write them?"""
    config = patient.config
    folders: set[str] = set()
    for source in config.sources:
        if source.kind != "excel":
            continue
        try:
            folders |= {one.name for one in source.path.iterdir() if one.is_dir()}
        except OSError as error:
            said = error.strerror or type(error).__name__
            what = f"Папка {source.path} недоступна: {said}", f"Folder {source.path} cannot be read: {said}"
            mend = (
                "создайте её или подключите сетевую папку; проверьте path в [[sources]] и права",
                "make it or mount the share; see path in [[sources]] and its permissions",
            )
            yield patient.found("folders", "problem", what, mend)
        else:
            yield patient.found("folders", "ok", (f"Папка {source.path} читается", f"Folder {source.path} can be read"))
    unknown = sorted({one.id for one in config.organisations} - folders)
    if unknown and folders and all(source.kind == "excel" for source in config.sources):
        listed = ", ".join(unknown)
        what = f"В настройках есть, а папок нет: {listed}", f"In the config, but without a folder: {listed}"
        mend = "проверьте id в [[organisations]]: это имя папки", "see id in [[organisations]]: it is the folder's name"
        yield patient.found("folders", "warning", what, mend)
    for folder in filter(None, (config.outputs.folder, config.store)):
        yield from _writable(patient, folder)


def _writable(patient: _Patient, folder: Path) -> Iterator[Finding]:
    """Can files with Russian names be written there, or the folder be made?"""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".проверка-"):
            pass
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        what = f"В папку {folder} нельзя записать: {said}", f"Folder {folder} cannot be written: {said}"
        mend = (
            f"дайте пользователю {_user()} право записи или назовите другую папку",
            f"let {_user()} write there, or name another folder",
        )
        yield patient.found("folders", "problem", what, mend)
        return
    yield patient.found("folders", "ok", (f"В папку {folder} можно записывать", f"Folder {folder} can be written"))
    yield from _private(patient, folder)


def _private(patient: _Patient, folder: Path) -> Iterator[Finding]:
    """What the store's folder holds is for nobody else on the machine."""
    if folder != patient.config.store or os.name != "posix" or not folder.exists():
        return
    if folder.stat().st_mode & 0o077:
        what = (
            f"Папку {folder} могут открыть другие пользователи этого компьютера, а в ней персональные данные",
            f"Folder {folder} is open to other users of this machine, and holds personal data",
        )
        mend = f"chmod 700 {folder}", f"chmod 700 {folder}"
        yield patient.found("permissions", "warning", what, mend)


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "?"


def disk_findings(patient: _Patient) -> Iterator[Finding]:
    """Is there room for the store, and for it once more while it is made anew?"""
    seen: set[int] = set()
    for folder in filter(None, (patient.config.store, patient.config.outputs.folder)):
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        try:
            device, free = there.stat().st_dev, shutil.disk_usage(there).free
        except OSError:
            continue  # the folder is named already
        if device in seen:
            continue
        seen.add(device)
        store = patient.config.store / "store.duckdb"
        wanted = max(LITTLE_DISK, 2 * store.stat().st_size if store.exists() else 0)
        level: Level = "problem" if free < NO_DISK else "warning" if free < wanted else "ok"
        what = f"Свободно на диске ({there}): {_size(free)}", f"Free on the disk ({there}): {_size(free)}"
        mend = "освободите место", "free some space"
        yield patient.found("disk", level, what, mend if level != "ok" else ("", ""))


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def past_findings(patient: _Patient) -> Iterator[Finding]:
    """Do the runs recorded lie in the past, as they should?"""
    from sheets_sync import state

    known = state.load(patient.config.store / "state.json")
    began_at = [moment for one in (known.runs if known else ()) if (moment := began(one)) is not None]
    if began_at and max(began_at) > patient.now + AHEAD:
        ahead = f"{max(began_at).astimezone():%Y-%m-%d %H:%M}"
        what = (
            f"Последний запуск записан на {ahead}, это впереди: часы перевели назад или они отстают",
            f"The last run is recorded at {ahead}, which is yet to come: the clock was set back, or is slow",
        )
        mend = (
            "проверьте часы; если они верны, запустите sheets-sync sync – запись обновится",
            "see the clock; if it is right, run sheets-sync sync, which writes the record anew",
        )
        yield patient.found("clock", "problem", what, mend)


def store_findings(patient: _Patient) -> Iterator[Finding]:
    """Does the store open, does it hold what the record says, are sealed periods whole?"""
    from sheets_sync import state

    config = patient.config
    path = config.store / "store.duckdb"
    again = (
        "запустите sheets-sync sync: база соберётся заново из файлов школ",
        "run sheets-sync sync: it is made again from the workbooks",
    )
    known = state.load(config.store / "state.json")
    if not path.exists():
        what = "Базы ещё нет: ничего не прочитано", "There is no store yet: nothing has been read"
        yield patient.found("store", "warning", what, ("запустите sheets-sync sync", "run sheets-sync sync"))
    else:
        held = _workbooks_held(config)
        if isinstance(held, str):
            busy = "lock" in held.lower()
            what = (
                (f"Базу сейчас держит другой запуск: {path}", f"The store is in use by another run: {path}")
                if busy
                else (f"База не открывается: {path}: {held}", f"The store does not open: {path}: {held}")
            )
            yield patient.found("store", "warning", what, ("", "") if busy else again)
        elif known is None:
            what = "Запись о запусках (state.json) утрачена", "The record of runs (state.json) is lost"
            yield patient.found("store", "warning", what, again)
        elif held != sum(map(len, known.workbooks.values())):
            what = "База и запись о запусках расходятся", "The store and the record of runs differ"
            yield patient.found("store", "warning", what, again)
        else:
            what = f"База открывается, файлов в ней: {held}", f"The store opens and holds {held} workbooks"
            yield patient.found("store", "ok", what)
    yield from _sealed_findings(patient)


def _workbooks_held(config: Config) -> int | str:
    """Number of workbooks in the store, or why it cannot be told. Nothing is written, not even a lock is left."""
    import duckdb

    from sheets_sync.store import looking_into

    try:
        with looking_into(config.store / "store.duckdb", config.key_of_store()) as connection:
            row = connection.execute("SELECT count(*) FROM workbooks").fetchone()
    except (duckdb.Error, RuntimeError, ConfigError) as error:
        return str(error).strip().partition("\n")[0]
    return int(row[0]) if row else 0


def _sealed_findings(patient: _Patient) -> Iterator[Finding]:
    from sheets_sync.reporting.freeze import frozen

    for path in sorted((patient.config.store / "frozen").glob("20??-??.json")):
        try:
            frozen(patient.config.store, path.stem)
        except SourceError as error:
            what = f"Зафиксированный отчёт повреждён: {error}", f"A sealed period is damaged: {error}"
            mend = (
                "верните файл из копии или зафиксируйте период снова: sheets-sync report --reseal",
                "put the file back from a copy, or seal the period again: sheets-sync report --reseal",
            )
            yield patient.found("store", "problem", what, mend)


def schedule_findings(patient: _Patient) -> Iterator[Finding]:
    """Does anything call the program at the times the config tells?"""
    from sheets_sync import state
    from sheets_sync.run.standing import status

    config = patient.config
    known = state.load(config.store / "state.json") or state.State()
    told = status(config, now=patient.now.astimezone().replace(tzinfo=None))
    missed = missed_sync(config, known, patient.now)
    if told.in_progress is not None and is_alive(told.in_progress.get("pid")):
        what = f"Сейчас работает {told.in_progress.get('verb')}", f"At work now: {told.in_progress.get('verb')}"
        yield patient.found("schedule", "ok", what)
    elif not known.runs:
        what = "По расписанию ещё ничего не запускалось", "Nothing has run by a schedule yet"
        mend = (
            "запустите службу sheets-sync serve или настройте планировщик: sheets-sync schedule --as systemd",
            "start sheets-sync serve, or the system's scheduler: sheets-sync schedule --as systemd",
        )
        yield patient.found("schedule", "warning", what, mend)
    elif missed is not None:
        when = f"{missed.astimezone(Timetable(config).zone):%Y-%m-%d %H:%M}"
        what = f"Проверка по расписанию не прошла: {when}", f"The sync due {when} has not gone through"
        mend = (
            "запустите службу sheets-sync serve или настройте планировщик: sheets-sync schedule --as systemd; "
            "почему не прошла, скажут sheets-sync status и журнал в папке logs",
            "start sheets-sync serve, or the system's scheduler: sheets-sync schedule --as systemd; why it failed is "
            "told by sheets-sync status and the log",
        )
        yield patient.found("schedule", "problem" if known.more.get("serving_since") else "warning", what, mend)
    else:
        yield patient.found("schedule", "ok", ("Запуски идут по расписанию", "Runs keep to the schedule"))
    if told.service is not None:
        yield patient.found(
            "schedule",
            "ok",
            (f"Служба работает, процесс {told.service['pid']}", f"The service runs, process {told.service['pid']}"),
        )


def mail_findings(patient: _Patient) -> Iterator[Finding]:
    """Does the mail server take us in?"""
    from sheets_sync import mail

    settings = patient.config.mail
    if not settings.host:
        return
    try:
        with mail.post(settings, os.environ, timeout=10):
            pass
    except (ConfigError, SourceError) as error:
        what = f"Письма не отправить: {error}", f"Letters cannot be sent: {error}"
        mend = (
            f"проверьте [mail] в настройках и переменную {settings.password_variable}",
            f"see [mail] in the config and the variable {settings.password_variable}",
        )
        yield patient.found("mail", "problem", what, mend)
    else:
        yield patient.found(
            "mail", "ok", (f"Почтовый сервер {settings.host} отвечает", f"Mail server {settings.host} answers")
        )


def google_side_findings(patient: _Patient) -> Iterator[Finding]:
    """Can the spreadsheets at Google be read and written, and may they hold what they hold?"""
    from sheets_sync.run.google_check import google_findings

    for one in google_findings(patient.config, "ru" if patient.russian else "en"):
        yield Finding("google", one.level, one.what, one.mend)


MACHINE: Sequence[Check] = (python_findings, package_findings, locale_findings, clock_findings)
DISTRICT: Sequence[Check] = (
    config_findings,
    folder_findings,
    disk_findings,
    past_findings,
    store_findings,
    schedule_findings,
    mail_findings,
    google_side_findings,
)
