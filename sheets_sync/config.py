"""config.toml → :class:`Config`: frozen, every default filled in, every path absolute.

A mistake is one :class:`ConfigError` with file and line. Relative paths are relative to the config file. ``Config()``
without a file is what `check` works with.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Any, Literal, TypeVar

from sheets_sync.errors import ConfigError

Value = TypeVar("Value")
Language = Literal["ru", "en"]
OrganisationType = Literal["school", "kindergarten", "additional", "college"]

CONFIG_NAME = "config.toml"
CONFIG_VARIABLE = "SHEETS_SYNC_CONFIG"
STORE_KEY_VARIABLE = "SHEETS_SYNC_STORE_KEY"
ORGANISATION_TYPES: tuple[OrganisationType, ...] = ("school", "kindergarten", "additional", "college")
# indicators that may have targets: domain.md §4.2
INDICATORS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7")

Targets = Mapping[str, Mapping[int, float]]
# heading as a school types it → field, by canonical table
Aliases = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Due:
    """Last (month, day) for handing in the two sets of a year: 20 June and 20 December by default (domain.md §1)."""

    june: tuple[int, int] = (6, 20)
    december: tuple[int, int] = (12, 20)

    def on(self, period: str) -> date:
        """Due day of a period such as «2023-12» or «2024-06».

        Periods of other months (the district's August report) are due on their month's 20th.
        """
        year, month = int(period[:4]), int(period[5:7])
        wanted = {6: self.june, 12: self.december}.get(month, (month, 20))
        return date(year, *wanted)


@dataclass(frozen=True, slots=True)
class District:
    """The district as a whole; ``enterprises`` is the denominator of I4 by calendar year."""

    name: str = ""
    enterprises: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExcelSource:
    """A folder of workbooks: a folder per organisation beneath ``path``, any depth below that."""

    path: Path
    skip: tuple[str, ...] = ()  # file name patterns left alone, «*черновик*»
    kind: Literal["excel"] = "excel"


@dataclass(frozen=True, slots=True)
class GoogleSource:
    """Google spreadsheets: folders with a sub-folder per organisation, or spreadsheet ids by organisation."""

    folders: tuple[str, ...] = ()
    spreadsheets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credentials: Path | None = None
    base_url: str = ""  # only for the emulator
    notes: bool = False  # notes of ours on the cells that are to be mended
    write_back: bool = True  # «Проверка» as a tab of the school's own spreadsheet
    reread: bool = True  # every spreadsheet twice a day, changed or not: Google may not tell what formulas recalculated
    kind: Literal["google_sheets"] = "google_sheets"


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go; ``folder`` None when only Google is written to.

    ``private``: the files are for the account that runs the program alone; else as open as the folder they lie in.
    """

    folder: Path | None = None
    google_spreadsheet: str = ""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Organisation:
    """What folder name and profile table do not say of an organisation, or say wrongly. Empty means: as they say."""

    id: str
    name: str = ""
    type: OrganisationType | None = None
    targets: Targets = field(default_factory=dict)
    due: Due | None = None
    aliases: Aliases = field(default_factory=dict)
    mail: tuple[str, ...] = ()  # whom `serve` reminds of its due dates


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers the rules leave to a district; ages in full years, both bounds inclusive (domain.md §2, §3, §4.2)."""

    young_specialist_years: float = 3
    mentee_age: tuple[int, int] = (10, 18)  # I1
    mentor_age: tuple[int, int] = (15, 18)  # I2
    pupil_mentor_age: int = 14  # a younger mentor is a warning
    network_mentor_years: float = 3
    mentor_load: int = 5  # active mentees of one mentor
    gap_days: int = 45  # an active pair without a meeting
    satisfied: float = 7  # I5, I6: mean of the satisfaction items, scale 1–10
    strong_item: float = 8  # SWOT: strengths from this mean
    weak_item: float = 5  # SWOT: weaknesses up to this mean
    small_count: int = 5  # counts below are suppressed in sensitive breakdowns
    matched: int = 5  # «вход/выход»: least number of matched respondents
    pair_ends: tuple[int, int] = (5, 31)  # default end of a pair, for the checks only


@dataclass(frozen=True, slots=True)
class IndicatorSettings:
    """Readings of the indicators a district may choose (domain.md §4.2, §7)."""

    restrict_to_categories: bool = False  # I1: count only pupils of the six categories


@dataclass(frozen=True, slots=True)
class Privacy:
    """``pupil_names``: district outputs name pupils. Off by default (design.md §10)."""

    pupil_names: bool = False

    def consequences(self) -> list[str]:
        """Lines for the operator about what the choice means, in every run (design.md §10)."""
        if not self.pupil_names:
            return []
        return [
            "privacy.pupil_names is set: the district's roster and workbooks name pupils; hand them on only to people"
            " who may see these names, or remove the line and run again: codes then stand for them"
        ]


@dataclass(frozen=True, slots=True)
class Engine:
    """Where workbooks are read; ``workers`` 0: as many as there are cores."""

    kind: Literal["processes", "dask"] = "processes"
    workers: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused rather than waited for; each refusal is an issue of the workbook."""

    file_mb: float = 200
    unpacked_mb: float = 512
    expansion: float = 200  # unpacked size over file size: a zip bomb beyond it
    cells: int = 20_000_000  # of one workbook, blank ones between filled ones included
    seconds_per_workbook: float = 120
    sql_seconds: float = 30
    issues_per_code: int = 200  # listed in one `Проверка`; the rest is counted, never silent


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which `serve` rests: weekdays (0 is Monday), spans of every year as (month, day), spans of dates."""

    weekdays: tuple[int, ...] = ()
    yearly: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    dated: tuple[tuple[date, date], ...] = ()

    def __contains__(self, day: date) -> bool:
        """Is it a day off? A span of every year may run over New Year: 30 December to 8 January."""
        here = (day.month, day.day)
        return (
            day.weekday() in self.weekdays
            or any(first <= day <= last for first, last in self.dated)
            or any(
                first <= here <= last if first <= last else here >= first or here <= last for first, last in self.yearly
            )
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """When `serve` works: local times of the daily sync and, on the due days, of the reports; time zone by its IANA
    name ("" = the machine's). Workbooks without a change for ``stale_days`` days, days off not counted, are stale
    (0: never)."""

    daily: time = time(6, 0)
    time_zone: str = ""
    remind_days: tuple[int, ...] = (14, 7, 3, 1)
    report_at: time = time(18, 0)  # the due day belongs to the schools: what they change on it still counts
    days_off: DaysOff = field(default_factory=DaysOff)
    stale_days: int = 45


@dataclass(frozen=True, slots=True)
class Mail:
    """Where reminders are posted; nothing is sent without a host. The password stands in an environment variable."""

    host: str = ""
    port: int = 0  # 0: the usual one of ``security``
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_variable: str = "SHEETS_SYNC_MAIL_PASSWORD"  # noqa: S105  a name, no password
    sender: str = ""
    to: tuple[str, ...] = ()  # the district's coordinator
    ca_file: Path | None = None  # certificates to trust instead of the system's


@dataclass(frozen=True, slots=True)
class Logs:
    """The log of runs in the store's folder: its level, the size of a file before it is put aside, files kept."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file_mb: float = 5
    files: int = 5


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run is told. ``folder`` holds the config file, and the district's own schemas/ and reports/."""

    path: Path | None = None
    folder: Path = field(default_factory=Path.cwd)
    language: Language = "ru"
    district: District = field(default_factory=District)
    sources: tuple[ExcelSource | GoogleSource, ...] = ()
    outputs: Outputs = field(default_factory=Outputs)
    store: Path = field(default_factory=lambda: Path.cwd() / ".sheets-sync")
    store_encrypted: bool = False
    store_key: str = field(default="", repr=False, compare=False)  # from the environment
    organisations: tuple[Organisation, ...] = ()
    targets: Targets = field(default_factory=dict)
    due: Due = field(default_factory=Due)
    thresholds: Thresholds = field(default_factory=Thresholds)
    indicators: IndicatorSettings = field(default_factory=IndicatorSettings)
    aliases: Aliases = field(default_factory=dict)
    privacy: Privacy = field(default_factory=Privacy)
    engine: Engine = field(default_factory=Engine)
    limits: Limits = field(default_factory=Limits)
    schedule: Schedule = field(default_factory=Schedule)
    mail: Mail = field(default_factory=Mail)
    logs: Logs = field(default_factory=Logs)
    # where the aliases stand: (organisation or "", table, heading) → line; with "" for the heading, the table's own
    alias_lines: Mapping[tuple[str, str, str], int] = field(default_factory=dict, repr=False, compare=False)

    def key_of_store(self) -> str:
        """The key the store is encrypted with, "" when it is not. Raises ConfigError when there should be one."""
        if self.store_encrypted and not self.store_key:
            mend = f"set the variable {STORE_KEY_VARIABLE}"
            raise ConfigError("store.encrypted is set and there is no key", path=self.path, mend=mend)
        return self.store_key if self.store_encrypted else ""

    def organisation(self, identifier: str) -> Organisation:
        """What the config says of an organisation; an empty entry when it says nothing."""
        for organisation in self.organisations:
            if organisation.id == identifier:
                return organisation
        return Organisation(identifier)

    def due_of(self, identifier: str) -> Due:
        """The organisation's own due dates, else the district's."""
        return self.organisation(identifier).due or self.due

    def target(self, indicator: str, year: int, identifier: str = "") -> float | None:
        """Target the config sets: the organisation's own, else the district's; None when it sets none."""
        own = self.organisation(identifier).targets if identifier else {}
        for targets in (own, self.targets):
            if year in targets.get(indicator, {}):
                return targets[indicator][year]
        return None

    def heading_aliases(self) -> Mapping[str, Aliases]:
        """Heading aliases by organisation, "" for those that hold for all (the form of ``Definitions.aliases``)."""
        own = {organisation.id: organisation.aliases for organisation in self.organisations if organisation.aliases}
        return {"": self.aliases, **own} if self.aliases else own


def find_config(asked: Path | None, folder: Path, environment: Mapping[str, str]) -> Path:
    """The file to use: the one asked for, then ``folder``/config.toml, then the one SHEETS_SYNC_CONFIG names.

    Raises ConfigError when there is none.
    """
    if asked is not None:
        return asked
    here = folder / CONFIG_NAME
    if here.is_file():
        return here
    if environment.get(CONFIG_VARIABLE):
        return Path(environment[CONFIG_VARIABLE])
    raise ConfigError(
        "no config.toml here",
        path=folder,
        mend=f"make one with `sheets-sync init .`, or name yours with --config or the variable {CONFIG_VARIABLE}",
    )


def load_config(path: Path) -> Config:
    """Read a config file. Raises ConfigError with file and line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("no such file", path=path, mend="make one with `sheets-sync init DIR`") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError("not UTF-8 text", path=path, line=line, mend="save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
    return read_config(text, path)


def read_config(text: str, path: Path) -> Config:
    """Config from the text of a config file lying at ``path``. Raises ConfigError with file and line."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        line = int(told.group(1)) if told and told.group(1) else text.count("\n") + 1
        message = str(error)[: told.start()] if told else str(error)
        written = text.splitlines()[line - 1] if text else ""
        mend = "in a path write / or use 'single quotes'" if "\\" in written else "see config.example.toml"
        raise ConfigError(f"not valid TOML: {message}", path=path, line=line, mend=mend) from None
    return _config(_Section(values, (), path, _lines(text)))


# --- reading section by section ---

_KeyPath = tuple[str | int, ...]
_BARE = r"[A-Za-z0-9_-]+"
_KEY = rf"(?:{_BARE}|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:{_BARE}|\"[^\"]*\"|'[^']*'))*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_KEY})\s*\]")
_ASSIGNMENT = re.compile(rf"^\s*({_KEY})\s*=(.*)$")
_PART = re.compile(rf"\"[^\"]*\"|'[^']*'|{_BARE}")
_STRING = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*$")
_YEAR = re.compile(r"(19|20)\d\d")
_ADDRESS = re.compile(r"[^\s@,;:<>\"]+@[^\s@,;:<>\"]+")


def _lines(text: str) -> dict[_KeyPath, int]:
    """Line of every section and of every key that begins a line; keys of inline tables stand on their owner's line."""
    found: dict[_KeyPath, int] = {}
    counts: dict[_KeyPath, int] = {}
    section: _KeyPath = ()
    depth = 0  # brackets left open by a value over several lines
    fence = ""  # the quotes of a string over several lines
    for number, line in enumerate(text.splitlines(), 1):
        if fence:
            if fence not in line:
                continue
            line = line.split(fence, 1)[1]
            fence = ""
        elif depth == 0:
            if header := _HEADER.match(line):
                section = _place([part.strip("\"'") for part in _PART.findall(header.group(2))], counts)
                if header.group(1) == "[[":
                    counts[section] = counts.get(section, -1) + 1
                    section = (*section, counts[section])
                found.setdefault(section, number)
                continue
            if not (assignment := _ASSIGNMENT.match(line)):
                continue
            keys = [part.strip("\"'") for part in _PART.findall(assignment.group(1))]
            for length in range(1, len(keys) + 1):
                found.setdefault((*section, *keys[:length]), number)
            line = assignment.group(2)
        bare = _STRING.sub(lambda quoted: quoted.group() if quoted.group() in ('"""', "'''") else "", line)
        for quotes in ('"""', "'''"):
            if bare.count(quotes) % 2:
                fence = quotes
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
    return found


def _place(keys: Sequence[str], counts: Mapping[_KeyPath, int]) -> _KeyPath:
    """Full path of a header: within lists of sections it speaks of the last one begun."""
    place: _KeyPath = ()
    for position, key in enumerate(keys):
        place = (*place, key)
        if place in counts and position < len(keys) - 1:
            place = (*place, counts[place])
    return place


class _Section:
    """One table of the file: hands out typed values and notices the keys nobody asked for."""

    def __init__(self, values: Mapping[str, Any], place: _KeyPath, path: Path, lines: Mapping[_KeyPath, int]) -> None:
        self.values = values
        self.place = place
        self.path = path
        self.lines = lines
        self.known: list[str] = []

    def line(self, *more: str | int) -> int | None:
        place = (*self.place, *more)
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return None

    def wrong(self, message: str, *more: str | int, mend: str = "") -> ConfigError:
        return ConfigError(message, path=self.path, line=self.line(*more), mend=mend)

    def name(self, key: str) -> str:
        return ".".join([*(str(part) for part in self.place if isinstance(part, str)), key])

    def take(self, key: str) -> Any:
        self.known.append(key)
        return self.values.get(key)

    def typed(self, key: str, default: Value, kinds: type | tuple[type, ...], words: str) -> Any:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise self.wrong(f"{self.name(key)} must be {words}, not {_shown(value)}", key)
        return value

    def text(self, key: str, default: str = "") -> str:
        return str(self.typed(key, default, str, "text in quotes")).strip()

    def flag(self, key: str, default: bool) -> bool:
        return bool(self.typed(key, default, bool, "true or false"))

    def number(self, key: str, default: float, least: float = 0, most: float | None = None) -> float:
        value = float(self.typed(key, default, (int, float), "a number"))
        if not value >= least or (most is not None and value > most):
            span = f"at least {least:g}" if most is None else f"from {least:g} to {most:g}"
            raise self.wrong(f"{self.name(key)} must be {span}, not {value:g}", key)
        return value

    def integer(self, key: str, default: int, least: int = 0, most: int | None = None) -> int:
        self.typed(key, default, int, "a whole number")
        return int(self.number(key, default, least, most))

    def choice(self, key: str, default: Value, choices: Sequence[Value]) -> Value:
        value = self.take(key)
        if value is None:
            return default
        if value not in choices:
            words = [str(choice) for choice in choices]
            raise self.wrong(
                f"{self.name(key)} must be one of {', '.join(words)}, not {_shown(value)}",
                key,
                mend=_near(value, words),
            )
        return choices[choices.index(value)]

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.typed(key, [], list, "a list of texts")
        if not all(isinstance(item, str) for item in value):
            raise self.wrong(f"{self.name(key)} must be a list of texts in quotes", key)
        return tuple(item.strip() for item in value)

    def addresses(self, key: str) -> tuple[str, ...]:
        """E-mail addresses: one as a text, or a list of them."""
        value = self.typed(key, [], (str, list), "an address or a list of addresses")
        found = [value] if isinstance(value, str) else value
        for address in found:
            if not isinstance(address, str) or not _ADDRESS.fullmatch(address.strip()):
                raise self.wrong(f"{self.name(key)}: {address!r} is no e-mail address", key)
        return tuple(address.strip() for address in found)

    def time_of_day(self, key: str, default: time) -> time:
        """A time such as "06:00", in quotes or without."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, time):
            return value.replace(second=0, microsecond=0)
        told = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip()) if isinstance(value, str) else None
        if not told:
            raise self.wrong(f'{self.name(key)} must be a time such as "06:00", not {_shown(value)}', key)
        return time(int(told[1]), int(told[2]))

    def ages(self, key: str, default: tuple[int, int]) -> tuple[int, int]:
        value = self.typed(key, list(default), list, "a list of two ages")
        if len(value) != 2 or not all(type(age) is int and 0 <= age <= 120 for age in value) or value[0] > value[1]:
            raise self.wrong(f"{self.name(key)} must be two ages, the lower first, such as [10, 18]", key)
        return value[0], value[1]

    def month_day(self, key: str, default: tuple[int, int]) -> tuple[int, int]:
        """A day of any year: «12-20», also «20.12»."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, str):
            if told := re.fullmatch(r"(\d\d?)-(\d\d?)", value.strip()):
                month, day = int(told[1]), int(told[2])
            elif told := re.fullmatch(r"(\d\d?)\.(\d\d?)\.?", value.strip()):
                day, month = int(told[1]), int(told[2])
            else:
                month = day = 0
            try:
                date(2023, month, day)  # not a leap year: 29 February is no yearly date
            except ValueError:
                pass
            else:
                return month, day
        raise self.wrong(f'{self.name(key)} must be a month and a day such as "12-20", not {_shown(value)}', key)

    def by_year(self, key: str, least: float, most: float | None, whole: bool) -> dict[int, float]:
        """``{ 2023 = 120, 2024 = 124 }``."""
        value = self.typed(key, {}, dict, "numbers by year such as { 2024 = 70 }")
        years: dict[int, float] = {}
        for year, number in value.items():
            if not _YEAR.fullmatch(year):
                raise self.wrong(f"{self.name(key)}: {_shown(year)} is not a year", key, year)
            fits = type(number) is int or (type(number) is float and not whole)
            if not fits or not number >= least or (most is not None and number > most):
                span = f"{'a whole number' if whole else 'a number'} of at least {least:g}"
                span = span if most is None else f"a number from {least:g} to {most:g}"
                raise self.wrong(f"{self.name(key)}.{year} must be {span}, not {_shown(number)}", key, year)
            years[int(year)] = number
        return years

    def folder(self, key: str) -> Path | None:
        """A path relative to the config file, made absolute; ``~`` is the home folder."""
        text = self.text(key)
        if not text:
            return None
        return (self.path.absolute().parent / Path(text).expanduser()).resolve()

    def section(self, key: str) -> _Section:
        value = self.typed(key, {}, dict, f"a section [{self.name(key)}]")
        return _Section(value, (*self.place, key), self.path, self.lines)

    def sections(self, key: str) -> Iterator[_Section]:
        value = self.typed(key, [], list, f"sections [[{self.name(key)}]]")
        for index, entry in enumerate(value):
            if not isinstance(entry, dict):
                raise self.wrong(f"{self.name(key)} must be written as sections [[{self.name(key)}]]", key)
            yield _Section(entry, (*self.place, key, index), self.path, self.lines)

    def finish(self) -> None:
        """Every key was asked for, or the first that was not is named, with the nearest that is known."""
        for key in self.values:
            if key not in self.known:
                raise self.wrong(f"unknown key {self.name(key)}", key, mend=_near(key, self.known))


def _near(value: object, choices: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(choices)}"


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _config(root: _Section) -> Config:
    folder = root.path.absolute().parent
    sources = tuple(_source(section) for section in root.sections("sources"))
    due = _due(root.section("due"), Due())
    organisations = _organisations(root, due)
    store = root.section("store")
    store_folder = store.folder("folder") or folder / ".sheets-sync"
    encrypted = store.flag("encrypted", False)
    store.finish()
    config = Config(
        path=root.path.absolute(),
        folder=folder,
        language=root.choice("language", "ru", ("ru", "en")),
        district=_district(root.section("district")),
        sources=sources,
        outputs=_outputs(root.section("outputs"), folder),
        store=store_folder,
        store_encrypted=encrypted,
        organisations=organisations,
        targets=_targets(root.section("targets")),
        due=due,
        thresholds=_thresholds(root.section("thresholds")),
        indicators=_indicators(root.section("indicators")),
        aliases=_aliases(root.section("aliases")),
        privacy=_privacy(root.section("privacy")),
        engine=_engine(root.section("engine")),
        limits=_limits(root.section("limits")),
        schedule=_schedule(root.section("schedule")),
        mail=_mail(root.section("mail")),
        logs=_logs(root.section("logs")),
        alias_lines=_alias_lines(root),
    )
    root.finish()
    if not sources:
        raise ConfigError(
            "no source: nothing to read",
            path=root.path,
            line=1,
            mend='add [[sources]] with kind = "excel" and path = "inbox"',
        )
    _outputs_apart(root, config)
    return config


def _outputs_apart(root: _Section, config: Config) -> None:
    """What we write must never be read back as a school's workbook."""
    written = [
        (config.outputs.folder, ("outputs", "folder"), "outputs.folder"),
        (config.store, ("store", "folder"), "store.folder"),
    ]
    for index, source in enumerate(config.sources):
        if not isinstance(source, ExcelSource):
            continue
        for folder, place, name in written:
            if folder is not None and folder.is_relative_to(source.path):
                raise root.wrong(
                    f"{name} lies inside the source {source.path}",
                    *(place if place[0] in root.values else ("sources", index, "path")),
                    mend="write somewhere the schools' files are not",
                )


def _source(section: _Section) -> ExcelSource | GoogleSource:
    kind = section.choice("kind", "excel", ("excel", "google_sheets"))
    source: ExcelSource | GoogleSource
    if kind == "excel":
        path = section.folder("path")
        if path is None:
            raise section.wrong("a source needs a path", mend='write path = "inbox"')
        source = ExcelSource(path, section.texts("skip"))
    else:
        spreadsheets = section.section("spreadsheets")
        ids = {}
        for name in spreadsheets.values:
            value = spreadsheets.take(name)
            ids[name] = spreadsheets.texts(name) if isinstance(value, list) else (spreadsheets.text(name),)
        source = GoogleSource(
            section.texts("folders"),
            ids,
            section.folder("credentials"),
            section.text("base_url"),
            section.flag("notes", False),
            section.flag("write_back", True),
            section.flag("reread", True),
        )
        if not source.folders and not source.spreadsheets:
            raise section.wrong("a Google source needs folders or spreadsheets", mend='write folders = ["FOLDER_ID"]')
    section.finish()
    return source


def _district(section: _Section) -> District:
    enterprises = section.by_year("enterprises", 0, None, whole=True)
    district = District(section.text("name"), {year: int(number) for year, number in enterprises.items()})
    section.finish()
    return district


def _outputs(section: _Section, folder: Path) -> Outputs:
    spreadsheet = section.text("google_spreadsheet")
    where = section.folder("folder")
    private = section.flag("private", True)
    section.finish()
    return Outputs(where or (None if spreadsheet else folder / "outbox"), spreadsheet, private)


def _organisations(root: _Section, due: Due) -> tuple[Organisation, ...]:
    """Organisations in the order of their first entry; later entries of an id may add heading aliases and no more, so
    that the lines `sheets-sync aliases` prints can be pasted at the end of the file."""
    found: dict[str, Organisation] = {}
    for index, section in enumerate(root.sections("organisations")):
        more = _organisation(section, due)
        first = found.get(more.id)
        if first is None:
            found[more.id] = more
            continue
        if section.values.keys() != {"id", "aliases"}:
            problem = f'organisation "{more.id}" stands here twice'
            raise root.wrong(problem, "organisations", index, "id", mend="keep one")
        aliases = {table: dict(headings) for table, headings in first.aliases.items()}
        for table, headings in more.aliases.items():
            for heading, name in headings.items():
                if aliases.setdefault(table, {}).setdefault(heading, name) != name:
                    raise root.wrong(
                        f"“{heading}” of {more.id} is settled twice, as {aliases[table][heading]} and as {name}",
                        *("organisations", index, "aliases", table, heading),
                        mend="keep one",
                    )
        found[more.id] = replace(first, aliases=aliases)
    return tuple(found.values())


def _organisation(section: _Section, district_due: Due) -> Organisation:
    identifier = section.text("id")
    if not identifier:
        raise section.wrong("an organisation needs an id: the name of its folder", mend='write id = "school-21"')
    due = section.section("due")
    organisation = Organisation(
        identifier,
        section.text("name"),
        section.choice("type", None, ORGANISATION_TYPES),
        _targets(section.section("targets")),
        _due(due, district_due) if due.values else None,
        _aliases(section.section("aliases")),
        section.addresses("mail"),
    )
    section.finish()
    return organisation


def _targets(section: _Section) -> Targets:
    targets = {name: section.by_year(name, 0, 100, whole=False) for name in INDICATORS}
    section.finish()
    return {name: years for name, years in targets.items() if years}


def _due(section: _Section, standard: Due) -> Due:
    due = Due(section.month_day("june", standard.june), section.month_day("december", standard.december))
    section.finish()
    return due


def _aliases(section: _Section) -> Aliases:
    aliases: dict[str, dict[str, str]] = {}
    for table in section.values:
        words = section.section(table)
        aliases[table] = {heading: words.text(heading) for heading in words.values}
    return aliases


def _alias_lines(root: _Section) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    scopes = [("", root.section("aliases"))]
    scopes += [(own.text("id"), own.section("aliases")) for own in root.sections("organisations")]
    for scope, section in scopes:
        for table, headings in section.values.items():
            for heading in ("", *headings):
                line = section.line(table, heading) if heading else section.line(table)
                found[scope, table, heading] = line or 1
    return found


def _thresholds(section: _Section) -> Thresholds:
    standard = Thresholds()
    thresholds = Thresholds(
        young_specialist_years=section.number("young_specialist_years", standard.young_specialist_years),
        mentee_age=section.ages("mentee_age", standard.mentee_age),
        mentor_age=section.ages("mentor_age", standard.mentor_age),
        pupil_mentor_age=section.integer("pupil_mentor_age", standard.pupil_mentor_age),
        network_mentor_years=section.number("network_mentor_years", standard.network_mentor_years),
        mentor_load=section.integer("mentor_load", standard.mentor_load, 1),
        gap_days=section.integer("gap_days", standard.gap_days, 1),
        satisfied=section.number("satisfied", standard.satisfied, 1, 10),
        strong_item=section.number("strong_item", standard.strong_item, 1, 10),
        weak_item=section.number("weak_item", standard.weak_item, 1, 10),
        small_count=section.integer("small_count", standard.small_count),
        matched=section.integer("matched", standard.matched, 1),
        pair_ends=section.month_day("pair_ends", standard.pair_ends),
    )
    section.finish()
    return thresholds


def _indicators(section: _Section) -> IndicatorSettings:
    settings = IndicatorSettings(section.flag("restrict_to_categories", False))
    section.finish()
    return settings


def _privacy(section: _Section) -> Privacy:
    privacy = Privacy(section.flag("pupil_names", False))
    section.finish()
    return privacy


def _engine(section: _Section) -> Engine:
    kind: Literal["processes", "dask"] = section.choice("kind", "processes", ("processes", "dask"))
    engine = Engine(kind, section.integer("workers", 0, 0, 1024), section.text("address"))
    if kind == "dask" and not engine.address:
        raise section.wrong(
            "engine.kind dask needs the scheduler's address", "kind", mend='write address = "tcp://host:8786"'
        )
    section.finish()
    return engine


def _limits(section: _Section) -> Limits:
    standard = Limits()
    limits = Limits(
        file_mb=section.number("file_mb", standard.file_mb),
        unpacked_mb=section.number("unpacked_mb", standard.unpacked_mb),
        expansion=section.number("expansion", standard.expansion, 1),
        cells=section.integer("cells", standard.cells, 1),
        seconds_per_workbook=section.number("seconds_per_workbook", standard.seconds_per_workbook),
        sql_seconds=section.number("sql_seconds", standard.sql_seconds),
        issues_per_code=section.integer("issues_per_code", standard.issues_per_code, 1),
    )
    section.finish()
    return limits


def _schedule(section: _Section) -> Schedule:
    standard = Schedule()
    daily = section.time_of_day("daily", standard.daily)
    zone = section.text("time_zone", standard.time_zone)
    if zone:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise section.wrong(
                f'schedule.time_zone: no time zone "{zone}"', "time_zone", mend='such as "Asia/Irkutsk"'
            ) from None
    days = section.typed("remind_days", list(standard.remind_days), list, "a list of days")
    if not all(type(day) is int and 0 < day <= 365 for day in days):
        raise section.wrong("schedule.remind_days must be a list of days such as [14, 7, 3, 1]", "remind_days")
    schedule = Schedule(
        daily,
        zone,
        tuple(days),
        section.time_of_day("report_at", standard.report_at),
        _days_off(section),
        section.integer("stale_days", standard.stale_days, 0),
    )
    section.finish()
    return schedule


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _days_off(section: _Section) -> DaysOff:
    """``["sunday", "05-09", "12-30..01-08", "2024-05-10", "2024-07-01..2024-08-31"]``."""
    weekdays: list[int] = []
    yearly: list[tuple[tuple[int, int], tuple[int, int]]] = []
    dated: list[tuple[date, date]] = []
    for entry in section.texts("days_off"):
        if entry.lower() in _WEEKDAYS:
            weekdays.append(_WEEKDAYS.index(entry.lower()))
            continue
        first, _, last = (part.strip() for part in entry.partition(".."))
        try:
            if len(first) > 5:
                span = date.fromisoformat(first), date.fromisoformat(last or first)
                if span[0] > span[1]:
                    raise ValueError
                dated.append(span)
            else:
                yearly.append((_month_day(first), _month_day(last or first)))
        except ValueError:
            raise section.wrong(
                f'schedule.days_off: "{entry}" is no day off',
                "days_off",
                mend='write "sunday", "05-09", "12-30..01-08", "2024-05-10" or "2024-07-01..2024-08-31"',
            ) from None
    return DaysOff(tuple(weekdays), tuple(yearly), tuple(dated))


def _month_day(text: str) -> tuple[int, int]:
    told = re.fullmatch(r"(\d\d)-(\d\d)", text)
    if not told:
        raise ValueError(text)
    day = date(2024, int(told[1]), int(told[2]))  # a leap year: 29 February may be a day off
    return day.month, day.day


def _mail(section: _Section) -> Mail:
    standard = Mail()
    security: Literal["starttls", "tls", "none"] = section.choice(
        "security", standard.security, ("starttls", "tls", "none")
    )
    senders = section.addresses("sender")
    mail = Mail(
        section.text("host"),
        section.integer("port", standard.port, 0, 65535),
        security,
        section.text("user"),
        section.text("password_variable", standard.password_variable),
        senders[0] if senders else "",
        section.addresses("to"),
        section.folder("ca_file"),
    )
    section.finish()
    if section.values and not mail.host:
        raise section.wrong("mail needs the host of its server", mend='write host = "smtp.example.org"')
    if mail.host and len(senders) != 1:
        raise section.wrong("mail needs one sender", "sender", mend='write sender = "monitoring@example.org"')
    if mail.user and mail.security == "none" and mail.host not in ("localhost", "127.0.0.1", "::1"):
        raise section.wrong(
            "mail.security none would send the password in the clear", "security", mend='write security = "starttls"'
        )
    return mail


def _logs(section: _Section) -> Logs:
    standard = Logs()
    level: Literal["debug", "info", "warning", "error"] = section.choice(
        "level", standard.level, ("debug", "info", "warning", "error")
    )
    logs = Logs(
        level,
        section.number("file_mb", standard.file_mb, 0.01),
        section.integer("files", standard.files, 1, 1000),
    )
    section.finish()
    return logs
